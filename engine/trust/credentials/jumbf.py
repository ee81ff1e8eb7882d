"""The boxes that manifests are kept in (JUMBF, ISO/IEC 19566-5): their frame is signed by nobody, so it is held to its form.

The C2PA library reads past a changed length, type or label of a box where it finds what it looks for all the same.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

SUFFIX = bytes.fromhex("00110010800000aa00389b71")
EMBEDDED = bytes.fromhex("40cb0c32bb8a489da70b2ad6f47f4369")
"""The one type of content that is not four letters and ``SUFFIX``."""
LABELS = {
    b"c2pa": b"c2pa",
    b"c2ma": b"urn:",
    b"c2um": b"urn:",
    b"c2as": b"c2pa.assertions",
    b"c2cl": b"c2pa.claim",
    b"c2cs": b"c2pa.signature",
    b"c2vc": b"c2pa.credentials",
    b"c2db": b"c2pa.databoxes",
}
"""What the label of a box of that type begins with."""
CONTENT = (b"cbor", b"json", b"bfdb", b"bidb", b"c2sh", b"uuid", b"jumb", b"free")
DEEPEST = 16


def is_sound(data: bytes, depth: int = 0) -> bool:
    """Whether ``data`` is boxes and nothing but boxes, of types and labels that manifests have."""
    place = 0
    for name, inside, length in _boxes(data):
        place += length
        if name == b"jumb":
            if depth == DEEPEST or not _is_described(inside) or not is_sound(_after_description(inside), depth + 1):
                return False
        elif depth == 0 or name not in CONTENT:
            return False
    return place == len(data) and place > 0


def padding_is_clean(data: bytes) -> bool:
    """Whether the room that signatures keep for themselves is still filled with zeros: nothing else looks at it."""
    for key in (b"\x63pad", b"\x64pad2"):
        place = 0
        while (place := data.find(key, place)) >= 0:
            place += len(key)
            head, length = _byte_string(data[place : place + 5])
            inside = data[place + head : place + head + length]
            if head == 0 or len(inside) < length or inside.strip(b"\0"):
                return False
            place += head + length
    return True


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    place = 0
    while place + 8 <= len(data):
        length, name = struct.unpack(">I4s", data[place : place + 8])
        if not 8 <= length <= len(data) - place:
            return
        yield name, data[place + 8 : place + length], length
        place += length


def _is_described(box: bytes) -> bool:
    """Whether a superbox begins with a description of a known form."""
    name, inside, _ = next(_boxes(box), (b"", b"", 0))
    if name != b"jumd" or len(inside) < 18:
        return False
    kind, toggles, rest = inside[:16], inside[16], inside[17:]
    label, end, more = rest.partition(b"\0")
    if kind != EMBEDDED and kind[4:] != SUFFIX:
        return False
    wanted = LABELS.get(kind[:4], b"")
    # Requestable with a label; a salt box may follow it, and nothing else.
    salted = more[4:8] == b"c2sh" and toggles == 0x13 and len(more) == int.from_bytes(more[:4], "big")
    return bool(end) and label.startswith(wanted) and label.isascii() and (salted or (not more and toggles == 0x03))


def _after_description(box: bytes) -> bytes:
    return box[int.from_bytes(box[:4], "big") :]


def _byte_string(data: bytes) -> tuple[int, int]:
    """Bytes of the head of a CBOR byte string, and of what it holds; 0, 0 where it is something else."""
    first = data[0] if data else 0
    if first >> 5 != 2:
        return 0, 0
    short = first & 31
    if short < 24:
        return 1, short
    size = {24: 1, 25: 2, 26: 4}.get(short, 0)
    return (1 + size, int.from_bytes(data[1 : 1 + size], "big")) if size else (0, 0)
