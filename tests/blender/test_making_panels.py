"""Guide, keyframes, chain, mix and whether a job fits: what is drawn, greyed and why, and what an order and an export get."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

bpy = pytest.importorskip("bpy")

from desk_for_tests import enabled, small_scene  # noqa: E402
from made_up_layout import drawn  # noqa: E402
from takes_for_tests import make_take  # noqa: E402

from sora_addon import properties  # noqa: E402
from sora_addon.client import asking, fitting, kept, making, pace  # noqa: E402
from sora_addon.client.desk import Desk  # noqa: E402
from sora_addon.client.fits import Verdict  # noqa: E402
from sora_addon.contract import Link, Made, SoundMix, Steer, Time  # noqa: E402
from sora_addon.contract.messages import BackendInfo, Saving, Welcome  # noqa: E402
from sora_addon.contract.take import Backend  # noqa: E402
from sora_addon.models.told import Listing, Model, Standing, State  # noqa: E402
from sora_addon.models.work import MODELS, Shown  # noqa: E402
from sora_addon.ui import lacking, panels, presets, section_chain, section_fits, section_guide  # noqa: E402
from sora_addon.ui.operators_takes import take_over  # noqa: E402
from sora_addon.ui.plans import plans_in_words  # noqa: E402

pytestmark = pytest.mark.bpy

SKETCH = BackendInfo(
    "sketch", "1", "a draft", ["depth"], 1, 0, None, 1, None, False, 200 << 20, "GPL", "", [], weights=150 << 20
)
VACE = replace(
    SKETCH,
    name="wan_vace",
    controls=["depth", "edges", "keyframes", "motion"],
    memory=20 << 30,
    weights=16 << 30,
    window=81,
    runs_on="card",
    savings=[Saving("offload", {"memory": "offload"}, 0.7, 1.3), Saving("lowest", {"memory": "lowest"}, 0.3, 4.0)],
    steers=["depth", "edges", "motion"],
    timed=["depth", "edges", "motion"],
    one_of=["depth", "edges", "motion"],
)
LTX = replace(
    VACE, name="ltx2", steers=[*VACE.steers, "keyframes"], by_body=["depth", "edges"], makes_sound=True, departs=True
)
REMOTE = replace(
    SKETCH,
    name="remote",
    controls=["depth", "edges"],
    memory=0,
    runs_on="elsewhere",
    makes_sound=True,
    steers=["depth", "edges"],
)
AUDIO = replace(SKETCH, name="stable_audio", makes_picture=False, makes_sound=True, sound_over_foley=True)
ALL = (SKETCH, VACE, LTX, REMOTE, AUDIO)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with enabled(tmp_path / "home", monkeypatch) as desk:
        monkeypatch.setattr(MODELS, "shown", Shown())
        greet(desk)
        yield desk


def greet(desk: Desk, *backends: BackendInfo, memory: int = 64 << 30, card: int = 0) -> None:
    """As after the engine's ``hello``."""
    desk.session.welcome = Welcome(
        2, "0.1.0", "3.11", "CPU", 1, "/nowhere", list(backends or ALL), ["noir"], memory=memory, card_memory=card
    )
    desk._welcomed(desk.session.welcome)


def shown(name: str, area: str = "VIEW_3D") -> list[tuple[str, str]]:
    cls = next(
        one
        for one in panels.CLASSES
        if issubclass(one, bpy.types.Panel) and one.name == name and one.bl_space_type == area
    )
    return drawn(cls, bpy.context, area)


def words(name: str) -> str:
    """What a panel says, its lines joined."""
    return " ".join(text for kind, text in shown(name) if kind in ("label", "progress"))


def scene_of(backend: str) -> Any:
    scene = small_scene()
    scene.sora.backend = backend
    return scene


def operators(name: str) -> list[str]:
    return [text for kind, text in shown(name) if kind == "operator"]


