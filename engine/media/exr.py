"""OpenEXR files of a stranger, read with their sizes checked first, and the take's own frames written.

The header and the table of chunks are parsed here and bounded before the OpenEXR library sees the file, because the
library allocates what a header asks for. Layout: "OpenEXR File Layout", https://openexr.com/en/latest/OpenEXRFileLayout.html
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import OpenEXR
from numpy.typing import NDArray

from sora_addon.contract import ContractError
from sora_addon.contract.passes import ChannelType

from .whole import whole_file

MAGIC = 20000630
LARGEST_HEADER = 1024 * 1024
"""Bytes; 64 lamps need some 10 kB."""
MOST_CHANNELS = 1024

LONG_NAMES = 0x400
"""The one flag of the version field that a plain scanline file may carry."""
PIXEL_TYPES: tuple[ChannelType, ...] = ("uint", "half", "float")
LOSSLESS = {0: ("none", 1), 1: ("RLE", 1), 2: ("ZIPS", 1), 3: ("ZIP", 16), 4: ("PIZ", 32)}
"""Compression by its number in the file: name and lines a chunk. The others lose precision of float channels."""
DTYPES: dict[ChannelType, type[np.generic]] = {"uint": np.uint32, "half": np.float16, "float": np.float32}
AGAIN = "export the shot again"


@dataclass(frozen=True)
class Header:
    """What a scanline file says of itself. ``channels`` in the file's order, with their type."""

    channels: dict[str, ChannelType]
    width: int
    height: int
    compression: int
    end: int
    """Bytes of the header; the table of chunks follows."""

    @property
    def line_bytes(self) -> int:
        """Bytes of one line of pixels before compression."""
        return self.width * sum(np.dtype(DTYPES[kind]).itemsize for kind in self.channels.values())


def read_header(file: BinaryIO, name: str) -> Header:
    """The header of an open file, from its start. ``name`` is what errors speak of. Raises ContractError."""
    attributes, end = _attributes(file.read(LARGEST_HEADER), name)
    for needed, kind in (("channels", "chlist"), ("compression", "compression"), ("dataWindow", "box2i")):
        if needed not in attributes or attributes[needed][0] != kind:
            raise ContractError(name, f"has no {needed} in its header", AGAIN)
    window = attributes["dataWindow"][1]
    if len(window) != 16:
        raise ContractError(name, "has a damaged dataWindow", AGAIN)
    left, top, right, bottom = struct.unpack("<4i", window)
    if (left, top) != (0, 0) or right < left or bottom < top:
        raise ContractError(name, "has a dataWindow that does not start at 0 0", "write the whole picture")
    compression = attributes["compression"][1]
    if len(compression) != 1 or compression[0] not in LOSSLESS:
        raise ContractError(name, "is compressed in a way that loses precision", "use ZIP compression")
    return Header(_channels(attributes["channels"][1], name), right + 1, bottom + 1, compression[0], end)


def _attributes(data: bytes, name: str) -> tuple[dict[str, tuple[str, bytes]], int]:
    if len(data) < 8 or struct.unpack_from("<I", data)[0] != MAGIC:
        raise ContractError(name, "is not an OpenEXR file", AGAIN)
    version = struct.unpack_from("<I", data, 4)[0]
    if version & ~LONG_NAMES != 2:
        raise ContractError(name, "is not a single-part scanline OpenEXR file", "write one part, no tiles, not deep")
    attributes: dict[str, tuple[str, bytes]] = {}
    place = 8
    while True:
        key, place = _text(data, place, name)
        if not key:
            return attributes, place
        kind, place = _text(data, place, name)
        if place + 4 > len(data):
            raise ContractError(name, "ends inside its header", AGAIN)
        size = struct.unpack_from("<I", data, place)[0]
        place += 4
        if size > len(data) - place or key in attributes:
            raise ContractError(name, f"has a damaged attribute {key!r}", AGAIN)
        attributes[key] = (kind, data[place : place + size])
        place += size


