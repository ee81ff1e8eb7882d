"""A chain of backends, and how the sound that they make is mixed with the foley."""

from __future__ import annotations

from typing import Any

from ..client import making
from ..properties import shown
from . import say
from .both import Section, scene_in
from .lacking import info_of
from .section_fits import draw_saving


class Chain(Section):
    """Backends that go on, one after the other, from the take; and what is heard"""

    name = "chain"
    parent = "shot"
    bl_label = "Chain and Sound"
    closed = True

    def draw(self, context: Any) -> None:
        layout, scene = self.layout, scene_in(context)
        layout.use_property_split = True
        layout.use_property_decorate = False
        _draw_chain(layout, context, scene)
        layout.separator()
        _draw_mix(layout, context, scene)


def _draw_chain(layout: Any, context: Any, scene: Any) -> None:
    links = scene.sora.making.links
    row = layout.row()
    row.label(text=say.fill("1  {backend}", backend=shown(scene.sora.backend)), translate=False)
    row.operator("sora.add_link", text="", icon="ADD")
    for index, link in enumerate(links):
        place = 1 + sum(bool(one.backend) for one in links[:index])
        _draw_link(layout.box(), context, link, index, len(links), place)


def _draw_link(box: Any, context: Any, link: Any, index: int, count: int, place: int) -> None:
    info = info_of(link.backend) if link.backend else None
    head = box.row(align=True)
    head.label(text=str(index + 2), translate=False)
    head.prop(link, "backend", text="")
    for icon, upwards in (("TRIA_UP", True), ("TRIA_DOWN", False)):
        button = head.row(align=True)
        button.enabled = index > 0 if upwards else index < count - 1
        moved = button.operator("sora.move_link", text="", icon=icon)
        moved.index, moved.upwards = index, upwards
    head.operator("sora.remove_link", text="", icon="X").index = index
    box.prop(link, "gives")
    problem = what_is_wrong(link, info)
    if problem:
        say.wrapped(box, problem, say.letters(context) - 4, "ERROR")
        return
    row = box.row()
    row.enabled = link.gives != "sound" and (info is None or info.departs)
    row.prop(link, "departure", slider=True)
    if info is not None and link.gives != "sound" and not info.departs:
        text = say.fill("{backend} goes on in its own way", backend=shown(info.name))
        say.wrapped(box, text, say.letters(context) - 4, "INFO")
    draw_saving(box, link, info, place)


def what_is_wrong(link: Any, info: Any) -> str:
    """Why the backend cannot go on there as it is set; empty where it can."""
    if not link.backend:
        return say._("Choose a backend")
    if info is None:
        return ""
    if info.missing:
        return say.fill("{backend} lacks packages; choose it as the backend to see which", backend=shown(info.name))
    if not info.makes_picture and link.gives == "picture":
        return say.fill("{backend} makes sound alone; let it give sound", backend=shown(info.name))
    if not info.makes_sound and link.gives == "sound":
        return say.fill("{backend} makes no sound; let it give the picture", backend=shown(info.name))
    return ""


def sound_makers(scene: Any) -> list[str]:
    """Backends of a job whose own sound is heard; what the engine has not spoken of is believed to make none."""
    mute = [link.gives == "picture" for link in scene.sora.making.links if link.backend]
    found = []
    for name, silent in zip(making.makers_of_scene(scene), [False, *mute], strict=True):
        info = info_of(name)
        if info is not None and info.makes_sound and not silent:
            found.append(name)
    return found


def _draw_mix(layout: Any, context: Any, scene: Any) -> None:
    mix, heard = scene.sora.making.mix, sound_makers(scene)
    unknown = info_of(scene.sora.backend) is None
    last = info_of(heard[-1]) if heard else None
    over = last is not None and last.sound_over_foley
    column = layout.column()
    column.enabled = bool(heard) or unknown
    column.row().prop(mix, "use", expand=True)
    duck = column.row()
    duck.enabled = column.enabled and mix.use == "both" and not over
    duck.prop(mix, "duck")
    for name, other in (("joint", "foley"), ("foley", "joint")):
        level = column.row()
        level.enabled = column.enabled and mix.use != other
        level.prop(mix, name)
    reason = ""
    if not column.enabled:
        reason = say._("No backend of the chain makes sound of its own: the foley is heard")
    elif over:
        reason = say.fill(
            "The sound of {backend} is made over the foley: it need not give way, and is not heard alone",
            backend=shown(heard[-1]),
        )
    if reason:
        say.wrapped(layout, reason, say.letters(context), "INFO")


SECTIONS = (Chain,)
