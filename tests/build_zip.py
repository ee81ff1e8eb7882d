"""Builds the extension as a zip, checks it as extensions.blender.org would, and prints its path.

    .venv/bin/python -m tests.build_zip OUTDIR

Blender's own packager does both; it comes with the bpy wheel.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = ROOT / "blender_manifest.toml"


class NotPackaged(RuntimeError):
    """Blender's packager refused; the text is what it said."""


def packager(*arguments: str) -> str:
    """Run ``blender_ext.py`` with ``arguments``; what it said. Raises NotPackaged."""
    import bpy

    script = Path(bpy.utils.system_resource("SCRIPTS"), "addons_core", "bl_pkg", "cli", "blender_ext.py")
    done = subprocess.run([sys.executable, str(script), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotPackaged((done.stdout + done.stderr).strip())
    return done.stdout


def build_zip(folder: Path) -> Path:
    """The path of the extension's zip, ID-VERSION.zip in ``folder``, built and valid. Raises NotPackaged."""
    manifest = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{manifest['id']}-{manifest['version']}.zip"
    packager("build", "--source-dir", str(ROOT), "--output-filepath", str(path))
    packager("validate", str(path))
    return path


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: python -m tests.build_zip OUTDIR", file=sys.stderr)
        return 2
    try:
        print(build_zip(Path(sys.argv[1])))
    except NotPackaged as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
