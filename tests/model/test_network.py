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
    GRADES,
    WHITE,
    Shown,
    compose,
    displayed,
    linear,
    mooded,
    relit,
)
from engine.model.conditioning import AMBIENT, LEVEL, PLAIN_LIGHT, WHERE
from engine.model.exposure import LIT, MIDDLE, exposed, exposure
from engine.model.folder import from_pretrained, save_pretrained
from engine.model.mel import SILENCE
from engine.model.mood import MOOD, mood_of
from engine.model.network import Config, Network
from engine.model.sampler import pictures, sample
from engine.model.sizes import pool_of
from engine.model.told import Told
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
    return pictures(network, result), result.mel


def test_with_its_first_weights_it_gives_the_guides() -> None:
    told = some_told(clips=2)
    clear = torch.zeros_like(told.planes[:, WHERE["depth"]]) + 1
    told.planes[:, WHERE["depth"]] = clear  # no air lies before what is near
    told.planes[:, WHERE["upward"]] = 0
    told = told._replace(style=torch.full_like(told.style, LITTLE.styles), texts=torch.zeros_like(told.texts))
    picture, mel = made(Network(LITTLE).eval(), told)
    assert torch.allclose(picture, told.planes[:, WHERE["guide"]].clamp(max=0.99), atol=0.02)
    assert torch.allclose(mel, told.mel, atol=1e-5)


def some_shown() -> Shown:
    guide, base, sun, lamps, world = 0.1 + 0.8 * torch.rand(5, 1, 3, 8, 8)
    nothing, one = torch.zeros(1, 1, 8, 8), torch.ones(1, 1, 8, 8)
    return Shown(
        guide, base, upward=one, metres=10 * one, sun=sun, lamps=lamps, world=world, sky=nothing, shining=nothing, open=one,
        outlines=nothing, creases=nothing, gain=torch.ones(1, 3, 1, 1), ambient=torch.full((1, 3, 1, 1), 0.3),
    )  # fmt: skip


@torch.inference_mode()
def test_twice_the_light_is_the_same_picture_twice_as_bright(little: Network) -> None:
    told = some_told()
    told.planes.mul_(0.6)
    brighter = told._replace(planes=told.planes.clone(), numbers=told.numbers.clone())
    for name in LIT:
        brighter.planes[:, WHERE[name]] = displayed(2 * linear(told.planes[:, WHERE[name]]))
    for figures in (LEVEL, AMBIENT):
        brighter.numbers[:, figures] += math.log(2)
    features = 0.1 * torch.randn(3, LITTLE.widths[0] + FIELD_CHANNELS, 16, 24)
    grade, time = a_grade().expand(3, -1), torch.ones(1)
    before, after = (little.take(one, features, grade, time) for one in (told, brighter))
    assert float(before.photo.mean()) > 0.02
    for name in ("photo", "clear", "clay"):
        assert torch.allclose(displayed(getattr(after, name)), displayed(2 * getattr(before, name)), atol=0.02)
    # and not only because nothing is done: without the exposure it is another picture
    unlike = little.take(brighter._replace(numbers=told.numbers), features, grade, time)
    assert not torch.allclose(displayed(unlike.photo), displayed(2 * before.photo), atol=0.02)


def test_planes_are_exposed_until_what_is_seen_has_one_mean_light() -> None:
    told = some_told()
    told.numbers[:, LEVEL] = math.log(2 * MIDDLE)
    gain = exposure(told.numbers).expand(3, -1)
    seen = exposed(told.planes, gain)
    sun, normal = WHERE["sun"], WHERE["normal"]
    assert torch.allclose(seen[:, sun], displayed(linear(told.planes[:, sun]) / 2), atol=0.005)
    assert torch.equal(seen[:, normal], told.planes[:, normal])
    of_bytes = (told.planes * 255).round() / 255
    assert torch.allclose(exposed(of_bytes, gain, of_bytes=True), exposed(of_bytes, gain), atol=1e-6)


NO_AIR = -100.0


def a_grade(**set_to: float) -> torch.Tensor:
    """Of one picture without air, zeros but for some of GRADES."""
    set_to = {"thick": NO_AIR} | set_to
    return torch.cat([torch.full((1, count), set_to.get(name, 0.0)) for name, count in GRADES], 1)


def no_fields() -> torch.Tensor:
    return torch.zeros(1, FIELD_CHANNELS, 8, 8)


def taken(shown: Shown, **set_to: float) -> torch.Tensor:
    """The photograph, as displayed, with nothing in the fields."""
    return displayed(compose(no_fields(), a_grade(**set_to), shown).photo)


def test_the_gate_shuts_the_guide_out() -> None:
    shown = some_shown()
    assert torch.allclose(taken(shown), shown.guide, atol=0.02)
    fields = no_fields()
    fields[:, :3] = -20
    fields[:, 3:6] = 0.5
    shut = displayed(compose(fields, a_grade(), shown).photo)
    assert torch.allclose(shut, 0.5 * shown.base, atol=0.02)


def test_fine_texture_is_smoothed_where_the_network_says() -> None:
    shown = some_shown()
    fields = no_fields()
    fields[:, -1, :, :4] = 1
    seen = displayed(compose(fields, a_grade(), shown).photo)
    assert torch.allclose(seen[..., 4:], shown.guide[..., 4:], atol=0.02)
    assert float(seen[..., :4].std()) < 0.8 * float(shown.guide[..., :4].std())


