"""The calls of LTX2's pipelines that make a clip: one stage or two, with sound of its own or driven by sound."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition
from diffusers.pipelines.ltx2.pipeline_ltx2_dfr import LTX2DFRPipeline
from diffusers.pipelines.ltx2.pipeline_ltx2_ic_lora import LTX2ReferenceCondition
from diffusers.pipelines.ltx2.utils import (
    DEFAULT_NEGATIVE_PROMPT,
    DISTILLED_SIGMA_VALUES,
    STAGE_2_DISTILLED_SIGMA_VALUES,
)
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from numpy.typing import NDArray
from PIL import Image

from sora_addon.contract import ContractError, Control, Steer

from ...controls.conform import Fit, picture_in
from ...controls.keyframes import keyframes, latent_frames, latent_index
from ...controls.latents import latent_noise
from ...controls.schedule import steered, weight_at
from ...controls.video import depth_video, edge_video, track_video, weight_video
from ..protocol import Request
from .adapters import speak, wear
from .attention import soft_references
from .faults import not_finite
from .folder import ModelFolder
from .loading import Plan, dtype_of
from .look import looker
from .mel import audio_latents
from .references import earlier_frames, keyframes_of
from .steps import Steps, called

if TYPE_CHECKING:
    from ..ltx2 import Settings

Video = NDArray[np.uint8]
Made = tuple[Video, NDArray[np.float32], int]
"""(F, h, w, 3) pictures, (channels, N) sound, and its rate."""

SPACE, TIME = 32, 8
"""Pixels and frames of a latent."""
STG_BLOCK = 28
"""Of 48; the block that spatio-temporal guidance leaves out."""
QUIET: dict[str, Any] = {
    "guidance_scale": 1.0,
    "stg_scale": 0.0,
    "modality_scale": 1.0,
    "guidance_rescale": 0.0,
    "audio_guidance_scale": 1.0,
    "audio_stg_scale": 0.0,
    "audio_modality_scale": 1.0,
    "audio_guidance_rescale": 0.0,
}
"""No guidance of any kind. What is left out of these the pipeline takes from the picture's."""


