"""What the services about an organisation's own sign-in refuse and change by themselves."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import Http404
from django.test import Client
from django.utils import timezone

from tenants import reach, secrets, services, signing_in
from tenants.models import AuditEvent, Membership, Role, Secret, SignInProvider, Tenant, User
from tenants.versions import VersionMoved, version_of
from tests.factories.tenants import SecretFactory, SignInProviderFactory
from tests.tenants.accounts_kit import add_app, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(tenant):
    return SignInProviderFactory(
        tenant=tenant, name="Login", secret=SecretFactory(tenant=tenant, value="the first one")
    )


@pytest.fixture
def role(tenant):
    return lambda slug: Role.unscoped.get(tenant=tenant, slug=slug)


@pytest.fixture
def create(access, role):
    """`create(by, "viewer", name="Login")`"""

    def make(by, slug="viewer", **fields):
        wanted = {
            "name": "Login",
            "kind": "openid",
            "server_url": "https://id.example.org",
            "client_id": "roster",
            "client_secret": "as typed",
            "domains": ["example.org"],
            "is_enabled": True,
        }
        mine = access(by)
        return services.create_sign_in(mine, **{**wanted, "role": role(slug), **fields})

    return make


@pytest.fixture
def update(access, owner, row):
    """`update(name="New")`: the sign-in by its owner, the rest as it is."""

    def change(by=None, **changes):
        names = ("name", "kind", "server_url", "client_id", "domains", "role", "is_enabled")
        stored = SignInProvider.unscoped.get(pk=row.pk)
        fields = {name: getattr(stored, name) for name in names}
        return services.update_sign_in(access(by or owner), stored, **{**fields, **changes})

    return change


@pytest.fixture
def connected(row, person):
    """The browser of somebody who is connected to the sign-in."""
    key = reach.provider_key(row.tenant_id, row.pk)
    SocialAccount.objects.create(user=person, provider=key, uid="1")
    client = Client()
    sign_in(client, person)
    return client


@pytest.fixture
def beside(other_tenant, stranger):
    """The browser of somebody who is connected to another organisation's."""
    other = SignInProviderFactory(tenant=other_tenant)
    key = reach.provider_key(other_tenant.pk, other.pk)
    SocialAccount.objects.create(user=stranger, provider=key, uid="1")
    stranger.set_password("correct horse battery")
    stranger.save()
    client = Client()
    sign_in(client, stranger)
    return client


def is_in(client, slug="acme"):
    return client.get(f"/t/{slug}/").status_code == 200


def events(action):
    told = AuditEvent.unscoped.filter(action=action).order_by("number")
    return list(told.values_list("object_label", "changes"))


# ── Setting one up ────────────────────────────────────────────────────────────────────────────


def test_who_does_not_keep_the_organisation_makes_no_way_into_it(create, admin):
    with pytest.raises(PermissionDenied):
        create(admin)

    assert not SignInProvider.unscoped.exists()
    assert not Secret.unscoped.exists()


def test_nobody_becomes_owner_by_it(create, update, owner, role):
    for act in (lambda: create(owner, "owner"), lambda: update(role=role("owner"))):
        with pytest.raises(ValidationError) as refused:
            act()
        assert set(refused.value.message_dict) == {"role"}


def test_nobody_lets_others_in_as_more_than_they_are(create, update, access, owner, viewer, role):
    keeper = services.create_role(
        access(owner), label="Keeper", capabilities=["manage_members", "manage_tenant"]
    )
    Membership.unscoped.filter(user=viewer).update(role=keeper)

    for act in (
        lambda: create(viewer, "editor"),
        lambda: update(viewer, role=role("editor")),
    ):
        with pytest.raises(PermissionDenied, match="more than yours"):
            act()


def test_a_role_of_another_organisation_is_none(create, owner, other_tenant):
    with pytest.raises(Http404):
        create(owner, role=Role.unscoped.get(tenant=other_tenant, slug="viewer"))


def test_the_log_tells_what_was_set_up_without_its_secret(create, owner):
    create(owner, name="Login")

    [(label, changes)] = events("sign_in.created")
    assert (label, changes["role"], changes["domains"]) == ("Login", "Viewer", ["example.org"])
    assert "as typed" not in str(changes)


def test_a_former_name_is_free_again(create, update, owner, row):
    row.secret.name = "Sign-in Login"
    row.secret.save()
    update(name="Former login")

    assert create(owner, name="Login").secret.name == "Sign-in Login"
    row.secret.refresh_from_db()
    assert row.secret.name == "Sign-in Former login"


