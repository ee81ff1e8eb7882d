"""The installer from a terminal: ``python -m sora_addon.install install ROOT``."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from .edition import CannotInstall, this_edition
from .install import fetch, install, repair
from .meter import Progress
from .places import state
from .plan import Plan, make_plan
from .processes import Stopped
from .upkeep import remove, verify

DONE, FAILED, CANCELLED = 0, 1, 130


def main(arguments: list[str] | None = None) -> int:
    """Run a verb; the exit code is 0 done, 1 failed, 130 cancelled."""
    chosen = _parser().parse_args(arguments)
    cancel = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: cancel.set())
    try:
        return _do(chosen, cancel)
    except CannotInstall as error:
        print(f"install: {error}", file=sys.stderr)
        return FAILED
    except Stopped:
        print("install: cancelled; the same command goes on from here", file=sys.stderr)
        return CANCELLED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="install", description="Makes and keeps the engine's environment.")
    parser.add_argument("verb", choices=["plan", "install", "repair", "verify", "remove", "state", "wheels"])
    parser.add_argument("root", type=Path, metavar="ROOT", help="the folder of environments")
    parser.add_argument("--python", type=Path, help="the Python to make it from (default: the first that will do)")
    parser.add_argument(
        "--wheels", type=Path, metavar="DIR", help="take the wheels from here; with 'wheels': put them here"
    )
    parser.add_argument("--with-models", action="store_true", help="with what larger models need (torch)")
    return parser


def _do(chosen: argparse.Namespace, cancel: threading.Event) -> int:
    edition, root = this_edition(), chosen.root.absolute()
    if chosen.verb == "state":
        found = state(root, edition)
        print(found.kind, found.record.problem if found.record else "")
        return DONE
    if chosen.verb == "remove":
        remove(root)
        return DONE
    if chosen.verb == "verify":
        sentence = verify(root, edition, cancel)
        print(sentence or "whole")
        return FAILED if sentence else DONE
    parts = ("core", "model") if chosen.with_models else ("core",)
    source = chosen.wheels.absolute() if chosen.wheels and chosen.verb != "wheels" else None
    plan = make_plan(edition, [sys.executable], chosen.python, source, parts)
    _say(plan)
    if chosen.verb == "plan":
        return DONE
    if chosen.verb == "wheels":
        if chosen.wheels is None:
            raise CannotInstall("'wheels' needs --wheels DIR to put them in.")
        fetch(root, plan, chosen.wheels.absolute(), _show, cancel)
        return DONE
    done = {"install": install, "repair": repair}[chosen.verb](root, plan, _show, cancel, source)
    print(done)
    return DONE


def _say(plan: Plan) -> None:
    for note in plan.notes:
        print(note, file=sys.stderr)
    print(f"Python {plan.python_version} ({' '.join(plan.python)})", file=sys.stderr)
    size = f"{plan.download / 1e6:.0f} MB to download, about {plan.disk / 1e6:.0f} MB on disk"
    print(f"{len(plan.picks)} packages, {size}", file=sys.stderr)


def _show(progress: Progress) -> None:
    words = f"{progress.share:4.0%} {progress.stage} {progress.package} {progress.seconds_left:.0f} s left"
    print(f"\r{words:<70}", end="\n" if progress.stage == "whole" else "", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
