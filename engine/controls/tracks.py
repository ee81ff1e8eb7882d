"""Motion as point tracks: points of surfaces, followed through the whole shot, and the lines that they are drawn as.

A point of a body that does not deform is carried by the body's own transforms and the camera: exact, in both directions,
and found again after it was hidden. A point of one that does is carried along the exact motion until it is hidden.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Body, Shot

from ..measure.camera_model import Camera
from ..measure.truth import HasFrames
from .conform import Fit, resized
from .motion import Doubles, Mask, Planes, pixels_under, stepped

NEEDED = ("depth", "body", "to_next", "from_previous")
"""The passes that following reads."""
DEPTH_OFF = 0.01
"""Share by which a point may lie before or behind what its body's pixels around it show, and still be seen."""
TRAIL = 50
"""Frames that a drawn point's way is shown for."""
DRAWN_SIDE = 1080
"""Pixels of the shorter side at which tracks are drawn before they are made smaller."""
THIN, THICK = 2.0, 8.0
"""Radii of the oldest and of the newest dot, in pixels of that size."""


@dataclass(frozen=True)
class Tracks:
    """``places`` (F, N, 2) pixels, x and y, NaN where unknown; ``seen`` (F, N) where the point is seen."""

    places: Doubles
    seen: Mask


def spread_points(body: NDArray[np.uint32], apart: float, indices: Iterable[int] | None = None) -> Doubles:
    """(N, 2) pixel centres, x and y, ``apart`` pixels from each other, where a body is seen, or one of ``indices``."""
    height, width = body.shape
    rows, columns = (np.floor(np.arange(apart / 2, side, max(apart, 1.0))).astype(int) for side in (height, width))
    j, i = (grid.reshape(-1) for grid in np.meshgrid(rows, columns, indexing="ij"))
    chosen = body[j, i] > 0 if indices is None else np.isin(body[j, i], list(indices))
    return np.stack([i[chosen] + 0.5, j[chosen] + 0.5], -1)


def track_points(shot: Shot, passes: HasFrames, points: Doubles, frame: int = 0) -> Tracks:
    """The tracks through every frame of the shot of ``points`` (N, 2), the shot's pixels in ``frame`` after the first."""
    following = _Following(shot)
    following.begin(frame, _planes(shot, passes, frame), points)
    for i in range(shot.time.frames):
        following.look(i, _planes(shot, passes, i))
    return following.tracks()


def tracks_of(shot: Shot, passes: HasFrames, apart: float, births: Sequence[int] = (0,)) -> Tracks:
    """Tracks of points ``apart`` pixels from each other, spread anew in each of ``births``, frames after the first.

    A new point is spread where no older one is seen within half of ``apart``; it has no track before that.
    """
    following = _Following(shot)
    for i in range(shot.time.frames):
        planes = _planes(shot, passes, i)
        following.look(i, planes)
        if i not in births:
            continue
        points, older = spread_points(planes["body"], apart), following.seen_in(i)
        if len(older) and len(points):
            points = points[np.abs(points[:, None] - older[None]).max(-1).min(-1) > apart / 2]
        following.begin(i, planes, points)
    return following.tracks()


def fitted_tracks(tracks: Tracks, fit: Fit) -> Tracks:
    """The tracks of a shot at the frames that the model is told, in the model's pixels."""
    told = [fit.shown(frame) for frame in range(fit.frames)]
    return Tracks(fit.pixels(tracks.places[told]), tracks.seen[told])


def drawn_tracks(tracks: Tracks, frame: int, height: int, width: int) -> NDArray[np.uint8]:
    """(height, width, 3) RGB codes: dots on black at the places of the last ``TRAIL`` frames where each point was seen.

    The newest are blue and thick, older ones cyan, then green, the oldest red and thin, as the LTX-2 motion-track
    adapter was taught (LTXVDrawTracks of Lightricks' ComfyUI-LTXVideo, with the channels in the order that it ends with).
    """
    up = DRAWN_SIDE / min(height, width)
    canvas = np.zeros((round(height * up), round(width * up), 3), np.uint8)
    for age in range(min(frame, TRAIL), -1, -1):
        young = 1.0 - age / TRAIL
        radius, colour = THIN + (THICK - THIN) * young, _age_colour(young)
        dots = tracks.places[frame - age][tracks.seen[frame - age]]
        for x, y in np.round((dots * up - 0.5) * 16).astype(int):
            cv2.circle(canvas, (int(x), int(y)), round(radius * 16), colour, -1, cv2.LINE_8, 4)
    return resized(canvas, width, height)


def holds_its_shape(body: Body) -> bool:
    """Whether the body's rows tell where every point of it is."""
    return body.motion in ("still", "moving", "rigid")


def _age_colour(young: float) -> tuple[float, float, float]:
    """From red, 0, over green and cyan to blue, 1."""
    third, part = min(int(young * 3), 2), young * 3 - min(int(young * 3), 2)
    stops = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 1.0, 1.0), (0.0, 0.0, 1.0))
    red, green, blue = ((1 - part) * a + part * b for a, b in zip(stops[third], stops[third + 1], strict=True))
    return 255 * red, 255 * green, 255 * blue


