"""The verbs of ``python -m sora_addon`` and of ``blender --command sora``: export a shot, generate a take.

Both open a scene in a process that ends afterwards, so they export it right there; no snapshot is needed.
"""

from __future__ import annotations

import argparse
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from types import FrameType
from typing import Any

import bpy

from .client.engine import NoEngine, engine_python, run_engine
from .client.memory import give_back
from .contract import TAKE_FILE, ContractError, Size, Words
from .export.options import ExportOptions, options_of
from .export.preflight import Plan, Refused, insist
from .export.progress import Message
from .export.replace import check_replaceable, fresh_name, put_in_place
from .export.scene_files import NoScene, open_scene
from .export.scene_properties import register_properties

DONE, FAILED, BAD_INPUT, CANCELLED = 0, 1, 2, 130
NAME = "sora"


def main(arguments: list[str]) -> int:
    """Run a verb on a scene file; the exit code is 0 done, 2 bad input, 1 failed, 130 cancelled."""
    return _run(_parser("python -m sora_addon", scene=True), arguments)


def _in_blender(arguments: list[str]) -> int:
    """Run a verb on the scene that Blender has open."""
    return _run(_parser("blender -b SCENE.blend --command sora", scene=False), arguments)


_registered: list[Any] = []


def register_command() -> None:
    """Let ``blender --command sora`` know the verbs."""
    _registered.append(bpy.utils.register_cli_command(NAME, _in_blender))


def unregister_command() -> None:
    while _registered:
        bpy.utils.unregister_cli_command(_registered.pop())


def _parser(program: str, scene: bool) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=program, description="From a blocked scene to a clip with sound.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    export = verbs.add_parser("export", help="write the shot of a scene", description="Write the shot of a scene.")
    export.set_defaults(verb=_export)
    generate = verbs.add_parser(
        "generate",
        help="write the shot and make a take of it",
        description="Write the shot of a scene to DIR/shot and make a take of it in DIR/take.",
    )
    generate.add_argument("--backend", default="builtin", help="what makes the picture (default: builtin)")
    generate.set_defaults(verb=_generate)
    lay = verbs.add_parser(
        "lay",
        help="lay a take in the scene's timeline",
        description="Lay a take in the scene's timeline and save the result as another file.",
    )
    lay.set_defaults(verb=_lay)
    for verb in (export, generate, lay):
        if scene:
            verb.add_argument(
                "file", type=Path, metavar="SCENE", help=".blend, .glb, .gltf, .usd, .usda, .usdc or .usdz"
            )
            verb.add_argument("--trust", action="store_true", help="let the file run its own scripts and drivers")
            verb.add_argument(
                "--fps", type=_rate, metavar="R", help="frames a second of an imported scene (default: 24)"
            )
    lay.add_argument("take", type=Path, metavar="TAKE", help="the take folder")
    lay.add_argument("--out", type=Path, required=True, metavar="FILE", help="the .blend to write")
    lay.add_argument(
        "--render", type=Path, metavar="MP4", help="render the take's part of the timeline to this film too"
    )
    lay.add_argument(
        "--view",
        choices=("standard", "leave"),
        default="standard",
        help="show the scene with the Standard view, so that clips look as in a player, or leave its view as it is",
    )
    for verb in (export, generate):
        verb.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the result goes")
        verb.add_argument("--overwrite", action="store_true", help="replace an earlier result there")
        verb.add_argument("--frames", type=_frames, metavar="A-B", help="first and last frame (default: the scene's)")
        verb.add_argument("--size", type=_size, metavar="WxH", help="pixels (default: the scene's)")
        verb.add_argument("--camera", metavar="NAME", help="look through this object (default: the scene's camera)")
        verb.add_argument("--prompt", default="", help="what the clip shows, in words")
        verb.add_argument("--negative", default="", help="what it must not show")
        verb.add_argument("--style", default="", help="the look")
        verb.add_argument("--seed", type=int, default=0, help="another seed, another take (default: 0)")
    return parser


def _frames(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(-?\d+)(?:(?:-|:|\.\.)(-?\d+))?", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not a range of frames such as 1-48 (or --frames=-5:10)")
    return int(found[1]), int(found[2] or found[1])


def _rate(text: str) -> Fraction:
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 1 <= rate <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a rate between 1 and 1000 such as 25, 23.976 or 24000/1001")
    return rate


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)[xX](\d+)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 512x288")
    return int(found[1]), int(found[2])