@pytest.mark.parametrize("area", ["VIEW_3D", "SEQUENCE_EDITOR"])
def test_the_sections_draw_in_both_homes(desk, area) -> None:
    scene_of("ltx2")
    assert ("prop", "control") in shown("guide", area)
    assert ("operator", "sora.add_link") in shown("chain", area)


def test_the_guide_is_weighed_where_the_backend_is_steered(desk) -> None:
    scene = scene_of("wan_vace")
    assert ("greyed", "weight") in shown("guide"), "as it does"
    assert "The backend weighs its own guide" in words("guide")
    scene.sora.making.guide.control = "depth"
    found = shown("guide")
    assert {("prop", "weight"), ("prop", "start"), ("prop", "end")} <= set(found)
    scene.sora.making.guide.control = "ids"
    assert ("greyed", "weight") in shown("guide")
    assert "Wan VACE is not steered by Flat Colours; by Depth, Lines, Motion it is" in words("guide")


def test_a_guide_that_is_not_timed_greys_its_times_with_the_reason(desk) -> None:
    scene_of("remote").sora.making.guide.control = "depth"
    assert ("prop", "weight") in shown("guide")
    assert ("greyed", "end") in shown("guide")
    assert "Remote hears Depth from its first step to its last" in words("guide")


def test_a_backend_without_guide_greys_all_of_it(desk) -> None:
    scene_of("sketch")
    assert {("greyed", "control"), ("greyed", "weight")} <= set(shown("guide"))
    assert "it has no guide to weigh" in words("guide")
    with pytest.raises(RuntimeError, match="no guide to weigh"):
        bpy.ops.sora.apply_guide(way="scene")


def test_nothing_is_greyed_before_the_engine_has_said_what_its_backends_can(desk) -> None:
    scene = small_scene()
    desk.session.welcome = None
    scene.sora.making.guide.control = "depth"
    assert {("prop", "weight"), ("prop", "end")} <= set(shown("guide"))


@pytest.mark.parametrize(
    ("way", "weight", "end", "strength"),
    [("scene", 1.0, 1.0, 0.6), ("balanced", 0.8, 0.8, 1.0), ("keyframes", 0.5, 0.5, 1.0), ("free", 0.3, 0.3, 0.8)],
)
def test_one_press_weighs_guide_against_keyframes(desk, way, weight, end, strength) -> None:
    scene = scene_of("wan_vace")
    bpy.ops.sora.add_keyframe(filepath="/one.png")
    bpy.ops.sora.apply_guide(way=way)
    made = scene.sora.making
    assert made.guide.control == "depth", "the first that the backend is steered by"
    assert (made.guide.weight, made.guide.end) == pytest.approx((weight, end))
    assert made.keyframes[0].strength == pytest.approx(strength)
    assert making.controls_of(scene, VACE) == [Steer("depth", weight, 0.0, end)]


def test_keyframes_come_at_the_current_frame_and_say_what_is_wrong_with_them(desk, tmp_path) -> None:
    scene = scene_of("wan_vace")
    assert not bpy.ops.sora.remove_keyframe.poll()
    scene.frame_set(2)
    bpy.ops.sora.add_keyframe(filepath=str(tmp_path / "a.png"))
    one = scene.sora.making.keyframes[0]
    assert (one.frame, one.path) == (2, str(tmp_path / "a.png"))
    assert {("list", "keyframes"), ("prop", "path")} <= set(shown("guide"))
    assert "Its picture is not there" in words("guide")
    (tmp_path / "a.png").write_bytes(b"")
    assert section_guide.what_is_wrong(scene, one) == ""
    one.frame = 99
    assert "outside of the shot, which goes from 1 to 3" in words("guide")
    one.frame, one.path = 2, ""
    assert "Choose its picture" in words("guide")
    bpy.ops.sora.add_keyframe(filepath=str(tmp_path / "a.png"))
    scene.sora.making.keyframes[0].path = str(tmp_path / "a.png")
    scene.sora.making.keyframe_index = 0
    assert "Another keyframe is at this frame" in words("guide")
    bpy.ops.sora.remove_keyframe()
    assert len(scene.sora.making.keyframes) == 1
    greet(desk, SKETCH)
    scene.sora.backend = "sketch"
    assert "passes through no keyframes" in words("guide")


