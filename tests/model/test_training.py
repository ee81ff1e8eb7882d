"""The cache, the batches and the loop, on a clip made without Blender."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from model.conftest import LITTLE, PROMPT

from engine.command import main
from engine.model.conditioning import CHANNELS, ENCLOSED, NUMBERS, PLAIN_LIGHT, TINT, WHERE
from engine.model.folder import from_pretrained, save_pretrained
from engine.model.network import Network
from engine.training.batch import Cut, draw, gather, risen, struck
from engine.training.cache import Kept, is_kept, kept
from engine.training.clips import clips_in
from engine.training.evaluate import evaluate
from engine.training.lessons import FIRST_SEED, OTHER_MATERIALS, OTHER_WORDS, Lessons, body_lesson, lesson
from engine.training.loop import Options, train
from engine.words.encoder import word_encoder
from engine.words.said import HOURS, MATERIALS
from sora_addon.contract import ContractError
from sora_addon.scenes.training.words import HOUR_WORDS, MATERIAL_WORDS


def test_what_is_kept_of_a_clip(made_kept: Kept) -> None:
    assert made_kept.planes.shape == (3, 48, 64, CHANNELS)
    assert made_kept.styles == ("cinematic", "cartoon", "noir")
    assert made_kept.pictures.shape == (3, 3, 48, 64, 3)
    assert made_kept.photo.shape == (3, 48, 64, 3)
    assert made_kept.clay.shape == (0, 48, 64, 3)
    assert made_kept.keys.shape == (3, 2)
    assert (made_kept.keys > 0).all()
    assert made_kept.truth_mel is not None
    assert made_kept.truth_mel.shape == made_kept.guide_mel.shape == (64, 24)
    assert np.array_equal(made_kept.states, word_encoder().states(PROMPT))


def test_a_mirrored_cut_is_mirrored_in_everything(made_kept: Kept) -> None:
    plain = gather([Cut(made_kept, 0, 2, "cinematic")])
    other = gather([Cut(made_kept, 0, 2, "cinematic", mirrored=True)])
    assert plain.pictures is not None
    assert other.pictures is not None
    assert torch.equal(other.pictures.styled, plain.pictures.styled.flip(-1))
    for name in ("guide", "depth", "line"):
        assert torch.equal(other.told.planes[:, WHERE[name]], plain.told.planes[:, WHERE[name]].flip(-1))
    x = other.told.planes[:, WHERE["normal"]][:, 0]
    assert torch.allclose(x, 1 - plain.told.planes[:, WHERE["normal"]][:, 0].flip(-1))


def test_what_is_left_out_is_not_told(made_kept: Kept) -> None:
    batch = gather([Cut(made_kept, 0, 1, "noir", words=False, stems=False)])
    assert not batch.told.known.any()
    assert float(batch.told.mel.max()) == float(batch.told.mel.min()) == -2


def test_key_lights_of_the_truth_are_told_to_learn_by_and_never_to_be_judged(made_kept: Kept) -> None:
    cut = Cut(made_kept, 0, 2, "noir")
    assert gather([cut]).told.keys is None
    keys = gather([cut], keyed=True).told.keys
    assert keys is not None
    assert torch.equal(keys[0], torch.from_numpy(np.array(made_kept.keys[0])))


def test_clay_is_asked_for_where_it_is_known(made_kept: Kept) -> None:
    clay = replace(made_kept, clay=np.full_like(made_kept.photo, 128))
    batch = gather([Cut(made_kept, 0, 1, "noir"), Cut(clay, 1, 1, "noir")])
    assert batch.pictures is not None
    assert batch.pictures.of_clay.tolist() == [0, 1]
    assert float(batch.pictures.clay[1, :, :48, :64].mean()) == pytest.approx(128 / 255, abs=1e-6)


def test_frames_in_which_something_strikes(made_kept: Kept) -> None:
    told = replace(made_kept, contacts=np.array([0.03, 0.09], np.float32))  # frames of 1/24 s
    assert struck(Cut(told, 0, 3, "noir")).tolist() == [0, 1, 1]
    assert struck(Cut(told, 1, 2, "noir")).tolist() == [1, 1]


def test_a_blow_lifts_the_mel_from_just_before_to_just_after(made_kept: Kept) -> None:
    mel = np.zeros((64, 24), np.float32)
    mel[:, 12:] = np.linspace(0, 1, 64)[:, None]
    told = replace(made_kept, truth_mel=mel, contacts=np.array([0.0, 12.5 / 192], np.float32))
    assert torch.allclose(risen(told), torch.linspace(0, 1, 64)[None])


def test_words_are_left_out_where_the_light_speaks_for_itself(made_kept: Kept) -> None:
    numbers = np.zeros((3, NUMBERS), np.float32)
    numbers[:, TINT] = 0.8
    coloured, random = replace(made_kept, numbers=numbers), np.random.default_rng(0)
    plain = replace(made_kept, numbers=numbers + np.eye(NUMBERS, dtype=np.float32)[PLAIN_LIGHT])
    assert all(cut.words for cut in draw([plain], 100, 1, random))
    without = [cut for cut in draw([coloured], 300, 1, random) if not cut.words]
    told = gather(without).told.numbers
    assert sorted({float(value) for value in told[:, PLAIN_LIGHT]}) == [0, 1]
    assert torch.equal(told[:, TINT] == 0, told[:, PLAIN_LIGHT] == 1)
    assert 0 < float(told[:, 0].std()) < 0.05
    assert float(told[:, ENCLOSED].abs().max()) == 0
    assert torch.equal(gather([Cut(coloured, 0, 1, "noir")]).told.numbers[0], torch.from_numpy(numbers[0]))


def options(clip: Path, out: Path, steps: int) -> Options:
    return Options(
        data=clip.parents[1],
        out=out,
        minutes=60,
        steps=steps,
        config=LITTLE,
        clips=1,
        frames=2,
        save_minutes=60,
        lessons=20,
        seed=2,
    )


def test_it_learns_a_clip_goes_on_where_it_stopped_and_leaves_a_model(made_clip: Path, tmp_path: Path) -> None:
    told: list[str] = []
    train(options(made_clip, tmp_path, 20), lambda stage, step, total: told.append(stage))
    model = train(options(made_clip, tmp_path, 60), lambda stage, step, total: None)
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert state["step"] == 80
    assert set(told) == {"words", "train"}
    assert is_kept(clips_in(made_clip.parent)[0], made_clip.parents[1] / "cache")
    clip = kept(made_clip, made_clip.parents[1] / "cache")
    model_db, guide_db, _ = evaluate(from_pretrained(model), [clip], styles_each=3).mean()
    assert model_db > guide_db + 1


def test_nothing_to_learn_from_is_said(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="holds no clip"):
        train(Options(data=tmp_path, out=tmp_path / "run", minutes=1, config=LITTLE), lambda stage, step, total: None)


def test_the_verbs_train_and_evaluate(made_clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_pretrained(Network(LITTLE), tmp_path / "start")
    data, run = made_clip.parents[1], tmp_path / "run"
    start = ["--from", str(tmp_path / "start"), "--minutes", "0.01", "--progress", "none", "--threads", "1"]
    assert main(["train", str(data), "--out", str(run), *start]) == 0
    shutil.copytree(data / "look", tmp_path / "other")
    assert main(["evaluate", str(tmp_path / "other"), "--model", str(run / "model"), "--threads", "1"]) == 0
    table = capsys.readouterr().out
    assert [line.split()[0] for line in table.splitlines() if line.startswith(("noir", "clay", "all"))]
    assert "sound, log-mel distance" in table
    assert main(["evaluate", str(data / "look"), "--model", str(run / "model")]) == 2
    assert "kept from learning" in capsys.readouterr().err


def test_words_of_bodies_name_their_material_or_none() -> None:
    told = [body_lesson(number) for number in range(64)]
    assert told == [body_lesson(number) for number in range(64)]
    assert {material for _, material in told} == {None, *MATERIALS}
    for words, material in told:
        if material is not None:
            assert any(way in words for way in (*MATERIAL_WORDS[material], *OTHER_MATERIALS[material])), words


def test_lessons_say_what_they_name_and_are_learnt() -> None:
    told = [lesson(FIRST_SEED + number) for number in range(40)]
    assert told == [lesson(FIRST_SEED + number) for number in range(40)]
    for one in told:
        ways = [*HOUR_WORDS[one.hour], *OTHER_WORDS[one.hour]] if one.hour else []
        assert any(way in one.text for way in ways) == bool(one.hour), one
        if one.hour is None:
            assert not any(way in one.text for hour in HOURS for way in HOUR_WORDS[hour] if way != "overcast"), one
    torch.manual_seed(0)
    told: list[tuple[int, int]] = []
    lessons = Lessons(40, lambda done, count: told.append((done, count)))
    assert told == [(done, 40) for done in range(1, 41)]
    network, random = Network(LITTLE), np.random.default_rng(0)
    optimizer = torch.optim.Adam(network.parameters(), 3e-3)
    missed = []
    for _ in range(60):
        optimizer.zero_grad()
        lost = lessons.missed(network, random, torch.device("cpu"))
        lost.backward()
        optimizer.step()
        missed.append(float(lost.detach()))
    assert missed[-1] < 0.5 * missed[0]
