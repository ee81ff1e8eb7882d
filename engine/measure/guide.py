"""guide.flip: how far a take departs, to the eye, from the preview that it was guided by."""

from __future__ import annotations

import flip_evaluator
import numpy as np

from .figure import Figure
from .truth import Picture, Truth

PIXELS_PER_DEGREE = 67.0
"""Of visual angle: a 0.7 m wide 4K display seen from 0.7 m, the authors' default."""


class GuideFlip:
    """Mean LDR-FLIP (Andersson et al. 2020) between some frames and the preview shown as sRGB: 0 equal, 1 furthest."""

    def __init__(self, watched: frozenset[int]) -> None:
        self.watched = watched
        self.values: dict[int, float] = {}

    def see(self, picture: Picture, truth: Truth) -> None:
        if truth.index not in self.watched:
            return
        if np.array_equal(picture, truth.guide):
            self.values[truth.index] = 0.0
            return
        guide, test = (np.ascontiguousarray(image, np.float32) / 255 for image in (truth.guide, picture))
        _, mean, _ = flip_evaluator.evaluate(
            guide, test, "LDR", applyMagma=False, parameters={"ppd": PIXELS_PER_DEGREE}
        )
        self.values[truth.index] = float(mean)

    def figures(self) -> list[Figure]:
        values = list(self.values.values())
        detail = {
            "max": max(values),
            "pixels_per_degree": PIXELS_PER_DEGREE,
            "by_frame": {str(index): round(value, 5) for index, value in self.values.items()},
        }
        return [Figure("guide.flip", "FLIP", float(np.mean(values)), detail)]
