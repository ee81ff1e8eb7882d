"""OpenEXR files in plain numpy and zlib, because Blender's Python has no OpenEXR.

One part, scanlines, ZIP compression of 16 lines, float, half and uint channels side by side: the layout of the OpenEXR
file format, version 2 (openexr.com, "OpenEXR File Layout"). Nothing else is written, and only that (or uncompressed
files, as Blender can write) is read.
"""

from __future__ import annotations

import contextlib
import os
import struct
import zlib
from collections.abc import Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_MAGIC, _VERSION = 20000630, 2
_LONG_NAMES = 0x400
_KINDS = {np.dtype("<u4"): 0, np.dtype("<f2"): 1, np.dtype("<f4"): 2}
_TYPES = {kind: dtype for dtype, kind in _KINDS.items()}
_NONE, _ZIPS, _ZIP = 0, 2, 3
_LINES = {_NONE: 1, _ZIPS: 1, _ZIP: 16}
_LEVEL = 1
"""zlib's fastest: passes change every frame and are read a few times, so time counts more than the last tenth."""


class ExrError(ValueError):
    """A file that is not an EXR, or not of the kind that is read here."""


def write_exr(
    path: str | Path,
    channels: Mapping[str, Array],
    attributes: Mapping[str, str] | None = None,
    *,
    pixel_aspect: float = 1.0,
    pool: Executor | None = None,
) -> None:
    """Write ``channels`` (each (height, width), row 0 on top) of dtype float32, float16 or uint32.

    ``attributes`` are strings for the header. ``pool``: threads that compress; zlib does so without the interpreter's
    lock. The file is written beside its place and renamed when whole. Raises ExrError for unfit arrays, OSError.
    """
    names = sorted(channels)
    if not names:
        raise ExrError(f"{path}: there is no channel to write")
    height, width = channels[names[0]].shape
    kinds = []
    for name in names:
        array = channels[name]
        if array.shape != (height, width):
            raise ExrError(f"{path}: channel {name!r} is {array.shape}, the others are {(height, width)}")
        kind = _KINDS.get(array.dtype.newbyteorder("<"))
        if kind is None:
            raise ExrError(f"{path}: channel {name!r} is {array.dtype}; float32, float16 or uint32 can be written")
        kinds.append(kind)
    lines = _scanlines([channels[name] for name in names], height, width)
    blocks = [lines[start : start + 16] for start in range(0, height, 16)]
    packed = list((pool.map if pool is not None else map)(_pack, blocks))
    header = _header(names, kinds, width, height, attributes or {}, pixel_aspect)
    table_end = len(header) + 8 * len(packed)
    offsets = np.cumsum([table_end] + [8 + len(block) for block in packed[:-1]], dtype="<u8")
    path = Path(path)
    beside = path.with_name(f"{path.name}.part")
    try:
        with open(beside, "wb") as file:
            file.write(header)
            file.write(offsets.tobytes())
            for number, block in enumerate(packed):
                file.write(struct.pack("<ii", number * 16, len(block)))
                file.write(block)
        os.replace(beside, path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def read_exr(path: str | Path) -> dict[str, Array]:
    """(height, width) arrays by channel, row 0 on top, of a one-part scanline file without compression or with ZIP.

    Raises ExrError, OSError.
    """
    data = Path(path).read_bytes()
    if len(data) < 8 or struct.unpack_from("<i", data)[0] != _MAGIC:
        raise ExrError(f"{path} is not an OpenEXR file")
    if struct.unpack_from("<i", data, 4)[0] & ~_LONG_NAMES != _VERSION:
        raise ExrError(f"{path} has tiles, depth samples or several parts; write it as one part of scanlines")
    try:
        return _read(data, str(path))
    except (struct.error, zlib.error, IndexError) as error:
        raise ExrError(f"{path} is cut short or broken: {error}") from error


def _read(data: bytes, path: str) -> dict[str, Array]:
    attributes, at = _read_header(data)
    compression = attributes["compression"][0]
    if compression not in _LINES:
        raise ExrError(f"{path} has compression {compression}; none and ZIP are read")
    left, top, right, bottom = struct.unpack("<4i", attributes["dataWindow"])
    width, height = right - left + 1, bottom - top + 1
    channels = _read_channels(attributes["channels"])
    length = sum(_TYPES[kind].itemsize for _, kind in channels) * width
    count = -(-height // _LINES[compression])
    lines = np.empty((height, length), np.uint8)
    for offset in struct.unpack_from(f"<{count}Q", data, at):
        first, size = struct.unpack_from("<ii", data, offset)
        row = first - top
        block = lines[row : row + _LINES[compression]]
        raw = data[offset + 8 : offset + 8 + size]
        if size < block.size:
            raw = _unpack(zlib.decompress(raw))
        block[:] = np.frombuffer(raw, np.uint8).reshape(block.shape)
    result, column = {}, 0
    for name, kind in channels:
        end = column + _TYPES[kind].itemsize * width
        result[name] = np.ascontiguousarray(lines[:, column:end]).view(_TYPES[kind])
        column = end
    return result


def _scanlines(arrays: list[Array], height: int, width: int) -> NDArray[np.uint8]:
    """(height, bytes a line): channel after channel within each line."""
    length = sum(array.dtype.itemsize for array in arrays) * width
    lines = np.empty((height, length), np.uint8)
    column = 0
    for array in arrays:
        end = column + array.dtype.itemsize * width
        lines[:, column:end].view(array.dtype.newbyteorder("<"))[:] = array
        column = end
    return lines


def _pack(block: NDArray[np.uint8]) -> bytes:
    """Low bytes apart from high ones, differences, zlib; as it is where that does not help."""
    flat = block.reshape(-1)
    ordered = np.concatenate([flat[0::2], flat[1::2]])
    difference = np.empty_like(ordered)
    difference[0] = ordered[0]
    np.subtract(ordered[1:], ordered[:-1], out=difference[1:])
    difference[1:] += 128
    packed = zlib.compress(difference.data, _LEVEL)
    return packed if len(packed) < flat.size else flat.tobytes()


def _unpack(raw: bytes) -> bytes:
    difference = np.frombuffer(raw, np.uint8).copy()
    difference[1:] -= 128
    ordered = np.cumsum(difference, dtype=np.uint8)
    flat = np.empty_like(ordered)
    half = -(-len(flat) // 2)
    flat[0::2], flat[1::2] = ordered[:half], ordered[half:]
    return flat.tobytes()


def _header(
    names: list[str], kinds: list[int], width: int, height: int, attributes: Mapping[str, str], pixel_aspect: float
) -> bytes:
    listed = b"".join(
        name.encode() + b"\0" + struct.pack("<iBxxxii", kind, 0, 1, 1) for name, kind in zip(names, kinds, strict=True)
    )
    window = struct.pack("<4i", 0, 0, width - 1, height - 1)
    parts = [
        _attribute("channels", "chlist", listed + b"\0"),
        _attribute("compression", "compression", bytes([_ZIP])),
        _attribute("dataWindow", "box2i", window),
        _attribute("displayWindow", "box2i", window),
        _attribute("lineOrder", "lineOrder", b"\0"),
        _attribute("pixelAspectRatio", "float", struct.pack("<f", pixel_aspect)),
        _attribute("screenWindowCenter", "v2f", struct.pack("<2f", 0.0, 0.0)),
        _attribute("screenWindowWidth", "float", struct.pack("<f", 1.0)),
    ]
    parts += [_attribute(name, "string", text.encode()) for name, text in sorted(attributes.items())]
    long = _LONG_NAMES if max(len(name.encode()) for name in [*names, *attributes]) > 31 else 0
    return struct.pack("<ii", _MAGIC, _VERSION | long) + b"".join(parts) + b"\0"


def _attribute(name: str, kind: str, value: bytes) -> bytes:
    return name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<i", len(value)) + value


def _read_header(data: bytes) -> tuple[dict[str, bytes], int]:
    at, attributes = 8, {}
    while data[at]:
        name, at = _text(data, at)
        _, at = _text(data, at)
        (size,) = struct.unpack_from("<i", data, at)
        attributes[name] = data[at + 4 : at + 4 + size]
        at += 4 + size
    return attributes, at + 1


def _read_channels(data: bytes) -> list[tuple[str, int]]:
    at, found = 0, []
    while data[at]:
        name, at = _text(data, at)
        found.append((name, struct.unpack_from("<i", data, at)[0]))
        at += 16
    return found


def _text(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(b"\0", at)
    return data[at:end].decode(), end + 1
