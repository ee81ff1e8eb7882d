"""Trains the heads: ``python -m engine.trust.moderation.train``. From lists in this repository, the same each time on one machine.

``lists/learn*.tsv`` hold whole lines. ``lists/templates.tsv`` and ``wide.tsv`` hold parts and what is put together from them, so that
the heads learn from harmless uses of the same words too: groups that are hated and groups that dance, bombs that are made and bombs
on a prop table. It takes some minutes and needs requirements-model.txt.
"""

from __future__ import annotations

import argparse
import random
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from sora_addon.contract import ContractError

from .head import CATEGORIES, FINE, LETTERS, LISTS, MEANING, PLACES, places, read_by, softmax, vector
from .report import Line, read_lines

WHOLES = ("learn.tsv", "learn_2.tsv", "learn_3.tsv", "learn_4.tsv", "learn_5.tsv", "learn_6.tsv")
PARTS = ("templates.tsv", "wide.tsv")
EACH, WHOLE = 60, 4
"""Lines that are put together from a template, and how often a whole line counts."""
SPARED = 4
"""The head by meaning learns from every fourth line that is put together."""
DECAY, ROUNDS = 3e-6, 200
MEMBERS, HIDDEN, EPOCHS, BATCH, DROPPED, SMOOTHED, RATE, SHRINK = 4, 128, 18, 128, 0.5, 0.05, 3e-3, 5e-2
SEED = 1
Floats = NDArray[np.float64]


