"""Words and cues lay beds under the shot; where they ask for silence there is none."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hearing import centroid, cut, level
from sound_shots import body, camera_row, room, shot

from engine.sound import foley, unheard
from engine.sound.atmosphere import BEDS
from engine.sound.keywords import WORDS, asks_for_silence, beds_in
from sora_addon.contract import BodyRow, Cue, Room, Shot, Words


def bed(
    prompt: str, frames: int = 48, where: Room | None = None, cues: list[Cue] | None = None, **more: str
) -> np.ndarray:
    return foley(made(prompt, frames, where, cues, **more)).ambience


def made(prompt: str, frames: int = 48, where: Room | None = None, cues: list[Cue] | None = None, **more: str) -> Shot:
    return shot([body(1, "wood")], [], frames, room=where, cues=cues, words=Words(prompt, seed=7, **more))


@pytest.mark.parametrize("name", WORDS)
def test_each_word_is_understood(name: str) -> None:
    for word in WORDS[name]:
        assert name in beds_in(f"a glass on a table, {word}, at dusk"), word


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("A windy beach at dawn", ["wind", "sea"]),
        ("hujan di pasar", ["rain", "crowd"]),
        ("no wind, heavy rain", ["rain"]),
        ("tanpa angin", []),
        ("a crowbar and a bar chart", []),
        ("fireworks over the window", []),
        ("a kereta api passes", []),
        ("depth of field", []),
        ("rainbow colours", []),
    ],
)
def test_what_words_ask_for(words: str, wanted: list[str]) -> None:
    assert beds_in(words) == wanted


def test_the_negative_prompt_takes_away() -> None:
    assert beds_in("rain and wind in the forest", "wind") == ["rain", "birds"]
    assert level(bed("wind over a field", negative="wind, outdoors, field")) < level(bed("wind over a field")) - 6


@pytest.mark.parametrize("words", ["silence", "a silent hall", "sunyi", "no sound at all"])
def test_silence_when_it_is_asked_for(words: str) -> None:
    assert asks_for_silence(words)
    assert not bed(words).any()


def test_every_bed_is_at_its_level_and_never_loops() -> None:
    for name, (_, wanted) in BEDS.items():
        word = WORDS[name][0]
        stem = bed(word, frames=96)
        assert level(stem) == pytest.approx(wanted, abs=2.0), name
        first, second = stem[:48_000, 0], stem[48_000:96_000, 0]
        assert abs(np.corrcoef(first, second)[0, 1]) < 0.6, name


def test_beds_sound_apart() -> None:
    """Colour and how unsteady they are."""
    known = {name: bed(WORDS[name][0], frames=96).mean(axis=1) for name in BEDS}

    def traits(wave: np.ndarray) -> tuple[float, float, float]:
        loud = np.sqrt(np.mean(wave[: len(wave) // 480 * 480].reshape(-1, 480) ** 2, axis=1))
        fourth = np.mean(wave**4) / np.mean(wave**2) ** 2
        return np.log2(centroid(wave)), float(np.std(np.log2(loud + 1e-9))), float(np.log2(fourth))

    for one, other in combinations(known, 2):
        apart = np.linalg.norm(np.subtract(traits(known[one]), traits(known[other])))
        assert apart > 0.12, (one, other)


def test_where_no_word_names_one_there_is_faint_air_or_room_tone() -> None:
    outside, inside = bed("a chair"), bed("a chair", where=room((6, 5, 3)))
    for faint in (outside, inside):
        assert -70 < level(faint) < -55
    assert centroid(outside.mean(axis=1)) != pytest.approx(centroid(inside.mean(axis=1)), rel=0.1)


def test_weather_is_softer_through_walls() -> None:
    assert level(bed("rain", where=room((6, 5, 3)))) == pytest.approx(level(bed("rain")) - 8, abs=0.5)


def test_words_add_up() -> None:
    both = level(bed("rain and wind"))
    assert both > max(level(bed("rain")), level(bed("wind"))) + 1


def test_a_cue_sounds_in_its_time() -> None:
    stem = bed("silence", 72, cues=[Cue("ambience", "rain", 0.5, 2.0)])
    assert not cut(stem, 0.0, 0.4999).any()
    assert not cut(stem, 2.0001, 3.0).any()
    assert level(cut(stem, 0.7, 1.8)) == pytest.approx(BEDS["rain"][1] + 8, abs=2)
    assert np.abs(cut(stem, 0.5, 0.502)).max() < 0.2 * np.abs(stem).max()


def test_a_cue_has_its_gain() -> None:
    levels = [level(bed("silence", cues=[Cue("effect", "fire", 0.0, None, None, gain)])) for gain in (-12.0, 0.0, 6.0)]
    assert np.diff(levels) == pytest.approx([12.0, 6.0], abs=0.1)


def test_a_cue_without_an_end_goes_on_to_the_last_sample() -> None:
    stem = bed("silence", 48, cues=[Cue("ambience", "wind", 0.5)])
    assert level(cut(stem, 1.5, 1.9)) > -60


def test_a_cue_of_a_body_is_heard_from_there() -> None:
    def of(x: float, y: float) -> np.ndarray:
        world = (1.0, 0, 0, x, 0, 1.0, 0, y, 0, 0, 1.0, 0.0, 0, 0, 0, 1.0)
        thing = body(1, "wood", rows=[BodyRow(world)])
        cues = [Cue("effect", "fire", 0.0, None, 1)]
        return foley(shot([thing], [], 48, cues=cues, words=Words("silence", seed=7))).ambience

    left = of(-4.0, 3.0)
    assert level(left[:, 0]) > level(left[:, 1]) + 3
    levels = [level(of(0.0, y)) for y in (3.0, 6.0, 12.0)]
    for near, far in pairwise(levels):
        assert near - far == pytest.approx(6.02, abs=0.5)


def test_what_no_bed_is_known_for_is_told() -> None:
    cues = [
        Cue("dialogue", "It is raining", 0.2, 1.0, 1),
        Cue("effect", "a trombone", 0.2, 1.0),
        Cue("ambience", "rain", 0.2, 1.0),
    ]
    left = unheard(made("silence", cues=cues))
    assert left == cues[:2]
    assert not bed("silence", cues=cues[:2]).any()


def test_a_longer_shot_begins_the_same() -> None:
    """Ambience stays put when the artist adds frames at the end, beyond one stretch too."""
    short, long = bed("rain", 24 * 21), bed("rain", 24 * 25)
    np.testing.assert_allclose(long[: 20 * 48_000 - 96_000], short[: 20 * 48_000 - 96_000], atol=1e-6)
    assert level(cut(long, 19.0, 20.0)) == pytest.approx(level(cut(long, 5.0, 6.0)), abs=2)


def test_the_camera_does_not_turn_a_bed() -> None:
    still, moved = (
        bed("rain"),
        foley(
            shot(
                [body(1, "wood")], [], 48, camera=[camera_row(float(x)) for x in range(48)], words=Words("rain", seed=7)
            )
        ).ambience,
    )
    np.testing.assert_array_equal(still, moved)
