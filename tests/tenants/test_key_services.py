"""What the services about keys refuse and change by themselves, whoever asks them."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from tenants import services
from tenants.access import Access
from tenants.models import ApiKey, AuditEvent
from tenants.versions import VersionMoved
from tests.factories.tenants import ApiKeyFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def key(tenant, admin):
    return ApiKeyFactory(tenant=tenant, user=admin, name="Import", scopes=["manage_keys"])


def child_of(key, **fields):
    return ApiKeyFactory(
        tenant=key.tenant, user=key.user, scopes=["view_agents"], made_with=key, **fields
    )


def events(action):
    told = AuditEvent.unscoped.filter(action=action).order_by("number")
    return list(told.values_list("object_label", "changes"))


def test_a_key_that_ended_meanwhile_makes_no_other(access, admin, key):
    through = Access.through(key.public_id)
    services.revoke_api_key(access(admin), key)

    with pytest.raises(PermissionDenied, match="has ended"):
        services.create_api_key(through, name="More", scopes=["manage_keys"])


@pytest.mark.parametrize("name", ["", "x" * 121])
def test_a_key_needs_a_name_that_can_be_kept(access, admin, key, name):
    with pytest.raises(ValidationError) as refused:
        services.create_api_key(access(admin), name=name, scopes=["view_agents"])
    assert set(refused.value.message_dict) == {"name"}

    with pytest.raises(ValidationError) as refused:
        services.update_api_key(access(admin), key, name=name)
    assert set(refused.value.message_dict) == {"name"}


def test_rights_that_the_maker_lost_may_stay_and_none_is_added(tenant, access, viewer):
    key = ApiKeyFactory(tenant=tenant, user=viewer, scopes=["change_agents"])

    key = services.update_api_key(access(viewer), key, name="Renamed")
    services.rotate_api_key(access(viewer), key)
    with pytest.raises(PermissionDenied, match="manage_members"):
        services.update_api_key(access(viewer), key, scopes=["change_agents", "manage_members"])

    key.refresh_from_db()
    assert (key.name, key.scopes) == ("Renamed", ["change_agents"])


def test_what_changed_is_told_and_nothing_where_nothing_did(access, admin, key):
    services.update_api_key(access(admin), key, name="Import", scopes=["manage_keys"])
    assert ApiKey.unscoped.get().version == 1
    services.update_api_key(access(admin), key, name="Export", scopes=["manage_keys"])

    assert ApiKey.unscoped.get().version == 2
    assert events("api_key.updated") == [("Export", {"name": ["Import", "Export"]})]


def test_nobody_changes_or_rotates_somebody_elses_key(tenant, access, owner, key):
    for act in (
        lambda: services.update_api_key(access(owner), key, name="Mine"),
        lambda: services.rotate_api_key(access(owner), key),
    ):
        with pytest.raises(PermissionDenied, match="Only who made a key"):
            act()

    assert ApiKey.unscoped.get().version == 1


# ── Keys that a key made ──────────────────────────────────────────────────────────────────────


def test_a_new_name_changes_nothing_of_what_a_key_made(access, admin, key):
    child_of(key)

    services.update_api_key(access(admin), key, name="Export")

    assert [told[0] for told in events("api_key.updated")] == ["Export"]
    assert ApiKey.unscoped.get(made_with=key).version == 1


def test_an_end_that_is_taken_away_leaves_those_of_what_it_made(access, admin, key):
    ends = timezone.now() + DAY
    ApiKey.unscoped.update(expires_at=ends)
    child_of(key, expires_at=ends)

    services.update_api_key(access(admin), key, expires_at=None)

    assert ApiKey.unscoped.get(pk=key.pk).expires_at is None
    assert ApiKey.unscoped.get(made_with=key).expires_at == ends


def test_an_end_shortens_what_would_outlive_it_and_lengthens_nothing(access, admin, key):
    now = timezone.now()
    for name, days in (("Sooner", 1), ("Later", 3)):
        child_of(key, name=name, expires_at=now + days * DAY)

    services.update_api_key(access(admin), key, expires_at=now + 2 * DAY)

    ends = dict(ApiKey.unscoped.filter(made_with=key).values_list("name", "expires_at"))
    assert ends == {"Sooner": now + DAY, "Later": now + 2 * DAY}
    assert [told[0] for told in events("api_key.updated")] == ["Import", "Later"]


def test_revoking_leaves_what_had_expired_by_itself(access, admin, key):
    over = child_of(key, name="Over", expires_at=timezone.now() - DAY)

    services.revoke_api_key(access(admin), key)

    assert ApiKey.unscoped.get(pk=over.pk).status == "expired"
    assert [told[0] for told in events("api_key.revoked")] == ["Import"]


# ── Rotation ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("hours", [-1, 169])
def test_an_overlap_is_a_week_at_most(access, admin, key, hours):
    with pytest.raises(ValidationError) as refused:
        services.rotate_api_key(access(admin), key, overlap_hours=hours)

    assert set(refused.value.message_dict) == {"overlap_hours"}


def test_of_a_secret_that_ended_at_once_nothing_is_kept(access, admin, key):
    before = timezone.now()

    rotated, _ = services.rotate_api_key(access(admin), key)

    kept = ApiKey.unscoped.get()
    assert (kept.previous_digest, kept.previous_ends_at) == (None, None)
    assert before < kept.rotated_at == rotated.rotated_at
    [(_, changes)] = events("api_key.rotated")
    assert changes["previous_ends_at"][1] >= before.isoformat()[:23]


def test_the_log_tells_how_long_the_former_secret_goes_on(access, admin, key):
    services.rotate_api_key(access(admin), key, overlap_hours=168)

    ends = ApiKey.unscoped.get().previous_ends_at
    assert ends - timezone.now() > timedelta(days=6)
    [(_, changes)] = events("api_key.rotated")
    assert changes["previous_ends_at"][1][:19] == ends.isoformat()[:19]


# ── The limit of all keys ─────────────────────────────────────────────────────────────────────


def test_only_who_keeps_the_keys_limits_them(access, editor, tenant):
    with pytest.raises(PermissionDenied):
        services.set_key_limit(access(editor), rate_limit=1)

    tenant.refresh_from_db()
    assert tenant.key_rate_limit is None


@pytest.mark.parametrize("wrong", [{"rate_limit": 0}, {"rate_limit": 1, "rate_seconds": 0}])
def test_a_limit_has_its_bounds(access, admin, tenant, wrong):
    with pytest.raises(ValidationError):
        services.set_key_limit(access(admin), **wrong)

    tenant.refresh_from_db()
    assert tenant.key_rate_limit is None


def test_a_limit_is_one_organisations(access, admin, tenant, other_tenant):
    services.set_key_limit(access(admin), rate_limit=600)

    for row, limit in ((tenant, 600), (other_tenant, None)):
        row.refresh_from_db()
        assert row.key_rate_limit == limit


def test_a_limit_meets_what_somebody_else_set(access, admin, tenant):
    services.set_key_limit(access(admin), rate_limit=600, expected_version=tenant.version)

    with pytest.raises(VersionMoved):
        services.set_key_limit(access(admin), rate_limit=5, expected_version=tenant.version)

    tenant.refresh_from_db()
    assert tenant.key_rate_limit == 600


def test_of_a_limit_what_changed_is_told_once(access, admin, tenant):
    for _ in range(2):
        services.set_key_limit(access(admin), rate_limit=600)

    version = tenant.version
    tenant.refresh_from_db()
    assert tenant.version == version + 1
    assert events("tenant.key_limit_changed") == [("Acme", {"key_rate_limit": [None, 600]})]
