"""Weather and what the air is full of: wet ground and rain, snow, fog, dust, water overhead.

All but wet ground is in the truth alone, as it is where an artist says it in words.
"""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from ... import compat
from ..shapes import box, solid
from ..stage import FPS
from ..surfaces import Colour, surface
from . import vocabulary as known
from .light import DAY
from .recipe import Recipe, rng
from .veil import Veil

Draw = np.random.Generator
FALL = {"rain": 7.0, "snow": 1.1, "dust": 0.15, "underwater": 0.06}
"""Metres a second of what falls."""
COUNT = {"rain": 2200, "snow": 2200, "dust": 260, "underwater": 200}
MATTEST = 0.3
"""Roughness of what is wet but not level."""
CLEAR_OF_LENS = 0.7
"""Metres around the camera that are kept free of what falls."""


class Air:
    """What the truth has and the blocked shot has not."""

    def __init__(self, scene: bpy.types.Scene, made: Recipe, first: int) -> None:
        """``first``: the first frame of the clip. Wet ground that the shot shows too is made at once."""
        self._scene, self._made, self._first = scene, made, first
        self._draw = rng(made.seed, "air")
        self._only_truth: list[bpy.types.Object] = []
        self.chosen: dict[str, Any] = {}
        if made.air == "rain" and not made.words_air:
            self._wet()

    def veil(self) -> Veil:
        """Nothing to hide; what is to be shown is made when it is shown."""
        return Veil(lambda: None, self._show)

    def clear(self) -> None:
        """Take out of the picture what is in the air, for the clay render."""
        for one in self._only_truth:
            one.hide_render = True

    def _show(self) -> None:
        air = self._made.air
        if air == "rain" and self._made.words_air:
            self._wet()
        if air == "snow":
            steepest = float(self._draw.uniform(0.15, 0.45))
            self.chosen |= {"snow_steepest": steepest}
            _cover(steepest)
        if air in ("fog", "dust", "underwater") or air == "rain":
            self._only_truth.append(self._medium())
        if air in FALL:
            self._only_truth.append(self._fall())

    def _wet(self) -> None:
        polish, dark = float(self._draw.uniform(0.05, 0.16)), float(self._draw.uniform(0.45, 0.65))
        self.chosen |= {"wet_roughness": polish, "wet_darkness": dark}
        for material in bpy.data.materials:
            kind = material.get("kind")
            if kind in known.GROUNDS and kind != "cloth":
                _wetted(material, max(polish, MATTEST if kind in ("grass", "gravel", "sand") else 0.0), dark)

    def _medium(self) -> bpy.types.Object:
        """Air that swallows and gives back light evenly: L = L0 e^(-s d) + A (1 - e^(-s d)) (Koschmieder 1924).

        A volume of absorption and emission, seen by camera rays alone, so that it costs no noise; s and A are recorded.
        """
        sigma, airlight = self._haze()
        self.chosen |= {"sigma": [float(v) for v in sigma], "airlight": [float(v) for v in airlight]}
        material = bpy.data.materials.new("Air")
        tree = compat.shader_tree(material)
        tree.nodes.clear()
        output = tree.nodes.new("ShaderNodeOutputMaterial")
        swallow, give = tree.nodes.new("ShaderNodeVolumeAbsorption"), tree.nodes.new("ShaderNodeEmission")
        both = tree.nodes.new("ShaderNodeAddShader")
        path = tree.nodes.new("ShaderNodeLightPath")
        peak = float(sigma.max())
        swallow.inputs["Color"].default_value = (*(1.0 - sigma / peak), 1.0)
        give.inputs["Color"].default_value = (*(airlight * sigma), 1.0)
        scale = tree.nodes.new("ShaderNodeMath")
        scale.operation = "MULTIPLY"
        scale.inputs[1].default_value = peak
        tree.links.new(path.outputs["Is Camera Ray"], scale.inputs[0])
        tree.links.new(scale.outputs[0], swallow.inputs["Density"])
        tree.links.new(path.outputs["Is Camera Ray"], give.inputs["Strength"])
        tree.links.new(swallow.outputs[0], both.inputs[0])
        tree.links.new(give.outputs[0], both.inputs[1])
        tree.links.new(both.outputs[0], output.inputs["Volume"])
        return box(self._scene, "Air", (110.0, 110.0, 60.0), material, at=(0.0, 20.0, 10.0))

    def _haze(self) -> tuple[np.ndarray, np.ndarray]:
        day = DAY[self._made.hour]
        ambient = 0.5 * (np.array(day.zenith) + np.array(day.horizon))
        ambient = ambient + 0.09 * day.energy * np.array(day.sun) + np.array([0.016, 0.013, 0.012])
        if self._made.hour == "studio":
            ambient = ambient + 0.12
        grey = float(ambient.mean())
        if self._made.air == "underwater":
            sigma = np.array([0.42, 0.15, 0.11]) * self._draw.uniform(0.7, 1.2)
            return sigma, (0.3 * grey + 0.02) * np.array([0.12, 0.85, 1.25])
        if self._made.air == "dust":
            return np.full(3, self._draw.uniform(0.06, 0.13)), (0.4 * ambient + 0.6 * grey) * np.array(
                [1.25, 0.98, 0.66]
            )
        if self._made.air == "rain":
            return np.full(3, self._draw.uniform(0.025, 0.05)), 0.5 * ambient + 0.4 * grey
        return np.full(3, self._draw.uniform(0.12, 0.28)), 0.5 * ambient + 0.5 * grey

    def _fall(self) -> bpy.types.Object:
        air, draw = self._made.air, self._draw
        seconds = (self._made.frames + 2) / FPS
        count = COUNT[air]
        tall = 5.0 + FALL[air] * seconds
        at = draw.uniform((-5.0, -6.0, 0.0), (5.0, 6.0, tall), (count, 3))
        camera = np.array(self._scene.camera.matrix_world.translation)
        at = at[np.hypot(at[:, 0] - camera[0], at[:, 1] - camera[1]) > CLEAR_OF_LENS]
        slant = np.array([draw.uniform(-0.15, 0.15), draw.uniform(-0.1, 0.1), -1.0])
        if air == "rain":
            points, faces = _streaks(at, slant, 0.22, 0.0035)
            material = surface("Rain drops", (0.75, 0.78, 0.82), roughness=0.3)
            compat.shader_tree(material).nodes["Principled BSDF"].inputs["Alpha"].default_value = 0.55
        else:
            size = {"snow": 0.014, "dust": 0.004, "underwater": 0.006}[air]
            points, faces = _flakes(at, size * draw.uniform(0.5, 1.2, len(at)))
            material = surface("Flakes", {"snow": (0.95, 0.96, 1.0)}.get(air, (0.8, 0.75, 0.65)), roughness=1.0)
        made = solid(self._scene, "In the air", points, faces, material)
        made.visible_shadow = False
        way = slant * FALL[air]
        for frame in (self._first - 1, self._first + self._made.frames):
            made.location = tuple(way * (frame - self._first) / FPS)
            made.keyframe_insert("location", frame=frame)
        for curve in compat.fcurves(made):
            for key in curve.keyframe_points:
                key.interpolation = "LINEAR"
        return made


