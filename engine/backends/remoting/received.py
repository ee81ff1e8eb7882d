"""A clip that came from a server, read by whatever FFmpeg knows; it is believed only where it is what was asked for."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from sora_addon.contract import SAMPLE_RATE, ContractError

from ...controls.conform import Fit
from ...controls.sound import samples_out

FIELD = "remote"
MEND = "look at the server's log, and at what 'serves' says it is"


def read_pictures(clip: Path, fit: Fit, store: Path) -> NDArray[np.uint8]:
    """(frames, height, width, 3) sRGB of the model's grid, on disk at ``store``.

    Raises ContractError where the clip holds fewer frames or another size than was asked for, or is none.
    """
    made = np.memmap(store, np.uint8, "w+", shape=(fit.frames, fit.height, fit.width, 3))
    count = 0
    try:
        # as a file and as MP4 alone: a playlist in a clip's clothes could have FFmpeg read anything
        with av.open(f"file:{clip}", format="mp4", metadata_errors="replace") as container:
            if not container.streams.video:
                raise ContractError(FIELD, "the server's clip has no picture", MEND)
            for frame in container.decode(container.streams.video[0]):
                if (frame.width, frame.height) != (fit.width, fit.height):
                    raise ContractError(
                        FIELD,
                        f"the server made {frame.width}x{frame.height}, {fit.width}x{fit.height} was asked for",
                        "say with 'side_step' which sides its model makes",
                    )
                if count < fit.frames:
                    made[count] = frame.to_ndarray(format="rgb24")
                count += 1
    except FFmpegError as error:
        raise ContractError(FIELD, f"the server's clip cannot be read ({error.strerror})", MEND) from error
    if count < fit.frames:
        raise ContractError(
            FIELD,
            f"the server made {count} frames, {fit.frames} were asked for",
            "say with 'frame_step' and 'frame_offset' which counts its model makes",
        )
    return made


def read_sound(clip: Path, fit: Fit, samples: int) -> NDArray[np.float32] | None:
    """(samples, 2) at 48 kHz on the shot's clock; None where the clip is silent. Raises ContractError."""
    blocks: list[NDArray[np.float32]] = []
    rate = 0
    try:
        with av.open(f"file:{clip}", format="mp4", metadata_errors="replace") as container:
            if not container.streams.audio:
                return None
            stream = container.streams.audio[0]
            resampler = av.AudioResampler(format="fltp")
            heard = 0.0
            for frame in container.decode(stream):
                rate = frame.sample_rate
                if frame.time is not None and frame.time < 0:
                    continue  # priming, which an edit list cuts off
                blocks.extend(np.asarray(block.to_ndarray(), np.float32) for block in resampler.resample(frame))
                heard += frame.samples / rate
                if heard * SAMPLE_RATE > 2 * samples + SAMPLE_RATE:
                    break  # more than is kept whatever the stretch
    except FFmpegError as error:
        raise ContractError(FIELD, f"the sound of the server's clip cannot be read ({error.strerror})", MEND) from error
    if not blocks:
        return None
    sound = np.concatenate(blocks, axis=1).T
    if not np.isfinite(sound).all():
        raise ContractError(FIELD, "the sound of the server's clip is not finite", MEND)
    return samples_out(sound, rate, samples, fit.stretch)
