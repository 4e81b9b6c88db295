import pytest

from tenants import services
from tenants.models import AuditEvent, Membership, Role
from tests.factories.tenants import UserFactory

pytestmark = pytest.mark.django_db
URL = "/t/acme/settings/members/"
TRANSFER = "/t/acme/settings/ownership/"


def of(user):
    return Membership.unscoped.select_related("role").get(user=user)


def role(tenant, slug):
    return str(Role.unscoped.get(tenant=tenant, slug=slug).pk)


def listed(page, person, query=""):
    return page(person).get(f"{URL}{query}").content.decode()


def test_the_list_names_everybody_with_their_role(page, admin, cast):
    content = listed(page, admin)

    for person in (cast.owner, cast.editor, cast.viewer):
        assert person.email in content
    assert cast.stranger.email not in content
    assert "Members" in content


def test_search_looks_at_names_and_addresses(page, admin, cast):
    assert cast.viewer.email not in listed(page, admin, "?q=editor@")
    assert cast.editor.email in listed(page, admin, "?q=editor@")
    assert cast.editor.email in listed(page, admin, "?q=EDIT")
    assert "Nobody matches" in listed(page, admin, "?q=nobody")


def test_filters_by_role_and_status(page, admin, cast, tenant):
    Membership.unscoped.filter(user=cast.viewer).update(is_suspended=True)

    assert cast.viewer.email not in listed(page, admin, "?status=active")
    assert cast.editor.email not in listed(page, admin, "?status=suspended")
    assert cast.viewer.email in listed(page, admin, "?status=suspended")
    assert cast.editor.email in listed(page, admin, f"?role={role(tenant, 'editor')}")
    assert cast.viewer.email not in listed(page, admin, f"?role={role(tenant, 'editor')}")


def test_a_filter_that_nobody_offers_is_ignored(page, admin, cast, other_tenant):
    for query in ("?status=gone", "?role=nonsense", f"?role={role(other_tenant, 'editor')}"):
        assert cast.editor.email in listed(page, admin, query)


@pytest.mark.parametrize("sort", ["name", "-name", "role", "-role", "joined", "-joined"])
def test_every_sort_pages_through_everybody_once(page, admin, tenant, sort):
    for _ in range(55):
        services.add_member(tenant, UserFactory(), role="viewer")
    client, url, met = page(admin), f"{URL}?sort={sort}", []

    while url:
        shown = client.get(url).context["page"]
        met += [member.pk for member in shown.rows]
        url = shown.next_url

    assert len(met) == len(set(met)) == 56


def test_the_list_costs_the_same_for_any_number(page, admin, tenant, django_assert_max_num_queries):
    client = page(admin)
    client.get(URL)

    for _ in range(2):
        with django_assert_max_num_queries(8):
            client.get(URL)
        for _ in range(10):
            services.add_member(tenant, UserFactory(), role="viewer")


def test_htmx_gets_the_results_alone(page, admin):
    content = page(admin).get(URL, headers={"HX-Request": "true"}).content

    assert b"<html" not in content
    assert admin.email.encode() in content


def test_only_keepers_of_members_see_them(page, editor, viewer, stranger):
    target = f"{URL}{of(viewer).pk}/"

    assert page(editor).get(URL).status_code == 403
    assert page(editor).get(target).status_code == 404
    assert page(editor).post(f"{target}remove/").status_code == 404
    assert page(stranger).get(URL).status_code == 404
    assert page(stranger).get(f"/t/globex/settings/members/{of(viewer).pk}/").status_code == 404


def test_an_admin_gives_another_role(page, admin, viewer, tenant):
    response = page(admin).post(
        f"{URL}{of(viewer).pk}/", {"role": role(tenant, "editor")}, follow=True
    )

    assert "Viewer is now Editor." in response.content.decode()
    assert of(viewer).role.slug == "editor"


def test_a_role_beyond_ones_own_is_not_offered_and_not_taken(page, admin, viewer, tenant):
    client, url = page(admin), f"{URL}{of(viewer).pk}/"

    assert role(tenant, "owner") not in client.get(url).content.decode()
    response = client.post(url, {"role": role(tenant, "owner")})

    assert response.status_code == 422
    assert of(viewer).role.slug == "viewer"


def test_ones_own_page_offers_no_role_and_takes_none(page, admin, tenant):
    client, url = page(admin), f"{URL}{of(admin).pk}/"

    content = client.get(url).content.decode()
    promoted = client.post(url, {"role": role(tenant, "owner")})
    refused = client.post(url, {"role": role(tenant, "editor")})

    assert 'name="role"' not in content
    assert "Nobody changes their own role" in content
    assert "Leave…" in content
    assert (promoted.status_code, refused.status_code) == (422, 403)
    assert "Nobody changes their own role" in refused.content.decode()
    assert of(admin).role.slug == "admin"


def test_an_owners_own_page_leads_to_handing_over(page, owner, tenant):
    services.add_member(tenant, UserFactory(), role="owner")
    client, url = page(owner), f"{URL}{of(owner).pk}/"

    assert TRANSFER in client.get(url).content.decode()
    assert client.post(url, {"role": role(tenant, "admin")}).status_code == 403
    assert of(owner).role.slug == "owner"


def test_the_list_offers_no_change_of_ones_own_role(page, admin, viewer):
    content = page(admin).get(URL).content.decode()

    assert f'<a href="{of(viewer).get_absolute_url()}">' in content
    assert f'<a href="{of(admin).get_absolute_url()}">' not in content


