"""What goes and what stays when somebody's place in an organisation changes."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from tenants import services
from tenants.models import ApiKey, DefaultView, Membership, Role, SavedView
from tenants.versions import VersionMoved, version_of
from tests.factories.agents import AgentFactory
from tests.factories.tenants import ApiKeyFactory, SavedViewFactory
from tests.tenants.accounts_kit import PASSWORD, sign_in
from tests.tenants.test_members import membership, role, share

pytestmark = pytest.mark.django_db


def browser(person):
    """Theirs, signed in by hand."""
    person.set_password(PASSWORD)
    person.save()
    client = Client()
    sign_in(client, person)
    return client


def is_in(client, slug="acme"):
    return client.get(f"/t/{slug}/").status_code == 200


# ── Roles ─────────────────────────────────────────────────────────────────────────────────────


def test_who_loses_rights_is_signed_out_and_who_gains_some_is_not(access, owner, editor, tenant):
    client, member = browser(editor), membership(editor, tenant)

    services.change_role(access(owner), member, role=role(tenant, "admin"))
    assert is_in(client)
    services.change_role(access(owner), member, role=role(tenant, "viewer"))
    assert not is_in(client)


def test_who_gives_up_rights_stays_signed_in(access, admin, tenant, other_tenant):
    services.add_member(other_tenant, admin, role="viewer")
    client = browser(admin)

    services.remove_member(access(admin), membership(admin, tenant))

    assert is_in(client, "globex")


def test_a_new_role_meets_the_one_that_somebody_else_gave(access, owner, viewer, tenant):
    member = membership(viewer, tenant)
    met = version_of(member)
    services.change_role(access(owner), member, role=role(tenant, "editor"))

    with pytest.raises(VersionMoved):
        services.change_role(
            access(owner), member, role=role(tenant, "admin"), expected_version=met
        )

    assert membership(viewer, tenant).role.slug == "editor"


# ── Suspension ────────────────────────────────────────────────────────────────────────────────


def test_suspending_signs_nobody_out_of_another_organisation(
    access, owner, editor, tenant, other_tenant
):
    services.add_member(other_tenant, editor, role="viewer")
    client, member = browser(editor), membership(editor, tenant)

    for _ in range(2):
        services.suspend_member(access(owner), member)

    assert not is_in(client)
    assert is_in(client, "globex")


def test_letting_in_who_is_in_changes_nothing(access, owner, editor, tenant):
    before = version_of(membership(editor, tenant))

    services.unsuspend_member(access(owner), membership(editor, tenant))

    assert version_of(membership(editor, tenant)) == before


def test_one_owner_suspends_the_other(access, owner, editor, tenant):
    services.add_member(tenant, editor, role="owner")

    services.suspend_member(access(owner), membership(editor, tenant))

    assert membership(editor, tenant).is_suspended


# ── Removal ───────────────────────────────────────────────────────────────────────────────────


def test_a_removed_member_is_signed_out_and_who_leaves_is_not(access, owner, admin, editor, tenant):
    removed, left = browser(editor), browser(admin)

    services.remove_member(access(owner), membership(editor, tenant))
    services.remove_member(access(admin), membership(admin, tenant))

    assert removed.get("/accounts/organisations/").status_code == 302
    assert left.get("/accounts/organisations/").status_code == 200


def test_removing_one_member_ends_no_key_of_others_and_none_twice(access, owner, editor, tenant):
    earlier = timezone.now()
    ended = ApiKeyFactory(tenant=tenant, user=editor, revoked_at=earlier)
    others = ApiKeyFactory(tenant=tenant, user=owner)

    services.remove_member(access(owner), membership(editor, tenant))

    moments = dict(ApiKey.unscoped.values_list("pk", "revoked_at"))
    assert moments == {ended.pk: earlier, others.pk: None}


def test_what_is_shared_with_others_stays_when_one_goes(access, owner, editor, viewer, tenant):
    agent = AgentFactory(tenant=tenant, is_restricted=True)
    for person in (editor, viewer):
        share(agent, person)

    services.remove_member(access(owner), membership(editor, tenant))

    assert access(viewer).may_do(agent, "view")


def test_views_go_with_their_owner_but_for_those_that_others_use(
    access, owner, editor, viewer, tenant, other_tenant
):
    services.add_member(other_tenant, editor, role="viewer")
    kept = {"Theirs, shared": (tenant, editor, True), "Of another": (tenant, viewer, False),
            "Elsewhere": (other_tenant, editor, False)}  # fmt: skip
    for name, (home, user, is_shared) in {**kept, "Theirs": (tenant, editor, False)}.items():
        view = SavedViewFactory(tenant=home, user=user, name=name, is_shared=is_shared)
        if name != "Theirs":
            DefaultView.unscoped.create(tenant=home, user=user, listed="agents", view=view)

    services.remove_member(access(owner), membership(editor, tenant))

    assert set(SavedView.unscoped.values_list("name", flat=True)) == set(kept)
    opened = DefaultView.unscoped.values_list("view__name", flat=True)
    assert set(opened) == {"Of another", "Elsewhere"}


# ── Ownership ─────────────────────────────────────────────────────────────────────────────────


def test_who_owns_nothing_hands_nothing_over(access, admin, editor, tenant):
    with pytest.raises(PermissionDenied, match="An owner hands ownership"):
        services.transfer_ownership(access(admin), membership(editor, tenant))

    assert membership(editor, tenant).role.slug == "editor"


def test_ownership_of_one_organisation_says_nothing_of_another(
    access, owner, editor, tenant, other_tenant
):
    for person in (owner, editor):
        services.add_member(other_tenant, person, role="viewer")

    services.transfer_ownership(access(owner), membership(editor, tenant))

    assert [membership(person, tenant).role for person in (owner, editor)] == [
        Role.unscoped.get(tenant=tenant, slug=slug) for slug in ("admin", "owner")
    ]
    elsewhere = Membership.unscoped.filter(tenant=other_tenant)
    assert {member.role.slug for member in elsewhere} == {"viewer"}
