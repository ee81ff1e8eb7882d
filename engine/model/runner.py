"""The network at work, without torch: its graphs in onnxruntime, on the weights of its folder."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import ContractError

from ..backends.plates import Taken
from .layout import PART, WEIGHTS

Floats = NDArray[np.float32]

BUILT_IN = Path(__file__).parent / "weights"
"""The model that comes with the engine."""
STEP, FINE, USED = "step.onnx", "fine.onnx", "graphs.json"
"""``graphs.json``: the weights that each graph takes."""
BYTE = np.float32(1 / 255)
STEP_TOLD = ("planes", "rows", "place", "texts", "states", "known", "style", "numbers", "mel", "mood")
FINE_TOLD = ("planes", "rows", "texts", "states", "known", "style", "numbers")
TAKEN = tuple(part.name for part in fields(Taken))
"""What both graphs give, each (N, 3, H, W) or, where it is one for all pixels, (N, 3, 1, 1)."""
AGAIN = "install the model again, or train one with 'engine train'"


@dataclass(frozen=True)
class Shown:
    """What the network is told of F frames of one clip, whose pictures are padded to whole steps."""

    planes: Floats | NDArray[np.uint8]
    """(F, CHANNELS, H, W), 0 to 1; or bytes, as full-size ones are held: they are a quarter of the memory."""
    rows: NDArray[np.integer]
    """(F, H, W): row of ``texts``, 0 for none."""
    place: Floats
    """(F, 2, H, W)."""
    texts: Floats
    """(R, width)."""
    states: Floats
    """(T, width) of the prompt's tokens."""
    style: int
    numbers: Floats
    mood: Floats
    mel: Floats
    """(BANDS, T) of the guide."""
    pool: int

    def small(self) -> Shown:
        """As the U-Net sees it, ``pool`` times smaller."""
        planes, place = pooled(self.planes, self.pool), pooled(self.place, self.pool)
        if self.planes.dtype == np.uint8:
            planes = planes * BYTE
        return replace(self, planes=planes, place=place, rows=self.rows[:, :: self.pool, :: self.pool], pool=1)

    def one(self, frame: int) -> Shown:
        """That frame alone."""
        only = np.s_[frame : frame + 1]
        return replace(self, planes=self.planes[only], rows=self.rows[only], place=self.place[only])

    def bare(self) -> Shown:
        """Without its words."""
        return replace(self, states=self.states[:0])

    def inputs(self, names: Iterable[str]) -> dict[str, Any]:
        """As the graphs take them: a batch of one."""
        # a prompt of no tokens is one token that is not known
        states = self.states if len(self.states) else np.zeros((1, self.texts.shape[1]), np.float32)
        known = np.full((1, len(states)), len(self.states) > 0)
        of_clip = {"texts": self.texts, "states": states, "numbers": self.numbers, "mel": self.mel, "mood": self.mood}
        told = {name: np.ascontiguousarray(part[None], np.float32) for name, part in of_clip.items()}
        planes = self.planes * BYTE if self.planes.dtype == np.uint8 else self.planes
        told |= {"planes": np.ascontiguousarray(planes), "place": np.ascontiguousarray(self.place)}
        told |= {"rows": np.ascontiguousarray(self.rows, np.int64), "known": known}
        told["style"] = np.array([self.style], np.int64)
        return {name: told[name] for name in names}


class Seen(NamedTuple):
    """What a step predicts."""

    features: Floats
    """For ``fine``."""
    grade: Floats
    """(F, GRADE)."""
    mel: Floats
    """(BANDS, T)."""
    taken: list[Taken]
    """Of each frame, at the U-Net's size."""


@dataclass(frozen=True)
class Start:
    """A picture to start from instead of noise alone (SDEdit: Meng et al., 2022)."""

    picture: Floats
    """(F, 3, H, W) as displayed."""
    strength: float
    """Above 0, which would keep it, to 1, which begins from noise alone."""
    mask: Floats | None = None
    """(F, 1, H, W): 1 where it may change; elsewhere the picture is kept."""


class Made(NamedTuple):
    """The end of the path."""

    seen: Seen
    time: float
    """Of the last prediction."""
    mel: Floats


class Runner:
    """A model's folder, opened."""

    def __init__(self, folder: Path) -> None:
        """Raises ContractError where a file is missing or does not belong to the others."""
        import onnxruntime

        onnxruntime.disable_telemetry_events()
        part = folder / PART
        weights = _weights(part / WEIGHTS)
        self._step, self._fine = (_opened(part, name, weights) for name in (STEP, FINE))

    def step(self, small: Shown, noisy: Floats, noisy_mel: Floats, time: float) -> Seen:
        """One prediction from ``noisy`` (F, 3, h, w) and ``noisy_mel`` (BANDS, T) at ``time``, 1 all noise."""
        inputs = small.inputs(STEP_TOLD) | {"noisy": noisy, "noisy_mel": noisy_mel[None], "time": _time(time)}
        features, grade, mel, *planes = self._step.run(None, inputs)
        return Seen(features, grade, mel[0], taken_of(planes))

    def fine(self, shown: Shown, seen: Seen, frame: int, time: float) -> Taken:
        """A frame at full size; one at a time, for the memory's sake."""
        only = np.s_[frame : frame + 1]
        inputs = shown.one(frame).inputs(FINE_TOLD)
        inputs |= {"features": seen.features[only], "grade": seen.grade[only], "time": _time(time)}
        return taken_of(self._fine.run(None, inputs))[0]


