"""What Blender makes of a clip and its sound: strips of one length, the same frames, the same samples."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from engine.media.clip import write_clip
from engine.media.sound_file import read_sound, write_sound
from sora_addon.contract import Size, samples_of

ROOT = Path(__file__).resolve().parents[2]
ADDON_PYTHON = Path(
    os.environ.get("SORA_ADDON_PYTHON", ROOT / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
)
SCRIPT = Path(__file__).with_name("lay_in_blender.py")

pytestmark = pytest.mark.skipif(not ADDON_PYTHON.is_file(), reason=f"no Blender wheel at {ADDON_PYTHON}")


def smooth_picture(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """Soft colours, and a bar that stands elsewhere in every frame."""
    row, column = np.mgrid[0:height, 0:width]
    red = 128 + 90 * np.sin(column / 17.0)
    green = 128 + 90 * np.sin(row / 13.0 + column / 40.0)
    picture = np.stack([red, green, 60 + column * 120 / width], axis=-1).astype(np.uint8)
    picture[height // 2 :, number * 4 : number * 4 + 4] = 235
    return picture


def decibels(wanted: NDArray[np.uint8], got: NDArray[Any]) -> float:
    """Peak signal-to-noise ratio."""
    return float(10 * np.log10(255**2 / np.mean((wanted.astype(float) - got) ** 2)))


@pytest.mark.parametrize(
    ("rate", "fps", "base", "width", "height"),
    [
        (Fraction(24), "24", "1", 128, 72),
        (Fraction(30000, 1001), "30", "1.001", 128, 72),
        (Fraction(24), "24", "1", 127, 71),
    ],
)
def test_a_take_in_the_sequencer(tmp_path: Path, rate: Fraction, fps: str, base: str, width: int, height: int) -> None:
    frames = 29
    pictures = [smooth_picture(i, width, height) for i in range(frames)]
    samples = np.random.default_rng(4).uniform(-0.5, 0.5, (samples_of(frames, rate), 2)).astype(np.float32)
    write_clip(tmp_path / "clip.mp4", pictures, samples, rate, Size(width, height))
    write_sound(tmp_path / "sound.wav", samples)
    asked = [0, 1, 14, 27, 28]
    files = [str(tmp_path / "clip.mp4"), str(tmp_path / "sound.wav")]
    arguments = [*files, fps, base, str(width), str(height), str(tmp_path), *map(str, asked)]
    blender = subprocess.run(
        [str(ADDON_PYTHON), str(SCRIPT), *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    assert blender.returncode == 0, blender.stderr[-2000:]
    seen = json.loads((tmp_path / "seen.json").read_text())
    assert (seen["film"], seen["sound"]) == (frames, frames)
    assert seen["rate"] == pytest.approx(float(rate), rel=1e-6)
    np.testing.assert_array_equal(np.load(tmp_path / "samples.npy"), read_sound(tmp_path / "sound.wav")[0])
    for frame in asked:
        shown = cv2.imread(str(tmp_path / f"{frame}.png"))
        assert shown is not None
        levels = [decibels(picture, shown[..., ::-1]) for picture in pictures]
        assert int(np.argmax(levels)) == frame
        assert levels[frame] > 38.0
        print(f"{float(rate):.3f} {width}x{height} frame {frame}: {levels[frame]:.1f} dB", file=sys.stderr)