def shrunk(fit: Fit, by: int) -> Fit:
    """The fit with its sides divided."""
    return replace(
        fit,
        width=fit.width // by,
        height=fit.height // by,
        left=fit.left // by,
        top=fit.top // by,
        inner_width=max(1, fit.inner_width // by),
        inner_height=max(1, fit.inner_height // by),
    )


class Calls:
    """One clip on its way through LTX2's pipelines."""

    def __init__(self, pipe: Any, request: Request, settings: Settings, fit: Fit, plan: Plan) -> None:
        self.pipe, self.request, self.settings, self.fit, self.plan = pipe, request, settings, fit, plan
        self.generator = torch.Generator("cpu").manual_seed(request.shot.words.seed)
        self.seen = fit
        """The fit of the stage at work, for whoever looks at its latents."""
        self.steps: Steps
        """Of the call that was made last."""
        loras = {"control": settings.lora, "distilled": settings.distilled_lora}
        wear(pipe, {name: path for name, path in loras.items() if path is not None})
        if plan.memory != "card":
            pipe.vae.enable_tiling()

    def joint(self, upsampler: ModelFolder | None, heard: NDArray[np.float32] | None) -> Made:
        """Picture and sound together. ``heard`` is what its sound begins with where it goes on from something."""
        settings = self.settings
        stage = self.fit if upsampler is None else shrunk(self.fit, 2)
        start, sigmas = self._start(stage, heard)
        count = settings.common.steps if sigmas is None else len(sigmas)
        lengths = [count] if upsampler is None else [count, len(STAGE_2_DISTILLED_SIGMA_VALUES)]
        steps = self.steps = Steps(self.request, "ltx2", lengths, self._looker())
        quiet = settings.distilled
        speak(self.pipe, self._voices(control=True, distilled=quiet))
        arguments = self._shared(stage, steps) | start | self._guidance(quiet)
        arguments |= {"num_inference_steps": count, "output_type": "np" if upsampler is None else "latent"}
        self.seen = stage
        steps.begin()
        with ExitStack() as stack:
            if sigmas is not None:
                stack.enter_context(as_given(self.pipe))
                arguments["sigmas"] = sigmas
            if settings.control is not None:
                arguments |= self._references(stage, settings.control, steps, stack)
            made = called(self.pipe, **arguments)
        if upsampler is not None:
            made = self._refined(upsampler, steps, made.frames, made.audio)
        return self._finished(made.frames, made.audio)

    def driven(self, upsampler: ModelFolder | None, heard: NDArray[np.float32] | None) -> Made:
        """The picture to a sound that is there: its latents stay clean while the picture's are made.

        LTX2DFRPipeline holds them; it knows no guidance, so the distilled schedule is the one to take.
        """
        assert heard is not None
        settings, fit = self.settings, self.fit
        pipe = self._driven_pipe()
        stage = fit if upsampler is None else shrunk(fit, 2)
        count = settings.common.steps
        sigmas = list(DISTILLED_SIGMA_VALUES) if settings.distilled else np.linspace(1, 1 / count, count).tolist()
        second = list(STAGE_2_DISTILLED_SIGMA_VALUES)
        lengths = [len(sigmas)] if upsampler is None else [len(sigmas), len(second)]
        steps = self.steps = Steps(self.request, "ltx2", lengths, self._looker())
        sound = audio_latents(self.pipe, heard, fit.frames / float(fit.rate))
        held = {"audio_latents": sound, "freeze_audio": True, "generate_slots": self._slots}
        speak(self.pipe, self._voices(control=True, distilled=settings.distilled))
        arguments = self._shared(stage, steps) | held | {"sigmas": sigmas}
        if settings.control is not None:
            small = shrunk(stage, settings.lora_scale)
            arguments["reference_latents"] = self._encoded(self._steering(small, settings.control))
            arguments["reference_downscale_factor"] = settings.lora_scale
        self.seen = stage
        steps.begin()
        made = called(pipe, **arguments, output_type="np" if upsampler is None else "latent")
        if upsampler is not None:
            speak(self.pipe, self._voices(control=False, distilled=True))
            larger = self._upsampled(upsampler, made.frames)
            self.seen = fit
            steps.begin(1)
            arguments = self._shared(fit, steps) | held | {"sigmas": second, "latents": larger}
            made = called(pipe, **arguments, output_type="np")
        self.pipe.maybe_free_model_hooks()
        return self._finished(made.frames, made.audio)

    def _shared(self, stage: Fit, steps: Steps) -> dict[str, Any]:
        """What every call is told. The count of frames is always said: LTX-2.5 would choose its own."""
        return {
            "prompt": self.request.shot.words.prompt,
            "conditions": self._keyframes(stage) or None,
            "height": stage.height,
            "width": stage.width,
            "num_frames": stage.frames,
            "frame_rate": float(stage.rate),
            "generator": self.generator,
            "use_cross_timestep": bool(self.pipe.transformer.config.cross_attn_mod),
            "callback_on_step_end": steps,
        }

    def _guidance(self, quiet: bool) -> dict[str, Any]:
        if quiet:
            return dict(QUIET)
        config, scale = self.pipe.transformer.config, self.settings.common.guidance
        stg = 1.0 if config.perturbed_attn else 0.0
        return {
            "negative_prompt": self.request.shot.words.negative or DEFAULT_NEGATIVE_PROMPT,
            "guidance_scale": scale,
            "audio_guidance_scale": max(scale, 7.0) if scale > 1 else 1.0,
            "stg_scale": stg,
            "audio_stg_scale": stg,
            "spatio_temporal_guidance_blocks": [STG_BLOCK if config.num_layers > STG_BLOCK else config.num_layers // 2],
        }

    def _keyframes(self, stage: Fit) -> list[Any]:
        """An index is one of a latent: only frames that begin a latent can hold a picture."""
        found = keyframes(keyframes_of(self.request.shot, self.request.passes), stage, latent_frames(stage, TIME))
        return [
            LTX2VideoCondition(
                frames=Image.fromarray(pin.picture), index=latent_index(pin.frame, TIME), strength=pin.strength
            )
            for pin in found
        ]

    def _start(self, stage: Fit, heard: NDArray[np.float32] | None) -> tuple[dict[str, Any], list[float] | None]:
        """What the latents begin with, and the schedule; None is the pipeline's own."""
        settings = self.settings
        if settings.departure < 1:
            earlier = earlier_frames(self.request)
            if earlier is None:
                raise ContractError(
                    "words.settings.departure", "is from a take, and there is none", "refer to one, or chain a backend"
                )
            assert heard is not None
            count = max(1, round(settings.common.steps * settings.departure))
            video = np.stack([picture_in(earlier[stage.shown(frame)], stage) for frame in range(stage.frames)])
            begun = {
                "latents": self._encoded(video),
                "audio_latents": audio_latents(self.pipe, heard, stage.frames / float(stage.rate)),
                "noise_scale": settings.departure,
            }
            return begun, (settings.departure * np.linspace(1, 1 / count, count)).tolist()
        sigmas = list(DISTILLED_SIGMA_VALUES) if settings.distilled else None
        if not settings.carried:
            return {}, sigmas
        if any(strength < 1 for _, strength in keyframes_of(self.request.shot, self.request.passes).values()):
            raise ContractError(
                "words.settings.carried_noise", "takes keyframes of full strength only", "say 1 for each of them"
            )
        shot, passes, vae = self.request.shot, self.request.passes, self.pipe.vae
        noise = latent_noise(shot, passes, stage, shot.words.seed, vae.config.latent_channels, SPACE, TIME)
        wide = torch.from_numpy(noise).permute(3, 0, 1, 2)[None]
        # The pipeline normalises what it is given, so noise is given the wrong way round, and no more is added.
        mean, std = vae.latents_mean.view(1, -1, 1, 1, 1), vae.latents_std.view(1, -1, 1, 1, 1)
        raw = wide.to(mean.device) * std / vae.config.scaling_factor + mean
        return {"latents": raw, "noise_scale": 0.0}, sigmas

    def _references(self, stage: Fit, control: Control, steps: Steps, stack: ExitStack) -> dict[str, Any]:
        """The reference video, and how strongly it is attended to where that is not in full."""
        scale = self.settings.lora_scale
        small = shrunk(stage, scale)
        video = self._steering(small, control)
        told: dict[str, Any] = {
            "reference_conditions": [LTX2ReferenceCondition(frames=[Image.fromarray(one) for one in video])],
            "reference_downscale_factor": scale,
        }
        steer = steered(self.request.shot, control)
        if steer == Steer(control):
            return told
        shares = weight_video(self.request.shot, self.request.passes, small, steer)
        told["conditioning_attention_mask"] = torch.from_numpy(shares)[None, None]
        each = (stage.frames - 1) // TIME + 1
        base = each * (stage.height // SPACE) * (stage.width // SPACE)
        reference = each * (small.height // SPACE) * (small.width // SPACE)
        weight = partial(weight_at, steer)
        stack.enter_context(
            soft_references(self.pipe.transformer, base, reference, lambda: min(1.0, steps.share(weight)))
        )
        return told

    def _steering(self, fit: Fit, control: Control) -> Video:
        shot, passes = self.request.shot, self.request.passes
        if control == "depth":
            return depth_video(shot, passes, fit)
        return edge_video(shot, passes, fit) if control == "edges" else track_video(shot, passes, fit)

    def _refined(self, upsampler: ModelFolder, steps: Steps, latents: Any, sound: Any) -> Any:
        """The second stage: latents doubled, noised a little and refined by the distilled model's last three steps."""
        larger = self._upsampled(upsampler, latents)
        sigmas = list(STAGE_2_DISTILLED_SIGMA_VALUES)
        speak(self.pipe, self._voices(control=False, distilled=True))
        self.seen = self.fit
        steps.begin(1)
        with as_given(self.pipe):
            return called(
                self.pipe,
                **self._shared(self.fit, steps),
                **QUIET,
                latents=larger,
                audio_latents=sound,
                noise_scale=sigmas[0],
                sigmas=sigmas,
                num_inference_steps=len(sigmas),
                output_type="np",
            )

    def _upsampled(self, upsampler: ModelFolder, latents: Any) -> Any:
        """Raw latents of twice the sides, as LTX2LatentUpsamplePipeline makes them."""
        path, network = getattr(self.pipe, "_sora_upsampler", (None, None))
        if path != upsampler.path:
            network: Any = LTX2LatentUpsamplerModel.from_pretrained(
                str(upsampler.path / "latent_upsampler"),
                dtype=dtype_of(self.plan),
                local_files_only=True,
                use_safetensors=True,
            )
            self.pipe._sora_upsampler = upsampler.path, network
        network.to(self.plan.device)
        with torch.no_grad():
            larger = network(latents.to(self.plan.device, network.dtype))
        if self.plan.memory != "card":
            network.to("cpu")
        return larger

    def _encoded(self, video: Video) -> Any:
        """(1, C, T, h, w) raw latents of (F, h, w, 3)."""
        vae = self.pipe.vae
        pixels = torch.from_numpy(video).permute(3, 0, 1, 2)[None].float() / 127.5 - 1.0
        with torch.no_grad():
            return vae.encode(pixels.to(vae.device, vae.dtype)).latent_dist.mode().float()

    def _voices(self, control: bool, distilled: bool) -> tuple[str, ...]:
        voices = []
        if control and self.settings.control is not None:
            voices.append("control")
        if distilled and self.settings.distilled_lora is not None:
            voices.append("distilled")
        return tuple(voices)

    @property
    def _slots(self) -> bool:
        """Whether the model learnt keyframe slots (LTX-2.5)."""
        return bool(self.pipe.transformer.config.use_keyframes_abs_pos_embedding)

    def _driven_pipe(self) -> Any:
        parts = ("vae", "audio_vae", "text_encoder", "tokenizer", "connectors", "transformer", "vocoder")
        pipe = LTX2DFRPipeline(
            scheduler=unshifted(self.pipe.scheduler), **{part: self.pipe.components[part] for part in parts}
        )
        pipe.set_progress_bar_config(disable=True)
        return pipe

    def _looker(self) -> Any:
        vae = self.pipe.vae

        def normalised(encoded: Any) -> Any:
            mean, std = vae.latents_mean.view(1, -1, 1, 1, 1), vae.latents_std.view(1, -1, 1, 1, 1)
            return (encoded - mean.to(encoded)) * vae.config.scaling_factor / std.to(encoded)

        look = looker(vae, normalised, SPACE)

        def unpacked(latents: Any) -> Any:
            shape = (self.seen.frames - 1) // TIME + 1, self.seen.height // SPACE, self.seen.width // SPACE
            own = latents[:, : shape[0] * shape[1] * shape[2]]
            return look(own.transpose(1, 2).unflatten(2, shape))

        return unpacked

    def _finished(self, pictures: Any, sound: Any) -> Made:
        if not np.isfinite(pictures).all():
            raise not_finite("ltx2", "frames")
        wave = sound[0].float().cpu().numpy()
        video = (pictures[0][: self.fit.frames] * 255).round().astype(np.uint8)
        return video, wave, int(self.pipe.vocoder.config.output_sampling_rate)


def unshifted(scheduler: Any) -> Any:
    """The scheduler, so that it takes sigmas as they are given."""
    return FlowMatchEulerDiscreteScheduler.from_config(
        scheduler.config, use_dynamic_shifting=False, shift=1.0, shift_terminal=None
    )


@contextmanager
def as_given(pipe: Any) -> Iterator[None]:
    """While it lasts the pipeline takes sigmas as they are given; its own scheduler would shift them once more."""
    own = pipe.scheduler
    pipe.scheduler = unshifted(own)
    try:
        yield
    finally:
        pipe.scheduler = own
