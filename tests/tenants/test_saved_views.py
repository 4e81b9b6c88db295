"""A list as somebody wants to see it again, under a name."""

import pytest
from django.urls import reverse

from tenants import services
from tenants.models import AuditEvent, DefaultView, Membership, SavedView, Tenant
from tests.factories.knowledge import SourceFactory
from tests.factories.tenants import SavedViewFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def save(page, tenant):
    """`save(person, name="Drafts", query="?status=draft")`: what the form answers."""

    def send(person, listed="agents", **fields):
        url = reverse("tenants:view-create", args=[tenant.slug, listed])
        return page(person).post(url, fields)

    return send


@pytest.fixture
def view(tenant, editor):
    return SavedViewFactory(tenant=tenant, user=editor, name="Drafts")


def act(page, person, view, verb, **fields):
    url = reverse(f"tenants:view-{verb}", args=[view.tenant.slug, view.pk])
    return page(person).post(url, fields)


def agents(page, person, query=""):
    return page(person).get(f"/t/acme/agents/{query}")


def test_what_a_list_shows_is_saved_with_what_the_list_knows_alone(save, editor, page):
    query = "?status=draft&sort=-name&q=&evil=1&after=xyz&view=old"

    answer = save(editor, name="My  drafts", query=query)

    view = SavedView.unscoped.get()
    assert (view.name, view.query) == ("My drafts", {"status": "draft", "sort": "-name"})
    assert answer.url == f"/t/acme/agents/?status=draft&sort=-name&view={view.pk}"
    shown = page(editor).get(answer.url)
    assert shown.context["filters"].cleaned_data["status"] == "draft"
    assert "My drafts" in shown.text
    assert AuditEvent.unscoped.filter(action="view.created").count() == 1


def test_what_no_row_could_hold_is_not_saved(save, editor):
    save(editor, name="Odd", query="?q=a%00b&status=draft&sort=%00")

    assert SavedView.unscoped.get().query == {"status": "draft"}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": " "}, "Give it a name."),
        ({"name": "x" * 61}, "60 characters"),
        ({"name": "Drafts"}, "You have a view with this name"),
        ({"name": "New", "replaces": "01990000-0000-7000-8000-000000000000"}, "valid choice"),
    ],
)
def test_what_can_not_be_saved_is_told(save, editor, view, fields, says):
    answer = save(editor, query="", **fields)

    assert answer.status_code == 422
    assert says in answer.text
    assert SavedView.unscoped.count() == 1


def test_a_name_is_optional_only_where_a_view_can_be_replaced(page, editor, tenant):
    url = reverse("tenants:view-create", args=["acme", "agents"])
    first = page(editor).get(url).context["form"]
    SavedViewFactory(tenant=tenant, user=editor)

    second = page(editor).get(url).context["form"]

    assert first["name"].field.required
    assert not second["name"].field.required


def test_a_list_without_views_is_not_found(save, editor):
    assert save(editor, listed="nothing", name="A").status_code == 404


def test_a_view_can_take_the_place_of_what_one_shows_now(save, editor, view):
    save(editor, replaces=str(view.pk), query="?q=clerk")

    view.refresh_from_db()
    assert (view.name, view.query) == ("Drafts", {"q": "clerk"})


def test_another_persons_view_is_not_there(page, save, admin, view):
    assert "Drafts" not in agents(page, admin).text
    for name in ("edit", "default", "delete"):
        assert act(page, admin, view, name).status_code == 404
    assert save(admin, replaces=str(view.pk), query="?q=x").status_code == 422


def test_only_who_keeps_the_organisation_shares(page, save, admin, owner, viewer):
    save(admin, name="Mine", query="?q=a", is_shared="on")
    save(owner, name="Ours", query="?q=b", is_shared="on")

    shared = dict(SavedView.unscoped.values_list("name", "is_shared"))
    assert shared == {"Mine": False, "Ours": True}
    ours = SavedView.unscoped.get(name="Ours")
    assert "Ours" in agents(page, viewer).text
    assert act(page, viewer, ours, "delete").status_code == 403


def test_what_is_shared_no_longer_is_nobody_elses_default(page, owner, viewer, access, tenant):
    view = SavedViewFactory(tenant=tenant, user=owner, is_shared=True)
    act(page, viewer, view, "default", is_default="on")
    act(page, owner, view, "default", is_default="on")

    services.update_view(access(owner), view, is_shared=False)

    assert [one.user for one in DefaultView.unscoped.all()] == [owner]


def test_the_list_opens_with_ones_default_and_all_leads_to_the_whole(page, editor, admin, view):
    act(page, editor, view, "default", is_default="on")

    opened = agents(page, editor)

    assert (opened.status_code, opened.url) == (
        302,
        f"/t/acme/agents/?status=draft&view={view.pk}",
    )
    assert agents(page, editor, "?view=").status_code == 200
    assert 'href="/t/acme/agents/?view=">Show all agents' in agents(page, editor, "?q=none").text
    assert agents(page, admin).status_code == 200
    act(page, editor, view, "default")
    assert agents(page, editor).status_code == 200


def test_it_is_renamed_and_deleted(page, editor, view):
    act(page, editor, view, "edit", name="Unpublished", is_default="on")

    view.refresh_from_db()
    assert view.name == "Unpublished"
    assert DefaultView.unscoped.get().view == view
    act(page, editor, view, "delete")
    assert not SavedView.unscoped.exists()
    assert not DefaultView.unscoped.exists()


def test_what_a_filter_does_not_take_any_more_is_ignored(tenant, page, editor):
    query = {"status": "no such status", "source": "no id", "sort": "evil"}
    view = SavedViewFactory(tenant=tenant, user=editor, query=query)

    answer = agents(page, editor, f"?status=no+such+status&source=no+id&sort=evil&view={view.pk}")

    assert answer.status_code == 200


def test_who_is_removed_takes_their_own_views_along(tenant, owner, access, editor, view):
    shared = SavedViewFactory(tenant=tenant, user=editor, is_shared=True)

    services.remove_member(access(owner), Membership.unscoped.get(user=editor))

    assert list(SavedView.unscoped.all()) == [shared]


def test_there_is_an_end_to_them(save, editor, monkeypatch, view):
    monkeypatch.setattr("tenants.viewed_lists.MOST", 1)

    assert "At most 1 views" in save(editor, name="More", query="").text


def test_a_view_of_documents_is_there_in_every_source(save, page, tenant, editor, stranger):
    one, two = SourceFactory.create_batch(2, tenant=tenant)
    foreign = SourceFactory(tenant=Tenant.objects.exclude(pk=tenant.pk).get())
    create = reverse("tenants:view-create", args=[tenant.slug, "documents"])
    form = {"name": "Failed", "query": "?status=failed", "is_default": "on"}

    assert page(editor).post(f"{create}?source={foreign.pk}", form).status_code == 404
    assert page(editor).post(create, form).status_code == 404
    answer = page(editor).post(f"{create}?source={one.pk}", form)

    view = SavedView.unscoped.get()
    query = f"?status=failed&view={view.pk}"
    assert answer.url == one.get_absolute_url() + query
    assert page(editor).get(two.get_absolute_url()).url == two.get_absolute_url() + query
    shown = page(editor).get(f"{two.get_absolute_url()}{query}")
    edit = reverse("tenants:view-edit", args=[tenant.slug, view.pk])
    assert f'href="{edit}?source={two.pk}"' in shown.text
    gone = page(editor).post(f"{edit}delete/?source={two.pk}")
    assert gone.url == f"{two.get_absolute_url()}?view="
