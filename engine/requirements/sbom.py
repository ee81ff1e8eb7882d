"""A bill of materials of the engine's environment (CycloneDX 1.6, JSON): ``python -m engine.requirements.sbom [FILE]``.

Made from the locks alone: every package, its version, and the SHA-256 of each wheel that an install may take. The same locks
give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import re
import uuid
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PARTS = ("core", "model")
LINE = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
NAMESPACE = uuid.UUID("7f7a4f1e-5a0e-4c55-9d3b-0f50a2b1c000")


def bill() -> dict[str, Any]:
    """The document."""
    texts = {part: (HERE / f"{part}.lock").read_text(encoding="utf-8") for part in PARTS}
    components = [component for part, text in texts.items() for component in _components(part, text)]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, ''.join(texts.values()))}",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "sora-blender-engine", "bom-ref": "engine"}},
        "components": components,
        "dependencies": [{"ref": "engine", "dependsOn": [component["bom-ref"] for component in components]}],
    }


def _components(part: str, text: str) -> list[dict[str, Any]]:
    """``scope``: packages of the model part are there only where a backend asks for them."""
    found: list[dict[str, Any]] = []
    for line in text.splitlines():
        match = LINE.match(line)
        if match:
            name, version = match[1].lower(), match[2]
            found.append(
                {
                    "type": "library",
                    "bom-ref": f"{part}/{name}@{version}/{len(found)}",
                    "name": name,
                    "version": version,
                    "purl": f"pkg:pypi/{name}@{version}",
                    "scope": "required" if part == "core" else "optional",
                    "hashes": [],
                }
            )
        for digest in HASH.findall(line):
            found[-1]["hashes"].append({"alg": "SHA-256", "content": digest})
    return found


def main() -> None:
    """Write the bill to a file, or print it."""
    parser = argparse.ArgumentParser(
        prog="python -m engine.requirements.sbom", description="Write the engine's bill of materials (CycloneDX 1.6)."
    )
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="where it goes (default: printed)")
    target = parser.parse_args().file
    text = json.dumps(bill(), indent=1) + "\n"
    if target is not None:
        target.write_text(text, encoding="utf-8", newline="\n")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
