"""What the backends on diffusers add to the pipelines that they call: all of a job's work in a backend against the bare calls.

Tiny pipelines with random weights, so that little else is measured. The bare calls are those that the backend made, with the
same arguments but the callback. Both are made in turn, and the quickest of each are compared: what else the machine does only
ever adds, a tenth of a second here and there. Processor time of one thread. The pipeline makes the foley of a shot whatever the
backend, and hands it over; so does this.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from made_shot import MadeShot

from engine.backends import registry
from engine.backends.diffusing import ltx2_calls, steps
from engine.backends.protocol import Backend, Earlier, Request
from engine.media.passes import Passes
from engine.sound import foley
from sora_addon.contract import Words, read_shot

from .line import Line

sys.path.insert(0, str(Path(__file__).parents[1] / "backends"))
from tiny import audio, ltx2, sana, vace

SHARE, FIXED = 0.03, 0.05
"""Of the bare calls' seconds, and seconds."""
ROUNDS = 9
SEED = 5


@dataclass(frozen=True)
class Case:
    """A backend, its tiny model, and a shot of the model's own size, so that nothing is scaled."""

    name: str
    save: Callable[[Path], None]
    settings: dict[str, Any]
    width: int = 96
    height: int = 64
    frames: int = 17


CASES = (
    Case("wan_vace", vace.save, {"steps": 16, "guidance": 5.0}),
    Case("ltx2", ltx2.save, {"steps": 12, "guidance": 3.0}),
    Case("sana_wm", sana.save, {"steps": 16, "guidance": 5.0, "canvas_width": 96, "canvas_height": 64}),
    Case("stable_audio", audio.save, {"steps": 32}),
)


def lines() -> list[Line]:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        os.environ["SORA_MODELS"] = str(Path(name) / "models")
        return [_line(case, Path(name)) for case in CASES]


def _line(case: Case, home: Path) -> Line:
    case.save(home / "models" / case.name)
    folder = home / f"shot of {case.name}"
    words = Words(prompt="two balls, wind", seed=SEED, backend=case.name, settings=case.settings)
    MadeShot(width=case.width, height=case.height, frames=case.frames, drop=0.3, words=words).write(folder)
    request = _request(folder, home)
    backend = registry.backend(case.name)
    calls: list[tuple[Any, dict[str, Any]]] = []
    with _listening(calls):
        _work(backend, request)
    _bare(calls)
    ours, bare = [], []
    for _ in range(ROUNDS):
        ours.append(_seconds(lambda: _work(backend, request)))
        bare.append(_seconds(lambda: _bare(calls)))
    added, alone = min(ours) - min(bare), min(bare)
    middle = statistics.median(ours) - statistics.median(bare)
    print(f"{case.name}: {1000 * middle:+.0f} ms between the middles of {ROUNDS}", file=sys.stderr)
    told = f"{1000 * added:+.0f} ms ({100 * added / alone:+.1f} %) of {alone:.2f} s"
    what = f"{case.name} over the bare calls of its tiny pipeline"
    return Line(what, "3 % and 50 ms", told, added <= SHARE * alone + FIXED)


def _request(folder: Path, scratch: Path) -> Request:
    shot = read_shot(folder)
    known = registry.capabilities(shot.words.backend)
    before = (
        None if known.makes_picture else Earlier(_nothing(shot.time.frames, shot.size.height, shot.size.width), None)
    )
    bare = Request(shot, Passes(folder, shot), scratch, lambda *_: None, before)
    return replace(bare, preview=lambda number, picture: None, stems=foley(shot))


def _nothing(frames: int, height: int, width: int) -> Any:
    return torch.zeros((frames, height, width, 3), dtype=torch.uint8).numpy()


def _work(backend: Backend, request: Request) -> None:
    for _ in backend.frames(request):
        pass
    backend.sound(request)


def _bare(calls: list[tuple[Any, dict[str, Any]]]) -> None:
    for pipe, arguments in calls:
        pipe(**arguments, generator=torch.Generator("cpu").manual_seed(SEED))


def _seconds(work: Callable[[], None]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


@contextmanager
def _listening(calls: list[tuple[Any, dict[str, Any]]]) -> Iterator[None]:
    """While it lasts, pipelines and what they are called with are added to ``calls``."""
    real = steps.called

    def called(pipe: Any, **arguments: Any) -> Any:
        kept = {name: value for name, value in arguments.items() if name not in ("generator", "callback_on_step_end")}
        calls.append((pipe, kept))
        return real(pipe, **arguments)

    for module in (steps, ltx2_calls):
        module.called = called
    try:
        yield
    finally:
        for module in (steps, ltx2_calls):
            module.called = real
