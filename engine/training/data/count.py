"""What a folder of clips holds, counted: the figures of the data card."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from ..clips import clips_in
from .make import failures

BY = ("place", "room", "hour", "air", "event", "move", "ground", "ambience")


def counted(folder: Path) -> str:
    """A few lines of text: clips, frames, and how many clips have each value."""
    clips = [json.loads((clip / "clip.json").read_text(encoding="utf-8")) for clip in clips_in(folder)]
    lines = [
        f"{len(clips)} clips, {sum(clip['last'] - clip['first'] + 1 for clip in clips)} frames, "
        f"{sum(bool(clip['clay']) for clip in clips)} with clay, {len(failures(folder))} could not be made"
    ]
    for name in BY:
        lines.append(f"{name}: {_shares(Counter(clip.get(name, 'own') for clip in clips))}")
    bodies = [body for clip in clips for body in clip["bodies"]]
    lines.append(f"materials of bodies: {_shares(Counter(body['material'] for body in bodies))}")
    lines.append(f"shapes of bodies: {_shares(Counter(body['shape'] for body in bodies))}")
    said = {name: sum(bool(clip.get(name)) for clip in clips) for name in ("words_light", "words_air", "words_bodies")}
    lines.append(f"told by words alone: {', '.join(f'{name[6:]} {number}' for name, number in said.items())}")
    return "\n".join(lines)


def _shares(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counter.items()))
