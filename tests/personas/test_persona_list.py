"""The list of personas."""

import pytest

from tests.factories.personas import PersonaFactory

URL = "/t/acme/personas/"


def test_everybody_sees_the_personas(page, viewer, tenant):
    PersonaFactory(tenant=tenant, name="Ada")

    html = page(viewer).get(URL).content.decode()

    assert "Ada" in html
    assert "company" in html
    assert "New persona" not in html


def test_an_empty_list_offers_the_first_step(page, editor, viewer):
    assert "Write the first persona" in page(editor).get(URL).content.decode()
    assert "Write the first persona" not in page(viewer).get(URL).content.decode()


def test_other_tenants_and_restricted_personas_are_not_there(page, editor, other_tenant, tenant):
    PersonaFactory(tenant=other_tenant, name="Foreign")
    PersonaFactory(tenant=tenant, name="Hidden", is_restricted=True)

    html = page(editor).get(URL).content.decode()

    assert "Foreign" not in html
    assert "Hidden" not in html


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("q=clerk", "Alpha", "Beta"),
        ("active=yes", "Alpha", "Beta"),
        ("active=no", "Beta", "Alpha"),
        ("active=nonsense", "Beta", "nothing"),
        ("q=zebra", "No persona fits", "Alpha"),
    ],
)
def test_the_list_is_narrowed_by_the_address(page, viewer, tenant, query, shown, hidden):
    PersonaFactory(tenant=tenant, name="Alpha", role="a clerk")
    PersonaFactory(tenant=tenant, name="Beta", role="a cook", is_active=False)

    html = page(viewer).get(f"{URL}?{query}").content.decode()

    assert shown in html
    assert hidden not in html


@pytest.mark.parametrize(("sort", "first"), [("name", "Alpha"), ("-name", "Beta")])
def test_the_list_is_sorted_by_the_address(page, viewer, tenant, sort, first):
    PersonaFactory(tenant=tenant, name="Alpha")
    PersonaFactory(tenant=tenant, name="Beta")

    response = page(viewer).get(f"{URL}?sort={sort}")

    assert response.context["page"].rows[0].name == first


def test_htmx_gets_the_results_alone(page, viewer, tenant):
    PersonaFactory(tenant=tenant, name="Ada")

    html = page(viewer).get(URL, headers={"HX-Request": "true"}).content.decode()

    assert "Ada" in html
    assert "<html" not in html


def test_the_number_of_queries_does_not_grow(page, viewer, tenant, django_assert_max_num_queries):
    for _ in range(30):
        PersonaFactory(tenant=tenant)
    client = page(viewer)

    with django_assert_max_num_queries(8):
        client.get(URL)
