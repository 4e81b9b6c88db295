"""Codes stand in for vectors: near ones have codes that differ in few bits."""

import hashlib

import numpy as np
import pytest

from knowledge import codes


def vectors(number, dimensions=256):
    return np.random.RandomState(1).standard_normal((number, dimensions)).astype(np.float32)


@pytest.mark.parametrize("dimensions", [256, 384, 1024, 1536])
def test_vectors_of_any_length_have_codes_of_one_length(dimensions):
    assert codes.codes(vectors(3, dimensions)).shape == (3, codes.BITS)


def test_the_share_of_differing_bits_is_the_angle():
    [first, other] = vectors(2)
    for share in (0.1, 0.5, 0.9):
        second = (1 - share) * first + share * other
        cosine = first @ second / np.linalg.norm(first) / np.linalg.norm(second)

        of_first, of_second = codes.codes(np.stack([first, second]))

        assert (of_first != of_second).mean() == pytest.approx(np.arccos(cosine) / np.pi, abs=0.04)


def test_opposite_vectors_share_no_bit():
    [first] = vectors(1)

    of_first, of_opposite = codes.codes(np.stack([first, -first]))

    assert not (of_first == of_opposite).any()


def test_codes_are_the_same_for_ever():
    """Stored codes would not fit those of queries any more."""
    signs = codes._signs(256)

    assert hashlib.sha256(signs.tobytes()).hexdigest() == (
        "2b870b0bc14887e5488c02c6a2a2b44beb2ad6d26e039e67351f9f993532a658"
    )


def test_many_are_coded_as_one_is(monkeypatch):
    monkeypatch.setattr(codes, "_BATCH", 3)
    some = vectors(8)

    together = codes.codes(some)

    assert all((codes.codes(some[at : at + 1])[0] == together[at]).all() for at in range(8))


def test_a_code_is_written_in_both_forms():
    [code] = codes.codes(vectors(1))

    text, binary = codes.as_text(code), codes.as_binary(code)

    assert set(text) == {"0", "1"}
    assert int.from_bytes(binary[:4]) == codes.BITS
    assert f"{int.from_bytes(binary[4:]):01024b}" == text
