"""colour.drift and colour.flicker: whether a point of the world keeps its colour over the clip.

Points on what stands still are followed by exact projection and exact visibility. Their colours are taken apart into
what belongs to the point and what belongs to the frame (a two-way fit), and the frame's part is the drift or the
flicker: a point that comes late joins at the colour that it has then.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..media.colour import LUMINANCE, from_uint8
from .camera_model import Doubles, pixel_centres, strictly_inside
from .carry import within
from .figure import Figure
from .truth import Picture, Truth

POINTS = 1500
"""Followed at a time."""
FEWEST = 30
"""Points seen in a frame below which the frame tells nothing."""
SAME_DEPTH = 0.01
DARK, BRIGHT = 20.0, 250.0
"""Codes between which a point must stay, in every channel, for its light to be told."""
TREND_SECONDS = 1.0
"""Flicker is what departs from a straight line through this much of the clip around each frame."""

CODE_IN_LAB, CODE_IN_LOG = 0.2, 0.01
"""What half a code is at middle grey, in dE and in the logarithm of light."""

WHITE = np.array([0.95047, 1.0, 1.08883])
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


class ColourHold:
    """Watches a clip and tells how its colours drift and flicker."""

    def __init__(self, rate: float) -> None:
        """``rate`` in frames a second."""
        self.rate = rate
        self.points = np.empty((0, 3))
        self.bodies = np.empty(0, np.uint32)
        self.seen_now = 0
        self.seeded_with = 0
        self.colours: list[NDArray[np.float32]] = []
        """A frame each: (N so far, 3) codes, NaN where the point is hidden."""
        self.random = np.random.default_rng(0)

    def see(self, picture: Picture, truth: Truth) -> None:
        sound = within(truth) & truth.still
        pixels, visible = self._visible(truth, sound)
        if visible.sum() < max(FEWEST, self.seeded_with // 2):
            self._seed(truth, sound)
            pixels, visible = self._visible(truth, sound)
            self.seeded_with = int(visible.sum())
        soft = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 1.0)
        place = np.nan_to_num(pixels - 0.5, nan=-10.0).clip(-10, 1e5).astype(np.float32)
        row = np.full((len(self.points), 3), np.nan, np.float32)
        if len(self.points):
            taken = cv2.remap(soft, place[None, :, 0].copy(), place[None, :, 1].copy(), cv2.INTER_LINEAR)[0]
            row[visible] = taken[visible]
        self.colours.append(row)

    def _visible(self, truth: Truth, sound: NDArray[np.bool_]) -> tuple[Doubles, NDArray[np.bool_]]:
        height, width = truth.body.shape
        if not len(self.points):
            return np.empty((0, 2)), np.empty(0, bool)
        pixels, depth = truth.camera.see(self.points)
        inside = strictly_inside(pixels, 1, height, width)
        at = np.where(inside[:, None], pixels, 0).astype(np.intp)
        row, column = at[:, 1], at[:, 0]
        # the pixel's own plane foretells depth between pixel centres; a hundredth covers what it does not
        same = np.abs(truth.depth[row, column] - depth) < SAME_DEPTH * np.abs(depth) + self._slant(truth, row, column)
        return pixels, inside & same & sound[row, column] & (truth.body[row, column] == self.bodies)

    @staticmethod
    def _slant(truth: Truth, row: NDArray[np.intp], column: NDArray[np.intp]) -> Doubles:
        """Metres by which depth changes within a pixel, as its neighbours tell."""
        height, width = truth.depth.shape
        up, down = np.maximum(row - 1, 0), np.minimum(row + 1, height - 1)
        left, right = np.maximum(column - 1, 0), np.minimum(column + 1, width - 1)
        with np.errstate(invalid="ignore"):
            slope = np.abs(truth.depth[down, column] - truth.depth[up, column])
            slope = slope + np.abs(truth.depth[row, right] - truth.depth[row, left])
        return np.where(np.isfinite(slope), slope / 2, 0.0)

    def _seed(self, truth: Truth, sound: NDArray[np.bool_]) -> None:
        row, column = np.nonzero(sound)
        if not len(row):
            return
        chosen = self.random.choice(len(row), min(POINTS, len(row)), replace=False)
        row, column = row[chosen], column[chosen]
        pixels = pixel_centres(*truth.body.shape)[row, column]
        self.points = np.concatenate([self.points, truth.camera.points(pixels, truth.depth[row, column])])
        self.bodies = np.concatenate([self.bodies, truth.body[row, column]])

    def _table(self) -> NDArray[np.float32]:
        """(F, N, 3) codes; points that were never seen outside what a code can hold are kept only."""
        table = np.full((len(self.colours), len(self.points), 3), np.nan, np.float32)
        for index, row in enumerate(self.colours):
            table[index, : len(row)] = row
        extreme = (np.nan_to_num(table, nan=128) < DARK).any(-1) | (np.nan_to_num(table, nan=128) > BRIGHT).any(-1)
        often = np.isfinite(table[..., 0]).sum(0) >= 2
        return table[:, often & ~extreme.any(0)]

    def figures(self) -> list[Figure]:
        table = self._table()
        told = np.isfinite(table[..., 0]).sum(1) >= FEWEST
        if told.sum() < 3:
            note = f"fewer than {FEWEST} points of what stands still can be followed, away from black and white"
            return [Figure("colour.drift", "dE", None, note=note), Figure("colour.flicker", "%", None, note=note)]
        table = table[told]
        times = np.flatnonzero(told) / self.rate
        light = linear(table)
        return [self._drift(lab(light), times), self._flicker(light @ LUMINANCE, table, times)]

    def _drift(self, colours: Doubles, times: Doubles) -> Figure:
        frame, rest = zip(*(two_way(colours[..., k], CODE_IN_LAB) for k in range(3)), strict=True)
        course = np.stack(frame, -1)
        slope = np.polyfit(times, course, 1)[0]
        departed = np.linalg.norm(course - course[0], axis=-1)
        around = np.linalg.norm(course - course.mean(0), axis=-1)
        duration = float(times[-1] - times[0])
        detail = {
            "slope_per_second": float(np.linalg.norm(slope)),
            "slope_lab_per_second": [float(value) for value in slope],
            "rms": float(np.sqrt((around**2).mean())),
            "furthest_from_first": float(departed.max()),
            "points_rms": float(np.sqrt(np.nanmean(np.stack(rest) ** 2) * 3)),
            "points": int(colours.shape[1]),
            "seconds": duration,
        }
        return Figure("colour.drift", "dE", float(np.linalg.norm(slope)) * duration, detail)

    def _flicker(self, light: Doubles, table: NDArray[np.float32], times: Doubles) -> Figure:
        course, _ = two_way(np.log(light), CODE_IN_LOG)
        departed = 100 * np.expm1(course - trend(course, round(TREND_SECONDS * self.rate)))
        codes, _ = two_way(np.log(table.mean(-1)), CODE_IN_LOG)
        coded = 100 * np.expm1(codes - trend(codes, round(TREND_SECONDS * self.rate)))
        detail = {
            "peak": float(np.abs(departed).max()),
            "peak_frame": round(float(times[np.abs(departed).argmax()]) * self.rate),
            "step_rms": float(100 * np.sqrt((np.diff(course) ** 2).mean())),
            "codes_rms": float(np.sqrt((coded**2).mean())),
            "points": int(light.shape[1]),
        }
        return Figure("colour.flicker", "%", float(np.sqrt((departed**2).mean())), detail)


def linear(codes: NDArray[np.float32]) -> Doubles:
    """Scene-linear values of codes between the whole ones; NaN stays."""
    known = np.nan_to_num(codes)
    whole = np.floor(known).astype(np.uint8)
    low, high = from_uint8(whole), from_uint8(np.minimum(whole, 254) + 1)
    return np.where(np.isfinite(codes), low + (high - low) * (known - whole), np.nan).astype(np.float64)


def lab(light: Doubles) -> Doubles:
    """CIELAB under D65 of scene-linear (..., 3) (CIE 15:2004)."""
    ratio = light @ TO_XYZ.T / WHITE
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack(
        [116 * root[..., 1] - 16, 500 * (root[..., 0] - root[..., 1]), 200 * (root[..., 1] - root[..., 2])], -1
    )


def two_way(values: Doubles, noise: float) -> tuple[Doubles, Doubles]:
    """(F,) what belongs to each frame, 0 at the first, and (F, N) what is left, of ``values`` (F, N) with NaN gaps.

    value = point + frame + rest, by least squares under Tukey's biweight, so that points that a shadow passes do not
    count. ``noise`` is the least scale of the rest: 8-bit codes may not stand still exactly for the rest to be believed.
    """
    seen = np.isfinite(values)
    filled = np.where(seen, values, 0.0)
    weights = _biweight(_rest_of_medians(values), seen, noise)
    frame, rest = np.zeros(len(values)), filled
    for _ in range(10):
        per_point = np.maximum(weights.sum(0), 1e-9)
        # the points' part is eliminated, which leaves one equation a frame
        shared = weights / per_point
        matrix = np.diag(weights.sum(1)) - shared @ weights.T
        wanted = (weights * filled).sum(1) - shared @ (weights * filled).sum(0)
        frame = np.linalg.lstsq(matrix, wanted, rcond=1e-10)[0]
        point = (weights * (filled - frame[:, None])).sum(0) / per_point
        rest = filled - point - frame[:, None]
        weights = _biweight(rest, seen, noise)
    return frame - frame[0], np.where(seen, rest, np.nan)


def _rest_of_medians(values: Doubles) -> Doubles:
    """What is left of ``values`` when frames are told by the median step of the points that two of them share.

    Least squares would let a shadow tilt the whole course where few points join one frame to the next.
    """
    frame = np.zeros(len(values))
    for index in range(1, len(values)):
        steps = values[index] - values[index - 1]
        steps = steps[np.isfinite(steps)]
        frame[index] = frame[index - 1] + (float(np.median(steps)) if len(steps) else 0.0)
    own = values - frame[:, None]
    known = np.isfinite(own).any(0)
    point = np.zeros(values.shape[1])
    point[known] = np.nanmedian(own[:, known], axis=0)
    return own - point


def _biweight(rest: Doubles, seen: NDArray[np.bool_], noise: float) -> Doubles:
    """Tukey's weights (F, N) of what is left, 0 where nothing is seen."""
    scale = max(1.4826 * float(np.median(np.abs(rest[seen]))), noise)
    return np.where(seen, np.clip(1 - (np.where(seen, rest, 0.0) / (6 * scale)) ** 2, 0, None) ** 2, 0.0)


def trend(course: Doubles, width: int) -> Doubles:
    """A straight line through the ``width`` values around each, at its place."""
    count = len(course)
    width = min(max(width, 3), count)
    smooth = np.empty(count)
    for index in range(count):
        start = min(max(index - width // 2, 0), count - width)
        at = np.arange(start, start + width)
        smooth[index] = np.polyval(np.polyfit(at - index, course[at], 1), 0.0) if width > 2 else course[at].mean()
    return smooth
