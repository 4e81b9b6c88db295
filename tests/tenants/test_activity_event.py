"""One event, field by field, and putting a value back."""

import pytest

from personas import services as personas
from tenants import audit, services
from tenants.models import AuditEvent
from tests.factories.personas import PersonaFactory
from tests.factories.tools import ToolFactory
from tools import services as tools

pytestmark = pytest.mark.django_db


@pytest.fixture
def persona(tenant):
    return PersonaFactory(tenant=tenant, name="Greeter", role="clerk", instructions="Greet.\nEnd.")


@pytest.fixture
def changed(persona, access, editor):
    """The event of an edit of two fields."""
    personas.update_persona(access(editor), persona, role="manager", instructions="Greet.\nBow.")
    return AuditEvent.unscoped.get(action="persona.updated")


def body(response):
    return response.content.decode()


def restoring(event, field):
    return f"/t/acme/activity/{event.pk}/restore/{field}/"


def test_it_shows_each_field_before_and_after(page, owner, changed, persona):
    text = body(page(owner).get(changed.get_absolute_url()))

    assert "<del>clerk</del><ins>manager</ins>" in text
    assert "<span>Greet.</span><del>End.</del><ins>Bow.</ins>" in text
    assert f'href="/t/acme/personas/{persona.pk}/"' in text
    assert changed.hash in text


def test_secrets_are_told_as_changed_only(page, owner, access):
    secret = services.create_secret(access(owner), name="Vendor", value="canary-0123456789")
    services.replace_secret(access(owner), secret, name="Vendor", value="canary-9876543210")
    event = AuditEvent.unscoped.get(action="secret.updated")

    text = body(page(owner).get(event.get_absolute_url()))

    assert "changed" in text
    assert "canary" not in text
    assert "restore" not in text


def test_what_is_no_before_and_after_is_told_as_it_is(page, owner, access, tenant):
    told = {"ok": True, "status_code": 200, "scopes": [None, ["view_agents"]], "empty": []}
    event = audit.record(access(owner), "tool.tested", ToolFactory(tenant=tenant), told)

    text = body(page(owner).get(event.get_absolute_url()))

    assert "yes" in text
    assert "See agents" in text


def test_a_value_that_was_empty_and_is_empty_is_told_as_nothing(page, owner, access, tenant):
    told = {"networks": [None, []]}
    event = audit.record(access(owner), "api_key.created", ToolFactory(tenant=tenant), told)

    assert "<span>nothing</span>" in body(page(owner).get(event.get_absolute_url()))


def test_restoring_first_shows_what_it_will_do(page, owner, changed, persona):
    text = body(page(owner).get(restoring(changed, "role")))

    assert "<del>manager</del><ins>clerk</ins>" in text
    persona.refresh_from_db()
    assert persona.role == "manager"


def test_restoring_puts_one_value_back_and_leaves_its_own_event(
    page, editor, owner, changed, persona
):
    response = page(owner).post(restoring(changed, "role"), {"version": persona.version + 1})

    assert response.status_code == 302
    persona.refresh_from_db()
    assert (persona.role, persona.instructions) == ("clerk", "Greet.\nBow.")
    latest = AuditEvent.unscoped.filter(action="persona.updated").latest("number")
    assert latest.changes == {"role": ["manager", "clerk"]}
    assert latest.actor == owner


def test_restoring_does_not_undo_what_somebody_changed_meanwhile(page, owner, changed, persona):
    response = page(owner).post(restoring(changed, "role"), {"version": "1"})

    assert response.status_code == 422
    assert "was changed meanwhile" in body(response)
    persona.refresh_from_db()
    assert persona.role == "manager"


def test_a_value_that_is_there_already_is_not_put_back(page, owner, changed, access, persona):
    personas.update_persona(access(owner), persona, role="clerk")

    assert "It has this value now" in body(page(owner).get(restoring(changed, "role")))


def test_a_value_that_no_longer_fits_is_refused_by_the_service(
    page, owner, access, persona, tenant
):
    personas.update_persona(access(owner), persona, name="Host")
    event = AuditEvent.unscoped.get(action="persona.updated")
    PersonaFactory(tenant=tenant, name="Greeter")

    response = page(owner).post(restoring(event, "name"))

    assert response.status_code == 422
    persona.refresh_from_db()
    assert persona.name == "Host"


def test_a_text_that_was_cut_in_the_log_is_not_put_back(page, owner, access, persona):
    cut = "x" * audit.LONGEST + "…"
    event = audit.record(access(owner), "persona.updated", persona, {"role": [cut, "b"]})

    assert "restore" not in body(page(owner).get(event.get_absolute_url()))
    assert page(owner).post(restoring(event, "role")).status_code == 422


@pytest.mark.parametrize("field", ["created_by", "tenant", "secret", "is_restricted", "nonsense"])
def test_other_fields_can_not_be_put_back(page, owner, access, persona, field):
    event = audit.record(access(owner), "persona.updated", persona, {field: ["a", "b"]})

    assert page(owner).post(restoring(event, field)).status_code == 422


def test_a_tool_does_not_get_another_host_back_without_its_secret(page, owner, access, tenant):
    tool = tools.create_tool(
        access(owner), name="Look up", description="Looks.", auth="bearer", secret="canary-12345",
        url_template="https://old.example.com/x",
    )  # fmt: skip
    tools.update_tool(
        access(owner), tool, secret="canary-67890", url_template="https://new.example.com/x"
    )
    event = AuditEvent.unscoped.filter(action="tool.updated").latest("number")

    response = page(owner).post(restoring(event, "url_template"))

    assert response.status_code == 422
    tool.refresh_from_db()
    assert "new.example.com" in tool.url_template


def test_only_who_may_change_the_object_restores(page, admin, changed, persona, owner):
    persona.refresh_from_db()
    persona.is_restricted = True
    persona.save()

    assert page(admin).post(restoring(changed, "role")).status_code in (404, 422)
    persona.refresh_from_db()
    assert persona.role == "manager"


def test_an_object_that_is_no_more_gets_nothing_back(page, owner, changed, persona, access):
    personas.delete_persona(access(owner), persona)

    assert "restore" not in body(page(owner).get(changed.get_absolute_url()))
    assert page(owner).post(restoring(changed, "role")).status_code == 404
