"""Starts the background half of an export. Blender runs this file by its path, so it belongs to no package yet."""

import importlib.util
import sys
from pathlib import Path


def load_addon() -> None:
    """Make the add-on that holds this file importable as ``sora_addon``, without a word to ``sys.path``."""
    folder = Path(__file__).resolve().parents[1]
    spec = importlib.util.spec_from_file_location(
        "sora_addon", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules["sora_addon"] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    if "sora_addon" not in sys.modules:
        load_addon()
    from sora_addon.compat import leave
    from sora_addon.export.snapshot_export import main

    leave(main(sys.stdin.fileno()))
