"""``python -m sora_addon.scenes.training --set look --seeds 1 2 3 --out DIR``: what ``engine data make`` runs in Blender."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from .recipe import Set, recipe


def main(arguments: list[str] | None = None) -> int:
    """Fill ``DIR/SEED.partial`` for each seed, one after the other, and say so on stdout in lines of JSON.

    The caller finishes a clip (its sound) and renames its folder.
    """
    parser = argparse.ArgumentParser(
        prog="python -m sora_addon.scenes.training", description="Make clips to learn from."
    )
    parser.add_argument("--set", choices=get_args(Set), required=True, dest="which")
    parser.add_argument("--seeds", type=int, nargs="+", required=True, metavar="SEED")
    parser.add_argument("--frames", type=int)
    parser.add_argument("--samples", type=int)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    wanted = parser.parse_args(arguments)
    from .clip import make_clip

    say = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    with quiet():
        for seed in wanted.seeds:
            made = recipe(seed, wanted.which, frames=wanted.frames, samples=wanted.samples)
            folder = wanted.out / f"{seed}.partial"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)

            def tell(stage: str, step: int, total: int, seed: int = seed) -> None:
                print(json.dumps({"seed": seed, "stage": stage, "step": step, "total": total}), file=say)

            try:
                make_clip(made, folder.resolve(), tell)
            except BaseException:  # a stop too must leave nothing half done; it is raised again
                shutil.rmtree(folder, ignore_errors=True)
                raise
            print(json.dumps({"seed": seed, "stage": "made"}), file=say)
    return 0


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Blender writes of every frame to stdout from C; that is kept out of the protocol."""
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