def test_the_strength_of_a_keyframe_is_greyed_with_the_reason_where_it_changes_nothing(desk) -> None:
    scene_of("ltx2")
    bpy.ops.sora.add_keyframe(filepath="/one.png")
    assert ("prop", "strength") in shown("guide")
    assert "in full" not in words("guide")
    scene_of("wan_vace")
    bpy.ops.sora.add_keyframe(filepath="/one.png")
    assert ("greyed", "strength") in shown("guide")
    assert "Wan VACE keeps to every keyframe in full; one of strength 0 is left out" in words("guide")


def test_objects_are_held_one_by_one_where_the_backend_can(desk) -> None:
    scene = scene_of("ltx2")
    bpy.ops.sora.add_body()
    scene.sora.bodies[0].thing = bpy.data.objects["Box"]
    assert ("greyed", "hold") in shown("bodies")
    assert "Choose Depth, Lines as the guide" in words("bodies")
    scene.sora.making.guide.control = "depth"
    assert ("prop", "hold") in shown("bodies")
    scene.sora.backend = "wan_vace"
    assert ("greyed", "hold") in shown("bodies")
    assert "holds all objects alike" in words("bodies")


def test_a_chain_grows_moves_and_shrinks(desk) -> None:
    scene = scene_of("sketch")
    links = scene.sora.making.links
    assert not bpy.ops.sora.remove_link.poll()
    bpy.ops.sora.add_link()
    assert links[0].backend == "wan_vace", "the first other one"
    bpy.ops.sora.add_link()
    links[1].backend = "stable_audio"
    assert {item[0] for item in properties.offered_links()} == {one.name for one in ALL}
    links[1].gives = "sound"
    bpy.ops.sora.move_link(index=1, upwards=True)
    assert [link.backend for link in links] == ["stable_audio", "wan_vace"]
    assert making.makers_of_scene(scene) == ["sketch", "stable_audio", "wan_vace"]
    bpy.ops.sora.remove_link(index=0)
    assert [link.backend for link in links] == ["wan_vace"]
    for _ in range(7):
        bpy.ops.sora.add_link()
    assert not bpy.ops.sora.add_link.poll(), "as long as the contract lets it be"


def test_what_makes_no_picture_goes_on_in_chains_alone(desk) -> None:
    scene = scene_of("sketch")
    with pytest.raises(TypeError):
        scene.sora.backend = "stable_audio"
    greet(desk, SKETCH, AUDIO)
    bpy.ops.sora.add_link()
    link = scene.sora.making.links[0]
    assert (link.backend, link.gives) == ("stable_audio", "sound")
    link.gives = "picture"
    assert "Stable Audio makes sound alone; let it give sound" in words("chain")
    link.gives = "sound"
    assert ("greyed", "departure") in shown("chain")


def test_a_link_says_what_it_cannot(desk) -> None:
    scene = scene_of("sketch")
    bpy.ops.sora.add_link()
    link = scene.sora.making.links[0]
    link.backend, link.gives = "wan_vace", "sound"
    assert "Wan VACE makes no sound; let it give the picture" in words("chain")
    link.gives = "both"
    assert ("greyed", "departure") in shown("chain")
    assert "goes on in its own way" in words("chain")
    link.backend = "ltx2"
    assert ("prop", "departure") in shown("chain")
    greet(desk, SKETCH, replace(LTX, missing=["Not installed: torch."]))
    assert "lacks packages" in words("chain")
    assert not bpy.ops.sora.generate.poll()


