"""A shot: what the scene knows, exactly. Metres, seconds from the first frame, world axes of Blender, pixels.

See docs/shot-format.md for the folder; ``folder.py`` reads and writes it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Annotated, Literal

from .codec import Bound, Index, Length, NotNegative, Positive, Share
from .errors import ContractError
from .geometry import Box, Colour, Coordinate, Matrix, Vector, check_affine, check_rigid
from .passes import MOST_LIGHTS
from .paths import RelativePath
from .time import Frame, Seconds, Time
from .words import Words, Words_, unique

SHOT_FORMAT = "sora-shot"
SHOT_VERSION = 2
OLDEST_SHOT = 1
"""Shots of that version are still read; what they lack has its default."""

SMALLEST_SIZE, LARGEST_SIZE = 16, 8192
"""Pixels a side."""

Sound = Literal[
    "generic",
    "steel",
    "wood",
    "glass",
    "stone",
    "ceramic",
    "rubber",
    "plastic",
    "cardboard",
    "cloth",
    "water",
    "gravel",
    "snow",
    "body",
]
"""What a thing is made of, as far as the ear can tell."""

SOUNDS: tuple[Sound, ...] = Sound.__args__  # type: ignore[attr-defined]

Speed = Annotated[float, Bound(low=0.0, high=1e6)]
"""Metres a second."""
Identity = Annotated[str, Length(1, 64)]
Name = Annotated[str, Length(1, 1024)]


def check_uuid(value: str, field_name: str) -> None:
    """Refuse text that is not a UUID."""
    try:
        uuid.UUID(value)
    except ValueError:
        raise ContractError(field_name, f"{value[:60]!r} is not a UUID") from None


@dataclass(frozen=True)
class Size:
    """Pixels, and the shape of one (1.0 wide for square pixels)."""

    width: Annotated[int, Bound(low=SMALLEST_SIZE, high=LARGEST_SIZE)]
    height: Annotated[int, Bound(low=SMALLEST_SIZE, high=LARGEST_SIZE)]
    pixel_aspect: Annotated[float, Bound(low=0.1, high=10.0)] = 1.0
    """Width of a pixel over its height, as shown."""


@dataclass(frozen=True)
class View:
    """How the scene's colours are shown: Blender's colour management, recorded, never applied to the passes."""

    display: str = "sRGB"
    transform: str = "Standard"
    look: str = "None"
    exposure: Annotated[float, Bound(low=-32.0, high=32.0)] = 0.0
    gamma: Positive = 1.0


@dataclass(frozen=True)
class CameraRow:
    """The camera at one frame.

    ``world`` takes OpenCV camera axes (x right, y down, z forward) to the world; it is rigid. Perspective:
    u = fx x / z + cx, v = fy y / z + cy, in pixels from the top left corner. Orthographic: u = fx x + cx, v = fy y + cy
    (fx and fy are pixels a metre).
    """

    camera: Name
    kind: Literal["perspective", "orthographic"]
    world: Matrix
    fx: Positive
    fy: Positive
    cx: Coordinate
    cy: Coordinate
    near: NotNegative
    far: Positive
    focus_distance: NotNegative = 10.0
    f_stop: Positive | None = None
    """None where depth of field is off."""
    shutter: NotNegative = 0.5
    """Share of a frame that the shutter is open; 0 without motion blur."""

    def check(self) -> None:
        check_rigid(self.world, "world")
        if self.far <= self.near:
            raise ContractError("far", "is not beyond 'near'")


@dataclass(frozen=True)
class LightRow:
    """A lamp at one frame. ``world`` takes lamp axes to the world; the lamp shines along its -z axis."""

    world: Matrix
    color: Colour
    energy: Annotated[float, Bound(low=-1e12, high=1e12)]
    """Watts as Blender counts them for point, spot and area; watts a square metre for a sun. 0 where it is hidden."""

    def check(self) -> None:
        check_affine(self.world, "world")


@dataclass(frozen=True)
class Light:
    """A lamp. Its pass is ``light_NNN``, NNN being its place in ``shot.lights``."""

    id: Identity
    name: Name
    kind: Literal["sun", "point", "spot", "area"]
    shape: Literal["sphere", "square", "rectangle", "disk", "ellipse", "angle"]
    size: NotNegative
    """Radius (sphere), side or diameter (area) in metres; the sun's angular diameter in radians."""
    size_y: NotNegative
    spot_angle: NotNegative
    """Full cone angle, radians; 0 for other kinds."""
    spot_blend: Share
    shadow: bool
    rows: list[LightRow]

    def check(self) -> None:
        check_uuid(self.id, "id")


