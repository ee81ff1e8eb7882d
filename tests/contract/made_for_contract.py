"""A take as it stands in its file."""

from __future__ import annotations

from typing import Any

from sora_addon.contract import (
    TAKE_FORMAT,
    TAKE_VERSION,
    Backend,
    Files,
    Hashes,
    Machine,
    Size,
    Take,
    Time,
    Words,
    encode,
)


def take_document() -> dict[str, Any]:
    """A take of one frame by the sketch, encoded."""
    time = Time((24, 1), 1, 1)
    return encode(
        Take(
            format=TAKE_FORMAT,
            version=TAKE_VERSION,
            id="00000000-0000-0000-0000-000000000001",
            shot="00000000-0000-0000-0000-000000000002",
            shot_digest="0" * 64,
            made="2026-01-01T00:00:00Z",
            time=time,
            samples=time.samples,
            size=Size(16, 16),
            words=Words(),
            backend=Backend("sketch", "1"),
            machine=Machine("here", "3.11", 1),
            hashes=Hashes("0" * 64, "0" * 64),
            files=Files("clip.mp4", "sound.wav", "report.json"),
        )
    )
