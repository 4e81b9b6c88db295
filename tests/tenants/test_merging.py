"""A save that met a newer one is a page of choices; nothing is lost and nothing is overwritten."""

import pytest
from django.utils.html import escape

from personas import services as personas
from personas.models import Persona
from tenants import services
from tenants.models import Tenant
from tests.factories.agents import AgentFactory
from tests.factories.personas import PersonaFactory
from tests.factories.tenants import ApiKeyFactory
from tests.factories.tools import ToolFactory
from tests.tenants.browsing import inputs

pytestmark = pytest.mark.django_db


@pytest.fixture
def persona(tenant):
    return PersonaFactory(tenant=tenant, name="Ada", tone="first", role="first")


@pytest.fixture
def meet(page, access, editor, persona):
    """`meet(mine, theirs)`: both began with the same; theirs was saved first. The page of choices,
    and the client that looks at it."""

    def both(mine, theirs):
        client, url = page(editor), f"{persona.get_absolute_url()}edit/"
        sent = inputs(client.get(url).content.decode())
        personas.update_persona(access(editor), persona, **theirs)
        return client.post(url, sent | {k: [v] for k, v in mine.items()}), client, url

    return both


def parts(response):
    return {part.name: part for part in response.context["form"].merge.parts}


def test_each_side_is_chosen_where_it_alone_has_changed(meet, persona):
    response, client, url = meet({"tone": "mine"}, {"role": "theirs"})

    assert response.status_code == 422
    assert {name: part.choice for name, part in parts(response).items()} == {
        "tone": "mine",
        "role": "theirs",
    }
    client.post(url, inputs(response.content.decode()))

    persona.refresh_from_db()
    assert (persona.tone, persona.role, persona.version) == ("mine", "theirs", 3)


def test_what_both_changed_is_chosen_by_nobody_but_the_person(meet, persona):
    response, client, url = meet({"tone": "mine"}, {"tone": "theirs"})
    tone = parts(response)["tone"]
    sent = inputs(response.content.decode())

    assert (tone.theirs, tone.mine, tone.base, tone.choice) == ("theirs", "mine", "first", "")
    assert "choose:tone" not in sent
    client.post(url, sent | {"choose:tone": ["theirs"]})

    persona.refresh_from_db()
    assert (persona.tone, persona.version) == ("theirs", 2)


def test_rows_of_variables_are_chosen_together(meet, persona):
    rows = [{"name": "city", "description": "", "default": "Lyon", "required": False}]
    response, client, url = meet({"tone": "mine"}, {"variables": rows, "instructions": "{{city}}"})

    assert parts(response)["variables"].theirs == "city: default “Lyon”"
    client.post(url, inputs(response.content.decode()))

    persona.refresh_from_db()
    assert persona.tone == "mine"
    assert [row["name"] for row in persona.variables] == ["city"]


def test_the_same_on_both_sides_is_no_question(meet, persona):
    response, _, _ = meet({"tone": "same"}, {"tone": "same"})

    assert response.status_code == 302


def test_a_third_save_meanwhile_is_met_as_well(meet, access, editor, persona):
    response, client, url = meet({"tone": "mine"}, {"tone": "theirs"})
    sent = inputs(response.content.decode()) | {"choose:tone": ["mine"]}
    personas.update_persona(access(editor), Persona.unscoped.get(), tone="third")

    again = client.post(url, sent)

    tone = parts(again)["tone"]
    assert (tone.theirs, tone.mine, tone.base) == ("third", "mine", "theirs")


def test_a_save_that_comes_between_check_and_service_is_met_too(
    page, access, editor, persona, monkeypatch
):
    client, url = page(editor), f"{persona.get_absolute_url()}edit/"
    sent = inputs(client.get(url).content.decode()) | {"tone": ["mine"]}
    update, rivals = personas.update_persona, ["theirs"]

    def with_a_rival(by, row, **fields):
        if rivals:
            update(access(editor), row, tone=rivals.pop())
        return update(by, row, **fields)

    monkeypatch.setattr("personas.services.update_persona", with_a_rival)

    assert parts(client.post(url, sent))["tone"].theirs == "theirs"
    persona.refresh_from_db()
    assert persona.tone == "theirs"


