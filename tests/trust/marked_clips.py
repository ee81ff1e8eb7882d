"""Clips to mark and to ill-treat: made by seed, of every kind that is hard for one reason or another."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from engine.media.clip import write_clip
from engine.trust.mark.picture import mark_frames
from engine.trust.mark.sound import mark_samples
from sora_addon.contract import Size

RATE = Fraction(24)
WIDTH, HEIGHT, FRAMES = 512, 288, 120
MOVES = ("still", "pan", "zoom", "shake", "thing")
LOOKS = ("clouds", "tiles", "sky", "dark", "busy")


def made_frames(seed: int, frames: int = FRAMES, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """(F, H, W, 3): one of five looks under one of five moves, with grain in every second clip."""
    dice = np.random.default_rng(seed)
    look, move = LOOKS[seed % 5], MOVES[seed // 5 % 5]
    big = _look(look, dice, 2 * width, 2 * height)
    speed = dice.uniform(0.3, 2.0)
    grain = dice.normal(0.0, 1.5, (height, width, 3)).astype(np.float32)
    out = np.empty((frames, height, width, 3), np.uint8)
    for number in range(frames):
        x, y, scale = width / 2, height / 2, 1.0
        if move == "pan":
            x, y = width * 0.1 + speed * number * width / 512, height / 2 + 0.3 * speed * number * height / 288
        elif move == "zoom":
            scale = 1.0 + 0.002 * speed * number
        elif move == "shake":
            x, y = x + 3 * np.sin(number * 0.7 * speed), y + 2 * np.cos(number * 0.9 * speed)
        way = np.array([[1 / scale, 0, x], [0, 1 / scale, y]], np.float32)
        frame = cv2.warpAffine(big, way, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        if move == "thing":
            place = (int(width * (0.2 + 0.6 * number / frames)), int(height * (0.5 + 0.3 * np.sin(number / 9))))
            cv2.circle(frame, place, height // 6, tuple(float(c) for c in big[0, 0] * 0.3 + 90), -1)
        if seed % 2:
            frame = frame + np.roll(grain, tuple(dice.integers(0, height, 2)), (0, 1))
        out[number] = np.clip(frame, 0, 255)
    return out


def made_samples(seed: int, frames: int = FRAMES) -> NDArray[np.float32]:
    """(N, 2): a room's tone with blows, steps of noise or chords in it."""
    dice = np.random.default_rng(seed + 10_000)
    count = int(frames / RATE * 48_000)
    spectrum = np.fft.rfft(dice.normal(size=(count, 2)), axis=0)
    tone = np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 20.0)[:, None], count, axis=0)
    sound = tone / tone.std() * 10 ** (dice.uniform(-55, -35) / 20)
    seconds = np.arange(count) / 48_000
    for _ in range(int(dice.integers(2, 9))):
        after = np.clip(seconds - dice.uniform(0, frames / float(RATE)), 0, None)
        ring = np.exp(-after * dice.uniform(3, 30)) * (after > 0)
        pitch = dice.uniform(200, 3000)
        blow = ring * (np.sin(2 * np.pi * pitch * after) + dice.normal(0, 0.5, count)) * dice.uniform(0.02, 0.3)
        sound += blow[:, None] * dice.uniform(0.5, 1.0, 2)
    return np.clip(sound, -0.9, 0.9).astype(np.float32)


def marked(seed: int, mark: str, path: Path, frames: int = FRAMES, width: int = WIDTH, height: int = HEIGHT) -> float:
    """Write a marked clip; the decibels of PSNR that the mark left of the frames."""
    picture, sound = made_frames(seed, frames, width, height), made_samples(seed, frames)
    before = picture.copy()
    mark_frames(picture, mark, RATE)
    mark_samples(sound, mark)
    error = np.mean([np.mean((a.astype(np.float32) - b) ** 2) for a, b in zip(picture, before, strict=True)])
    write_clip(path, picture, sound, RATE, Size(picture.shape[2], picture.shape[1]))
    return float(10 * np.log10(255.0**2 / error))


