"""Lamps, their shadows and mirrors, against Cycles with as little noise as a test can wait for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from export_scenes import add, add_camera, box_mesh, empty_scene, grid_mesh
from lighting_scenes import Stage, ball, box, looking, plane, turned
from mathutils import Euler, Matrix
from passes_truth import SIZE, layers_of, looks_at, matte, painted, stacked

from sora_addon import compat
from sora_addon.export.gpu_scene import start_gpu

pytestmark = pytest.mark.bpy


@pytest.fixture(autouse=True)
def gpu() -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    start_gpu()


def little_stage(**options: Any) -> Stage:
    stage = Stage(SIZE.width, SIZE.height, **options)
    stage.add(plane(8))
    stage.add(box(0.8, 0.8, 1.2), turned(-0.6, 0, 0.6, rz=0.4))
    stage.add(ball(0.5), turned(0.9, 0.3, 0.5))
    stage.look((0.5, -5, 3), (0, 0, 0.4))
    return stage


POWER = {"sun": 3.0, "point": 300.0, "spot": 500.0, "area": 300.0}


@pytest.mark.parametrize(
    ("kind", "size", "more"),
    [
        ("sun", 0.0, {}),
        ("sun", 0.1, {}),
        ("point", 0.0, {}),
        ("point", 0.3, {}),
        ("spot", 0.0, {"angle": 0.7, "blend": 0.3}),
        ("spot", 0.2, {"angle": 0.9, "blend": 0.5}),
        ("area", 0.2, {}),
        ("area", 1.0, {"shape": "disk"}),
        ("area", 1.5, {"shape": "rectangle", "size_y": 0.5}),
    ],
)
def test_lamp_and_its_shadow(tmp_path: Path, kind: str, size: float, more: dict[str, Any]) -> None:
    stage = little_stage()
    stage.lamp(kind, looking((2.5, -1.5, 3.5), (0, 0, 0.3)), POWER[kind], size, **more)
    passes = stage.passes()
    truth = stage.cycles(tmp_path / "lit.exr", samples=64 if size else 1)[..., 0]
    assert_lit(passes["light_000.R"], truth, passes["body.ID"] > 0)


def assert_lit(ours: Any, truth: Any, thing: Any) -> None:
    """Shares of the bright parts' radiance; a pixel of a hard shadow's edge may be lit by one and not by the other."""
    bright = np.percentile(truth[thing], 95)
    apart = np.abs(ours - truth)[thing] / bright
    assert bright > 0.1
    assert (truth[thing] < 0.2 * bright).mean() > 0.02
    assert apart.mean() < 0.004
    assert np.percentile(apart, 95) < 0.02
    assert ours[thing].sum() == pytest.approx(truth[thing].sum(), rel=0.005)


def penumbra(size: float) -> float:
    """Share of the floor that a sun of that angle leaves half lit."""
    stage = Stage(SIZE.width, SIZE.height)
    stage.add(plane(8))
    stage.add(box(1.0, 1.0, 0.1), turned(0.0, 0.0, 1.5))
    stage.look((0.0, 0.0, 8.0), (0.0, 0.0, 0.0))
    stage.lamp("sun", looking((1.0, 0.0, 1.0), (0.0, 0.0, 0.0)), 3.0, size)
    passes = stage.passes()
    light = passes["light_000.R"] / passes["light_000.R"].max()
    return float(((light > 0.05) & (light < 0.95) & (passes["body.ID"] == 1)).mean())


def test_shadows_grow_softer_with_the_lamp() -> None:
    hard, soft, softer = (penumbra(size) for size in (0.0, 0.1, 0.2))
    assert hard < 0.004
    assert soft > 0.01
    assert softer == pytest.approx(2.0 * soft, rel=0.15)


@pytest.mark.parametrize("ortho", [None, 3.5])
def test_mirrors_show_what_the_picture_holds(tmp_path: Path, ortho: float | None) -> None:
    stage = Stage(SIZE.width, SIZE.height)
    stage.add(plane(8), base=(1.0, 1.0, 1.0), metallic=1.0, roughness=0.0)
    stage.add(box(0.8, 0.8, 1.2), turned(-0.6, 0, 0.6, rz=0.4), base=(0.8, 0.3, 0.2), roughness=1.0, ior=1.0)
    stage.add(ball(0.5), turned(0.9, 0.3, 0.5), base=(0.2, 0.6, 0.3), roughness=1.0, ior=1.0)
    stage.lamp("point", looking((1.5, -3.5, 3.5), (0, 0, 0.3)), 400.0)
    stage.look((0.5, -5, 1.5), (0, 0, 0.4), ortho=ortho)
    passes = stage.passes()
    truth = stage.cycles(tmp_path / "mirror.exr", samples=16, bounces=1, white=False)
    ours, known = stacked(passes, "reflection", "RGB"), passes["reflection.A"] == 1.0
    floor = passes["body.ID"] == 1
    shown = floor & (truth.max(-1) > 0.02)
    assert shown.sum() > 300
    assert (known & shown).sum() > 0.97 * shown.sum()
    apart = np.abs(ours - truth).max(-1)[known & shown] / truth[shown].max()
    assert np.median(apart) < 0.01
    assert np.percentile(apart, 90) < 0.04
    assert not ours[floor & ~known].any()


def lit_scene() -> Any:
    """White things under coloured lamps of every kind, as an artist sets them: scaled, turned, warm, in a unit of 0.5 m."""
    scene = empty_scene()
    scene.unit_settings.system, scene.unit_settings.scale_length = "METRIC", 0.5
    looks_at(add_camera(scene), (1.0, -6.0, 3.0), (0.0, 0.0, 0.5))
    white = matte("White", (1.0, 1.0, 1.0))
    for name, mesh, place in (("Floor", grid_mesh(2, 6.0), (0, 0, 0)), ("Box", box_mesh(1.2), (0.3, 0.2, 0.7))):
        mesh.materials.append(white)
        add(scene, name, mesh, place)
    for kind, place, energy, color in (
        ("SUN", (-2.0, -3.0, 4.0), 0.6, (1.0, 0.9, 0.7)),
        ("POINT", (2.0, -1.5, 2.5), 120.0, (0.3, 0.5, 1.0)),
        ("SPOT", (-3.0, 1.0, 3.0), 300.0, (0.4, 1.0, 0.5)),
        ("AREA", (0.0, 2.5, 3.0), 150.0, (1.0, 0.4, 0.4)),
    ):
        data: Any = bpy.data.lights.new(kind, kind)
        data.energy, data.color = energy, color
        lamp = add(scene, kind, data)
        looks_at(lamp, place, (0.0, 0.0, 0.0))
        if kind == "SUN":
            data.angle = 0.05
        elif kind == "AREA":
            data.shape, data.size, data.size_y = "RECTANGLE", 0.8, 0.4
            lamp.matrix_world = lamp.matrix_world @ Matrix.Diagonal((1.5, 2.0, 1.0, 1.0))
        else:
            data.shadow_soft_size = 0.1
        if kind == "SPOT":
            data.spot_size, data.spot_blend = 0.8, 0.4
    return scene


def test_an_artist_s_lamps() -> None:
    scene = lit_scene()
    frames = {by: painted(scene, by=by).passes for by in ("gpu", "cycles")}
    thing = frames["gpu"]["body.ID"] > 0
    lamps = [one for one in scene.objects if one.type == "LIGHT"]
    for number, lamp in enumerate(lamps):
        for other in lamps:
            other.hide_render = other is not lamp
        truth = layers_of(scene, 2, SIZE, samples=64)
        for by, most in (("gpu", 0.005), ("cycles", 0.04)):  # the latter has few samples
            for letter in "RGB":
                lit, wanted = frames[by][f"light_{number:03d}.{letter}"][thing], truth[f"Combined.{letter}"][thing]
                assert np.abs(lit - wanted).mean() < most * np.percentile(wanted, 95), (by, lamp.name)
                assert lit.sum() == pytest.approx(wanted.sum(), rel=0.005 if by == "gpu" else 0.03)


def test_what_casts_no_shadow_and_lamps_without() -> None:
    scene = lit_scene()
    for name in ("SUN", "SPOT", "AREA"):
        scene.collection.objects.unlink(bpy.data.objects[name])
    names = painted(scene).picture.names
    floor = names == "Floor"
    shadowed = painted(scene).passes["light_000.B"]
    scene.objects["Box"].visible_shadow = False
    clear = painted(scene).passes["light_000.B"]
    scene.objects["Box"].visible_shadow = True
    scene.objects["POINT"].data.use_shadow = False
    without = painted(scene).passes["light_000.B"]
    dark = floor & (shadowed < 0.5 * clear)
    assert dark.sum() > 50
    assert np.abs(clear - without)[floor].max() < 1e-3 * clear.max()


def test_shadows_have_the_holes_of_what_casts_them() -> None:
    """A board with a hole of alpha: the lamp shines through it."""
    scene = empty_scene()
    looks_at(add_camera(scene), (0.0, -4.0, 4.0), (0.0, 0.0, 0.0))
    add(scene, "Floor", grid_mesh(2, 6.0))
    mesh = grid_mesh(1, 1.0)
    mesh.uv_layers.new(name="Map").uv.foreach_set("vector", np.array([0, 0, 1, 0, 1, 1, 0, 1], np.float32))
    image = bpy.data.images.new("Hole", 8, 8, alpha=True)
    texels = np.ones((8, 8, 4), np.float32)
    texels[2:6, 2:6, 3] = 0.0
    image.pixels.foreach_set(texels.reshape(-1))
    material = bpy.data.materials.new("Board")
    tree = compat.shader_tree(material)
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image, node.interpolation = image, "Closest"
    shader = next(one for one in tree.nodes if one.type == "BSDF_PRINCIPLED")
    tree.links.new(node.outputs["Alpha"], shader.inputs["Alpha"])
    mesh.materials.append(material)
    board = add(scene, "Board", mesh, (-1.0, 0.0, 1.5))
    board.rotation_euler = Euler((0.0, 0.6, 0.0))
    board.visible_camera = False
    sun = add(scene, "Sun", bpy.data.lights.new("Sun", "SUN"))
    sun.data.angle = 0.0
    looks_at(sun, (-1.0, 0.0, 1.0), (0.0, 0.0, 0.0))
    light = painted(scene).passes["light_000.R"]
    other = painted(scene, by="cycles").passes["light_000.R"]
    assert np.abs(light - other).mean() < 0.01 * light.max()
    middle = light[:, 30:66]
    assert 0.02 < (middle < 0.1 * light.max()).mean() < 0.6
    board.data.materials.clear()
    whole = painted(scene).passes["light_000.R"]
    assert (whole < 0.1 * light.max()).sum() > 1.1 * (light < 0.1 * light.max()).sum()
