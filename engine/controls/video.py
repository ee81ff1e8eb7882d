"""A shot's controls as videos on a model's grid: each (frames, height, width, ...) of its ``Fit``.

The passes are read a frame at a time; what is returned is whole, as the models take it. Codes are sRGB, three equal
channels where a control has one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Shot, Steer

from ..measure.truth import HasFrames
from ..media.colour import to_uint8
from .conform import MOTIONS, Fit, Planes, picture_in, planes_in
from .depth import depth_range, inverse_depth
from .edges import Edges, edges
from .flow import flow_picture, flow_scale
from .lines import hard_lines
from .masks import matte, seen, softened
from .motion import NEEDED as MOVING
from .motion import motion_between
from .preview import blurred, lit_preview
from .schedule import weight_map
from .segments import body_colours, segmentation
from .tracks import drawn_tracks, fitted_tracks, tracks_of

Video = NDArray[np.uint8]
Floats = NDArray[np.float32]

SURVEYED = 32
"""Frames that the scale of a whole shot is taken from, at most."""
HELD = 6
"""Frames whose passes are kept in memory at once."""


def told_frames(shot: Shot, passes: HasFrames, fit: Fit, only: Iterable[str]) -> Iterator[Planes]:
    """The passes that ``only`` names at each of the model's frames, at the model's size, as if it had been rendered so.

    Motion is that to the model's next frame and from its previous one, over as many of the shot's frames as lie between;
    0 between frames that hold the last.
    """
    names = tuple(only)
    moving = [name for name in names if name in MOTIONS]
    frames = _Kept(shot, passes, tuple(dict.fromkeys((*names, *MOVING))) if moving else names)
    for frame in range(fit.frames):
        here = fit.shown(frame)
        planes = {name: frames(here)[name] for name in names}
        for name in moving:
            other = frame + (1 if name == "to_next" else -1)
            if 0 <= other < fit.frames:
                planes[name] = motion_between(frames, here, fit.shown(other))
            else:
                planes[name] = planes[name] * np.float32(fit.frame_step)
        yield planes_in(planes, fit)


def surveyed(shot: Shot) -> list[int]:
    """The frames, as Blender counts, that tell a whole shot's scales: all, or ``SURVEYED`` of them, evenly spread."""
    count = min(shot.time.frames, SURVEYED)
    last = shot.time.frames - 1
    return sorted({shot.time.first + round(i * last / max(count - 1, 1)) for i in range(count)})


def depth_video(shot: Shot, passes: HasFrames, fit: Fit) -> Video:
    """(F, h, w, 3) inverse depth, near white, one scale for the whole shot, sky black."""
    numbers = surveyed(shot)
    told = {shot.time.first + fit.shown(frame) for frame in range(fit.frames)}
    kept: dict[int, Planes] = {}

    def survey() -> Iterator[Floats]:
        """The depths, and none of them is read again: those that the model is told are kept at its size."""
        for number in numbers:
            planes = passes.frame(number, only=("depth",))
            if number in told:
                kept[number] = planes_in(planes, fit)
            yield planes["depth"]

    limits = depth_range(survey(), len(numbers))
    others = _Kept(shot, passes, ("depth",))

    def shade(frame: int) -> NDArray[np.uint8]:
        after = fit.shown(frame)
        planes = kept.get(shot.time.first + after) or planes_in(others(after), fit)
        return to_uint8(inverse_depth(planes["depth"], limits))

    return _video(fit, map(shade, range(fit.frames)))


def edge_video(shot: Shot, passes: HasFrames, fit: Fit, draw: Callable[[Edges], NDArray[Any]] = hard_lines) -> Video:
    """(F, h, w, 3) edges found at the model's own size, white on black, as ``draw`` draws them (see ``lines``)."""
    told = told_frames(shot, passes, fit, ("depth", "normal", "body"))
    found = (draw(edges(one["depth"], one["normal"], one["body"])) for one in told)
    return _video(fit, (one if one.dtype == np.uint8 else to_uint8(one) for one in found))


