"""The network as two graphs that onnxruntime runs, so that making a take needs no torch.

The graphs hold no weights: those stay in the one safetensors file and are handed over when a graph is opened (``runner``).
They change with the architecture alone; ``python -m engine.model.graphs`` writes them anew.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path

import onnx
import torch
from onnx import TensorProto
from torch import Tensor, nn

from .compose import FIELD_CHANNELS, GRADE, Taken, compose
from .conditioning import CHANNELS, NUMBERS
from .folder import from_pretrained
from .layout import PART
from .mood import MOOD
from .network import Network
from .runner import BUILT_IN, FINE, FINE_TOLD, STEP, STEP_TOLD, TAKEN, USED
from .told import Told

OPSET = 18
AXES = {"planes": {0: "n", 2: "H", 3: "W"}, "rows": {0: "n", 1: "H", 2: "W"}, "place": {0: "n", 2: "H", 3: "W"},
        "texts": {1: "R"}, "states": {1: "T"}, "known": {1: "T"}, "mel": {2: "S"}, "noisy": {0: "n", 2: "H", 3: "W"},
        "noisy_mel": {2: "S"}, "features": {0: "n", 2: "h", 3: "w"}, "grade": {0: "n"}}  # fmt: skip
"""Sides that are of any length."""


class _Step(nn.Module):
    """One step along the path, of a single clip, at the U-Net's size."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        *parts, noisy, noisy_mel, time = inputs
        told = _told(STEP_TOLD, parts)
        features, grade, mel = self.network.predict(told, self.network.stem(told), noisy, noisy_mel, time)
        taken = compose(features[:, -FIELD_CHANNELS:], grade, self.network.shown(told))
        return features, grade, mel, *_planes(taken)


class _Fine(nn.Module):
    """Frames at full size."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        *parts, features, grade, time = inputs
        return _planes(self.network.take(_told(FINE_TOLD, parts), features, grade, time))


def write_graphs(network: Network, folder: Path) -> None:
    """Both graphs into a model's folder, each beside and renamed."""
    config = network.config
    frames, height, width, tokens = 3, 32, 48, 5
    example = {
        "planes": torch.rand(frames, CHANNELS, height, width),
        "rows": torch.ones(frames, height, width, dtype=torch.int64),
        "place": torch.rand(frames, 2, height, width),
        "texts": torch.rand(1, 3, config.word_width),
        "states": torch.rand(1, tokens, config.word_width),
        "known": torch.ones(1, tokens, dtype=torch.bool),
        "style": torch.zeros(1, dtype=torch.int64),
        "numbers": torch.rand(1, NUMBERS),
        "mel": torch.rand(1, config.mels, 8 * frames),
        "mood": torch.rand(1, MOOD),
    }
    noisy = {"noisy": torch.rand(frames, 3, height, width), "noisy_mel": torch.rand(1, config.mels, 8 * frames)}
    fields = {"features": torch.rand(frames, config.widths[0] + FIELD_CHANNELS, height // 2, width // 2)}
    fields["grade"] = torch.rand(frames, GRADE)
    time = {"time": torch.ones(1)}
    made_of = ("features_seen", "grade_seen", "mel_heard", *TAKEN)
    used = _write(
        _Step(network), {name: example[name] for name in STEP_TOLD} | noisy | time, made_of, folder / PART / STEP
    )
    more = _write(
        _Fine(network), {name: example[name] for name in FINE_TOLD} | fields | time, TAKEN, folder / PART / FINE
    )
    partial = folder / PART / f"{USED}.partial"
    partial.write_text(json.dumps({STEP: used, FINE: more}, indent=1) + "\n", encoding="utf-8")
    os.replace(partial, folder / PART / USED)


def _write(part: nn.Module, inputs: dict[str, Tensor], outputs: tuple[str, ...], path: Path) -> list[str]:
    """The names of the weights that it takes."""
    whole = path.with_name(f"{path.name}.whole")
    with torch.inference_mode(), warnings.catch_warnings():
        # one clip a graph: what the tracer takes for fixed is the batch
        warnings.simplefilter("ignore")
        torch.onnx.export(
            part.eval(),
            tuple(inputs.values()),
            str(whole),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={name: AXES[name] for name in inputs if name in AXES},
            opset_version=OPSET,
            do_constant_folding=False,
            dynamo=False,
        )
    graph = onnx.load(str(whole))
    whole.unlink()
    for node in graph.graph.node:
        node.ClearField("doc_string")  # lines of our code, which move
    for weights in graph.graph.initializer:
        name = weights.name.removeprefix("network.")
        _without(weights, name)
        for node in graph.graph.node:
            for index, used in enumerate(node.input):
                if used == f"network.{name}":
                    node.input[index] = name
    partial = path.with_name(f"{path.name}.partial")
    onnx.save(graph, str(partial))
    os.replace(partial, path)
    return [weights.name for weights in graph.graph.initializer]


def _without(weights: TensorProto, name: str) -> None:
    """The weights as a mere name, to be handed over."""
    weights.ClearField("raw_data")
    weights.name = name
    weights.data_location = TensorProto.EXTERNAL
    place = weights.external_data.add()
    place.key, place.value = "location", "weights"


def _told(names: tuple[str, ...], parts: list[Tensor]) -> Told:
    given = dict(zip(names, parts, strict=True))
    nothing = parts[0].new_zeros(1, MOOD)
    return Told(**{name: given.get(name, nothing) for name in Told._fields if name not in ("keys", "pool")}, pool=1)


def _planes(taken: Taken) -> tuple[Tensor, ...]:
    return tuple(getattr(taken, name) for name in TAKEN)


if __name__ == "__main__":
    where = Path(sys.argv[1]) if len(sys.argv) > 1 else BUILT_IN
    write_graphs(from_pretrained(where), where)
