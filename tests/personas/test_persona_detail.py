"""The page of a persona: what it is, its prompt, deleting it."""

import pytest

from personas.models import Persona
from tenants import usage
from tests.factories.personas import PersonaFactory


@pytest.fixture
def persona(tenant):
    return PersonaFactory(
        tenant=tenant, name="Ada", instructions="Help {{company}}. <script>x</script>"
    )


def test_the_page_tells_what_the_persona_is(page, viewer, persona):
    html = page(viewer).get(persona.get_absolute_url()).content.decode()

    assert "<mark>{{company}}</mark>" in html
    assert "&lt;script&gt;x" in html
    assert "Help Acme." in html
    assert "Edit</a>" not in html


def test_the_prompt_is_shown_with_other_values(page, viewer, persona):
    url = f"{persona.get_absolute_url()}preview/"
    client = page(viewer)

    piece = client.post(url, {"sample-company": "Globex"}, headers={"HX-Request": "true"})
    whole = client.post(url, {"sample-company": "Globex", "csrf": "x"})

    assert "Help Globex." in piece.content.decode()
    assert "<html" not in piece.content.decode()
    assert 'value="Globex"' in whole.content.decode()


def test_the_confirmation_names_the_users(page, admin, persona, tenant, monkeypatch):
    user = PersonaFactory(tenant=tenant, name="An agent in its place")
    use = usage.Use(
        find=lambda used: Persona.unscoped.filter(pk=user.pk), detach=lambda *them: None
    )
    monkeypatch.setitem(usage._uses, Persona, [use])

    html = page(admin).get(persona.get_absolute_url()).content.decode()

    assert "Delete this persona?" in html
    assert html.count("An agent in its place") == 2


def test_a_persona_is_deleted(page, admin, persona):
    response = page(admin).post(f"{persona.get_absolute_url()}delete/")

    assert response["Location"] == "/t/acme/personas/"
    assert not Persona.unscoped.exists()


def test_who_may_do_what(page, editor, viewer, stranger, persona):
    url = persona.get_absolute_url()

    assert page(stranger).get(url).status_code == 404
    assert page(stranger).post(f"{url}preview/").status_code == 404
    assert page(editor).post(f"{url}delete/").status_code == 403
    assert page(viewer).post(f"{url}delete/").status_code == 403
    assert page(editor).get(f"{url}delete/").status_code == 405


def test_the_number_of_queries_is_bounded(page, editor, persona, django_assert_max_num_queries):
    client = page(editor)

    with django_assert_max_num_queries(8):
        client.get(persona.get_absolute_url())
