"""LTX-2: picture and sound in one go, from words, keyframes, and the scene's depth, lines or tracks through an IC-LoRA.

It is told the shot's own rate, so frames are the shot's; the count is the next 8k + 1, and what is beyond the shot is cut.
With an upsampler's folder it works in two stages: half the size first, then the latents doubled and refined. Its sound is
made with the picture; or a sound that is there already drives the picture, as in ``diffusing/ltx2_calls.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import ContractError, Control, Shot, Steer
from sora_addon.contract.paths import inside

from ..controls.conform import Fit, fit_shot
from ..controls.retime import frames_out
from ..controls.schedule import steered
from ..controls.sound import samples_out
from ..media.sound_file import read_sound
from ..sound import mix
from .capabilities import LTX2
from .diffusing.adapters import lora_file, metadata_of
from .diffusing.asks import Common, common, folder_of, models_home, picture_steered_by, usual_folder
from .diffusing.faults import check_packages, named_faults, not_finite
from .diffusing.folder import ModelFolder, look_over
from .hearing import foley_of
from .protocol import Frames, Request, Samples
from .settings import Given

KINDS = (
    "LTX2Pipeline",
    "LTX2ImageToVideoPipeline",
    "LTX2ConditionPipeline",
    "LTX2InContextPipeline",
    "LTX2DFRPipeline",
)
"""Folders of any of them hold the same components."""
UPSAMPLERS = ("LTX2LatentUpsamplePipeline",)
STEERING: tuple[Control, ...] = ("depth", "edges", "motion")
DISTILLED_STEPS = 8
SoundWay = Literal["joint", "driven", "none"]


@dataclass(frozen=True)
class Settings:
    """What the artist may set of this backend, beside what all have."""

    common: Common
    control: Control | None
    """What the reference video of the union-control LoRA shows."""
    lora: Path | None
    lora_scale: int
    """How many times smaller than the picture the LoRA learnt its reference video."""
    upsampler: Path | None
    distilled: bool
    """The eight steps of the distilled model, without guidance."""
    distilled_lora: Path | None
    """Makes a model that is not distilled fit for those steps, and for the second stage."""
    pixels: int
    sound: SoundWay
    driving: str
    """A sound file of the shot's folder that drives the picture; '' for what is heard of the shot by now."""
    departure: float
    """How far it may go from what it goes on from; 1 does not look at it."""
    carried: bool
    """Whether noise moves with the surfaces."""

    @property
    def side_step(self) -> int:
        """Pixels that width and height are multiples of: 32 in the smallest picture that is encoded."""
        return 32 * (1 if self.control is None else self.lora_scale) * (1 if self.upsampler is None else 2)


def settings_of(shot: Shot) -> Settings:
    """From the shot's words. Raises ContractError naming what is wrong."""
    given = Given(shot.words.settings)
    lora = _extra_file(given, "control_lora", "ltx2_control")
    control = picture_steered_by(shot, STEERING, given, "depth")
    if control is not None and lora is None:
        asked = "control" in given.values or any(steer.control == control for steer in shot.words.controls)
        if asked:
            raise ContractError(
                "words.settings.control_lora",
                f"is missing, and {control} needs a union-control LoRA",
                f"choose its file, or put it into {models_home() / 'ltx2_control'}",
            )
        control = None
    sound: Any = given.choice("sound", ("joint", "driven", "none"), "joint")
    shared = common(given, LTX2.name, steps=LTX2.steps_at(given.values), guidance=3.0)
    distilled_lora = _extra_file(given, "distilled_lora", "ltx2_distilled")
    distilled = given.flag("distilled", shared.wish.speed == "fast" and distilled_lora is not None)
    made = Settings(
        shared,
        control,
        lora,
        1 if lora is None else int(metadata_of(lora).get("reference_downscale_factor", 1)),
        _extra_folder(given, "upsampler", "ltx2_upsampler"),
        distilled,
        distilled_lora,
        given.whole("pixels", 1216 * 704, 256, 4096 * 4096),
        sound,
        given.text("driven_by"),
        given.number("departure", 1.0, 0.05, 1.0),
        given.flag("carried_noise", False),
    )
    _check(made, shot)
    return made


