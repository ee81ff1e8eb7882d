"""All the measures of one clip, in one reading of the passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Measure, Shot

from .camera_hold import CameraHold
from .colour import ColourHold
from .edges import EdgeAgreement
from .figure import Figure, Watcher, evenly
from .guide import GuideFlip
from .motion import MotionDropped, MotionWarp
from .sound import sound_onset
from .truth import NEEDED, HasFrames, truth_of
from .wrong_camera import TURN, TurnedPasses, can_turn, turned

EDGE_FRAMES, GUIDE_FRAMES = 8, 4
"""Frames that are looked at for edges and for the guide, spread evenly over the clip."""


def measure(
    frames: Sequence[NDArray[np.uint8]] | NDArray[np.uint8],
    samples: NDArray[np.float32],
    shot: Shot,
    passes: HasFrames,
    wrong_camera: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Measure]:
    """Every figure of docs/measures.md for a clip, each beside that of the raw preview.

    ``frames[i]`` is (H, W, 3) uint8 sRGB of the shot's size, one for each of its frames (a memory map will do: frames
    are read once, in order); ``samples`` (N, channels) float at 48 kHz. ``passes`` reads the shot's passes. With
    ``wrong_camera``, ``control`` holds the same figure of the same clip against a camera turned by ``TURN`` degrees.
    ``progress`` gets a stage, a step and the total. Raises ValueError where the clip is not of the shot's length or
    size, ContractError where a pass is damaged.
    """
    if len(frames) != shot.time.frames:
        raise ValueError(f"the clip has {len(frames)} frames, the shot {shot.time.frames}")
    wanted = (shot.size.height, shot.size.width, 3)
    takes, baselines = _watchers(shot), _watchers(shot)
    control = wrong_camera and can_turn(shot)
    wrong_shot, wrong_passes = (turned(shot), TurnedPasses(passes, shot)) if control else (shot, None)
    controls = _watchers(shot) if control else []
    for index in range(shot.time.frames):
        if progress is not None:
            progress("measure", index, shot.time.frames)
        picture = np.asarray(frames[index])
        if picture.shape != wanted or picture.dtype != np.uint8:
            raise ValueError(
                f"frame {index} of the clip is {picture.dtype} {picture.shape}, the shot's size is uint8 {wanted}"
            )
        number = shot.time.first + index
        planes = passes.frame(number, only=NEEDED)
        truth = truth_of(shot, index, planes)
        for watcher in takes:
            watcher.see(picture, truth)
        for watcher in baselines:
            watcher.see(truth.guide, truth)
        if wrong_passes is not None:
            wrong = truth_of(wrong_shot, index, wrong_passes.of(number, planes))
            for watcher in controls:
                watcher.see(picture, wrong)
    if progress is not None:
        progress("measure", shot.time.frames, shot.time.frames)
    baseline, wrong_figures = (
        {figure.name: figure.value for figure in _figures(watchers)} for watchers in (baselines, controls)
    )
    note = "" if control or not wrong_camera else "a parallel camera has no control"
    measures = [_measure(sound_onset(samples, shot), None, None, "")]
    for figure in _figures(takes):
        measures.append(_measure(figure, baseline[figure.name], wrong_figures.get(figure.name), note))
    return measures


def _watchers(shot: Shot) -> list[Watcher]:
    count = shot.time.frames
    return [
        CameraHold(),
        MotionWarp(),
        MotionDropped(),
        EdgeAgreement(evenly(count, EDGE_FRAMES)),
        ColourHold(float(shot.time.rate)),
        GuideFlip(evenly(count, GUIDE_FRAMES)),
    ]


def _figures(watchers: list[Watcher]) -> Iterator[Figure]:
    for watcher in watchers:
        yield from watcher.figures()


def _measure(figure: Figure, baseline: float | None, control: float | None, note: str) -> Measure:
    detail: dict[str, Any] = dict(figure.detail)
    if control is not None:
        detail["control_turn_degrees"] = TURN
    return Measure(
        name=figure.name,
        unit=figure.unit,
        take=figure.value,
        baseline=baseline,
        control=control,
        detail=detail,
        note="; ".join(part for part in (figure.note, note) if part),
    )