@pytest.mark.parametrize("base", ["", "{", "[1]", '{"tone": 7}', "[" * 100_000])
def test_a_base_that_is_none_asks_about_everything_that_differs(page, editor, persona, base):
    Persona.unscoped.update(tone="theirs", version=2)
    client, url = page(editor), f"{persona.get_absolute_url()}edit/"
    sent = inputs(client.get(url).content.decode()) | {"version": ["1"], "base": [base]}

    response = client.post(url, sent | {"tone": ["mine"]})

    assert parts(response)["tone"].choice == ""


def test_text_of_others_is_text_on_the_page(meet):
    response, _, _ = meet({"tone": "mine"}, {"tone": "<script>alert(1)</script>"})

    assert "<script>alert(1)" not in response.content.decode()
    assert escape("<script>alert(1)</script>") in response.content.decode()


def test_an_agents_persona_and_its_values_go_together(page, tenant, editor):
    agent = AgentFactory(tenant=tenant)
    variable = {"name": "city", "description": "", "default": "", "required": True}
    other = PersonaFactory(tenant=tenant, name="Zoe", variables=[variable])
    client, url = page(editor), f"{agent.get_absolute_url()}edit/"
    sent = inputs(client.get(url).content.decode())
    values = {"city": "Lyon"}
    type(agent).unscoped.update(persona=other, persona_values=values, version=2)

    response = client.post(url, sent | {"description": ["mine"]})

    assert parts(response)["persona"].theirs == "Zoe\ncity: Lyon"
    client.post(url, inputs(response.content.decode()))
    agent.refresh_from_db()
    assert (agent.persona, agent.persona_values) == (other, values)
    assert agent.description == "mine"


def test_a_typed_secret_is_not_sent_back_but_asked_for_again(page, tenant, editor):
    tool = ToolFactory(tenant=tenant)
    client, url = page(editor), f"{tool.get_absolute_url()}edit/"
    sent = inputs(client.get(url).content.decode())
    type(tool).unscoped.update(description="theirs", version=2)

    response = client.post(url, sent | {"auth": ["bearer"], "secret": ["canary-0123456789"]})

    content = response.content.decode()
    assert response.context["form"].merge
    assert "canary-0123456789" not in content
    assert 'type="password" name="secret"' in content


def test_the_organisation_keys_and_roles_are_met_in_the_same_way(page, access, owner, tenant):
    key = ApiKeyFactory(tenant=tenant, user=owner, scopes=["view_agents"])
    role = services.create_role(access(owner), label="Desk", capabilities=["view_agents"])
    client = page(owner)
    met = {
        "/t/acme/settings/edit/": ("name", lambda: Tenant.objects.update(name="T", version=9)),
        "/t/acme/settings/api-keys/limit/": (
            "rate_limit",
            lambda: services.set_key_limit(access(owner), rate_limit=9, rate_seconds=1),
        ),
        f"/t/acme/settings/api-keys/{key.pk}/edit/": (
            "name",
            lambda: services.update_api_key(access(owner), key, name="T"),
        ),
        f"/t/acme/settings/roles/{role.pk}/edit/": (
            "label",
            lambda: services.update_role(
                access(owner), role, label="T", capabilities=["view_agents"]
            ),
        ),
    }
    for url, (field, change) in met.items():
        sent = inputs(client.get(url).content.decode())
        change()

        response = client.post(url, sent | {field: ["7"]})

        merge = response.context["form"].merge
        assert [part.name for part in merge.parts] == [field], url
        if field == "rate_limit":
            assert [(part.theirs, part.mine) for part in merge.parts] == [
                ("9 in a second", "7 in a minute")
            ]
        done = client.post(url, inputs(response.content.decode()) | {f"choose:{field}": ["mine"]})
        assert done.status_code == 302, url
    tenant.refresh_from_db()
    assert (tenant.key_rate_limit, tenant.key_rate_seconds) == (7, 60)
