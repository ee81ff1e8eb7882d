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
    import torch

    from engine.backends import registry
    from engine.backends.protocol import Request
    from engine.media.passes import Passes

    torch.set_num_threads(2)
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
    """Arithmetic a second of a step of the sampler over that of a large 3x3 convolution by itself."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from engine.model.conditioning import CHANNELS, NUMBERS
    from engine.model.folder import BUILT_IN, from_pretrained
    from engine.model.told import told

    def rate(work) -> float:
        with torch.inference_mode():
            with FlopCounterMode(display=False) as counted:
                work()
            start = time.perf_counter()
            for _ in range(3):
                work()
        return 3 * counted.get_total_flops() / (time.perf_counter() - start)

    network = from_pretrained(BUILT_IN)
    frames, random = 16, np.random.default_rng(1)
    words = random.standard_normal((4, network.config.word_width)).astype(np.float32)
    what = told(
        torch.rand(frames, CHANNELS, 144, 256), torch.zeros(frames, 144, 256, dtype=torch.long), [words[:1]], [words], [0],
        np.zeros((1, NUMBERS), np.float32), torch.zeros(1, network.config.mels, 8 * frames),
    )  # fmt: skip
    noise, mel = torch.randn(frames, 3, 72, 128), torch.randn(1, network.config.mels, 8 * frames)
    now = torch.ones(1)
    with torch.inference_mode():
        stem = network.stem(what)
    layer = torch.nn.Conv2d(96, 96, 3, padding=1)
    layer.weight.data = layer.weight.data.contiguous(memory_format=torch.channels_last)
    picture = torch.rand(16, 96, 72, 128).to(memory_format=torch.channels_last)
    return rate(lambda: network(what, stem, noise, mel, now)) / rate(lambda: layer(picture))


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]), int(sys.argv[2]))))
