"""Results as a table, and as the page docs/bounds.md."""

from __future__ import annotations

from collections.abc import Sequence

from .results import ROOT, Result, machine

PAGE = ROOT / "docs" / "bounds.md"
HOLDS = {True: "yes", False: "**no**", None: "-"}


def table(results: Sequence[Result]) -> str:
    """The table in Markdown: what, bound, measured, holds."""
    rows = ["| what | bound | measured | holds |", "|---|---|---|---|"]
    for result in results:
        rows += [f"| {one.what} | {one.bound} | {one.measured} | {HOLDS[one.holds]} |" for one in result.lines]
    return "\n".join(rows)


def page(results: Sequence[Result]) -> str:
    """The whole of docs/bounds.md."""
    rows = [f"| `{one.row}` | {one.when} | {one.commit} | {one.seconds:.0f} | {one.load:.1f} |" for one in results]
    return "\n".join(
        [
            "# What was measured",
            "",
            "Written by `python -m tests.bench --write`; `make bench` prints the same table, measured anew. Every figure comes",
            f"from a run on {machine()}, software OpenGL.",
            "",
            table(results),
            "",
            "## When, and how again",
            "`.venv-engine/bin/python -m tests.bench --only NAME` measures one row again. *Load* is how many programs wanted a",
            "core in the minute before: where it is above the number of cores, the seconds above are too long.",
            "",
            "| name | when (UTC) | commit | seconds it took | load |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )
