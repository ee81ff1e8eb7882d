"""The network: what it leaves alone, what sees what, and that borders and windows leave no trace."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from model.conftest import LITTLE, some_told

from engine.backends.looks import filmic
from engine.model.compose import (
    FIELD_CHANNELS,
    GRADE,
    GRADES,
    HAZE,
    OF_STYLE,
    WHITE,
    Shown,
    compose,
    displayed,
    linear,
    relit,
)
from engine.model.conditioning import WHERE
from engine.model.folder import from_pretrained, save_pretrained
from engine.model.mel import SILENCE
from engine.model.mood import MOOD, mood_of, mooded
from engine.model.network import Config, Network, Told, pool_of
from engine.model.sampler import Start, pictures, sample
from engine.words.said import AIRS
from sora_addon.contract import ContractError


def noise_for(told: Told, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    small = [side // told.pool for side in told.planes.shape[2:]]
    return (
        torch.randn(len(told.planes), 3, *small, generator=generator),
        torch.randn(told.mel.shape, generator=generator),
    )


@torch.inference_mode()
def made(network: Network, told: Told, seed: int = 0, **options: object) -> tuple[torch.Tensor, torch.Tensor]:
    result = sample(network, told, *noise_for(told, seed), **options)  # type: ignore[arg-type]
    return pictures(network, result, options.get("start")), result.mel  # type: ignore[arg-type]


def test_with_its_first_weights_it_gives_the_guides() -> None:
    told = some_told(clips=2)
    picture, mel = made(Network(LITTLE).eval(), told)
    assert torch.allclose(picture, told.planes[:, WHERE["guide"]], atol=1e-6)
    assert torch.allclose(mel, told.mel, atol=1e-5)


def some_shown() -> Shown:
    guide, base = torch.rand(2, 1, 3, 8, 8)
    lines = torch.zeros(1, 1, 8, 8)
    lines[..., 4] = 1
    nothing, one = torch.zeros(1, 1, 8, 8), torch.ones(1, 1, 8, 8)
    sun, lamps, world = 0.1 + 0.8 * torch.rand(3, 1, 3, 8, 8)
    return Shown(guide, base, lines, nothing, one, 10 * one, sun, lamps, world, nothing, nothing, one)


def a_grade(**set_to: float) -> torch.Tensor:
    """Of one picture, zeros but for some of GRADES."""
    return torch.cat([torch.full((1, count), set_to.get(name, 0.0)) for name, count in GRADES], 1)


def test_the_gate_shuts_the_guide_out_and_ink_draws() -> None:
    shown = some_shown()
    fields = torch.zeros(1, FIELD_CHANNELS, 8, 8)
    assert torch.allclose(compose(fields, torch.zeros(1, GRADE), shown), shown.guide, atol=1e-6)
    fields[:, :3] = -20
    fields[:, 3:6] = 0.5
    fields[:, 9] = 1
    seen = compose(fields, torch.zeros(1, GRADE), shown)
    assert torch.allclose(seen[..., :4], 0.5 * shown.base[..., :4], atol=1e-5)
    assert float(seen[..., 4].abs().max()) == 0


def test_curves_are_those_that_pictures_are_displayed_with() -> None:
    light = torch.cat([torch.linspace(0, 0.7, 50), torch.logspace(-0.15, 0.6, 50)])
    shown = torch.from_numpy(filmic(light.numpy()))
    assert float((displayed(light) - shown).abs().max()) < 0.01
    assert float((linear(shown) / light.clamp(min=0.02) - light / light.clamp(min=0.02)).abs().max()) < 0.08


def test_light_adds_up_and_each_lamp_has_a_gain_of_its_own() -> None:
    shown = some_shown()
    half = torch.full_like(shown.guide, 0.5)
    none = torch.zeros_like(half)
    shown = shown._replace(guide=half, sun=half, lamps=none, world=none)
    zero, more = torch.zeros(1, 3, 1, 1), torch.full((1, 3, 1, 1), math.log(2))
    assert torch.allclose(relit(shown, zero, zero, zero, zero, zero), half, atol=1e-6)
    twice = displayed(2 * linear(half))
    assert torch.allclose(relit(shown, more, zero, zero, zero, zero), twice, atol=0.01)
    assert torch.allclose(relit(shown, zero, more, zero, zero, zero), half, atol=1e-6)
    assert torch.allclose(relit(shown._replace(shining=none[:, :1] + 1), more, more, more, zero, zero), half, atol=1e-6)
    sky = shown._replace(sky=none[:, :1] + 1)
    assert torch.allclose(relit(sky, more, more, more, zero, zero), half, atol=1e-6)
    assert torch.allclose(relit(sky, zero, zero, zero, more, zero), twice, atol=0.01)
    bounced = linear(relit(shown._replace(base=half), zero, zero, zero, zero, more))
    assert torch.allclose(bounced, linear(half) * (1 + math.log(2) * linear(half)), atol=0.01)


def test_words_reach_the_network_through_the_names_alone(little: Network) -> None:
    told = some_told()
    time = torch.ones(1)
    with torch.no_grad():
        known = little.codes(told, time)
        torch.nn.init.zeros_(little.names.weight)  # all prompts name the same now
        nameless = little.codes(told, time)
        others = little.codes(told._replace(states=2 * told.states), time)
    for before, without, other in zip(known, nameless, others, strict=True):
        assert torch.equal(without, other)
        assert not torch.allclose(before, without)


def test_to_listen_is_to_hear_what_a_whole_prediction_has(little: Network) -> None:
    told = some_told(clips=2)
    noise, mel_noise = noise_for(told)
    time = torch.tensor([1.0, 0.5])
    with torch.inference_mode():
        whole = little(told, little.stem(told), noise, mel_noise, time)
        mel, struck = little.listen(told, noise, mel_noise, time)
        apart, never = little.listen(told, noise, mel_noise, time, joined=False)
    assert torch.equal(mel, whole.mel)
    assert struck is not None
    assert struck.shape == (2, 3)
    assert never is None
    assert not torch.equal(apart, mel)


def test_pictures_tell_of_blows_where_no_stems_do(little: Network) -> None:
    told = some_told()
    noise, mel_noise = noise_for(told)
    silent = told._replace(mel=torch.full_like(told.mel, SILENCE))
    with torch.inference_mode():
        for what, tells in ((told, False), (silent, True)):
            before, _ = little.listen(what, noise, mel_noise, torch.ones(1))
            little.blow.add_(1)
            after, _ = little.listen(what, noise, mel_noise, torch.ones(1))
            little.blow.sub_(1)
            assert (not torch.equal(before, after)) == tells


def part(grade: torch.Tensor, *names: str) -> torch.Tensor:
    """Those of GRADES, (B, counts)."""
    kept = torch.cat([torch.full((count,), name in names) for name, count in GRADES])
    return grade[:, kept]


def test_a_style_decides_the_grade_and_scene_and_words_the_light(little: Network) -> None:
    told = some_told()
    time = torch.ones(1)
    light = [name for name, _ in GRADES if name not in OF_STYLE]
    with torch.inference_mode():
        before = little.codes(told, time).grade
        other_style = little.codes(told._replace(style=told.style + 1), time).grade
        other_scene = little.codes(told._replace(numbers=told.numbers + 1, states=-told.states), time).grade
    assert not torch.equal(part(before, *OF_STYLE), part(other_style, *OF_STYLE))
    assert torch.equal(part(before, *OF_STYLE), part(other_scene, *OF_STYLE))
    assert not torch.allclose(part(before, *light), part(other_scene, *light))


def test_clear_air_takes_nothing_and_covers_nothing(little: Network) -> None:
    told = some_told()
    start = LITTLE.hours + AIRS.index("clear")
    with torch.inference_mode():
        assert part(little.codes(told, torch.ones(1)).grade, "air", "covering").abs().min() > 0
        little.names.weight[start : start + LITTLE.airs] = 0
        little.names.bias[start] = 50.0
        assert part(little.codes(told, torch.ones(1)).grade, "air", "covering").abs().max() == 0


def test_what_looks_up_is_covered_and_no_wall() -> None:
    shown = some_shown()
    shown = shown._replace(base=shown.base.clamp(min=0.3), guide=0.5 * shown.base.clamp(min=0.3))
    fields, grade = torch.zeros(1, FIELD_CHANNELS, 8, 8), a_grade(covering=1.0, cover=0.9 - WHITE)
    assert torch.allclose(compose(fields, grade, shown), torch.full_like(shown.guide, 0.45), atol=1e-5)
    wall = shown._replace(upward=torch.zeros_like(shown.upward))
    assert torch.allclose(compose(fields, grade, wall), wall.guide, atol=1e-6)


def test_air_takes_light_away_with_distance_and_gives_its_own() -> None:
    shown = some_shown()
    fields, grade = torch.zeros(1, FIELD_CHANNELS, 8, 8), a_grade(air=1.0, airlight=0.7 - HAZE)
    through = math.exp(-0.12 * 10)
    assert torch.allclose(compose(fields, grade, shown), shown.guide * through + 0.7 * (1 - through), atol=1e-5)
    near = compose(fields, grade, shown._replace(metres=torch.zeros_like(shown.metres)))
    assert torch.allclose(near, shown.guide, atol=1e-6)


def test_no_band_along_the_border(little: Network) -> None:
    told = some_told(height=48, width=64)
    flat = told._replace(
        planes=torch.full_like(told.planes, 0.4), rows=torch.zeros_like(told.rows), place=torch.zeros_like(told.place)
    )
    with torch.inference_mode():
        stem = little.stem(flat)
        noise = torch.zeros(len(flat.planes), 3, 24, 32)
        seen = little(flat, stem, noise, torch.zeros_like(flat.mel), torch.ones(1))
        fine = little.fine(flat, seen, torch.ones(1))
    for picture in (seen.picture, fine):
        assert float((picture - picture[..., 16:17, 16:17]).abs().max()) < 2e-5


def test_a_frame_is_touched_by_sound_of_its_own_instants_alone(little: Network) -> None:
    told = some_told(frames=7)
    noise, mel_noise = noise_for(told)
    time = torch.ones(1)
    with torch.inference_mode():
        stem = little.stem(told)
        slots = torch.randn(1, 7, 8, 10)
        tokens = torch.randn(1, 7, 6, 10)
        code = torch.randn(1, 16)
        before = little.joint(tokens, slots, code)
        louder = slots.clone()
        louder[:, 3] += 1
        after = little.joint(tokens, louder, code)
        moved = (after[0] - before[0]).abs().amax((0, 2, 3)) > 0
        assert moved.tolist() == [False, False, True, True, True, False, False]
        brighter = tokens.clone()
        brighter[:, 3] += torch.randn(10)
        moved = (little.joint(brighter, slots, code)[1] - before[1]).abs().amax((0, 2, 3)) > 0
        assert moved.tolist() == [False, False, True, True, True, False, False]
        apart = little.joint(tokens, louder, code, joined=False)
        assert torch.equal(apart[0], little.joint(tokens, slots, code, joined=False)[0])
        louder_mel = told.mel.clone()
        louder_mel[..., 24:32] += 3
        seen = little(told, stem, noise, mel_noise, time)
        other = little(told._replace(mel=louder_mel), stem, noise, mel_noise, time)
    changed = (seen.picture - other.picture).abs().amax((1, 2, 3))
    assert changed[3] > 0
    # the tower's own reach over time is some two frames, and the block's is one
    assert changed[[0, 6]].max() < 1e-2 * changed[3]


def test_the_same_seed_to_the_bit_and_another_not(little: Network) -> None:
    told = some_told()
    assert torch.equal(made(little, told, 1)[0], made(little, told, 1)[0])
    assert not torch.equal(made(little, told, 1)[0], made(little, told, 2)[0])


def test_clips_of_a_batch_know_nothing_of_each_other(little: Network) -> None:
    told = some_told(clips=2, frames=2)
    noise, mel_noise = noise_for(told)
    with torch.inference_mode():
        both = pictures(little, sample(little, told, noise, mel_noise))
        alone = told.some(slice(1, 2))._replace(known=told.known[1:], states=told.states[1:])
        second = pictures(little, sample(little, alone, noise[2:], mel_noise[1:]))
    assert torch.allclose(both[2:], second, atol=1e-5)


def test_words_that_are_not_known_do_not_count(little: Network) -> None:
    told = some_told()
    bare = told._replace(known=torch.zeros_like(told.known))
    other = bare._replace(states=told.states * 2 + 1)
    assert torch.equal(made(little, bare)[0], made(little, other)[0])
    assert not torch.equal(made(little, told)[0], made(little, bare)[0])


def test_guidance_of_one_is_none_and_more_goes_further(little: Network) -> None:
    told = some_told()
    bare = told._replace(known=torch.zeros_like(told.known), style=torch.full_like(told.style, LITTLE.styles))
    plain, without = made(little, told, steps=1)[1], made(little, bare, steps=1)[1]
    further = made(little, told, steps=1, guidance=2.0)[1]
    assert torch.allclose(further - without, 2 * (plain - without), atol=1e-4)


def test_a_start_is_kept_where_the_mask_says_and_as_far_as_the_strength_says(little: Network) -> None:
    told = some_told()
    earlier = torch.rand(3, 3, 32, 48)
    mask = torch.zeros(3, 1, 32, 48)
    mask[..., 24:] = 1
    picture, _ = made(little, told, start=Start(earlier, 0.6, mask))
    assert torch.equal(picture[..., :24], earlier[..., :24])
    assert not torch.equal(picture[..., 24:], earlier[..., 24:])
    with pytest.raises(ValueError, match="lead nowhere"):
        made(little, told, start=Start(earlier, 0.0))


def test_a_folder_gives_the_network_back_and_half_precision_costs_nothing(little: Network, tmp_path) -> None:
    told = some_told()
    save_pretrained(little, tmp_path, {"steps": 5})
    again = from_pretrained(tmp_path)
    off = (made(little, told)[0] - made(again, told)[0]).square().mean()
    assert float(-10 * torch.log10(off + 1e-12)) > 55
    assert not list(tmp_path.rglob("*.partial"))


def test_a_damaged_folder_is_refused_in_a_sentence(little: Network, tmp_path) -> None:
    with pytest.raises(ContractError, match=r"model_index\.json"):
        from_pretrained(tmp_path)
    save_pretrained(little, tmp_path)
    weights = tmp_path / "network" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ContractError, match="does not hold the network"):
        from_pretrained(tmp_path)


def test_sizes() -> None:
    count = sum(weights.numel() for weights in Network(Config()).parameters())
    assert 2e6 < count < 3.5e6
    assert [pool_of(height) for height in (54, 144, 288, 576)] == [2, 2, 4, 8]


def test_a_seed_has_a_light_of_its_own_and_the_likeliest_has_none(little: Network) -> None:
    told = some_told()
    assert not mooded(torch.zeros(2, MOOD)).any()
    assert np.array_equal(mood_of(4), mood_of(4))
    lit = [made(little, told._replace(mood=torch.from_numpy(mood_of(seed)[None])))[0] for seed in (4, 5)]
    assert not torch.allclose(lit[0], lit[1], atol=1e-3)
    many = np.stack([mood_of(seed) for seed in range(400)])
    assert np.abs(many.mean(0)).max() < 0.2
    assert np.abs(many.std(0) - 1).max() < 0.15
