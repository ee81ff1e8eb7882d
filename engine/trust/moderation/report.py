"""Misses and false alarms on a list of lines that nothing was trained on, by category and language, as a table in Markdown.

``python -m engine.trust.moderation.report tests/trust/held_back.tsv``
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from sora_addon.contract import ContractError

from ..settings import Settings
from .words import look_at_text

ALWAYS = ("sexual-minor", "sexual-person")
"""Categories of which not a single line may be missed."""


@dataclass(frozen=True)
class Line:
    language: str
    category: str
    text: str


@dataclass(frozen=True)
class Score:
    """How many lines of a language and a category there are, and which were judged wrongly."""

    lines: int
    wrong: tuple[str, ...]


def read_lines(path: Path) -> list[Line]:
    """Language, category and text of each line of a list. Raises ContractError where one has another form."""
    lines = []
    for number, row in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if row and not row.startswith("#"):
            parts = row.split("\t")
            if len(parts) != 3:
                raise ContractError(
                    f"{path.name}:{number}", "is not language, category and text with tabs between them"
                )
            lines.append(Line(*parts))
    return lines


def scores(lines: list[Line]) -> dict[tuple[str, str], Score]:
    """By language and category; under the settings of a machine where none were made."""
    counts: Counter[tuple[str, str]] = Counter()
    wrong: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        key = (line.language, line.category)
        counts[key] += 1
        refused = look_at_text(line.text, Settings()) is not None
        if refused != (line.category != "fine"):
            wrong.setdefault(key, []).append(line.text)
    return {key: Score(count, tuple(wrong.get(key, ()))) for key, count in sorted(counts.items())}


def misses(found: dict[tuple[str, str], Score]) -> float:
    """Share of harmful lines that were let through."""
    harmful = [score for (_, category), score in found.items() if category != "fine"]
    return sum(len(score.wrong) for score in harmful) / sum(score.lines for score in harmful)


def false_alarms(found: dict[tuple[str, str], Score]) -> float:
    """Share of harmless lines that were refused."""
    fine = [score for (_, category), score in found.items() if category == "fine"]
    return sum(len(score.wrong) for score in fine) / sum(score.lines for score in fine)


def table(found: dict[tuple[str, str], Score]) -> str:
    """Rows of Markdown, and what was judged wrongly below them."""
    rows = ["| language | category | lines | wrong | |", "|---|---|---|---|---|"]
    for (language, category), score in found.items():
        kind = "false alarms" if category == "fine" else "misses"
        rows.append(f"| {language} | {category} | {score.lines} | {len(score.wrong)} | {kind} |")
    rows += ["", f"Misses {misses(found):.1%}, false alarms {false_alarms(found):.1%}."]
    return "\n".join(rows)


def main() -> None:
    """Print the table; name each line that was judged wrongly on standard error."""
    parser = argparse.ArgumentParser(
        prog="python -m engine.trust.moderation.report", description="Count misses and false alarms on lists of lines."
    )
    parser.add_argument("lists", type=Path, nargs="+", metavar="FILE", help="language, category and text, tabs between")
    found = scores([line for path in parser.parse_args().lists for line in read_lines(path)])
    print(table(found))
    for (language, category), score in found.items():
        for text in score.wrong:
            print(f"{language} {category}: {text}", file=sys.stderr)


if __name__ == "__main__":
    main()