def _run(parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    try:
        chosen = parser.parse_args(arguments)
    except SystemExit as end:  # argparse has said what is wrong; Blender must see a code, not an exception
        return int(end.code or 0)
    try:
        with _interrupts():
            register_properties()
            return chosen.verb(chosen)
    except (Refused, NoScene, NoEngine) as error:
        return _say(error, BAD_INPUT)
    except (ContractError, RuntimeError, OSError) as error:
        return _say(error, FAILED)
    except KeyboardInterrupt:
        return _say("cancelled; nothing was kept", CANCELLED)


def _say(what: object, code: int) -> int:
    for line in str(what).splitlines():
        print(f"{NAME}: {line}", file=sys.stderr, flush=True)
    return code


@contextmanager
def _interrupts() -> Iterator[None]:
    """Ctrl-C and a kill end the work in order. Blender catches the first for itself where nobody says otherwise."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def _export(chosen: argparse.Namespace) -> int:
    _write_shot(chosen, chosen.out)
    print(chosen.out)
    return DONE


def _generate(chosen: argparse.Namespace) -> int:
    engine_python()  # better refused now than after the export
    shot, take = chosen.out / "shot", chosen.out / "take"
    if take.exists() and not chosen.overwrite:
        raise ContractError(str(take), "exists already", "choose another folder, or give --overwrite")
    check_replaceable(take, TAKE_FILE)
    _write_shot(chosen, shot)
    made = fresh_name(take) if take.exists() else take
    give_back()  # the engine works beside this process
    code = run_engine(["generate", str(shot.absolute()), "--backend", chosen.backend, "--out", str(made.absolute())])
    if code == DONE and made != take:
        put_in_place(made, take)
    return code


def _lay(chosen: argparse.Namespace) -> int:
    from .sequencer.lay import lay
    from .sequencer.render import render_sequence
    from .sequencer.signing import start

    _open(chosen)
    out = chosen.out.absolute()
    if out.suffix != ".blend":
        raise ContractError(str(chosen.out), "is no .blend", "let the name end in .blend")
    out.parent.mkdir(parents=True, exist_ok=True)
    scene = bpy.context.scene
    laid = lay(scene, chosen.take.absolute(), view=chosen.view)
    bpy.ops.wm.save_as_mainfile(filepath=str(out), check_existing=False)
    print(chosen.out)
    if chosen.render is not None:
        start()  # outside Blender nothing is registered that would sign what is rendered
        render_sequence(scene, chosen.render.absolute(), laid.start, laid.end - 1)
        print(chosen.render)
    return DONE


def _open(chosen: argparse.Namespace) -> None:
    """Open the scene file that the command names; inside Blender the scene is open already."""
    if "file" in chosen:
        for note in open_scene(chosen.file, chosen.trust, chosen.fps):
            _say(note, DONE)


def _write_shot(chosen: argparse.Namespace, target: Path) -> None:
    from .export.exporter import Exporter  # shaders and solvers: Blender's start, which imports this file, needs none

    _open(chosen)
    scene, view_layer = bpy.context.scene, bpy.context.view_layer
    options = _options(chosen, scene, view_layer)
    target = target.absolute()
    for warning in insist(Plan(scene, view_layer, options, target, in_place=True, overwrite=chosen.overwrite)):
        _say(warning, DONE)
    with _shown() as show:
        for message in Exporter(scene, view_layer, target, options, chosen.overwrite).run():
            show(message)


def _options(chosen: argparse.Namespace, scene: Any, view_layer: Any) -> ExportOptions:
    changes: dict[str, Any] = {"camera": chosen.camera}
    if chosen.frames:
        changes["first"], changes["last"] = chosen.frames
    if chosen.size:
        width, height = chosen.size
        changes["size"] = Size(width, height, scene.render.pixel_aspect_x / scene.render.pixel_aspect_y)
    changes["words"] = Words(
        prompt=chosen.prompt,
        negative=chosen.negative,
        style=chosen.style,
        seed=chosen.seed,
        backend=getattr(chosen, "backend", ""),
    )
    return options_of(scene, view_layer, **changes)


@contextmanager
def _shown() -> Iterator[Any]:
    """Progress as a bar that rewrites its line on a terminal; elsewhere only what is worth keeping is printed."""
    bar = sys.stderr.isatty()

    def show(message: Message) -> None:
        if message.kind == "progress":
            if bar:
                left = "" if message.seconds_left is None else f" {message.seconds_left:.0f} s left"
                print(
                    f"\r\033[K{message.stage} {message.step}/{message.total}{left}", end="", file=sys.stderr, flush=True
                )
        elif message.kind == "warning":
            _say(("\n" if bar else "") + message.text, DONE)

    try:
        yield show
    finally:
        if bar:
            print(file=sys.stderr)
