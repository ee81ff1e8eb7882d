"""Stable Audio on a tiny pipeline of the real classes, and the blows that are put on their samples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from asking import Ask
from made_shot import FALLING, FLOOR, MadeShot

from engine.backends import hearing, registry
from engine.backends.diffusing.blows import APART, REACH, RELEASE, Blow, blows_of, placed, start_near
from engine.backends.protocol import Earlier, Request
from engine.backends.stable_audio import kept_latents
from engine.media.sound_file import read_sound
from engine.pipeline.generate import Options, generate
from engine.sound import foley, mix
from sora_addon.contract import SAMPLE_RATE, Contact, Link, Words, read_shot

SMALL: dict[str, Any] = {"steps": 2}


@pytest.fixture(scope="module")
def ringing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds in which a ball of steel bounces on stone."""
    folder = tmp_path_factory.mktemp("ringing") / "shot"
    words = Words(prompt="a hall, wind", seed=4)
    MadeShot(width=32, height=24, frames=30, fps=(15, 1), drop=0.6, words=words).write(folder)
    return folder


def heard(request: Request) -> tuple[np.ndarray, np.ndarray]:
    """All that is heard with the backend, and the dry foley."""
    backend = registry.backend("stable_audio")
    own = backend.sound(request)
    assert own is not None
    dry = mix(foley(request.shot), None)
    return own + dry, dry


def test_sound_is_as_long_as_the_shot(ask: Ask, told: list[dict[str, Any]], ringing: Path) -> None:
    shot = read_shot(ringing)
    made, dry = heard(ask(shot, ringing, settings=SMALL))
    assert made.shape == dry.shape == (96000, 2)
    air, gaps = told
    assert "mask" not in air
    assert gaps["mask"].shape[-1] * 32 >= 8000 + 1
    assert "impact of steel on stone" in gaps["prompt"]
    # No picture is made.
    assert list(registry.backend("stable_audio").frames(ask(shot, ringing, settings=SMALL))) == []


def test_only_the_contacts_are_made_anew(ask: Ask, told: list[dict[str, Any]], ringing: Path) -> None:
    shot = read_shot(ringing)
    request = ask(shot, ringing, settings=SMALL | {"make": "contacts"})
    made, dry = heard(request)
    blows = blows_of(shot, dry - foley(request.shot).ambience)
    assert len(blows) >= 3
    touched = np.abs(made - dry).max(1) > 1e-6
    own = np.zeros(len(dry), bool)
    for blow in blows:
        own[blow.at - 48 : blow.at + blow.length] = True
    assert not touched[~own].any()
    assert touched[own].mean() > 0.5


def test_the_air_is_made_anew_and_the_contacts_are_kept(ask: Ask, told: list[dict[str, Any]], ringing: Path) -> None:
    request = ask(read_shot(ringing), ringing, settings=SMALL | {"make": "ambience"})
    made, dry = heard(request)
    stems = foley(request.shot)
    air = made - (dry - stems.ambience)
    assert np.sqrt(np.mean(air**2)) == pytest.approx(float(np.sqrt(np.mean(stems.ambience**2))), rel=1e-3)
    assert len(told) == 1


def test_it_goes_on_from_the_sound_of_a_backend_before(ask: Ask, told: list[dict[str, Any]], ringing: Path) -> None:
    before = np.full((96000, 2), 0.125, np.float32)
    frames = np.zeros((30, 24, 32, 3), np.uint8)
    request = ask(read_shot(ringing), ringing, settings=SMALL | {"make": "contacts"}, earlier=Earlier(frames, before))
    made, _ = heard(request)
    assert np.abs(made[:1000] - 0.125).max() < 1e-6
    assert told[0]["audio"].shape[-1] >= 8000


