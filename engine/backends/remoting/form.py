"""What is sent to a server for a shot: one form that vLLM-Omni and SGLang Diffusion both read, and its files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import ContractError, Shot, Size, samples_of

from ...controls.camera import fitted_camera, relative
from ...controls.conform import Fit, picture_in
from ...controls.preview import BLUR
from ...controls.video import depth_video, edge_video, preview_video, segment_video
from ...media.clip import write_clip
from ..diffusing.references import earlier_frames, keyframes_of
from ..protocol import Request
from ..settings import Given
from .kinds import Kind

UPLOADED = 8
"""x264's rate factor of what is sent: nothing that a model would see is lost."""
LARGEST_UPLOAD = 512 << 20
"""Bytes that vLLM-Omni takes as a control."""

VIDEOS = {
    "depth": lambda request, fit: depth_video(request.shot, request.passes, fit),
    "edges": lambda request, fit: edge_video(request.shot, request.passes, fit),
    "ids": lambda request, fit: segment_video(request.shot, request.passes, fit),
    "preview": lambda request, fit: preview_video(request.shot, request.passes, fit, BLUR),
}
"""What can be sent as a control, (F, h, w, 3) each."""


@dataclass
class Form:
    """Fields, and files by field: the name, the file and its media type."""

    fields: dict[str, str]
    files: dict[str, tuple[str, Path, str]] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    """Of the model alone; they travel as one field."""


def form_of(request: Request, given: Given, kind: Kind, fit: Fit) -> Form:
    """The whole form of a job; its files lie in the request's scratch. Each server leaves what only the other knows.

    Raises ContractError naming what the shot asks for and the model there does not take.
    """
    words = request.shot.words
    form = Form(
        {
            "prompt": words.prompt or "a scene",
            "size": f"{fit.width}x{fit.height}",
            "width": str(fit.width),
            "height": str(fit.height),
            "num_frames": str(fit.frames),
            "fps": str(kind.rate),
            "seed": str(words.seed % 2**32),
        }
    )
    if words.negative:
        form.fields["negative_prompt"] = words.negative
    if name := given.text("served_model"):
        form.fields["model"] = name
    if "steps" in given.values:
        form.fields["num_inference_steps"] = str(given.whole("steps", 30, 1, 200))
    if "guidance" in given.values:
        form.fields["guidance_scale"] = f"{given.number('guidance', 5.0, 0.0, 20.0):g}"
    if kind.sound:
        form.fields["generate_sound"] = "true"
    _add_picture(request, kind, fit, form)
    _add_control(request, given, kind, fit, form)
    if kind.camera:
        form.extra["sana_wm"] = _camera(request.shot, given, fit)
    if form.extra:
        form.fields["extra_params"] = json.dumps(form.extra, allow_nan=False)
    return form


def _add_picture(request: Request, kind: Kind, fit: Fit, form: Form) -> None:
    """The whole clip of the backend before, where the model goes on from one; else a picture to begin with."""
    earlier = earlier_frames(request)
    if earlier is not None and kind.continues:
        pictures = (picture_in(earlier[min(fit.shown(k), len(earlier) - 1)], fit) for k in range(fit.frames))
        path = _silent_clip(request.scratch / "earlier.mp4", pictures, fit)
        form.files["input_reference"] = ("earlier.mp4", path, "video/mp4")
        return
    if not kind.first_frame and not kind.needs_first:
        return
    pins = keyframes_of(request.shot, request.passes)
    if 0 in pins:
        first = picture_in(pins[0][0], fit)
    elif earlier is not None:
        first = picture_in(earlier[0], fit)
    elif kind.needs_first:
        raise ContractError(
            "references",
            f"hold no picture of the first frame, and {kind.name} begins with one",
            "give a keyframe of the first frame, or let remote follow a backend in a chain",
        )
    else:
        return
    path = request.scratch / "first.png"
    if not cv2.imwrite(str(path), cv2.cvtColor(first, cv2.COLOR_RGB2BGR)):
        raise OSError(f"{path} cannot be written")
    form.files["input_reference"] = ("first.png", path, "image/png")


def _add_control(request: Request, given: Given, kind: Kind, fit: Fit, form: Form) -> None:
    shot, known = request.shot, dict(kind.controls)
    asked = [steer.control for steer in shot.words.controls if steer.weight > 0 and steer.control in VIDEOS]
    said = given.text("control")
    if len(asked) > 1 and not said:
        raise ContractError(
            "words.controls",
            f"ask for {asked[0]} and {asked[1]}, and a server takes one",
            "give the other the weight 0",
        )
    wanted = said or next(iter([*asked, *known]), "none")
    if wanted == "none":
        return
    if wanted not in known:
        takes = ", ".join(known) or "no control video"
        field_name = "words.settings.control" if said else "words.controls"
        raise ContractError(field_name, f"ask for {wanted[:40]}, and {kind.name} takes {takes}", "choose another")
    steer = next((one for one in shot.words.controls if one.control == wanted), None)
    if steer is not None and steer.weight == 0:
        return
    if steer is not None and ((steer.start, steer.end) != (0.0, 1.0) or steer.bodies):
        raise ContractError(
            "words.controls", f"time or spread {wanted}, which a server cannot", "use 0 and 1, and no weights of bodies"
        )
    path = _silent_clip(request.scratch / "control.mp4", iter(VIDEOS[wanted](request, fit)), fit)
    if path.stat().st_size > LARGEST_UPLOAD:
        raise ContractError(
            "remote", f"{wanted} has more than {LARGEST_UPLOAD >> 20} MB as a video", "shorten the shot"
        )
    form.files["control_reference"] = ("control.mp4", path, "video/mp4")
    form.fields["control_type"] = known[wanted]
    form.extra[known[wanted]] = {"control_weight": 1.0 if steer is None else steer.weight}


def _camera(shot: Shot, given: Given, fit: Fit) -> dict[str, Any]:
    """Camera to world, OpenCV, a matrix a frame, in the first camera's axes; and its lens in the model's pixels."""
    world, lens = fitted_camera(shot, fit)
    poses = relative(world, given.number("scale", 1.0, 1e-6, 1e6))
    if not np.allclose(lens, lens[0], rtol=1e-3):
        raise ContractError("camera", "zooms, and sana_wm on a server takes one lens", "keep the focal length")
    fx, fy, cx, cy = (round(float(value), 4) for value in lens[0])
    rows = [[[round(float(value), 7) for value in row] for row in pose] for pose in poses]
    return {"camera": {"poses": rows}, "intrinsics": {"fx": fx, "fy": fy, "cx": cx, "cy": cy}}


def _silent_clip(path: Path, pictures: Iterator[NDArray[np.uint8]], fit: Fit) -> Path:
    silence = np.zeros((samples_of(fit.frames, fit.rate), 2), np.float32)
    write_clip(path, pictures, silence, fit.rate, Size(fit.width, fit.height), UPLOADED)
    return path
