"""A shot's controls as videos on a model's grid: each (frames, height, width, ...) of its ``Fit``.

The passes are read a frame at a time; what is returned is whole, as the models take it. Codes are sRGB, three equal
channels where a control has one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Shot, Steer

from ..media.colour import to_uint8
from .conform import Fit, Planes, planes_in
from .depth import depth_range, inverse_depth
from .edges import Edges, edges
from .flow import flow_picture, flow_scale
from .lines import hard_lines
from .masks import matte, seen
from .preview import blurred, lit_preview
from .schedule import weight_map
from .segments import body_colours, segmentation
from .tracks import NEEDED as TRACKED
from .tracks import drawn_tracks, follow, spread_points

Video = NDArray[np.uint8]
Floats = NDArray[np.float32]


class HasFrames(Protocol):
    """What ``engine.media.passes.Passes`` offers."""

    def frame(self, number: int, only: Any = None) -> Planes: ...


def told_frames(shot: Shot, passes: HasFrames, fit: Fit, only: Iterable[str]) -> Iterator[Planes]:
    """The passes that ``only`` names at each of the model's frames, at the model's size."""
    names = tuple(only)
    last: tuple[int, Planes] | None = None
    for frame in range(fit.frames):
        number = shot.time.first + fit.shown(frame)
        if last is None or last[0] != number:
            last = number, planes_in(passes.frame(number, only=names), fit)
        yield last[1]


def depth_video(shot: Shot, passes: HasFrames, fit: Fit) -> Video:
    """(F, h, w, 3) inverse depth, near white, one scale for the whole shot, sky black."""
    numbers = range(shot.time.first, shot.time.last + 1)
    limits = depth_range((passes.frame(one, only=("depth",))["depth"] for one in numbers), len(numbers))
    return _video(
        fit, (to_uint8(inverse_depth(one["depth"], limits)) for one in told_frames(shot, passes, fit, ("depth",)))
    )


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
    """(F, h, w, 3) the lit draft as displayed; with ``blur``, under a Gaussian of that share of the height."""
    told = told_frames(shot, passes, fit, ("preview",))
    return _video(fit, (blurred(lit_preview(one["preview"], shot.view.exposure), blur) for one in told))


def flow_video(shot: Shot, passes: HasFrames, fit: Fit) -> Video:
    """(F, h, w, 3) motion to the next frame on the colour wheel, one scale for the whole shot."""
    name = ("to_next",)
    scale = flow_scale(one["to_next"] for one in told_frames(shot, passes, fit, name))
    return _video(fit, (flow_picture(one["to_next"], scale) for one in told_frames(shot, passes, fit, name)))


def track_video(shot: Shot, passes: HasFrames, fit: Fit, apart: float | None = None) -> Video:
    """(F, h, w, 3) points some ``apart`` pixels apart (a sixteenth of the height) and the ways that they go, on black."""
    first = next(told_frames(shot, passes, fit, ("body",)))["body"]
    points = spread_points(first, fit.height / 16 if apart is None else apart)
    tracks = follow(told_frames(shot, passes, fit, TRACKED), points)
    return _video(fit, (drawn_tracks(tracks, frame, fit.height, fit.width) for frame in range(fit.frames)))


def mask_video(shot: Shot, passes: HasFrames, fit: Fit, bodies: Iterable[int]) -> NDArray[np.bool_]:
    """(F, h, w) true where one of the bodies is seen."""
    chosen = tuple(bodies)
    return np.stack([seen(one["body"], chosen) for one in told_frames(shot, passes, fit, ("body",))])


def matte_video(shot: Shot, passes: HasFrames, fit: Fit, bodies: Iterable[int], feather: float = 0.0) -> Floats:
    """(F, h, w) from 0 to 1, the mask with a soft rim."""
    return np.stack([matte(one, feather) for one in mask_video(shot, passes, fit, bodies)])


def weight_video(shot: Shot, passes: HasFrames, fit: Fit, steer: Steer) -> Floats:
    """(F, h, w) shares of the control's weight by the bodies seen: what an attention mask is made of."""
    return np.stack([weight_map(steer, one["body"]) for one in told_frames(shot, passes, fit, ("body",))])


def _video(fit: Fit, pictures: Iterable[NDArray[np.uint8]]) -> Video:
    made = np.empty((fit.frames, fit.height, fit.width, 3), np.uint8)
    for frame, picture in enumerate(pictures):
        made[frame] = picture if picture.ndim == 3 else picture[..., None]
    return made