def _streaks(at: np.ndarray, way: np.ndarray, long: float, wide: float) -> tuple[list[Any], list[Any]]:
    """Two crossed slivers a drop."""
    points = np.zeros((len(at), 6, 3))
    end = at + way * long
    for k, side in enumerate(((wide, 0.0, 0.0), (0.0, wide, 0.0))):
        points[:, 3 * k], points[:, 3 * k + 1], points[:, 3 * k + 2] = at - side, at + side, end
    faces = [(3 * i, 3 * i + 1, 3 * i + 2) for i in range(2 * len(at))]
    return [tuple(p) for p in points.reshape(-1, 3).tolist()], faces


def _flakes(at: np.ndarray, size: np.ndarray) -> tuple[list[Any], list[Any]]:
    """An octahedron each."""
    corners = np.array([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)], float)
    points = at[:, None] + corners[None] * size[:, None, None]
    sides = [(0, 2, 4), (2, 1, 4), (1, 3, 4), (3, 0, 4), (2, 0, 5), (1, 2, 5), (3, 1, 5), (0, 3, 5)]
    faces = [tuple(6 * i + c for c in side) for i in range(len(at)) for side in sides]
    return [tuple(p) for p in points.reshape(-1, 3).tolist()], faces


def _wetted(material: bpy.types.Material, polish: float, dark: float) -> None:
    """Water fills the pores: darker (Lekner and Dorf 1988) and smooth."""
    tree = compat.shader_tree(material)
    shader = tree.nodes["Principled BSDF"]
    shader.inputs["Roughness"].default_value = polish
    color = shader.inputs["Base Color"]
    if not color.is_linked:
        color.default_value = (*(part * dark for part in color.default_value[:3]), 1.0)
        return
    source = color.links[0].from_socket
    mix = tree.nodes.new("ShaderNodeMix")
    mix.data_type, mix.blend_type = "RGBA", "MULTIPLY"
    by_name = {socket.identifier: socket for socket in mix.inputs}
    by_name["Factor_Float"].default_value = 1.0
    by_name["B_Color"].default_value = (dark, dark, dark, 1.0)
    tree.links.new(source, by_name["A_Color"])
    result = next(socket for socket in mix.outputs if socket.identifier == "Result_Color")
    tree.links.new(result, color)


def _cover(steepest: float) -> None:
    """Snow on all that looks up by more than ``steepest`` (the z of its normal); ``engine/training/styles.py`` knows it too."""
    for material in list(bpy.data.materials):
        tree = compat.node_tree(material)
        if tree is None:
            continue
        shader = tree.nodes.get("Principled BSDF")
        if shader is None or shader.inputs["Emission Strength"].default_value > 0.0:
            continue
        normal = tree.nodes.new("ShaderNodeNewGeometry")
        parts = tree.nodes.new("ShaderNodeSeparateXYZ")
        share = tree.nodes.new("ShaderNodeMapRange")
        share.inputs["From Min"].default_value, share.inputs["From Max"].default_value = steepest, steepest + 0.35
        tree.links.new(normal.outputs["Normal"], parts.inputs[0])
        tree.links.new(parts.outputs["Z"], share.inputs["Value"])
        white: Colour = (0.84, 0.87, 0.92)
        _mixed(tree, shader.inputs["Base Color"], share.outputs["Result"], (*white, 1.0), "RGBA")
        for name, value in (("Metallic", 0.0), ("Transmission Weight", 0.0), ("Roughness", 0.9)):
            _mixed(tree, shader.inputs[name], share.outputs["Result"], value, "FLOAT")


def _mixed(tree: Any, socket: Any, factor: Any, value: Any, kind: str) -> None:
    mix = tree.nodes.new("ShaderNodeMix")
    mix.data_type = kind
    suffix = "Color" if kind == "RGBA" else "Float"
    by_name = {one.identifier: one for one in mix.inputs}
    if socket.is_linked:
        tree.links.new(socket.links[0].from_socket, by_name[f"A_{suffix}"])
    else:
        by_name[f"A_{suffix}"].default_value = socket.default_value
    by_name[f"B_{suffix}"].default_value = value
    tree.links.new(factor, by_name["Factor_Float"])
    tree.links.new(next(one for one in mix.outputs if one.identifier == f"Result_{suffix}"), socket)
