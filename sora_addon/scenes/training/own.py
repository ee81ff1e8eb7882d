"""``python -m sora_addon.scenes.training.own SCENE.blend --out DIR --numbers 7 8``: clips of an artist's own scene, as it stands.

What ``engine data make SCENE`` runs in Blender. The shot is what the exporter sees of the scene, the truth what Cycles makes
of all that is in it: hair, volumes, textures that a box does not tell of are what a model learns from it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

import bpy

from ...contract import Size, Words
from ...export.exporter import Exporter
from ...export.options import options_of
from ...export.preflight import Plan, Refused, insist
from ...export.scene_files import NoScene, open_scene
from ...export.scene_properties import register_properties
from . import truth
from .__main__ import quiet
from .vocabulary import CLAY_STYLES, STYLES

SIZE = (256, 144)
"""Pixels of all clips: they are learnt from together."""


def main(arguments: list[str] | None = None) -> int:
    """Fill ``DIR/NUMBER.partial`` for each number, the windows of frames spread over the scene's own range, and say so on stdout
    in lines of JSON."""
    parser = argparse.ArgumentParser(prog="python -m sora_addon.scenes.training.own", description="Clips of a scene.")
    parser.add_argument("scene", type=Path)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--numbers", type=int, nargs="+", required=True, metavar="N")
    parser.add_argument("--first", type=int, required=True, metavar="N", help="the number of the scene's first clip")
    parser.add_argument("--clips", type=int, required=True, help="how many there are of the scene")
    parser.add_argument("--frames", type=int, required=True)
    parser.add_argument("--samples", type=int, required=True)
    parser.add_argument("--prompt", default="")
    parser.add_argument("--trust", action="store_true")
    wanted = parser.parse_args(arguments)
    say = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    register_properties()
    try:
        with quiet():
            for note in open_scene(wanted.scene, wanted.trust):
                print(note, file=sys.stderr)
            starts = windows(bpy.context.scene.frame_start, bpy.context.scene.frame_end, wanted.frames, wanted.clips)
            first = {number: starts[number - wanted.first] for number in wanted.numbers}
            # all are exported before Cycles is set up, so that each sees the scene as it was saved
            for number in wanted.numbers:
                _export(wanted, number, first[number])
            for number in wanted.numbers:
                _render(wanted, number, first[number])
                print(json.dumps({"seed": number, "stage": "made"}), file=say)
    except (NoScene, Refused) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def windows(first: int, last: int, frames: int, clips: int) -> list[int]:
    """First frames of ``clips`` windows that are spread over a range; they overlap where it is short."""
    latest = max(first, last - frames + 1)
    return [first + round((latest - first) * (index + 0.5) / clips) for index in range(clips)]


def _folder(wanted: argparse.Namespace, number: int) -> Path:
    return (wanted.out / f"{number}.partial").resolve()


def _export(wanted: argparse.Namespace, number: int, first: int) -> None:
    folder = _folder(wanted, number)
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "truth").mkdir(parents=True)
    scene, layer = bpy.context.scene, bpy.context.view_layer
    options = options_of(
        scene,
        layer,
        first=first,
        last=first + wanted.frames - 1,
        size=Size(*SIZE),
        words=Words(prompt=wanted.prompt, seed=number),
        name=f"{wanted.scene.stem} {first}",
    )
    for warning in insist(Plan(scene, layer, options, folder / "shot", in_place=True, overwrite=False)):
        print(warning, file=sys.stderr)
    for _ in Exporter(scene, layer, folder / "shot", options).run():
        pass


def _render(wanted: argparse.Namespace, number: int, first: int) -> None:
    folder, scene = _folder(wanted, number), bpy.context.scene
    last = first + wanted.frames - 1
    # of several layers one alone would be of clay
    of_clay = len(scene.view_layers) == 1
    truth.prepare(scene, SIZE, wanted.samples)
    for frame in range(first, last + 1):
        truth.frame(scene, frame, folder / "truth" / f"frame_{frame:07d}.exr")
    for frame in range(first, last + 1) if of_clay else ():
        truth.clay_frame(scene, frame, folder / "truth" / f"clay_{frame:07d}.exr")
    document = {
        "seed": number,
        "asked": {
            "scene": str(wanted.scene.resolve()),
            "clips": wanted.clips,
            "frames": wanted.frames,
            "samples": wanted.samples,
            "prompt": wanted.prompt,
        },
        "set": "look",
        "first": first,
        "last": last,
        "prompt": wanted.prompt,
        "styles": [style for style in STYLES if of_clay or style not in CLAY_STYLES],
        "clay": of_clay,
        "clay_albedo": truth.CLAY[0],
        "lit": True,
        "bodies": [],
        "extra": {"air": {}},
    }
    (folder / "clip.json").write_text(json.dumps(document, indent=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
