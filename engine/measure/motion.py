"""motion.warp and motion.dropped: whether the picture moves as the shot moves, and in step with it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .camera_model import Doubles, pixel_centres
from .carry import fetched, landing, pixel_under, seen_again, softened
from .figure import Figure
from .truth import Picture, Truth, gray_of

FEWEST_PIXELS = 64
"""Below which a pair of frames tells nothing."""
MOVES = 0.25
"""Pixels a frame that a point must move to tell a step from a halt."""
LEAD = 2
"""Frames that a picture may be found early or late by, at most."""
CLEARLY = 0.5
"""Share of the exact motion's residual that another step must fall below to be believed ..."""
AND_BY = 0.5
"""... and codes that it must be less by."""


@dataclass(frozen=True, eq=False)
class Step:
    """The exact motion out of one frame."""

    landing: Doubles
    seen: NDArray[np.bool_]


class MotionWarp:
    """Mean absolute difference, in 8-bit sRGB codes, between a pixel and where its point is in the next frame."""

    def __init__(self) -> None:
        self.before: tuple[NDArray[np.float32], Truth] | None = None
        self.residuals: dict[int, float] = {}
        self.covered: list[float] = []

    def see(self, picture: Picture, truth: Truth) -> None:
        soft = softened(picture)
        if self.before is not None:
            earlier, told = self.before
            seen = seen_again(told, truth)
            self.covered.append(float(seen.mean()))
            if seen.sum() >= FEWEST_PIXELS:
                off = np.abs(fetched(soft, landing(told)) - earlier)[seen]
                self.residuals[told.index] = float(off.mean())
        self.before = soft, truth

    def figures(self) -> list[Figure]:
        if not self.residuals:
            return [Figure("motion.warp", "codes", None, note="no two frames share points whose motion is known")]
        values = list(self.residuals.values())
        worst = max(self.residuals, key=self.residuals.__getitem__)
        detail = {
            "mean": float(np.mean(values)),
            "median": float(np.median(values)),
            "max": float(np.max(values)),
            "worst_frame": worst,
            "covered_share": float(np.mean(self.covered)),
            "by_frame": {str(index): round(value, 4) for index, value in self.residuals.items()},
        }
        return [Figure("motion.warp", "codes", float(np.mean(values)), detail)]


class MotionDropped:
    """Frames that were dropped or held: between two frames the picture makes no step, or two, instead of one."""

    def __init__(self) -> None:
        self.pictures: deque[tuple[int, NDArray[np.float32]]] = deque()
        self.steps: dict[int, Step] = {}
        self.before: Truth | None = None
        self.frames = 0
        self.ahead = 0
        """Frames that the picture is ahead of the shot by."""
        self.dropped: list[int] = []
        self.held: list[int] = []
        self.judged = 0

    def see(self, picture: Picture, truth: Truth) -> None:
        self.frames += 1
        if self.before is not None:
            self._tell(self.before, truth)
        self.before = truth
        self.pictures.append((truth.index, softened(gray_of(picture))))
        # a step is judged once the motion two steps beyond the furthest lead is known
        while len(self.pictures) > LEAD + 3:
            self._judge()

    def _tell(self, truth: Truth, following: Truth | None) -> None:
        self.steps[truth.index] = Step(landing(truth), seen_again(truth, following))

    def _judge(self) -> None:
        index, first = self.pictures.popleft()
        _, second = self.pictures[0]
        self.steps = {at: step for at, step in self.steps.items() if at >= index - LEAD}
        shown = min(max(index + self.ahead, 0), self.frames - 1)
        taken = self._step_taken(first, second, shown)
        if taken is None:
            return
        self.judged += 1
        if taken == 2:
            self.dropped.append(index + 1)
        if taken == 0:
            self.held.append(index + 1)
        ahead = self.ahead + taken - 1
        self.ahead = ahead if abs(ahead) <= LEAD else self.ahead

    def _step_taken(self, first: NDArray[np.float32], second: NDArray[np.float32], shown: int) -> int | None:
        """0, 1 or 2 frames of the shot between two pictures of the take; None where nothing moves enough to tell."""
        step = self.steps.get(shown)
        if step is None:
            return None
        here = pixel_centres(*first.shape)
        told = step.seen & (np.hypot(*np.moveaxis(step.landing - here, -1, 0)) > MOVES)
        places = {0: here, 1: step.landing}
        beyond = self.steps.get(shown + 1)
        if beyond is not None:
            row, column = pixel_under(step.landing)
            # the landing keeps its part of a pixel; only the further motion is read at the nearest one
            places[2] = step.landing + (beyond.landing - here)[row, column]
            both = told & beyond.seen[row, column]
            if both.sum() >= FEWEST_PIXELS:
                told = both
            else:
                del places[2]
        if told.sum() < FEWEST_PIXELS:
            return None
        off = {count: float(np.abs(fetched(second, place) - first)[told].mean()) for count, place in places.items()}
        best = min(off, key=off.__getitem__)
        return best if off[best] < CLEARLY * off[1] and off[1] - off[best] > AND_BY else 1

    def figures(self) -> list[Figure]:
        if self.before is not None and self.before.index not in self.steps:
            self._tell(self.before, None)
        while len(self.pictures) > 1:
            self._judge()
        if not self.judged:
            return [
                Figure("motion.dropped", "frames", None, note="nothing moves enough to tell one frame from the next")
            ]
        detail = {
            "dropped_before": self.dropped,
            "held_at": self.held,
            "judged_steps": self.judged,
            "steps": self.frames - 1,
        }
        # in a clip of a fixed length a dropped frame is made good by a held one, so the two are not added
        return [Figure("motion.dropped", "frames", float(max(len(self.dropped), len(self.held))), detail)]
