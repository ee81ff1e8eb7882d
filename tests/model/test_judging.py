"""The judges: what they call near is near, and their table is whole."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.command import main
from engine.judging.bodies import trials
from engine.judging.held import Held, Judge
from engine.judging.pictures import fitted, flip, judged, mean, psnr, slope, warp_error
from engine.judging.report import Sets, table
from engine.judging.said import share, style_trials
from engine.judging.sheet import TITLE, write_sheet
from engine.judging.sounds import _f1, _hits
from engine.model.folder import save_pretrained
from engine.model.network import Network
from engine.training.cache import kept
from engine.training.clips import read_clip
from sora_addon.contract import ContractError
from sora_addon.scenes.training.recipe import VARIED, base_of, recipe


@pytest.fixture(scope="module")
def held(made_clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Held:
    return Held(read_clip(made_clip), kept(made_clip, tmp_path_factory.mktemp("cache")))


def test_a_fit_undoes_any_map_of_colours_and_nothing_else() -> None:
    random = np.random.default_rng(1)
    truth = random.uniform(0.2, 0.8, (2, 8, 9, 3)).astype(np.float32)
    turned = truth @ np.array([[0.5, 0.2, 0.0], [0.1, 0.6, 0.1], [0.0, 0.0, 0.7]], np.float32) + 0.05
    assert psnr(turned, truth) < 25
    assert psnr(fitted(turned, truth), truth) > 60
    assert psnr(fitted(random.uniform(0, 1, truth.shape).astype(np.float32), truth), truth) < 20


def test_figures_of_pictures_against_closed_form() -> None:
    black, grey = np.zeros((1, 8, 8, 3), np.float32), np.full((1, 8, 8, 3), 0.1, np.float32)
    assert psnr(grey, black) == pytest.approx(20.0, abs=1e-3)
    assert flip(grey[0], grey[0]) == 0.0 < flip(black[0], grey[0])
    ramp = np.broadcast_to(np.linspace(0, 0.7, 8, dtype=np.float32)[None, None, :, None], (1, 8, 8, 3))
    assert slope(ramp) == pytest.approx(0.01, rel=1e-3)


def test_what_moves_as_the_scene_moves_does_not_flicker(held: Held) -> None:
    still, fresh = np.random.default_rng(2), np.random.default_rng(3)
    shape = held.plane("guide").shape
    noise = fresh.uniform(0, 1, shape).astype(np.float32)
    flat = np.full(shape, 0.5, np.float32) + 0 * still.uniform()
    assert warp_error(flat, held.measured) < 1e-4
    assert warp_error(held.plane("base"), held.measured) < 0.5 * warp_error(noise, held.measured)


def test_every_style_of_a_clip_is_judged(held: Held, little: Network) -> None:
    rows = judged(held, Judge(little))
    assert [row.style for row in rows] == list(held.styles)
    assert all(np.isfinite([row.psnr, row.guide_psnr, row.flip, row.gradient]).all() for row in rows)
    # the fit may use the truth, so it can only help
    assert all(row.guide_fit_psnr > row.guide_psnr - 0.1 for row in rows)
    assert mean(rows, "psnr") == pytest.approx(np.mean([row.psnr for row in rows]))


def test_a_said_word_is_right_where_its_own_truth_is_nearest(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Held, "made", lambda self, judge, style: self.truth(style))
    told = style_trials([held], Judge(None), 99)  # type: ignore[arg-type]
    assert [trial.said for trial in told] == list(held.styles)
    assert share(told) == 1.0
    monkeypatch.setattr(Held, "made", lambda self, judge, style: self.truth(self.styles[0]))
    assert share(style_trials([held], Judge(None), 99)) == pytest.approx(1 / len(held.styles))  # type: ignore[arg-type]


def test_a_sheet_shows_guide_model_and_truth_in_every_style(held: Held, little: Network, tmp_path: Path) -> None:
    write_sheet([held], Judge(little), tmp_path / "sheet.png")
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    assert sheet is not None
    assert sheet.shape == (len(held.styles) * (TITLE + 48), 3 * 64, 3)
    truth = sheet[TITLE : TITLE + 48, 128:, ::-1].astype(np.float32) / 255
    assert np.abs(truth - held.truth(held.styles[0])[1]).max() < 0.01
    with pytest.raises(ContractError, match="no clip of 'held'"):
        write_sheet([], Judge(little), tmp_path / "none.png")


def test_a_network_without_words_changes_no_body(held: Held, little: Network) -> None:
    found = trials([held], Judge(little), 3)
    assert all(not one.right and abs(one.rest) < 0.5 for one in found)


def test_onsets_are_counted_once_each() -> None:
    hits = _hits(np.array([0.5, 1.0]), np.array([0.52, 0.53, 1.2]))
    assert hits.tolist() == [1, 2, 3]
    assert _f1(hits) == pytest.approx(2 / 5)
    assert _f1(_hits(np.array([0.5]), np.zeros(0))) == 0.0


def test_varied_clips_share_all_but_what_is_varied() -> None:
    base = 25_000 * len(VARIED)
    scene = [recipe(seed, "varied") for seed in range(base, base + len(VARIED))]
    assert {one.seed for one in scene} == {base} == {base_of(base + 5)}
    assert [(one.varied, one.hour if one.varied == "hour" else one.air) for one in scene] == list(VARIED)
    assert len({(one.place, one.event, one.move, one.ground, one.shapes, one.materials) for one in scene}) == 1
    assert all(one.words_light and one.words_air and not one.clay for one in scene)


def test_the_verb_prints_the_table(
    made_clip: Path, little: Network, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    save_pretrained(little, tmp_path / "model")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "held").symlink_to(made_clip.parent)
    command = ["judge", str(tmp_path / "data"), "--model", str(tmp_path / "model"), "--progress", "none"]
    assert main(command) == 0
    said = capsys.readouterr().out
    for part in ("PSNR, noir", "FLIP below", "flicker", "gradient", "said and seen"):
        assert part in said
    with pytest.raises(ContractError, match="holds no set"):
        table(Sets(tmp_path / "nothing", tmp_path), Judge(little), lambda *_: None)
