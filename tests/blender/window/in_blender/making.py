"""A studio's rounds: models in the preferences, a guide, keyframes, a chain; and a take that two backends made."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from add_on import desk, jobs, part, states, takes_in
from artist import Act, area_of, move, note, open_tab, picture, play, push, redraws, until
from stage import small_scene

OPENED = ("shot", "guide", "chain")


def open_only(names: tuple[str, ...]) -> None:
    """The tab's sections as they are when an artist has opened these and closed the others."""
    classes = [cls for cls in part("ui.panels").CLASSES if issubclass(cls, bpy.types.Panel)]
    for cls in reversed(classes):
        bpy.utils.unregister_class(cls)
    for cls in classes:
        cls.bl_options = set() if cls.name in names else {"DEFAULT_CLOSED"}
        bpy.utils.register_class(cls)


def preferences() -> Act:
    """The add-on's page, in an editor of this window."""
    area = area_of("VIEW_3D")
    area.type = "PREFERENCES"
    package = part("client.places").PACKAGE
    window = bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window, area=area):
        bpy.ops.preferences.addon_show(module=package)
    yield from redraws(10)
    yield from move(area.x + area.width // 2, area.y + area.height // 2)
    for number in range(4):
        yield from picture(f"models-{number + 1}")
        for _ in range(14):
            window.event_simulate(
                type="WHEELDOWNMOUSE", value="PRESS", x=area.x + area.width // 2, y=area.y + area.height // 2
            )
            yield None
        yield from redraws(6)
    area.type = "VIEW_3D"
    yield from redraws(4)


def session() -> Act:
    bpy.context.preferences.view.show_splash = False
    bpy.context.preferences.system.use_online_access = True
    models = part("models.work").MODELS
    page = bpy.context.preferences.addons[part("client.places").PACKAGE].preferences
    page.server = "https://farm.studio.example:8000"
    yield from redraws(5)
    yield from until(lambda: models.shown.listing is not None or models.shown.problem)
    note("problem", models.shown.problem)
    note("models", [model.name for model in models.shown.listing.models])
    yield from preferences()
    scene = small_scene()
    open_only(OPENED)
    view = area_of("VIEW_3D")
    yield from open_tab(view)
    yield from until(lambda: desk() is not None and desk().session.welcome is not None)
    yield from redraws(6)
    scene.sora.prompt = "a wooden box on stone, noir"
    scene.sora.backend = "sketch"
    yield from push(view, "sora.add_link")
    scene.sora.making.links[0].backend = "sketch"
    scene.sora.making.links[0].gives = "picture"
    yield from redraws(6)
    yield from picture("chain")
    note("reason", "no guide to weigh" in part("ui.section_guide").why_greyed(scene, desk().session.backend("sketch")))
    yield from push(view, "sora.generate")
    yield from until(lambda: states() and states()[0] not in ("exporting", "queued", "running"))
    note("state", [states()[0], jobs()[0].job.problem])
    yield from until(lambda: takes_in(scene) == 1)
    facts = part("client.shelf").read_facts(Path(jobs()[0].job.order.out))
    note("chain", [made.backend.name for made in facts.take.chain])
    scene.sora.backend = "wan_vace"
    scene.sora.making.guide.control = "depth"
    scene.sora.making.links[0].backend = "ltx2"
    scene.sora.making.keyframes.add().path = "//first.png"
    scene.render.resolution_x, scene.render.resolution_y = 1920, 1080
    yield from redraws(8)
    yield from picture("guide")
    note("fits", part("ui.section_fits").verdict(scene) is not None)


play(session)
