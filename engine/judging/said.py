"""Said and seen: whether words that alone tell of a style, an hour or a weather show in the picture.

A trial says one value and asks which value's truth, of the same scene, the picture is nearest to. Nearness is the mean
absolute difference of CIELAB in a picture of 32 x 18 fields (what light and grade do) and ``SLOPE`` times that of the
logarithm of gradient energy (what lines and washes do).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import cv2
import numpy as np
from numpy.typing import NDArray

from sora_addon.scenes.training.recipe import base_of

from .held import Held, Judge
from .pictures import slope

FIELDS = (32, 18)
SLOPE = 4.0
"""Units of CIELAB that a factor e of gradient energy counts as: what tells styles apart best on `look` clips, of 0 to 6."""


@dataclass(frozen=True)
class Trial:
    """One word said. ``nearest`` is the value whose truth the picture came nearest to."""

    kind: str
    clip: str
    said: str
    nearest: str

    @property
    def right(self) -> bool:
        return self.said == self.nearest


def style_trials(held: Iterable[Held], judge: Judge, most: int) -> list[Trial]:
    """Each style of each clip, until there are ``most`` trials."""
    trials: list[Trial] = []
    for one in held:
        truths = {style: _features(one.truth(style)) for style in one.styles}
        for style in one.styles:
            if len(trials) == most:
                return trials
            trials.append(Trial("style", one.name, style, _nearest(_features(one.made(judge, style)), truths)))
    return trials


def word_trials(varied: Iterable[Held], judge: Judge, most: int) -> list[Trial]:
    """Of clips of the set ``varied``: one scene in every hour and weather, blocked in plain light, told by words."""
    trials: list[Trial] = []
    for _, group in groupby(varied, lambda one: base_of(int(one.clip.folder.name))):
        scene = list(group)
        for kind in ("hour", "air"):
            known = {one.clip.drawn[kind]: one for one in scene if one.clip.drawn["varied"] == kind}
            truths = {value: _features(one.truth("cinematic")) for value, one in known.items()}
            for value, one in known.items():
                if sum(trial.kind == kind for trial in trials) < most:
                    nearest = _nearest(_features(one.made(judge, "cinematic")), truths)
                    trials.append(Trial(kind, one.name, value, nearest))
    return trials


def share(trials: list[Trial]) -> float:
    return float(np.mean([trial.right for trial in trials])) if trials else float("nan")


def _features(pictures: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    small = cv2.resize(pictures.mean(0), FIELDS, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(np.clip(small, 0, 1), cv2.COLOR_RGB2Lab), float(np.log(slope(pictures)))


def _nearest(seen: tuple[NDArray[np.float32], float], truths: dict[str, tuple[NDArray[np.float32], float]]) -> str:
    def away(value: str) -> float:
        colours, energy = truths[value]
        return float(np.abs(seen[0] - colours).mean()) + SLOPE * abs(seen[1] - energy)

    return min(truths, key=away)
