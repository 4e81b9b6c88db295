import numpy as np
import pytest

from knowledge.embedding import DIMENSIONS, embed


def test_each_text_has_a_unit_vector_in_the_order_given():
    texts = ["a much longer text about parental leave and its length", "tax", "leave"]

    together = embed(texts)

    assert together.shape == (3, DIMENSIONS)
    assert together.dtype == np.float32
    assert np.linalg.norm(together, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    for text, vector in zip(texts, together, strict=True):
        assert vector == pytest.approx(embed([text])[0], abs=1e-5)


def test_like_is_near_like():
    leave, holiday, engine = embed(["time off work", "holiday leave", "diesel engine"])

    assert leave @ holiday > leave @ engine


def test_a_text_without_words_has_a_vector_without_length():
    assert not embed([""]).any()


def test_no_text_gives_no_vector():
    assert embed([]).shape == (0, DIMENSIONS)
