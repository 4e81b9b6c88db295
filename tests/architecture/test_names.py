"""No name that people type holds a sign that nobody sees, on any page and in any operation."""

import json

import pytest
from django.apps import apps
from django.db import models

from tenants.models.names import NameField
from tests.architecture import allowances, payloads, routes
from tests.architecture.asking import fingerprint

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_background")]

HIDDEN = "Clerk\u202eexe"
TOLD = "invisible character U+202E"
NAMES = ("name", "label")
OURS = {"tenants", "agents", "runs", "personas", "tools", "knowledge"}
# Fields of such a name that hold no name which people give.
OTHERS = {
    "tenants.KeptAnswer.name": "an Idempotency-Key: visible ASCII alone",
    "runs.RunStep.name": "of what ran: copied, or as a model wrote it",
    "runs.ToolExecution.name": "as a model wrote it",
}
# Pages with a name in the form and none that is kept.
NOT_KEPT = {
    "personas:draft-preview": "shows the draft",
    "personas:draft-add-variable": "shows the draft",
    "personas:draft-remove-variable": "shows the draft",
}


def named(route):
    """By what field the route's body names something; None where it names nothing."""
    build = payloads._builder(route)
    body = build(BLANK, BLANK) if build and route.name not in NOT_KEPT else {}
    return next((name for name in NAMES if name in body), None)


class Blank:
    """In the place of an organisation and of ids, to see which fields a body has."""

    def __getitem__(self, model):
        return ""

    def __getattr__(self, name):
        return self

    def __str__(self):
        return ""


BLANK = Blank()
each = pytest.mark.parametrize(
    "route", [route for route in routes.routes() if named(route)], ids=lambda route: route.id
)


def test_every_name_is_a_name_field():
    plain = {
        f"{model._meta.label}.{field.name}": "models.CharField"
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for field in model._meta.concrete_fields
        if field.name in NAMES
        and isinstance(field, models.CharField)
        and not isinstance(field, NameField)
    }

    allowances.check("tenants.models.names.NameField:", plain, OTHERS)


@each
def test_a_name_with_a_hidden_sign_is_refused_in_words(route, world, asker):
    before = fingerprint()

    answer = asker.ask(route, "owner", extra={named(route): HIDDEN})

    assert (answer.error, answer.status) == ("", 422)
    assert TOLD in answer.text
    if not route.is_page:
        assert {e["pointer"] for e in json.loads(answer.text)["errors"]} == {f"/{named(route)}"}
    assert fingerprint() == before
