"""When something strikes, told from how things move."""

from __future__ import annotations

import math

import torch

from engine.model.blows import CELLS, FEATURES, SLOWEST, Blows, breaks, largest
from engine.model.conditioning import CHANNELS, MOTION_SCALE, WHERE

FRAMES, HEIGHT, WIDTH = 6, 64, 96


def moving(speeds: list[tuple[float, float]], pan: float = 0.0) -> torch.Tensor:
    """(F, CHANNELS, H, W): a box amid a wall, with its speeds before and after each frame, in widths a frame; the camera pans."""
    planes = torch.zeros(len(speeds), CHANNELS, HEIGHT, WIDTH)
    for plane, (before, after) in zip(planes, speeds, strict=True):
        for name, speed in (("from_previous", before), ("to_next", after)):
            plane[WHERE[name]] = 0.5
            x = plane[WHERE[name]][0]
            x.fill_(math.tanh(pan * MOTION_SCALE) / 2 + 0.5)
            x[20:36, 40:56] = math.tanh((pan + speed) * MOTION_SCALE) / 2 + 0.5
    return planes


def test_a_blow_breaks_the_motion_where_it_is_and_a_pan_does_not() -> None:
    still, blow = (0.0, 0.0), (0.02, -0.01)
    cells = breaks(moving([still, (0.02, 0.02), blow], pan=0.03))
    assert cells.shape == (3, FEATURES, *CELLS)
    quiet = cells[0, 0, 0, 0]
    assert torch.allclose(cells[:2, 0], quiet.expand_as(cells[:2, 0]), atol=0.02)
    assert float(cells[2, 0, 3, 6] - quiet) > math.log(0.03 * 256 / SLOWEST) - 0.1
    assert float((cells[2, 0, 7] - quiet).abs().max()) < 0.02
    assert float(cells[1, 2, 3, 6]) > float(quiet) + 1


def test_the_sky_strikes_nothing() -> None:
    planes = moving([(0.02, -0.01)])
    planes[:, WHERE["sky"]] = 1
    assert float(breaks(planes)[:, :2].std()) < 1e-5


def test_it_learns_when_things_strike_and_takes_the_likeliest_frame() -> None:
    torch.manual_seed(0)
    blows = Blows()
    assert float(blows(breaks(moving([(0.0, 0.0)] * FRAMES))[None]).detach().sigmoid().max()) < 0.5
    optimizer = torch.optim.Adam(blows.parameters(), 5e-3)
    speed = [(0.02, 0.02)] * FRAMES
    clips, truth = [], torch.zeros(FRAMES, FRAMES)
    for frame in range(FRAMES):
        clips.append(moving([*speed[:frame], (0.02, 0.0), *[(0.0, 0.0)] * (FRAMES - 1 - frame)]))
        truth[frame, frame] = 1
    cells = torch.stack([breaks(planes) for planes in clips])
    for _ in range(60):
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(blows(cells), truth).backward()
        optimizer.step()
    with torch.inference_mode():
        struck = largest(blows(cells))
    assert torch.equal(struck > 0.5, truth > 0.5)


def test_of_frames_side_by_side_the_likelier_strikes() -> None:
    logits = torch.tensor([[0.0, 2.0, 3.0, 1.0, -4.0, -3.0, -4.0]])
    assert largest(logits).tolist() == [[0, 0, 1, 0, 0, 0, 0]]
