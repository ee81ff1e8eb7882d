"""What a backend gives is counted and measured before it is believed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.pipeline.spool import frames_digest, samples_digest, spool
from sora_addon.contract import ContractError

FRAMES = np.random.default_rng(0).integers(0, 255, (3, 4, 6, 3), np.uint8)


def test_keeps_what_it_got(tmp_path: Path) -> None:
    assert np.array_equal(spool(FRAMES, 3, 4, 6, tmp_path / "a"), FRAMES)


@pytest.mark.parametrize("frames", [FRAMES[:2], np.concatenate([FRAMES, FRAMES]), FRAMES[:, :3], FRAMES.astype(float)])
def test_refuses_other_counts_sizes_and_types(tmp_path: Path, frames: np.ndarray) -> None:
    with pytest.raises(ContractError, match="frames"):
        spool(frames, 3, 4, 6, tmp_path / "a")


def test_digests_are_of_content_and_order() -> None:
    assert frames_digest(FRAMES) == frames_digest(FRAMES.copy())
    assert frames_digest(FRAMES) != frames_digest(FRAMES[::-1])
    samples = np.zeros((10, 2), np.float32)
    changed = samples.copy()
    changed[5, 1] = 1e-7
    assert samples_digest(samples) != samples_digest(changed)
