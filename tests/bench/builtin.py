"""The built-in model: how long it takes and how much it holds, whatever the length, and whether it repeats itself."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from made_shot import MadeShot

from sora_addon.contract import Words, read_shot

from .blender import ROOT
from .line import Line

WORDS = Words(prompt="two balls on tiles at golden hour, birds", seed=5)
SHORT, LONG = 48, 480
"""Frames of 2 s and of 20 s."""
SIZES = {(256, 144): 23.0, (512, 288): 60.0}
"""Seconds that 2 s may take on two cores, warm."""


def lines() -> list[Line]:
    found: list[Line] = []
    with tempfile.TemporaryDirectory() as folder:
        short = {}
        for (width, height), bound in SIZES.items():
            shot = _shot(Path(folder, f"{width}"), width, height, SHORT)
            took = short[width] = _taken(shot)
            told = f"{took['seconds']:.1f} s"
            found.append(
                Line(
                    f"2 s at 24 fps with sound at {width}x{height}, warm",
                    f"{bound:.0f} s",
                    told,
                    took["seconds"] <= bound,
                )
            )
        long = _taken(_shot(Path(folder, "long"), 256, 144, LONG))
        brief = short[256]
        slower = long["seconds"] / LONG / (brief["seconds"] / SHORT)
        more = long["peak"] / brief["peak"]
        found.append(Line("20 s against 2 s: time a frame", "1.05x", f"{slower:.2f}x", slower <= 1.05))
        told = f"{100 * (more - 1):+.1f} %, {long['peak'] / 1e9:.2f} GB"
        found.append(
            Line("20 s against 2 s: peak memory", "+5 %, 1.5 GB", told, more <= 1.05 and long["peak"] <= 1.5e9)
        )
        shot = Path(folder, "256")
        again, other = _taken(shot), _taken(shot, seed=6)
        same = again["hash"] == brief["hash"]
        found.append(
            Line(
                "the same seed again: frames and samples before encoding", "equal", "equal" if same else "differ", same
            )
        )
        off = _flip(brief["middle"], other["middle"])
        found.append(Line("another seed: mean FLIP", "0.03", f"{off:.3f}", off >= 0.03))
        found.append(
            Line("the sampler's share of this machine's conv2d peak", "reported", f"{100 * brief['share']:.0f} %")
        )
    return found


def _shot(folder: Path, width: int, height: int, frames: int) -> Path:
    MadeShot(width=width, height=height, frames=frames, words=WORDS).write(folder)
    return folder


def _taken(shot: Path, seed: int = WORDS.seed) -> dict:
    """In a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "tests.bench.builtin", str(shot), str(seed)]
    paths = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    said = subprocess.run(command, cwd=ROOT, env=os.environ | paths, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(said.stdout.splitlines()[-1])


def _flip(one: list, other: list) -> float:
    from engine.judging.pictures import flip

    first, second = (np.asarray(picture, np.float32) * np.float32(1 / 255) for picture in (one, other))
    return flip(first, second)


def _measure(folder: Path, seed: int) -> dict:
    """Seconds of a whole shot once the model is warm, what it held, and what it made."""
    from engine.backends import registry
    from engine.backends.protocol import Request
    from engine.media.passes import Passes

    shot = read_shot(folder)
    shot = replace(shot, words=replace(shot.words, seed=seed))
    asked = Request(shot, Passes(folder, shot), folder, lambda *_: None)
    backend = registry.backend("builtin")
    next(iter(backend.frames(asked)))
    digest, middle, place = hashlib.sha256(), None, 0
    start = time.perf_counter()
    for place, picture in enumerate(backend.frames(asked)):
        digest.update(picture.tobytes())
        if place == shot.time.frames // 2:
            middle = picture
    sound = backend.sound(asked)
    took = time.perf_counter() - start
    assert sound is not None
    assert middle is not None
    digest.update(sound.tobytes())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {
        "seconds": took, "peak": peak, "hash": digest.hexdigest(), "middle": middle.tolist(), "share": _share()
    }  # fmt: skip


def _share() -> float:
    """Arithmetic a second of a step of the sampler over that of a large 3x3 convolution by itself, as torch does it."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from engine.model.conditioning import CHANNELS, NUMBERS
    from engine.model.folder import from_pretrained
    from engine.model.mood import MOOD
    from engine.model.runner import BUILT_IN, Runner, Shown
    from engine.model.sizes import places
    from engine.model.told import told

    def flops(work: Callable[[], object]) -> int:
        with torch.inference_mode(), FlopCounterMode(display=False) as counted:
            work()
        return counted.get_total_flops()

    def seconds(work: Callable[[], object]) -> float:
        with torch.inference_mode():
            work()
            start = time.perf_counter()
            for _ in range(3):
                work()
        return (time.perf_counter() - start) / 3

    network, runner = from_pretrained(BUILT_IN), Runner(BUILT_IN)
    frames, height, width, random = 16, 72, 128, np.random.default_rng(1)
    planes = random.random((frames, CHANNELS, height, width), np.float32)
    rows = np.zeros((frames, height, width), np.int64)
    words = random.standard_normal((4, network.config.word_width)).astype(np.float32)
    numbers, mel = np.zeros(NUMBERS, np.float32), np.zeros((network.config.mels, 8 * frames), np.float32)
    noise = random.standard_normal((frames, 3, height, width), np.float32)
    what = told(
        torch.from_numpy(planes), torch.from_numpy(rows), [words[:1]], [words], [0], numbers[None],
        torch.from_numpy(mel[None]), pool=1,
    )  # fmt: skip
    place = np.broadcast_to(places(height, width, 1), (frames, 2, height, width))
    small = Shown(planes, rows, place, words[:1], words, 0, numbers, np.zeros(MOOD, np.float32), mel, 1)
    given = torch.from_numpy(noise), torch.from_numpy(mel[None]), torch.ones(1)
    step = flops(lambda: network.predict(what, network.stem(what), *given))
    layer = torch.nn.Conv2d(96, 96, 3, padding=1)
    layer.weight.data = layer.weight.data.contiguous(memory_format=torch.channels_last)
    picture = torch.rand(frames, 96, height, width).to(memory_format=torch.channels_last)
    peak = flops(lambda: layer(picture)) / seconds(lambda: layer(picture))
    return step / seconds(lambda: runner.step(small, noise, mel, 1.0)) / peak


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]), int(sys.argv[2]))))
