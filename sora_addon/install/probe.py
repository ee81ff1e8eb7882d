"""Run by a Python that may become the engine's, with nothing of ours importable: what it is, and which wheels it takes.

Reads a JSON object (``packages``: name, marker, wheel names; ``there``: wheel names to choose from, or null) and prints
one. It must run under every Python that may be met, also under those that are refused.
"""

import json
import sys


def main() -> None:
    asked = json.load(sys.stdin)
    found = {
        "version": ".".join(str(number) for number in sys.version_info[:3]),
        "executable": getattr(sys, "_base_executable", None) or sys.executable,
        "bits": 64 if sys.maxsize > 2**32 else 32,
        "free_threaded": not getattr(sys, "_is_gil_enabled", lambda: True)(),
        "lacks": [],
        "wheels": {},
        "without": [],
    }
    for module in ("venv", "ensurepip", "ssl", "ctypes", "sqlite3", "zlib"):
        try:
            __import__(module)
        except ImportError:
            found["lacks"].append(module)
    if not found["lacks"] and sys.version_info >= (3, 11):
        choose(asked, found)
    print(json.dumps(found))


def choose(asked: "dict", found: "dict") -> None:
    """For each package the best wheel, by pip's own rules, from the pip that this Python puts into environments."""
    import ensurepip
    import glob
    import os

    folder = getattr(ensurepip, "_WHEEL_PKG_DIR", None) or os.path.join(os.path.dirname(ensurepip.__file__), "_bundled")
    sys.path[:0] = glob.glob(os.path.join(folder, "pip-*.whl"))
    from pip._vendor.packaging.markers import Marker
    from pip._vendor.packaging.tags import sys_tags
    from pip._vendor.packaging.utils import parse_wheel_filename

    ranks = {tag: rank for rank, tag in enumerate(sys_tags())}
    there = None if asked["there"] is None else set(asked["there"])
    for name, marker, wheels in asked["packages"]:
        if marker and not Marker(marker).evaluate():
            continue
        usable = []
        for wheel in wheels:
            rank = min((ranks[tag] for tag in parse_wheel_filename(wheel)[3] if tag in ranks), default=None)
            if rank is not None:
                usable.append((there is not None and wheel not in there, rank, wheel))
        if usable:
            found["wheels"][name] = min(usable)[2]
        else:
            found["without"].append(name)


if __name__ == "__main__":
    main()
