"""``python -m tests.bench [--only NAME] [--json] [--write]``: the table of bounds, each row measured now."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from .registry import ROWS
from .results import kept, measure
from .table import PAGE, page, table


def main() -> int:
    """1 where a line does not hold, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure what must be true.")
    parser.add_argument("--only", action="append", choices=ROWS, metavar="NAME", help=f"one of: {', '.join(ROWS)}")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    parser.add_argument("--write", action="store_true", help="write docs/bounds.md, from the last result of every row")
    chosen = parser.parse_args()
    results = []
    for row in chosen.only or ROWS:
        print(f"measuring {row}", file=sys.stderr, flush=True)
        results.append(measure(row))
    print(json.dumps([asdict(result) for result in results], indent=1) if chosen.json else table(results))
    if chosen.write:
        PAGE.write_text(page(kept()), encoding="utf-8")
        print(PAGE, file=sys.stderr)
    return 0 if all(result.holds for result in results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
