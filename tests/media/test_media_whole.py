"""Files are whole or absent, whatever stops their writing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.media.clip import write_clip
from engine.media.exr import write_frames_exr
from engine.media.sound_file import write_sound
from sora_addon.contract import Size

NOISE = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
SOUND = np.zeros((100_000, 2), np.float32)


def write_noise(folder: Path) -> None:
    write_clip(folder / "clip.mp4", [NOISE] * 50, SOUND, Fraction(24), Size(64, 64))


def write_silence(folder: Path) -> None:
    write_sound(folder / "sound.wav", SOUND)


def write_picture(folder: Path) -> None:
    write_frames_exr(folder / "frame.exr", np.random.default_rng(0).random((128, 128, 3)).astype(np.float32))


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on the size of files stands for a full disk")
@pytest.mark.parametrize("write", [write_noise, write_silence, write_picture])
def test_a_full_disk_is_an_os_error(tmp_path: Path, write: Callable[[Path], None]) -> None:
    import resource
    import signal

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(OSError, match=r"File too large|cannot be written"):
            write(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("made", [0, 1, 30])
def test_a_cancelled_clip_leaves_nothing(tmp_path: Path, made: int) -> None:
    class Cancelled(Exception):
        pass

    def frames() -> Iterator[NDArray[np.uint8]]:
        for _ in range(made):
            yield NOISE
        raise Cancelled

    with pytest.raises(Cancelled):
        write_clip(tmp_path / "clip.mp4", frames(), SOUND, Fraction(24), Size(64, 64))
    assert list(tmp_path.iterdir()) == []
