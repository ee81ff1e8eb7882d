"""Passes come back as they were written, and a damaged file is refused by name."""

from __future__ import annotations

import random
import resource
import struct
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from made_for_media import made_channels, made_shot, write_passes

from engine.media.passes import Passes, write_frames_exr
from sora_addon.contract import ContractError, pass_file, passes_of


@pytest.mark.parametrize("compression", ["NO", "RLE", "ZIPS", "ZIP", "PIZ"])
def test_every_pass_comes_back(tmp_path: Path, compression: str) -> None:
    shot = made_shot(24, 40, lights=2)
    channels = made_channels(shot)
    write_passes(tmp_path, 1, channels, getattr(OpenEXR, f"{compression}_COMPRESSION"))
    frame = Passes(tmp_path, shot).frame(1)
    assert list(frame) == [item.name for item in passes_of(2)]
    for item in passes_of(2):
        plane = frame[item.name]
        assert plane.shape == ((40, 24) if len(item.channels) == 1 else (40, 24, len(item.channels)))
        assert plane.dtype == (np.uint32 if item.type == "uint" else np.float32)
        assert plane.flags.writeable
        for i, channel in enumerate(item.channels):
            got = plane if plane.ndim == 2 else plane[..., i]
            np.testing.assert_array_equal(got, channels[channel].astype(plane.dtype))


def test_only_what_is_asked(tmp_path: Path) -> None:
    shot = made_shot()
    write_passes(tmp_path, 1, made_channels(shot))
    assert list(Passes(tmp_path, shot).frame(1, only=("body", "depth"))) == ["body", "depth"]
    with pytest.raises(KeyError):
        Passes(tmp_path, shot).frame(1, only=("beauty",))


def test_sky_and_unknown_motion_are_kept(tmp_path: Path) -> None:
    shot = made_shot()
    channels = made_channels(shot)
    channels["depth.Z"][0, 0] = np.inf
    channels["to_next.X"][0, 0] = np.nan
    write_passes(tmp_path, 1, channels)
    frame = Passes(tmp_path, shot).frame(1)
    assert np.isinf(frame["depth"][0, 0])
    assert np.isnan(frame["to_next"][0, 0, 0])


def test_a_missing_channel_is_named(tmp_path: Path) -> None:
    shot = made_shot()
    channels = made_channels(shot)
    del channels["depth.Z"]
    write_passes(tmp_path, 1, channels)
    with pytest.raises(ContractError) as raised:
        Passes(tmp_path, shot).frame(1, only=("body",))
    assert str(raised.value) == "passes/frame_0000001.exr: depth.Z is missing; export the shot again"


def test_another_type_is_named(tmp_path: Path) -> None:
    shot = made_shot()
    channels = made_channels(shot)
    channels["body.ID"] = channels["body.ID"].astype(np.float32)
    write_passes(tmp_path, 1, channels)
    with pytest.raises(ContractError, match=r"body\.ID is float, uint is needed"):
        Passes(tmp_path, shot).frame(1)


def test_another_size_is_named(tmp_path: Path) -> None:
    write_passes(tmp_path, 1, made_channels(made_shot(16, 18)))
    with pytest.raises(ContractError, match="is 16x18, the shot is 16x16"):
        Passes(tmp_path, made_shot()).frame(1)


@pytest.mark.parametrize(
    ("channel", "value", "words"),
    [
        ("depth.Z", np.nan, r"depth\.Z is nan at row 2, column 3"),
        ("to_next.Y", np.inf, r"to_next\.Y is inf at row 2, column 3"),
        ("preview.G", np.nan, r"preview\.G is nan at row 2, column 3"),
        ("light_000.B", np.inf, r"light_000\.B is inf at row 2, column 3"),
        ("body.ID", 8, r"body\.ID holds 8, which no body of the shot has"),
        ("material.ID", 2**32 - 1, r"material\.ID holds 4294967295, which no material of the shot has"),
    ],
)
def test_values_that_cannot_be(tmp_path: Path, channel: str, value: float, words: str) -> None:
    shot = made_shot()
    channels = made_channels(shot)
    channels[channel][2, 3] = value
    write_passes(tmp_path, 1, channels)
    with pytest.raises(ContractError, match=words):
        Passes(tmp_path, shot).frame(1)


