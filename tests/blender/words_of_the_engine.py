"""Every sentence that the engine, an export or an install may say to the artist, found in their source.

A sentence here is its form: what is filled in stands as {}, and it has no full stop at its end.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (
    *(
        f"engine/server/{name}.py"
        for name in ("bench", "calls", "database", "loop", "machine", "orders", "recovery", "sentences", "supervisor")
    ),
    "engine/server/worker.py",
    *(f"sora_addon/client/{name}.py" for name in ("aside", "board", "contacts", "engine", "laying", "link")),
    *(
        f"sora_addon/export/{name}.py"
        for name in ("background", "camera", "cycles", "exporter", "materials", "material_nodes", "preflight")
    ),
    *(
        f"sora_addon/export/{name}.py"
        for name in ("reader", "reader_lights", "reader_world", "snapshot", "snapshot_caches", "snapshot_export")
    ),
    "sora_addon/export/snapshot_match.py",
    *(f"sora_addon/sequencer/{name}.py" for name in ("compare", "lay", "place", "remove", "render", "takes", "view")),
    "sora_addon/sequencer/wav.py",
    *(f"engine/hub/{name}.py" for name in ("asking", "catalogue", "client", "fetching", "shelf")),
    *("engine/tokens.py", "engine/backends/remote.py", "engine/backends/links.py", "sora_addon/models/work.py"),
    "engine/backends/diffusing/folder.py",
    *(
        f"engine/backends/remoting/{name}.py"
        for name in ("address", "wire", "videos", "kinds", "form", "received", "__main__")
    ),
    *(
        f"sora_addon/install/{name}.py"
        for name in ("answers", "check", "check_run", "edition", "install", "owner", "pip", "places", "plan", "upkeep")
    ),
)
HIDDEN = {
    # names, of threads, of steps of undo, of Blender's sockets, and what is looked for in another program's words
    "Base Color", "Emission Color", "Emission Strength", "Transmission Weight", "DO NOT MATCH THE HASHES", "Install Engine",
    "Lay Take", "Sound of Contacts", "(no material)", "CPU, {} thread{}",
    "sora aside", "sora engine", "sora engine {}", "sora listens", "sora speaks",
    # names of models and licences, and what a terminal alone is told
    "Apache-2.0, as its documentation says", "LTX-2 Community License", "LTX-2.3 Union Control",
    "Stability AI Community License", "Stable Audio 3 Medium", "application/json, video/mp4", "https://host:port",
    "sora models {}", "sora-blender token", "A server's token, and what it serves", "the studio's own authorities",
    "token: store the one on standard input", "there was none of {}", "the keyring holds no token of {} any more",
    # what the add-on never asks for, so that the engine never says it
    "Another order has the id {} already", "Choose a fresh one for every order", "The engine has not been greeted",
    "Say hello first", "give states, for example tampered", "is neither true nor false", "is nested deeper than {}",
    "is not a list of words", "is not a number", "{} is not an absolute path without detours",
}  # fmt: skip
SQL = ("BEGIN", "CREATE", "INSERT", "PRAGMA", "SELECT", "UPDATE", "DELETE")
LOGS = {"LOG", "log", "logging"}
WORDS = re.compile(r"[A-Za-z]{2,}(?:[ ,;:]+[A-Za-z']+)+")


def form(text: str) -> str:
    """A sentence's form."""
    return re.sub(r"\{[^{}]*\}", "{}", text).strip().rstrip(".").strip()


def forms() -> set[str]:
    """Of every text in the sources."""
    found: set[str] = set()
    for source in SOURCES:
        tree = ast.parse((ROOT / source).read_text(encoding="utf-8"))
        found |= {form(text) for text in _texts(tree)}
    return found


def said() -> set[str]:
    """Those that an artist may read."""
    return {text for text in forms() if WORDS.search(text.replace("{}", "")) and not _is_hidden(text)}


def _is_hidden(text: str) -> bool:
    return text in HIDDEN or text.startswith(SQL)


def _texts(tree: ast.AST) -> Iterator[str]:
    hidden: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            hidden.add(id(node.value))  # a docstring
        elif isinstance(node, ast.Call) and _is_log(node.func):
            hidden |= {id(part) for part in ast.walk(node)}
        elif isinstance(node, ast.JoinedStr):
            hidden |= {id(part) for part in node.values if isinstance(part, ast.Constant)}
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)


def _is_log(called: ast.expr) -> bool:
    while isinstance(called, ast.Attribute):
        if called.attr in LOGS:
            return True
        called = called.value
    return isinstance(called, ast.Name) and called.id in LOGS