def test_the_mix_is_greyed_where_nothing_makes_sound(desk) -> None:
    scene = scene_of("sketch")
    assert {("greyed", "use"), ("greyed", "duck"), ("greyed", "joint"), ("greyed", "foley")} <= set(shown("chain"))
    assert "No backend of the chain makes sound of its own" in words("chain")
    scene.sora.backend = "ltx2"
    assert {("prop", "use"), ("prop", "duck"), ("prop", "joint"), ("prop", "foley")} <= set(shown("chain"))
    scene.sora.making.mix.use = "foley"
    assert {("greyed", "duck"), ("greyed", "joint"), ("prop", "foley")} <= set(shown("chain"))
    scene.sora.making.mix.use = "joint"
    assert {("greyed", "duck"), ("prop", "joint"), ("greyed", "foley")} <= set(shown("chain"))


def test_sound_over_the_foley_need_not_give_way(desk) -> None:
    scene = scene_of("ltx2")
    bpy.ops.sora.add_link()
    link = scene.sora.making.links[0]
    link.backend, link.gives = "stable_audio", "sound"
    assert ("greyed", "duck") in shown("chain")
    assert "The sound of Stable Audio is made over the foley" in words("chain")
    link.gives = "picture"
    assert section_chain.sound_makers(scene) == ["ltx2"], "what gives its picture alone is not heard"


def test_an_order_holds_chain_mix_and_settings_and_an_export_the_guide(desk, tmp_path, monkeypatch) -> None:
    scene = scene_of("ltx2")
    made = scene.sora.making
    made.guide.control, made.guide.weight, made.guide.end = "depth", 0.6, 0.5
    bpy.ops.sora.add_keyframe(filepath=str(tmp_path / "a.png"))
    made.keyframes[0].strength = 0.9
    bpy.ops.sora.add_link()
    made.links[0].backend, made.links[0].gives, made.links[0].departure = "wan_vace", "both", 0.4
    made.mix.use, made.mix.duck = "both", 9.0
    made.saving = "offload"
    started: list[Any] = []
    monkeypatch.setattr(desk, "_start", lambda context, order, options: started.append((order, options)))
    desk.generate(bpy.context, scene, bpy.context.view_layer)
    order, options = started[0]
    assert order.chain == [Link("wan_vace", "both", {"departure": 0.4})]
    assert order.mix == SoundMix("both", 9.0, 0.0, 0.0)
    assert order.settings == {"memory": "offload"}
    assert options.words.controls == [Steer("depth", 0.6, 0.0, 0.5)]
    assert [(one.kind, one.frame, one.strength) for one in options.references] == [("keyframe", 1, 0.9)]
    assert options.by_body
    made.guide.control = "none"
    desk.generate(bpy.context, scene, bpy.context.view_layer)
    order, options = started[1]
    assert order.settings == {"memory": "offload", "control": "none"}
    assert (options.words.controls, options.by_body) == ([], False)


def verdict_of(scene: Any) -> Verdict:
    found = section_fits.verdict(scene)
    assert found is not None
    return found


def test_a_job_that_fits_says_what_it_needs(desk) -> None:
    scene_of("sketch")
    assert "Fits: 157 MB of 68.7 GB of memory, up to " in words("shot")
    scene_of("remote")
    assert "Fits: up to " in words("shot")
    greet(desk, *ALL, card=80 << 30)
    scene_of("wan_vace")
    assert "of the card's 85.9 GB" in words("shot")
    desk.session.welcome = None
    assert "Fits" not in words("shot")


def test_a_job_that_needs_too_much_memory_is_one_press_from_fitting(desk) -> None:
    greet(desk, *ALL, card=16 << 30)
    scene = scene_of("wan_vace")
    found = verdict_of(scene)
    assert not found.memory_fits
    assert "of memory, and the graphics card has 17.2 GB" in words("shot")
    assert operators("shot").count("sora.make_it_fit") == len(found.mends) >= 1
    mend = found.mends[0]
    assert section_fits.mend_line(scene, mend) == "Keep parts off the card, 1.3x the time"
    bpy.ops.sora.make_it_fit(kind=mend.kind, saving=mend.saving)
    assert scene.sora.making.saving == "offload"
    assert making.making_settings(scene, VACE) == {"memory": "offload"}
    assert verdict_of(scene).memory_fits
    assert "sora.end_saving" in operators("making")
    bpy.ops.sora.end_saving()
    assert not verdict_of(scene).memory_fits


