import logging
import sys
import threading

import numpy as np
import pytest

from knowledge import embedding
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


@pytest.fixture
def cold():
    """As in a process that has not searched yet."""
    embedding._load.cache_clear()
    yield
    for thread in warming():
        thread.join(60)
    embed(["warm again"])


def warming():
    return [thread for thread in threading.enumerate() if thread.name == "embedding-warm-up"]


def test_warming_up_loads_the_model_beside_what_goes_on(cold):
    embedding.warm_up()
    for thread in warming():
        thread.join(30)

    assert embedding._load.cache_info().currsize == 1


def test_who_comes_while_it_is_loaded_waits_and_does_not_load_it_twice(cold):
    embedding.warm_up()
    embedding.warm_up()

    assert embed(["leave"]).any()
    assert embedding._load.cache_info().misses == 1


def test_warming_up_what_is_warm_does_nothing():
    embed(["leave"])

    embedding.warm_up()

    assert not warming()


def test_the_model_leaves_the_log_as_it_is(cold, monkeypatch):
    root = logging.getLogger()
    before = root.level, root.handlers[:]
    for name in [name for name in sys.modules if name.split(".")[0] == "wordllama"]:
        monkeypatch.delitem(sys.modules, name)

    embed(["leave"])

    assert (root.level, root.handlers) == before


@pytest.mark.django_db
def test_pages_from_which_people_search_warm_it_up(page, owner, monkeypatch):
    warmed = []
    monkeypatch.setattr(embedding, "warm_up", lambda: warmed.append(True))

    page(owner).get("/t/acme/knowledge/search/")

    assert warmed
