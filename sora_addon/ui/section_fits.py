"""Before a job: whether it fits this machine, and one press for what would make it fit; which model, and which saving."""

from __future__ import annotations

from typing import Any

from ..client import asking, fitting
from ..client.desk import existing
from ..client.fits import Mend, Verdict
from ..client.making import makers_of_scene
from ..contract.messages import BackendInfo
from ..models.page import size
from ..models.places import chosen_model
from ..models.work import MODELS
from ..properties import shown
from . import say
from .lacking import info_of

SAVINGS = {
    "offload": "Keep parts off the card",
    "eight": "Keep weights in 8 bits, which changes the picture a little",
    "groups": "Load layers in groups",
    "lowest": "Load part by part",
}


def draw_fit(layout: Any, context: Any, scene: Any) -> None:
    """What a job needs beside what there is; nothing so long as the engine has not said it."""
    found = verdict(scene)
    if found is None:
        return
    width = say.letters(context)
    if found.memory_fits and found.disk_fits:
        column = layout.column()
        column.active = False
        say.wrapped(column, needs_line(found), width)
        return
    box = layout.box()
    if not found.memory_fits:
        say.wrapped(box, memory_line(scene, found), width - 4, "ERROR")
    if not found.disk_fits:
        text = say.fill(
            "May need {needed} of disk, and {free} are free", needed=size(found.disk), free=size(found.disk_free)
        )
        say.wrapped(box, text, width - 4, "ERROR")
    for mend in found.mends:
        button = box.operator("sora.make_it_fit", text=mend_line(scene, mend), icon="CHECKMARK", translate=False)
        button.kind, button.saving, button.share, button.frames = mend.kind, mend.saving, mend.share, mend.frames
        button.place = mend.place
    if found.mends:
        return
    if not found.memory_fits:
        say.wrapped(box, say._("Choose another backend, or a server that has more"), width - 4)
    if not found.disk_fits:
        say.wrapped(box, say._("Free some of the disk, or save the file on another one"), width - 4)


def verdict(scene: Any) -> Verdict | None:
    """Of the panel's settings; None so long as the engine has not said what its backends need."""
    desk = existing()
    welcome = desk.session.welcome if desk is not None else None
    infos = fitting.infos_of(scene, info_of)
    return fitting.verdict_of(scene, infos, welcome) if welcome is not None and infos else None


def needs_line(found: Verdict) -> str:
    """'Fits: 2.0 of 16.0 GB of memory, up to 3.1 GB of disk'."""
    values = {"needed": size(found.memory), "there": size(found.memory_there), "disk": size(found.disk)}
    if not found.memory_there:
        return say.fill("Fits: up to {disk} of disk", **values)
    if found.where == "card":
        return say.fill("Fits: {needed} of the card's {there}, up to {disk} of disk", **values)
    return say.fill("Fits: {needed} of {there} of memory, up to {disk} of disk", **values)


def memory_line(scene: Any, found: Verdict) -> str:
    """'LTX-2 needs about 66.0 GB of memory, and this machine has 16.0 GB'."""
    maker = shown(makers_of_scene(scene)[found.place])
    values = {"backend": maker, "needed": size(found.memory), "there": size(found.memory_there)}
    if found.where == "card":
        return say.fill("{backend} needs about {needed} of memory, and the graphics card has {there}", **values)
    return say.fill("{backend} needs about {needed} of memory, and this machine has {there}", **values)


def mend_line(scene: Any, mend: Mend) -> str:
    """'Make it 320x180', 'Make 48 frames', 'Load part by part, 4x the time'."""
    if mend.kind == "saving":
        return say.fill("{saving}, {times}x the time", saving=saving_words(mend.saving), times=f"{mend.slower:g}")
    if mend.kind == "size":
        share = fitting.smaller(scene, mend) / scene.sora.percent
        now = asking.size_of(scene)
        return say.fill("Make it {width}x{height}", width=_even(now.width * share), height=_even(now.height * share))
    return say.fill("Make {frames} frames", frames=mend.frames)


def saving_words(name: str) -> str:
    """A saving in the artist's words; one that is not known here by its own name."""
    return say._(SAVINGS[name]) if name in SAVINGS else name


def _even(pixels: float) -> int:
    return round(pixels / 2) * 2


def draw_saving(layout: Any, maker: Any, info: BackendInfo | None, place: int) -> None:
    """The saving that is set of the scene's making or of a link, with a press that ends it."""
    if info is None or not any(one.name == maker.saving for one in info.savings):
        return
    row = layout.row(align=True)
    row.label(text=saving_words(maker.saving), icon="MEMORY", translate=False)
    row.operator("sora.end_saving", text="", icon="X").place = place


def draw_models(layout: Any, scene: Any) -> None:
    """The models that the backend can load, where it has a choice."""
    listing = MODELS.shown.listing
    ready = [one for one in listing.of(scene.sora.backend) if one.standing.ready] if listing is not None else []
    if len(ready) < 2:
        return
    wanted = chosen_model(listing, scene.sora.backend, scene.sora.making.model)
    column = layout.column(align=True)
    for one in ready:
        icon = "RADIOBUT_ON" if one == wanted else "RADIOBUT_OFF"
        column.operator("sora.choose_model", text=one.title, icon=icon, translate=False).model = one.name
