"""The engine's command line. Heavy modules are imported by the verb that needs them."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

from sora_addon.contract import ContractError, Link, SoundMix, decode, encode, parse

from .progress import progress_option
from .training.command import add_verbs as training_verbs
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
    training_verbs(verbs)
    return parser


def _measuring(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--wrong-camera", action="store_true", help="measure against a wrong camera too, as a control")
    progress_option(verb)


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
