"""The frozen list of passes: what every pixel of a shot is known by.

A pixel (i, j) covers [i, i + 1) x [j, j + 1), row 0 on top; its passes are sampled at its centre (i + 0.5, j + 0.5).
Camera axes are OpenCV's: x right, y down, z forward. Colours are scene-linear Rec.709.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ChannelType = Literal["float", "half", "uint"]


@dataclass(frozen=True)
class Pass:
    """One layer of the multilayer EXR; its channels are called ``name.suffix``."""

    name: str
    suffixes: tuple[str, ...]
    type: ChannelType
    meaning: str

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(f"{self.name}.{suffix}" for suffix in self.suffixes)


XY, XYZ, RGB, RGBA = ("X", "Y"), ("X", "Y", "Z"), ("R", "G", "B"), ("R", "G", "B", "A")

PASSES: tuple[Pass, ...] = (
    Pass("depth", ("Z",), "float", "metres along the camera's forward axis; inf where nothing is"),
    Pass("normal", XYZ, "float", "unit normal in camera axes, towards the camera; 0 0 0 where nothing is"),
    Pass("to_next", XY, "float", "pixels that the point moves until the next frame; NaN where unknown"),
    Pass("from_previous", XY, "float", "pixels that the point has moved since the previous frame; NaN where unknown"),
    Pass("body", ("ID",), "uint", "index of the body; 0 where nothing is"),
    Pass("material", ("ID",), "uint", "index of the material; 0 where nothing is"),
    Pass("base_color", RGB, "half", "base colour of the surface; 0 where nothing is"),
    Pass("occlusion", ("V",), "half", "open share of the surroundings, cosine weighted: 1 open, 0 closed"),
    Pass("world_light", RGB, "half", "radiance of a white matte surface lit by the world alone, occlusion included"),
    Pass(
        "reflection", RGBA, "half", "radiance that a mirror there would show; A is 1 where the screen held it, else 0"
    ),
    Pass("preview", RGB, "half", "the lit draft: base colour times light, with sky and reflections"),
)

LIGHT_PASS = Pass("light_000", RGB, "half", "radiance of a white matte surface lit by that lamp alone, shadow included")
"""One layer for each lamp of the shot, in order: light_000, light_001 and so on."""

MOST_LIGHTS = 64


def light_pass(index: int) -> Pass:
    """The layer of lamp number ``index``, counted from 0."""
    return Pass(f"light_{index:03d}", LIGHT_PASS.suffixes, LIGHT_PASS.type, LIGHT_PASS.meaning)


def passes_of(lights: int) -> tuple[Pass, ...]:
    """All layers of a shot with that many lamps, in the order of the file."""
    return PASSES + tuple(light_pass(index) for index in range(lights))


def pass_file(frame: int) -> str:
    """Path of a frame's EXR inside the shot folder; negative frames are allowed."""
    return f"passes/frame_{frame:07d}.exr"
