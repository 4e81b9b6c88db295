"""What an organisation decides for itself, on its page."""

import re

import pytest

from tenants import services
from tenants.models import AuditEvent, Tenant
from tests.factories.tenants import ProviderFactory

pytestmark = pytest.mark.django_db
URL = "/t/acme/settings/edit/"
SENT = {"name": "Acme", "slug": "acme", "time_zone": "UTC"}


def now(slug="acme"):
    return Tenant.objects.get(slug=slug)


def events(action="tenant.updated"):
    return list(AuditEvent.unscoped.filter(action=action).values_list("changes", flat=True))


def test_an_owner_changes_everything_at_once_and_one_event_tells_it(page, owner, tenant):
    provider = ProviderFactory(tenant=tenant, name="Vendor")

    answer = page(owner).post(
        URL,
        {
            "name": "Acme & Daughters",
            "slug": "acme-group",
            "time_zone": "Europe/Amsterdam",
            "default_provider": str(provider.pk),
            "default_model": "large",
            "retention_days": "90",
            "allowed_hosts": "API.example.com\n*.example.org, api.example.com",
        },
    )

    assert answer["Location"] == "/t/acme-group/settings/"
    kept = now("acme-group")
    assert (kept.name, kept.time_zone, kept.retention_days) == (
        "Acme & Daughters",
        "Europe/Amsterdam",
        90,
    )
    assert kept.allowed_hosts == ["api.example.com", "*.example.org"]
    assert (kept.default_provider, kept.default_model, kept.version) == (provider, "large", 2)
    [changes] = events()
    assert changes["slug"] == ["acme", "acme-group"]
    assert changes["retention_days"] == [None, 90]
    assert changes["default_provider"] == [None, str(provider.pk)]


def test_saving_without_a_change_leaves_no_trace(page, owner):
    page(owner).post(URL, SENT)

    assert events() == []
    assert now().version == 1


@pytest.mark.parametrize("person", ["admin", "editor", "contributor", "viewer"])
def test_who_does_not_keep_the_organisation_does_not_change_it(page, cast, person):
    client = page(getattr(cast, person))

    assert client.get("/t/acme/settings/").status_code == 200
    assert client.get(URL).status_code == 403
    assert client.post(URL, {**SENT, "name": "Mine"}).status_code == 403
    assert now().name == "Acme"


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", "", "This field is required"),
        ("name", "x" * 121, "at most 120"),
        ("slug", "Not A Slug", "slug"),
        ("slug", "a--b", "Enter a valid value"),
        ("slug", "platform", "keeps this address for itself"),
        ("slug", "globex", "Another organisation has this address"),
        ("time_zone", "Mars/Olympus", "not one of the available choices"),
        ("retention_days", "-1", "greater than or equal to 0"),
        ("retention_days", "99999999999", "less than or equal to"),
        ("retention_days", "soon", "whole number"),
        ("allowed_hosts", "127.0.0.1", "is an address"),
        ("allowed_hosts", "*.com", "too wide"),
        ("allowed_hosts", "https://api.example.com", "leave out scheme"),
        ("allowed_hosts", "\n".join(f"h{n}.example.com" for n in range(101)), "At most 100"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_kept(
    page, owner, other_tenant, field, value, told
):
    answer = page(owner).post(URL, {**SENT, field: value})

    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert answer.context["form"].errors.get(field)
    assert "Acme · Roster" in answer.content.decode()
    assert events() == []


def test_a_foreign_provider_is_no_choice(page, owner, other_tenant):
    foreign = ProviderFactory(tenant=other_tenant)

    answer = page(owner).post(URL, {**SENT, "default_provider": str(foreign.pk)})

    assert answer.status_code == 422
    assert now().default_provider is None


def test_what_the_form_does_not_offer_is_not_taken(page, owner, other_tenant):
    page(owner).post(
        URL,
        {
            **SENT,
            "id": str(other_tenant.pk),
            "tenant": str(other_tenant.pk),
            "is_archived": "on",
            "archived_at": "2020-01-01",
            "is_superuser": "on",
            "is_platform_admin": "on",
            "role": "owner",
            "version": "1",
        },
    )

    owner.refresh_from_db()
    assert not now().is_archived
    assert (owner.is_superuser, owner.is_platform_admin) == (False, False)
    assert now("globex").name == "Globex"


def test_a_save_that_met_a_newer_one_shows_both(page, owner, access):
    client = page(owner)
    services.update_tenant(access(owner), name="Acme of Theirs")

    answer = client.post(URL, {**SENT, "name": "Acme of Mine", "version": "1"})

    assert answer.status_code == 422
    assert {"Acme of Theirs", "Acme of Mine"} <= set(re.findall(r"[\w ]+", answer.content.decode()))
    assert client.post(URL, {**SENT, "name": "Acme of Mine", "version": "2"}).status_code == 302
    assert now().name == "Acme of Mine"


def test_times_on_pages_are_told_in_its_zone(page, owner, tenant):
    Tenant.objects.filter(pk=tenant.pk).update(time_zone="Asia/Tokyo")

    assert " JST" in page(owner).get("/t/acme/settings/").content.decode()
    assert " JST" not in page(owner).get("/accounts/organisations/").content.decode()


def test_a_zone_that_is_no_more_counts_as_utc(page, owner, tenant):
    Tenant.objects.filter(pk=tenant.pk).update(time_zone="Mars/Olympus")

    assert "UTC" in page(owner).get("/t/acme/settings/").content.decode()
