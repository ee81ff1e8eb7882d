"""Looks for the mark in a file, whatever has become of it.

A false reading needs a word that passes the CRC by chance: at most ``TRIES`` (12) words are held against it for one file,
each passes with 2^-24, so the probability is at most 12 x 2^-24 = 7.2e-7, whatever the file holds.
"""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from sora_addon.contract.shot import LARGEST_SIZE

from .carrier import Reading
from .code import decoded
from .picture import READINGS, Slices, read_slices
from .sound import read_samples

TRIES = 2 * READINGS + 4
"""Words that are held against the CRC at most: of the picture, of the sound, and of both together, which carry the same."""
CHANCE = 2.5
"""Standard deviations of a pilot that is not there, about."""
LONGEST = 60.0
"""Seconds that are looked at."""


def read_mark(path: Path) -> str | None:
    """The 12 digits that the file's picture or sound carries, or None. Files that cannot be read carry none."""
    if path.suffix.lower() == ".png":
        return None  # a mark needs two seconds at least
    try:
        slices, sound, rate = _decode(path)
    except (FFmpegError, OSError, ValueError, cv2.error):
        return None
    pictures = read_slices(slices)
    sounds = read_samples(sound, rate) if len(sound) else []
    both = [_together(picture, heard) for picture, heard in zip(pictures, sounds, strict=False)]
    readings = [*pictures, *sounds, *both]
    assert len(readings) <= TRIES
    return next((mark for reading in readings if (mark := decoded(reading.soft)) is not None), None)


def _together(one: Reading, other: Reading) -> Reading:
    """Either weighs by how far its pilot stands out of what chance would reach."""
    weights = [max(reading.height - CHANCE, 0.3) for reading in (one, other)]
    soft = weights[0] * one.soft + weights[1] * other.soft
    return Reading(max(one.height, other.height), soft)


def _decode(path: Path) -> tuple[Slices, NDArray[np.float32], int]:
    """Frames on their way into slices, and (N, 2) samples with their rate."""
    slices, blocks, rate = Slices(), [], 0
    with av.open(f"file:{path}", format={".mp4": "mp4", ".wav": "wav"}.get(path.suffix.lower())) as container:
        streams = [*container.streams.video[:1], *container.streams.audio[:1]]
        resampler = av.AudioResampler(format="fltp", layout="stereo")
        for frame in container.decode(*streams):
            if frame.time is not None and frame.time > LONGEST:
                break
            if isinstance(frame, av.VideoFrame):
                if max(frame.width, frame.height) > LARGEST_SIZE or min(frame.width, frame.height) < 16:
                    raise ValueError("the picture is too large or too small")
                slices.add(np.asarray(frame.to_ndarray(format="gray"), np.uint8), frame.time or 0.0)
            elif isinstance(frame, av.AudioFrame):
                rate = frame.sample_rate
                blocks += [block.to_ndarray() for block in resampler.resample(frame)]
    sound = np.concatenate(blocks, axis=1).T if blocks else np.zeros((0, 2), np.float32)
    return slices, np.ascontiguousarray(sound, np.float32), rate
