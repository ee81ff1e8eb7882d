"""The prompt encoder on its real weights."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from engine.words.encoder import LONGEST, WIDTH, WordEncoder, word_encoder
from engine.words.encoder import _folder as encoder_folder


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


def test_it_is_the_network_of_its_papers(encoder: WordEncoder) -> None:
    """Against transformers' own BERT with the same weights."""
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    from safetensors.torch import load_file

    sizes = {"hidden_size": WIDTH, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536}
    theirs = transformers.BertModel(transformers.BertConfig(**sizes), add_pooling_layer=False).eval()
    weights = load_file(str(encoder_folder() / "model.safetensors"))
    theirs.load_state_dict({name: weights[name] for name in theirs.state_dict() if name in weights}, strict=True)
    for text in ("steel, wood and glass on a stone floor; late sun", "", "ball " * 500):
        ids = torch.tensor([encoder._tokens.encode(text).ids])
        with torch.inference_mode():
            expected = theirs(ids).last_hidden_state[0].numpy()
        assert np.abs(encoder.states(text) - expected).max() < 2e-5


def test_it_reads_words_without_torch() -> None:
    """What moderates the words of every job costs none of torch's seconds and memory."""
    code = (
        "import sys; from engine.trust.moderation.head import by_meaning, can_read_meaning\n"
        "assert can_read_meaning(); by_meaning('a ball of steel rolls over wood'); print('torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "False"