def _check(settings: Settings, shot: Shot) -> None:
    if settings.sound != "driven":
        return
    if settings.departure < 1 or settings.carried:
        raise ContractError(
            "words.settings.sound", "is driven, and then the picture begins with fresh noise", "leave departure at 1"
        )
    steer = None if settings.control is None else steered(shot, settings.control)
    if steer is not None and steer != Steer(steer.control):
        raise ContractError(
            "words.controls", f"weigh {steer.control}, which is heard in full where sound drives", "use the weight 1"
        )


class Ltx2:
    """Picture and sound; ``sound`` is what came with the last ``frames``."""

    capabilities = LTX2

    def __init__(self) -> None:
        self._sound: Samples | None = None

    def frames(self, request: Request) -> Iterator[Frames]:
        """Every frame in order, (H, W, 3) uint8 sRGB.

        Raises ContractError naming the package, folder, setting or reference that is missing or wrong, lack of memory
        (field ``memory``), and numbers that are not finite.
        """
        self._sound = None
        shot = request.shot
        check_packages(self.capabilities)
        settings = settings_of(shot)
        folder = look_over(settings.common.model, KINDS)
        upsampler = None if settings.upsampler is None else look_over(settings.upsampler, UPSAMPLERS)
        fit = fit_shot(shot, LTX2.grid, settings.side_step, None, pixels=settings.pixels)
        heard = heard_before(request, settings) if settings.sound == "driven" or settings.departure < 1 else None
        request.progress("controls", 0, 1)
        with named_faults(LTX2.name):
            pictures, wave, rate = _made(request, settings, fit, folder, upsampler, heard)
        if settings.sound == "joint":
            if not np.isfinite(wave).all():
                raise not_finite(LTX2.name, "sound")
            self._sound = samples_out(wave.T, rate, shot.time.samples, fit.stretch)
        elif settings.sound == "driven" and settings.driving:
            self._sound = heard
        yield from frames_out(pictures, fit)

    def sound(self, request: Request) -> Samples | None:
        """Joint sound; the recorded line that drove the picture; None where the foley did, or sound was not wanted."""
        return self._sound


def _made(
    request: Request,
    settings: Settings,
    fit: Fit,
    folder: ModelFolder,
    upsampler: ModelFolder | None,
    heard: Samples | None,
) -> tuple[NDArray[np.uint8], NDArray[np.float32], int]:
    """(F, h, w, 3) pictures, (channels, N) sound, and its rate."""
    from .diffusing import paces
    from .diffusing.loading import pipeline, planned
    from .diffusing.ltx2_calls import Calls

    count = DISTILLED_STEPS if settings.distilled else settings.common.steps
    wanted = planned(request, folder, settings.common.wish, count, "taylorseer")
    pipe = pipeline("LTX2InContextPipeline", folder, wanted)
    calls = Calls(pipe, request, settings, fit, wanted)
    made = calls.driven(upsampler, heard) if settings.sound == "driven" else calls.joint(upsampler, heard)
    if upsampler is None:  # with it, steps of two sizes were timed
        paces.remember(folder, wanted, calls.steps, fit.frames * fit.width * fit.height)
    return made


def heard_before(request: Request, settings: Settings) -> Samples:
    """(samples, 2) what drives the picture, or what its sound begins with. Raises ContractError."""
    shot = request.shot
    if settings.driving:
        field = "words.settings.driven_by"
        samples, rate = read_sound(inside(request.passes.folder, settings.driving, field))
        return samples_out(samples, rate, shot.time.samples)
    if request.earlier is not None and request.earlier.sound is not None:
        return request.earlier.sound
    return mix(foley_of(request), None)


def _extra_file(given: Given, setting: str, usual: str) -> Path | None:
    said = given.text(setting)
    if not said and not usual_folder(usual).is_dir():
        return None
    return lora_file(setting, folder_of(setting, said, usual))


def _extra_folder(given: Given, setting: str, usual: str) -> Path | None:
    said = given.text(setting)
    if said == "none" or (not said and not usual_folder(usual).is_dir()):
        return None
    return folder_of(setting, said, usual)
