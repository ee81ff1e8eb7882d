"""EXR files written in numpy, read back by OpenEXR itself."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from sora_addon.contract import passes_of
from sora_addon.export.exr import ExrError, read_exr, write_exr

openexr = pytest.importorskip("OpenEXR")

KINDS = {"float": np.float32, "half": np.float16, "uint": np.uint32}


def channels(height: int, width: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    made = {}
    for one in passes_of(2):
        for name in one.channels:
            if one.type == "uint":
                made[name] = rng.integers(0, 2**32, (height, width), dtype=np.uint32)
            else:
                smooth = np.add.outer(np.linspace(0, 3, height), np.linspace(-1, 9, width))
                made[name] = (smooth + (rng.random((height, width)) < 0.1)).astype(KINDS[one.type])
    made["depth.Z"][0, :3] = np.inf
    made["to_next.X"][1, 0] = np.nan
    return made


def read_back(path: Path) -> dict[str, np.ndarray]:
    with openexr.File(str(path), separate_channels=True) as file:
        return {name: channel.pixels.copy() for name, channel in file.channels().items()}


@pytest.mark.parametrize("size", [(37, 53), (16, 16), (1, 1), (64, 7)])
def test_openexr_reads_the_same_bits(tmp_path: Path, size: tuple[int, int]) -> None:
    made = channels(*size) if min(size) > 2 else {"a": np.ones(size, np.float16), "b": np.full(size, 7, np.uint32)}
    path = tmp_path / "frame.exr"
    write_exr(path, made, {"shot": "übung"})
    got = read_back(path)
    assert set(got) == set(made)
    for name, array in made.items():
        assert got[name].dtype == array.dtype
        assert got[name].tobytes() == array.tobytes()
    assert list(tmp_path.iterdir()) == [path]
    own = read_exr(path)
    assert all(own[name].tobytes() == array.tobytes() for name, array in made.items())


def test_noise_that_does_not_compress_and_threads(tmp_path: Path) -> None:
    noise = {"n": np.random.default_rng(2).integers(0, 2**32, (40, 33), dtype=np.uint32)}
    with ThreadPoolExecutor(2) as pool:
        write_exr(tmp_path / "noise.exr", noise, pixel_aspect=1.5, pool=pool)
    assert (read_back(tmp_path / "noise.exr")["n"] == noise["n"]).all()
    assert (read_exr(tmp_path / "noise.exr")["n"] == noise["n"]).all()


def test_views_and_strides_are_written_as_they_look(tmp_path: Path) -> None:
    pixels = np.arange(5 * 4 * 4, dtype=np.float32).reshape(5, 4, 4)
    write_exr(tmp_path / "views.exr", {"x": pixels[..., 1], "y": pixels[::-1, :, 2]})
    got = read_back(tmp_path / "views.exr")
    assert (got["x"] == pixels[..., 1]).all()
    assert (got["y"] == pixels[::-1, :, 2]).all()


def test_refused(tmp_path: Path) -> None:
    path = tmp_path / "no.exr"
    with pytest.raises(ExrError, match="'b' is float64"):
        write_exr(path, {"a": np.ones((2, 2), np.float32), "b": np.ones((2, 2))})
    with pytest.raises(ExrError, match="'b' is"):
        write_exr(path, {"a": np.ones((2, 2), np.float32), "b": np.ones((2, 3), np.float32)})
    with pytest.raises(OSError, match="missing"):
        write_exr(tmp_path / "missing" / "a.exr", {"a": np.ones((2, 2), np.float32)})
    path.write_bytes(b"not an image")
    with pytest.raises(ExrError, match="not an OpenEXR file"):
        read_exr(path)
    write_exr(path, {"a": np.ones((64, 64), np.float32)})
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ExrError, match="broken"):
        read_exr(path)
