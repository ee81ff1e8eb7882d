"""The background half of an export: open the snapshot, make sure that it is the artist's scene, export it."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import bpy

from ..contract import ContractError, decode
from .exporter import Exporter
from .options import ExportOptions
from .preroll import preroll
from .progress import Message, Pace, line_of
from .scene_properties import register_properties
from .snapshot_match import Fingerprint, differences, fingerprint

DONE, FAILED, DIFFERS, CANCELLED = 0, 1, 3, 130
"""Exit codes."""
MOST_DIFFERENCES = 6


class Cancelled(Exception):
    """The artist's Blender hung up."""


def main(requests: int) -> int:
    """Do the one request, a line of JSON, that the file descriptor ``requests`` gives.

    The end of that file before the work is done is the wish to cancel. The descriptor is read without Python's buffers:
    their locks make the interpreter abort where a thread still waits for input at the end.
    """
    request = json.loads(_line(requests))
    hung_up = threading.Event()

    def listen() -> None:
        while os.read(requests, 4096):
            pass
        hung_up.set()

    threading.Thread(target=listen, name="sora listens", daemon=True).start()

    def say(message: Message) -> None:
        print("\n" + line_of(message), flush=True)  # Blender may have left a line of its own unfinished

    def tell(message: Message) -> None:
        if hung_up.is_set():
            raise Cancelled
        say(message)

    try:
        return _export(request, tell)
    except Cancelled:
        say(Message("cancelled", "The export was cancelled; nothing was kept."))
        return CANCELLED
    except (ContractError, OSError, RuntimeError) as error:
        say(Message("failed", str(error)))
        return FAILED


def _line(descriptor: int) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        chunk = os.read(descriptor, 1 << 20)
        if not chunk:
            break
        line += chunk
    return line


def _export(request: dict[str, Any], tell: Any) -> int:
    options = decode(ExportOptions, request["options"])
    register_properties()
    bpy.ops.wm.open_mainfile(filepath=request["snapshot"], load_ui=False, use_scripts=request["trust"])
    if request["original"] and Path(request["original"]).parent != Path(request["snapshot"]).parent:
        remap_bakes(Path(request["original"]))
    scene = bpy.data.scenes[options.scene]
    view_layer = scene.view_layers[options.view_layer]
    artist = decode(Fingerprint, request["fingerprint"])
    found = compared(scene, view_layer, artist, tell)
    if found:
        tell(Message("failed", sentence(found, artist.frame), details=found))
        return DIFFERS
    export = Exporter(scene, view_layer, Path(request["target"]), options, request["overwrite"], snapshot=True)
    for message in export.run():
        tell(message)
    return DONE


def compared(scene: Any, view_layer: Any, artist: Fingerprint, tell: Any) -> list[str]:
    """What differs from the artist's scene at the frame where it stands.

    A simulation that is not baked stands in the artist's Blender either as played up to here or as never played, so the
    copy may be like either: the export plays it in any case.
    """
    scene.frame_set(artist.frame, subframe=artist.subframe)
    found = differences(artist, fingerprint(scene, view_layer))
    frames = preroll(scene, artist.frame)
    if not found or not frames:
        return found
    pace = Pace("simulate", len(frames))
    for number, before in enumerate(frames, 1):
        scene.frame_set(before)
        tell(pace.step(number))
    scene.frame_set(artist.frame, subframe=artist.subframe)
    return differences(artist, fingerprint(scene, view_layer))


def sentence(found: list[str], frame: int) -> str:
    """What differs, and what to do about it."""
    shown = "; ".join(found[:MOST_DIFFERENCES])
    more = len(found) - MOST_DIFFERENCES
    shown += f"; and {more} more" if more > 0 else ""
    return (
        f"A copy of the scene does not stand at frame {frame} as yours does: {shown}. Key what was moved by hand, bake "
        "simulations, keep the functions of drivers in a text that registers itself and allow scripts, or export in place."
    )


def remap_bakes(original: Path) -> None:
    """Bakes of geometry nodes are looked for from the file's folder; Blender does not rewrite these paths on saving."""
    for thing in bpy.data.objects:
        for modifier in thing.modifiers:
            path = getattr(modifier, "bake_directory", "")
            if path.startswith("//"):
                modifier.bake_directory = bpy.path.abspath(path, start=str(original.parent))
