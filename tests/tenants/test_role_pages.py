import re

import pytest

from tenants import granting, services
from tenants.capabilities import BUILT_IN_ROLES, DESCRIPTIONS, LABELS
from tenants.models import AuditEvent, Membership, Role
from tests.factories.tenants import SignInProviderFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = "/t/acme/settings/roles/"


def role(tenant, slug):
    return Role.unscoped.get(tenant=tenant, slug=slug)


@pytest.fixture
def made(access, owner):
    return services.create_role(
        access(owner), label="Desk", capabilities=["manage_members", "run_agents"]
    )


@pytest.fixture
def desk(made, tenant):
    user = UserFactory(name="Dana")
    services.add_member(tenant, user, role=made.slug)
    return user


def checked(content):
    return set(re.findall(r'value="(\w+)" data-includes="[^"]*" checked', content))


def test_the_list_has_the_built_in_roles_and_ones_own(page, admin, made, desk):
    content = page(admin).get(URL).content.decode()

    for label, _ in BUILT_IN_ROLES.values():
        assert label in content
    assert "Desk" in content
    assert "Builds and publishes agents" in content


def test_a_role_says_what_it_holds_and_what_not(page, admin, tenant):
    content = page(admin).get(f"{URL}{role(tenant, 'viewer').pk}/").content.decode()

    for capability, label in LABELS.items():
        assert label.replace("'", "&#x27;") in content
        assert DESCRIPTIONS[capability].replace("’", "’") in content
    assert "built in" in content
    assert f"{URL}{role(tenant, 'viewer').pk}/edit/" not in content


def test_a_role_is_made_with_check_boxes(page, admin, tenant):
    response = page(admin).post(
        f"{URL}new/",
        {"label": "Release desk", "description": "Friday.", "capabilities": ["publish_agents"]},
        follow=True,
    )

    new = role(tenant, "release-desk")
    assert "The role Release desk was made." in response.content.decode()
    assert granting.capabilities_of(new) == {"publish_agents", "view_agents"}
    assert (new.tenant, new.about) == (tenant, "Friday.")


def test_a_role_starts_like_another(page, admin, tenant):
    content = page(admin).get(f"{URL}new/?like={role(tenant, 'viewer').pk}").content.decode()

    assert checked(content) == granting.capabilities_of(role(tenant, "viewer"))
    assert 'value="Viewer (copy)"' in content


def test_a_copy_of_what_is_beyond_one_has_what_one_holds(page, desk, tenant):
    content = page(desk).get(f"{URL}new/?like={role(tenant, 'owner').pk}").content.decode()

    assert checked(content) == {"manage_members", "run_agents", "view_agents"}
    assert "You don’t hold this" in content


@pytest.mark.parametrize("like", ["nonsense", "", "019a8b3c-1111-7222-8333-c3f2d1aabbcc"])
def test_like_nothing_is_empty(page, admin, like):
    response = page(admin).get(f"{URL}new/?like={like}")

    assert response.status_code == 200
    assert checked(response.content.decode()) == set()


def test_a_role_of_others_is_no_start(page, admin, other_tenant):
    response = page(admin).get(f"{URL}new/?like={role(other_tenant, 'viewer').pk}")

    assert checked(response.content.decode()) == set()


def test_what_one_does_not_hold_is_not_taken(page, admin, desk, tenant):
    for person, right in ((admin, "manage_tenant"), (desk, "change_agents"), (admin, "fly")):
        response = page(person).post(f"{URL}new/", {"label": "More", "capabilities": [right]})
        assert response.status_code == 422

    assert not Role.unscoped.filter(label="More").exists()


def test_nothing_but_the_role_is_taken_from_the_form(page, admin, tenant, other_tenant):
    page(admin).post(
        f"{URL}new/",
        {
            "label": "Plain",
            "capabilities": ["view_agents"],
            "tenant": str(other_tenant.pk),
            "is_built_in": "on",
            "slug": "owner",
            "group": "1",
        },
    )

    new = Role.unscoped.get(label="Plain")
    assert (new.tenant, new.is_built_in, new.slug, new.is_owner) == (tenant, False, "plain", False)


def test_a_role_is_changed(page, owner, made, desk, access):
    client, url = page(owner), f"{URL}{made.pk}/edit/"
    assert checked(client.get(url).content.decode()) >= {"manage_members", "run_agents"}

    client.post(url, {"label": "Desk", "capabilities": ["view_agents"]})

    assert access(desk).capabilities == {"view_agents"}
    assert page(desk).get(URL).status_code == 403


def test_a_save_that_met_another_one_undoes_nothing_by_accident(page, access, owner, made):
    client, url = page(owner), f"{URL}{made.pk}/edit/"
    seen = re.search(r'name="version" value="([^"]+)"', client.get(url).content.decode())[1]
    services.update_role(access(owner), made, label="Desk", capabilities=["view_audit"])
    mine = {"label": "Desk", "capabilities": ["view_agents"], "version": seen}

    refused = client.post(url, mine)

    content = refused.content.decode()
    assert refused.status_code == 422
    [part] = refused.context["form"].merge.parts
    assert (part.theirs, part.mine) == ("See the activity log", "See agents")
    again = re.search(r'name="version" value="([^"]+)"', content)[1]
    assert client.post(url, {**mine, "version": again}).status_code == 302
    assert granting.capabilities_of(made) == {"view_agents"}