def test_clay_is_the_light_that_falls_on_it() -> None:
    shown = some_shown()
    light = linear(shown.sun) + linear(shown.lamps) + linear(shown.world)
    seen = compose(no_fields(), a_grade(), shown)
    assert torch.allclose(displayed(seen.clay), displayed(light + 0.01), atol=0.01)
    fields = no_fields()
    fields[:, 9:12] = -20
    assert torch.equal(compose(fields, a_grade(), shown).photo, seen.photo)
    assert float(compose(fields, a_grade(), shown).clay.max()) < 1e-3


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
    light = linear(half)
    zero, more = torch.zeros(1, 3, 1, 1), torch.full((1, 3, 1, 1), math.log(2))

    def radiance(shown: Shown, *gains: torch.Tensor) -> torch.Tensor:
        return relit(shown, *gains).radiance

    assert torch.allclose(radiance(shown, zero, zero, zero, zero, zero), light, atol=1e-6)
    assert torch.allclose(radiance(shown, more, zero, zero, zero, zero), 2 * light, rtol=0.06)
    assert torch.allclose(relit(shown, more, zero, zero, zero, zero).light, 2 * light + 0.01, atol=1e-5)
    assert torch.allclose(radiance(shown, zero, more, zero, zero, zero), light, atol=1e-6)
    shining = shown._replace(shining=none[:, :1] + 1)
    assert torch.allclose(radiance(shining, more, more, more, zero, zero), light, atol=1e-6)
    sky = shown._replace(sky=none[:, :1] + 1)
    assert torch.allclose(radiance(sky, more, more, more, zero, zero), light, atol=1e-6)
    assert torch.allclose(radiance(sky, zero, zero, zero, more, zero), 2 * light, atol=1e-6)
    bounced = radiance(shown._replace(base=half), zero, zero, zero, zero, more)
    assert torch.allclose(bounced, light * (1 + math.log(2) * light), atol=1e-5)


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
        mel = little.listen(told, noise, mel_noise, time)
        apart = little.listen(told, noise, mel_noise, time, joined=False)
    assert torch.equal(mel, whole.mel)
    assert not torch.equal(apart, mel)


def test_pictures_tell_of_blows_where_no_stems_do(little: Network) -> None:
    told = some_told()
    noise, mel_noise = noise_for(told)
    silent = told._replace(mel=torch.full_like(told.mel, SILENCE))
    with torch.inference_mode():
        little.blows.say.bias.fill_(50)
        for what, tells in ((told, False), (silent, True)):
            before = little.listen(what, noise, mel_noise, torch.ones(1))
            little.blow.add_(1)
            after = little.listen(what, noise, mel_noise, torch.ones(1))
            little.blow.sub_(1)
            assert (not torch.equal(before, after)) == tells


def part(grade: torch.Tensor, *names: str) -> torch.Tensor:
    """Those of GRADES, (B, counts)."""
    kept = torch.cat([torch.full((count,), name in names) for name, count in GRADES])
    return grade[:, kept]


def test_hours_have_no_say_where_the_scene_is_lit(little: Network) -> None:
    told = some_told()
    little.names.weight.data[LITTLE.hours :] = 0
    little.material.weight.data.zero_()
    other = told._replace(states=-told.states)
    for plain, say in ((1.0, True), (0.0, False)):
        lit = [one._replace(numbers=one.numbers.clone()) for one in (told, other)]
        for one in lit:
            one.numbers[:, PLAIN_LIGHT] = plain
        with torch.inference_mode():
            grades = [little.codes(one, torch.ones(1)).grade for one in lit]
        assert torch.equal(*grades) != say


def test_clear_air_takes_nothing_and_covers_nothing(little: Network) -> None:
    told = some_told()
    start = LITTLE.hours + AIRS.index("clear")
    with torch.inference_mode():
        before = little.codes(told, torch.ones(1)).grade
        assert part(before, "covering").abs().min() > 0
        little.names.weight[start : start + LITTLE.airs] = 0
        little.names.bias[start] = 50.0
        after = little.codes(told, torch.ones(1)).grade
    assert part(after, "covering").abs().max() < 1e-6
    assert part(after, "thick").max() < part(before, "thick").min() - 8


def test_what_looks_up_is_covered_and_no_wall() -> None:
    shown = some_shown()
    light = linear(shown.sun) + linear(shown.lamps) + linear(shown.world) + 0.01
    white = displayed(WHITE * light)
    assert torch.allclose(taken(shown, covering=1.0), white.clamp(max=1), atol=0.02)
    wall = shown._replace(upward=torch.zeros_like(shown.upward))
    assert torch.allclose(taken(wall, covering=1.0), wall.guide, atol=0.02)


def test_air_takes_light_away_with_distance_and_gives_its_own() -> None:
    shown = some_shown()
    through = math.exp(-0.12 * 10)
    seen = linear(taken(shown, thick=0.0, airlight=math.log(2)))
    assert torch.allclose(seen, linear(shown.guide) * through + 2 * shown.ambient * (1 - through), atol=0.02)
    near = taken(shown._replace(metres=torch.zeros_like(shown.metres)), thick=0.0)
    assert torch.allclose(near, shown.guide, atol=0.02)


def test_no_band_along_the_border(little: Network) -> None:
    told = some_told(height=48, width=64)
    flat = told._replace(
        planes=torch.full_like(told.planes, 0.4), rows=torch.zeros_like(told.rows), place=torch.zeros_like(told.place)
    )
    with torch.inference_mode():
        stem = little.stem(flat)
        noise = torch.zeros(len(flat.planes), 3, 24, 32)
        seen = little(flat, stem, noise, torch.zeros_like(flat.mel), torch.ones(1))
        fine = little.fine(flat, seen, torch.ones(1)).picture
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
    assert 2e6 < count < 5e6
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
