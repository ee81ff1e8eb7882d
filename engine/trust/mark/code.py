"""From an id to coded bits and back: 48 bits, a CRC of 24 over them, and a convolutional code of rate 1/3.

The code is the one of constraint length 7 with generators 133, 171, 165 (octal), ended with zeros, decoded softly (Viterbi,
1967). A word that was not sent passes the CRC with a probability of 2^-24, whatever the noise: the CRC is keyed, and what
stands in unmarked media knows nothing of the key.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..library import MARK_DIGITS

Floats = NDArray[np.floating]

ID_BITS, CRC_BITS, MEMORY = 4 * MARK_DIGITS, 24, 6
GENERATORS = (0o133, 0o171, 0o165)
CODED = (ID_BITS + CRC_BITS + MEMORY) * len(GENERATORS)
"""Bits that the carriers have to hold."""
POLYNOMIAL, SEED = 0x864CFB, 0x50A31E
"""CRC-24 of OpenPGP (RFC 4880), with a start of our own."""
STATES = 1 << MEMORY


def encoded(mark: str) -> NDArray[np.float32]:
    """(CODED,) of 1 and -1 for 12 hexadecimal digits."""
    bits = _bits(int(mark, 16), ID_BITS)
    bits += _bits(_crc(bits), CRC_BITS) + [0] * MEMORY
    register, out = 0, []
    for bit in bits:
        register = ((register << 1) | bit) & 0x7F
        out += [_parity(register & generator) for generator in GENERATORS]
    return 1.0 - 2.0 * np.array(out, np.float32)


def decoded(soft: Floats) -> str | None:
    """The 12 digits that (CODED,) soft values (positive for 1.0 of ``encoded``) say; None where the CRC does not agree."""
    steps = soft.reshape(-1, len(GENERATORS))
    costs = np.full(STATES, -np.inf)
    costs[0] = 0.0
    came = np.empty((len(steps), STATES), np.uint8)
    for step, values in enumerate(steps):
        branch = costs[_BEFORE] + _SIGNS @ values
        came[step] = branch.argmax(1)
        costs = branch.max(1)
    state, bits = 0, []
    for step in range(len(steps) - 1, -1, -1):
        bits.append(state & 1)
        state = int(_BEFORE[state, came[step, state]])
    bits = bits[::-1][: ID_BITS + CRC_BITS]
    if _crc(bits[:ID_BITS]) != _number(bits[ID_BITS:]):
        return None
    return f"{_number(bits[:ID_BITS]):0{MARK_DIGITS}x}"


def _bits(value: int, count: int) -> list[int]:
    return [(value >> place) & 1 for place in range(count - 1, -1, -1)]


def _number(bits: list[int]) -> int:
    return int("".join(map(str, bits)), 2)


def _crc(bits: list[int]) -> int:
    crc = SEED
    for bit in bits:
        top = (crc >> 23) & 1
        crc = (crc << 1) & 0xFFFFFF
        if top ^ bit:
            crc ^= POLYNOMIAL
    return crc


def _parity(value: int) -> int:
    return value.bit_count() & 1


def _trellis() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each state the two that lead to it, and the signs that the way from either sends."""
    before = np.empty((STATES, 2), np.int64)
    signs = np.empty((STATES, 2, len(GENERATORS)))
    for state in range(STATES):
        for high in (0, 1):
            register = state | (high << MEMORY)
            before[state, high] = register >> 1
            signs[state, high] = [1 - 2 * _parity(register & generator) for generator in GENERATORS]
    return before, signs


_BEFORE, _SIGNS = _trellis()
