"""The model in the box: it corrects the lit guide, in the style and the words of the shot, and makes the sound's colour.

The shot is made in windows of frames that overlap, so that memory does not grow with length. Noise stays on surfaces.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import ContractError, Shot
from sora_addon.contract.paths import inside

from ..controls.noise import NEEDED, CarriedNoise, shrunk
from ..media.clip import read_clip
from ..media.colour import to_uint8
from ..media.passes import Passes, Planes
from ..sound import mix
from ..words.style import STYLES, Style, style_of
from .capabilities import BUILTIN
from .hearing import foley_of
from .looks import finished
from .pins import Pins
from .protocol import Frames, Request, Samples
from .sketch import shown_frames

if TYPE_CHECKING:
    from torch import Tensor

    from ..model.network import Network, Told
    from ..model.sampler import Start

Floats = NDArray[np.float32]

CORE, OVERLAP = 12, 2
"""Frames that a window gives, and those on either side of them that it only looks at."""
FINE_AT_ONCE = 4
"""Frames whose full-size pictures are made together."""
MOST_STEPS = 4
SOUND_SEED, KEY_SEED = 3, 5
LOOKS_FOR_KEYS = 3
"""Frames, spread over the shot, that its key lights are taken from."""


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

    capabilities = BUILTIN

    def __init__(self) -> None:
        self._mel: Floats | None = None

    def frames(self, request: Request) -> Iterator[Frames]:
        """Every frame in order, (H, W, 3) uint8 sRGB. The same shot and seed give the same bytes on the same machine.

        Raises ContractError where the weights, a package that the model needs, or a setting is missing or wrong.
        """
        from ..model.folder import BUILT_IN, from_pretrained

        shot = request.shot
        settings = settings_of(shot)
        session = _Session(request, from_pretrained(BUILT_IN), settings)
        count = shot.time.frames
        request.progress("builtin", 0, count)
        for start in range(0, count, CORE):
            for place, picture in enumerate(session.window(start, min(start + CORE, count)), start):
                request.progress("builtin", place + 1, count)
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

    def __init__(self, request: Request, network: Network, settings: Settings) -> None:
        from ..model.conditioning import shot_numbers, words_of_bodies
        from ..model.mel import BANDS, mel
        from ..model.network import pool_of
        from ..words.encoder import WIDTH, word_encoder

        shot, passes = request.shot, request.passes
        self.shot, self.passes, self.network, self.settings = shot, passes, network, settings
        self.style: Style = style_of(shot.words)
        self.shown: list[int] = shown_frames(shot, self.style)
        self.pool = pool_of(shot.size.height)
        self.numbers = shot_numbers(shot, passes)
        encoder = word_encoder()
        self.states = encoder.states(shot.words.prompt)
        self.texts = np.stack([np.zeros(WIDTH, np.float32), *map(encoder.sentence, words_of_bodies(shot)[0])])
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
        import torch

        from ..model.sampler import pictures, sample

        first, last = max(0, start - OVERLAP), min(len(self.shown), stop + OVERLAP)
        parts = self._told(first, last)
        told = self._tensors(parts, first, last)
        noise = torch.from_numpy(np.stack([part.noise for part in parts])).permute(0, 3, 1, 2)
        holds = [self._hold(part) for part in parts]
        begin = self._start(parts, told, holds)
        span = self._mels(first, last)
        mel_noise = torch.from_numpy(np.ascontiguousarray(self.mel_noise[None, :, span]))
        with torch.inference_mode():
            settings = self.settings
            made = sample(self.network, told, noise, mel_noise, settings.steps, settings.guidance, begin)
            heard = self._mels(start, stop)
            self.mel[:, heard] = made.mel[0, :, heard.start - span.start : heard.stop - span.start].numpy()
            for place in range(start, stop, FINE_AT_ONCE):
                chosen = slice(place - first, min(place + FINE_AT_ONCE, stop) - first)
                part = None if begin is None else begin.some(chosen)
                seen = pictures(self.network, made.some(chosen), part).permute(0, 2, 3, 1).numpy()
                for offset, picture in enumerate(seen):
                    yield self._finished(picture, place + offset, holds[place + offset - first])

    def _keys(self) -> Floats:
        """(1, 2) key lights of the shot as the network would light it: one for all windows, so that nothing pumps."""
        import torch

        from ..model.conditioning import conditioning, to_bytes
        from ..model.sampler import sample

        last = len(self.shown) - 1
        chosen = sorted({self.shown[i * last // (LOOKS_FOR_KEYS - 1)] for i in range(LOOKS_FOR_KEYS)})
        looks = [conditioning(self.shot, self.passes, [number], self.numbers) for number in chosen]
        planes = np.concatenate([to_bytes(look.planes) for look in looks])
        rows = np.concatenate([look.rows for look in looks])
        told = self._tell(planes, rows, self.guide_mel[:, : 8 * len(chosen)], None)
        random = torch.Generator().manual_seed(KEY_SEED)
        noise = torch.randn(len(chosen), 3, *self._pad(), generator=random)
        mel_noise = torch.randn(told.mel.shape, generator=random)
        with torch.inference_mode():
            keys = sample(self.network, told, noise, mel_noise, 1).seen.keys
        return np.array([[float(keys.light[0]), float(keys.clay[0])]], np.float32)

    def _finished(self, picture: Floats, place: int, hold: _Hold | None) -> Frames:
        number = self.shown[place]
        # a pose that is held is one picture, whatever sounds beside it
        if self.last is None or number != self.last[0]:
            height, width = self.shot.size.height, self.shot.size.width
            picture = finished(self.style, picture[:height, :width], number, self.shot.words.seed)
            if hold is not None:  # what is kept has its finish already
                picture = _mixed(picture, hold.picture, hold.share)
            self.last = number, to_uint8(picture)
        return self.last[1]

    def _told(self, first: int, last: int) -> list[_Frame]:
        from ..model.conditioning import conditioning, to_bytes

        known = {part.place for part in self.held}
        for place in range(first, last):
            if place not in known:
                number = self.shown[place]
                told = conditioning(self.shot, self.passes, [number], self.numbers)
                planes = np.ascontiguousarray(to_bytes(told.planes[0]))
                picture = None if self.earlier is None else next(self.earlier)
                self.held.append(_Frame(place, planes, told.rows[0], self._noise(place, number), picture))
        return [part for part in self.held if first <= part.place < last]

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

    def _start(self, parts: list[_Frame], told: Told, holds: list[_Hold | None]) -> Start | None:
        """What is begun with instead of noise alone, where the settings or the shot ask for it."""
        import torch

        from ..model.conditioning import WHERE, from_bytes
        from ..model.sampler import Start

        if self.settings.departure == 1 and not any(holds):
            return None
        size = (told.planes.shape[2], told.planes.shape[3])
        pictures = told.planes[:, WHERE["guide"]].clone()
        mask = torch.ones_like(pictures[:, :1])
        for index, (part, hold) in enumerate(zip(parts, holds, strict=True)):
            if hold is not None:
                pictures[index] = _planes(hold.picture, size)
                mask[index] = 1 - _planes(hold.share, size)
            elif part.picture is not None:
                pictures[index] = _planes(from_bytes(part.picture), size)
        return Start(pictures, self.settings.departure, mask if any(holds) else None)

    def _noise(self, place: int, number: int) -> Floats:
        """Noise at the U-Net's size, carried from the frame before; held frames keep theirs."""
        if self.noise is not None and number == self.shown[place - 1]:
            return self.noise.values
        seen = self.passes.frame(number, only=NEEDED)
        small = shrunk(seen, self.pool, self._pad())
        # poses that are held are not a frame apart, and what lies between them is not known
        if self.noise is None or number != self.shown[place - 1] + 1:
            height, width = small["depth"].shape
            self.noise = CarriedNoise(self.shot.words.seed, number, height, width, 3)
        else:
            self.noise.advance(self.before, small)
        self.before = small
        return self.noise.values

    def _pad(self) -> tuple[int, int]:
        """Rows and columns of the small picture."""
        from ..model.network import DEEPEST

        sides = (self.shot.size.height, self.shot.size.width)
        step = DEEPEST * self.pool
        height, width = (-(-side // step) * DEEPEST for side in sides)
        return height, width

    def _tensors(self, parts: list[_Frame], first: int, last: int) -> Told:
        planes, rows = (np.stack([getattr(part, name) for part in parts]) for name in ("planes", "rows"))
        return self._tell(planes, rows, self.guide_mel[:, self._mels(first, last)], self.keys)

    def _tell(self, planes: NDArray[np.uint8], rows: NDArray[np.uint8], mel: Floats, keys: Floats | None) -> Told:
        """What the network is told of (F, H, W, CHANNELS) frames that sound as ``mel`` (BANDS, T)."""
        import torch

        from ..model.mood import mood_of
        from ..model.told import told

        moods = mood_of(self.shot.words.seed)[None]
        return told(
            torch.from_numpy(planes).float().div_(255).permute(0, 3, 1, 2),
            torch.from_numpy(rows),
            [self.texts],
            [self.states],
            [STYLES.index(self.style)],
            self.numbers[None],
            torch.from_numpy(np.ascontiguousarray(mel[None])),
            self.pool,
            moods,
            keys,
        )

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


def _planes(picture: Floats, size: tuple[int, int]) -> Tensor:
    """(C, H, W) of (H, W, C), its borders repeated up to ``size``."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(_padded(picture, size).transpose(2, 0, 1)))


def _padded(plane: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    below, right = size[0] - plane.shape[0], size[1] - plane.shape[1]
    return np.pad(plane, [(0, below), (0, right)] + [(0, 0)] * (plane.ndim - 2), mode="edge")


def _number(given: dict[str, Any], name: str, default: float, low: float, high: float) -> float:
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ContractError(f"words.settings.{name}", f"{value!r} is not a number from {low:g} to {high:g}")
    return float(value)