def _text(data: bytes, place: int, name: str) -> tuple[str, int]:
    end = data.find(b"\0", place, place + 256)
    if end < 0:
        raise ContractError(name, "ends inside its header", AGAIN)
    return data[place:end].decode("latin-1"), end + 1


def _channels(data: bytes, name: str) -> dict[str, ChannelType]:
    channels: dict[str, ChannelType] = {}
    place = 0
    while True:
        channel, place = _text(data, place, name)
        if not channel:
            return channels
        if place + 16 > len(data):
            raise ContractError(name, "has a damaged list of channels", AGAIN)
        kind, _, step_x, step_y = struct.unpack_from("<iIii", data, place)
        place += 16
        if not 0 <= kind < len(PIXEL_TYPES) or (step_x, step_y) != (1, 1) or channel in channels:
            raise ContractError(name, f"{channel[:80]} is not a full-size channel of a known type", AGAIN)
        if len(channels) == MOST_CHANNELS:
            raise ContractError(name, f"has more than {MOST_CHANNELS} channels", AGAIN)
        channels[channel] = PIXEL_TYPES[kind]


def check_chunks(file: BinaryIO, header: Header, name: str) -> None:
    """Refuse a file whose chunks are not all there, in their place and no larger than their lines need."""
    lines = LOSSLESS[header.compression][1]
    count = -(-header.height // lines)
    length = os.fstat(file.fileno()).st_size
    if header.end + 8 * count > length:
        raise ContractError(name, "ends inside its table of chunks", AGAIN)
    file.seek(header.end)
    for number, offset in enumerate(struct.unpack(f"<{count}Q", file.read(8 * count))):
        if offset < header.end + 8 * count or offset > length - 8:
            raise ContractError(name, f"has no lines from {number * lines} on", AGAIN)
        file.seek(offset)
        line, size = struct.unpack("<ii", file.read(8))
        most = header.line_bytes * min(lines, header.height - number * lines)
        if line != number * lines or not 0 < size <= most or offset + 8 + size > length:
            raise ContractError(name, f"is damaged at line {number * lines}", AGAIN)


def read_channels(path: Path, header: Header, names: Iterable[str], name: str) -> dict[str, NDArray[np.generic]]:
    """(height, width) pixels of each channel of ``names``, in its own type. Raises ContractError.

    ``header`` and the chunks must have been checked. Only the asked channels are held in memory.
    """
    wanted = list(names)
    try:
        pixels = OpenEXR.InputFile(str(path)).channels(wanted)
    except (OSError, RuntimeError, ValueError, TypeError) as error:
        raise ContractError(name, f"cannot be decoded ({error})", AGAIN) from error
    found: dict[str, NDArray[np.generic]] = {}
    for channel, data in zip(wanted, pixels, strict=True):
        array = np.frombuffer(data, DTYPES[header.channels[channel]])
        if array.size != header.width * header.height:
            raise ContractError(name, f"{channel} is cut short", AGAIN)
        found[channel] = array.reshape(header.height, header.width)
    return found


def write_frames_exr(path: Path, rgb: NDArray[np.float32]) -> None:
    """Write one (H, W, 3) scene-linear Rec.709 picture as half-precision R, G, B, ZIP compressed; beside and renamed.

    Values beyond what a half holds are written as the largest half, 65504. Raises ValueError for another shape, OSError
    where it cannot be written.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3:
        raise ValueError(f"rgb has the shape {rgb.shape}, (H, W, 3) is needed")
    largest = float(np.finfo(np.float16).max)
    half = np.clip(rgb, -largest, largest).astype(np.float16)
    channels = {letter: OpenEXR.Channel(np.ascontiguousarray(half[..., i])) for i, letter in enumerate("RGB")}
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with whole_file(path) as partial:
        try:
            OpenEXR.File(header, channels).write(str(partial))
        except RuntimeError as error:  # what the library raises for a full disk
            raise OSError(f"{path.name} cannot be written ({error})") from error