def unmarked(seed: int, path: Path) -> None:
    """Write a clip that was never marked, coded fast."""
    with av.open(str(path), "w") as made:
        stream = made.add_stream("libx264", rate=RATE, options={"crf": "20", "preset": "veryfast", "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        voice = made.add_stream("aac", rate=48_000, layout="stereo")
        for picture in made_frames(seed):
            made.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        made.mux(stream.encode(None))
        block = av.AudioFrame.from_ndarray(np.ascontiguousarray(made_samples(seed).T), format="fltp", layout="stereo")
        block.sample_rate = 48_000
        made.mux(voice.encode(block))
        made.mux(voice.encode(None))


def ill_treated(
    source: Path,
    target: Path,
    quality: int = 16,
    scale: float = 1.0,
    crop: float = 1.0,
    rate: Fraction | None = None,
    audio: int = 256_000,
) -> None:
    """Code a clip anew: x264 at that rate factor, scaled, cut in the middle, at another rate, with AAC of that many bits."""
    with av.open(str(source)) as given, av.open(str(target), "w") as made:
        picture, sound = given.streams.video[0], given.streams.audio[0]
        width, height = (round(side * crop / 2) * 2 for side in (picture.width, picture.height))
        small = tuple(round(side * scale / 2) * 2 for side in (width, height))
        stream = made.add_stream("libx264", rate=rate or RATE, options={"crf": str(quality), "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = *small, "yuv420p"
        voice = made.add_stream("aac", rate=48_000, layout="stereo")
        voice.bit_rate = audio
        left, top = (picture.width - width) // 3, (picture.height - height) // 2

        def frames() -> Iterable[NDArray[np.uint8]]:
            for frame in given.decode(picture):
                whole = frame.to_ndarray(format="rgb24")[top : top + height, left : left + width]
                yield cv2.resize(whole, small, interpolation=cv2.INTER_AREA) if scale != 1.0 else whole

        all_frames = list(frames())
        ratio = (rate or RATE) / RATE
        for number in range(int(len(all_frames) * ratio)):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(all_frames[int(number / ratio)]), format="rgb24")
            frame.pts, frame.time_base = number, 1 / (rate or RATE)
            made.mux(stream.encode(frame))
        made.mux(stream.encode(None))
        given.seek(0)
        for block in given.decode(sound):
            block.pts = None
            made.mux(voice.encode(block))
        made.mux(voice.encode(None))


def _look(look: str, dice: np.random.Generator, width: int, height: int) -> NDArray[np.float32]:
    """(H, W, 3) float32 codes, larger than the picture that moves over it."""
    spectrum = np.fft.rfft2(dice.normal(size=(height, width, 3)), axes=(0, 1))
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])[..., None]
    clouds = np.fft.irfft2(spectrum / np.maximum(radius, 1e-3) ** 1.1, (height, width), axes=(0, 1))
    clouds /= clouds.std()
    rows, columns = np.mgrid[:height, :width]
    if look == "tiles":
        size = int(dice.integers(16, 60))
        shades = dice.uniform(40, 210, (height // size + 1, width // size + 1, 3))
        whole = shades[rows // size, columns // size] + 4 * clouds
    elif look == "sky":
        whole = 90 + 110 * (rows / height)[..., None] * dice.uniform(0.6, 1.0, 3) + 2 * clouds
    elif look == "dark":
        whole = 22 + 10 * clouds
        whole += 150 * np.exp(-((columns - width / 2) ** 2 + (rows - height / 2) ** 2) / (0.02 * width**2))[..., None]
    elif look == "busy":
        whole = 120 + 30 * clouds + dice.normal(0, 12, (height, width, 1))
    else:
        whole = 125 + 40 * clouds
    return np.clip(whole, 0, 255).astype(np.float32)
