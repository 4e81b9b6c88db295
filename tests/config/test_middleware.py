"""Every answer has an id, says who may keep it, and leaves one line in the log."""

import logging

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from config import middleware


@pytest.fixture
def answer():
    """Pass one request through a middleware: answer(middleware.request_id, "/path")."""

    def pass_through(which, path="/somewhere/", view=lambda request: HttpResponse("hello")):
        return which(view)(RequestFactory().get(path))

    return pass_through


def test_every_answer_names_the_request(answer):
    first, second = (answer(middleware.request_id) for _ in range(2))

    assert len(first["X-Request-ID"]) == 32
    assert first["X-Request-ID"] != second["X-Request-ID"]


def test_the_view_knows_the_id_of_its_request(answer):
    response = answer(middleware.request_id, view=lambda r: HttpResponse(r.request_id))

    assert response.content.decode() == response["X-Request-ID"]


def test_a_client_cannot_choose_the_id():
    request = RequestFactory().get("/", headers={"x-request-id": "chosen\r\nforged: line"})

    response = middleware.request_id(lambda r: HttpResponse())(request)

    assert "chosen" not in response["X-Request-ID"]


def test_pages_stay_out_of_caches(answer):
    assert answer(middleware.private_pages)["Cache-Control"] == "no-store"


def test_a_view_may_decide_about_caches_itself(answer):
    def kept(request):
        return HttpResponse(headers={"Cache-Control": "max-age=60"})

    assert answer(middleware.private_pages, view=kept)["Cache-Control"] == "max-age=60"


def test_a_request_leaves_one_line_without_its_query(answer, caplog):
    with caplog.at_level(logging.INFO, "requests"):
        answer(middleware.request_id, "/search/?q=salary")

    (record,) = caplog.records
    assert record.msg["path"] == "/search/"
    assert "salary" not in str(record.msg)


@pytest.mark.parametrize("path", ["/healthz", "/static/css/base.css"])
def test_probes_and_static_files_leave_no_line(answer, caplog, path):
    with caplog.at_level(logging.INFO, "requests"):
        answer(middleware.request_id, path)

    assert not caplog.records
