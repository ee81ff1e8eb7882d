"""Wan VACE: a picture painted over the scene's depth, lines or motion; or one body made again and the rest kept.

It has no clock: it is told every frame of the shot, whatever the rate. A shot longer than its window is made in windows,
each beginning with the last frames of the one before, which VACE keeps as it keeps keyframes (mask black).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import ContractError, Control, Shot

from ..controls.conform import Fit, fit_shot, picture_in
from ..controls.keyframes import GREY, keyframes
from ..controls.lines import line_drawing
from ..controls.masks import bodies_said, grown, matte, seen
from ..controls.retime import frames_out
from ..controls.schedule import steered, weight_at
from ..controls.video import depth_video, edge_video, flow_video, mask_video, preview_video
from ..media.colour import LUMINANCE
from .capabilities import WAN_VACE
from .diffusing.asks import Common, common, picture_steered_by
from .diffusing.faults import check_packages, named_faults, not_finite
from .diffusing.folder import look_over
from .diffusing.references import earlier_frames, identities_of, keyframes_of
from .protocol import Frames, Request, Samples
from .settings import Given

if TYPE_CHECKING:
    from .diffusing.steps import Steps

Video = NDArray[np.uint8]

KINDS = ("WanVACEPipeline",)
STEERING: tuple[Control, ...] = ("depth", "edges", "motion", "preview")
"""One of them at a time: VACE has one control video."""
RIM = 8
"""Pixels of the model beyond a body that are made again with it, so that its old outline goes."""
NEGATIVE = "blurred, low quality, distorted, static, watermark, subtitles"


@dataclass(frozen=True)
class Settings:
    """What the artist may set of this backend, beside what all have."""

    common: Common
    control: Control | None
    """What the control video shows; None: nothing."""
    pixels: int
    """Of the model's picture, at most; Wan 2.1 learnt 480p and 720p."""
    window: int
    overlap: int
    remake: tuple[int, ...]
    """Bodies that are made again in the earlier take; the whole picture is made where there are none."""


def settings_of(shot: Shot) -> Settings:
    """From the shot's words. Raises ContractError naming what is wrong."""
    given = Given(shot.words.settings)
    window = given.whole("window", 81, 5, 1001)
    overlap = given.whole("overlap", 5, 1, window - 4)
    for name, value in (("window", window), ("overlap", overlap)):
        if value % 4 != 1:
            raise ContractError(f"words.settings.{name}", f"{value} is not 4k + 1", f"say {value // 4 * 4 + 1}")
    return Settings(
        common(given, WAN_VACE.name, steps=WAN_VACE.steps_at(given.values), guidance=5.0),
        picture_steered_by(shot, STEERING, given, "depth"),
        given.whole("pixels", 832 * 480, 256, 4096 * 4096),
        window,
        overlap,
        bodies_said(shot, given.text("remake")),
    )


@dataclass(frozen=True)
class _Told:
    """What VACE is told: (F, h, w, 3) ``video``, (F, h, w) ``mask`` (255: make), and where a body is to be made again."""

    video: Video
    mask: Video
    again: NDArray[np.bool_] | None


class WanVace:
    """The picture; sound is the foley's."""

    capabilities = WAN_VACE

    def frames(self, request: Request) -> Iterator[Frames]:
        """Every frame in order, (H, W, 3) uint8 sRGB.

        Raises ContractError naming the package, folder, setting or reference that is missing or wrong, lack of memory
        (field ``memory``), and numbers that are not finite.
        """
        shot = request.shot
        check_packages(self.capabilities)
        settings = settings_of(shot)
        folder = look_over(settings.common.model, KINDS)
        fit = fit_shot(shot, WAN_VACE.grid, WAN_VACE.side_step, None, pixels=settings.pixels)
        earlier = earlier_frames(request) if settings.remake else None
        if settings.remake and earlier is None:
            raise ContractError(
                "words.settings.remake", "needs a take to remake it in", "refer to one, or chain a backend"
            )
        request.progress("controls", 0, 1)
        told = _told(request, settings, fit, earlier)
        with named_faults(WAN_VACE.name):
            from .diffusing import paces
            from .diffusing.loading import pipeline, planned

            common = settings.common
            plan = planned(request, folder, common.wish, common.steps, "first_block")
            pipe = pipeline("WanVACEPipeline", folder, plan, full=("vae",))
            made, steps = _made(pipe, request, settings, fit, told)
            paces.remember(folder, plan, steps, min(settings.window, fit.frames) * fit.width * fit.height)
        if earlier is None or told.again is None:
            yield from frames_out(made, fit)
            return
        for frame, picture in enumerate(frames_out(made, fit)):
            body = request.passes.frame(shot.time.first + frame, only=("body",))["body"]
            rim = RIM / min(fit.scale)
            share = matte(grown(seen(body, settings.remake), rim))[..., None]
            yield np.round(earlier[frame] * (1 - share) + picture * share).astype(np.uint8)

    def sound(self, request: Request) -> Samples | None:
        return None


