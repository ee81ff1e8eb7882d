"""The engine's command line. Heavy modules are imported by the verb that needs them."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path
from typing import Any

from sora_addon.contract import ContractError, Link, SoundMix, decode, encode, parse

from .trust.command import add_verbs as trust_verbs

HOME = "the folder of the list of jobs, the logs and the previews"
DONE, FAILED, BAD_INPUT, CANCELLED = 0, 1, 2, 130


def main(arguments: list[str] | None = None) -> int:
    """Run a verb; the exit code is 0 done, 2 bad input, 1 failed, 130 cancelled."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return chosen.verb(chosen)
    except ContractError as error:
        print(f"engine: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("engine: cancelled; nothing was delivered", file=sys.stderr)
        return CANCELLED
    except OSError as error:
        print(f"engine: {error}", file=sys.stderr)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="engine", description="Turns a shot folder into a take folder.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    generate = verbs.add_parser("generate", help="make a take of a shot", description="Make a take of a shot.")
    generate.add_argument("shot", type=Path, metavar="SHOT", help="the shot folder")
    generate.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="the take folder, which must not exist"
    )
    generate.add_argument("--backend", default="builtin", help="see 'engine backends' (default: builtin)")
    generate.add_argument("--prompt", help="words to use instead of the shot's")
    generate.add_argument("--style", help="style to use instead of the shot's")
    generate.add_argument("--seed", type=int, help="seed to use instead of the shot's")
    generate.add_argument(
        "--then",
        action="append",
        default=[],
        metavar="LINK",
        help="a backend that goes on from the one before: its name, or a link of a chain as JSON (docs/take-format.md)",
    )
    generate.add_argument(
        "--sound",
        choices=("joint", "foley", "both"),
        default="both",
        help="what is heard where a backend makes sound of its own (default: both)",
    )
    generate.add_argument(
        "--duck", type=float, default=12.0, metavar="DB", help="how far a backend's sound gives way to contacts"
    )
    generate.add_argument("--exr", action="store_true", help="deliver the frames as EXR too")
    generate.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="STATE",
        help="take parents in this state, for example tampered",
    )
    generate.add_argument("--loudness", type=float, metavar="LUFS", help="master to this loudness, for example -23")
    _measuring(generate)
    generate.set_defaults(verb=_generate)

    measure = verbs.add_parser("measure", help="measure a take against its shot", description="Measure a take.")
    measure.add_argument("take", type=Path, metavar="TAKE", help="the take folder")
    measure.add_argument(
        "--shot", type=Path, required=True, metavar="SHOT", help="the shot folder that it was made from"
    )
    measure.add_argument("--json", action="store_true", help="print the report as JSON")
    _measuring(measure)
    measure.set_defaults(verb=_measure)

    sheet = verbs.add_parser("sheet", help="draw a take", description="Draw a contact sheet and the sound of a take.")
    sheet.add_argument("take", type=Path, metavar="TAKE", help="the take folder")
    sheet.add_argument("--shot", type=Path, required=True, metavar="SHOT", help="the shot folder that it was made from")
    sheet.add_argument("--out", type=Path, required=True, metavar="DIR", help="where frames.png and sound.png go")
    sheet.set_defaults(verb=_sheet)

    trust_verbs(verbs)
    backends = verbs.add_parser("backends", help="list the backends", description="List the backends.")
    backends.add_argument("--json", action="store_true", help="print the list as JSON")
    backends.set_defaults(verb=_backends)

    serve = verbs.add_parser(
        "serve",
        help="make takes for a Blender that speaks over stdio",
        description="Serve a Blender: JSON-RPC 2.0, one message a line, over stdio (docs/engine-protocol.md).",
    )
    serve.add_argument("--home", type=Path, required=True, metavar="DIR", help=f"{HOME}; made where it is missing")
    serve.set_defaults(verb=_serve)

    doctor = verbs.add_parser(
        "doctor",
        help="say what is wrong on this machine",
        description="Say in plain words what is wrong on this machine; the exit code is 0 where nothing is.",
    )
    doctor.add_argument("--home", type=Path, metavar="DIR", help=f"{HOME}, to be looked at too")
    doctor.add_argument("--model", type=Path, metavar="FOLDER", help="a model's folder, to be loaded and tried too")
    doctor.add_argument("--json", action="store_true", help="print the findings as JSON")
    doctor.set_defaults(verb=_doctor)
    _data_verbs(verbs.add_parser("data", help="make clips to learn from", description="Make clips to learn from."))
    _model_verbs(verbs)
    return parser


def _model_verbs(verbs: Any) -> None:
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
    _progress(train)
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
    _progress(judge)
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


