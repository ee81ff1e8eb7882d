"""What a clip teaches, worked out once and kept beside the others as plain arrays that are mapped, not read.

A clip of 10 frames at 256x144 takes some 35 MB and two seconds of work; then a batch costs next to nothing.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..backends.looks import filmic
from ..backends.plates import OF_CLAY, Keys
from ..measure.sound import heard_contacts
from ..media.colour import to_uint8
from ..model.conditioning import Conditioning, conditioning, shot_numbers, to_bytes
from ..model.mel import mel
from ..sound import foley, mix
from ..words.encoder import WIDTH, word_encoder
from ..words.style import STYLES, Style
from .clips import Clip, read_clip
from .styles import CLAY_ALBEDO, truth_in
from .variants import drawn

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

LOOKED_AT = "look"
"""The set that is learnt to see from."""
WATCHED = 20
"""Of the seeds, every so many-th is watched and not learnt from."""
PICTURES = ("planes", "rows", "pictures", "photo", "clay")
VERSION = 6
"""Of what is kept; another version is worked out anew."""


@dataclass(frozen=True)
class Kept:
    """A clip as it lies in the cache; arrays are mapped from disk."""

    name: str
    planes: Bytes | Tensor
    """(F, H, W, CHANNELS) of ``conditioning``."""
    rows: Bytes | Tensor
    """(F, H, W)."""
    texts: Floats
    """(R, 384) sentence vectors of the bodies' words; row 0 is empty."""
    states: Floats
    """(T, 384) of the prompt."""
    numbers: Floats
    """(F, NUMBERS): of each frame's shot, which differ where each frame shows another variant of a clip."""
    styles: tuple[Style, ...]
    pictures: Bytes | Tensor
    """(styles, F, H, W, 3) sRGB: the truth in each style."""
    photo: Bytes | Tensor
    """(F, H, W, 3) what the camera takes, as displayed: what styles are graded from."""
    clay: Bytes | Tensor
    """(F, H, W, 3) the light on it were it all of clay; (0, H, W, 3) where that is not known."""
    keys: Floats
    """(F, 2) ``styles.Keys``."""
    guide_mel: Floats
    """(BANDS, T) of the dry stems."""
    truth_mel: Floats | None
    contacts: Floats
    """Seconds of what is heard to happen at once."""

    def on(self, device: torch.device) -> Kept:
        """With its pictures in the device's memory, where batches are then made; as it is for the processor."""
        if device.type == "cpu":
            return self
        held = {name: torch.from_numpy(np.array(getattr(self, name))).to(device) for name in PICTURES}
        return replace(self, **held)


def is_watched(clip: Path) -> bool:
    return int(clip.name) % WATCHED == WATCHED - 1


def is_kept(clip: Path, cache: Path) -> bool:
    """Whether the clip need not be worked out any more: by this version, and since it was made."""
    about = cache / clip.parent.name / clip.name / "about.json"
    if not about.is_file() or about.stat().st_mtime < (clip / "clip.json").stat().st_mtime:
        return False
    return _about(about.parent)["version"] == VERSION


def kept(clip: Path, cache: Path) -> Kept:
    """The clip from the cache folder, worked out first where it is not there. Raises ContractError, OSError."""
    folder = cache / clip.parent.name / clip.name
    if not is_kept(clip, cache):
        _keep(clip, folder)
    about = _about(folder)

    def array(name: str) -> Any:
        return np.load(folder / f"{name}.npy", mmap_mode="r")

    return Kept(
        name=f"{clip.parent.name}/{clip.name}",
        planes=array("planes"),
        rows=array("rows"),
        texts=array("texts"),
        states=array("states"),
        numbers=array("numbers"),
        styles=tuple(about["styles"]),
        pictures=array("pictures"),
        photo=array("photo"),
        clay=array("clay"),
        keys=array("keys"),
        guide_mel=array("guide_mel"),
        truth_mel=array("truth_mel") if about["sound"] else None,
        contacts=array("contacts"),
    )


def _about(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "about.json").read_text(encoding="utf-8"))


def _keep(clip: Path, folder: Path) -> None:
    read = read_clip(clip)
    shot, document = read.shot, read.drawn
    # a frame of one clip teaches much as the next does, so each shows the clip blocked in another way
    varied = clip.parent.name == LOOKED_AT and not is_watched(clip)
    blocked = {
        n: read.blocked_as(drawn(shot, document, turn)) if varied else read for turn, n in enumerate(read.frames)
    }
    plain = None if varied else shot_numbers(shot, read.passes)
    parts = [conditioning(one.shot, one.passes, [number], plain) for number, one in blocked.items()]
    encoder = word_encoder()
    told = sorted({text for part in parts for text in part.texts})
    texts = np.zeros((len(told) + 1, WIDTH), np.float32)
    for row, text in enumerate(told, 1):
        texts[row] = encoder.sentence(text)
    rows = np.concatenate([_rows_in(told, part) for part in parts])
    styles: list[Style] = [style for style in STYLES if style in read.styles]
    sound = (clip / "truth" / "sound.wav").is_file()
    arrays: dict[str, NDArray[Any]] = {
        "planes": to_bytes(np.concatenate([part.planes for part in parts])),
        "rows": rows,
        "texts": texts,
        "states": encoder.states(shot.words.prompt),
        "numbers": np.stack([part.numbers for part in parts]),
        **_pictures(blocked, styles),
        "guide_mel": mel(mix(foley(shot), None)),
        "contacts": np.array([one.time for one in heard_contacts(shot)], np.float32),
    }
    if sound:
        arrays["truth_mel"] = mel(read.sound())
    about = {
        "version": VERSION,
        "styles": styles,
        "sound": sound,
    }
    partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    partial.mkdir(parents=True, exist_ok=True)
    for name, value in arrays.items():
        np.save(partial / f"{name}.npy", value)
    (partial / "about.json").write_text(json.dumps(about), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(partial, folder)


def _rows_in(told: Sequence[str], part: Conditioning) -> Bytes:
    """(F, H, W): the part's rows, counted in the clip's list of texts."""
    table = np.array([0, *(told.index(text) + 1 for text in part.texts)], np.uint8)
    return table[part.rows]


def _pictures(blocked: dict[int, Clip], styles: Sequence[Style]) -> dict[str, NDArray[Any]]:
    """Of each frame: the truth in each style, before its finish, what the styles are made from, and their keys."""
    size = next(iter(blocked.values())).shot.size
    many = len(blocked) if styles else 0
    of_clay = many if set(styles) & set(OF_CLAY) else 0
    made = np.empty((len(styles), len(blocked), size.height, size.width, 3), np.uint8)
    photo, clay = (np.empty((count, size.height, size.width, 3), np.uint8) for count in (many, of_clay))
    measured = np.ones((len(blocked), 2), np.float32)
    keys: dict[int, Keys] = {}
    for place, (number, clip) in enumerate(blocked.items() if styles else ()):
        if id(clip) not in keys:
            keys[id(clip)] = clip.keys()
        key = keys[id(clip)]
        measured[place] = key.light, key.clay
        truth, seen = clip.truth(number), clip.seen(number)
        photo[place] = to_uint8(filmic(truth.radiance))
        if of_clay and truth.clay is not None:
            clay[place] = to_uint8(filmic(truth.clay / np.float32(CLAY_ALBEDO)))
        for index, style in enumerate(styles):
            made[index, place] = to_uint8(truth_in(style, truth, seen, clip.shot, number, key))
    return {"pictures": made, "photo": photo, "clay": clay, "keys": measured}