def test_the_foley_that_is_there_is_not_made_again(
    ask: Ask, home: Path, ringing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole job, whose pipeline makes it before any backend; and what it sounds like is the same."""
    out, chain = tmp_path / "take", (Link("stable_audio", settings=SMALL),)
    with monkeypatch.context() as once:
        once.setattr(hearing, "foley", lambda shot: pytest.fail("it was made again"))
        generate(ringing, out, Options("sketch", chain=chain), lambda *_: None)
    joint, _ = read_sound(out / "stems" / "joint.wav")
    anew = registry.backend("stable_audio").sound(ask(read_shot(ringing), ringing, settings=SMALL))
    assert anew is not None
    # As far as the file's 24 bits go, and what signing adds to it leaves samples alone.
    assert np.abs(joint - anew).max() <= 2.0**-23


def test_a_shot_in_which_nothing_touches_keeps_its_foley(ask: Ask, told: list[dict[str, Any]], ringing: Path) -> None:
    shot = replace(read_shot(ringing), contacts=[])
    made, dry = heard(ask(shot, ringing, settings=SMALL | {"make": "contacts"}))
    assert np.abs(made - dry).max() == 0
    assert told == []


def clicks(at: list[int], count: int = 48000, seed: int = 0) -> np.ndarray:
    """Bursts that begin hard and die away, in very soft noise."""
    random = np.random.default_rng(seed)
    sound = 1e-5 * random.standard_normal((count, 2))
    decay = np.exp(-np.arange(4800) / 700)[:, None]
    for one in at:
        span = sound[one : one + 4800]
        span += (0.5 * decay * np.sign(random.standard_normal((4800, 2))))[: len(span)]
    return sound.astype(np.float32)


@pytest.mark.parametrize("late", [-6000, -301, 0, 17, 2400, 6500])
def test_a_blow_starts_on_its_contacts_sample_wherever_the_model_put_it(late: int) -> None:
    base = np.zeros((48000, 2), np.float32)
    reference = clicks([12000])
    out = placed(base, clicks([12000 + late], seed=1), reference, [Blow(12000, 20000)])
    loud = np.flatnonzero(np.abs(out).max(1) > 0.05)
    assert loud[0] == 12000
    first = np.sqrt(np.mean(out[12000:16800] ** 2))
    assert first == pytest.approx(float(np.sqrt(np.mean(reference[12000:16800] ** 2))), rel=0.02)


def test_outside_its_blows_sound_is_what_it_was() -> None:
    base = np.random.default_rng(3).standard_normal((48000, 2)).astype(np.float32) * np.float32(0.1)
    made = clicks([10100, 30000], seed=1)
    out = placed(base, made, clicks([10000, 30100]), [Blow(10000, 6000), Blow(30100, 6000)])
    same = np.ones(48000, bool)
    same[10000 - 48 : 16000] = same[30100 - 48 : 36100] = False
    assert np.array_equal(out[same], base[same])
    assert np.abs(out[16000 - 1] - base[16000 - 1]).max() < 0.01
    assert RELEASE < 0.1 < REACH


def test_blows_near_each_other_are_one_and_silent_ones_none() -> None:
    made = MadeShot(frames=24).shot()
    at = [0.1, 0.1 + 0.9 * APART, 0.5, 0.9]
    shot = replace(made, contacts=[Contact("impact", t, (FALLING, FLOOR), (0, 0, 0), (0, 0, 1), 1.0) for t in at])
    found = blows_of(shot, clicks([4800, 24000]))
    assert [blow.at for blow in found] == [4800, 24000]
    assert found[0].length == 19200
    assert found[1].length == 24000


def test_a_start_is_found_under_what_rings_before_it() -> None:
    ring = clicks([2000], 24000)
    ring += 1.0 * clicks([9000], 24000, seed=2)
    assert abs(start_near(ring, 9500) - 9000) <= 1
    assert start_near(np.zeros((24000, 2), np.float32), 9500) in range(9500 - 7200, 9500 + 7200)


def test_a_gap_shorter_than_a_latent_is_a_latent(home: Path) -> None:
    """The trap: said in seconds, both ends are rounded down, and it is none."""
    from diffusers import StableAudio3InpaintPipeline

    kept = kept_latents([Blow(12000, 10)], 250, 4000, 32)
    assert kept.shape == (1, 1, 250)
    each = 32 * SAMPLE_RATE / 4000
    assert kept[0, 0, int(12000 / each)] == 0
    assert (kept == 0).sum() == pytest.approx((0.05 * 48000 + 10) / each, abs=2)
    pipe = StableAudio3InpaintPipeline.from_pretrained(home / "stable_audio", local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    seen: list[torch.Tensor] = []
    real = pipe._build_local_add_cond
    pipe._build_local_add_cond = lambda latents, mask, length: (seen.append(mask), real(latents, mask, length))[1]
    pipe(
        prompt="a",
        audio=torch.zeros(1, 2, 8000),
        duration=2.0,
        mask_start_seconds=0.2501,
        mask_end_seconds=0.2549,
        num_inference_steps=1,
    )
    assert (seen[0] == 1).all()


def test_steps_are_the_schedulers_own_where_none_are_said(ask: Ask, told: list[dict[str, Any]], ringing: Path) -> None:
    heard(ask(read_shot(ringing), ringing, settings={"make": "ambience"}))
    assert told[0]["num_inference_steps"] == 8