def sample(
    runner: Runner,
    shown: Shown,
    noise: Floats,
    mel_noise: Floats,
    steps: int,
    graded: Callable[[list[Taken]], Floats],
    guidance: float = 1.0,
    start: Start | None = None,
) -> Made:
    """Along straight paths in ``steps`` (flow matching: Lipman et al., 2023), from ``noise`` (F, 3, h, w) and ``mel_noise``
    (BANDS, T), both of variance 1.

    ``graded`` shows what is taken (F, 3, h, w) in the clip's style. ``guidance`` above 1 goes further away from what the
    clip would be without its words (Ho and Salimans, 2022), at twice the work.
    """
    first = 1.0 if start is None else start.strength
    if steps < 1 or not 0 < first <= 1:
        raise ValueError(f"{steps} steps from {first:g} lead nowhere")
    small = shown.small()
    x, mel = noise, mel_noise
    begun = mask = None
    if start is not None:
        begun = pooled(start.picture, shown.pool)
        mask = None if start.mask is None else pooled(start.mask, shown.pool)
        x, mel = _between(begun, noise, first), _between(shown.mel, mel_noise, first)
    made: list[Made] = []
    for time, following in itertools.pairwise(np.linspace(first, 0.0, steps + 1).tolist()):
        seen = runner.step(small, x, mel, time)
        if guidance != 1.0:
            seen = _further(runner.step(small.bare(), x, mel, time), seen, guidance)
        if following:
            x = _between(graded(seen.taken), x, following / time)
            if begun is not None and mask is not None:
                x = _between(_between(begun, noise, following), x, mask)
        mel = _between(seen.mel, mel, following / time)
        made = [Made(seen, time, mel)]
    return made[0]


def pooled(pictures: Floats | NDArray[np.uint8], pool: int) -> Floats:
    """(N, C, H / pool, W / pool) means of squares."""
    count, channels, height, width = pictures.shape
    squares = pictures.reshape(count, channels, height // pool, pool, width // pool, pool)
    return np.ascontiguousarray(squares.mean((3, 5), dtype=np.float32))


def _further(bare: Seen, seen: Seen, guidance: float) -> Seen:
    taken = [
        Taken(**{name: _between(getattr(one, name), getattr(other, name), guidance) for name in TAKEN})
        for one, other in zip(bare.taken, seen.taken, strict=True)
    ]
    features, grade, mel = (_between(one, other, guidance) for one, other in zip(bare[:3], seen[:3], strict=True))
    return Seen(features, grade, mel, taken)


def _between(one: Floats, other: Floats, share: float | Floats) -> Floats:
    return np.asarray(one + (other - one) * share, np.float32)


def _time(time: float) -> Floats:
    return np.array([time], np.float32)


def taken_of(planes: Iterable[NDArray[Any]]) -> list[Taken]:
    """Each frame of ``TAKEN`` planes, in the picture's own layout."""
    parts = [np.ascontiguousarray(np.moveaxis(plane, 1, -1)) for plane in planes]
    named = dict(zip(TAKEN, parts, strict=True))
    named["airlight"] = named["airlight"][:, 0, 0]
    return [Taken(**{name: part[n] for name, part in named.items()}) for n in range(len(parts[0]))]


def _opened(part: Path, name: str, weights: dict[str, Floats]) -> Any:
    import onnxruntime
    from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, InvalidGraph, InvalidProtobuf

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False
    # the host draws beside it: cores that wait must not be busy
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        used = json.loads((part / USED).read_text(encoding="utf-8"))[name]
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(weights[one]) for one in used]
        options.add_external_initializers(used, values)
        return onnxruntime.InferenceSession((part / name).read_bytes(), options, providers=["CPUExecutionProvider"])
    except (Fail, InvalidArgument, InvalidGraph, InvalidProtobuf, OSError, KeyError, json.JSONDecodeError) as error:
        raise ContractError(f"{PART}/{name}", f"does not fit the weights ({str(error)[:200]})", AGAIN) from error


def _weights(path: Path) -> dict[str, Floats]:
    """By name, in single precision."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return {name: np.ascontiguousarray(value, np.float32) for name, value in load_file(str(path)).items()}
    except (SafetensorError, OSError) as error:
        raise ContractError(f"{PART}/{path.name}", f"does not hold the network ({str(error)[:200]})", AGAIN) from error
