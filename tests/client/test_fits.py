"""Whether a job fits, by arithmetic that can be done by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sora_addon.client.fits import Mend, Shape, Verdict, disk_needed, memory_needed, verdict
from sora_addon.contract.messages import BackendInfo, Saving, Welcome

GB = 2**30
SHAPE = Shape(120, 512, 288, 24.0)
FRAME = 512 * 288 * 70
BIG = BackendInfo(
    name="big",
    version="1",
    summary="",
    controls=[],
    frame_step=1,
    frame_offset=0,
    most_frames=None,
    side_step=1,
    rates=None,
    makes_sound=False,
    memory=20 * GB,
    licence="",
    licence_link="",
    missing=[],
    weights=16 * GB,
    runs_on="card",
    savings=[Saving("offload", {"memory": "offload"}, 0.7, 1.3), Saving("lowest", {"memory": "lowest"}, 0.3, 4.0)],
)


def machine(memory: float = 64, card: float = 24) -> Welcome:
    return Welcome(2, "1", "3.11", "", 1, "/", [], [], memory=round(memory * GB), card_memory=round(card * GB))


def told(*infos: BackendInfo, shape: Shape = SHAPE, card: float = 24, free: int = 10**13, saving: str = "") -> Verdict:
    return verdict(infos or (BIG,), machine(card=card), shape, FRAME, free, (saving,))


def test_memory_is_what_is_declared_for_five_seconds() -> None:
    assert memory_needed(BIG, SHAPE) == 20 * GB


def test_memory_grows_with_pixels_and_frames_and_the_weights_do_not() -> None:
    assert memory_needed(BIG, replace(SHAPE, width=1024)) == 24 * GB
    assert memory_needed(BIG, replace(SHAPE, frames=240)) == 24 * GB
    windowed = replace(BIG, window=60)
    assert memory_needed(windowed, replace(SHAPE, frames=6000)) == 20 * GB
    assert memory_needed(windowed, replace(SHAPE, frames=30)) == 18 * GB


def test_what_fits_has_nothing_to_mend() -> None:
    found = told()
    assert (found.memory_fits, found.disk_fits, found.mends) == (True, True, ())
    assert (found.memory, found.memory_there, found.where) == (20 * GB, 24 * GB, "card")


def test_the_cheapest_saving_that_is_enough_comes_first() -> None:
    found = told(card=16)
    assert not found.memory_fits
    assert found.mends[0] == Mend("saving", "offload", slower=1.3)
    assert told(card=8).mends == (Mend("saving", "lowest", slower=4.0),), "smaller would not do: the weights do not fit"
    assert told(card=4).mends == ()


def test_a_saving_that_is_chosen_is_counted_and_not_offered_again() -> None:
    assert told(card=16, saving="offload").memory == round(0.7 * 20 * GB)
    assert told(card=16, saving="offload").memory_fits
    assert [mend.saving for mend in told(card=12, saving="offload").mends] == ["lowest"]


def test_smaller_and_shorter_are_exactly_enough() -> None:
    large = replace(SHAPE, width=1024, height=576)
    found = told(shape=large)
    size = next(mend for mend in found.mends if mend.kind == "size")
    frames = next(mend for mend in found.mends if mend.kind == "frames")
    smaller = replace(large, width=round(1024 * size.share * 0.999), height=round(576 * size.share * 0.999))
    assert told(shape=smaller).memory_fits
    assert not told(shape=replace(large, width=round(1024 * size.share * 1.02))).memory_fits or size.share > 0.98
    assert told(shape=replace(large, frames=frames.frames)).memory_fits
    assert not told(shape=replace(large, frames=frames.frames + 2)).memory_fits


def test_with_a_saving_less_of_the_size_has_to_go() -> None:
    large = replace(SHAPE, width=1024, height=576)
    plain = next(mend.share for mend in told(shape=large, card=22).mends if mend.kind == "size")
    found = verdict((BIG,), machine(card=22), replace(large, width=2048), FRAME, 10**13, ("offload",))
    saved = next(mend.share for mend in found.mends if mend.kind == "size")
    assert saved > plain
    smaller = replace(large, width=int(2048 * saved), height=int(576 * saved))
    assert verdict((BIG,), machine(card=22), smaller, FRAME, 10**13, ("offload",)).memory_fits


def test_shorter_is_no_help_where_frames_come_in_windows() -> None:
    large = replace(SHAPE, width=1024, height=576)
    assert "frames" not in {mend.kind for mend in told(replace(BIG, window=81), shape=large).mends}


def test_without_a_card_the_machines_memory_counts() -> None:
    found = verdict((BIG,), machine(memory=16, card=0), SHAPE, FRAME, 10**13)
    assert (found.where, found.memory_there, found.memory_fits) == ("memory", 16 * GB, False)


def test_a_backend_elsewhere_needs_nothing_here() -> None:
    assert told(replace(BIG, runs_on="elsewhere"), card=1).memory_fits


def test_of_a_chain_the_tightest_is_spoken_of() -> None:
    small = replace(BIG, name="small", memory=GB, weights=GB)
    assert told(small, BIG, card=16).memory == 20 * GB
    found = told(small, BIG, card=16)
    assert found.place == 1
    assert found.mends[0] == Mend("saving", "offload", slower=1.3, place=1)
    assert verdict((small, BIG), machine(card=16), SHAPE, FRAME, 10**13, ("", "offload")).memory_fits


def test_unknown_memory_is_no_trouble() -> None:
    assert verdict((BIG,), machine(0, 0), SHAPE, FRAME, 0).memory_fits


@pytest.mark.parametrize("pictures", [1, 3])
def test_disk(pictures: int) -> None:
    needed = disk_needed(SHAPE, FRAME, pictures)
    assert needed == 120 * (FRAME + (pictures + 1) * 512 * 288 * 3) + 240_000 * 8 * 9 + 16 * 2**20


def test_a_full_disk_is_mended_by_less() -> None:
    needed = disk_needed(SHAPE, FRAME, 1)
    found = told(free=needed // 2)
    assert not found.disk_fits
    frames = next(mend for mend in found.mends if mend.kind == "frames")
    assert told(shape=replace(SHAPE, frames=frames.frames), free=needed // 2).disk_fits
    assert told(free=needed).disk_fits
    assert told(free=1000).mends == ()