def test_the_saving_of_a_link_is_pressed_and_kept_too(desk) -> None:
    greet(desk, *ALL, card=16 << 30)
    scene = scene_of("sketch")
    bpy.ops.sora.add_link()
    link = scene.sora.making.links[0]
    assert link.backend == "wan_vace"
    found = verdict_of(scene)
    assert (found.place, found.mends[0].place) == (1, 1)
    bpy.ops.sora.make_it_fit(kind="saving", saving="offload", place=1)
    assert link.saving == "offload"
    assert verdict_of(scene).memory_fits
    assert making.chain_of(scene, lacking.info_of)[0].settings["memory"] == "offload"
    assert kept.values_of(scene)["chain"][0]["saving"] == "offload"
    assert "sora.end_saving" in operators("chain")
    bpy.ops.sora.end_saving(place=1)
    assert link.saving == ""
    assert bpy.ops.sora.end_saving(place=2) == {"CANCELLED"}


def test_a_model_with_more_weights_needs_more(desk, monkeypatch) -> None:
    greet(desk, *ALL, card=30 << 30)
    scene = scene_of("wan_vace")
    large = replace(model("wan_vace_14b", "whole", "wan_vace"), memory=50 << 30)
    small = replace(model("wan_vace", "whole"), memory=20 << 30)
    monkeypatch.setattr(MODELS, "shown", Shown(listing=Listing("/models", [small, large])))
    assert verdict_of(scene).memory_fits
    bpy.ops.sora.choose_model(model="wan_vace_14b")
    assert not verdict_of(scene).memory_fits
    assert fitting.loading(VACE, large).weights == 46 << 30


def test_too_little_memory_without_a_saving_asks_for_a_smaller_picture(desk) -> None:
    large = replace(SKETCH, memory=60 << 30, weights=1 << 30, window=1)
    greet(desk, large, memory=16 << 30)
    scene = scene_of("sketch")
    scene.render.resolution_x, scene.render.resolution_y = 1024, 576
    found = verdict_of(scene)
    size = next(mend for mend in found.mends if mend.kind == "size")
    words_of = section_fits.mend_line(scene, size)
    bpy.ops.sora.make_it_fit(kind="size", share=size.share)
    now = asking.size_of(scene)
    assert verdict_of(scene).memory_fits
    assert words_of == f"Make it {now.width}x{now.height}", "it was said before what it would be"


def test_too_little_disk_asks_for_fewer_frames(desk, monkeypatch) -> None:
    scene = scene_of("sketch")
    scene.frame_end, scene.sora.handle_in, scene.sora.handle_out = 600, 2, 2
    monkeypatch.setattr(fitting, "_look", lambda folder: 4 << 30)
    fitting._free.clear()
    scene.render.resolution_x, scene.render.resolution_y = 1024, 576
    found = verdict_of(scene)
    assert "of disk, and 4.3 GB are free" in words("shot")
    for _ in range(2):
        found = verdict_of(scene)
        if found.disk_fits:
            break
        mend = found.mends[-1]
        bpy.ops.sora.make_it_fit(kind=mend.kind, share=mend.share, frames=mend.frames)
    assert verdict_of(scene).disk_fits
    fitting._free.clear()
    monkeypatch.setattr(fitting, "_look", lambda folder: 20 << 20)
    assert "Free some of the disk" in words("shot")
    fitting._free.clear()


