"""Stable Audio 3: the sounds of contacts made by a model and put on their samples, and the air between them.

It follows a backend that makes the picture. The foley says when and how loud each contact is; the model is given the foley
with gaps where they are, fills these, and what it filled in is moved onto the contacts (``diffusing/blows.py``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from sora_addon.contract import SAMPLE_RATE, Shot

from ..controls.sound import samples_out
from ..sound import Stems, mix
from .capabilities import STABLE_AUDIO
from .diffusing.asks import Common, common
from .diffusing.blows import AT_ONCE, TAIL, Blow, blows_of, placed
from .diffusing.faults import check_packages, named_faults, not_finite
from .diffusing.folder import ModelFolder, look_over
from .hearing import foley_of
from .protocol import Frames, Request, Samples
from .settings import Given

Stereo = NDArray[np.float32]
Way = Literal["contacts", "ambience", "both"]

KINDS = ("StableAudio3InpaintPipeline", "StableAudio3Pipeline", "StableAudio3AudioToAudioPipeline")
"""Folders of any of them hold the same components."""
LEAD = 0.05
"""Seconds before a contact that are made anew with it."""
QUIET_AIR = 10.0 ** (-46.0 / 20.0)
"""RMS of the air where the foley has none to go by."""
MOST_SOUNDS = 6


@dataclass(frozen=True)
class Settings:
    """What the artist may set of this backend, beside what all have."""

    common: Common
    steps: int | None
    """None: 8 of the distilled model, 100 of the other; its scheduler tells which it is."""
    way: Way


def settings_of(shot: Shot) -> Settings:
    """From the shot's words. Raises ContractError naming what is wrong."""
    given = Given(shot.words.settings)
    way: Any = given.choice("make", ("contacts", "ambience", "both"), "both")
    known = common(given, STABLE_AUDIO.name, steps=8, guidance=1.0)
    return Settings(known, known.steps if "steps" in given.values else None, way)


class StableAudio:
    """Sound alone; the picture is another backend's."""

    capabilities = STABLE_AUDIO

    def frames(self, request: Request) -> Iterator[Frames]:
        """None."""
        yield from ()

    def sound(self, request: Request) -> Samples | None:
        """(samples, 2) what is to be added to the dry stems, so that together they are what was made.

        Raises ContractError naming the package, folder or setting that is missing or wrong, lack of memory (field
        ``memory``), and numbers that are not finite.
        """
        check_packages(self.capabilities)
        settings = settings_of(request.shot)
        folder = look_over(settings.common.model, KINDS)
        stems = foley_of(request)
        dry = mix(stems, None)
        with named_faults(STABLE_AUDIO.name):
            made = _Session(request, settings, folder).made(stems, dry)
        return made - dry


