"""edges.depth and edges.ids: whether the picture has its edges where the shot has them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .camera_model import Doubles
from .figure import Figure
from .truth import Picture, Truth

NEAR = 1.5
"""Pixels within which two edges agree."""
CONTRAST = 8.0
"""Codes between the two sides, in any channel, that make an edge visible."""
SIDE = (2, 6)
"""Pixels from the edge, first and last, over which a side's colour is averaged."""
FAR = 8.0
"""Pixels beyond which the nearest picture edge is taken to be another."""
SHIFT = 12
"""Pixels across an edge to where agreement by chance is read."""
LEAP = 0.02
"""Share of the inverse depth by which both sides' slopes must miss each other at a depth edge."""
SMOOTHING = 1.0
"""Standard deviation in pixels of the Gaussian before the gradient."""
SLOPE = CONTRAST / (SMOOTHING * np.sqrt(2 * np.pi))
"""Codes a pixel: the greatest slope of a step of ``CONTRAST`` after smoothing."""
HEADROOM = 0.1
"""Least share that chance is taken to leave: edges thicker than that would blow up what is luck."""
FEWEST = 50
"""Visible edge elements, over all frames, below which no figure is told."""


@dataclass(frozen=True, eq=False)
class PictureEdges:
    """Edges of a picture after Canny (1986), to a part of a pixel."""

    places: Doubles
    """(E, 2) pixels."""
    across: Doubles
    """(E, 2) unit gradient there."""
    nearest: NDArray[np.intp]
    """(H, W) which edge is nearest to each pixel."""


@dataclass(frozen=True, eq=False)
class Cracks:
    """Borders between two neighbouring pixels: (K, 2) middles in pixels, and (2,) the way across, along x or y."""

    places: Doubles
    across: Doubles


class EdgeAgreement:
    """Watches some frames of a clip and tells how its edges agree with those of depth and of ids."""

    def __init__(self, watched: frozenset[int]) -> None:
        self.watched = watched
        self.tallies = {"edges.depth": Tally(), "edges.ids": Tally()}

    def see(self, picture: Picture, truth: Truth) -> None:
        if truth.index not in self.watched:
            return
        found = picture_edges(picture)
        self.tallies["edges.depth"].add(picture, found, depth_cracks(truth))
        self.tallies["edges.ids"].add(picture, found, id_cracks(truth))

    def figures(self) -> list[Figure]:
        return [tally.figure(name) for name, tally in self.tallies.items()]


