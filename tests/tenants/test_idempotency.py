"""A POST that is repeated under its Idempotency-Key has its effect once."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge.models import Source
from tenants.models import ApiKey, KeptAnswer
from tenants.tasks import purge_kept_answers
from tests.factories.knowledge import SourceFactory

pytestmark = pytest.mark.django_db
BODY = {"name": "Handbook"}


def under(name):
    return {"headers": {"Idempotency-Key": name}}


@pytest.fixture
def client(api, editor):
    return api(editor)


def test_a_repeated_request_makes_one_thing_and_is_answered_the_same(client):
    first, second = (client.post("/knowledge", BODY, **under("a-1")) for _ in range(2))

    assert Source.unscoped.count() == 1
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert first["Location"] == second["Location"]
    assert first["Content-Type"] == second["Content-Type"]
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert first["X-Request-ID"] != second["X-Request-ID"]


def test_another_body_or_address_under_the_same_name_is_a_409(client):
    client.post("/knowledge", BODY, **under("a-1"))

    for path, body in (("/knowledge", {"name": "Other"}), ("/personas", BODY)):
        answer = client.post(path, body, **under("a-1"))
        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_mismatch")
    assert Source.unscoped.count() == 1


def test_a_refusal_is_repeated_too(client):
    client.post("/knowledge", BODY)
    first = client.post("/knowledge", BODY, **under("a-1"))
    Source.unscoped.all().delete()

    second = client.post("/knowledge", BODY, **under("a-1"))

    assert first.status_code == second.status_code == 422
    assert first.content == second.content


def test_quotes_around_a_name_say_the_same(client):
    client.post("/knowledge", BODY, **under('"a-1"'))

    assert client.post("/knowledge", BODY, **under("a-1"))["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("name", ["", " ", "with space", "x" * 256, "é", "tab\there"])
def test_a_name_that_is_none_is_a_422(client, name):
    answer = client.post("/knowledge", BODY, **under(name))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/header/Idempotency-Key"
    assert not Source.unscoped.exists()


def test_each_key_has_its_own_names(client, tenant, admin, api):
    client.post("/knowledge", BODY, **under("a-1"))
    other = api(admin).post("/knowledge", {"name": "Other"}, **under("a-1"))

    assert other.status_code == 201
    assert Source.unscoped.count() == 2


def test_after_a_day_the_name_is_free(client):
    client.post("/knowledge", BODY, **under("a-1"))
    KeptAnswer.unscoped.update(expires_at=timezone.now())

    answer = client.post("/knowledge", {"name": "Other"}, **under("a-1"))

    assert answer.status_code == 201
    assert KeptAnswer.unscoped.count() == 1
    KeptAnswer.unscoped.update(expires_at=timezone.now() - timedelta(seconds=1))
    purge_kept_answers()
    assert not KeptAnswer.unscoped.exists()


def test_a_crash_keeps_nothing_and_blocks_nobody(client, monkeypatch):
    def crash(*args, **kwargs):
        raise RuntimeError("the disk is full")

    client.client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr("knowledge.services.create_source", crash)
        assert client.post("/knowledge", BODY, **under("a-1")).status_code == 500

    again = client.post("/knowledge", BODY, **under("a-1"))

    assert again.status_code == 201
    assert "Idempotent-Replayed" not in again


def test_a_new_keys_secret_lies_nowhere_in_plain(api, admin, tenant):
    client, wanted = api(admin), {"name": "Import", "scopes": ["run_agents"]}

    first, second = (client.post("/api-keys", wanted, **under("a-1")) for _ in range(2))

    token = second.json()["key"]
    assert token == first.json()["key"]
    assert ApiKey.unscoped.filter(name="Import").count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(sealed, 'escape'), t::text FROM tenants_keptanswer t")
        assert token.split("_")[2] not in str(cursor.fetchall())


def test_an_answer_sealed_with_a_lost_key_is_told_and_nothing_is_done_twice(client):
    client.post("/knowledge", BODY, **under("a-1"))
    KeptAnswer.unscoped.update(sealed_by="gone")

    assert client.post("/knowledge", BODY, **under("a-1")).status_code == 409
    assert Source.unscoped.count() == 1


def test_an_upload_is_repeated_by_its_files(client, tenant):
    source = SourceFactory(tenant=tenant)

    def upload(text):
        files = SimpleUploadedFile("handbook.txt", text.encode())
        form = {"knowledge_id": str(source.pk), "files": files}
        return client.client.post("/api/v1/knowledge/upload", form, **under("a-1"))

    first, second, other = upload("Refunds."), upload("Refunds."), upload("Other.")

    assert (first.status_code, other.status_code) == (202, 409)
    assert first.content == second.content
    assert source.documents.count() == 1


def test_without_the_header_nothing_is_asked(client):
    with CaptureQueriesContext(connection) as caught:
        client.post("/knowledge", BODY)

    assert not [q for q in caught if "advisory_lock(" in q["sql"] or "keptanswer" in q["sql"]]
