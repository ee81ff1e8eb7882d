"""The model in the box: it corrects the lit guide, in the style and the words of the shot, and makes the sound's colour.

The shot is made in windows of frames that overlap, so that memory does not grow with length. Noise stays on surfaces.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import ContractError, Shot
from sora_addon.contract.paths import inside

from ..controls.edges import Edges
from ..controls.noise import CarriedNoise, shrunk
from ..media.clip import read_clip
from ..media.colour import to_uint8
from ..media.passes import Passes, Planes
from ..sound import mix
from ..words.style import STYLES, Style, style_of
from .capabilities import BUILTIN, Capabilities
from .hearing import foley_of
from .looks import finished
from .pins import Pins
from .plates import Keys, Sight, Taken, frames_for_keys, graded, keys_of, sight_of
from .protocol import Frames, Request, Samples
from .sketch import shown_frames

if TYPE_CHECKING:
    from ..model.runner import Runner, Shown, Start

Floats = NDArray[np.float32]

CORE, OVERLAP = 12, 2
"""Frames that a window gives, and those on either side of them that it only looks at."""
MOST_STEPS = 4
SOUND_SEED, KEY_SEED = 3, 5


@dataclass(frozen=True)
class Settings:
    """What the artist may set of this backend."""

    steps: int = 2
    """Those of the shot's ``quality``, where they are not said."""
    guidance: float = 1.0
    sound: bool = True
    departure: float = 1.0
    """How far it may go from the take that the shot refers to, or from the guide: 1 does not look at it."""
    change: tuple[int, ...] = ()
    """Indices of the bodies that may change; all where there are none."""


def settings_of(shot: Shot) -> Settings:
    """From the shot's words. Raises ContractError naming what is out of bounds; others' settings are not looked at."""
    given = shot.words.settings
    steps = _number(given, "steps", BUILTIN.steps_at(given), 1, MOST_STEPS)
    if steps != int(steps):
        raise ContractError("words.settings.steps", f"{steps:g} is not a whole number")
    sound = given.get("sound", True)
    if not isinstance(sound, bool):
        raise ContractError("words.settings.sound", f"{sound!r} is neither true nor false")
    change = given.get("change", [])
    if not isinstance(change, list) or not all(index in {body.index for body in shot.bodies} for index in change):
        raise ContractError("words.settings.change", f"{change!r} is not a list of indices of bodies")
    departure = _number(given, "departure", 1.0, 0.05, 1.0)
    return Settings(int(steps), _number(given, "guidance", 1.0, 0.0, 8.0), sound, departure, tuple(change))


class Builtin:
    """Picture and sound in one go; ``sound`` is what came with the last ``frames``."""

    def __init__(self, folder: Path | None = None, capabilities: Capabilities = BUILTIN) -> None:
        """``folder`` of another model of its kind."""
        self.folder, self.capabilities = folder, capabilities
        self._mel: Floats | None = None

    def frames(self, request: Request) -> Iterator[Frames]:
        """Every frame in order, (H, W, 3) uint8 sRGB. The same shot and seed give the same bytes on the same machine.

        Raises ContractError where the weights, a package that the model needs, or a setting is missing or wrong.
        """
        from ..model.runner import BUILT_IN, Runner

        shot = request.shot
        settings = settings_of(shot)
        session = _Session(request, Runner(self.folder or BUILT_IN), settings)
        count = shot.time.frames
        request.progress(self.capabilities.name, 0, count)
        for start in range(0, count, CORE):
            for place, picture in enumerate(session.window(start, min(start + CORE, count)), start):
                request.progress(self.capabilities.name, place + 1, count)
                yield picture
        self._mel = session.mel if settings.sound else None

    def sound(self, request: Request) -> Samples | None:
        """What is to be added to the dry stems, so that together they are as loud, band by band, as the model says."""
        from ..model.mel import render

        if self._mel is None:
            return None
        dry = mix(foley_of(request), None)
        return render(self._mel, dry, request.shot.words.seed) - dry