@dataclass(frozen=True)
class World:
    """Light from all around: a colour a frame, strength multiplied in; the mean where the world is a picture."""

    colors: list[Colour]


@dataclass(frozen=True)
class Material:
    """A surface. ``index`` is its value in the material pass."""

    index: Index
    name: Name
    base_color: Colour
    """The mean where it is a picture."""
    roughness: Share = 0.5
    metallic: Share = 0.0
    transmission: Share = 0.0
    ior: Positive = 1.45
    emission: Colour = (0.0, 0.0, 0.0)
    """Radiance it sends out by itself, strength multiplied in."""
    words: Words_ = ""


@dataclass(frozen=True)
class BodyRow:
    """A body at one frame: transform, and velocity of its origin (m/s) and about it (rad/s, world axes)."""

    world: Matrix
    velocity: Vector = (0.0, 0.0, 0.0)
    spin: Vector = (0.0, 0.0, 0.0)

    def check(self) -> None:
        check_affine(self.world, "world")


@dataclass(frozen=True)
class Body:
    """A thing that can be seen or heard. ``index`` is its value in the body pass.

    ``rows`` has a row a frame, or a single one where the body never moves.
    """

    id: Identity
    index: Index
    name: Name
    motion: Literal["still", "moving", "rigid", "deforming", "particles"]
    """``rigid`` is simulated by a rigid-body world, ``moving`` is animated; ``particles`` stands for all of a system."""
    sound: Sound
    materials: list[Index]
    bounds: Box
    """In the body's own axes, at the first frame, with its scale."""
    rows: Annotated[list[BodyRow], Length(1)]
    mass: Positive | None = None
    """Kilograms; None where the scene does not say, and ``bounds`` and ``sound`` must tell."""
    friction: NotNegative = 0.5
    restitution: Share = 0.0
    words: Words_ = ""

    def check(self) -> None:
        check_uuid(self.id, "id")

    def row(self, frame_offset: int) -> BodyRow:
        """The row of the frame that many after the first."""
        return self.rows[frame_offset] if len(self.rows) > 1 else self.rows[0]


@dataclass(frozen=True)
class Seen:
    """Where the camera sees a point at the frame at or before its time: pixels, metres of depth, and if it is hidden."""

    x: Coordinate
    y: Coordinate
    depth: Coordinate
    hidden: bool


@dataclass(frozen=True)
class Contact:
    """Two bodies touch. ``time`` is what picture and sound are held to.

    impact, step, splash and close happen at ``time``; roll and slide last ``until`` another, and then ``speeds`` and
    ``points`` are sampled evenly over the interval, both ends included. ``speed`` is the closing speed along the normal
    for what happens at once, and the mean speed along the surface for what lasts.
    """

    kind: Literal["impact", "step", "splash", "close", "roll", "slide"]
    time: Seconds
    """Seconds from the first frame; before 0 where it began before the shot."""
    bodies: tuple[Index, Index]
    point: Vector
    normal: Vector
    """Unit, from the second body to the first."""
    speed: Speed
    impulse: NotNegative | None = None
    """Newton seconds; None where the masses are not known."""
    until: Seconds | None = None
    speeds: list[Speed] = field(default_factory=list)
    points: list[Vector] = field(default_factory=list)
    seen: Seen | None = None

    @property
    def lasts(self) -> bool:
        return self.kind in ("roll", "slide")

    def check(self) -> None:
        if abs(sum(value * value for value in self.normal) - 1.0) > 1e-2:
            raise ContractError("normal", "is not a unit vector")
        if self.lasts:
            if self.until is None or self.until <= self.time:
                raise ContractError("until", f"a {self.kind} needs an end after its start")
            if len(self.speeds) < 2:
                raise ContractError("speeds", f"a {self.kind} needs the speed at its start and its end at least")
            if len(self.points) != len(self.speeds):
                raise ContractError("points", "has not as many items as 'speeds'")
        elif self.until is not None or self.speeds or self.points:
            raise ContractError("until", f"a {self.kind} happens at once and has no interval")


