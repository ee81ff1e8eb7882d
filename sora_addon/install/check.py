"""Run by the environment's own Python: is every package there, whole, and does it import? Prints a JSON object.

Reads a JSON list of [name, version]. Standard library only; nothing of ours is importable.
"""

import base64
import hashlib
import importlib
import importlib.metadata
import json
import os
import sys


def main() -> None:
    problems = {}
    for name, version in json.load(sys.stdin):
        problem = files_of(name, version)
        if problem:
            problems[name] = problem
    if not problems:
        modules = importlib.metadata.packages_distributions()
        for module, owners in sorted(modules.items()):
            # Modules of the environment's own tools, and names with a dot or a lead underscore, are nobody's interface.
            if module.isidentifier() and not module.startswith("_") and set(owners) - {"pip", "setuptools"}:
                problem = imports(module)
                if problem:
                    problems[owners[0]] = problem
    sys.stderr.flush()
    print(json.dumps({"problems": problems}))


def files_of(name: str, version: str) -> str:
    """What is wrong with a package's files, against the hashes that its wheel came with."""
    try:
        package = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return "is not there"
    if package.version != version:
        return f"is version {package.version}, not {version}"
    files = package.files
    if not files:
        return "does not say which files it has"
    for file in files:
        path = file.locate()
        if file.hash is None or str(file).endswith(".pyc"):
            continue
        try:
            with open(path, "rb") as opened:
                digest = hashlib.new(file.hash.mode, opened.read()).digest()
        except OSError:
            return f"lacks its file {file}"
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != file.hash.value:
            return f"has a changed file {file}"
    return ""


def imports(module: str) -> str:
    """Why a module does not import; empty where it does. Other errors than these two end this process, and are told so."""
    try:
        importlib.import_module(module)
    except (ImportError, OSError) as error:
        return f"does not import: {type(error).__name__}: {error}"
    return ""


if __name__ == "__main__":
    os.environ.setdefault("MPLBACKEND", "agg")
    main()