@dataclass(frozen=True)
class _Frame:
    place: int
    """In the clip."""
    planes: NDArray[np.uint8]
    """(H, W, CHANNELS): bytes, as the network learnt from, and a quarter of the memory."""
    rows: NDArray[np.uint8]
    sight: Sight
    noise: Floats
    picture: Frames | None
    """Of the take that is begun with."""


@dataclass(frozen=True)
class _Hold:
    """What of a frame is kept."""

    picture: Floats
    """(H, W, 3) as displayed."""
    share: Floats
    """(H, W, 1), 1 where it is kept to the byte."""


class _Session:
    """One shot on its way through the network, window after window."""

    def __init__(self, request: Request, runner: Runner, settings: Settings) -> None:
        from ..model.conditioning import shot_numbers, words_of_bodies
        from ..model.mel import BANDS, mel
        from ..model.mood import mood_of
        from ..model.sizes import padded_size, places, pool_of
        from ..words.encoder import WIDTH, word_encoder

        shot, passes = request.shot, request.passes
        self.shot, self.passes, self.runner, self.settings = shot, passes, runner, settings
        self.style: Style = style_of(shot.words)
        self.shown: list[int] = shown_frames(shot, self.style)
        height, width = shot.size.height, shot.size.width
        self.pool = pool_of(height)
        self.size = padded_size(height, width, self.pool)
        self.place = places(height, width, self.pool)
        self.numbers = shot_numbers(shot, passes)
        encoder = word_encoder()
        self.states = encoder.states(shot.words.prompt)
        texts, self.row_of = words_of_bodies(shot)
        self.texts = np.stack([np.zeros(WIDTH, np.float32), *map(encoder.sentence, texts)])
        self.mood = mood_of(shot.words.seed)
        self.guide_mel = mel(mix(foley_of(request), None))
        self.mel = self.guide_mel.copy()
        random = np.random.default_rng([shot.words.seed, SOUND_SEED])
        self.mel_noise = random.standard_normal((self.guide_mel.shape[1], BANDS), np.float32).T
        self.earlier = _earlier(shot, passes)
        self.pins = Pins(shot, passes)
        self.noise: CarriedNoise | None = None
        self.before: Planes = {}
        self.last: tuple[int, Frames] | None = None
        self.keys = self._keys()
        self.held: deque[_Frame] = deque(maxlen=CORE + 2 * OVERLAP)
        """Frames that the next window needs again."""

    def window(self, start: int, stop: int) -> Iterator[Frames]:
        """The frames of the clip from ``start`` on, before ``stop``."""
        from ..model.runner import sample

        first, last = max(0, start - OVERLAP), min(len(self.shown), stop + OVERLAP)
        parts = self._told(first, last)
        span, heard = self._mels(first, last), self._mels(start, stop)
        shown = self._shown([part.planes for part in parts], [part.rows for part in parts], self.guide_mel[:, span])
        holds = [self._hold(part) for part in parts]
        made = sample(
            self.runner,
            shown,
            np.ascontiguousarray(np.stack([part.noise for part in parts]).transpose(0, 3, 1, 2)),
            np.ascontiguousarray(self.mel_noise[:, span]),
            self.settings.steps,
            lambda taken: self._small(parts, taken),
            self.settings.guidance,
            self._start(parts, holds),
        )
        self.mel[:, heard] = made.mel[:, heard.start - span.start : heard.stop - span.start]
        for index in range(start - first, stop - first):
            taken = self.runner.fine(shown, made.seen, index, made.time)
            yield self._finished(taken, parts[index], holds[index])

    def _keys(self) -> Keys:
        """Key lights of the shot as the network would light it: for all windows the same, so that nothing pumps."""
        chosen = frames_for_keys(self.shown)
        frames = [self._read(number)[1:] for number in chosen]
        mel = self.guide_mel[:, : self.guide_mel.shape[1] * len(chosen) // len(self.shown)]
        shown = self._shown([planes for planes, _, _ in frames], [rows for _, rows, _ in frames], mel)
        random = np.random.default_rng(KEY_SEED)
        small = shown.small()
        noise = random.standard_normal((len(chosen), 3, *small.planes.shape[2:]), np.float32)
        seen = self.runner.step(small, noise, random.standard_normal(mel.shape, np.float32), 1.0)
        there = [self._strided(sight.something) for _, _, sight in frames]
        return keys_of(list(zip(seen.taken, there, strict=True)))

    def _finished(self, taken: Taken, part: _Frame, hold: _Hold | None) -> Frames:
        number = self.shown[part.place]
        # a pose that is held is one picture, whatever sounds beside it
        if self.last is None or number != self.last[0]:
            height, width = part.sight.something.shape
            picture = graded(self.style, taken.cut(height, width), part.sight, self.keys, number)
            picture = finished(self.style, np.clip(picture, 0, 1), number, self.shot.words.seed)
            if hold is not None:  # what is kept has its finish already
                picture = _mixed(picture, hold.picture, hold.share)
            self.last = number, to_uint8(picture)
        return self.last[1]

    def _small(self, parts: list[_Frame], taken: list[Taken]) -> Floats:
        """(F, 3, h, w) what is taken at the U-Net's size, in the style."""
        pictures = [
            graded(self.style, seen, self._small_sight(part.sight), self.keys, self.shown[part.place])
            for part, seen in zip(parts, taken, strict=True)
        ]
        return np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2), np.float32)

    def _small_sight(self, sight: Sight) -> Sight:
        lines = sight.lines
        wide = np.ones((self.pool, self.pool), np.uint8)
        masks = (cv2.dilate(mask.astype(np.uint8), wide, anchor=(0, 0)) > 0 for mask in vars(lines).values())
        emission = None if sight.emission is None else self._strided(sight.emission)
        return Sight(self._strided(sight.something), Edges(*map(self._strided, masks)), emission)

    def _strided(self, plane: NDArray[Any]) -> NDArray[Any]:
        """The plane at the U-Net's size."""
        return _padded(plane, self.size)[:: self.pool, :: self.pool]

    def _told(self, first: int, last: int) -> list[_Frame]:
        known = {part.place for part in self.held}
        for place in range(first, last):
            if place not in known:
                number = self.shown[place]
                seen, planes, rows, sight = self._read(number)
                picture = None if self.earlier is None else next(self.earlier)
                self.held.append(_Frame(place, planes, rows, sight, self._noise(place, number, seen), picture))
        return [part for part in self.held if first <= part.place < last]

    def _read(self, number: int) -> tuple[Planes, NDArray[np.uint8], NDArray[np.uint8], Sight]:
        """The passes of a frame, and what is told of them: planes, rows, and what a style is drawn by."""
        from ..model.conditioning import frame_told, to_bytes

        seen = self.passes.frame(number)
        sight = sight_of(self.shot, seen)
        planes, rows = frame_told(self.shot, seen, sight.lines, number, self.row_of)
        return seen, np.ascontiguousarray(to_bytes(planes)), rows, sight

    def _hold(self, part: _Frame) -> _Hold | None:
        """What of a frame is kept as it is: bodies that may not change, and what a pinned picture shows."""
        from ..model.conditioning import WHERE, from_bytes

        number = self.shown[part.place]
        shown = from_bytes(part.planes[..., WHERE["guide"]] if part.picture is None else part.picture)
        share = np.zeros((*shown.shape[:2], 1), np.float32)
        if self.settings.change:
            body = self.passes.frame(number, only=("body",))["body"]
            share = 1 - np.isin(body, self.settings.change)[..., None].astype(np.float32)
        pinned = self.pins.at(number)
        if pinned is not None:
            painted, weight = pinned
            shown, share = _mixed(shown, from_bytes(painted), weight), _mixed(share, np.float32(1), weight)
        return _Hold(shown, share) if share.any() else None

    def _start(self, parts: list[_Frame], holds: list[_Hold | None]) -> Start | None:
        """What is begun with instead of noise alone, where the settings or the shot ask for it."""
        from ..model.conditioning import WHERE, from_bytes
        from ..model.runner import Start

        if self.settings.departure == 1 and not any(holds):
            return None
        pictures, masks = [], []
        for part, hold in zip(parts, holds, strict=True):
            if hold is not None:
                pictures.append(hold.picture)
            elif part.picture is not None:
                pictures.append(from_bytes(part.picture))
            else:
                pictures.append(from_bytes(part.planes[..., WHERE["guide"]]))
            masks.append(np.ones_like(pictures[-1][..., :1]) if hold is None else 1 - hold.share)
        mask = self._planes(masks) if any(holds) else None
        return Start(self._planes(pictures), self.settings.departure, mask)

    def _noise(self, place: int, number: int, seen: Planes) -> Floats:
        """Noise at the U-Net's size, carried from the frame before; held frames keep theirs."""
        if self.noise is not None and number == self.shown[place - 1]:
            return self.noise.values
        height, width = (side // self.pool for side in self.size)
        small = shrunk(seen, self.pool, (height, width))
        # poses that are held are not a frame apart, and what lies between them is not known
        if self.noise is None or number != self.shown[place - 1] + 1:
            self.noise = CarriedNoise(self.shot.words.seed, number, height, width, 3)
        else:
            self.noise.advance(self.before, small)
        self.before = small
        return self.noise.values

    def _shown(self, planes: list[NDArray[np.uint8]], rows: list[NDArray[np.uint8]], mel: Floats) -> Shown:
        """What the network is told of (H, W, CHANNELS) frames that sound as ``mel`` (BANDS, T)."""
        from ..model.runner import Shown

        return Shown(
            planes=np.ascontiguousarray(np.stack([_padded(part, self.size) for part in planes]).transpose(0, 3, 1, 2)),
            rows=np.stack([_padded(row, self.size) for row in rows]),
            place=np.broadcast_to(self.place, (len(planes), *self.place.shape)),
            texts=self.texts,
            states=self.states,
            style=STYLES.index(self.style),
            numbers=self.numbers,
            mood=self.mood,
            mel=mel,
            pool=self.pool,
        )

    def _planes(self, pictures: list[NDArray[Any]]) -> Floats:
        """(F, C, H, W) of (H, W, C) frames, their borders repeated up to whole steps."""
        padded = [_padded(picture, self.size).transpose(2, 0, 1) for picture in pictures]
        return np.ascontiguousarray(np.stack(padded), np.float32)

    def _mels(self, first: int, last: int) -> slice:
        """The mel frames of the frames from ``first`` on, before ``last``."""
        each = self.guide_mel.shape[1] / len(self.shown)
        return slice(round(first * each), round(last * each))


def _earlier(shot: Shot, passes: Passes) -> Iterator[Frames] | None:
    """The frames of the take that the shot refers to. Raises ContractError where they are not the shot's."""
    takes = [reference for reference in shot.references if reference.kind == "take"]
    return _frames_of(shot, passes, takes[0].path) if takes else None


def _frames_of(shot: Shot, passes: Passes, path: str) -> Iterator[Frames]:
    count = 0
    for frame in read_clip(inside(passes.folder, path, "references")):
        if frame.shape[:2] != (shot.size.height, shot.size.width):
            raise ContractError(path, f"is {frame.shape[1]}x{frame.shape[0]}", "refer to a take of the shot's own size")
        count += 1
        yield frame
    raise ContractError(
        path, f"has {count} frames, the shot has {shot.time.frames}", "refer to a take as long as the shot"
    )


def _mixed(one: Floats, other: Floats | np.float32, share: Floats) -> Floats:
    return np.asarray(one + (other - one) * share, np.float32)


def _padded(plane: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    below, right = size[0] - plane.shape[0], size[1] - plane.shape[1]
    return np.pad(plane, [(0, below), (0, right)] + [(0, 0)] * (plane.ndim - 2), mode="edge")


def _number(given: dict[str, Any], name: str, default: float, low: float, high: float) -> float:
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ContractError(f"words.settings.{name}", f"{value!r} is not a number from {low:g} to {high:g}")
    return float(value)