def test_built_in_roles_have_no_form(page, owner, tenant):
    client = page(owner)

    for act in ("edit", "delete"):
        url = f"{URL}{role(tenant, 'viewer').pk}/{act}/"
        assert client.get(url).status_code == 403
        assert client.post(url, {"label": "Mine"}).status_code == 403


def test_a_role_beyond_ones_own_has_no_form(page, access, owner, desk):
    beyond = services.create_role(access(owner), label="Builders", capabilities=["change_agents"])

    assert f"{beyond.pk}/edit/" not in page(desk).get(f"{URL}{beyond.pk}/").content.decode()
    for act in ("edit", "delete"):
        assert page(desk).get(f"{URL}{beyond.pk}/{act}/").status_code == 403
        assert page(desk).post(f"{URL}{beyond.pk}/{act}/", {"label": "X"}).status_code == 403


def test_a_name_that_is_taken_comes_back(page, admin):
    response = page(admin).post(f"{URL}new/", {"label": "viewer", "capabilities": []})

    assert response.status_code == 422
    assert b"Another role has this name." in response.content


def test_an_unused_role_is_deleted(page, admin, made):
    client = page(admin)
    assert b"Nobody has this role." in client.get(f"{URL}{made.pk}/delete/").content

    response = client.post(f"{URL}{made.pk}/delete/")

    assert response["Location"] == URL
    assert not Role.unscoped.filter(pk=made.pk).exists()


def test_a_used_role_asks_where_its_members_go(page, owner, made, desk, tenant):
    client, url = page(owner), f"{URL}{made.pk}/delete/"

    assert b"In this role: 1 member." in client.get(url).content
    assert client.post(url).status_code == 422
    assert client.post(url, {"move_to": str(made.pk)}).status_code == 422
    client.post(url, {"move_to": str(role(tenant, "viewer").pk)})

    assert Membership.unscoped.get(user=desk).role.slug == "viewer"


def test_a_role_that_only_newcomers_of_a_sign_in_get_is_replaced_there(page, owner, made, tenant):
    sign_in = SignInProviderFactory(tenant=tenant, role=made)
    client, url = page(owner), f"{URL}{made.pk}/delete/"

    assert b"1 sign-in of this organisation gives it" in client.get(url).content
    assert client.post(url).status_code == 422
    assert client.post(url, {"move_to": role(tenant, "viewer").pk}).status_code == 302

    sign_in.refresh_from_db()
    assert sign_in.role.slug == "viewer"


def test_a_role_that_was_given_meanwhile_is_not_deleted(page, owner, made, tenant, monkeypatch):
    """Between the look at who has it and the deletion."""
    really = services.delete_role

    def delete(access, role, **kwargs):
        services.add_member(tenant, UserFactory(), role=role.slug)
        return really(access, role, **kwargs)

    monkeypatch.setattr(services, "delete_role", delete)

    response = page(owner).post(f"{URL}{made.pk}/delete/")

    assert response.status_code == 422
    assert b"just been given" in response.content


def test_the_role_that_one_has_offers_no_deletion(page, owner, made, desk):
    url = f"{URL}{made.pk}/"

    for path in (URL, url):
        assert f"{url}delete/" not in page(desk).get(path).content.decode()
        assert f"{url}delete/" in page(owner).get(path).content.decode()
    assert page(desk).get(f"{url}delete/").status_code == 403
    assert page(desk).post(f"{url}delete/", {"move_to": made.pk}).status_code == 403


def test_only_keepers_of_members_see_roles(page, editor, stranger, made):
    for path in ("", "new/"):
        assert page(editor).get(URL + path).status_code == 403
    for path in (f"{made.pk}/", f"{made.pk}/edit/", f"{made.pk}/delete/"):
        assert page(editor).get(URL + path).status_code == 404
        assert page(stranger).get(URL + path).status_code == 404
        assert page(stranger).get(f"/t/globex/settings/roles/{path}").status_code == 404


@pytest.mark.parametrize("path", ["new/", "{pk}/edit/", "{pk}/delete/"])
def test_every_change_writes_exactly_one_event(page, owner, made, tenant, path):
    before = AuditEvent.unscoped.filter(tenant=tenant).count()

    filled = {"label": "Another", "capabilities": ["view_agents"]}
    page(owner).post(URL + path.format(pk=made.pk), filled)

    assert AuditEvent.unscoped.filter(tenant=tenant).count() == before + 1


def test_the_list_costs_the_same_for_any_number(page, access, owner, django_assert_max_num_queries):
    client = page(owner)
    for count in range(2):
        for number in range(5):
            services.create_role(access(owner), label=f"R{count}{number}", capabilities=[])
        with django_assert_max_num_queries(8):
            client.get(URL)


def test_the_form_costs_no_query_for_each_right(page, admin, made, django_assert_max_num_queries):
    client = page(admin)
    client.get(URL)

    with django_assert_max_num_queries(9):
        client.get(f"{URL}{made.pk}/edit/")
