"""A little edition of the engine, made on the spot: wheels of a few hundred bytes, their lock, and code that answers hello.

pip, venv, the files and the processes are real; only what is installed is small.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Iterable
from pathlib import Path

from sora_addon.install.edition import Edition

ENGINE = """
import json, sys
import first_little, second_little
if "serve" in sys.argv:
    for line in sys.stdin:
        print(json.dumps({"jsonrpc": "2.0", "id": json.loads(line)["id"], "result": {}}), flush=True)
else:
    print("all is well")
"""
NAMES = ("first-little", "second-little", "large-little")
LARGE = 2_500_000
"""Bytes of padding: more than wheels that are asked for together have."""


def make_wheel(
    folder: Path, name: str, version: str, tag: str = "py3-none-any", padding: int = 0, words: str = ""
) -> Path:
    """A wheel of one module that holds its version; ``words`` make it another file of the same name."""
    module = name.replace("-", "_")
    about = f"{module}-{version}.dist-info"
    files = {
        f"{module}/__init__.py": f"VERSION = {version!r}\n# {words}\n".encode(),
        f"{module}/padding.bin": bytes(hashlib.shake_256(name.encode()).digest(padding)),
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{about}/WHEEL": f"Wheel-Version: 1.0\nGenerator: little\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
    }
    record = "".join(f"{path},sha256={_digest(data)},{len(data)}\n" for path, data in files.items())
    files[f"{about}/RECORD"] = f"{record}{about}/RECORD,,\n".encode()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{module}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as wheel:
        for inside, data in files.items():
            wheel.writestr(zipfile.ZipInfo(inside, (2026, 1, 1, 0, 0, 0)), data)
    return path


def lock_of(wheels: Iterable[tuple[str, str, list[Path]]]) -> str:
    """The lock's text for (name, version, wheels)."""
    lines = ["# made by a test"]
    for name, version, paths in wheels:
        lines += [f"#: {path.name} {path.stat().st_size}" for path in paths]
        lines.append(f"{name}=={version} \\")
        lines.append(" \\\n".join(f"    --hash=sha256:{sha256(path)}" for path in paths))
    return "\n".join(lines) + "\n"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


MODEL = "model-little"


def make_edition(
    folder: Path, wheels: Path, version: str = "1.0.0", engine: str = ENGINE, models: bool = False
) -> Edition:
    """An edition with three packages, whose wheels lie in ``wheels``; ``models`` adds a part with a fourth."""
    listed = [
        (name, version, [make_wheel(wheels, name, version, padding=LARGE if name.startswith("large") else 0)])
        for name in NAMES
    ]
    code = folder / f"code {version}"
    (code / "engine").mkdir(parents=True)
    (code / "engine" / "__main__.py").write_text(engine)
    lock = code / "core.lock"
    lock.write_text(lock_of(listed))
    locks = {"core": lock}
    if models:
        locks["model"] = code / "model.lock"
        locks["model"].write_text(lock_of([(MODEL, version, [make_wheel(wheels, MODEL, version)])]))
    return Edition(version, code, locks)


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
