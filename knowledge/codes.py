"""Binary codes of vectors: short stand-ins that lie in an index and are compared by counting bits.

Each bit says on which side of a hyperplane the vector lies, so the share of bits in which two codes
differ estimates the angle between their vectors (Charikar, "Similarity Estimation Techniques from
Rounding Algorithms", 2002). The hyperplanes come in orthogonal sets, which estimate better than
independent ones (Ji et al., "Super-Bit Locality-Sensitive Hashing", 2012). Codes of all spaces have
the same length, whatever the dimensions of their vectors.

Measured on 11,470 passages of technical documentation and 600 queries, the share of the true ten
nearest among the nearest by code: 256 bits 0.965 of 200 candidates, 512 bits 0.994 of 200, 1,024
bits 0.997 of 100. More bits cost less than more candidates.
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


def codes(vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """The bits of each vector, n × 1,024."""
    sides: NDArray[np.bool_] = vectors @ _hyperplanes(vectors.shape[1]) > 0
    return sides


def as_text(code: NDArray[np.bool_]) -> str:
    """A code as Postgres writes a bit string."""
    return "".join(np.where(code, "1", "0"))


def as_binary(code: NDArray[np.bool_]) -> bytes:
    """A code as COPY takes a bit string in binary."""
    return struct.pack(">i", BITS) + np.packbits(code).tobytes()


@lru_cache(maxsize=8)
def _hyperplanes(dimensions: int) -> NDArray[np.float32]:
    """Normals of the hyperplanes, dimensions × 1,024: for ever the same, or codes would not fit."""
    # RandomState's numbers are promised never to change; those of newer generators are not.
    numbers = np.random.RandomState(_SEED)
    sets = []
    for _ in range(-(-BITS // dimensions)):
        orthogonal, upper = np.linalg.qr(numbers.standard_normal((dimensions, dimensions)))
        # Implementations of the decomposition differ in signs: make the diagonal positive.
        sets.append(orthogonal * np.sign(np.diagonal(upper)))
    return np.concatenate(sets, axis=1)[:, :BITS].astype(np.float32)
