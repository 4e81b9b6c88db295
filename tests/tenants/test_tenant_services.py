"""What the services about an organisation itself refuse and change, whoever calls them."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from tenants import services
from tenants.models import AuditEvent, FormerSlug, Membership, Role, Tenant
from tenants.outbound.hosts import MOST_PATTERNS
from tenants.versions import VersionMoved
from tests.factories.tenants import ProviderFactory, TenantFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def update(access, owner):
    return lambda **settings: services.update_tenant(access(owner), **settings)


def now(tenant):
    return Tenant.objects.get(pk=tenant.pk)


def events(tenant, action):
    told = AuditEvent.unscoped.filter(tenant=tenant, action=action).order_by("number")
    return list(told.values_list("changes", flat=True))


# ── Changing one ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("slug", "Not A Slug"),
        ("slug", "platform"),
        ("slug", "globex"),
        ("time_zone", "Mars/Olympus"),
        ("allowed_hosts", ["*.com"]),
        ("allowed_hosts", [f"h{n}.example.com" for n in range(MOST_PATTERNS + 1)]),
        ("retention_days", -1),
    ],
)
def test_what_does_not_fit_is_told_by_its_field(update, tenant, other_tenant, field, value):
    with pytest.raises(ValidationError) as refused:
        update(**{field: value})

    assert set(refused.value.message_dict) == {field}
    assert now(tenant).version == 1
    assert not events(tenant, "tenant.updated")


def test_as_many_hosts_as_may_are_kept_in_one_spelling(update):
    hosts = [f"h{n}.example.com" for n in range(MOST_PATTERNS)]

    assert update(allowed_hosts=[*hosts, "H1.Example.com"]).allowed_hosts == hosts


def test_the_default_provider_is_ones_own(update, tenant, other_tenant):
    mine, foreign = (ProviderFactory(tenant=home) for home in (tenant, other_tenant))

    with pytest.raises(ValidationError) as refused:
        update(default_provider=foreign)
    assert set(refused.value.message_dict) == {"default_provider"}
    assert update(default_provider=mine).default_provider == mine


def test_no_days_are_no_retention(update, tenant):
    update(retention_days=90)
    update(retention_days=0)

    assert now(tenant).retention_days is None


def test_who_does_not_keep_the_organisation_changes_nothing(access, admin, tenant):
    with pytest.raises(PermissionDenied):
        services.update_tenant(access(admin), name="Mine")

    assert now(tenant).name == "Acme"


def test_who_kept_it_until_a_moment_ago_changes_nothing(access, owner, tenant):
    mine = access(owner)
    services.add_member(tenant, owner, role="admin")

    with pytest.raises(PermissionDenied):
        services.update_tenant(mine, name="Mine")


def test_a_change_meets_somebody_elses(update, tenant):
    update(name="Theirs", expected_version=1)

    with pytest.raises(VersionMoved):
        update(name="Mine", expected_version=1)

    assert now(tenant).name == "Theirs"


def test_what_changed_is_told_and_nothing_where_nothing_did(update, tenant, other_tenant):
    update(name="Acme", time_zone="UTC")
    assert now(tenant).version == 1
    provider = ProviderFactory(tenant=tenant, name="A vendor's name")
    update(name="Acme", time_zone="Asia/Tokyo", default_provider=provider)

    assert now(tenant).version == 2
    assert events(tenant, "tenant.updated") == [
        {"time_zone": ["UTC", "Asia/Tokyo"], "default_provider": [None, str(provider.pk)]}
    ]
    assert not FormerSlug.unscoped.exists()
    assert now(other_tenant).time_zone == "UTC"


def test_an_address_that_became_a_reserved_word_stays_and_is_told_by_none(update, tenant):
    Tenant.objects.filter(pk=tenant.pk).update(slug="console")
    tenant.refresh_from_db()

    assert update(name="Console makers", slug="console").name == "Console makers"


# ── Making one ────────────────────────────────────────────────────────────────────────────────


def test_a_new_one_has_its_owner_and_nobody_else(viewer, tenant):
    made = services.create_tenant(slug="initech", name="Initech", owner=viewer)

    [member] = Membership.unscoped.filter(tenant=made)
    assert (member.user, member.role) == (viewer, Role.unscoped.get(tenant=made, slug="owner"))
    assert events(made, "member.added") == [{"role": [None, "owner"]}]
    assert len(events(made, "tenant.created")) == 1
    assert not Membership.unscoped.filter(tenant=services.create_tenant(slug="hooli", name="Hooli"))


def test_of_a_member_the_last_role_counts_here_alone(tenant, other_tenant, viewer):
    services.add_member(other_tenant, viewer, role="editor")
    services.add_member(tenant, viewer, role="admin")

    told = Membership.unscoped.filter(user=viewer).values_list("tenant__slug", "role__slug")
    assert dict(told) == {"acme": "admin", "globex": "editor"}


def test_the_next_sign_in_leads_where_the_person_was(access, viewer, tenant):
    beside = UserFactory(last_tenant=TenantFactory())

    services.remember_tenant(access(viewer))

    before = beside.last_tenant
    for person in (viewer, beside):
        person.refresh_from_db()
    assert viewer.last_tenant == tenant
    assert beside.last_tenant == before


def test_being_there_again_costs_nothing(access, viewer, django_assert_num_queries):
    services.remember_tenant(access(viewer))
    viewer.refresh_from_db()
    mine = access(viewer)

    with django_assert_num_queries(0):
        services.remember_tenant(mine)
