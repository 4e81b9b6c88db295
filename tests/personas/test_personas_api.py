"""The API of the persona library."""

import pytest

from personas.models import Persona
from tenants import usage
from tests.factories.personas import PersonaFactory

NEW = {
    "name": "Ada",
    "role": "a clerk",
    "tone": "warm",
    "instructions": "Help {{company}}.",
    "variables": [{"name": "company", "required": True}],
}


@pytest.fixture
def persona(tenant):
    return PersonaFactory(tenant=tenant, name="Ada", instructions="Help {{company}}.")


def pointers(response):
    assert response["Content-Type"] == "application/problem+json"
    return [error["pointer"] for error in response.json()["errors"]]


def test_a_persona_is_created(api, editor):
    response = api(editor).post("/personas", NEW)

    body = response.json()
    assert response.status_code == 201
    assert response["Location"] == f"/api/v1/personas/{body['id']}"
    assert body["variables"] == [
        {"name": "company", "description": "", "default": "", "required": True}
    ]
    assert body["version"] == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"invented": 1}, "/invented"),
        ({"name": ""}, "/name"),
        ({"instructions": "{{gone}}"}, "/instructions"),
        ({"variables": [{"name": "Bad"}]}, "/variables/0/name"),
        ({"variables": [{"name": "a", "more": 1}]}, "/variables/0/more"),
        ({"variables": [{"name": "company"}, {"name": "company"}]}, "/variables"),
    ],
)
def test_what_is_not_right_is_pointed_at(api, editor, change, pointer):
    response = api(editor).post("/personas", {**NEW, **change})

    assert response.status_code == 422
    assert pointers(response) == [pointer]


def test_personas_are_listed_narrowed_and_sorted(api, viewer, tenant):
    PersonaFactory(tenant=tenant, name="Beta", role="a cook")
    PersonaFactory(tenant=tenant, name="Alpha", is_active=False)
    client = api(viewer)

    def names(**query):
        return [row["name"] for row in client.get("/personas", query).json()["items"]]

    assert names() == ["Alpha", "Beta"]
    assert names(sort="-name") == ["Beta", "Alpha"]
    assert names(is_active="true") == ["Beta"]
    assert names(q="cook") == ["Beta"]
    assert client.get("/personas", {"sort": "tone"}).status_code == 422


def test_a_persona_is_read_and_changed(api, editor, persona):
    client = api(editor)

    changed = client.patch(f"/personas/{persona.pk}", {"tone": "formal"})
    read = client.get(f"/personas/{persona.pk}")

    assert changed.json() == read.json()
    assert (read.json()["tone"], read.json()["name"]) == ("formal", "Ada")


def test_a_version_guards_against_lost_updates(api, editor, persona):
    client, path = api(editor), f"/personas/{persona.pk}"

    first = client.patch(path, {"tone": "one"}, headers={"If-Match": '"1"'})
    second = client.patch(path, {"tone": "two"}, headers={"If-Match": '"1"'})

    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (412, "version_mismatch")


def test_the_prompt_is_rendered(api, viewer, persona):
    client, path = api(viewer), f"/personas/{persona.pk}/test"

    with_value = client.post(path, {"values": {"company": "Globex"}})
    without = client.post(path)

    assert with_value.json()["prompt"].endswith("Help Globex.")
    assert without.json()["prompt"].endswith("Help Acme.")


def test_values_that_are_missing_or_unknown_are_pointed_at(api, viewer, tenant):
    needy = PersonaFactory(tenant=tenant, variables=[{"name": "company", "required": True}])
    client, path = api(viewer), f"/personas/{needy.pk}/test"

    missing = client.post(path, {"values": {}})
    unknown = client.post(path, {"values": {"company": "x", "planet": "y"}})

    assert pointers(missing) == ["/values/company"]
    assert pointers(unknown) == ["/values/planet"]


def test_a_persona_in_use_is_a_conflict_that_names_the_users(
    api, admin, persona, tenant, monkeypatch
):
    user = PersonaFactory(tenant=tenant, name="In an agent's place")
    use = usage.Use(
        find=lambda used: Persona.unscoped.filter(pk=user.pk), detach=lambda *them: None
    )
    monkeypatch.setitem(usage._uses, Persona, [use])
    client = api(admin)

    refused = client.delete(f"/personas/{persona.pk}")
    forced = client.delete(f"/personas/{persona.pk}?force=true")

    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert [used_by["name"] for used_by in refused.json()["users"]] == ["In an agent's place"]
    assert forced.status_code == 204


def test_roles_decide(api, viewer, editor, persona):
    path = f"/personas/{persona.pk}"

    assert api(viewer).post("/personas", NEW).status_code == 403
    assert api(viewer).patch(path, {"tone": "x"}).status_code == 403
    assert api(editor).delete(path).status_code == 403


def test_a_foreign_persona_and_an_unknown_one_look_alike(api, stranger, other_tenant, persona):
    client = api(stranger, where=other_tenant)
    unknown = "01990000-0000-7000-8000-000000000000"

    for call in (client.get, client.delete, lambda path: client.patch(path, {"tone": "x"})):
        foreign, missing = call(f"/personas/{persona.pk}"), call(f"/personas/{unknown}")
        assert foreign.status_code == missing.status_code == 404
        assert foreign.json()["detail"] == missing.json()["detail"]
