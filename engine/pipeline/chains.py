"""A chain of backends over one shot: each goes on from what the one before it made."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Backend as Named
from sora_addon.contract import ContractError, Gives, Link, Made, Shot

from ..backends.links import check_link
from ..backends.protocol import Backend, Earlier, Request, Samples
from ..backends.registry import backend as backend_named
from ..controls.schedule import refuse_unheard
from ..media.passes import Passes
from ..sound import Stems
from .spool import frames_digest, spool

Progress = Callable[[str, int, int], None]
"""stage, step, total; may raise ``Cancelled``."""
Preview = Callable[[int, NDArray[np.uint8]], None]
"""Number of the frame in the clip, and the frame as it was made, (height, width, 3) uint8 sRGB: to look at, not to keep."""


@dataclass(frozen=True)
class Part:
    """A backend of a chain, ready to be asked."""

    backend: Backend
    gives: Gives
    settings: dict[str, Any]

    @property
    def paints(self) -> bool:
        return self.gives in ("picture", "both") and self.backend.capabilities.makes_picture


@dataclass(frozen=True)
class Outcome:
    """What came out at the end of a chain."""

    frames: NDArray[np.uint8]
    """(F, H, W, 3), a memory map."""
    sound: Samples | None
    """The own sound of the last backend whose sound was taken; None where only the foley is to be heard."""
    sound_over_foley: bool
    made: list[Made]
    plans: list[dict[str, str]]
    """How the model of each backend was loaded, in order; {} where it had no choice in it."""


def parts_of(shot: Shot, first: str, chain: Sequence[Link]) -> list[Part]:
    """The backends in order, the first with the settings and the controls of the shot's words.

    Raises ContractError naming the link, or the control that the first cannot hear as it is asked for.
    """
    named = [Link(first, "both", shot.words.settings), *chain]
    parts = []
    for place, link in enumerate(named):
        check_link(link, place)
        parts.append(Part(backend_named(link.backend), link.gives, dict(link.settings)))
    refuse_unheard(shot, parts[0].backend.capabilities)
    return parts


def run_chain(
    shot: Shot,
    passes: Passes,
    scratch: Path,
    parts: Sequence[Part],
    progress: Progress,
    preview: Preview | None = None,
    stems: Stems | None = None,
) -> Outcome:
    """Let the backends work, one after the other. Their pictures lie in ``scratch``; ``stems`` are the shot's foley.

    Raises ContractError where one gives what it was not asked for, and whatever the backends and ``progress`` raise.
    """
    earlier: Earlier | None = None
    frames: NDArray[np.uint8] | None = None
    sound: Samples | None = None
    over_foley = False
    made: list[Made] = []
    plans: list[dict[str, str]] = [{} for _ in parts]
    for place, part in enumerate(parts):
        began = time.perf_counter()
        known = part.backend.capabilities
        controls = shot.words.controls if place == 0 else []
        words = replace(shot.words, backend=known.name, settings=part.settings, controls=controls)
        named = progress if place == 0 else _numbered(progress, place + 1)
        request = Request(
            replace(shot, words=words),
            passes,
            scratch,
            named,
            earlier,
            plans[place].update,
            _early(preview, shot),
            stems,
        )
        digest = ""
        if part.paints:
            count, size = shot.time.frames, shot.size
            shown = _shown(part.backend.frames(request), preview)
            frames = spool(shown, count, size.height, size.width, scratch / f"frames-{place}.raw")
            digest = frames_digest(frames) if len(parts) > 1 else ""
        elif known.makes_picture:
            for _ in part.backend.frames(request):  # its sound comes with a picture that nobody wants
                pass
        if part.gives != "picture":
            own = part.backend.sound(request)
            if own is not None:
                check_samples(own, shot)
                sound, over_foley = own, known.sound_over_foley
        assert frames is not None  # ``parts_of`` sees to it that the first one paints
        earlier = Earlier(frames, sound)
        made.append(
            Made(
                Named(known.name, known.version, part.settings),
                part.gives,
                digest,
                round(time.perf_counter() - began, 3),
            )
        )
    assert frames is not None
    return Outcome(frames, sound, over_foley, made if len(made) > 1 else [], plans if any(plans) else [])


def check_samples(samples: NDArray[np.float32], shot: Shot) -> None:
    """Raises ContractError where sound is not exactly as long as the shot."""
    if samples.shape != (shot.time.samples, 2) or samples.dtype != np.float32:
        raise ContractError(
            "sound", f"is {samples.dtype} {samples.shape}, float32 {(shot.time.samples, 2)} belongs there"
        )


def _numbered(progress: Progress, number: int) -> Progress:
    """So that the same backend twice is two stages, each with a time of its own."""
    return lambda stage, step, total: progress(f"{stage} {number}", step, total)


def _early(preview: Preview | None, shot: Shot) -> Preview | None:
    """For pictures before the first frame: their numbers come after those of the frames."""
    return None if preview is None else lambda number, picture: preview(shot.time.frames + number, picture)


def _shown(frames: Iterator[NDArray[np.uint8]], preview: Preview | None) -> Iterator[NDArray[np.uint8]]:
    for number, frame in enumerate(frames):
        if preview is not None:
            preview(number, frame)
        yield frame
