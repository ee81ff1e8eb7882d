"""Models from a terminal, and for the add-on: ``python -m engine.hub list --json``.

list                    how every model stands here, what it needs and what its licence says
plan NAME               what fetching it takes, asked of the hub
get NAME                fetch it; the same command goes on where it stopped
use NAME FOLDER         use a folder that is there already
verify NAME             read every file against its checksum
remove NAME             take it away; a folder elsewhere is only not used any more
token                   store the hub's token, read from standard input, in the keyring
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sora_addon.contract import ContractError

from ..backends import registry
from ..backends.diffusing.asks import models_home
from ..progress import shown
from ..tokens import keep_token
from .catalogue import CATALOGUE, Model, model_named
from .client import need_client
from .shelf import Standing, remove, standing, use

DONE, FAILED, BAD_INPUT, CANCELLED = 0, 1, 2, 130


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 done, 1 the disk fails, 2 it cannot be done, 130 cancelled."""
    chosen = _parser().parse_args(arguments)
    home = chosen.home or models_home()
    try:
        answer = VERBS[chosen.verb](home, chosen)
    except ContractError as error:
        print(f"models: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("models: cancelled; the same command goes on from here", file=sys.stderr)
        return CANCELLED
    except OSError as error:
        print(f"models: {error}", file=sys.stderr)
        return FAILED
    print(json.dumps(answer, indent=None if chosen.json else 1, ensure_ascii=False))
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m engine.hub", description="Models on this machine: which there are, and how they get here."
    )
    parser.add_argument("verb", choices=sorted(VERBS))
    parser.add_argument("name", nargs="?", default="", metavar="NAME", help="a model; see 'list'")
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="for 'use'")
    parser.add_argument("--home", type=Path, metavar="DIR", help="the folder of models (default: the user's own)")
    parser.add_argument("--revision", default="", metavar="COMMIT", help="fetch this commit and no other")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.add_argument("--progress", choices=("bar", "json", "none"), default="bar" if sys.stderr.isatty() else "none")
    return parser


def _list(home: Path, chosen: argparse.Namespace) -> Any:
    there = set(registry.names())
    models = [model for model in CATALOGUE if model.backend in there]
    return {"home": str(home), "models": [facts(model, standing(home, model)) for model in models]}


def facts(model: Model, found: Standing) -> dict[str, Any]:
    """What an artist is told of a model, as plain values."""
    known = registry.capabilities(model.backend)
    told = asdict(model)
    for name in ("kinds", "only", "fetched"):
        del told[name]
    return told | {
        "limits": list(model.limits),
        "memory": (model.memory or known.memory) if model.kinds else 0,
        "standing": asdict(found),
    }


def _plan(home: Path, chosen: argparse.Namespace) -> Any:
    need_client()
    from .asking import ask

    plan = ask(model_named(chosen.name), chosen.revision)
    return {"name": chosen.name, "revision": plan.revision, "files": len(plan.files), "bytes": plan.bytes}


def _get(home: Path, chosen: argparse.Namespace) -> Any:
    need_client()
    from .asking import ask
    from .fetching import fetch

    with shown(chosen.progress) as told:
        told("ask", 0, 1)
        return asdict(fetch(home, ask(model_named(chosen.name), chosen.revision), told))


def _verify(home: Path, chosen: argparse.Namespace) -> Any:
    need_client()
    from .fetching import verify

    with shown(chosen.progress) as told:
        return asdict(verify(home, model_named(chosen.name), told))


def _use(home: Path, chosen: argparse.Namespace) -> Any:
    if chosen.folder is None:
        raise ContractError("FOLDER", "is missing", "name the folder to use")
    return asdict(use(home, model_named(chosen.name), chosen.folder))


def _remove(home: Path, chosen: argparse.Namespace) -> Any:
    return asdict(remove(home, model_named(chosen.name)))


def _token(home: Path, chosen: argparse.Namespace) -> Any:
    need_client()
    from huggingface_hub import constants

    keep_token(constants.ENDPOINT, sys.stdin.readline().strip())
    return {"kept": constants.ENDPOINT}


VERBS: dict[str, Callable[[Path, argparse.Namespace], Any]] = {
    "list": _list,
    "plan": _plan,
    "get": _get,
    "use": _use,
    "verify": _verify,
    "remove": _remove,
    "token": _token,
}


if __name__ == "__main__":
    raise SystemExit(main())