def segment_video(shot: Shot, passes: HasFrames, fit: Fit) -> Video:
    """(F, h, w, 3) a flat colour a body, black where nothing is."""
    colours = body_colours(shot.bodies)
    return _video(fit, (segmentation(one["body"], colours) for one in told_frames(shot, passes, fit, ("body",))))


def preview_video(shot: Shot, passes: HasFrames, fit: Fit, blur: float = 0.0) -> Video:
    """(F, h, w, 3) the lit draft as displayed; with ``blur`` (``preview.BLUR``), blurred by that share of the longer side."""
    told = told_frames(shot, passes, fit, ("preview",))
    return _video(fit, (blurred(lit_preview(one["preview"], shot.view.exposure), blur) for one in told))


def flow_video(shot: Shot, passes: HasFrames, fit: Fit) -> Video:
    """(F, h, w, 3) motion on the colour wheel, one scale for the whole shot.

    A frame shows the motion that led to it, drawn where it came from, and the first that which the second shows: so Wan
    VACE was taught (its FlowVisAnnotator).
    """
    speeds = (passes.frame(one, only=("to_next",))["to_next"] for one in surveyed(shot))
    scale = flow_scale(speed * np.asarray(fit.scale, np.float32) * np.float32(fit.frame_step) for speed in speeds)
    made = [flow_picture(one["to_next"], scale) for one in told_frames(shot, passes, fit, ("to_next",))]
    return np.stack(made[:1] + made[:-1])


def track_video(shot: Shot, passes: HasFrames, fit: Fit, across: int = 12, spreads: int = 4) -> Video:
    """(F, h, w, 3) points, ``across`` on the picture's height, and the ways that they go, on black.

    They are spread in the first frame, and ``spreads`` times in all where the camera or a body uncovers what has none.
    """
    births = sorted({i * shot.time.frames // spreads for i in range(spreads)})
    tracks = fitted_tracks(tracks_of(shot, passes, shot.size.height / across, births), fit)
    return _video(fit, (drawn_tracks(tracks, frame, fit.height, fit.width) for frame in range(fit.frames)))


def mask_video(shot: Shot, passes: HasFrames, fit: Fit, bodies: Iterable[int]) -> NDArray[np.bool_]:
    """(F, h, w) true where one of the bodies is seen."""
    chosen = tuple(bodies)
    return np.stack([seen(one["body"], chosen) for one in told_frames(shot, passes, fit, ("body",))])


def matte_video(shot: Shot, passes: HasFrames, fit: Fit, bodies: Iterable[int], feather: float = 0.0) -> Floats:
    """(F, h, w) from 0 to 1 how much of each pixel the bodies cover; ``feather`` softens it by that many of its pixels."""
    chosen = tuple(bodies)
    frames = _Kept(shot, passes, ("body",))
    made = np.empty((fit.frames, fit.height, fit.width), np.float32)
    for frame in range(fit.frames):
        cover = picture_in(matte(seen(frames(fit.shown(frame))["body"], chosen)), fit)
        made[frame] = np.clip(softened(cover, feather), 0.0, 1.0)
    return made


def weight_video(shot: Shot, passes: HasFrames, fit: Fit, steer: Steer) -> Floats:
    """(F, h, w) shares of the control's weight by the bodies seen: what an attention mask is made of."""
    return np.stack([weight_map(steer, one["body"]) for one in told_frames(shot, passes, fit, ("body",))])


def _video(fit: Fit, pictures: Iterable[NDArray[np.uint8]]) -> Video:
    made = np.empty((fit.frames, fit.height, fit.width, 3), np.uint8)
    for frame, picture in enumerate(pictures):
        made[frame] = picture if picture.ndim == 3 else picture[..., None]
    return made


class _Kept:
    """Passes by frames after the first; those of the last few that were asked for are kept."""

    def __init__(self, shot: Shot, passes: HasFrames, names: tuple[str, ...]) -> None:
        self.shot, self.passes, self.names = shot, passes, names
        self.held: dict[int, Planes] = {}

    def __call__(self, frame: int) -> Planes:
        if frame not in self.held:
            while len(self.held) >= HELD:
                del self.held[next(iter(self.held))]
            self.held[frame] = self.passes.frame(self.shot.time.first + frame, only=self.names)
        return self.held[frame]
