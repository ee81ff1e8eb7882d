"""A shot that is known in closed form, made without Blender: a tiled floor, a wall and two balls under a sun.

One ball rests, one falls and bounces. Every pass is traced in double precision, so that measures and backends can be held
against the truth. The picture of another camera or of another time comes from the same tracer.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import OpenEXR
from numpy.typing import NDArray

from sora_addon.contract import (
    SHOT_FORMAT,
    SHOT_VERSION,
    Body,
    BodyRow,
    Box,
    CameraRow,
    Contact,
    Light,
    LightRow,
    Material,
    Matrix,
    Shot,
    Size,
    Source,
    Time,
    View,
    Words,
    World,
    pass_file,
    passes_of,
    whole_folder,
    write_document,
)

Array = NDArray[np.float64]
GRAVITY = 9.81
SUN_DIRECTION = np.array([0.4, -0.3, 0.866]) / np.linalg.norm([0.4, -0.3, 0.866])
SUN_STRENGTH, WORLD_COLOUR = 2.5, (0.35, 0.4, 0.5)
FLOOR, WALL, RESTING, FALLING = 1, 2, 3, 4
WALL_Y = 4.0
RESTITUTION = 0.6


def camera_row(eye: Array, target: Array, width: int, height: int, lens: float = 0.9) -> CameraRow:
    """A camera at ``eye`` that looks at ``target``; ``lens`` is the focal length in picture widths."""
    forward = (target - eye) / np.linalg.norm(target - eye)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    world = np.eye(4)
    world[:3, 0], world[:3, 1], world[:3, 2], world[:3, 3] = right, np.cross(forward, right), forward, eye
    f = lens * width
    return CameraRow("Camera", "perspective", matrix_of(world), f, f, width / 2, height / 2, 0.1, 100.0)


def matrix_of(array: Array) -> Matrix:
    return tuple(float(value) for value in array.reshape(-1))  # type: ignore[return-value]


def texture(points: Array, seed: int) -> Array:
    """(..., 3) colours of a solid texture that is rich in corners: tiles, each with a random shade, and fine speckle."""

    def hashed(cells: NDArray[np.int64], salt: int) -> Array:
        value = (cells[..., 0] * 73856093) ^ (cells[..., 1] * 19349663) ^ (cells[..., 2] * 83492791) ^ (salt * 2654435)
        value = (value * 1103515245 + 12345) & 0x7FFFFFFF
        value = (value ^ (value >> 13)) * 1274126177 & 0x7FFFFFFF
        return (value & 0xFFFF) / 65535.0

    coarse = hashed(np.floor(points / 0.4 + 1e-7).astype(np.int64), seed)
    fine = hashed(np.floor(points / 0.1 + 1e-7).astype(np.int64), seed + 7)
    shade = 0.15 + 0.55 * coarse + 0.2 * fine
    tint = np.array([[1.0, 0.9, 0.75], [0.8, 0.95, 1.0], [1.0, 0.75, 0.6], [0.7, 1.0, 0.8]])[seed % 4]
    return np.clip(shade[..., None] * tint, 0.0, 1.0)


@dataclass(frozen=True)
class Traced:
    """What one ray a pixel finds."""

    depth: Array
    points: Array
    normals: Array
    bodies: NDArray[np.uint32]
    base: Array
    light: Array
    preview: Array


@dataclass
class MadeShot:
    """Frames ``first``..``first + frames - 1`` of the little scene."""

    width: int = 96
    height: int = 64
    frames: int = 12
    first: int = 1
    fps: tuple[int, int] = (24, 1)
    drop: float = 0.6
    """Metres that the ball falls to the floor, from rest, starting at the first frame."""
    travel: float = 0.6
    """Metres that the camera trucks to the right during the shot."""
    words: Words = field(default_factory=Words)
    camera_at: Callable[[float], CameraRow] | None = None
    """seconds -> row; the default trucks past, looking down a little."""

    radius = 0.3

    def seconds(self, frame: float) -> float:
        return (frame - self.first) * self.fps[1] / self.fps[0]

    def camera(self, seconds: float) -> CameraRow:
        if self.camera_at is not None:
            return self.camera_at(seconds)
        share = seconds / max(self.seconds(self.first + self.frames - 1), 1e-9)
        eye = np.array([-self.travel / 2 + self.travel * share, -4.0, 1.6])
        return camera_row(eye, eye + np.array([0.0, 5.0, -1.2]), self.width, self.height)

    def ball(self, seconds: float) -> Array:
        """Centre of the falling ball: rest, fall, bounces with ``RESTITUTION``."""
        height, speed, time = self.drop, 0.0, max(seconds, 0.0)
        while True:
            landing = (speed + math.sqrt(speed * speed + 2 * GRAVITY * height)) / GRAVITY
            if time < landing or landing < 1e-3:
                z = max(height + speed * time - GRAVITY * time * time / 2, 0.0) if landing >= 1e-3 else 0.0
                return np.array([0.5, 0.2, self.radius + z])
            speed = RESTITUTION * (GRAVITY * landing - speed)
            height, time = 0.0, time - landing

    def impacts(self) -> list[tuple[float, float]]:
        """(seconds, closing speed) of the bounces within the shot."""
        found, time = [], math.sqrt(2 * self.drop / GRAVITY)
        speed = GRAVITY * time
        while time < self.frames * self.fps[1] / self.fps[0] and speed > 0.05:
            found.append((time, speed))
            speed *= RESTITUTION
            time += 2 * speed / GRAVITY
        return found

    def trace(self, seconds: float, row: CameraRow | None = None) -> Traced:
        row = row or self.camera(seconds)
        world = np.array(row.world).reshape(4, 4)
        j, i = np.mgrid[0 : self.height, 0 : self.width] + 0.5
        local = np.stack([(i - row.cx) / row.fx, (j - row.cy) / row.fy, np.ones_like(i)], -1)
        rays = local @ world[:3, :3].T
        eye = world[:3, 3]
        depth, bodies, normals = self._hit(np.broadcast_to(eye, rays.shape), rays, seconds)
        hit = np.isfinite(depth)
        points = eye + rays * np.where(hit, depth, 0.0)[..., None]
        base = np.zeros_like(points)
        for body in (FLOOR, WALL, RESTING, FALLING):
            mask = bodies == body
            offset = self.ball(seconds) if body == FALLING else np.zeros(3)
            base[mask] = texture(points[mask] - offset, body)
        shadow, _, _ = self._hit(
            points + normals * 1e-4, np.broadcast_to(SUN_DIRECTION, points.shape), seconds, balls_only=True
        )
        lit = np.clip(normals @ SUN_DIRECTION, 0, None) * ~np.isfinite(shadow) * hit * SUN_STRENGTH / math.pi
        light = np.repeat(lit[..., None], 3, -1)
        preview = np.where(hit[..., None], base * (light + WORLD_COLOUR), WORLD_COLOUR)
        return Traced(depth, points, normals, bodies, base, light, preview)

    def _hit(
        self, origins: Array, rays: Array, seconds: float, balls_only: bool = False
    ) -> tuple[Array, NDArray[np.uint32], Array]:
        depth = np.full(rays.shape[:-1], np.inf)
        bodies = np.zeros(rays.shape[:-1], np.uint32)
        normals = np.zeros(rays.shape)
        with np.errstate(divide="ignore", invalid="ignore"):
            planes = [] if balls_only else [(FLOOR, 2, 0.0, (0, 0, 1)), (WALL, 1, WALL_Y, (0, -1, 0))]
            for body, axis, level, normal in planes:
                t = (level - origins[..., axis]) / rays[..., axis]
                nearer = (t > 1e-6) & (t < depth)
                depth[nearer], bodies[nearer], normals[nearer] = t[nearer], body, normal
            for body, centre in ((RESTING, np.array([-0.6, 0.6, self.radius])), (FALLING, self.ball(seconds))):
                a = (rays * rays).sum(-1)
                b = ((origins - centre) * rays).sum(-1)
                c = ((origins - centre) ** 2).sum(-1) - self.radius**2
                t = (-b - np.sqrt(b * b - a * c)) / a
                nearer = (t > 1e-6) & (t < depth)
                where = origins + rays * np.where(nearer, t, 0.0)[..., None]
                depth[nearer], bodies[nearer] = t[nearer], body
                normals[nearer] = ((where - centre) / self.radius)[nearer]
        return depth, bodies, normals

    def picture(self, frame: float, row: CameraRow | None = None) -> NDArray[np.uint8]:
        """(height, width, 3) sRGB of the truth at ``frame``, perhaps through another camera."""
        linear = self.trace(self.seconds(frame), row).preview
        display = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055)
        return np.round(np.clip(display, 0, 1) * 255).astype(np.uint8)

    def pixels(self, points: Array, seconds: float) -> Array:
        """(..., 2) where the camera sees world points."""
        row = self.camera(seconds)
        local = (points - np.array(row.world).reshape(4, 4)[:3, 3]) @ np.array(row.world).reshape(4, 4)[:3, :3]
        return np.array([row.fx, row.fy]) * local[..., :2] / local[..., 2:] + [row.cx, row.cy]

    def channels(self, frame: int) -> dict[str, NDArray]:
        """Every channel of the frame's EXR."""
        now = self.seconds(frame)
        step = self.fps[1] / self.fps[0]
        traced = self.trace(now)
        rotation = np.array(self.camera(now).world).reshape(4, 4)[:3, :3]
        falling = (traced.bodies == FALLING)[..., None]
        j, i = np.mgrid[0 : self.height, 0 : self.width] + 0.5
        here = np.stack([i, j], -1)
        after = self.pixels(traced.points + falling * (self.ball(now + step) - self.ball(now)), now + step) - here
        before = here - self.pixels(traced.points + falling * (self.ball(now - step) - self.ball(now)), now - step)
        layers = {
            "depth": traced.depth,
            "normal": traced.normals @ rotation,
            "to_next": after,
            "from_previous": before,
            "body": traced.bodies,
            "material": traced.bodies,
            "base_color": traced.base,
            "occlusion": np.ones_like(traced.depth),
            "world_light": np.broadcast_to(WORLD_COLOUR, traced.base.shape),
            "reflection": np.zeros((self.height, self.width, 4)),
            "preview": traced.preview,
            "light_000": traced.light,
        }
        kinds = {"float": np.float32, "half": np.float16, "uint": np.uint32}
        channels = {}
        for layer in passes_of(1):
            for k, name in enumerate(layer.channels):
                data = layers[layer.name]
                data = data if data.ndim == 2 else data[..., k]
                channels[name] = np.ascontiguousarray(data, kinds[layer.type])
        return channels

    def shot(self) -> Shot:
        rows = [self.camera(self.seconds(self.first + i)) for i in range(self.frames)]
        still = BodyRow((1.0, 0, 0, 0, 0, 1.0, 0, 0, 0, 0, 1.0, 0, 0, 0, 0, 1.0))
        falling = []
        for i in range(self.frames):
            world = np.eye(4)
            world[:3, 3] = self.ball(self.seconds(self.first + i))
            falling.append(BodyRow(matrix_of(world)))
        resting = np.eye(4)
        resting[:3, 3] = -0.6, 0.6, self.radius
        ball = Box((-self.radius,) * 3, (self.radius,) * 3)

        def body(index: int, name: str, motion: str, sound: str, bounds: Box, rows: list[BodyRow], mass: float | None):
            identity = str(uuid.uuid5(uuid.NAMESPACE_OID, name))
            return Body(identity, index, name, motion, sound, [index], bounds, rows, mass)  # type: ignore[arg-type]

        return Shot(
            format=SHOT_FORMAT,
            version=SHOT_VERSION,
            id=str(uuid.uuid5(uuid.NAMESPACE_OID, "made shot")),
            name="made",
            source=Source("tests", "made_shot.py", "none"),
            time=Time(self.fps, self.first, self.first + self.frames - 1),
            size=Size(self.width, self.height),
            view=View(),
            camera=rows,
            lights=[
                Light(
                    str(uuid.uuid5(uuid.NAMESPACE_OID, "sun")),
                    "Sun",
                    "sun",
                    "angle",
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    True,
                    [LightRow(self._sun(), (1.0, 1.0, 1.0), SUN_STRENGTH)] * self.frames,
                )
            ],
            world=World([WORLD_COLOUR] * self.frames),
            materials=[
                Material(i, name, (0.5, 0.5, 0.5))
                for i, name in ((1, "Stone"), (2, "Plaster"), (3, "Wood"), (4, "Steel"))
            ],
            bodies=[
                body(FLOOR, "Floor", "still", "stone", Box((-20, -20, -0.1), (20, 4, 0)), [still], None),
                body(WALL, "Wall", "still", "stone", Box((-20, 4, 0), (20, 4.1, 10)), [still], None),
                body(RESTING, "Resting ball", "still", "wood", ball, [replace(still, world=matrix_of(resting))], 40.0),
                body(FALLING, "Falling ball", "rigid", "steel", ball, falling, 5.0),
            ],
            contacts=[
                Contact("impact", time, (FALLING, FLOOR), (0.5, 0.2, 0.0), (0, 0, 1), speed, 5.0 * speed * 1.6)
                for time, speed in self.impacts()
            ],
            words=self.words,
        )

    @staticmethod
    def _sun() -> Matrix:
        z = SUN_DIRECTION
        x = np.cross([0.0, 1.0, 0.0], z)
        x /= np.linalg.norm(x)
        world = np.eye(4)
        world[:3, 0], world[:3, 1], world[:3, 2] = x, np.cross(z, x), z
        return matrix_of(world)

    def write(self, folder: Path) -> Shot:
        """The whole shot folder at ``folder``, which must not exist."""
        shot = self.shot()
        with whole_folder(folder) as partial:
            (partial / "passes").mkdir()
            for frame in range(shot.time.first, shot.time.last + 1):
                header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
                OpenEXR.File(header, self.channels(frame)).write(str(partial / pass_file(frame)))
            write_document(partial / "shot.json", shot)
        return shot
