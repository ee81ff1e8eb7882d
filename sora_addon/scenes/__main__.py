"""``python -m sora_addon.scenes NAME --out FILE.blend``"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

NEEDS_BPY = "This needs Blender as a Python module: run it in the add-on's environment (make environments, then .venv)"


def main(arguments: list[str] | None = None) -> int:
    try:
        import bpy
    except ModuleNotFoundError:
        print(NEEDS_BPY, file=sys.stderr)
        return 2
    from .catalogue import SCENES

    parser = argparse.ArgumentParser(prog="python -m sora_addon.scenes", description="Write a scene made by procedure.")
    summaries = "\n".join(f"  {name:14} {(build.__doc__ or '').splitlines()[0]}" for name, build in SCENES.items())
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = f"scenes:\n{summaries}"
    parser.add_argument("name", choices=SCENES, metavar="NAME")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.blend")
    wanted = parser.parse_args(arguments)
    if wanted.out.suffix != ".blend":
        parser.error(f"--out {wanted.out} does not end in .blend")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    SCENES[wanted.name](bpy.context.scene)
    wanted.out.parent.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(wanted.out.resolve()), compress=True)
    print(wanted.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
