"""A clip holds exactly its frames and samples, in their colours, and starts them together."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from engine.media.clip import clip_facts, read_clip, read_clip_sound, write_clip
from engine.media.ycbcr import to_planes, to_rgb
from sora_addon.contract import ContractError, Size, samples_of

RATES = [
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
]
BARS = [
    (191, 191, 191),
    (191, 191, 0),
    (0, 191, 191),
    (0, 191, 0),
    (191, 0, 191),
    (191, 0, 0),
    (0, 0, 191),
    (16, 16, 16),
]
BARS += [(255, 255, 255), (255, 255, 0), (0, 255, 255), (0, 255, 0), (255, 0, 255), (255, 0, 0), (0, 0, 255), (0, 0, 0)]


def quiet(frames: int, rate: Fraction) -> NDArray[np.float32]:
    return np.zeros((samples_of(frames, rate), 2), np.float32)


def grey(height: int, width: int, code: int = 100) -> NDArray[np.uint8]:
    return np.full((height, width, 3), code, np.uint8)


def bars(height: int, bar: int) -> NDArray[np.uint8]:
    return np.repeat(np.repeat(np.array([BARS], np.uint8), bar, axis=1), height, axis=0)


@pytest.mark.parametrize("rate", RATES, ids=lambda rate: f"{float(rate):.3f}")
@pytest.mark.parametrize("frames", [1, 37, 100])
def test_frames_rate_and_samples_are_exact(tmp_path: Path, rate: Fraction, frames: int) -> None:
    path = tmp_path / "clip.mp4"
    write_clip(path, (grey(18, 32, i) for i in range(frames)), quiet(frames, rate), rate, Size(32, 18))
    facts = clip_facts(path)
    assert (facts.frames, facts.rate, facts.duration) == (frames, rate, frames / rate)
    assert (facts.sample_rate, facts.samples) == (48_000, samples_of(frames, rate))
    assert (facts.width, facts.height, facts.pixel_aspect) == (32, 18, 1)
    sound, heard_at = read_clip_sound(path)
    assert (sound.shape, heard_at) == ((samples_of(frames, rate), 2), 48_000)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        times = [(frame.pts or 0) * (frame.time_base or 0) for frame in container.decode(stream)]
        assert times == [i / rate for i in range(frames)]
        assert stream.start_time == container.streams.audio[0].start_time == 0
    assert [item.name for item in tmp_path.iterdir()] == ["clip.mp4"]


def test_a_clip_says_that_it_is_bt709_and_starts_fast(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    write_clip(path, [grey(16, 32)] * 3, quiet(3, Fraction(24)), Fraction(24), Size(32, 16, 16 / 15))
    facts = clip_facts(path)
    assert (facts.colour, facts.full_range, facts.pixel_format) == ((1, 1, 1), False, "yuv420p")
    assert facts.pixel_aspect == Fraction(16, 15)
    data = path.read_bytes()
    assert b"colrnclx\0\1\0\1\0\1\0" in data
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize(("width", "height"), [(32, 17), (33, 18), (33, 17), (32, 18)])
def test_sides_are_kept(tmp_path: Path, width: int, height: int) -> None:
    path = tmp_path / "clip.mp4"
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, : width // 2] = (200, 40, 90)
    write_clip(path, [picture] * 2, quiet(2, Fraction(25)), Fraction(25), Size(width, height))
    facts = clip_facts(path)
    assert (facts.width, facts.height) == (width, height)
    assert facts.pixel_format == ("yuv420p" if width % 2 == height % 2 == 0 else "yuv444p")
    got = np.stack(list(read_clip(path))).astype(int)
    assert got.shape == (2, height, width, 3)
    assert np.abs(got - picture)[:, :, : width // 2 - 4].max() <= 2


def test_colour_bars_come_back(tmp_path: Path) -> None:
    picture = bars(64, 16)
    path = tmp_path / "clip.mp4"
    write_clip(path, [picture] * 6, quiet(6, Fraction(24)), Fraction(24), Size(256, 64))
    inside = np.arange(256) % 16
    inner = (inside >= 4) & (inside < 12)
    for got in read_clip(path):
        assert np.abs(got.astype(int) - picture)[:, inner].max() <= 2


def test_a_foreign_decoder_sees_the_same_colours(tmp_path: Path) -> None:
    picture = bars(64, 16)
    path = tmp_path / "clip.mp4"
    write_clip(path, [picture] * 2, quiet(2, Fraction(24)), Fraction(24), Size(256, 64))
    inside = np.arange(256) % 16
    inner = (inside >= 4) & (inside < 12)
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):  # swscale, which goes by the tags
            got = frame.to_ndarray(format="rgb24", src_colorspace=frame.colorspace, dst_colorspace="itu709")
            assert np.abs(got.astype(int) - picture)[:, inner].max() <= 3


@pytest.mark.parametrize(
    ("rgb", "codes"),
    [
        ((255, 255, 255), (235, 128, 128)),
        ((0, 0, 0), (16, 128, 128)),
        ((255, 0, 0), (63, 102, 240)),
        ((0, 255, 0), (173, 42, 26)),
        ((0, 0, 255), (32, 240, 118)),
    ],
)
def test_the_matrix_is_that_of_bt709(rgb: tuple[int, int, int], codes: tuple[int, int, int]) -> None:
    planes = to_planes(np.full((2, 2, 3), rgb, np.uint8), halved=True)
    assert (planes.y[0, 0], planes.cb[0, 0], planes.cr[0, 0]) == codes


def test_chroma_stays_where_it_is() -> None:
    across = np.linspace(40, 200, 64)[None, :, None] * np.array([1.0, 0.5, 0.2])
    down = np.linspace(40, 200, 64)[:, None, None] * np.array([0.2, 0.5, 1.0])
    ramp = ((across + down) / 2).round().astype(np.uint8)
    assert np.abs(to_rgb(to_planes(ramp, halved=True)).astype(int) - ramp)[1:-1, 1:-1].max() <= 3
    assert np.abs(to_rgb(to_planes(ramp, halved=False)).astype(int) - ramp).max() <= 2


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(30000, 1001)])
def test_flash_and_click_come_together(tmp_path: Path, rate: Fraction) -> None:
    frames = 60
    sound = quiet(frames, rate)
    flashes = (7, 31, 52)
    clicks = [samples_of(flash, rate) for flash in flashes]
    sound[clicks] = 0.8
    path = tmp_path / "clip.mp4"
    pictures = (grey(16, 16, 235 if i in flashes else 16) for i in range(frames))
    write_clip(path, pictures, sound, rate, Size(16, 16))
    shown = [i for i, frame in enumerate(read_clip(path)) if frame.mean() > 125]
    assert tuple(shown) == flashes
    heard, _ = read_clip_sound(path)
    for click in clicks:
        near = np.abs(heard[click - 400 : click + 400, 0])
        assert abs(int(near.argmax()) - 400) <= 1


def test_sound_that_ends_with_the_last_sample(tmp_path: Path) -> None:
    sound = quiet(37, Fraction(24))
    sound[-3] = 0.8
    path = tmp_path / "clip.mp4"
    write_clip(path, [grey(16, 16)] * 37, sound, Fraction(24), Size(16, 16))
    heard, _ = read_clip_sound(path)
    assert int(np.abs(heard[:, 0]).argmax()) == len(sound) - 3


def test_what_does_not_fit_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    rate = Fraction(24)
    with pytest.raises(ValueError, match="3 frames need 6000 samples, 8000 were given"):
        write_clip(path, [grey(16, 16)] * 3, quiet(4, rate), rate, Size(16, 16))
    with pytest.raises(ValueError, match=r"frame 1 is uint8 \(16, 18, 3\)"):
        write_clip(path, [grey(16, 16), grey(16, 18)], quiet(2, rate), rate, Size(16, 16))
    with pytest.raises(ValueError, match="one frame at least"):
        write_clip(path, [], quiet(0, rate), rate, Size(16, 16))
    with pytest.raises(ValueError, match="finite"):
        write_clip(path, [grey(16, 16)], quiet(1, rate) * np.nan, rate, Size(16, 16))
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_clip_stays_when_a_later_one_fails(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"earlier")
    with pytest.raises(ValueError, match="samples"):
        write_clip(path, [grey(16, 16)], quiet(2, Fraction(24)), Fraction(24), Size(16, 16))
    assert path.read_bytes() == b"earlier"


def test_what_is_no_clip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with pytest.raises(ContractError, match=r"clip\.mp4: cannot be read as a clip"):
        clip_facts(path)
    for data in (b"", b"#EXTM3U\n/etc/passwd\n", b"\0\0\0\x20ftypisom" + bytes(50)):
        path.write_bytes(data)
        with pytest.raises(ContractError, match=r"clip\.mp4: "):
            list(read_clip(path))


def test_damaged_clips_are_refused_or_read(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    write_clip(path, [grey(32, 32, i * 9) for i in range(12)], quiet(12, Fraction(24)), Fraction(24), Size(32, 32))
    good = path.read_bytes()
    chance = random.Random(2)
    for _ in range(150):
        bad = bytearray(good)
        if chance.random() < 0.2:
            del bad[chance.randrange(len(bad)) :]
        for _ in range(chance.choice([1, 3])):
            bad[chance.randrange(max(1, len(bad)))] = chance.randrange(256)
        path.write_bytes(bad)
        try:
            clip_facts(path)
            for frame in read_clip(path):
                assert frame.shape[2] == 3
            read_clip_sound(path)
        except ContractError as error:
            refused = error.field
            assert refused == "clip.mp4"