def test_an_owners_page_is_closed_to_an_admin(page, admin, owner, tenant):
    client, url = page(admin), f"{URL}{of(owner).pk}/"

    content = client.get(url).content.decode()
    assert "holds more than yours" in content
    assert "Remove" not in content
    assert client.post(url, {"role": role(tenant, "viewer")}).status_code == 403
    for act in ("suspend", "unsuspend", "remove"):
        assert client.post(f"{url}{act}/").status_code == 403
    assert of(owner).role.slug == "owner"


def test_a_foreign_role_is_not_taken(page, owner, viewer, other_tenant):
    response = page(owner).post(f"{URL}{of(viewer).pk}/", {"role": role(other_tenant, "editor")})

    assert response.status_code == 422
    assert of(viewer).role.slug == "viewer"


def test_nothing_but_the_role_is_taken_from_the_form(page, owner, viewer, tenant, other_tenant):
    """Mass assignment, and the fields of a form set that does not exist."""
    member = of(viewer)

    page(owner).post(
        f"{URL}{member.pk}/",
        {
            "role": role(tenant, "editor"),
            "tenant": str(other_tenant.pk),
            "user": str(owner.pk),
            "is_suspended": "on",
            "is_superuser": "on",
            "user-is_superuser": "on",
            "form-TOTAL_FORMS": "1",
            "form-INITIAL_FORMS": "1",
            "form-0-id": str(of(owner).pk),
            "form-0-role": role(tenant, "viewer"),
        },
    )

    member.refresh_from_db()
    viewer.refresh_from_db()
    assert (member.tenant, member.user, member.is_suspended) == (tenant, viewer, False)
    assert member.role.slug == "editor"
    assert not viewer.is_superuser
    assert of(owner).role.slug == "owner"


def test_the_last_owner_is_told_why_they_stay(page, owner, tenant):
    client, url = page(owner), f"{URL}{of(owner).pk}/"

    removed = client.post(f"{url}remove/", follow=True)

    assert "keeps at least one owner" in removed.content.decode()
    assert of(owner).role.slug == "owner"


def test_suspension_ends_the_next_click(page, admin, editor):
    shut_out = page(editor)
    assert shut_out.get("/t/acme/jobs/").status_code == 200

    page(admin).post(f"{URL}{of(editor).pk}/suspend/")

    assert shut_out.get("/t/acme/jobs/").status_code == 404
    page(admin).post(f"{URL}{of(editor).pk}/unsuspend/")
    assert shut_out.get("/t/acme/jobs/").status_code == 200


def test_removal_ends_the_next_click_and_the_next_call(page, api, admin, editor):
    shut_out, client = page(editor), api(editor)
    assert client.get("/jobs").status_code == 200

    page(admin).post(f"{URL}{of(editor).pk}/remove/")

    assert shut_out.get("/t/acme/jobs/").status_code == 404
    assert client.get("/jobs").status_code == 401


def test_who_leaves_lands_where_they_still_belong(page, admin):
    assert page(admin).post(f"{URL}{of(admin).pk}/remove/")["Location"] == "/"
    assert not Membership.unscoped.filter(user=admin).exists()


def test_ownership_is_handed_over_on_a_page_of_its_own(page, owner, editor):
    response = page(owner).post(TRANSFER, {"member": str(of(editor).pk)}, follow=True)

    assert "Editor is owner now" in response.content.decode()
    assert of(editor).role.slug == "owner"
    assert of(owner).role.slug == "admin"


def test_ownership_is_offered_to_others_who_can_get_in(page, owner, editor, viewer):
    Membership.unscoped.filter(user=viewer).update(is_suspended=True)

    content = page(owner).get(f"{TRANSFER}?member={of(editor).pk}").content.decode()

    assert f'value="{of(editor).pk}" selected' in content
    for out in (owner, viewer):
        assert str(of(out).pk) not in content
        refused = page(owner).post(TRANSFER, {"member": str(of(out).pk)})
        assert refused.status_code == 422


def test_ownership_is_an_owners_to_give(page, admin, editor, stranger):
    assert page(admin).get(TRANSFER).status_code == 403
    assert page(admin).post(TRANSFER, {"member": str(of(editor).pk)}).status_code == 403
    assert page(stranger).post(TRANSFER, {"member": str(of(editor).pk)}).status_code == 404
    refused = page(stranger).post("/t/globex/settings/ownership/", {"member": str(of(editor).pk)})
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("path", "fields"),
    [("", {"role": "editor"}), ("suspend/", {}), ("remove/", {})],
)
def test_every_change_writes_exactly_one_event(page, owner, viewer, tenant, path, fields):
    before = AuditEvent.unscoped.filter(tenant=tenant).count()

    filled = {name: role(tenant, slug) for name, slug in fields.items()}
    page(owner).post(f"{URL}{of(viewer).pk}/{path}", filled)

    assert AuditEvent.unscoped.filter(tenant=tenant).count() == before + 1


def test_handing_over_writes_exactly_one_event(page, owner, viewer, tenant):
    before = AuditEvent.unscoped.filter(tenant=tenant).count()

    page(owner).post(TRANSFER, {"member": str(of(viewer).pk)})

    assert AuditEvent.unscoped.filter(tenant=tenant).count() == before + 1


@pytest.mark.parametrize("act", ["suspend", "unsuspend", "remove"])
def test_deciding_is_a_post(page, owner, viewer, act):
    assert page(owner).get(f"{URL}{of(viewer).pk}/{act}/").status_code == 405