def test_a_taken_name_is_told(create, update, tenant, owner, row):
    SecretFactory(tenant=tenant, name="Sign-in Door")
    create(owner, name="Gate")

    for name, told in (("Gate", "Another sign-in has"), ("Door", "Another secret has")):
        with pytest.raises(ValidationError, match=told):
            create(owner, name=name)
        with pytest.raises(ValidationError, match=told):
            update(name=name)


# ── Changing it ───────────────────────────────────────────────────────────────────────────────


def test_a_change_meets_somebody_elses(update, row):
    met = version_of(row)
    update(name="Theirs")

    with pytest.raises(VersionMoved):
        update(name="Mine", expected_version=met)

    row.refresh_from_db()
    assert row.name == "Theirs"


def test_a_value_that_can_not_be_kept_is_refused(update, row):
    with pytest.raises(ValidationError) as refused:
        update(name="x" * 61)

    assert set(refused.value.message_dict) == {"name"}


@pytest.mark.parametrize(
    "other", [{"server_url": "https://thief.example"}, {"kind": "github", "server_url": ""}]
)
def test_the_secret_goes_to_no_server_that_it_was_not_typed_for(update, row, other):
    with pytest.raises(ValidationError) as refused:
        update(**other)
    assert set(refused.value.message_dict) == {"client_secret"}

    update(**other, client_secret="of the other one")
    assert secrets.reveal(Secret.unscoped.get(pk=row.secret_id)) == "of the other one"


def test_the_secret_is_replaced_where_another_is_typed_and_only_there(update, row, owner):
    update(name="Renamed")
    kept = Secret.unscoped.get()
    assert (secrets.reveal(kept), kept.replaced_at) == ("the first one", None)

    update(client_secret="the second one")
    kept = Secret.unscoped.get()
    assert secrets.reveal(kept) == "the second one"
    assert kept.replaced_at
    assert kept.replaced_by == owner


def test_the_log_tells_what_changed_and_of_the_secret_that_it_did(update):
    update()
    update(name="Renamed")
    update(client_secret="the second one")
    update(name="Again", client_secret="the third one")

    assert events("sign_in.updated") == [
        ("Renamed", {"name": ["Login", "Renamed"]}),
        ("Renamed", {"value": "changed"}),
        ("Again", {"name": ["Renamed", "Again"], "value": "changed"}),
    ]


def test_a_new_name_leaves_who_is_connected(update, connected):
    update(name="Renamed")

    assert is_in(connected)
    assert SocialAccount.objects.exists()


def test_switched_off_it_signs_out_whom_it_let_in_and_knows_them_later(update, connected, beside):
    update(is_enabled=False)

    assert not is_in(connected)
    assert is_in(beside, "globex")
    assert SocialAccount.objects.count() == 2


@pytest.mark.parametrize("change", [{"client_id": "another"}, {"kind": "google"}])
def test_at_another_service_people_are_others(update, connected, beside, change):
    update(client_secret="new", **change)

    assert not is_in(connected)
    assert is_in(beside, "globex")
    assert [identity.user.email for identity in SocialAccount.objects.all()] == [
        "owner@globex.example"
    ]


def test_taken_away_it_leaves_nothing(access, owner, row, connected, beside):
    services.delete_sign_in(access(owner), row)

    assert not SignInProvider.unscoped.filter(pk=row.pk).exists()
    assert not Secret.unscoped.filter(pk=row.secret_id).exists()
    assert not is_in(connected)
    assert is_in(beside, "globex")
    assert SocialAccount.objects.count() == 1
    assert [label for label, _ in events("sign_in.deleted")] == ["Login"]


# ── Coming in ─────────────────────────────────────────────────────────────────────────────────


def test_a_long_name_is_cut(row):
    identity = services.join_through(row, uid="1", emails=["kim@example.org"], name="K" * 200)

    assert identity.user.name == "K" * 120


@pytest.mark.parametrize("closing", ["switched off", "archived", "deleted"])
def test_what_was_closed_on_the_way_lets_nobody_in(row, access, owner, update, closing):
    if closing == "switched off":
        update(is_enabled=False)
    elif closing == "archived":
        Tenant.objects.filter(pk=row.tenant_id).update(archived_at=timezone.now())
    else:
        services.delete_sign_in(access(owner), row)

    with pytest.raises(services.NotAdmitted):
        services.join_through(row, uid="1", emails=["kim@example.org"], name="Kim")

    assert not User.objects.filter(email="kim@example.org").exists()


