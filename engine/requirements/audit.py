"""Known vulnerabilities of what the locks pin: ``python -m engine.requirements.audit``. Asks a service on the network.

Run by hand or by a studio's own schedule, never by the engine. Needs the tool pip-audit on this machine (not one of the
engine's packages); exit code 0 where nothing is known, 1 where something is, 2 where it could not be found out.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from .sbom import HERE, LINE, PARTS

TOOL = "pip-audit"


def audit() -> int:
    """Look up every package of every lock; the exit code."""
    tool = shutil.which(TOOL)
    if tool is None:
        print(f"{TOOL} is not on this machine; install it in an environment of its own and try again", file=sys.stderr)
        return 2
    vulnerable, unknown = 0, 0
    for part in PARTS:
        for pins in _rounds((HERE / f"{part}.lock").read_text(encoding="utf-8")):
            for found in _ask(tool, pins):
                name = f"{found['name']} {found.get('version', '')}"
                if "skip_reason" in found:
                    unknown += 1
                    print(f"{name}: not looked up: {found['skip_reason']}", file=sys.stderr)
                for fault in found.get("vulns", []):
                    vulnerable += 1
                    print(f"{name}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'no version'}")
    print(f"{vulnerable} known vulnerabilities; {unknown} packages could not be looked up")
    return 1 if vulnerable else 2 if unknown else 0


def _ask(tool: str, pins: str) -> list[dict[str, Any]]:
    """What the tool says of each package; one that it says nothing of has a ``skip_reason``."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "pins.txt"
        listed.write_text(pins, encoding="utf-8")
        command = [tool, "--requirement", str(listed), "--no-deps", "--disable-pip", "--progress-spinner", "off"]
        run = subprocess.run([*command, "--format", "json"], capture_output=True, text=True, check=False)
        try:
            return json.loads(run.stdout)["dependencies"]
        except (ValueError, KeyError):
            why = (run.stderr.strip().splitlines() or ["no answer"])[-1][:200]
            return [{"name": pin, "skip_reason": why} for pin in pins.split()]


def _rounds(lock: str) -> list[str]:
    """Lists of pins in which no package stands twice: a lock may hold two versions, for different machines."""
    pins = dict.fromkeys(match.groups() for line in lock.splitlines() if (match := LINE.match(line)))
    rounds: list[dict[str, str]] = []
    for name, version in pins:
        place = next((held for held in rounds if name not in held), None)
        if place is None:
            place = {}
            rounds.append(place)
        place[name] = version
    return ["".join(f"{name}=={version}\n" for name, version in held.items()) for held in rounds]


def main() -> int:
    """The exit code of ``audit``."""
    argparse.ArgumentParser(
        prog="python -m engine.requirements.audit",
        description="Look up known vulnerabilities of all that the locks pin; asks a service on the network.",
        epilog=f"Needs {TOOL}. Exit code 0 where nothing is known, 1 where something is, 2 where it could not be found out.",
    ).parse_args()
    return audit()


if __name__ == "__main__":
    raise SystemExit(main())
