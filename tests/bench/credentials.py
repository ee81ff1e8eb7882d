"""Content credentials: every way out signed, and single changed bytes seen.

``SORA_CHANGES`` sets how many bytes are changed, one at a time (default 1,000).
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import c2pa
from made_shot import MadeShot

from engine.command import main
from engine.pipeline.generate import Options, generate
from engine.trust.credentials.container import FORMATS
from engine.trust.credentials.read import read_file
from engine.trust.credentials.sign import LISTING, SIDECAR, sign_file
from engine.trust.credentials.signer import signing
from engine.trust.home import VARIABLE
from engine.trust.settings import Settings
from sora_addon.contract import Reference, write_document

from .line import Line

sys.path.insert(0, str(Path(__file__).parents[1] / "trust"))
from made_for_trust import STATEMENT, make_media

VALID = ("Valid", "Trusted")


def lines() -> list[Line]:
    with tempfile.TemporaryDirectory() as name, own_home(Path(name)):
        return [_ways_out(Path(name)), _changes(Path(name), int(os.environ.get("SORA_CHANGES", "1000")))]


@contextmanager
def own_home(folder: Path) -> Iterator[None]:
    """A local authority of this run's own: the machine's is left alone."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(folder / "home")
    try:
        yield
    finally:
        os.environ.pop(VARIABLE) if before is None else os.environ.update({VARIABLE: before})


def _ways_out(folder: Path) -> Line:
    wrong = []
    files = _made(folder)
    for what, path in files.items():
        if _asked_of_the_library(path) not in VALID:
            wrong.append(f"{what}: not valid to the reader library")
        if main(["verify", str(path)]) != 0:
            wrong.append(f"{what}: not intact to 'engine verify'")
    told = "; ".join(wrong) or f"{', '.join(files)}: all"
    return Line("ways out that are signed, by the reader library and by `engine verify`", "all", told, not wrong)


def _made(folder: Path) -> dict[str, Path]:
    """One file of every way out."""
    shot = MadeShot(width=64, height=48, frames=8, drop=0.1)
    shot.write(folder / "shot")
    first = generate(folder / "shot", folder / "take", Options("sketch", exr=True), _quiet)
    shot.write(folder / "remix")
    (folder / "remix" / "from.mp4").write_bytes((folder / "take" / first.files.clip).read_bytes())
    again = replace(shot.shot(), take=first.id, references=[Reference("take", "from.mp4")])
    write_document(folder / "remix" / "shot.json", again)
    generate(folder / "remix", folder / "remixed", Options("sketch"), _quiet)
    shot.write(folder / "chain")
    write_document(folder / "chain" / "shot.json", replace(shot.shot(), take=first.id))
    generate(folder / "chain", folder / "chained", Options("sketch"), _quiet)
    media = make_media(folder)
    sign_file(media["png"], STATEMENT, signing(Settings()))
    takes = [word for name in ("take", "chained") for word in ("--take", str(folder / name))]
    main(["sign", str(media["mp4"]), *takes])
    return {
        "mp4": folder / "take" / first.files.clip,
        "wav": folder / "take" / first.files.sound,
        "png": media["png"],
        "EXR sidecar": folder / "take" / str(first.files.frames) / LISTING,
        "remix": folder / "remixed" / first.files.clip,
        "chain": folder / "chained" / first.files.clip,
        "sequence": media["mp4"],
    }


def _asked_of_the_library(path: Path) -> str:
    media, manifests = FORMATS.get(path.suffix, "text/plain"), None
    if path.name == LISTING:
        manifests = path.with_name(SIDECAR).read_bytes()
    with path.open("rb") as stream, closing(c2pa.Reader(media, stream, manifest_data=manifests)) as reader:
        return reader.get_validation_state() or "none"


def _changes(folder: Path, count: int) -> Line:
    """One bit of one byte at a time, in turns over an mp4, a wav, a png and the list of EXR frames with its sidecar."""
    media = make_media(folder)
    for path in media.values():
        sign_file(path, STATEMENT, signing(Settings()))
    frames = folder / "take" / "frames"
    looked_at = {path: path for path in media.values()} | {
        frames / name: frames / LISTING for name in (LISTING, SIDECAR)
    }
    dice, missed, states = random.Random("changes"), [], Counter[str]()
    for number in range(count):
        changed, asked = list(looked_at.items())[number % len(looked_at)]
        whole = changed.read_bytes()
        place, bit = dice.randrange(len(whole)), 1 << dice.randrange(8)
        changed.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
        state = read_file(asked, Settings()).state
        changed.write_bytes(whole)
        states[state] += 1
        if state == "intact":
            missed.append(f"byte {place} of {changed.name}")
    told = ", ".join(missed) or f"all {count} seen ({', '.join(f'{states[name]} {name}' for name in sorted(states))})"
    return Line(f"{count:,} changes of a single bit over signed files, detected", "every one", told, not missed)


def _quiet(stage: str, step: int, total: int) -> None:
    pass
