"""Requests under one Idempotency-Key that come at once, or after one that died."""

import pytest

from knowledge.models import Source
from tenants import idempotency
from tests.conftest import ApiClient
from tests.factories.tenants import ApiKeyFactory
from tests.tenants.test_idempotency import BODY, under
from tests.tenants.test_member_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_twins_at_once_do_the_work_once(tenant, editor):
    key = ApiKeyFactory(tenant=tenant, user=editor, scopes=["change_knowledge"])

    def ask():
        return ApiClient(key.token).post("/knowledge", BODY, **under("a-1"))

    answers = at_once(*[ask] * 8)

    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert Source.unscoped.count() == 1
    assert sum("Idempotent-Replayed" in a for a in answers) == 7


def test_a_twin_that_waits_too_long_is_told_to_come_again(tenant, editor, monkeypatch):
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 0.1)
    key = ApiKeyFactory(tenant=tenant, user=editor, scopes=["change_knowledge"])
    busy = idempotency._number(idempotency._place(key, "a-1"))
    idempotency._lock(busy)

    [answer] = at_once(lambda: ApiClient(key.token).post("/knowledge", BODY, **under("a-1")))

    assert (answer.status_code, answer["Retry-After"]) == (409, "10")
    idempotency._unlock(busy)


def test_a_first_attempt_whose_process_died_blocks_nobody(tenant, editor):
    key = ApiKeyFactory(tenant=tenant, user=editor, scopes=["change_knowledge"])
    busy = idempotency._number(idempotency._place(key, "a-1"))
    # Its connection ends with it, and with that its lock.
    at_once(lambda: idempotency._lock(busy))

    [answer] = at_once(lambda: ApiClient(key.token).post("/knowledge", BODY, **under("a-1")))

    assert answer.status_code == 201
    assert "Idempotent-Replayed" not in answer
