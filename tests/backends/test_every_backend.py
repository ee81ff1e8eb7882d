"""The common suite: a whole job of each backend through the real pipeline, its progress, its cancel, its repeats."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asking import Ask
from common import CASES, Case
from made_shot import MadeShot

from engine.backends import registry
from engine.backends.protocol import Cancelled, Earlier, Request
from engine.media.clip import clip_facts
from engine.media.sound_file import read_sound
from engine.pipeline.generate import Options, generate
from sora_addon.contract import ContractError, Words, read_take

ODD = ((99, 53, 7, (24000, 1001)), (130, 75, 11, (25, 2)))
"""Width, height, frames and rate: no multiple of anything."""
NAMED = [pytest.param(case, id=case.name) for case in CASES]
UNSAMPLED = [pytest.param(case, id=case.name) for case in CASES if not case.steps]
SAMPLED = [pytest.param(case, id=case.name) for case in CASES if case.steps]
DIFFUSED = [pytest.param(case, id=case.name) for case in CASES if case.steps and case.name != "template"]
"""On pipelines of diffusers."""
VACE = next(case for case in CASES if case.name == "wan_vace")


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folders = []
    for width, height, frames, fps in ODD:
        folder = tmp_path_factory.mktemp("odd") / "shot"
        words = Words(prompt="two balls, wind", seed=3)
        MadeShot(width=width, height=height, frames=frames, fps=fps, drop=0.1, words=words).write(folder)
        folders.append(folder)
    return folders


def job(case: Case, shot: Path, out: Path, progress: Callable[[str, int, int], None], **more: Any) -> Any:
    settings = {} if case.follows else case.given
    return generate(shot, out, Options(case.first, settings=settings, chain=case.chain), progress, **more)


def outcome(case: Case, request: Request) -> np.ndarray:
    """Frames, or where it makes none, its sound."""
    backend = registry.backend(case.name)
    frames = list(backend.frames(request))
    return np.stack(frames) if frames else np.asarray(backend.sound(request))


def earlier(case: Case) -> Earlier | None:
    return Earlier(np.zeros((10, 46, 70, 3), np.uint8), None) if case.follows else None


@pytest.mark.parametrize("at", range(len(ODD)))
@pytest.mark.parametrize("case", NAMED)
def test_a_whole_job_has_exactly_the_frames_and_samples(
    case: Case, at: int, odd: list[Path], home: Path, tmp_path: Path
) -> None:
    width, height, frames, fps = ODD[at]
    said: list[tuple[str, int, int]] = []
    take = job(case, odd[at], tmp_path / "take", lambda *given: said.append(given))
    facts = clip_facts(tmp_path / "take" / take.files.clip)
    sound, rate = read_sound(tmp_path / "take" / take.files.sound)
    assert (facts.frames, facts.width, facts.height) == (frames, width, height)
    assert (facts.rate.numerator, facts.rate.denominator) == fps
    assert (len(sound), rate) == (round(frames * fps[1] / fps[0] * 48000), 48000)
    assert read_take(tmp_path / "take") == take
    own = [(step, total) for stage, step, total in said if stage == case.stage]
    assert own == sorted(own)
    assert own[-1] == (own[-1][1], own[-1][1])
    if case.steps:
        assert [step for step, _ in own] == list(range(case.steps + 1))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["take"]


@pytest.mark.parametrize("case", SAMPLED)
def test_a_cancel_stops_it_within_a_step_and_nothing_is_decoded(
    case: Case, odd: list[Path], home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.backends.diffusing import loading

    shown: list[int] = []
    decoded: list[str] = []

    def progress(stage: str, step: int, total: int) -> None:
        if stage != case.stage:
            return
        if step == 0 and case.name != "template":
            vae = loading._WARM.pipe.vae
            real = type(vae).decode
            watched.setattr(
                type(vae), "decode", lambda self, *given, **named: (decoded.append(""), real(self, *given, **named))[1]
            )
        shown.append(step)
        if step == 1:
            raise Cancelled

    with monkeypatch.context() as watched, pytest.raises(Cancelled):
        job(case, odd[0], tmp_path / "take", progress)
    assert shown == [0, 1]
    assert decoded == []
    assert list(tmp_path.iterdir()) == []
    # The pipeline that is warm still works.
    job(case, odd[0], tmp_path / "again", lambda *given: None)


@pytest.mark.parametrize("case", UNSAMPLED)
def test_a_cancel_goes_through_at_the_next_word_and_nothing_is_left(
    case: Case, odd: list[Path], home: Path, tmp_path: Path
) -> None:
    shown: list[int] = []

    def progress(stage: str, step: int, total: int) -> None:
        if stage == case.stage:
            shown.append(step)
            if step > 0:
                raise Cancelled

    with pytest.raises(Cancelled):
        job(case, odd[0], tmp_path / "take", progress)
    assert sum(step > 0 for step in shown) == 1
    assert list(tmp_path.iterdir()) == []
    job(case, odd[0], tmp_path / "again", lambda *given: None)


@pytest.mark.parametrize("case", NAMED)
def test_the_seed_and_the_words_are_all_that_chance_has(case: Case, ask: Ask, home: Path) -> None:
    given = {"settings": case.given, "earlier": earlier(case), "prompt": "rain on steel"}
    first = outcome(case, ask(**given, seed=5))
    assert np.array_equal(first, outcome(case, ask(**given, seed=5)))
    assert np.isfinite(first).all()
    if case.by_seed:
        assert not np.array_equal(first, outcome(case, ask(**given, seed=6)))
    if case.by_words:
        assert not np.array_equal(first, outcome(case, ask(**given | {"prompt": "a quiet meadow"}, seed=5)))


@pytest.mark.parametrize("case", [param for param in DIFFUSED if param.id != "stable_audio"])
def test_it_is_seen_before_it_is_done(case: Case, ask: Ask, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.backends.diffusing import steps

    monkeypatch.setattr(steps, "OFTEN", 0.0)
    seen: list[tuple[int, np.ndarray]] = []
    outcome(case, ask(settings=case.settings, preview=lambda number, picture: seen.append((number, picture))))
    assert [number for number, _ in seen] == list(range(case.steps))
    for _, picture in seen:
        assert picture.dtype == np.uint8
        assert picture.ndim == 3
        assert max(picture.shape[:2]) == 256
    assert not np.array_equal(seen[0][1], seen[-1][1])


@pytest.mark.parametrize("case", DIFFUSED)
def test_numbers_that_are_none_are_named(case: Case, ask: Ask, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from engine.backends.diffusing import loading

    def spoil(stage: str, step: int, total: int) -> None:
        if stage == case.name and step == 0:
            network = loading._WARM.pipe.transformer
            monkeypatch.setattr(network, "forward", spoiled(network.forward, torch))

    with pytest.raises(ContractError, match=f"{case.name} made numbers that are not finite"):
        outcome(case, ask(settings=case.settings, earlier=earlier(case), progress=spoil, backend=case.name))


def spoiled(forward: Callable[..., Any], torch: Any) -> Callable[..., Any]:
    def nothing(*given: Any, **named: Any) -> Any:
        return tuple(torch.full_like(one, float("nan")) for one in forward(*given, **named))

    return nothing


@pytest.mark.parametrize("what", ["torch", "processor", "python"])
def test_memory_that_runs_out_is_named(ask: Ask, home: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    import torch

    from engine.backends.diffusing import loading

    errors = {
        "torch": torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 3 GiB"),
        "processor": RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory"),
        "python": MemoryError(),
    }

    held: list[weakref.ref[Any]] = []

    def none(stage: str, step: int, total: int) -> None:
        if stage == "wan_vace":
            held.append(weakref.ref(loading._WARM.pipe.transformer))
            raise errors.pop(what)

    with pytest.raises(ContractError) as caught:
        outcome(VACE, ask(settings=VACE.given, progress=none))
    assert caught.value.field == "memory"
    assert "offload" in caught.value.mend
    assert loading._WARM.pipe is None
    del caught
    gc.collect()
    assert held[0]() is None


@pytest.mark.parametrize("case", DIFFUSED)
def test_a_folder_that_is_not_there_is_named(case: Case, ask: Ask, tmp_path: Path, home: Path) -> None:
    settings = case.settings | {"model": str(tmp_path / "nowhere")}
    with pytest.raises(ContractError, match=r"nowhere: is not a folder; choose the folder that holds model_index.json"):
        outcome(case, ask(settings=settings, earlier=earlier(case)))


@pytest.mark.parametrize("name", registry.OWN)
def test_its_module_is_imported_without_torch(name: str) -> None:
    code = (
        "import sys; from engine.backends import registry\n"
        "registry.backend(sys.argv[1])\n"
        "print(sorted({'torch', 'diffusers', 'transformers'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code, name], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("name", registry.OWN)
def test_what_it_declares_is_whole(name: str) -> None:
    known = registry.capabilities(name)
    assert known.name == name
    assert known.summary
    assert known.licence
    assert known.memory >= known.weights >= 0
    assert known.makes_picture or known.makes_sound
    assert replace(known) == known
