"""Sound on disk: WAV of 32-bit float samples at 48 kHz, stereo.

Floats, because they come back as they were: the samples of the file are those that take.json holds the hash of, Blender
plays them to the bit, and a stem that is louder than full scale is not clipped. The header is written here because
libsndfile puts the hour into float files; these bytes are the same each time.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from sora_addon.contract import SAMPLE_RATE, ContractError

from .whole import whole_file

IEEE_FLOAT = 3
FRAME_BYTES = 8
"""Two channels of 32 bits."""
SUBTYPES = ("PCM_16", "PCM_24", "PCM_32", "FLOAT")


def write_sound(path: Path, samples: NDArray[np.float32]) -> None:
    """Write (N, 2) float32 samples, beside and renamed; ``read_sound`` gives the same back.

    The layout is that of "Multimedia Programming Interface and Data Specifications 1.0" with the fact chunk that formats
    other than PCM need. Raises ValueError for another shape, a value that is not finite or more than 4 GB, and OSError
    where it cannot be written.
    """
    if samples.ndim != 2 or samples.shape[1] != 2 or not np.isfinite(samples).all():
        raise ValueError(f"samples of the shape {samples.shape} are not (N, 2) finite numbers")
    length = len(samples) * FRAME_BYTES
    form = struct.pack("<HHIIHHH", IEEE_FLOAT, 2, SAMPLE_RATE, SAMPLE_RATE * FRAME_BYTES, FRAME_BYTES, 32, 0)
    chunks = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    chunks += b"fact" + struct.pack("<II", 4, len(samples))
    chunks += b"data"
    whole = len(chunks) + 4 + length
    if whole >= 2**32:
        raise ValueError(f"{len(samples)} samples are more than a WAV holds")
    with whole_file(path) as partial, partial.open("wb") as file:
        file.write(b"RIFF" + struct.pack("<I", whole) + chunks + struct.pack("<I", length))
        file.write(np.ascontiguousarray(samples, "<f4").data)


def read_sound(path: Path) -> tuple[NDArray[np.float32], int]:
    """(N, 2) float32 samples of a WAV and their rate; one channel is given on both sides.

    Raises ContractError, naming the file, where it is not a plain WAV of one or two channels, or holds no numbers.
    """
    try:
        with soundfile.SoundFile(path) as file:
            if file.format not in ("WAV", "WAVEX") or file.subtype not in SUBTYPES:
                raise ContractError(path.name, f"is {file.format} {file.subtype}", "give a WAV of PCM or float samples")
            if file.channels > 2:
                raise ContractError(path.name, f"has {file.channels} channels", "give stereo")
            if file.frames > path.stat().st_size:
                raise ContractError(path.name, "says that it is longer than it is", "make it again")
            samples = file.read(dtype="float32", always_2d=True)
            rate = file.samplerate
    except soundfile.LibsndfileError as error:
        raise ContractError(path.name, f"cannot be read as a sound ({error.error_string})", "make it again") from error
    if not np.isfinite(samples).all():
        raise ContractError(path.name, "holds samples that are not numbers", "make it again")
    return np.ascontiguousarray(np.broadcast_to(samples, (len(samples), 2)), np.float32), rate
