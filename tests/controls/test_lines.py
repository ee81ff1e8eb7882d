"""Edges as pictures, their kinds told apart."""

from __future__ import annotations

import numpy as np
import pytest

from engine.controls.edges import Edges
from engine.controls.lines import hard_lines, kinds_of_line, line_drawing, penned


def three_lines() -> Edges:
    outline, occlusion, crease = (np.zeros((40, 60), bool) for _ in range(3))
    outline[:, 10], occlusion[:, 30], crease[:, 50] = True, True, True
    return Edges(outline, occlusion, crease)


def test_kinds_have_colours_of_their_own() -> None:
    shown = kinds_of_line(three_lines())
    assert (shown[:, (10, 30, 50)].argmax(-1) == (0, 1, 2)).all()
    assert (shown[:, (10, 30, 50)].max(-1) > 0.5).all()
    assert (np.count_nonzero(shown[:, (10, 30, 50)], axis=-1) == 1).all()


def test_a_drawing_has_fainter_creases_and_white_paper_is_black() -> None:
    shown = line_drawing(three_lines(), crease=0.5)
    assert np.allclose(shown[:, 50], 0.5 * shown[:, 10])
    assert (shown[:, 20] == 0).all()


def test_hard_lines_are_a_pixel_wide_and_white() -> None:
    shown = hard_lines(three_lines())
    assert shown.dtype == np.uint8
    assert set(np.unique(shown)) == {0, 255}
    assert (shown == 255).sum() == 3 * 40


def column(rows: int) -> np.ndarray:
    mask = np.zeros((rows, 41), bool)
    mask[:, 20] = True
    return mask


@pytest.mark.parametrize(("rows", "width"), [(90, 1.0), (360, 1.0), (720, 2.0), (1440, 4.0)])
def test_a_pen_covers_its_width(rows: int, width: float) -> None:
    across = penned(column(rows))[rows // 2]
    assert across.sum() == pytest.approx(width)
    assert across[20] == 1
    assert penned(column(rows), 3.0)[rows // 2].sum() == pytest.approx(3.0)


def test_no_line_is_an_empty_page() -> None:
    assert not penned(np.zeros((9, 9), bool)).any()
