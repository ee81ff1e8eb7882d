"""Trains the head: ``python -m engine.trust.moderation.train``. Logistic regression on lists in this repository, the same each time.

``lists/learn.tsv`` and ``learn_2.tsv`` hold whole lines. ``lists/templates.tsv`` holds parts and what is put together from them, so that the head
learns from harmless uses of the same words too: groups that are hated and groups that dance, bombs that are made and bombs on
a prop table.
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

from .head import PLACES, WEIGHTS, places
from .report import Line, read_lines
from .rules import LISTS

EACH, WHOLE = 60, 10
"""Lines that are put together from a template, and how often a whole line counts."""
DECAY, ROUNDS = 3e-6, 300
SEED = 1
WHOLES = ("learn.tsv", "learn_2.tsv")
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


def rows_of(lines: list[Line]) -> sparse.csr_matrix:
    """(N, PLACES): what ``head.chance`` sees of each line, of length 1."""
    found = [places(line.text) for line in lines]
    counts = [len(row) for row in found]
    values = np.repeat(1.0 / np.sqrt(np.maximum(counts, 1)), counts)
    return sparse.csr_matrix(
        (values, np.concatenate(found), np.concatenate([[0], np.cumsum(counts)])), (len(lines), PLACES)
    )


def fitted(rows: sparse.csr_matrix, harmful: NDArray[np.bool_]) -> Floats:
    """(PLACES + 1,) weights, the last of which is the constant; both kinds of line count the same in sum."""
    wanted = harmful.astype(float)
    counts = np.where(harmful, 0.5 / harmful.sum(), 0.5 / (~harmful).sum())

    def loss(weights: Floats) -> tuple[float, Floats]:
        logits = rows @ weights[:-1] + weights[-1]
        off = counts * (1.0 / (1.0 + np.exp(-logits)) - wanted)
        value = counts @ (np.logaddexp(0.0, logits) - wanted * logits) + DECAY / 2 * weights[:-1] @ weights[:-1]
        return float(value), np.append(rows.T @ off + DECAY * weights[:-1], off.sum())

    return minimize(loss, np.zeros(PLACES + 1), jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}).x


def main() -> None:
    """Write the weights, and say how the lines that were learned from fare."""
    argparse.ArgumentParser(
        prog="python -m engine.trust.moderation.train", description="Train moderation's head on the lists beside it."
    ).parse_args()
    whole = [line for name in WHOLES for line in read_lines(LISTS / name)]
    lines = whole * WHOLE + put_together(LISTS / "templates.tsv")
    harmful = np.array([line.category != "fine" for line in lines])
    rows = rows_of(lines)
    weights = fitted(rows, harmful)
    np.save(WEIGHTS, weights.astype(np.float16))
    right = ((rows @ weights[:-1] + weights[-1] > 0) == harmful).mean()
    print(f"{len(lines)} lines, {right:.1%} of them right at 0.5; {WEIGHTS.name} has {WEIGHTS.stat().st_size} bytes")


if __name__ == "__main__":
    main()
