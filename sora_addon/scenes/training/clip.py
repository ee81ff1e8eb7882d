"""One clip from its seed: built, exported as it was blocked, rendered as it truly is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

from ...contract import Size, Words
from ...export.exporter import Exporter
from ...export.options import options_of
from ...export.scene_properties import register_properties
from ..stage import clear
from . import truth
from .air import Air
from .events import Action, play, stage_event
from .light import light
from .moves import set_camera
from .places import build
from .recipe import PLAYED, Recipe, rng, styles_of
from .stuff import blocked
from .veil import Veil, veiled
from .words import body_words, prompt

Tell = Callable[[str, int, int], None]
"""Stage, steps done, steps in all."""


def make_clip(made: Recipe, folder: Path, tell: Tell) -> None:
    """Fill ``folder``, which is empty, with shot/, truth/ (without sound) and clip.json.

    Raises ContractError or RuntimeError where the scene cannot be exported or rendered.
    """
    bpy.ops.wm.read_factory_settings(use_empty=True)
    register_properties()
    scene = bpy.context.scene
    clear(scene, PLAYED)
    scene.name = f"Clip {made.seed}"
    place = build(scene, made.place, made.ground, rng(made.seed, "place"))
    action = stage_event(scene, made, place.floor)
    played = play(scene, action.actors)
    first, event = _window(made, played.turning_points())
    camera = set_camera(scene, made, place, played, first)
    veils, lit = light(scene, made, place)
    hidden, bodies = _bodies(made, action)
    air = Air(scene, made, first)
    text = prompt(made)
    last = first + made.frames - 1
    with veiled([*veils, *hidden, air.veil()]):
        _export(scene, made, folder / "shot", text, (first, last), tell)
    (folder / "truth").mkdir()
    if made.samples:
        _render(scene, made, folder / "truth", (first, last), air, tell)
    document = {
        **made.as_dict(),
        "split": "held" if made.held else "train",
        "first": first,
        "last": last,
        "event_frame": event,
        "prompt": text,
        "styles": list(styles_of(made)),
        "clay_albedo": truth.CLAY[0],
        "bodies": bodies,
        "extra": {"camera": camera, "light": lit, "air": air.chosen},
    }
    (folder / "clip.json").write_text(json.dumps(document, indent=1, default=float), encoding="utf-8")


def _window(made: Recipe, turning: list[int]) -> tuple[int, int | None]:
    """First frame of the clip and the frame of its event: one of the abrupt turns, in the middle half of the window."""
    draw = rng(made.seed, "window")
    latest = PLAYED - made.frames - 1
    if not turning or made.frames >= PLAYED - 4:
        return min(max(2, int(draw.integers(4, 20))), max(latest, 2)), None
    event = turning[int(draw.integers(min(3, len(turning))))]
    before = int(draw.integers(made.frames // 4, max(made.frames // 4 + 1, 3 * made.frames // 4)))
    return min(max(2, event - before), max(latest, 2)), event


def _bodies(made: Recipe, action: Action) -> tuple[list[Veil], list[dict[str, Any]]]:
    """Give the things words, and hide what the first is made of where only its words shall tell."""
    draw = rng(made.seed, "bodies")
    veils: list[Veil] = []
    described: list[dict[str, Any]] = []
    for number, (one, material, shape) in enumerate(action.things):
        said = made.words_bodies and number == 0
        if said or draw.random() < 0.35:
            one.sora.words = body_words(material, shape, draw)
        if said:
            true = [slot.material for slot in one.material_slots]
            plain = blocked("Blocked")
            veils.append(Veil(_materials(one, [plain] * len(true)), _materials(one, true)))
        described.append(
            {"name": one.name, "material": material, "shape": shape, "words": one.sora.words, "words_only": said}
        )
    return veils, described


def _materials(one: bpy.types.Object, materials: list[Any]) -> Callable[[], None]:
    def put() -> None:
        for slot, material in zip(one.material_slots, materials, strict=True):
            slot.material = material

    return put


def _export(scene: bpy.types.Scene, made: Recipe, target: Path, text: str, frames: tuple[int, int], tell: Tell) -> None:
    width, height = made.size
    options = options_of(
        scene,
        scene.view_layers[0],
        first=frames[0],
        last=frames[1],
        size=Size(width, height),
        words=Words(prompt=text, seed=made.seed),
        name=f"clip {made.seed}",
    )
    for message in Exporter(scene, scene.view_layers[0], target, options).run():
        if message.kind == "progress":
            tell(message.stage, message.step, message.total)


def _render(scene: bpy.types.Scene, made: Recipe, folder: Path, frames: tuple[int, int], air: Air, tell: Tell) -> None:
    truth.prepare(scene, made.size, made.samples)
    total = (2 if made.clay else 1) * made.frames
    for step, number in enumerate(range(frames[0], frames[1] + 1), 1):
        truth.frame(scene, number, folder / f"frame_{number:07d}.exr")
        tell("truth", step, total)
    if made.clay:
        air.clear()
        for step, number in enumerate(range(frames[0], frames[1] + 1), 1):
            truth.clay_frame(scene, number, folder / f"clay_{number:07d}.exr")
            tell("truth", made.frames + step, total)