def _planes(shot: Shot, passes: HasFrames, frame: int) -> Planes:
    return passes.frame(shot.time.first + frame, only=NEEDED)


class _Begun:
    """Points that began in one frame: where the bodies' transforms put them in all, and what was found of them so far."""

    def __init__(self, shot: Shot, frame: int, planes: Planes, points: Doubles) -> None:
        row, column = pixels_under(points, *planes["body"].shape)
        self.frame = frame
        self.owner: NDArray[np.uint32] = planes["body"][row, column]
        depth = planes["depth"][row, column].astype(np.float64)
        count, known = shot.time.frames, {body.index: body for body in shot.bodies}
        self.places: Doubles = np.full((count, len(points), 2), np.nan)
        self.depths: Doubles = np.full((count, len(points)), np.nan)
        self.seen: Mask = np.zeros((count, len(points)), bool)
        self.deforms: Mask = np.zeros(len(points), bool)
        for index in np.unique(self.owner[self.owner > 0]):
            body, part = known[int(index)], np.flatnonzero(self.owner == index)
            if holds_its_shape(body):
                self.places[:, part], self.depths[:, part] = _by_transforms(
                    shot, body, points[part], depth[part], frame
                )
            else:
                self.deforms[part] = True
        self.seen[frame] = self.owner > 0
        self.places[frame] = np.where(self.seen[frame][:, None], points, np.nan)

    def look(self, i: int, planes: Planes, before: Planes | None) -> None:
        """Find them in frame ``i``; ``before`` are the passes of the frame before it."""
        if i == self.frame:
            return
        self.seen[i] = ~self.deforms & _shown(planes, self.owner, self.places[i], self.depths[i])
        if i > self.frame and before is not None and self.deforms.any():
            moved, kept = stepped(before, planes, True, self.places[i - 1])
            self.seen[i] |= self.deforms & kept & self.seen[i - 1]
            found = np.where(self.seen[i][:, None], moved, np.nan)
            self.places[i] = np.where(self.deforms[:, None], found, self.places[i])


class _Following:
    """All points of a shot that are followed; frames are looked at in order."""

    def __init__(self, shot: Shot) -> None:
        self.shot = shot
        self.begun: list[_Begun] = []
        self.before: Planes | None = None

    def begin(self, frame: int, planes: Planes, points: Doubles) -> None:
        self.begun.append(_Begun(self.shot, frame, planes, points))

    def look(self, i: int, planes: Planes) -> None:
        for one in self.begun:
            one.look(i, planes, self.before)
        self.before = planes

    def seen_in(self, frame: int) -> Doubles:
        """(N, 2) places of the points that are seen in that frame."""
        return np.concatenate([np.zeros((0, 2)), *(one.places[frame][one.seen[frame]] for one in self.begun)])

    def tracks(self) -> Tracks:
        places, seen = [one.places for one in self.begun], [one.seen for one in self.begun]
        return Tracks(np.concatenate(places, 1), np.concatenate(seen, 1))


def _by_transforms(shot: Shot, body: Body, points: Doubles, depth: Doubles, frame: int) -> tuple[Doubles, Doubles]:
    """(F, N, 2) pixels and (F, N) metres of depth of points that lie at ``points`` and ``depth`` (N,) in ``frame``."""
    rows = [np.array(body.row(i).world, np.float64).reshape(4, 4) for i in range(shot.time.frames)]
    world = Camera.of(shot.camera[frame]).points(points, depth)
    back = np.linalg.inv(rows[frame])
    local = world @ back[:3, :3].T + back[:3, 3]
    seen = [Camera.of(shot.camera[i]).see(local @ rows[i][:3, :3].T + rows[i][:3, 3]) for i in range(len(rows))]
    return np.stack([place for place, _ in seen]), np.stack([metres for _, metres in seen])


def _shown(planes: Planes, owner: NDArray[np.uint32], places: Doubles, depths: NDArray[np.float64]) -> Mask:
    """(N,) whether the pixel at each place shows the body that the point is of, at the point's depth."""
    height, width = planes["body"].shape
    with np.errstate(invalid="ignore"):
        inside = ((places >= 0) & (places < (width, height))).all(-1)
    row, column = pixels_under(places, height, width)
    near, far = np.full(len(owner), np.inf), np.zeros(len(owner))
    for j, i in itertools.product((-1, 0, 1), repeat=2):
        beside = np.clip(row + j, 0, height - 1), np.clip(column + i, 0, width - 1)
        same, depth = planes["body"][beside] == owner, planes["depth"][beside]
        near, far = np.where(same, np.minimum(near, depth), near), np.where(same, np.maximum(far, depth), far)
    with np.errstate(invalid="ignore"):
        there = (depths >= near * (1 - DEPTH_OFF)) & (depths <= far * (1 + DEPTH_OFF))
    return inside & there & (planes["body"][row, column] == owner) & (owner > 0)