def test_frames_that_are_not_there(tmp_path: Path) -> None:
    shot = made_shot()
    with pytest.raises(ContractError, match=r"'passes/frame_0000001\.exr' is missing"):
        Passes(tmp_path, shot).frame(1)
    with pytest.raises(ContractError, match="frame 2 is not one of the shot's 1 to 1"):
        Passes(tmp_path, shot).frame(2)


def test_lossy_tiled_and_many_parts_are_refused(tmp_path: Path) -> None:
    shot = made_shot()
    path = write_passes(tmp_path, 1, made_channels(shot), OpenEXR.DWAA_COMPRESSION)
    with pytest.raises(ContractError, match="loses precision"):
        Passes(tmp_path, shot).frame(1)
    channels = {name: OpenEXR.Channel(pixels) for name, pixels in made_channels(shot).items()}
    OpenEXR.File([OpenEXR.Part({"type": OpenEXR.scanlineimage}, channels, name=name) for name in "ab"]).write(str(path))
    with pytest.raises(ContractError, match="single-part scanline"):
        Passes(tmp_path, shot).frame(1)


def test_a_header_that_asks_for_much_is_refused_before_it_is_believed(tmp_path: Path) -> None:
    shot = made_shot()
    path = write_passes(tmp_path, 1, made_channels(shot))
    data = path.read_bytes()
    window = data.index(b"dataWindow\0box2i\0") + len(b"dataWindow\0box2i\0") + 4
    path.write_bytes(data[:window] + struct.pack("<4i", 0, 0, 2**31 - 2, 2**31 - 2) + data[window + 16 :])
    with pytest.raises(ContractError, match="is 2147483647x2147483647, the shot is 16x16"):
        Passes(tmp_path, shot).frame(1)


@pytest.mark.parametrize("compression", ["ZIP", "PIZ"])
def test_damaged_files_are_refused_or_read(tmp_path: Path, compression: str) -> None:
    shot = made_shot(24, 40)
    path = write_passes(tmp_path, 1, made_channels(shot), getattr(OpenEXR, f"{compression}_COMPRESSION"))
    good = path.read_bytes()
    chance = random.Random(1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    named: list[str] = []
    for _ in range(300):
        bad = bytearray(good)
        kind = chance.choice(["bytes", "header", "extreme", "cut", "gap"])
        place = chance.randrange(len(bad) if kind != "header" else 1400)
        if kind == "cut":
            del bad[place:]
        elif kind == "gap":
            del bad[place : place + chance.randrange(1, 200)]
        elif kind == "extreme":
            bad[place : place + 4] = chance.choice([b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"\0\0\0\0"])
        else:
            bad[place] = chance.randrange(256)
        path.write_bytes(bad)
        try:
            Passes(tmp_path, shot).frame(1)
        except ContractError as error:
            named.append(error.field)
    assert len(named) > 100
    assert set(named) == {pass_file(1)}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB


def test_a_frame_of_a_take_is_half_and_whole(tmp_path: Path) -> None:
    rgb = np.linspace(-1.0, 1e6, 5 * 7 * 3, dtype=np.float32).reshape(5, 7, 3)
    write_frames_exr(tmp_path / "frame_0001.exr", rgb)
    header = OpenEXR.InputFile(str(tmp_path / "frame_0001.exr")).header()
    assert str(header["compression"]) == "ZIP_COMPRESSION"
    channels = OpenEXR.File(str(tmp_path / "frame_0001.exr"), separate_channels=True).channels()
    assert sorted(channels) == ["B", "G", "R"]
    for i, letter in enumerate("RGB"):
        wanted = np.clip(rgb[..., i], None, 65504).astype(np.float16)
        np.testing.assert_array_equal(channels[letter].pixels, wanted)
    assert [path.name for path in tmp_path.iterdir()] == ["frame_0001.exr"]
    with pytest.raises(ValueError, match="shape"):
        write_frames_exr(tmp_path / "grey.exr", rgb[..., 0])
