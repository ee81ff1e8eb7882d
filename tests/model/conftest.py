"""A network of no size, and clips made without Blender."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from made_shot import MadeShot

from engine.media.exr import write_frames_exr
from engine.media.passes import Passes
from engine.media.sound_file import write_sound
from engine.model.conditioning import CHANNELS, NUMBERS
from engine.model.folder import save_pretrained
from engine.model.graphs import write_graphs
from engine.model.network import Config, Network
from engine.model.told import told as tell
from engine.training.cache import Kept, kept
from sora_addon.contract import Words, read_shot

LITTLE = Config(widths=(8, 8, 8, 10), code=16, sound=8, fine=8)
PROMPT = "two balls at night in the rain"


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def little_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The little network as a model's folder."""
    folder = tmp_path_factory.mktemp("little") / "model"
    network = a_little()
    save_pretrained(network, folder)
    write_graphs(network, folder)
    return folder


@pytest.fixture
def little() -> Network:
    return a_little()


def a_little() -> Network:
    """With weights that are not at their first values, so that every part has a say."""
    torch.manual_seed(3)
    network = Network(LITTLE).channels_last().eval()
    with torch.no_grad():
        for weights in network.parameters():
            weights.add_(0.1 * torch.randn_like(weights))
    return network


def some_told(clips: int = 1, frames: int = 3, height: int = 32, width: int = 48, seed: int = 0):  # noqa: ANN201
    random = np.random.default_rng(seed)
    values = np.rint(255 * random.random((clips * frames, CHANNELS, height, width), np.float32)) / np.float32(255)
    planes = torch.from_numpy(values)  # bytes, as what is told is kept
    rows = torch.from_numpy(random.integers(0, 2, (clips * frames, height, width)).astype(np.uint8))
    states = [random.standard_normal((4 + clip, 384)).astype(np.float32) for clip in range(clips)]
    texts = [random.standard_normal((2, 384)).astype(np.float32) for _ in range(clips)]
    mel = torch.from_numpy(random.standard_normal((clips, 64, 8 * frames)).astype(np.float32))
    numbers = random.random((clips, NUMBERS)).astype(np.float32)
    return tell(planes, rows, texts, states, list(range(clips)), numbers, mel)


@pytest.fixture(scope="session")
def made_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip folder as 'engine data make' leaves it: the truth is the guide, darker and warmer."""
    folder = tmp_path_factory.mktemp("data") / "look" / "3"
    made = MadeShot(width=64, height=48, frames=3, words=Words(prompt=PROMPT, seed=1))
    made.write(folder / "shot")
    shot = read_shot(folder / "shot")
    passes = Passes(folder / "shot", shot)
    (folder / "truth").mkdir()
    for number in range(shot.time.first, shot.time.last + 1):
        preview = passes.frame(number)["preview"]
        write_frames_exr(folder / "truth" / f"frame_{number:07d}.exr", preview * np.array([0.7, 0.5, 0.4], np.float32))
    noise = np.random.default_rng(1).standard_normal((shot.time.samples, 2)).astype(np.float32)
    write_sound(folder / "truth" / "sound.wav", noise * np.float32(0.02))
    document = {
        "seed": 3,
        "bodies": [],
        "hour": "night",
        "air": "rain",
        "styles": ["cinematic", "cartoon", "noir"],
        "extra": {"air": {}},
    }
    (folder / "clip.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def made_kept(made_clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return kept(made_clip, tmp_path_factory.mktemp("cache"))
