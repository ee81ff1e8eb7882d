"""The models and the server on the add-on's page in the preferences."""

from __future__ import annotations

from typing import Any

import bpy

from ..ui import say
from ..ui.told import told
from .told import Model
from .work import MODELS, Shown

TASKS = {
    "looking": "Looking which models are here...",
    "planning": "Asking the hub...",
    "getting": "Getting",
    "using": "Looking the folder over...",
    "verifying": "Checking every file",
    "removing": "Removing...",
    "storing": "Storing the token...",
    "asking": "Asking the server...",
}
ENDED_WELL = {
    "getting": "It is here, whole and checked",
    "using": "The folder is used from now on",
    "verifying": "Every file is as it came",
    "removing": "It is gone",
    "storing": "The token is in the keyring",
}
STATES = {
    "absent": "not here",
    "partial": "{size} of it are here",
    "whole": "here, {size}",
    "used": "used from {folder}, {size}",
    "broken": "broken",
}
ICONS = {"absent": "BLANK1", "partial": "TIME", "whole": "CHECKMARK", "used": "FILE_FOLDER", "broken": "ERROR"}


def draw_models(layout: Any, context: Any, settings: Any) -> None:
    """Every model with what it needs and allows, and what can be pressed."""
    shown, width = MODELS.shown, say.letters(context) - 6
    box = layout.box()
    head = box.row()
    head.label(text="Models", icon="FILE_3D")
    head.operator("sora.look_for_models", text="", icon="FILE_REFRESH")
    row = box.row()
    row.use_property_split = True
    row.enabled = not MODELS.busy
    row.prop(settings, "models_home")
    if shown.listing is None:
        _draw_now(box, shown, width)
        if not shown.task:
            say.wrapped(box, say._("The engine tells which models there are; press the arrows"), width, "INFO")
        return
    for model in shown.listing.models:
        _draw_model(box.box(), shown, model, width)
    if not shown.model:
        _draw_now(box, shown, width)
    row = box.row()
    row.operator("sora.store_token", text="Token of the Hub...", icon="KEYTYPE_KEYFRAME_VEC").server = ""


def _draw_model(box: Any, shown: Shown, model: Model, width: int) -> None:
    standing = model.standing
    head = box.row()
    head.label(text=model.title, icon=ICONS[standing.state], translate=False)
    note = head.row()
    note.alignment = "RIGHT"
    note.label(text=state_line(model), translate=False)
    say.wrapped(box, told(model.about), width)
    line = box.row()
    line.active = False
    line.label(text=needs_line(model), translate=False)
    row = box.row()
    row.label(text=say.fill("Licence: {name}", name=model.licence), translate=False)
    row.operator("wm.url_open", text="Read It", icon="URL").url = model.licence_link
    for limit in model.limits:
        say.wrapped(box, told(limit), width, "DOT")
    if standing.problem:
        say.wrapped(box, told(standing.problem), width, "ERROR")
    if shown.model == model.name:
        _draw_now(box, shown, width)
    if not (MODELS.busy and shown.model == model.name):
        _draw_buttons(box, shown, model, width)


def _draw_buttons(box: Any, shown: Shown, model: Model, width: int) -> None:
    state, plan = model.standing.state, shown.plans.get(model.name)
    row = box.row(align=True)
    row.enabled = not MODELS.busy
    if state in ("absent", "partial"):
        if not bpy.app.online_access:
            say.wrapped(
                box, say._("To get it, allow Online Access in Preferences > System; or use a folder"), width, "INFO"
            )
        elif plan is None:
            row.operator("sora.plan_model", text="Get...", icon="IMPORT").model = model.name
        else:
            values = {"size": size(plan.bytes), "files": plan.files, "commit": plan.revision[:12]}
            say.wrapped(box, say.fill("{files} files, {size}, at commit {commit}", **values), width, "BLANK1")
            text = say._("Resume") if state == "partial" else say.fill("Get {size}", size=size(plan.bytes))
            row.operator("sora.get_model", text=text, icon="IMPORT", translate=False).model = model.name
        row.operator("sora.use_model_folder", text="Use a Folder...", icon="FILE_FOLDER").model = model.name
    if state in ("whole", "broken") and model.standing.revision:
        row.operator("sora.verify_model", text="Verify", icon="CHECKMARK").model = model.name
    if state == "used" or (state == "broken" and not model.standing.revision):
        row.operator("sora.remove_model", text="Stop Using It", icon="X").model = model.name
    elif state in ("whole", "partial", "broken"):
        row.operator("sora.remove_model", text="Remove", icon="TRASH").model = model.name


def _draw_now(box: Any, shown: Shown, width: int) -> None:
    """The task that goes on, or how the last one ended."""
    if shown.task:
        row = box.row()
        step = shown.step
        share = step.step / step.total if step is not None and step.total else 0.0
        row.progress(factor=min(share, 1.0), text=progress_line(shown), translate=False)
        if shown.task in ("getting", "verifying", "planning", "asking"):
            row.operator("sora.cancel_models", text="Cancel", icon="X")
    elif shown.problem:
        say.wrapped(box, told(shown.problem), width, "ERROR")
    elif shown.well in ENDED_WELL:
        say.wrapped(box, say._(ENDED_WELL[shown.well]), width, "CHECKMARK")


def draw_server(layout: Any, context: Any, settings: Any) -> None:
    """The studio's server: where it is, its token, and what it says of itself."""
    shown, width = MODELS.shown, say.letters(context) - 6
    box = layout.box()
    box.label(text="Server of the Backend Remote", icon="NETWORK_DRIVE")
    column = box.column()
    column.use_property_split = True
    column.enabled = not MODELS.busy
    for name in ("server", "server_kind", "server_certificate"):
        column.prop(settings, name)
    say.wrapped(
        box,
        say._("Words and pictures of your shots go to this server, and the token stays in the keyring"),
        width,
        "INFO",
    )
    row = box.row(align=True)
    row.enabled = not MODELS.busy and bool(settings.server.strip())
    row.operator("sora.ask_server", text="Ask It", icon="QUESTION")
    row.operator(
        "sora.store_token", text="Token of the Server...", icon="KEYTYPE_KEYFRAME_VEC"
    ).server = settings.server
    if shown.answer:
        for line in shown.answer.splitlines():
            say.wrapped(box, told(line), width, "BLANK1")


def state_line(model: Model) -> str:
    """'here, 18.3 GB', 'not here'."""
    standing = model.standing
    return say.fill(STATES[standing.state], size=size(standing.bytes), folder=standing.folder)


def needs_line(model: Model) -> str:
    """'Needs about 20 GB of memory for 5 s of 512x288...; Wan-AI/...'."""
    if not model.memory:  # another one wears it
        return model.repo
    return say.fill(
        "Needs about {memory} of memory for 5 s of 512x288, and the disk that Get... tells; {repo}",
        memory=size(model.memory),
        repo=model.repo,
    )


def progress_line(shown: Shown) -> str:
    """'Getting, 3.2 of 18.3 GB, 4 min left'."""
    step, words = shown.step, say._(TASKS[shown.task])
    if step is None or not step.total or shown.task not in ("getting", "verifying") or step.stage == "ask":
        return words
    values = {"words": words, "done": size(step.step), "total": size(step.total)}
    if step.seconds_left is None:
        return say.fill("{words}, {done} of {total}", **values)
    return say.fill("{words}, {done} of {total}, {left} left", **values, left=say.duration(step.seconds_left))


def size(count: int) -> str:
    """'18.3 GB', '640 MB'."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
