"""``python -m sora_addon``: the add-on's verbs on the bpy wheel, with no Blender installed."""

import importlib
import sys

WHEELS = "Python 3.11 with bpy 5.0 ('pip install bpy==5.0.*') or Python 3.13 with bpy 5.2"


def missing_blender() -> str:
    """One sentence where this Python cannot be Blender; empty where it can."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if sys.version_info < (3, 11):  # noqa: UP036 an older Python reaches this line, and is told
        return f"This is Python {version}, which is too old for bpy; use {WHEELS}."
    try:
        importlib.import_module("bpy")
    except ModuleNotFoundError as error:
        if error.name == "bpy":
            return f"This Python {version} ({sys.executable}) has no bpy, which is Blender as a module; use {WHEELS}."
        return f"The bpy of this Python {version} lacks the module {error.name}; install bpy anew, on {WHEELS}."
    except ImportError as error:
        return f"The bpy here does not fit this Python {version} ({error}); use {WHEELS}."
    return ""


if __name__ == "__main__":
    problem = missing_blender()
    if problem:
        print(f"sora: {problem}", file=sys.stderr)
        sys.exit(2)
    from .command import main
    from .compat import leave

    leave(main(sys.argv[1:]))
