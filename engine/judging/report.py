"""The whole table that ``engine judge`` prints: each bound, what was measured, and whether it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sora_addon.contract import ContractError

from ..words.style import STYLES, Style
from . import bodies, said, sounds
from .held import Held, Judge, held_clips
from .pictures import Seen, judged, mean

PHOTO: tuple[Style, ...] = ("cinematic", "documentary", "seventies")
GROUPS: tuple[tuple[str, tuple[Style, ...], float], ...] = (
    ("all styles", STYLES, 27.0),
    ("photo-like", PHOTO, 28.0),
    ("cartoon", ("cartoon",), 26.0),
    ("noir", ("noir",), 25.0),
    ("clay", ("clay",), 28.0),
)
"""Decibels that are asked of each."""
STYLE_TRIALS, WORD_TRIALS, BODY_TRIALS = 90, 60, 100
SHUFFLE_SEED = 7
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Row:
    what: str
    bound: str
    measured: str
    holds: bool | None = None


@dataclass(frozen=True)
class Sets:
    """Folders of the sets; each part of the table is left out where its set is missing."""

    data: Path
    cache: Path
    most: int | None = None

    def clips(self, name: str) -> list[Held]:
        folder = self.data / name
        return list(held_clips(folder, self.cache, self.most)) if folder.is_dir() else []


def table(sets: Sets, judge: Judge, progress: Progress) -> list[Row]:
    """Measure everything there are clips for. Raises ContractError where there are none."""
    held, heard, varied = (sets.clips(name) for name in ("held", "heard", "varied"))
    if not held and not heard and not varied:
        raise ContractError(str(sets.data), "holds no set 'held', 'heard' or 'varied'", "run 'make eval-model'")
    rows: list[Row] = []
    if held:
        seen: list[Seen] = []
        for index, one in enumerate(held):
            progress("pictures", index, len(held))
            seen += judged(one, judge)
        rows += _of_pictures(seen, len(held))
        progress("words of bodies", 0, 1)
        rows += _of_bodies(bodies.trials(held, judge, BODY_TRIALS))
    if held or varied:
        progress("said and seen", 0, 1)
        trials = said.style_trials(held, judge, STYLE_TRIALS) + said.word_trials(varied, judge, WORD_TRIALS)
        rows += _of_words(trials)
    if heard:
        progress("sound", 0, 1)
        rows += _of_sounds([sounds.heard(one, judge) for one in heard])
        rows += _of_foretelling(sounds.foretold(heard, judge, np.random.default_rng(SHUFFLE_SEED)))
    return rows


def text(rows: Sequence[Row]) -> str:
    """Columns for a terminal."""
    wide = max(len(row.what) for row in rows)
    bound = max(len(row.bound) for row in rows)
    marks = {None: " ", True: "+", False: "-"}
    return "\n".join(f"{marks[row.holds]} {row.what:{wide}}  {row.bound:{bound}}  {row.measured}" for row in rows)


def _of_pictures(seen: list[Seen], clips: int) -> list[Row]:
    rows = [Row("clips, pictures judged", "40", f"{clips}, {len(seen)}", clips >= 40)]
    for name, styles, bound in GROUPS:
        some = _in(seen, styles)
        value, guide = mean(some, "psnr"), mean(some, "guide_psnr")
        rows.append(Row(f"PSNR, {name}", f"{bound:.0f} dB", f"{value:.2f} dB (lit guide {guide:.2f})", value >= bound))
    each: list[tuple[str, tuple[Style, ...]]] = [("all styles", STYLES), *((style, (style,)) for style in STYLES)]
    for name, styles in each:
        some = _in(seen, styles)
        over = mean(some, "psnr") - mean(some, "guide_fit_psnr")
        least = 5.0 if styles is STYLES else 2.0
        rows.append(
            Row(f"over the guide with an oracle fit, {name}", f"+{least:.0f} dB", f"{over:+.2f} dB", over >= least)
        )
    over = mean(seen, "psnr") - mean(seen, "flat_fit_psnr")
    rows.append(Row("over the flat pass with an oracle fit", "+8 dB", f"{over:+.2f} dB", over >= 8.0))
    flip, guide = mean(seen, "flip"), mean(seen, "guide_flip")
    below = 1 - flip / guide
    rows.append(
        Row("FLIP below the guide's", "40 %", f"{100 * below:.0f} % ({flip:.3f}, guide {guide:.3f})", below >= 0.4)
    )
    flicker, gradient = mean(seen, "flicker"), mean(seen, "gradient")
    rows.append(Row("flicker: warp error over the truth's", "1.5 x", f"{flicker:.2f} x", flicker <= 1.5))
    rows.append(Row("gradient energy over the truth's", "0.8 to 1.25", f"{gradient:.2f}", 0.8 <= gradient <= 1.25))
    for style in STYLES:
        some = _in(seen, (style,))
        figures = f"{mean(some, 'psnr'):.2f} dB, FLIP {mean(some, 'flip'):.3f}, gradient {mean(some, 'gradient'):.2f}"
        rows.append(Row(f"  {style}", "", figures))
    return rows


def _of_words(trials: list[said.Trial]) -> list[Row]:
    whole = said.share(trials)
    rows = [Row("said and seen", "95 % of 200", f"{100 * whole:.0f} % of {len(trials)}", whole >= 0.95)]
    for kind in ("style", "hour", "air"):
        some = [trial for trial in trials if trial.kind == kind]
        wrong = ", ".join(f"{trial.said} as {trial.nearest}" for trial in some if not trial.right)
        rows.append(
            Row(f"  {kind}", "", f"{100 * said.share(some):.0f} % of {len(some)}" + f" ({wrong[:160]})" * bool(wrong))
        )
    return rows


def _of_bodies(told: list[bodies.Told]) -> list[Row]:
    if not told:
        return []
    right = float(np.mean([one.right for one in told]))
    changed, rest = (float(np.median([getattr(one, name) for one in told])) for name in ("changed", "rest"))
    measured = f"{100 * right:.0f} % of {len(told)} (body {changed:.3f}, rest {rest:+.2f} dB)"
    return [Row("words of a body change it and leave the rest", "90 % of 100", measured, right >= 0.9)]


def _of_sounds(rows: list[dict[str, sounds.Heard]]) -> list[Row]:
    made = []
    for name in ("model", "stems", "silence", "truth"):
        distance, onset, recall, of_all, exact = (
            _known(getattr(row[name], figure) for row in rows)
            for figure in ("distance", "onset", "recall", "of_all", "precision")
        )
        measured = f"{distance:.2f} dB, {onset:.1f} ms, {recall:.2f} (of all contacts {of_all:.2f}), {exact:.2f}"
        holds = distance <= 3.5 and onset <= 8 and recall >= 0.9 and exact >= 0.85 if name == "model" else None
        bound = "3.5 dB, 8 ms, 0.9, 0.85" if name == "model" else ""
        what = "sound: log-mel distance, onset median, recall, precision" if name == "model" else f"  {name}"
        made.append(Row(what, bound, measured, holds))
    return made


def _of_foretelling(scores: tuple[float, float]) -> list[Row]:
    own, other = scores
    measured = f"{own:.2f}; {other:.2f} with another clip's pictures"
    return [Row("onset F1 from the picture alone", "0.5; chance", measured, own >= 0.5 and own > 1.3 * other)]


def _known(values: Iterable[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")


def _in(seen: list[Seen], styles: tuple[Style, ...]) -> list[Seen]:
    return [one for one in seen if one.style in styles]