class Tally:
    def __init__(self) -> None:
        self.visible = self.met = self.by_chance = 0
        self.all = self.drawn = self.drawn_met = 0
        self.displacements: list[NDArray[np.float64]] = []

    def add(self, picture: Picture, found: PictureEdges | None, sets: list[Cracks]) -> None:
        height, width = picture.shape[:2]
        geometry = np.zeros((height, width), np.uint8)
        for cracks in sets:
            self.all += len(cracks.places)
            shown = Cracks(cracks.places[visible(picture, cracks)], cracks.across)
            self.visible += len(shown.places)
            mark(geometry, cracks)
            if found is None:
                continue
            distance, displacement = to_nearest(found, shown.places)
            self.met += int((distance <= NEAR).sum())
            self.displacements.append(displacement[distance <= FAR])
            for sign in (-1, 1):
                elsewhere = shown.places + sign * SHIFT * cracks.across
                inside = (elsewhere > 0).all(-1) & (elsewhere < [width, height]).all(-1)
                chance, _ = to_nearest(found, elsewhere[inside])
                # as many as stand inside tell of all
                self.by_chance += float((chance <= NEAR).mean()) * len(shown.places) / 2 if len(chance) else 0.0
        if found is not None:
            gap = cv2.distanceTransform(1 - geometry, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
            column, row = (
                np.clip(found.places[:, k], 0, limit - 1).astype(int) for k, limit in ((0, width), (1, height))
            )
            self.drawn += len(found.places)
            self.drawn_met += int((gap[row, column] <= NEAR - 0.5).sum())

    def figure(self, name: str) -> Figure:
        if self.visible < FEWEST:
            note = f"{self.visible} of {self.all} edge elements have enough contrast to be seen, {FEWEST} are needed"
            return Figure(name, "share", None, {"visible": self.visible, "elements": self.all}, note)
        recall, chance = self.met / self.visible, self.by_chance / self.visible
        precision = self.drawn_met / self.drawn if self.drawn else 0.0
        off = np.concatenate(self.displacements) if self.displacements else np.empty(0)
        detail = {
            "recall": recall,
            "chance": chance,
            "precision": precision,
            "f": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
            "displacement_px": float(off.mean()) if off.size else None,
            "visible": self.visible,
            "elements": self.all,
        }
        agreement = (recall - chance) / max(1 - chance, HEADROOM)
        return Figure(name, "share", agreement, detail)


def picture_edges(picture: Picture) -> PictureEdges | None:
    """Maxima of the slope across an edge, in whichever channel it is steepest; None where there are none."""
    smooth = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), SMOOTHING)
    kernel = np.array([[-0.5, 0.0, 0.5]], np.float32)
    slopes = np.stack([cv2.filter2D(smooth, -1, kernel), cv2.filter2D(smooth, -1, kernel.T)], -1)
    steep = np.linalg.norm(slopes, axis=-1)
    channel = steep.argmax(-1)[..., None]
    size = np.take_along_axis(steep, channel, -1)[..., 0]
    slope = np.take_along_axis(slopes, channel[..., None], -2)[..., 0, :]
    across = slope / np.maximum(size, 1e-6)[..., None]
    height, width = size.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    ahead, behind = (
        cv2.remap(
            size,
            x + sign * across[..., 0],
            y + sign * across[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        for sign in (1, -1)
    )
    edge = (size > SLOPE) & (size >= behind) & (size > ahead)
    edge[[0, -1]], edge[:, [0, -1]] = False, False
    if not edge.any():
        return None
    part = 0.5 * (behind - ahead) / np.minimum(behind + ahead - 2 * size, -1e-6)
    places = np.stack([x + 0.5, y + 0.5], -1) + (np.clip(part, -0.5, 0.5)[..., None] * across)
    _, labels = cv2.distanceTransformWithLabels(
        1 - edge.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    # labels count edge pixels in an order of OpenCV's own
    order = np.zeros(labels.max() + 1, np.intp)
    order[labels[edge]] = np.arange(edge.sum())
    return PictureEdges(places[edge].astype(np.float64), across[edge].astype(np.float64), order[labels])


def id_cracks(truth: Truth) -> list[Cracks]:
    """Where one body ends and another, or nothing, begins."""
    return [_cracks(truth.body[:, 1:] != truth.body[:, :-1], 0), _cracks(truth.body[1:] != truth.body[:-1], 1)]


def depth_cracks(truth: Truth) -> list[Cracks]:
    """Where depth leaps: inverse depth, linear on a plane, misses what either side's slope foretells."""
    nearness = (1 / np.maximum(truth.depth, 1e-9)).astype(np.float64)
    return [_cracks(_leaps(nearness), 0), _cracks(_leaps(nearness.T).T, 1)]


def _leaps(nearness: Doubles) -> NDArray[np.bool_]:
    """(H, W - 1) borders along each row."""
    left, right = nearness[:, :-1], nearness[:, 1:]
    before = np.concatenate([left[:, :1], nearness[:, :-2]], 1)
    after = np.concatenate([nearness[:, 2:], right[:, -1:]], 1)
    missed = np.minimum(np.abs(2 * left - before - right), np.abs(2 * right - after - left))
    return missed > LEAP * np.maximum(left, right)


def _cracks(border: NDArray[np.bool_], axis: int) -> Cracks:
    row, column = np.nonzero(border)
    places = np.stack([column + 0.5, row + 0.5], -1).astype(np.float64)
    across = np.array([1.0, 0.0] if axis == 0 else [0.0, 1.0])
    return Cracks(places + across / 2, across)


def visible(picture: Picture, cracks: Cracks) -> NDArray[np.bool_]:
    """(K,) where the mean colours of the two sides differ in the picture; never within reach of its border."""
    first, last = SIDE
    count = last - first + 1
    along_x = cracks.across[0] > 0
    box = (count, 1) if along_x else (1, count)
    side = np.asarray(cv2.blur(picture.astype(np.float32), box), np.float32)
    middle = (first + last) / 2
    height, width = picture.shape[:2]
    one = cracks.places - cracks.across * (middle + 0.5)
    other = cracks.places + cracks.across * (middle + 0.5)
    reach = last + 2
    inside = (cracks.places > reach).all(-1) & (cracks.places < [width - reach, height - reach]).all(-1)

    def colour(at: Doubles) -> NDArray[np.float32]:
        column, row = (
            np.clip(np.floor(at[:, k]), 0, limit - 1).astype(np.intp) for k, limit in ((0, width), (1, height))
        )
        return side[row, column]

    return inside & (np.abs(colour(one) - colour(other)).max(-1) >= CONTRAST)


def to_nearest(found: PictureEdges, places: Doubles) -> tuple[Doubles, Doubles]:
    """(K,) distance in pixels to the nearest picture edge, and the part of it across that edge."""
    if not len(places):
        return np.empty(0), np.empty(0)
    height, width = found.nearest.shape
    best = np.full(len(places), np.inf)
    across = np.full(len(places), np.inf)
    # a crack lies between two pixels: the nearest edge of either
    for nudge in (-0.25, 0.25):
        column, row = (
            np.clip(places[:, k] + nudge, 0, limit - 1).astype(np.intp) for k, limit in ((0, width), (1, height))
        )
        edge = found.nearest[row, column]
        off = found.places[edge] - places
        distance = np.linalg.norm(off, axis=-1)
        nearer = distance < best
        best[nearer] = distance[nearer]
        across[nearer] = np.abs((off * found.across[edge]).sum(-1))[nearer]
    return best, across


def mark(geometry: NDArray[np.uint8], cracks: Cracks) -> None:
    """Set the pixels on both sides of each crack."""
    for sign in (-0.5, 0.5):
        at = np.floor(cracks.places + sign * cracks.across).astype(np.intp)
        geometry[at[:, 1], at[:, 0]] = 1