def _told(request: Request, settings: Settings, fit: Fit, earlier: Video | None) -> _Told:
    shot, passes = request.shot, request.passes
    video = _control(request, settings.control, fit)
    mask = np.full((fit.frames, fit.height, fit.width), 255, np.uint8)
    again = None
    if earlier is not None:
        again = np.stack([grown(one, RIM) for one in mask_video(shot, passes, fit, settings.remake)])
        for frame in range(fit.frames):
            kept = picture_in(earlier[fit.shown(frame)], fit)
            video[frame] = np.where(again[frame][..., None], video[frame], kept)
        mask = np.where(again, 255, 0).astype(np.uint8)
    for pin in keyframes(keyframes_of(shot, passes), fit):
        video[pin.frame], mask[pin.frame] = pin.picture, 0
    return _Told(video, mask, again)


def _control(request: Request, control: Control | None, fit: Fit) -> Video:
    shot, passes = request.shot, request.passes
    if control == "depth":
        return depth_video(shot, passes, fit)
    if control == "edges":
        return 255 - edge_video(shot, passes, fit, line_drawing)  # a scribble is black on white
    if control == "motion":
        return flow_video(shot, passes, fit)
    if control == "preview":
        grey = preview_video(shot, passes, fit) @ LUMINANCE
        return np.repeat(np.round(grey)[..., None], 3, axis=-1).astype(np.uint8)
    return np.full((fit.frames, fit.height, fit.width, 3), GREY, np.uint8)


def _made(pipe: Any, request: Request, settings: Settings, fit: Fit, told: _Told) -> tuple[Video, Steps]:
    """(F, h, w, 3) uint8, window after window, from one stream of noise; and the steps that it took."""
    import torch
    from PIL import Image

    from .diffusing.steps import Steps, called, changed

    starts = windows(fit.frames, settings.window, settings.overlap)
    steps = Steps(request, WAN_VACE.name, [settings.common.steps] * len(starts), _look(pipe))
    steer = None if settings.control is None else steered(request.shot, settings.control)
    words = request.shot.words
    generator = torch.Generator("cpu").manual_seed(words.seed)
    references = [Image.fromarray(one) for one in identities_of(request.shot, request.passes)]

    def weigh(arguments: dict[str, Any]) -> None:
        if steer is not None:
            scale = arguments["control_hidden_states_scale"]
            weight = steps.share(partial(weight_at, steer))
            arguments["control_hidden_states_scale"] = torch.full_like(scale, weight)

    made = np.empty((fit.frames, fit.height, fit.width, 3), np.uint8)
    for run, start in enumerate(starts):
        stop = min(start + settings.window, fit.frames)
        video, mask = told.video[start:stop].copy(), told.mask[start:stop].copy()
        kept = settings.overlap if run else 0
        video[:kept], mask[:kept] = made[start : start + kept], 0
        _check_references(len(references), stop - start)
        steps.begin(run)
        with changed(pipe.transformer, weigh):
            pictures = called(
                pipe,
                prompt=words.prompt,
                negative_prompt=words.negative or NEGATIVE,
                video=[Image.fromarray(one) for one in video],
                mask=[Image.fromarray(one) for one in mask],
                reference_images=references or None,
                height=fit.height,
                width=fit.width,
                num_frames=stop - start,
                num_inference_steps=settings.common.steps,
                guidance_scale=settings.common.guidance,
                generator=generator,
                output_type="np",
                callback_on_step_end=steps,
            ).frames[0]
        if not np.isfinite(pictures).all():
            raise not_finite(WAN_VACE.name, "frames")
        made[start + kept : stop] = (pictures[kept:] * 255).round().astype(np.uint8)
    return made, steps


def windows(frames: int, window: int, overlap: int) -> list[int]:
    """The first frame of each window. Where all three counts are 4k + 1, so is the count of frames of each window."""
    starts = [0]
    while starts[-1] + window < frames:
        starts.append(starts[-1] + window - overlap)
    return starts


def _check_references(count: int, frames: int) -> None:
    """The pipeline takes the masks of reference pictures from its first latents, and has no more of them than that."""
    most = (frames - 1) // 4 + 1
    if count > most:
        raise ContractError(
            "references", f"hold {count} identities, {frames} frames have room for {most}", "leave some out"
        )


def _look(pipe: Any) -> Any:
    import torch

    from .diffusing.look import looker

    vae = pipe.vae
    mean = torch.tensor(vae.config.latents_mean).view(1, -1, 1, 1, 1)
    std = torch.tensor(vae.config.latents_std).view(1, -1, 1, 1, 1)
    return looker(vae, lambda encoded: (encoded.float().cpu() - mean) / std, pipe.vae_scale_factor_spatial)
