"""The prompt encoder on its real weights."""

from __future__ import annotations

import numpy as np
import pytest

from engine.words.encoder import LONGEST, WIDTH, WordEncoder, word_encoder


@pytest.fixture(scope="module")
def encoder() -> WordEncoder:
    return word_encoder()


def test_a_state_for_each_token_and_one_for_each_border(encoder: WordEncoder) -> None:
    states = encoder.states("two steel balls")
    assert states.shape == (5, WIDTH)
    assert states.dtype == np.float32
    assert encoder.states("ball " * 500).shape == (LONGEST, WIDTH)
    assert encoder.states("").shape == (2, WIDTH)


def test_what_means_the_same_lies_near(encoder: WordEncoder) -> None:
    rain, wet, dry = (
        encoder.sentence(text) for text in ("rain falls at night", "a rainy night", "a sunny beach at noon")
    )
    assert abs(float(rain @ rain) - 1) < 1e-5
    assert rain @ wet > 0.6
    assert rain @ dry < 0.55


def test_the_same_text_gives_the_same_bits(encoder: WordEncoder) -> None:
    assert np.array_equal(encoder.states("brass gear"), WordEncoder().states("brass gear"))