class _Session:
    """One shot on its way through the model."""

    def __init__(self, request: Request, settings: Settings, folder: ModelFolder) -> None:
        import torch
        from diffusers.pipelines.stable_audio_3.pipeline_stable_audio_3 import StableAudio3Pipeline

        from .diffusing.loading import pipeline, planned
        from .diffusing.steps import Steps

        # Offloading layer by layer breaks the weights of its VAE, which are norms and directions.
        wanted = planned(request, folder, settings.common.wish, settings.steps or 8, ways=("card", "offload"))
        self.request, self.way = request, settings.way
        self.pipe = pipeline("StableAudio3InpaintPipeline", folder, wanted)
        self.plain = StableAudio3Pipeline(**self.pipe.components)
        self.plain.set_progress_bar_config(disable=True)
        steps = settings.steps or (8 if self.pipe.scheduler.config.stochastic_sampling else 100)
        self.count = steps
        self.steps = Steps(request, STABLE_AUDIO.name, [steps] * (2 if settings.way == "both" else 1))
        self.generator = torch.Generator("cpu").manual_seed(request.shot.words.seed)
        self.rate = int(self.pipe.vae.config.sampling_rate)
        self.grain = int(self.pipe.vae.downsampling_ratio)

    def made(self, stems: Stems, dry: Stereo) -> Stereo:
        """(N, 2) all that is to be heard."""
        earlier = self.request.earlier
        base = dry if earlier is None or earlier.sound is None else earlier.sound
        if self.way != "contacts":
            base = base - stems.ambience if base is dry else base
            base = base + self._air(stems)
        if self.way == "ambience":
            return base
        blows = blows_of(self.request.shot, dry - stems.ambience)
        return placed(base, self._filled(base, blows), dry - stems.ambience, blows) if blows else base

    def _air(self, stems: Stems) -> Stereo:
        """The air, as loud as the foley's."""
        from .diffusing.steps import called

        self.steps.begin()
        said = self.request.shot.words.prompt
        found = called(self.plain, prompt=f"{said}. Ambience, room tone, no music", **self._shared()).audios
        air = self._out(found)
        level = float(np.sqrt(np.mean(np.square(stems.ambience)))) or QUIET_AIR
        own = float(np.sqrt(np.mean(np.square(air))))
        return air * np.float32(level / own if own > 0 else 0.0)

    def _filled(self, base: Stereo, blows: list[Blow]) -> Stereo:
        """The base with every blow made anew, as the model hears it."""
        import torch

        from .diffusing.steps import called

        self.steps.begin(len(self.steps.lengths) - 1)
        ratio = Fraction(self.rate, SAMPLE_RATE)
        slow = resample_poly(base, ratio.numerator, ratio.denominator, axis=0).astype(np.float32)
        known = torch.from_numpy(np.ascontiguousarray(slow.T))[None]
        found = called(
            self.pipe,
            prompt=self._prompt(),
            audio=torch.nn.functional.pad(known, (0, self._latents * self.grain - known.shape[-1])),
            mask=torch.from_numpy(kept_latents(blows, self._latents, self.rate, self.grain)),
            **self._shared(),
        ).audios
        return self._out(found)

    @property
    def _latents(self) -> int:
        return math.ceil((self.request.shot.time.samples * self.rate / SAMPLE_RATE + 1) / self.grain)

    def _shared(self) -> dict[str, Any]:
        return {
            # half a sample less than whole latents, which a rounded quotient could count one more of
            "duration": (self._latents * self.grain - 0.5) / self.rate,
            "num_inference_steps": self.count,
            "generator": self.generator,
            "output_type": "pt",
            "callback_on_step_end": self.steps,
        }

    def _out(self, found: Any) -> Stereo:
        wave = found[0].float().cpu().numpy()
        if not np.isfinite(wave).all():
            raise not_finite(STABLE_AUDIO.name, "sound")
        return samples_out(wave.T, self.rate, self.request.shot.time.samples)

    def _prompt(self) -> str:
        """The words, and what touches what: 'impact of steel on stone'."""
        shot = self.request.shot
        told = []
        for contact in shot.contacts:
            if contact.kind in AT_ONCE:
                one, other = (shot.body(index).sound for index in contact.bodies)
                told.append(f"{contact.kind} of {one} on {other}")
        listed = list(dict.fromkeys(told))[:MOST_SOUNDS]
        return ". ".join(filter(None, [shot.words.prompt, ", ".join(listed), "close, dry, no music"]))


def kept_latents(blows: list[Blow], latents: int, rate: int, grain: int) -> NDArray[np.float32]:
    """(1, 1, latents) 1 where sound is kept and 0 where it is made: every latent that a blow or its lead touches.

    Said in seconds, the pipeline rounds both ends of a gap down, and one that lies within a latent is none.
    """
    kept = np.ones((1, 1, latents), np.float32)
    each = grain * SAMPLE_RATE / rate
    for blow in blows:
        first = math.floor((blow.at - LEAD * SAMPLE_RATE) / each)
        last = math.ceil((blow.at + min(blow.length, round(TAIL * SAMPLE_RATE))) / each)
        kept[..., max(0, first) : max(last, first + 1)] = 0.0
    return kept
