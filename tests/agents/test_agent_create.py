"""Making an agent."""

import pytest

from agents.models import Agent
from tenants.models import AuditEvent
from tests.factories.agents import AgentFactory
from tests.factories.knowledge import SourceFactory
from tests.factories.personas import PersonaFactory
from tests.factories.tenants import ProviderFactory
from tests.factories.tools import ToolFactory

URL = "/t/acme/agents/new/"
FILLED = {
    "name": "Billing helper",
    "model": "",
    "max_steps": 8,
    "max_tool_calls": 8,
    "max_output_tokens": 1024,
    "timeout_seconds": 120,
    "retrieve_k": 8,
}


def test_a_filled_form_makes_a_draft_with_all_that_was_chosen(page, tenant, editor):
    persona = PersonaFactory(tenant=tenant)
    tool, source = ToolFactory(tenant=tenant), SourceFactory(tenant=tenant)
    chosen = {
        "persona": persona.pk,
        "value_company": "Globex",
        "tools": [tool.pk],
        "sources": [source.pk],
    }

    response = page(editor).post(URL, FILLED | chosen)

    agent = Agent.unscoped.get(name="Billing helper")
    assert response["Location"] == f"/t/acme/agents/{agent.pk}/"
    assert (agent.slug, agent.model, agent.provider) == ("billing-helper", "default", None)
    assert (agent.persona, agent.persona_values) == (persona, {"company": "Globex"})
    assert [link.tool for link in agent.tool_links.all()] == [tool]
    assert [link.source for link in agent.source_links.all()] == [source]
    assert (agent.status, agent.created_by) == ("draft", editor)


def test_making_an_agent_is_on_record(page, tenant, editor):
    page(editor).post(URL, FILLED)

    event = AuditEvent.unscoped.get(action="agent.created")
    assert (event.actor, event.object_label) == (editor, "Billing helper")


def test_a_provider_brings_its_usual_model(page, tenant, editor):
    provider = ProviderFactory(tenant=tenant, default_model="gpt-9")

    page(editor).post(URL, FILLED | {"provider": provider.pk})

    assert Agent.unscoped.get().model == "gpt-9"


def test_identifiers_made_of_equal_names_differ(page, tenant, editor):
    AgentFactory(tenant=tenant, name="Other", slug="billing-helper")

    page(editor).post(URL, FILLED)

    assert Agent.unscoped.get(name="Billing helper").slug == "billing-helper-2"


@pytest.mark.parametrize("field", ["name", "slug"])
def test_a_taken_name_or_identifier_is_told_beside_its_field(page, tenant, editor, field):
    AgentFactory(tenant=tenant, name="Taken", slug="taken")

    response = page(editor).post(URL, FILLED | {field: "Taken" if field == "name" else "taken"})

    assert response.status_code == 422
    assert field in response.context["form"].errors


def test_another_tenant_may_use_the_same_name(page, tenant, other_tenant, editor):
    AgentFactory(tenant=other_tenant, name="Billing helper", slug="billing-helper")

    assert page(editor).post(URL, FILLED).status_code == 302


def test_a_limit_out_of_bounds_is_refused(page, tenant, editor):
    response = page(editor).post(URL, FILLED | {"max_steps": 51})

    assert response.status_code == 422
    assert "max_steps" in response.context["form"].errors


@pytest.mark.parametrize(
    ("field", "factory"),
    [
        ("persona", PersonaFactory),
        ("provider", ProviderFactory),
        ("tools", ToolFactory),
        ("sources", SourceFactory),
    ],
)
def test_what_belongs_to_another_tenant_can_not_be_chosen(
    page, other_tenant, editor, field, factory
):
    foreign = factory(tenant=other_tenant)

    response = page(editor).post(URL, FILLED | {field: foreign.pk})

    assert response.status_code == 422
    assert not Agent.unscoped.exists()


def test_choosing_a_persona_brings_the_fields_of_its_variables(page, tenant, editor):
    persona = PersonaFactory(tenant=tenant)

    response = page(editor).get(URL, {"persona": persona.pk}, headers={"HX-Request": "true"})

    assert b'name="value_company"' in response.content
    assert b"<html" not in response.content


def test_an_unreadable_persona_brings_no_fields(page, tenant, editor):
    response = page(editor).get(URL, {"persona": "nonsense"}, headers={"HX-Request": "true"})

    assert response.status_code == 200
    assert b"value_" not in response.content


def test_descriptions_of_variables_are_text_not_markup(page, tenant, editor):
    variable = {"name": "x", "description": "<b>bold</b>", "default": "", "required": True}
    persona = PersonaFactory(tenant=tenant, variables=[variable])

    body = page(editor).get(URL, {"persona": persona.pk}).content.decode()

    assert "&lt;b&gt;bold" in body
    assert "<b>bold" not in body


def test_a_persona_that_is_switched_off_is_not_offered(page, tenant, editor):
    PersonaFactory(tenant=tenant, name="Retired", is_active=False)

    assert "Retired" not in page(editor).get(URL).content.decode()


def test_viewers_may_not_make_agents(page, tenant, viewer):
    assert page(viewer).get(URL).status_code == 403
    assert page(viewer).post(URL, FILLED).status_code == 403
