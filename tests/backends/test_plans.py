"""What a plan says of a model is what is done with it, on tiny pipelines; a take records it, and its times are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from asking import Ask
from common import CASES, Case

from engine.backends import ltx2, registry, sana_wm, wan_vace
from engine.backends.diffusing import loading, paces
from engine.backends.diffusing.policy import Plan
from engine.pipeline.generate import Options, generate
from sora_addon.contract import Link, read_take
from sora_addon.contract.messages import QUALITIES

NAMED = {case.name: case for case in CASES}
CACHES = {"wan_vace": "first_block", "ltx2": "taylorseer"}
MANY = 12
"""Steps, so that a cache has something to leave out."""


@pytest.fixture(autouse=True)
def cold(home: Path) -> Any:
    """No pipeline is warm, and no times are known."""
    loading.release()
    yield
    loading.release()
    (home / paces.FILE).unlink(missing_ok=True)


def made(case: Case, ask: Ask, **more: Any) -> np.ndarray:
    return np.stack(list(registry.backend(case.name).frames(ask(settings=case.given | more, prompt="rain", seed=5))))


def planned(monkeypatch: pytest.MonkeyPatch, plan: Plan) -> None:
    monkeypatch.setattr(loading, "choose", lambda *_: plan)


def blocks() -> list[torch.nn.Module]:
    network = loading._WARM.pipe.transformer
    return [part for part in network.modules() if type(part).__name__ in network._repeated_blocks]


@pytest.mark.parametrize("name", CACHES)
def test_a_cache_leaves_work_out_and_the_next_job_does_not_see_it(
    name: str, ask: Ask, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "FIRST_BLOCK_CHANGE", 100.0)
    case, worked = NAMED[name], []
    part = torch.nn.modules.linear.Linear
    real = part.forward
    monkeypatch.setattr(part, "forward", lambda self, given: (worked.append(1), real(self, given))[1])
    plain = made(case, ask, steps=MANY)
    whole = len(worked)
    first = made(case, ask, steps=MANY, cache="on")
    assert loading._WARM.key[-1].cache == CACHES[name]
    assert loading._WARM.pipe.transformer.is_cache_enabled
    assert len(worked) - whole < whole
    assert not np.array_equal(first, plain)
    assert np.array_equal(first, made(case, ask, steps=MANY, cache="on"))
    assert np.array_equal(plain, made(case, ask, steps=MANY))


@pytest.mark.parametrize("name", ["wan_vace", "ltx2", "sana_wm"])
def test_layers_that_move_in_groups_make_the_same_to_the_bit(
    name: str, ask: Ask, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = made(NAMED[name], ask)
    planned(monkeypatch, Plan("cpu", "groups", "full"))
    assert np.array_equal(plain, made(NAMED[name], ask))
    moved = [block for block in blocks() if hasattr(block, "_diffusers_hook")]
    assert len(moved) == len(blocks()) > 0


@pytest.mark.parametrize("name", ["wan_vace", "ltx2", "sana_wm"])
def test_weights_of_8_bits_make_nearly_the_same(name: str, ask: Ask, home: Path) -> None:
    plain = made(NAMED[name], ask)
    eighth = made(NAMED[name], ask, precision="eight")
    kept = [one for one in loading._WARM.pipe.transformer.parameters() if one.dtype == torch.float8_e4m3fn]
    assert len(kept) > 10
    assert not np.array_equal(plain, eighth)
    assert np.abs(plain.astype(int) - eighth).mean() < 12


def test_blocks_are_compiled_where_a_plan_says_so(home: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are not run: that takes a compiler of C."""
    from engine.backends.diffusing.folder import look_over

    folder = look_over(home / "wan_vace", ("WanVACEPipeline",))
    loading.pipeline("WanVACEPipeline", folder, Plan("cpu", "card", "full", compiled=True))
    assert all(block._compiled_call_impl is not None for block in blocks())
    loading.pipeline("WanVACEPipeline", folder, Plan("cpu", "card", "full"))
    assert all(block._compiled_call_impl is None for block in blocks())


@pytest.mark.parametrize(
    ("module", "steps"), [(wan_vace, (20, 30, 50)), (ltx2, (20, 30, 40)), (sana_wm, (40, 60, 80))], ids=str
)
def test_the_quality_says_how_many_steps_and_whether_some_are_left_out(
    module: Any, steps: tuple[int, ...], ask: Ask, home: Path
) -> None:
    for quality, count in zip(QUALITIES, steps, strict=True):
        found = module.settings_of(ask(settings={"quality": quality}).shot).common
        assert (found.steps, found.wish.speed) == (count, "fast" if quality == "draft" else "exact")
    said = module.settings_of(ask(settings={"quality": "draft", "speed": "exact", "steps": 7}).shot).common
    assert (said.steps, said.wish.speed) == (7, "exact")


def test_a_distilled_model_makes_drafts_in_its_own_steps(ask: Ask, home: Path, models: Path) -> None:
    lora = {"distilled_lora": str(models / "more" / "union.safetensors")}
    assert ltx2.settings_of(ask(settings=lora | {"quality": "draft"}).shot).distilled
    assert not ltx2.settings_of(ask(settings=lora).shot).distilled
    assert not ltx2.settings_of(ask(settings={"quality": "draft"}).shot).distilled


def test_a_take_records_how_each_model_was_loaded(shot_folder: Path, home: Path, tmp_path: Path) -> None:
    case = NAMED["wan_vace"]
    chain = (Link("wan_vace", "picture", case.given | {"cache": "on"}),)
    take = generate(shot_folder, tmp_path / "take", Options("sketch", chain=chain), lambda *_: None)
    told = Plan("cpu", "card", "full", "first_block").told()
    assert read_take(tmp_path / "take").plans == take.plans == [{}, told]
    alone = generate(shot_folder, tmp_path / "alone", Options("sketch"), lambda *_: None)
    assert alone.plans == []


def test_the_times_of_a_job_are_what_the_next_plan_goes_by(
    ask: Ask, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, float]] = []
    real = loading.choose
    monkeypatch.setattr(loading, "choose", lambda *given: (seen.append(dict(given[3])), real(*given))[1])
    case = NAMED["wan_vace"]
    made(case, ask)
    made(case, ask)
    assert seen[0] == {}
    assert list(seen[1]) == ["cpu card full none"]
    assert seen[1]["cpu card full none"] > 0
    whole = json.loads((home / paces.FILE).read_text())
    assert list(whole) == [str((home / "wan_vace").resolve())]


@pytest.mark.parametrize("text", ["[1]", "{", '{"/elsewhere": 3}'])
def test_times_that_cannot_be_read_are_none(text: str, home: Path, ask: Ask) -> None:
    (home / paces.FILE).write_text(text)
    assert made(NAMED["wan_vace"], ask).shape == (10, 46, 70, 3)
    assert "wan_vace" in (home / paces.FILE).read_text()
