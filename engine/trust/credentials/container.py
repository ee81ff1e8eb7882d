"""The outermost structure of MP4, WAV and PNG: enough to tell a file that was cut short from one that was changed, and to
look after the few bytes that C2PA leaves out of its hashes."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

PNG = b"\x89PNG\r\n\x1a\n"
C2PA_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""The UUID of the MP4 box that holds the manifests."""
LEFT_OUT = (b"ftyp", b"free", b"skip", b"mfra")
"""Boxes that C2PA's hash of an MP4 does not cover; ``unhashed`` does."""
FORMATS = {".mp4": "video/mp4", ".wav": "audio/wav", ".png": "image/png"}
BOX_HEAD = b"\0\0\0\0manifest\0" + bytes(8)
"""In that box: version and flags, the purpose, and no Merkle tree."""
MOST = 1 << 24
"""Bytes of a manifest or of left-out boxes that are looked at."""


def is_cut_short(path: Path) -> bool:
    """Whether the file ends before its own structure says so."""
    size = path.stat().st_size
    end = 0
    last = b""
    for name, start, length in parts(path):
        end, last = start + length, name
    if path.suffix.lower() == ".png":
        return last != b"IEND" or end > size
    if path.suffix.lower() == ".wav":
        with path.open("rb") as file:
            head = file.read(8)
        return len(head) < 8 or struct.unpack("<I", head[4:])[0] + 8 > size
    return end > size or end == 0 or size - end in range(1, 8)


def parts(path: Path) -> Iterator[tuple[bytes, int, int]]:
    """Name, first byte and length of every part of the file at its outermost level, as far as it can be followed."""
    size = path.stat().st_size
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        if suffix == ".mp4":
            place = 0
        elif suffix == ".wav":
            place = 12
        else:
            place = 8
            if file.read(8) != PNG:
                return
        while place + 8 <= size:
            file.seek(place)
            head = file.read(16)
            if suffix == ".wav":
                name, length = head[:4], 8 + struct.unpack("<I", head[4:8])[0]
                length += length % 2
            elif suffix == ".png":
                length, name = 12 + struct.unpack(">I", head[:4])[0], head[4:8]
            else:
                length, name = struct.unpack(">I", head[:4])[0], head[4:8]
                if length == 1 and len(head) == 16:
                    length = struct.unpack(">Q", head[8:])[0]
                elif length == 0:
                    length = size - place
            if length < 8:
                return
            yield name, place, length
            place += length


def unhashed(path: Path) -> str:
    """SHA-256 over the boxes of an MP4 that C2PA leaves out of its hash, in order; hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for name, start, length in parts(path):
            if name in LEFT_OUT:
                file.seek(start)
                digest.update(file.read(min(length, MOST)))
    return digest.hexdigest()


def manifests_in(path: Path) -> bytes | None:
    """The JUMBF of the file, without what holds it; None where the holder is not of its one right form."""
    with path.open("rb") as file:
        for name, start, length in parts(path):
            if length > MOST:
                continue
            file.seek(start)
            if name == b"uuid":
                data = file.read(length)
                if data[8:24] == C2PA_BOX:
                    return data[24 + len(BOX_HEAD) :] if data[24:].startswith(BOX_HEAD) else None
            elif name == b"C2PA":
                data = file.read(length)
                stated = struct.unpack("<I", data[4:8])[0]
                return data[8 : 8 + stated] if not data[8 + stated :].strip(b"\0") else None
            elif name == b"caBX":
                data = file.read(length)
                return data[8:-4] if zlib.crc32(data[4:-4]) == int.from_bytes(data[-4:], "big") else None
    return None
