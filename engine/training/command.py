"""The verbs of learning: ``engine data``, ``engine train``, ``engine evaluate``, ``engine judge``. What they do is imported
when they run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from sora_addon.contract import ContractError

from ..progress import progress_option, shown

DONE = 0


def add_verbs(verbs: Any) -> None:
    """To the subparsers of the engine's command line."""
    _data_verbs(verbs.add_parser("data", help="make clips to learn from", description="Make clips to learn from."))
    train = verbs.add_parser(
        "train",
        help="train the built-in model on clips",
        description="Train the built-in model on clips, or fine-tune it; goes on where the run stopped.",
    )
    train.add_argument("data", type=Path, metavar="DATA", help="a folder that holds the sets 'look' and 'sync'")
    train.add_argument("--out", type=Path, required=True, metavar="RUN", help="checkpoint, log and DIR/model go there")
    length = train.add_mutually_exclusive_group(required=True)
    length.add_argument("--minutes", type=float, help="from now on; learning slows down towards the end")
    length.add_argument("--steps", type=int, help="so many from now on, however long they take")
    train.add_argument("--name", help="offer the model as a backend of that name when it is done")
    train.add_argument("--from", type=Path, dest="start", metavar="MODEL", help="begin with the weights of this model")
    train.add_argument("--cache", type=Path, metavar="DIR", help="where worked-out clips go (default: DATA/cache)")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--device", default="cpu", help="cpu, or cuda with larger batches (default: cpu)")
    train.add_argument("--without", choices=("light", "joint"), action="append", default=[], help="an ablation")
    train.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    progress_option(train)
    train.set_defaults(verb=_train)

    evaluate = verbs.add_parser(
        "evaluate",
        help="score a model on clips",
        description="Score a model against the truth of clips, beside the lit guide.",
    )
    evaluate.add_argument(
        "clips", type=Path, metavar="CLIPS", help="the folder of one set; of 'look' those that training leaves out"
    )
    evaluate.add_argument("--model", type=Path, metavar="MODEL", help="a model's folder (default: the built-in one)")
    evaluate.add_argument(
        "--cache", type=Path, metavar="DIR", help="where worked-out clips go (default: CLIPS/../cache)"
    )
    evaluate.add_argument("--steps", type=int, default=2, help="of sampling (default: 2)")
    evaluate.add_argument("--most", type=int, default=40, help="clips (default: 40)")
    evaluate.add_argument("--sheet", type=Path, metavar="FILE", help="draw guide, model and truth side by side")
    evaluate.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    evaluate.set_defaults(verb=_evaluate)

    judge = verbs.add_parser(
        "judge",
        help="the whole table of a model's bounds",
        description="Measure a model on the sets that were kept from learning: held, heard, varied (docs/data.md).",
    )
    judge.add_argument("data", type=Path, metavar="DATA", help="the folder that holds the sets")
    judge.add_argument("--model", type=Path, metavar="MODEL", help="a model's folder (default: the built-in one)")
    judge.add_argument("--cache", type=Path, metavar="DIR", help="where worked-out clips go (default: DATA/cache)")
    judge.add_argument("--steps", type=int, default=2, help="of sampling (default: 2)")
    judge.add_argument("--most", type=int, metavar="N", help="clips of each set (default: all)")
    judge.add_argument(
        "--without", choices=("light", "joint", "carried"), action="append", default=[], help="an ablation"
    )
    judge.add_argument("--sheet", type=Path, metavar="PNG", help="also draw guide, model and truth in every style")
    judge.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    progress_option(judge)
    judge.set_defaults(verb=_judge)


def _data_verbs(data: argparse.ArgumentParser) -> None:
    verbs = data.add_subparsers(required=True, metavar="VERB")
    make = verbs.add_parser(
        "make",
        help="make clips",
        description="Make clips of a set by seed, or of scenes of your own (docs/data.md); goes on where it stopped.",
    )
    make.add_argument("scenes", nargs="*", type=Path, metavar="SCENE", help="of your own, instead of --set and --seeds")
    make.add_argument("--set", choices=("look", "sync", "held", "heard", "varied"), dest="which")
    make.add_argument("--seeds", metavar="A-B", help="the clips' seeds, both ends included")
    make.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where they go, each in a folder named by its number"
    )
    make.add_argument("--clips", type=int, default=8, help="of each scene, spread over its frames (default: 8)")
    make.add_argument("--frames", type=int, default=4, help="of each clip of a scene (default: 4)")
    make.add_argument("--samples", type=int, default=32, help="of Cycles, for the truth of a scene (default: 32)")
    make.add_argument("--prompt", default="", help="what the scenes show, in words")
    make.add_argument("--trust", action="store_true", help="let the scenes run their own scripts and drivers")
    make.add_argument("--blender-python", type=Path, metavar="PYTHON", help="a Python that has bpy")
    make.add_argument("--again", action="store_true", help="try those too that could not be made before")
    make.set_defaults(verb=_data_make)
    count = verbs.add_parser("count", help="count clips", description="Count the clips of a folder by all they hold.")
    count.add_argument("folder", type=Path, metavar="DIR", help="the folder of one set")
    count.set_defaults(verb=_data_count)


