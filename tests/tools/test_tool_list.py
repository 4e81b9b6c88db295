"""The list of tools."""

import pytest

from tests.factories.tools import BuiltinToolFactory, ToolFactory

URL = "/t/acme/tools/"


def test_everybody_sees_the_tools(page, viewer, tenant):
    ToolFactory(tenant=tenant, name="Order status")
    BuiltinToolFactory(tenant=tenant, name="Clock")

    html = page(viewer).get(URL).content.decode()

    assert "Order status" in html
    assert "Clock" in html
    assert "New tool" not in html


def test_an_empty_list_offers_the_first_step(page, editor, viewer):
    assert "Add the first tool" in page(editor).get(URL).content.decode()
    assert "Add the first tool" not in page(viewer).get(URL).content.decode()


def test_other_tenants_and_restricted_tools_are_not_there(page, editor, other_tenant, tenant):
    ToolFactory(tenant=other_tenant, name="Foreign")
    ToolFactory(tenant=tenant, name="Hidden", is_restricted=True)

    html = page(editor).get(URL).content.decode()

    assert "Foreign" not in html
    assert "Hidden" not in html


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("q=orders", "Alpha", "Beta"),
        ("kind=builtin", "Beta", "Alpha"),
        ("kind=nonsense", "Beta", "nothing"),
        ("q=zebra", "No tool fits", "Alpha"),
    ],
)
def test_the_list_is_narrowed_by_the_address(page, viewer, tenant, query, shown, hidden):
    ToolFactory(tenant=tenant, name="Alpha", url_template="https://api.example.com/orders")
    BuiltinToolFactory(tenant=tenant, name="Beta")

    html = page(viewer).get(f"{URL}?{query}").content.decode()

    assert shown in html
    assert hidden not in html


@pytest.mark.parametrize(("sort", "first"), [("name", "Alpha"), ("-name", "Beta")])
def test_the_list_is_sorted_by_the_address(page, viewer, tenant, sort, first):
    ToolFactory(tenant=tenant, name="Alpha")
    ToolFactory(tenant=tenant, name="Beta")

    response = page(viewer).get(f"{URL}?sort={sort}")

    assert response.context["page"].rows[0].name == first


def test_htmx_gets_the_results_alone(page, viewer, tenant):
    ToolFactory(tenant=tenant, name="Alpha")

    html = page(viewer).get(URL, headers={"HX-Request": "true"}).content.decode()

    assert "Alpha" in html
    assert "<html" not in html


def test_the_number_of_queries_does_not_grow(page, viewer, tenant, django_assert_max_num_queries):
    for _ in range(30):
        ToolFactory(tenant=tenant)
    client = page(viewer)

    with django_assert_max_num_queries(8):
        client.get(URL)
