"""The shot's reference pictures and takes, as arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import ContractError, Reference, Shot
from sora_addon.contract.paths import inside

from ...controls.conform import resized
from ...controls.schedule import steered
from ...media.clip import read_clip
from ...media.passes import Passes
from ...media.picture import read_picture
from ..protocol import Request

Picture = NDArray[np.uint8]


def keyframes_of(shot: Shot, passes: Passes) -> dict[int, tuple[Picture, float]]:
    """Pictures at the shot's size and their strengths, by frames after the first; none of strength 0. Raises ContractError.

    The weight that the shot gives keyframes is that of all of them.
    """
    found, weight = {}, steered(shot, "keyframes").weight
    for number, reference in enumerate(shot.references):
        if reference.kind != "keyframe" or reference.frame is None:
            continue
        offset = reference.frame - shot.time.first
        if not 0 <= offset < shot.time.frames:
            raise ContractError(
                f"references[{number}].frame",
                f"{reference.frame} is not one of the shot's {shot.time.first} to {shot.time.last}",
            )
        strength = min(reference.strength * weight, 1.0)
        if strength > 0:
            picture = _picture(passes, reference, number)
            found[offset] = resized(picture, shot.size.width, shot.size.height), strength
    return found


def identities_of(shot: Shot, passes: Passes) -> list[Picture]:
    """Pictures that somebody or something is to look like, each in its own size. Raises ContractError."""
    return [
        _picture(passes, reference, number)
        for number, reference in enumerate(shot.references)
        if reference.kind == "identity"
    ]


def earlier_frames(request: Request) -> NDArray[np.uint8] | None:
    """(F, H, W, 3) what is gone on from: the backend before in a chain, else the take that the shot refers to; or None.

    A take's frames lie in the request's scratch, not in memory. Raises ContractError where that take is of another size or length.
    """
    if request.earlier is not None:
        return request.earlier.frames
    shot = request.shot
    takes = [reference for reference in shot.references if reference.kind == "take"]
    if not takes:
        return None
    path, size, count = takes[0].path, shot.size, 0
    whole = (shot.time.frames, size.height, size.width, 3)
    store = np.memmap(request.scratch / "earlier.raw", np.uint8, "w+", shape=whole)
    for frame in read_clip(inside(request.passes.folder, path, "references")):
        if frame.shape[:2] != (size.height, size.width):
            raise ContractError(path, f"is {frame.shape[1]}x{frame.shape[0]}", "refer to a take of the shot's own size")
        if count < len(store):
            store[count] = frame
        count += 1
    if count != shot.time.frames:
        raise ContractError(
            path, f"has {count} frames, the shot has {shot.time.frames}", "refer to a take as long as the shot"
        )
    return store


def _picture(passes: Passes, reference: Reference, number: int) -> Picture:
    field = f"references[{number}].path"
    picture = read_picture(inside(passes.folder, reference.path, field))
    if picture is None:
        raise ContractError(field, f"{reference.path!r} is not a picture", "give a PNG or JPEG")
    return picture