def test_frames_that_fit_are_a_preview_range_handles_included(desk) -> None:
    scene = scene_of("sketch")
    scene.frame_end, scene.sora.handle_in, scene.sora.handle_out = 100, 3, 3
    bpy.ops.sora.make_it_fit(kind="frames", frames=30)
    assert (scene.sora.frames, scene.frame_preview_start, scene.frame_preview_end) == ("preview", 1, 24)
    assert fitting.shape_of(scene).frames == 30
    bpy.ops.sora.make_it_fit(kind="frames", frames=5)
    assert fitting.shape_of(scene).frames == 5, "handles go first"
    assert bpy.ops.sora.make_it_fit(kind="frames", frames=0) == {"CANCELLED"}


def test_time_is_that_of_the_whole_chain(desk, monkeypatch) -> None:
    scene = scene_of("sketch")
    bpy.ops.sora.add_link()
    asked: list[str] = []
    monkeypatch.setattr("sora_addon.ui.section_shot.estimate", lambda makers, *_: asked.append(makers) or 40.0)
    assert "about 40 s" in words("shot")
    order = making.makers_of_scene(scene)
    assert asked[0].startswith("sketch")
    assert "wan_vace" in asked[0]
    assert order == ["sketch", "wan_vace"]
    assert pace.estimate(asked[0], 1, 1) is None


def model(name: str, state: State = "absent", backend: str = "", folder: str = "") -> Model:
    return Model(
        name,
        backend or name,
        f"{name} title",
        "about",
        "a/b",
        "MIT",
        "https://a",
        [],
        False,
        1,
        Standing(state, folder),
    )


def test_a_model_that_is_not_here_greys_generate_and_leads_to_the_manager(desk, monkeypatch) -> None:
    scene = scene_of("wan_vace")
    assert bpy.ops.sora.generate.poll(), "nobody has looked yet"
    listing = Listing(
        "/models", [model("wan_vace", "partial"), model("ltx2", "whole"), model("ltx2_control", "absent", "ltx2")]
    )
    monkeypatch.setattr(MODELS, "shown", Shown(listing=listing))
    assert "The model wan_vace title is not here" in words("shot")
    assert "sora.show_preferences" in operators("shot")
    assert not bpy.ops.sora.generate.poll()
    scene.sora.backend = "ltx2"
    assert bpy.ops.sora.generate.poll()
    scene.sora.making.guide.control = "depth"
    assert lacking.hindrance(scene).startswith("A guide needs ltx2_control title")
    scene.sora.making.guide.control = "none"
    assert lacking.hindrance(scene) == ""


def test_the_artist_chooses_among_models_that_are_here(desk, monkeypatch) -> None:
    scene = scene_of("wan_vace")
    here = [
        model("wan_vace", "whole", folder="/models/wan_vace"),
        model("wan_vace_14b", "used", "wan_vace", "/elsewhere/14b"),
    ]
    monkeypatch.setattr(MODELS, "shown", Shown(listing=Listing("/models", here)))
    assert operators("making").count("sora.choose_model") == 2
    assert making.making_settings(scene, VACE) == {}
    bpy.ops.sora.choose_model(model="wan_vace_14b")
    assert making.making_settings(scene, VACE) == {"model": "/elsewhere/14b"}
    assert lacking.hindrance(scene) == ""


def test_remote_is_refused_without_a_server_and_offline(desk, monkeypatch) -> None:
    scene = scene_of("remote")
    assert "Set the address of the server" in lacking.hindrance(scene)
    addon = bpy.context.preferences.addons.new()
    from sora_addon.install import preferences

    addon.module = preferences.PACKAGE
    try:
        addon.preferences.server = "https://farm.example:8000"
        assert not bpy.app.online_access
        assert "Blender may not go online" in lacking.hindrance(scene)
        assert not bpy.ops.sora.generate.poll()
        addon.preferences.server, addon.preferences.server_kind = "http://127.0.0.1:8000", "wan"
        assert lacking.hindrance(scene) == ""
        assert making.making_settings(scene, REMOTE) == {"server": "http://127.0.0.1:8000", "serves": "wan"}
        bpy.ops.sora.add_link()
        scene.sora.making.links[0].backend = "remote"
        assert making.chain_of(scene, lacking.info_of)[0].settings["server"] == "http://127.0.0.1:8000"
    finally:
        bpy.context.preferences.addons.remove(addon)


