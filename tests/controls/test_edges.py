"""Edges lie where geometry says, and nowhere else."""

from __future__ import annotations

import numpy as np
from made_shot import MadeShot

from engine.controls.edges import edges


def flat(depth: float = 5.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    normal = np.zeros((20, 30, 3), np.float32)
    normal[..., 2] = -1
    return np.full((20, 30), depth, np.float32), normal, np.ones((20, 30), np.uint32)


def test_a_flat_wall_has_none() -> None:
    assert not edges(*flat()).any.any()


def test_a_floor_seen_at_a_slant_has_none() -> None:
    made = MadeShot(width=64, height=48)
    traced = made.trace(0.0)
    floor = traced.bodies == 1
    found = edges(traced.depth.astype(np.float32), traced.normals.astype(np.float32), traced.bodies)
    inside = floor.copy()
    inside[1:-1, 1:-1] &= floor[:-2, 1:-1] & floor[2:, 1:-1] & floor[1:-1, :-2] & floor[1:-1, 2:]
    assert not (found.occlusion | found.crease)[inside].any()


def test_a_step_in_one_body_is_an_occlusion_on_the_near_side() -> None:
    depth, normal, body = flat()
    depth[:, 15:] = 6.0
    found = edges(depth, normal, body)
    assert found.occlusion[:, 14].all()
    assert found.any.sum() == 20


def test_another_body_is_an_outline_on_the_near_side() -> None:
    depth, normal, body = flat()
    body[:, 15:], depth[:, 15:] = 2, 4.9
    found = edges(depth, normal, body)
    assert found.outline[:, 15].all()
    assert found.any.sum() == 20


def test_nothing_behind_is_an_outline() -> None:
    depth, normal, body = flat()
    depth[:8], body[:8], normal[:8] = np.inf, 0, 0
    found = edges(depth, normal, body)
    assert found.outline[8].all()
    assert found.any.sum() == 30


def test_a_turned_surface_is_a_crease() -> None:
    depth, normal, body = flat()
    normal[10:] = 0, -0.8, -0.6
    found = edges(depth, normal, body)
    assert found.crease[9].all()
    assert not found.outline.any()
    assert not found.occlusion.any()
