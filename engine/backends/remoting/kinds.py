"""What models on servers take, as declared here: a server does not tell.

Sources, all of vllm-project/vllm-omni: recipes/LTX/LTX-2.md (8k+1 frames, sides in 64, one initial image, sound in the
clip), recipes/NVIDIA/SANA-WM.md (first frame, and ``extra_params.sana_wm.camera.poses``: a camera-to-world matrix a frame,
OpenCV), docs/serving/videos_api.md (Cosmos3: ``control_reference`` with ``control_type``, ``generate_sound``). SGLang
Diffusion takes words, size, frames, rate, seed and a first image of any model; it ignores the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from sora_addon.contract import ContractError

from ..capabilities import FrameGrid
from ..protocol import Control
from ..settings import Given


@dataclass(frozen=True)
class Kind:
    """A family of models on a server."""

    name: str
    grid: FrameGrid
    side_step: int
    rate: int
    """Frames a second: the API knows whole ones."""
    canvas: tuple[int, int] | None = None
    """Width and height, where there is one that it makes."""
    first_frame: bool = True
    """Whether it takes a picture to begin with."""
    needs_first: bool = False
    controls: tuple[tuple[Control, str], ...] = ()
    """What can be sent as a control video, and what the server calls it."""
    camera: bool = False
    """Whether the exact camera is sent."""
    continues: bool = False
    """Whether the whole clip of the backend before can be sent, to go on from."""
    sound: bool = False
    """Whether sound is asked for; what comes with a clip is taken in any case."""

    @property
    def rates(self) -> tuple[Fraction, ...]:
        return (Fraction(self.rate),)


KINDS = {
    kind.name: kind
    for kind in (
        Kind("ltx2", FrameGrid(8, 1), 64, 24, sound=True),
        Kind("wan", FrameGrid(4, 1), 16, 16),
        Kind(
            "cosmos3",
            FrameGrid(4, 1, 189),
            16,
            24,
            controls=(("depth", "depth"), ("edges", "edge"), ("ids", "seg"), ("preview", "blur")),
            continues=True,
            sound=True,
        ),
        Kind("sana_wm", FrameGrid(8, 1), 32, 16, canvas=(1280, 704), needs_first=True, camera=True),
        Kind("other", FrameGrid(), 16, 24),
    )
}
MARKS = (
    ("sana-wm", "sana_wm"),
    ("sana_wm", "sana_wm"),
    ("cosmos3", "cosmos3"),
    ("cosmos-3", "cosmos3"),
    ("ltx-2", "ltx2"),
    ("ltx2", "ltx2"),
    ("wan", "wan"),
)
"""What the name of a served model holds, and which kind that is."""


def kind_of(given: Given, served: list[str]) -> Kind:
    """The kind that the setting ``serves`` names, or that the names of what is served tell; with the settings laid over it.

    Raises ContractError where neither tells.
    """
    said = given.choice("serves", ("auto", *KINDS), "auto")
    if said == "auto":
        found = {kind for name in served for mark, kind in MARKS if mark in name.lower()}
        if "cosmos3" in found or "sana_wm" in found:
            found.discard("wan")
        if len(found) != 1:
            names = ", ".join(served[:3]) or "a model that it does not name"
            raise ContractError(
                "words.settings.serves", f"is not said, and the server serves {names}", f"say one of {', '.join(KINDS)}"
            )
        said = found.pop()
    kind = KINDS[said]
    grid = FrameGrid(
        given.whole("frame_step", kind.grid.step, 1, 64),
        given.whole("frame_offset", kind.grid.offset, 0, 64),
        kind.grid.most,
    )
    return replace(
        kind,
        grid=grid,
        side_step=given.whole("side_step", kind.side_step, 1, 128),
        rate=given.whole("rate", kind.rate, 1, 120),
        first_frame=given.flag("first_frame", kind.first_frame),
        sound=given.flag("sound", kind.sound),
    )
