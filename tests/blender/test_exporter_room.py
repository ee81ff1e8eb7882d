"""The room around the camera: closed where walls and a ceiling answer, open elsewhere, in metres."""

from __future__ import annotations

from typing import Any

import bpy
import pytest
from export_scenes import add, box_mesh, empty_scene, grid_mesh

from sora_addon.export.room import room_of

pytestmark = pytest.mark.bpy


def room(scene: Any, eye: tuple[float, float, float], unit: float = 1.0) -> Any:
    return room_of(scene, bpy.context.evaluated_depsgraph_get(), eye, unit, lambda thing: "wood")


def hall(scene: Any, faces: int = 6) -> Any:
    """A box of 6 x 4 x 3 units on the floor."""
    thing = add(scene, "Hall", box_mesh(1.0, faces), (0.0, 0.0, 1.5))
    thing.scale = (6.0, 4.0, 3.0)
    return thing


def test_walls_and_a_ceiling_are_a_room() -> None:
    scene = empty_scene()
    hall(scene)
    found = room(scene, (1.0, 0.5, 1.6))
    assert found.enclosed
    assert found.sound == "wood"
    assert found.bounds.low == pytest.approx((-3.0, -2.0, 0.0), abs=0.02)
    assert found.bounds.high == pytest.approx((3.0, 2.0, 3.0), abs=0.02)


def test_no_ceiling_is_open_air() -> None:
    scene = empty_scene()
    hall(scene, faces=5)
    assert not room(scene, (1.0, 0.5, 1.6)).enclosed


def test_a_pillar_inside_does_not_shrink_the_room() -> None:
    scene = empty_scene()
    hall(scene)
    add(scene, "Pillar", box_mesh(0.3), (-1.0, -0.5, 1.6))
    assert room(scene, (1.0, 0.5, 1.6)).bounds.high[0] == pytest.approx(3.0, abs=0.02)


def test_what_is_not_rendered_closes_nothing() -> None:
    scene = empty_scene()
    hall(scene).hide_render = True
    add(scene, "Floor", grid_mesh(1, 5.0))
    found = room(scene, (0.0, 0.0, 1.6))
    assert not found.enclosed
    assert found.bounds.high == pytest.approx((5.0, 5.0, 1.6), abs=1e-4)


def test_metres() -> None:
    scene = empty_scene()
    hall(scene)
    found = room(scene, (0.01, 0.005, 0.016), unit=0.01)
    assert found.enclosed
    assert found.bounds.high[0] == pytest.approx(0.03, abs=2e-4)


def test_an_empty_scene_is_no_room() -> None:
    assert room(empty_scene(), (0.0, 0.0, 0.0)) is None
