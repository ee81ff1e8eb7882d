from __future__ import annotations

import numpy as np
import pytest
from measured_clip import MadeClip

from engine.measure.edges import EdgeAgreement, depth_cracks, id_cracks, picture_edges
from engine.measure.guide import GuideFlip

WATCHED = frozenset({0, 12})


def painted(clip: MadeClip, index: int) -> np.ndarray:
    """Each body in a shade of its own: every id edge is seen, and nothing else."""
    return np.array([20, 90, 180, 60, 230], np.uint8)[clip.truths[index].body][..., None].repeat(3, -1)


def test_a_picture_with_the_shots_edges_alone_agrees(clip: MadeClip) -> None:
    figures = clip.watched(EdgeAgreement(WATCHED), lambda i: painted(clip, i))
    ids = figures["edges.ids"]
    assert ids.value > 0.98
    assert ids.detail["precision"] > 0.98
    assert ids.detail["f"] > 0.98
    assert ids.detail["displacement_px"] < 0.3
    assert ids.detail["chance"] < 0.1
    assert figures["edges.depth"].value > 0.98


@pytest.mark.parametrize("shift", [3, 5])
def test_edges_that_are_displaced_are_sized(clip: MadeClip, shift: int) -> None:
    figures = clip.watched(EdgeAgreement(WATCHED), lambda i: np.roll(painted(clip, i), shift, 0))
    ids = figures["edges.ids"]
    assert ids.value < 0.25
    # across the edge: all of it on the horizon, less on the sides of the balls
    assert 0.75 * shift < ids.detail["displacement_px"] < 1.05 * shift


def test_texture_costs_precision_and_not_agreement(clip: MadeClip) -> None:
    figures = clip.watched(EdgeAgreement(WATCHED), clip.picture)
    for name in ("edges.ids", "edges.depth"):
        assert figures[name].value > 0.75
        assert figures[name].detail["recall"] > 0.9
        assert figures[name].detail["precision"] < 0.3
        assert figures[name].detail["displacement_px"] < 0.6


def test_a_picture_without_edges_has_no_figure(clip: MadeClip) -> None:
    figures = clip.watched(EdgeAgreement(WATCHED), lambda i: np.full((144, 256, 3), 90, np.uint8))
    assert figures["edges.ids"].value is None
    assert "contrast" in figures["edges.ids"].note


def test_noise_agrees_by_chance_alone(clip: MadeClip) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (144, 256, 3)).astype(np.uint8)
    figures = clip.watched(EdgeAgreement(WATCHED), lambda i: noise)
    assert abs(figures["edges.ids"].value) < 0.15


def test_an_edge_is_placed_to_a_part_of_a_pixel() -> None:
    for border in (20.0, 20.25, 20.5, 20.8):
        cover = np.clip(np.arange(40) + 1 - border, 0, 1)
        picture = np.round(40 + 150 * cover).astype(np.uint8)[None, :, None].repeat(30, 0).repeat(3, 2)
        found = picture_edges(picture)
        assert found is not None
        assert np.abs(found.places[:, 0] - border).max() < 0.1


def test_a_slanted_plane_has_no_depth_edges(clip: MadeClip) -> None:
    """The floor runs away to the wall: only the balls, and nothing of the floor, leap."""
    truth = clip.truths[0]
    for cracks in depth_cracks(truth):
        at = cracks.places.astype(int)
        around = [truth.body[y - 1 : y + 2, x - 1 : x + 2] for x, y in at]
        assert all(np.isin(patch, (3, 4)).any() for patch in around)
    assert sum(len(cracks.places) for cracks in depth_cracks(truth)) > 100
    assert sum(len(cracks.places) for cracks in id_cracks(truth)) > 300


def test_the_guide_departs_from_itself_by_nothing(clip: MadeClip) -> None:
    watched = frozenset({0})
    assert clip.watched(GuideFlip(watched), lambda i: clip.truths[i].guide)["guide.flip"].value == 0.0
    near = clip.watched(GuideFlip(watched), clip.picture)["guide.flip"].value
    far = clip.watched(GuideFlip(watched), lambda i: 255 - clip.picture(i))["guide.flip"].value
    assert 0 < near < 0.1 < 0.4 < far <= 1
