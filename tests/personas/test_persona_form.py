"""Writing and changing personas, with rows of variables and a live preview."""

import pytest

from personas.models import Persona
from tests.factories.personas import PersonaFactory

NEW = "/t/acme/personas/new/"
DRAFT = "/t/acme/personas/draft/"


def filled(*rows, **texts):
    """A form as the browser sends it; each row is a dict."""
    sent = {"name": "Ada", "role": "a clerk", "tone": "warm", "is_active": "on", **texts}
    sent |= {"variables-TOTAL_FORMS": len(rows), "variables-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        sent |= {f"variables-{number}-{name}": value for name, value in row.items()}
    return sent


COMPANY = {"name": "company", "default": "Acme", "required": "on", "sample": "Globex"}


def test_a_persona_is_written(page, editor):
    sent = filled(COMPANY, {"name": ""}, instructions="For {{company}}.")

    response = page(editor).post(NEW, sent)

    persona = Persona.unscoped.get()
    assert response["Location"] == persona.get_absolute_url()
    assert persona.variables == [
        {"name": "company", "description": "", "default": "Acme", "required": True}
    ]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (filled(instructions="For {{company}}."), "{{company}} is not declared"),
        (filled({"name": "Bad Name"}), "Variable 1, name: Small letters"),
        (filled({"name": "", "default": "x"}), "Variable 1, name: This field is required"),
        (filled({"name": "a"}, {"name": "a"}), "Declared twice: a"),
        (filled(*[{"name": f"v{n}"} for n in range(31)]), "at most 30"),
        (filled(name=""), "This field is required"),
        ({"name": "Ada"}, "ManagementForm"),
        ({}, "This field is required"),
    ],
)
def test_what_is_not_right_is_told(page, editor, sent, told):
    response = page(editor).post(NEW, sent)

    assert response.status_code == 422
    assert told in response.content.decode()
    assert not Persona.unscoped.exists()


def test_a_form_with_errors_keeps_all_that_was_typed(page, editor):
    sent = filled(COMPANY, name="", instructions="For {{company}} and {{x}}.")

    html = page(editor).post(NEW, sent).content.decode()

    assert "For {{company}} and {{x}}." in html
    assert 'value="Globex"' in html


def test_a_taken_name_is_told(page, editor, tenant):
    PersonaFactory(tenant=tenant, name="Ada")

    response = page(editor).post(NEW, filled())

    assert response.status_code == 422
    assert "Another persona has this name." in response.content.decode()


def test_a_persona_is_changed(page, editor, tenant):
    persona = PersonaFactory(tenant=tenant)

    page(editor).post(f"{persona.get_absolute_url()}edit/", filled(version=1, tone="brief"))

    persona.refresh_from_db()
    assert (persona.name, persona.tone, persona.variables) == ("Ada", "brief", [])
    assert persona.version == 2


def test_two_who_edit_at_once_lose_nothing(page, editor, tenant):
    persona = PersonaFactory(tenant=tenant, name="Ada")
    url, client = f"{persona.get_absolute_url()}edit/", page(editor)
    client.post(url, filled(version=1, tone="theirs"))

    refused = client.post(url, filled(version=1, tone="mine"))
    again = client.post(url, filled(version=2, tone="mine"))

    html = refused.content.decode()
    assert refused.status_code == 422
    assert "theirs</span>" in html
    assert 'name="mine:tone:tone" value="mine"' in html
    assert again.status_code == 302


def test_who_may_write(page, viewer, contributor, stranger, tenant):
    persona = PersonaFactory(tenant=tenant)
    edit = f"{persona.get_absolute_url()}edit/"

    assert page(viewer).get(NEW).status_code == 403
    assert page(contributor).post(NEW, filled()).status_code == 403
    assert page(viewer).get(edit).status_code == 403
    assert page(stranger).get(edit).status_code == 404
    assert page(viewer).post(f"{DRAFT}preview/", filled()).status_code == 403


# ── While it is written ───────────────────────────────────────────────────────────────────────


def test_the_preview_shows_the_prompt_of_what_is_typed(page, editor):
    sent = filled(COMPANY, instructions="For {{company}}.")

    html = (
        page(editor).post(f"{DRAFT}preview/", sent, headers={"HX-Request": "true"}).content.decode()
    )

    assert "You are Ada, a clerk." in html
    assert "For Globex." in html
    assert "<html" not in html
    assert not Persona.unscoped.exists()


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (filled(instructions="{{gone}}"), "{{gone}} is not declared"),
        (filled({"name": "spare"}), "spare is declared, but not used."),
        (filled({"name": "a"}, instructions="At {{a}}."), "At ‹a›."),
        (filled(name=""), "‹name›"),
        (filled({"name": "BAD"}, instructions="<b>x</b>"), "&lt;b&gt;x"),
        ({"variables-TOTAL_FORMS": "lots"}, "You are"),
        ({}, "You are"),
    ],
)
def test_the_preview_tells_what_is_odd_and_breaks_on_nothing(page, editor, sent, told):
    response = page(editor).post(f"{DRAFT}preview/", sent)

    assert response.status_code == 200
    assert told in response.content.decode()


def test_a_row_is_added_without_losing_anything(page, editor):
    sent = filled(COMPANY, instructions="For {{company}}.", tone="unsaved")

    whole = page(editor).post(f"{DRAFT}add-variable/", sent)
    piece = page(editor).post(f"{DRAFT}add-variable/", sent, headers={"HX-Request": "true"})

    html = whole.content.decode()
    assert 'name="variables-1-name"' in html
    assert 'value="Globex"' in html
    assert 'value="unsaved"' in html
    assert 'name="variables-TOTAL_FORMS" value="2"' in piece.content.decode()
    assert "<html" not in piece.content.decode()


def test_a_row_is_removed_and_the_others_move_up(page, editor):
    sent = filled({"name": "a"}, {"name": "b", "required": "on"})

    html = page(editor).post(f"{DRAFT}remove-variable/0/", sent).content.decode()

    assert 'name="variables-0-name" value="b"' in html
    assert "variables-1-name" not in html


def test_removing_a_row_that_is_not_there_is_harmless(page, editor):
    response = page(editor).post(f"{DRAFT}remove-variable/99/", filled({"name": "a"}))

    assert 'value="a"' in response.content.decode()


def test_no_more_rows_than_allowed_are_added(page, editor):
    sent = filled(*[{"name": f"v{n}"} for n in range(30)])

    html = page(editor).post(f"{DRAFT}add-variable/", sent).content.decode()

    assert "variables-30-name" not in html
    assert "Add a variable" not in html


def test_an_edit_stays_an_edit_of_that_persona(page, editor, tenant, stranger, other_tenant):
    persona = PersonaFactory(tenant=tenant)
    sent = {**filled({"name": "a"}), "persona": persona.pk, "version": 1}

    html = page(editor).post(f"{DRAFT}add-variable/", sent).content.decode()
    foreign = page(stranger).post("/t/globex/personas/draft/add-variable/", sent)
    damaged = page(editor).post(f"{DRAFT}add-variable/", {**sent, "persona": "x"})

    assert f'action="{persona.get_absolute_url()}edit/"' in html
    assert foreign.status_code == 404
    assert damaged.status_code == 404