def put_together(path: Path) -> list[Line]:
    """Up to ``EACH`` different lines of every template. Raises ContractError where one names parts that are not there."""
    dice = random.Random(SEED)
    parts: dict[str, list[str]] = {}
    made: list[Line] = []
    for number, row in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if row.startswith("@"):
            name, choices = row[1:].split("\t")
            parts[name] = choices.split("|")
        elif row and not row.startswith("#"):
            language, category, text = row.split("\t")
            unknown = set(re.findall(r"\{(\w+)\}", text)) - parts.keys()
            if unknown:
                raise ContractError(f"{path.name}:{number}", f"names {', '.join(unknown)}, which stand nowhere above")
            drawn = {re.sub(r"\{(\w+)\}", lambda found: dice.choice(parts[found[1]]), text) for _ in range(3 * EACH)}
            made += [Line(language, category, text) for text in sorted(drawn)[:: max(1, len(drawn) // EACH)][:EACH]]
    return made


def numbers_of(lines: list[Line]) -> NDArray[np.int64]:
    """(N,) places of the lines' categories in ``CATEGORIES``."""
    return np.array([CATEGORIES.index(line.category) for line in lines])


def counts_of(lines: list[Line], whole: int) -> Floats:
    """(N,) how much each line counts: the first ``whole`` more; harmful and harmless ones the same in sum, which is 1."""
    counts = np.where(np.arange(len(lines)) < whole, float(WHOLE), 1.0)
    fine = np.array([line.category == FINE for line in lines])
    return counts * np.where(fine, 0.5 / counts[fine].sum(), 0.5 / counts[~fine].sum())


def rows_of(lines: list[Line]) -> sparse.csr_matrix:
    """(N, PLACES): what ``head.by_letters`` sees of each line, of length 1."""
    found = [places(line.text) for line in lines]
    counts = [len(row) for row in found]
    values = np.repeat(1.0 / np.sqrt(np.maximum(counts, 1)), counts)
    return sparse.csr_matrix(
        (values, np.concatenate(found), np.concatenate([[0], np.cumsum(counts)])), (len(lines), PLACES)
    )


def fitted_letters(rows: sparse.csr_matrix, wanted: NDArray[np.int64], counts: Floats) -> Floats:
    """(PLACES + 1, C) weights of a multinomial regression, the last row of which is the constants."""
    one_hot = np.eye(len(CATEGORIES))[wanted]

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(PLACES + 1, -1)
        chances = softmax(rows @ weights[:-1] + weights[-1])
        off = counts[:, None] * (chances - one_hot)
        value = -counts @ np.log(chances[np.arange(len(wanted)), wanted] + 1e-12)
        slope = np.concatenate([rows.T @ off + DECAY * weights[:-1], off.sum(0)[None]])
        return float(value + DECAY / 2 * (weights[:-1] ** 2).sum()), slope.ravel()

    start = np.zeros((PLACES + 1) * len(CATEGORIES))
    return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}).x.reshape(PLACES + 1, -1)


def fitted_meaning(
    vectors: NDArray[np.float32], wanted: NDArray[np.int64], counts: Floats
) -> dict[str, NDArray[np.float32]]:
    """Weights of ``head.read_by`` from vectors (N, 768): members of one hidden layer with dropout, by AdamW (PyTorch)."""
    import torch
    from torch.nn import functional

    mean, scale = vectors.mean(0), vectors.std(0) + 1e-6
    inputs, targets = torch.from_numpy((vectors - mean) / scale), torch.from_numpy(wanted)
    weighed = torch.from_numpy(counts * len(counts)).float()
    members: list[list[NDArray[np.float32]]] = []
    torch.use_deterministic_algorithms(True)
    for seed in range(MEMBERS):
        torch.manual_seed(SEED + seed)
        inner, outer = torch.nn.Linear(inputs.shape[1], HIDDEN), torch.nn.Linear(HIDDEN, len(CATEGORIES))
        learned = [*inner.parameters(), *outer.parameters()]
        steps = torch.optim.AdamW(learned, lr=RATE, weight_decay=SHRINK)
        pace = torch.optim.lr_scheduler.OneCycleLR(steps, RATE, total_steps=EPOCHS * -(-len(inputs) // BATCH))
        for _ in range(EPOCHS):
            for batch in torch.randperm(len(inputs)).split(BATCH):
                hidden = functional.relu(inner(functional.dropout(inputs[batch], DROPPED)))
                logits = outer(functional.dropout(hidden, DROPPED))
                losses = functional.cross_entropy(logits, targets[batch], reduction="none", label_smoothing=SMOOTHED)
                steps.zero_grad()
                (losses * weighed[batch]).mean().backward()
                steps.step()
                pace.step()
        members.append([np.ascontiguousarray(part.detach().numpy().T) for part in learned])
    names = ("inner", "inner_bias", "outer", "outer_bias")
    return {"mean": mean, "scale": scale} | {
        name: np.stack([member[i] for member in members]) for i, name in enumerate(names)
    }


def learned_lines() -> tuple[list[Line], int]:
    """All lines, whole ones first, and how many of them are whole."""
    whole = [line for name in WHOLES for line in read_lines(LISTS / name)]
    return whole + [line for name in PARTS for line in put_together(LISTS / name)], len(whole)


def main() -> None:
    """Write the weights of both heads, and say how the lines that were learned from fare."""
    argparse.ArgumentParser(
        prog="python -m engine.trust.moderation.train", description="Train moderation's heads on the lists beside it."
    ).parse_args()
    from safetensors.numpy import save_file

    lines, whole = learned_lines()
    letters = fitted_letters(rows_of(lines), numbers_of(lines), counts_of(lines, whole))
    np.save(LETTERS, letters.astype(np.float16))
    fewer = lines[:whole] + lines[whole::SPARED]
    wanted = numbers_of(fewer)
    vectors = np.stack([vector(line.text) for line in fewer])
    weights = fitted_meaning(vectors, wanted, counts_of(fewer, whole))
    save_file({name: values.astype(np.float16) for name, values in weights.items()}, MEANING)
    right = (read_by(weights, vectors).argmax(1) == wanted).mean()
    print(f"{len(lines)} lines, {len(fewer)} of them by meaning and {right:.1%} of those given their own category")


if __name__ == "__main__":
    main()
