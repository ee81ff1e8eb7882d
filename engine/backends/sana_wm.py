"""SANA-WM: a first frame, and where the scene's camera goes from it, to the matrix.

The first frame is the keyframe of the shot's first frame; else that of the backend before in a chain or of the take that
is referred to; else the lit draft. Each of the model's frames has the camera of the shot's frame; lens included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import ContractError, Shot

from ..controls.camera import fitted_camera, relative
from ..controls.conform import Fit, fit_shot, picture_in
from ..controls.retime import frames_out
from ..words.style import style_of
from .capabilities import SANA_WM
from .diffusing.asks import Common, common
from .diffusing.faults import check_packages, named_faults, not_finite
from .diffusing.folder import look_over
from .diffusing.references import earlier_frames, keyframes_of
from .protocol import Frames, Request, Samples
from .settings import Given
from .sketch import key_light, sketch_frame

if TYPE_CHECKING:
    from .diffusing.steps import Steps

Picture = NDArray[np.uint8]

KINDS = ("SanaWMPipeline",)
CANVAS = (1280, 704)
"""The one size that it learnt."""
SPACE = 32
FRAMES_AT_ONCE, FRAMES_APART = 96, 64
"""That its VAE decodes together, and from one such piece to the next: as the model learnt it."""


@dataclass(frozen=True)
class Settings:
    """What the artist may set of this backend, beside what all have."""

    common: Common
    canvas: tuple[int, int]
    scale: float
    """Units of the model a metre: how far it takes the camera to go."""


def settings_of(shot: Shot) -> Settings:
    """From the shot's words. Raises ContractError naming what is wrong."""
    given = Given(shot.words.settings)
    sides = []
    for name, usual in zip(("canvas_width", "canvas_height"), CANVAS, strict=True):
        side = given.whole(name, usual, 2 * SPACE, 4096)
        if side % SPACE:
            raise ContractError(
                f"words.settings.{name}", f"{side} is no multiple of {SPACE}", f"say {side // SPACE * SPACE}"
            )
        sides.append(side)
    return Settings(
        common(given, SANA_WM.name, steps=SANA_WM.steps_at(given.values), guidance=5.0),
        (sides[0], sides[1]),
        given.number("scale", 1.0, 1e-3, 1e3),
    )


class SanaWm:
    """The picture; sound is the foley's."""

    capabilities = SANA_WM

    def frames(self, request: Request) -> Iterator[Frames]:
        """Every frame in order, (H, W, 3) uint8 sRGB.

        Raises ContractError naming the package, folder, setting or reference that is missing or wrong, a camera that is
        no pinhole, lack of memory (field ``memory``), and numbers that are not finite.
        """
        shot = request.shot
        check_packages(self.capabilities)
        settings = settings_of(shot)
        folder = look_over(settings.common.model, KINDS)
        fit = fit_shot(shot, SANA_WM.grid, SANA_WM.side_step, None, canvas=settings.canvas)
        world, lens = fitted_camera(shot, fit)
        request.progress("controls", 0, 1)
        first = picture_in(first_frame(request), fit)
        with named_faults(SANA_WM.name):
            from .diffusing import paces
            from .diffusing.loading import pipeline, planned

            common = settings.common
            plan = planned(request, folder, common.wish, common.steps)
            pipe = pipeline("SanaWMPipeline", folder, plan, full=("vae",))
            made, steps = _made(pipe, request, settings, fit, first, relative(world, settings.scale), lens)
            paces.remember(folder, plan, steps, fit.frames * fit.width * fit.height)
        yield from frames_out(made, fit, exact_times=True)

    def sound(self, request: Request) -> Samples | None:
        return None


def first_frame(request: Request) -> Picture:
    """(H, W, 3) what the clip begins with, at the shot's size. Raises ContractError as references do."""
    shot, passes = request.shot, request.passes
    pins = keyframes_of(shot, passes)
    if 0 in pins:
        return pins[0][0]
    earlier = earlier_frames(request)
    if earlier is not None:
        return earlier[0]
    number = shot.time.first
    return sketch_frame(shot, passes.frame(number), style_of(shot.words), number, key_light(shot, passes))


def _made(
    pipe: Any,
    request: Request,
    settings: Settings,
    fit: Fit,
    first: Picture,
    poses: NDArray[np.float64],
    lens: NDArray[np.float64],
) -> tuple[Picture, Steps]:
    """(F, h, w, 3) uint8, and the steps that it took."""
    import torch
    from PIL import Image

    from .diffusing.steps import Steps, called

    _as_learnt(pipe.vae)
    words = request.shot.words
    steps = Steps(request, SANA_WM.name, [settings.common.steps], _look(pipe))
    steps.begin()
    pictures = called(
        pipe,
        image=Image.fromarray(first),
        prompt=words.prompt,
        negative_prompt=words.negative,
        c2w=poses.astype(np.float32),
        intrinsics=lens.astype(np.float32),
        height=fit.height,
        width=fit.width,
        num_frames=fit.frames,
        fps=round(float(fit.rate)),
        num_inference_steps=settings.common.steps,
        guidance_scale=settings.common.guidance,
        generator=torch.Generator("cpu").manual_seed(words.seed),
        output_type="np",
        callback_on_step_end=steps,
    ).frames
    if not np.isfinite(pictures).all():
        raise not_finite(SANA_WM.name, "frames")
    return (pictures * 255).round().astype(np.uint8), steps


def _as_learnt(vae: Any) -> None:
    """In one piece a long clip decodes to other numbers than those that the model learnt with."""
    vae.enable_tiling()
    vae.use_framewise_encoding = vae.use_framewise_decoding = True
    vae.tile_sample_min_num_frames, vae.tile_sample_stride_num_frames = FRAMES_AT_ONCE, FRAMES_APART


def _look(pipe: Any) -> Any:
    from .diffusing.look import looker

    vae = pipe.vae

    def normalised(encoded: Any) -> Any:
        mean, std = vae.latents_mean.view(1, -1, 1, 1, 1), vae.latents_std.view(1, -1, 1, 1, 1)
        return (encoded - mean.to(encoded)) * vae.config.scaling_factor / std.to(encoded)

    return looker(vae, normalised, SPACE)
