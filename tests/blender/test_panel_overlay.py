"""Rings around contacts: where, how large, and how bright at which frame."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace

import pytest

bpy = pytest.importorskip("bpy")

from sora_addon.client.found import Found, Meeting  # noqa: E402
from sora_addon.ui.overlay import AFTER, BEFORE, CORNERS, MOST, rings, scale_of  # noqa: E402

pytestmark = pytest.mark.bpy


def found(*frames: float, speed: float = 2.0) -> Found:
    meetings = [
        Meeting("impact", at, at, ("Box", "Floor"), speed, ((2.0, 4.0, 6.0),), (0.0, 0.0, 1.0)) for at in frames
    ]
    return Found(Path("/nowhere"), 1, 100, meetings, list(frames))


def near(_: tuple[float, float, float]) -> float:
    """A view so near that no ring is small."""
    return 0.0


def test_rings_come_and_go_with_the_frame() -> None:
    for frame, alpha in ((50 - AFTER / 2, 0.5), (50, 1.0), (50 + BEFORE / 2, 0.5)):
        _, colors = rings(found(50.0), frame, 1.0, near, 10.0)
        assert [color[3] for color in colors] == [pytest.approx(alpha)] * 2 * CORNERS, frame
    for frame in (50 - AFTER - 1, 50 + BEFORE + 1):
        assert rings(found(50.0), frame, 1.0, near, 10.0) == ([], [])


def test_a_ring_lies_around_its_point_in_the_scenes_units() -> None:
    points, colors = rings(found(50.0), 50.0, 0.5, near, 10.0)
    assert len(points) == len(colors) == 2 * CORNERS
    radii = {round(math.dist(point, (4.0, 8.0, 12.0)), 9) for point in points}
    assert radii == {round((0.05 + 0.02 * 2.0) / 0.5, 9)}
    assert {point[2] for point in points} == {12.0}


def test_a_ring_far_away_is_as_large_as_can_be_seen() -> None:
    points, _ = rings(found(50.0), 50.0, 1.0, lambda point: point[1] / 40.0, 10.0)
    assert math.dist(points[0], (2.0, 4.0, 6.0)) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("up", "depth", "wanted"), [(2.0, (0.0, 0.0, -1.0, 0.0), 0.1), (0.2, (0.0, 0.0, 0.0, 1.0), 0.1)]
)
def test_a_pixels_width_in_perspective_and_without(up: float, depth: tuple[float, ...], wanted: float) -> None:
    window = [(2.0, 0.0, 0.0, 0.0), (0.0, up, 0.0, 0.0)]
    view = SimpleNamespace(perspective_matrix=[(), (), (), depth], window_matrix=window)
    assert scale_of(view, 100)((7.0, 7.0, -10.0)) == pytest.approx(wanted)
    if depth[2]:
        assert scale_of(view, 100)((0.0, 0.0, 10.0)) == 0.0, "behind the viewer"


def test_a_rain_of_contacts_is_drawn_in_part() -> None:
    points, _ = rings(found(*[50.0] * (3 * MOST)), 50.0, 1.0, near, 10.0)
    assert len(points) == MOST * 2 * CORNERS