def test_a_preset_keeps_guide_chain_mix_and_saving(desk) -> None:
    scene = scene_of("ltx2")
    made = scene.sora.making
    made.guide.control, made.guide.weight = "edges", 0.55
    made.mix.use, made.mix.joint, made.saving = "joint", -6.0, "lowest"
    bpy.ops.sora.add_link()
    made.links[0].backend, made.links[0].departure = "wan_vace", 0.7
    presets.save(scene, "mine")
    before = kept.values_of(scene)
    made.links.clear()
    made.guide.control, made.mix.use, made.saving = "auto", "both", ""
    assert presets.apply(scene, "mine") == []
    assert kept.values_of(scene) == before
    greet(desk, SKETCH)
    assert "chain 2 backend" in presets.apply(scene, "mine")
    assert len(made.links) == 0


@pytest.mark.parametrize("values", [1, {"guide": 1}, {"guide": {"control": "feeling"}}, {"chain": [1]}])
def test_a_preset_that_is_not_sound_is_told_and_sets_nothing_of_it(desk, values) -> None:
    scene = scene_of("ltx2")
    before = scene.sora.making.guide.control
    assert kept.set_values(scene, values)
    assert scene.sora.making.guide.control == before


def test_how_models_were_loaded_is_said_with_the_take(desk, tmp_path) -> None:
    take = make_take(tmp_path / "take", time=Time((24, 1), 1, 3))
    assert plans_in_words(take) == []
    plan = {"device": "cuda", "memory": "groups", "precision": "eight", "cache": "first_block", "compiled": "no"}
    take = replace(take, backend=Backend("wan_vace", "1"), plans=[plan])
    assert plans_in_words(take) == ["Wan VACE: on the card, layers in groups, weights of 8 bits, steps partly left out"]
    chain = [Made(Backend("sketch", "1"), "both"), Made(Backend("sana_wm", "1"), "picture")]
    usual = {"device": "cuda", "memory": "card", "precision": "half", "cache": "none", "compiled": "no"}
    assert plans_in_words(replace(take, chain=chain, plans=[{}, usual])) == ["SANA-WM: on the card"]


def test_settings_come_back_from_a_take(desk, tmp_path) -> None:
    scene = scene_of("sketch")
    take = make_take(tmp_path / "take", time=Time((24, 1), 1, 3))
    own = Backend("ltx2", "1", {"memory": "lowest"})
    take = replace(
        take,
        backend=own,
        words=replace(take.words, controls=[Steer("motion", 0.7, 0.1, 0.9)]),
        chain=[Made(own, "both"), Made(Backend("wan_vace", "1", {"departure": 0.2}), "picture")],
        mix=SoundMix("foley", 6.0, 1.0, 2.0),
    )
    assert take_over(scene, take) == []
    made = scene.sora.making
    assert (scene.sora.backend, made.guide.control, made.saving) == ("ltx2", "motion", "lowest")
    assert (made.guide.weight, made.guide.start, made.guide.end) == pytest.approx((0.7, 0.1, 0.9))
    assert [(link.backend, link.gives) for link in made.links] == [("wan_vace", "picture")]
    assert made.links[0].departure == pytest.approx(0.2)
    assert (made.mix.use, made.mix.duck, made.mix.joint, made.mix.foley) == ("foley", 6.0, 1.0, 2.0)
    take = replace(take, backend=Backend("ltx2", "1", {"control": "none"}), chain=[], mix=None)
    take = replace(take, words=replace(take.words, controls=[]))
    take_over(scene, take)
    assert (made.guide.control, len(made.links), made.saving) == ("none", 0, "")
