"""How common each term is stays right, whatever comes, goes and runs at the same time."""

import threading
from collections import Counter

import numpy as np
import pytest
from django.db import connection

from knowledge import counting, services, spaces, storing
from knowledge.lexical import term_id, terms
from knowledge.models import Chunk, EmbeddingSpace, Term, TermDelta
from tests.factories.knowledge import SourceFactory, indexed
from tests.factories.tenants import TenantFactory

pytestmark = pytest.mark.django_db


def stored(space):
    return dict(Term.unscoped.filter(space=space).values_list("term", "chunks"))


def recounted(tenant):
    """The counts as they follow from the passages themselves."""
    passages = Chunk.unscoped.filter(tenant=tenant)
    texts = [f"{passage.heading}\n{passage.text}" for passage in passages]
    return dict(Counter(term_id(term) for text in texts for term in set(terms(text))))


@pytest.fixture
def files(access, contributor, source):
    """Index these texts as documents."""
    return lambda *texts: indexed(
        access(contributor), source, *((f"{n}.txt", text) for n, text in enumerate(texts))
    )


def test_counts_follow_what_comes_and_goes(files, tenant, access, contributor):
    documents = files("leave and travel", "leave and pay", "pay day")
    services.delete_document(access(contributor), documents[1])

    counting.settle_all()

    space = spaces.current(tenant.pk)
    assert stored(space) == recounted(tenant)
    assert stored(space)[term_id("leav")] == 1
    assert space.chunk_total == 2


def test_a_term_that_nobody_has_any_more_is_forgotten(files, tenant, access, contributor):
    [document] = files("unique")
    services.delete_document(access(contributor), document)

    counting.settle_all()

    assert not Term.unscoped.exists()
    assert not TermDelta.unscoped.exists()
    assert spaces.current(tenant.pk).chunk_total == 0


def test_a_small_tenant_is_always_up_to_date(files, tenant):
    for number in range(5):
        files(f"leave number{number}")

    assert stored(spaces.current(tenant.pk))[term_id("leav")] == 5


def test_counts_lag_behind_by_a_twentieth_at_most(files, tenant):
    space = spaces.current(tenant.pk)
    EmbeddingSpace.unscoped.filter(pk=space.pk).update(chunk_total=40)

    files("one")
    files("two")
    assert TermDelta.unscoped.count() == 2
    files("three")

    assert not TermDelta.unscoped.exists()
    assert spaces.current(tenant.pk).chunk_total == 43


def test_many_small_changes_are_settled_in_any_case(tenant, monkeypatch):
    monkeypatch.setattr(counting, "_MOST_DELTAS", 3)
    space = spaces.current(tenant.pk)
    EmbeddingSpace.unscoped.filter(pk=space.pk).update(chunk_total=1_000_000)
    for _ in range(3):
        counting.note(space, [[1, 2]], sign=1)

    counting.settle_if_due(space.pk)

    assert stored(space) == {1: 3, 2: 3}


def test_nothing_is_noted_of_nothing(tenant):
    counting.note(spaces.current(tenant.pk), [], sign=1)

    assert not TermDelta.unscoped.exists()


def test_terms_of_another_tenant_are_not_counted(files, tenant, access, stranger, other_tenant):
    files("leave")
    indexed(
        access(stranger, other_tenant), SourceFactory(tenant=other_tenant), ("a.txt", "leave pay")
    )

    assert stored(spaces.current(tenant.pk)) == {term_id("leav"): 1}


@pytest.mark.django_db(transaction=True)
def test_many_at_once_neither_wait_for_ever_nor_miscount():
    space = spaces.current(TenantFactory().pk)
    problems = []

    def come_and_go(seed):
        generator = np.random.default_rng(seed)
        try:
            for _ in range(10):
                passages = [generator.choice(50, 20, replace=False) for _ in range(3)]
                counting.note(space, passages, sign=1)
                counting.settle_if_due(space.pk)
                counting.note(space, passages[:2], sign=-1)
                counting.settle(space.pk)
        except Exception as error:  # noqa: BLE001
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=come_and_go, args=[seed]) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    counting.settle_all()
    assert not problems
    assert spaces.current(space.tenant_id).chunk_total == 4 * 10
    # Each of the forty passages that stayed has twenty terms.
    assert sum(stored(space).values()) == 4 * 10 * 20


def test_a_second_settler_leaves_it_to_the_first(tenant):
    assert counting.settle(spaces.current(tenant.pk).pk)
    assert not counting.settle(tenant.pk), "there is no such space"


def test_the_terms_of_a_stored_passage_are_read_back_from_it(files, tenant):
    [document] = files("leave and travel and pay")

    [changed] = storing.remove([document.pk])

    assert changed == spaces.current(tenant.pk).pk
    delta = TermDelta.unscoped.get()
    assert delta.chunks == -1
    terms = np.frombuffer(delta.terms, dtype="<i4").tolist()
    assert terms == sorted(map(term_id, ("leav", "travel", "pay")))
    assert np.frombuffer(delta.counts, dtype="<i4").tolist() == [-1, -1, -1]
