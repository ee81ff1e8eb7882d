"""Models that the backends can load, with the licence of each and the limits in it that matter to a studio.

Repositories are those that diffusers names for its pipelines. What a licence says was read in the licence; it is no legal
advice, and the link leads to its text.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sora_addon.contract import ContractError

WEIGHTS = ("*.safetensors", "*.safetensors.index.json")
WORDS = ("*.json", "*.txt", "*.model", "*.jinja", "LICENSE*", "*.md")
"""What lies beside weights: configurations, tokenizers, the licence."""
NEVER = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.msgpack", "*.h5", "*.onnx", "*.py", "*.gguf")
"""Never fetched: pickles, other frameworks' weights, and code."""


@dataclass(frozen=True)
class Model:
    """A model of the catalogue. Its folder among the models has its name."""

    name: str
    backend: str
    title: str
    about: str
    repo: str
    licence: str
    licence_link: str
    limits: tuple[str, ...] = ()
    """What a studio must know of the licence, a sentence each."""
    memory: int = 0
    """Bytes that a shot of 5 s at 512x288 needs, where that is not what its backend declares."""
    gated: bool = False
    """Whether its licence must be accepted on the hub before it can be had."""
    kinds: tuple[str, ...] = ()
    """Classes of pipelines that its folder is of; none of weights that another model wears."""
    only: tuple[str, ...] = ()
    """Folders of the repository that are fetched, beside the files at its top; all where none are named."""
    fetched: tuple[str, ...] = field(default=(*WEIGHTS, *WORDS))
    """Patterns of files."""


LTX = (
    "A company with 10 million USD of revenue a year or more needs a paid licence of Lightricks.",
    "Uses that the licence forbids stay forbidden for whoever gets your clips; its attachment A lists them.",
)
STABILITY = (
    "A company with 1 million USD of revenue a year or more needs a licence of Stability AI.",
    "It may not be used to make or improve other foundation models.",
)
GEMMA = "Its text encoder is Gemma: the Gemma Terms of Use hold too."
NO_LIMITS = ("Commercial use is allowed.",)

CATALOGUE = (
    Model(
        "wan_vace",
        "wan_vace",
        "Wan 2.1 VACE 1.3B",
        "Picture by depth, lines or motion; makes one body again and keeps the rest. No sound",
        "Wan-AI/Wan2.1-VACE-1.3B-diffusers",
        "Apache-2.0",
        "https://www.apache.org/licenses/LICENSE-2.0",
        NO_LIMITS,
        kinds=("WanVACEPipeline",),
    ),
    Model(
        "wan_vace_14b",
        "wan_vace",
        "Wan 2.1 VACE 14B",
        "As the small one, ten times its weights",
        "Wan-AI/Wan2.1-VACE-14B-diffusers",
        "Apache-2.0",
        "https://www.apache.org/licenses/LICENSE-2.0",
        NO_LIMITS,
        memory=50
        * 1024**3,  # 17 billion parameters and 6 of the text encoder, two bytes each, and what the small one grows by
        kinds=("WanVACEPipeline",),
    ),
    Model(
        "ltx2",
        "ltx2",
        "LTX-2.3",
        "Picture and sound together, by words and keyframes; with its control weights, by the scene",
        "diffusers/LTX-2.3-Diffusers",
        "LTX-2 Community License",
        "https://github.com/Lightricks/LTX-2/blob/main/LICENSE-2",
        (*LTX, GEMMA),
        kinds=("LTX2Pipeline", "LTX2ConditionPipeline", "LTX2InContextPipeline"),
    ),
    Model(
        "ltx2_control",
        "ltx2",
        "LTX-2.3 Union Control",
        "Lets depth, lines or tracks of the scene steer LTX-2.3; small, and useless without it",
        "Lightricks/LTX-2.3-22b-IC-LoRA-Union-Control",
        "LTX-2 Community License",
        "https://github.com/Lightricks/LTX-2/blob/main/LICENSE-2",
        LTX,
    ),
    Model(
        "sana_wm",
        "sana_wm",
        "SANA-WM",
        "The exact camera through a world that grows from a first frame. No sound",
        "Efficient-Large-Model/SANA-WM_bidirectional-diffusers",
        "Apache-2.0, as its documentation says",
        "https://www.apache.org/licenses/LICENSE-2.0",
        ("Read the licence on the model's own page before commercial work.", GEMMA),
        kinds=("SanaWMPipeline",),
    ),
    Model(
        "stable_audio",
        "stable_audio",
        "Stable Audio 3 Medium",
        "Sound at the exact times of the contacts, and ambience",
        "stabilityai/stable-audio-3-medium",
        "Stability AI Community License",
        "https://stability.ai/community-license-agreement",
        (*STABILITY, GEMMA),
        gated=True,
        kinds=("StableAudio3Pipeline",),
    ),
)


def model_named(name: str) -> Model:
    """The model of that name. Raises ContractError with the names that there are."""
    for model in CATALOGUE:
        if model.name == name:
            return model
    raise ContractError("model", f"{name[:60]!r} is none of {', '.join(model.name for model in CATALOGUE)}")