def _measuring(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--wrong-camera", action="store_true", help="measure against a wrong camera too, as a control")
    _progress(verb)


def _progress(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--progress",
        choices=("bar", "json", "none"),
        default="bar" if sys.stderr.isatty() else "none",
        help="how progress is shown on standard error (default: bar on a terminal)",
    )


def _generate(chosen: argparse.Namespace) -> int:
    from .pipeline.generate import Options, generate
    from .progress import shown

    if chosen.seed is not None and not 0 <= chosen.seed < 2**63:
        raise ContractError("--seed", f"{chosen.seed} is not between 0 and 2^63 - 1")
    options = Options(
        backend=chosen.backend,
        prompt=chosen.prompt,
        style=chosen.style,
        seed=chosen.seed,
        exr=chosen.exr,
        loudness=chosen.loudness,
        wrong_camera=chosen.wrong_camera,
        accept=tuple(chosen.accept),
        chain=tuple(_link(text) for text in chosen.then),
        mix=decode(SoundMix, {"use": chosen.sound, "duck": chosen.duck}),
    )
    with shown(chosen.progress) as progress:
        generate(chosen.shot, chosen.out, options, progress)
    print(chosen.out)
    return DONE


def _link(text: str) -> Link:
    """Of ``--then``: a name, or JSON."""
    return decode(Link, parse(text.encode(), "--then")) if text.lstrip().startswith("{") else Link(text)


def _measure(chosen: argparse.Namespace) -> int:
    from .measure.table import table
    from .pipeline.generate import measure_take
    from .progress import shown

    with shown(chosen.progress) as progress:
        report = measure_take(chosen.take, chosen.shot, chosen.wrong_camera, progress)
    print(json.dumps(encode(report), indent=1, allow_nan=False) if chosen.json else table(report.measures))
    return DONE


def _sheet(chosen: argparse.Namespace) -> int:
    from .sheets import contact_sheet, sound_plot

    chosen.out.mkdir(parents=True, exist_ok=True)
    contact_sheet(chosen.take, chosen.out / "frames.png")
    sound_plot(chosen.take, chosen.shot, chosen.out / "sound.png")
    print(chosen.out)
    return DONE


def _backends(chosen: argparse.Namespace) -> int:
    from .backends import registry

    rows = []
    for name in registry.names():
        known = registry.capabilities(name)
        rates = None if known.rates is None else [str(rate) for rate in known.rates]
        rows.append(
            {
                "name": known.name,
                "version": known.version,
                "summary": known.summary,
                "controls": sorted(known.controls),
                "frames": f"{known.grid.step}k+{known.grid.offset}" if known.grid.step > 1 else "any",
                "side_step": known.side_step,
                "rates": rates,
                "makes_sound": known.makes_sound,
                "memory_bytes": known.memory,
                "licence": known.licence,
            }
        )
    if chosen.json:
        print(json.dumps(rows, indent=1))
        return DONE
    for row in rows:
        print(f"{row['name']} {row['version']}: {row['summary']}")
        print(f"  takes {', '.join(row['controls'])}")
        print(f"  frames {row['frames']}, sides in steps of {row['side_step']}, rates {row['rates'] or 'any'}")
        sound = "sound with the picture" if row["makes_sound"] else "sound from the foley"
        print(f"  {sound}, {row['memory_bytes'] / 2**20:.0f} MB, {row['licence']}")
    return DONE


def _train(chosen: argparse.Namespace) -> int:
    import torch

    from .backends.registry import OWN
    from .backends.trained import check_name, keep
    from .progress import shown
    from .training.loop import ON_GPU, Options, train

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

    from .model.folder import from_pretrained
    from .model.runner import BUILT_IN
    from .training.cache import kept
    from .training.evaluate import evaluate, unlearnt, watched_sheet

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

    from .judging.held import Judge
    from .judging.report import Sets, table, text
    from .judging.sheet import write_sheet
    from .model.folder import from_pretrained
    from .model.runner import BUILT_IN
    from .progress import shown

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
    from .progress import shown
    from .training.data.make import Order, addon_python, make, seeds_of
    from .training.data.own import OwnOrder, make_own

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
    from .training.data.count import counted

    print(counted(chosen.folder))
    return DONE


def _serve(chosen: argparse.Namespace) -> int:
    from .server import serve

    return serve(chosen.home)


def _doctor(chosen: argparse.Namespace) -> int:
    from .server.doctor import examine, told

    findings = examine(chosen.home)
    if chosen.model is not None:
        from .server.trial import examine_model

        findings += examine_model(chosen.model)
    print(json.dumps([encode(finding) for finding in findings], indent=1) if chosen.json else told(findings))
    return DONE if all(finding.well for finding in findings) else FAILED
