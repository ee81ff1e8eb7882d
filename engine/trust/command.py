"""The verbs of trust: ``engine sign``, ``engine verify``, ``engine trust``. What they do is imported when they run."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from pathlib import Path
from typing import Any

from sora_addon.contract import ContractError

DONE, FAILED = 0, 1


def add_verbs(verbs: Any) -> None:
    """To the subparsers of the engine's command line."""
    sign = verbs.add_parser(
        "sign",
        help="sign what a sequencer has rendered",
        description="Sign what a sequencer has rendered, with the takes that it shows as ingredients.",
    )
    sign.add_argument("files", type=Path, nargs="+", metavar="FILE", help="mp4, wav, png, or a folder of EXR frames")
    sign.add_argument(
        "--take", type=Path, action="append", default=[], metavar="DIR", help="a take in the cut; name each of them"
    )
    sign.add_argument("--software", default="Blender", metavar="NAME", help="what put them together, with its version")
    sign.add_argument(
        "--accept", action="append", default=[], metavar="STATE", help="use takes in this state, for example tampered"
    )
    sign.set_defaults(verb=_sign)

    verify = verbs.add_parser(
        "verify",
        help="say what clips are and whether they are intact",
        description="Say what files are, from which takes, and whether they are intact; the exit code is 0 where all are.",
    )
    verify.add_argument("files", type=Path, nargs="+", metavar="FILE", help="mp4, wav, png, or a take's folder")
    verify.add_argument("--json", action="store_true", help="print the reader's reports as JSON")
    verify.add_argument("--no-mark", action="store_true", help="do not look for the invisible mark of unsigned files")
    verify.set_defaults(verb=_verify)
    _studio_verbs(verbs.add_parser("trust", help="who signs here, and what was decided", description="Who signs here."))


def _studio_verbs(trust: argparse.ArgumentParser) -> None:
    verbs = trust.add_subparsers(required=True, metavar="VERB")
    show = verbs.add_parser(
        "show", help="say who signs and what is set", description="Say who signs here, until when, and what is set."
    )
    show.add_argument("--json", action="store_true", help="print it as JSON")
    show.set_defaults(verb=_show)
    root = verbs.add_parser(
        "root", help="print the roots", description="Print the roots of this machine, for those who verify its files."
    )
    root.set_defaults(verb=_root)
    rotate = verbs.add_parser(
        "rotate",
        help="make a new signing certificate",
        description="Make a new signing certificate of the local authority; what the old one signed still verifies here.",
    )
    rotate.add_argument("--root", action="store_true", help="make a new root too")
    rotate.set_defaults(verb=_rotate)
    passphrase = verbs.add_parser(
        "passphrase",
        help="let the keyring hold the passphrase of a studio's key",
        description="Let the keyring hold the passphrase of a studio's key; it is asked for, or read from standard input.",
    )
    passphrase.add_argument("key", type=Path, metavar="KEY", help="the PEM file of the key")
    passphrase.set_defaults(verb=_passphrase)
    log = verbs.add_parser(
        "log",
        help="print what moderation decided, and check the chain",
        description="Print what moderation decided, and check the chain; the exit code is 1 where it is broken.",
    )
    log.add_argument("--json", action="store_true", help="print the decisions as JSON")
    log.add_argument("--holds", metavar="HASH", help="a hash that was noted before, which the chain must still hold")
    log.set_defaults(verb=_log)


def _sign(chosen: argparse.Namespace) -> int:
    from .sequence import sign_sequence
    from .settings import read_settings

    sign_sequence(chosen.files, chosen.take, read_settings(), chosen.software, chosen.accept)
    for file in chosen.files:
        print(file)
    return DONE


def _verify(chosen: argparse.Namespace) -> int:
    from .page import page
    from .settings import read_settings
    from .verify import as_json, verify

    findings = verify(chosen.files, read_settings(), look_for_mark=not chosen.no_mark)
    print(json.dumps([as_json(finding) for finding in findings], indent=1) if chosen.json else page(findings))
    return DONE if all(finding.verdict.intact for finding in findings) else FAILED


def _show(chosen: argparse.Namespace) -> int:
    from .settings import read_settings
    from .standing import as_json, standing, told

    found = standing(read_settings())
    print(json.dumps(as_json(found), indent=1) if chosen.json else told(found))
    return DONE


def _root(chosen: argparse.Namespace) -> int:
    from .credentials.authority import anchors, authority

    authority()
    print(anchors(), end="")
    return DONE


def _rotate(chosen: argparse.Namespace) -> int:
    from .credentials.authority import rotate
    from .settings import read_settings
    from .standing import standing, told

    rotate(root_too=chosen.root)
    print(told(standing(read_settings())))
    return DONE


def _passphrase(chosen: argparse.Namespace) -> int:
    from .credentials.keys import keep_passphrase

    if not chosen.key.is_file():
        raise ContractError(str(chosen.key), "is not there", "give the PEM file of the key")
    given = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    keep_passphrase(chosen.key, given)
    return DONE


def _log(chosen: argparse.Namespace) -> int:
    from .moderation.audit import broken_at, decisions, hashes

    made, known = decisions(), hashes()
    if chosen.json:
        print(json.dumps(made, indent=1))
    else:
        for decision in made:
            rule = f" by the rule '{decision['rule']}' at {decision['field']}" if decision["rule"] else ""
            print(f"{decision['at']} {decision['stage']:3} {decision['decision']}{rule}, shot {decision['shot']}")
        print(f"{len(made)} decisions, the last hash is {known[-1] if known else 'none'}")
    broken = broken_at()
    if broken is not None:
        print(f"engine: the chain is BROKEN at decision {broken}: something was changed or taken out", file=sys.stderr)
    lost = chosen.holds is not None and chosen.holds not in known
    if lost:
        print("engine: the chain does NOT hold the hash that was noted: this is another log", file=sys.stderr)
    return FAILED if broken is not None or lost else DONE