@dataclass(frozen=True)
class Cue:
    """Sound that the artist placed: a line of dialogue, an ambience, an effect."""

    kind: Literal["dialogue", "ambience", "effect"]
    words: Words_
    start: Seconds
    """Seconds from the first frame."""
    end: Seconds | None = None
    speaker: int | None = None
    """Index of the body that speaks or sounds."""
    gain: Annotated[float, Bound(low=-60.0, high=24.0)] = 0.0
    """Decibels."""

    def check(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise ContractError("end", "is not after 'start'")


@dataclass(frozen=True)
class Room:
    """The space that sound meets. ``enclosed`` where walls and a ceiling surround the camera."""

    bounds: Box
    enclosed: bool
    sound: Sound = "generic"
    """Of the walls."""


@dataclass(frozen=True)
class Reference:
    """A picture, a take or a likeness to start from or to keep to; ``path`` is a file of the shot folder."""

    kind: Literal["keyframe", "take", "identity"]
    path: RelativePath
    frame: Frame | None = None
    body: int | None = None
    strength: Share = 1.0
    consent: RelativePath | None = None
    """The consent record that an identity needs."""

    def check(self) -> None:
        if self.kind == "identity" and self.consent is None:
            raise ContractError("consent", "is missing", "a likeness needs the consent of its owner")
        if self.kind == "keyframe" and self.frame is None:
            raise ContractError("frame", "is missing", "say which frame the picture stands for")


@dataclass(frozen=True)
class Source:
    """Where a shot was read from."""

    software: str
    scene: str
    passes: Literal["gpu", "cycles", "none"]
    """The renderer of the passes; ``none`` where there are no passes."""
    snapshot: bool = False


@dataclass(frozen=True)
class Shot:
    """Everything that the engine is told. The passes lie beside it, a file a frame (``passes.py``)."""

    format: Literal["sora-shot"]
    version: int
    id: Identity
    name: Name
    source: Source
    time: Time
    size: Size
    view: View
    camera: list[CameraRow]
    lights: Annotated[list[Light], Length(0, MOST_LIGHTS)]
    world: World
    materials: list[Material]
    bodies: list[Body]
    contacts: Annotated[list[Contact], Length(0, 1_000_000)]
    words: Words
    cues: list[Cue] = field(default_factory=list)
    room: Room | None = None
    references: list[Reference] = field(default_factory=list)
    sequence: Identity | None = None
    """The sequence that this shot belongs to."""
    take: Identity | None = None
    """The take that this shot remixes or extends."""
    left_out: list[str] = field(default_factory=list)
    """What the scene holds and the passes do not show, each by name, in a sentence."""

    def check(self) -> None:
        check_uuid(self.id, "id")
        frames = self.time.frames
        if len(self.camera) != frames:
            raise ContractError("camera", f"has {len(self.camera)} rows for {frames} frames")
        if len(self.world.colors) != frames:
            raise ContractError("world.colors", f"has {len(self.world.colors)} rows for {frames} frames")
        for i, light in enumerate(self.lights):
            if len(light.rows) != frames:
                raise ContractError(f"lights[{i}].rows", f"has {len(light.rows)} rows for {frames} frames")
        materials = unique([material.index for material in self.materials], "materials", "index")
        bodies = unique([body.index for body in self.bodies], "bodies", "index")
        unique([body.id for body in self.bodies], "bodies", "id")
        for i, body in enumerate(self.bodies):
            if len(body.rows) not in (1, frames):
                raise ContractError(f"bodies[{i}].rows", f"has {len(body.rows)} rows for {frames} frames")
            for j, index in enumerate(body.materials):
                if index not in materials:
                    raise ContractError(f"bodies[{i}].materials[{j}]", f"no material has the index {index}")
        for i, contact in enumerate(self.contacts):
            for j, index in enumerate(contact.bodies):
                if index not in bodies:
                    raise ContractError(f"contacts[{i}].bodies[{j}]", f"no body has the index {index}")
        for i, cue in enumerate(self.cues):
            if cue.speaker is not None and cue.speaker not in bodies:
                raise ContractError(f"cues[{i}].speaker", f"no body has the index {cue.speaker}")
        for i, steer in enumerate(self.words.controls):
            for j, one in enumerate(steer.bodies):
                if one.body not in bodies:
                    place = f"words.controls[{i}].bodies[{j}].body"
                    raise ContractError(place, f"no body has the index {one.body}")

    def body(self, index: int) -> Body:
        """The body of that index. Raises KeyError."""
        for body in self.bodies:
            if body.index == index:
                return body
        raise KeyError(index)