def test_who_was_on_the_way_gets_in_as_it_is_set_now(row, update, role):
    update(role=role("contributor"), domains=["example.net"])

    with pytest.raises(services.NotAdmitted):
        services.join_through(row, uid="1", emails=["kim@example.org"], name="Kim")
    services.join_through(row, uid="1", emails=["kim@example.net"], name="Kim")

    assert Membership.unscoped.get(user__email="kim@example.net").role.slug == "contributor"


# ── The second factor that everybody needs ────────────────────────────────────────────────────


def test_who_does_not_keep_the_organisation_requires_nothing(access, admin, tenant):
    add_app(admin)

    with pytest.raises(PermissionDenied):
        services.require_factor(access(admin), is_required=True)

    tenant.refresh_from_db()
    assert not tenant.requires_second_factor


def test_without_a_factor_one_can_still_not_require_it(access, owner, tenant, other_tenant):
    services.require_factor(access(owner), is_required=False)
    with pytest.raises(ValidationError, match="for yourself first"):
        services.require_factor(access(owner), is_required=True)


def test_requiring_one_is_told_once_and_holds_here_alone(access, owner, tenant, other_tenant):
    add_app(owner)
    version = tenant.version
    for _ in range(2):
        services.require_factor(access(owner), is_required=True)

    for one, is_required in ((tenant, True), (other_tenant, False)):
        one.refresh_from_db()
        assert one.requires_second_factor is is_required
    assert tenant.version == version + 1
    assert len(events("tenant.second_factor_changed")) == 1


def test_requiring_one_meets_what_somebody_else_saved(access, owner, tenant):
    add_app(owner)

    with pytest.raises(VersionMoved):
        services.require_factor(
            access(owner), is_required=True, expected_version=tenant.version + 1
        )

    tenant.refresh_from_db()
    assert not tenant.requires_second_factor


@pytest.mark.parametrize(
    "changes",
    [{"server_url": "https://other.example.org"}, {"client_id": "another"}],
    ids=["server", "client"],
)
def test_nobody_joins_with_what_another_server_said(row, update, changes):
    """Who was on the way there when the sign-in was set to another: `1` is somebody else here."""
    update(client_secret="another one", **changes)

    with pytest.raises(services.NotAdmitted, match="another server"):
        services.join_through(row, uid="1", emails=["kim@example.org"], name="Kim")

    assert not SocialAccount.objects.exists()


# ── Who is in already ─────────────────────────────────────────────────────────────────────────


def identity(row, uid):
    return SocialAccount(uid=uid, provider=signing_in.key_of(row))


def test_an_identity_is_connected_once(row, viewer, editor, other_tenant):
    assert services.connect_through(row, editor, identity(row, "2"))
    assert services.connect_through(row, viewer, identity(row, "1"))
    assert not services.connect_through(row, viewer, identity(row, "1"))

    with pytest.raises(services.NotAdmitted, match="another account"):
        services.connect_through(row, editor, identity(row, "1"))

    connected = SocialAccount.objects.order_by("uid")
    assert [(one.uid, one.user) for one in connected] == [("1", viewer), ("2", editor)]


def test_the_same_identifier_at_another_organisation_is_somebody_else(
    row, viewer, stranger, other_tenant
):
    theirs = SignInProviderFactory(tenant=other_tenant)
    services.connect_through(theirs, stranger, identity(theirs, "1"))

    assert services.connect_through(row, viewer, identity(row, "1"))


@pytest.mark.parametrize(
    "left",
    [
        lambda user: Membership.unscoped.filter(user=user).update(is_suspended=True),
        lambda user: Membership.unscoped.filter(user=user).delete(),
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
    ],
    ids=["suspended", "removed", "deactivated"],
)
def test_who_may_not_enter_neither_comes_nor_connects(row, viewer, left):
    left(viewer)
    viewer.refresh_from_db()

    for come in (
        lambda: services.come_through(row, viewer),
        lambda: services.connect_through(row, viewer, identity(row, "1")),
    ):
        with pytest.raises(services.NotAdmitted, match="no member"):
            come()

    assert not SocialAccount.objects.exists()


def test_what_else_the_database_refuses_is_no_address_that_is_taken(row, owner, monkeypatch):
    def refused(*args, **fields):
        raise IntegrityError("Another rule.")

    monkeypatch.setattr(User.objects, "create_user", refused)

    with pytest.raises(IntegrityError, match="Another rule"):
        services.join_through(row, uid="1", emails=["kim@example.org"], name="Kim")
