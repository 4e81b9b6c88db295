"""Binary codes of vectors: short stand-ins that lie in an index and are compared by counting bits.

Each bit says on which side of a hyperplane the vector lies, so the share of bits in which two codes
differ estimates the angle between their vectors (Charikar, "Similarity Estimation Techniques from
Rounding Algorithms", 2002). The hyperplanes come in orthogonal sets, which estimate better than
independent ones (Ji et al., "Super-Bit Locality-Sensitive Hashing", 2012), and each set is a
pseudo-random rotation, twice random signs and a Hadamard transform (Andoni et al., "Practical and
Optimal LSH for Angular Distance", 2015): a few additions, the same on every machine. Codes of all
spaces have the same length, whatever the dimensions of their vectors.

Measured on 11,470 passages of technical documentation and 600 queries, the share of the true ten
nearest among the nearest by code: 256 bits 0.970 of 200 candidates, 512 bits 0.993 of 200,
1,024 bits 0.998 of 150. More bits cost less than more candidates.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BITS = 1024
_SEED = 20_260_101
# Vectors that are rotated at once: it takes 4 kB each.
_BATCH = 256


def codes(vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """The bits of each vector, n × 1,024."""
    found = np.empty((len(vectors), BITS), dtype=np.bool_)
    for start in range(0, len(vectors), _BATCH):
        found[start : start + _BATCH] = _sides(vectors[start : start + _BATCH])
    return found


def as_text(code: NDArray[np.bool_]) -> str:
    """A code as Postgres writes a bit string."""
    return "".join(np.where(code, "1", "0"))


def as_binary(code: NDArray[np.bool_]) -> bytes:
    """A code as COPY takes a bit string in binary."""
    return struct.pack(">i", BITS) + np.packbits(code).tobytes()


def _sides(vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
    number, dimensions = vectors.shape
    signs = _signs(dimensions)
    _, sets, size = signs.shape
    # One column a vector, so that a step adds long rows to long rows.
    rotated = np.zeros((sets, size, number), dtype=np.float32)
    rotated[:, :dimensions] = vectors.T
    for turn in signs:
        rotated *= turn[:, :, None]
        _transform(rotated)
    sides: NDArray[np.bool_] = rotated.reshape(-1, number)[:BITS].T > 0
    return sides


def _transform(values: NDArray[np.float32]) -> None:
    """The Hadamard transform of the second axis in place, not normalised: only signs count."""
    sets, size, number = values.shape
    step = 1
    while step < size:
        pairs = values.reshape(sets, -1, 2, step * number)
        first, second = pairs[:, :, 0], pairs[:, :, 1]
        sums = first + second
        np.subtract(first, second, out=second)
        first[...] = sums
        step *= 2


@lru_cache(maxsize=8)
def _signs(dimensions: int) -> NDArray[np.float32]:
    """Random signs, 2 × sets × size: for ever the same, or codes would not fit each other."""
    size = 1 << (dimensions - 1).bit_length()
    # RandomState's numbers are promised never to change; those of newer generators are not.
    bits = np.random.RandomState(_SEED).randint(0, 2, size=(2, -(-BITS // size), size))
    return (bits * 2 - 1).astype(np.float32)
