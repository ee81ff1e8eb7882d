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
from collections.abc import Sequence
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
            for number in wanted.numbers:
                _make(wanted, number, starts[number - wanted.first])
                print(json.dumps({"seed": number, "stage": "made"}), file=say)
    except (NoScene, Refused) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def windows(first: int, last: int, frames: int, clips: int) -> list[int]:
    """First frames of ``clips`` windows that are spread over a range; they overlap where it is short."""
    latest = max(first, last - frames + 1)
    return [first + round((latest - first) * (index + 0.5) / clips) for index in range(clips)]


def _make(wanted: argparse.Namespace, number: int, first: int) -> None:
    folder = (wanted.out / f"{number}.partial").resolve()
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "truth").mkdir(parents=True)
    scene, layer = bpy.context.scene, bpy.context.view_layer
    last = first + wanted.frames - 1
    options = options_of(
        scene,
        layer,
        first=first,
        last=last,
        size=Size(*SIZE),
        words=Words(prompt=wanted.prompt, seed=number),
        name=f"{wanted.scene.stem} {first}",
    )
    insist(Plan(scene, layer, options, folder / "shot", in_place=True, overwrite=False))
    for _ in Exporter(scene, layer, folder / "shot", options).run():
        pass
    truth.prepare(scene, SIZE, wanted.samples)
    for frame in range(first, last + 1):
        truth.frame(scene, frame, folder / "truth" / f"frame_{frame:07d}.exr")
    for frame in range(first, last + 1):
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
        "styles": _styles(scene.view_layers),
        "clay": True,
        "clay_albedo": truth.CLAY[0],
        "lit": True,
        "bodies": [],
        "extra": {"air": {}},
    }
    (folder / "clip.json").write_text(json.dumps(document, indent=1), encoding="utf-8")


def _styles(layers: Sequence[bpy.types.ViewLayer]) -> list[str]:
    """All, or all but those of clay where a scene of more than one layer would not be clay altogether."""
    return [style for style in STYLES if len(layers) == 1 or style not in CLAY_STYLES]


if __name__ == "__main__":
    sys.exit(main())