def _train(chosen: argparse.Namespace) -> int:
    import torch

    from ..backends.registry import OWN
    from ..backends.trained import check_name, keep
    from .loop import ON_GPU, Options, train

    torch.set_num_threads(chosen.threads)
    options = Options(
        data=chosen.data,
        out=chosen.out,
        minutes=chosen.minutes or 0.0,
        steps=chosen.steps,
        start=chosen.start,
        cache=chosen.cache,
        seed=chosen.seed,
        device=chosen.device,
        without=frozenset(chosen.without),
        **(ON_GPU if chosen.device.startswith("cuda") else {}),
    )
    if chosen.name is not None:
        check_name(chosen.name, OWN)
    with shown(chosen.progress) as progress:
        model = train(options, progress)
    print(model if chosen.name is None else keep(model, chosen.name, OWN))
    return DONE


def _evaluate(chosen: argparse.Namespace) -> int:
    import torch

    from ..model.folder import from_pretrained
    from ..model.runner import BUILT_IN
    from .cache import kept
    from .evaluate import evaluate, unlearnt, watched_sheet

    torch.set_num_threads(chosen.threads)
    network = from_pretrained(chosen.model or BUILT_IN)
    found = unlearnt(chosen.clips)[: chosen.most]
    if not found:
        raise ContractError(str(chosen.clips), "holds no clip that was kept from learning")
    clips = [kept(clip, chosen.cache or chosen.clips.parent / "cache") for clip in found]
    print(evaluate(network, clips, chosen.steps, frames=3, styles_each=99).text())
    if chosen.sheet is not None:
        watched_sheet(network, clips, chosen.sheet)
    return DONE


def _judge(chosen: argparse.Namespace) -> int:
    import torch

    from ..judging.held import Judge
    from ..judging.report import Sets, table, text
    from ..judging.sheet import write_sheet
    from ..model.folder import from_pretrained
    from ..model.runner import BUILT_IN

    torch.set_num_threads(chosen.threads)
    network = from_pretrained(chosen.model or BUILT_IN)
    judge = Judge(
        network,
        chosen.steps,
        joined="joint" not in chosen.without,
        lit="light" not in chosen.without,
        carried="carried" not in chosen.without,
    )
    sets = Sets(chosen.data, chosen.cache or chosen.data / "cache", chosen.most)
    with shown(chosen.progress) as progress:
        print(text(table(sets, judge, progress)))
    if chosen.sheet is not None:
        write_sheet(sets.clips("held"), judge, chosen.sheet)
    return DONE


def _data_make(chosen: argparse.Namespace) -> int:
    from .data.make import Order, addon_python, make, seeds_of
    from .data.own import OwnOrder, make_own

    seeds = None if chosen.which is None or chosen.seeds is None else seeds_of(chosen.seeds)
    if (seeds is not None) == bool(chosen.scenes):
        raise ContractError("SCENE", "or both --set and --seeds say what clips are made of", "give one of the two")
    python = addon_python(chosen.blender_python)
    with shown("bar" if sys.stderr.isatty() else "none") as progress:
        if seeds is not None:
            order = Order(str(chosen.which), seeds, chosen.out, python, again=chosen.again)
            result = make(order, progress)
        else:
            asked = {name: getattr(chosen, name) for name in ("clips", "frames", "samples", "prompt", "trust")}
            result = make_own(OwnOrder(chosen.scenes, chosen.out, python, **asked), progress)
    print(f"{result.made} made, {result.kept} were there, {result.failed} could not be made")
    return DONE


def _data_count(chosen: argparse.Namespace) -> int:
    from .data.count import counted

    print(counted(chosen.folder))
    return DONE
