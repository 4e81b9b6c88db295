import pytest

from tests.factories.agents import AgentFactory
from tests.factories.knowledge import DocumentFactory

pytestmark = pytest.mark.django_db
URL = "/t/acme/palette/"


def found(page, person, query):
    return page(person).get(URL, {"q": query}, headers={"HX-Request": "true"}).content.decode()


def test_it_finds_agents_and_documents_by_name(page, viewer, tenant):
    AgentFactory(tenant=tenant, name="Billing helper")
    DocumentFactory(tenant=tenant, name="Billing policy.pdf")

    content = found(page, viewer, "billing")

    assert "Billing helper" in content
    assert "Billing policy.pdf" in content


def test_what_no_name_could_hold_is_left_out_of_the_words(page, viewer, tenant):
    AgentFactory(tenant=tenant, name="Billing helper")

    assert "Billing helper" in found(page, viewer, "bill\x00ing")


def test_it_finds_nothing_foreign_and_nothing_restricted(page, viewer, tenant, other_tenant):
    AgentFactory(tenant=other_tenant, name="Billing of Globex")
    AgentFactory(tenant=tenant, name="Billing in private", is_restricted=True)

    assert "Nothing matches" in found(page, viewer, "billing")


def test_it_offers_actions_to_who_may_do_them(page, viewer, editor):
    assert "New agent" in found(page, editor, "new agent")
    assert "New agent" not in found(page, viewer, "new agent")
    assert "New secret" not in found(page, editor, "new")


def test_it_works_as_a_page_without_script(page, owner):
    response = page(owner).get(URL, {"q": "jobs"})

    assert b"<html" in response.content
    assert b'href="/t/acme/jobs/"' in response.content


def test_words_are_shown_as_text(page, owner):
    assert "<script>" not in found(page, owner, "<script>")


def test_the_platform_is_found_by_who_looks_after_it(page, owner):
    assert "/platform/" not in found(page, owner, "platform")
    owner.is_platform_admin = True
    owner.save()

    assert "/platform/" in found(page, owner, "platform")
    assert "/platform/" in found(page, owner, "organisations")
    assert "/platform/" not in found(page, owner, "billing")
