"""What is asked of an export: plain values, so that they can be sent to another process."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import bpy

from ..contract import Size, Time, Words

NTSC = tuple(Fraction(rate * 1000, 1001) for rate in (24, 30, 48, 60, 120))


@dataclass(frozen=True)
class ReferenceFile:
    """A picture, take or likeness on disk that goes into the shot. Paths are absolute."""

    kind: Literal["keyframe", "take", "identity"]
    path: str
    frame: int | None = None
    body: str | None = None
    """Name of the object that it shows."""
    strength: float = 1.0
    consent: str | None = None


@dataclass(frozen=True)
class ExportOptions:
    """What to export of a scene. ``first`` and ``last`` are both included and hold the handles."""

    scene: str
    view_layer: str
    first: int
    last: int
    size: Size
    camera: str | None = None
    """Object to look through in every frame; None for the scene's own camera and its markers."""
    handle_in: int = 0
    handle_out: int = 0
    words: Words = field(default_factory=Words)
    references: list[ReferenceFile] = field(default_factory=list)
    passes: bool = True
    """False for a shot without pictures: camera, bodies, contacts and lights alone."""
    name: str = ""
    shot: str | None = None
    """UUID of the shot; None for a new one."""
    sequence: str | None = None
    take: str | None = None
    by_body: bool = False
    """Whether the controls of the words get the weights that objects have; not every backend can tell objects apart."""

    @property
    def frames(self) -> range:
        return range(self.first, self.last + 1)


def options_of(scene: Any, view_layer: Any, **changes: Any) -> ExportOptions:
    """What the scene's own render settings ask for, with ``changes``."""
    asked: dict[str, Any] = {
        "scene": scene.name,
        "view_layer": view_layer.name,
        "first": scene.frame_start,
        "last": scene.frame_end,
        "size": render_size(scene),
        "name": bpy.path.display_name_from_filepath(bpy.data.filepath) or scene.name,
    }
    return ExportOptions(**(asked | changes))


def render_size(scene: Any) -> Size:
    """Pixels as Blender would render them: the percentage applied and rounded down, as it does."""
    render = scene.render
    return Size(
        render.resolution_x * render.resolution_percentage // 100,
        render.resolution_y * render.resolution_percentage // 100,
        render.pixel_aspect_x / render.pixel_aspect_y,
    )


def frame_rate(scene: Any) -> Fraction:
    """Frames a second, exactly: Blender's 24 over a single-precision 1.001 is 24000/1001.

    Single precision holds about seven digits, so the base is read as a decimal of six; a rate that is then within two
    millionths of an NTSC one is that one (importers write 23.976).
    """
    base = Fraction(round(scene.render.fps_base * 1_000_000), 1_000_000)
    rate = scene.render.fps / base
    for standard in NTSC:
        if abs(rate / standard - 1) < Fraction(2, 1_000_000):
            return standard
    return rate if max(rate.numerator, rate.denominator) <= 1_000_000 else rate.limit_denominator(1000)


def timecode(frame: int, rate: Fraction) -> str:
    """HH:MM:SS:FF of a frame number, non-drop, at the nominal whole rate; it wraps at 24 hours as timecode does."""
    nominal = max(1, round(rate))
    seconds, frames = divmod(frame % (24 * 3600 * nominal), nominal)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frames:02d}"


def time_of(scene: Any, options: ExportOptions) -> Time:
    """The shot's frames and their rate."""
    rate = frame_rate(scene)
    return Time(
        (rate.numerator, rate.denominator),
        options.first,
        options.last,
        options.handle_in,
        options.handle_out,
        timecode(options.first, rate),
    )
