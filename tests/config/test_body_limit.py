"""A request is refused as a whole when it is too large, whatever it consists of."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from knowledge.models import Document
from tests.factories.knowledge import SourceFactory

pytestmark = pytest.mark.django_db
FILE = b"x" * 3_000


@pytest.fixture(autouse=True)
def small(settings):
    settings.REQUEST_MAX_BYTES = 8_000


def files(count):
    return [SimpleUploadedFile(f"{n}.txt", FILE) for n in range(count)]


def test_files_that_are_small_one_by_one_are_too_large_together(api, editor, tenant):
    source = SourceFactory(tenant=tenant)

    answer = api(editor).upload(
        "/knowledge/upload", {"knowledge_id": str(source.pk), "files": files(3)}
    )

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer["Content-Type"] == "application/problem+json"
    assert not Document.unscoped.exists()


def test_a_page_says_so_as_a_page(page, editor, tenant):
    source = SourceFactory(tenant=tenant)

    answer = page(editor).post(f"{source.get_absolute_url()}upload/", {"files": files(3)})

    assert answer.status_code == 413
    assert "This is too much at once" in answer.content.decode()
    assert not Document.unscoped.exists()


def test_what_fits_gets_in(api, editor, tenant):
    source = SourceFactory(tenant=tenant)

    answer = api(editor).upload(
        "/knowledge/upload", {"knowledge_id": str(source.pk), "files": files(2)}
    )

    assert answer.status_code == 202


def test_a_form_with_too_much_text_is_told_the_same(page, editor, settings):
    settings.REQUEST_MAX_BYTES = 1_000_000
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000

    answer = page(editor).post("/t/acme/knowledge/new/", {"description": "x" * 2_000})

    assert answer.status_code == 413
    assert "too much at once" in answer.content.decode()


@pytest.mark.parametrize("length", ["-1", "many", "1e9", ""])
def test_a_length_that_is_none_does_no_harm(api, editor, length):
    answer = api(editor).client.generic("GET", "/api/v1/agents", CONTENT_LENGTH=length)

    assert answer.status_code == 200
