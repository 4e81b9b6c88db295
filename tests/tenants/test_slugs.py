"""Addresses of organisations: former ones lead on, and none belongs to two."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from tenants import services, slugs
from tenants.access import Access
from tenants.models import FormerSlug, Tenant


def rename(owner, old, new):
    return services.update_tenant(Access.of(owner, old), slug=new)


@pytest.mark.django_db
def test_a_former_address_leads_members_on_to_the_same_page(page, owner, viewer):
    rename(owner, "acme", "acme-group")

    got = page(viewer).get("/t/acme/agents/?q=x&sort=name")
    posted = page(owner).post("/t/acme/settings/unarchive/")

    assert (got.status_code, got["Location"]) == (307, "/t/acme-group/agents/?q=x&sort=name")
    assert (posted.status_code, posted["Location"]) == (307, "/t/acme-group/settings/unarchive/")
    assert page(viewer).get("/t/acme/agents/", follow=True).status_code == 200


@pytest.mark.django_db
def test_to_everybody_else_a_former_address_is_an_unknown_one(page, owner, stranger):
    rename(owner, "acme", "acme-group")

    assert page(stranger).get("/t/acme/agents/").status_code == 404
    assert "/accounts/sign-in/" in page().get("/t/acme/agents/")["Location"]


@pytest.mark.django_db
def test_a_former_address_is_nobody_elses_while_it_leads(owner, stranger):
    rename(owner, "acme", "acme-group")

    with pytest.raises(ValidationError, match="still leads"):
        services.create_tenant(slug="acme", name="Acme")
    with pytest.raises(ValidationError, match="still leads"):
        rename(stranger, "globex", "acme")


@pytest.mark.django_db
def test_ones_own_former_address_can_be_taken_back(owner):
    rename(owner, "acme", "acme-group")
    rename(owner, "acme-group", "acme")

    assert Tenant.objects.filter(slug="acme").exists()
    assert [row.slug for row in FormerSlug.unscoped.all()] == ["acme-group"]


@pytest.mark.django_db
def test_former_addresses_are_not_kept_for_ever(owner, tenant):
    for number in range(7):
        rename(owner, Tenant.objects.get(pk=tenant.pk).slug, f"acme-{number}")

    kept = set(FormerSlug.unscoped.values_list("slug", flat=True))
    assert kept == {f"acme-{number}" for number in range(1, 6)}
    assert services.create_tenant(slug="acme", name="Acme").slug == "acme"


@pytest.mark.django_db
@pytest.mark.parametrize("slug", sorted(slugs.RESERVED))
def test_reserved_words_are_no_addresses(slug):
    with pytest.raises(ValidationError, match="keeps this address"):
        services.create_tenant(slug=slug, name="Acme")


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["", "-a", "a-", "a--b", "A", "a b", "a/b", "é", "x" * 61, "a\n"])
def test_what_is_no_slug_is_refused(slug):
    with pytest.raises(ValidationError):
        services.create_tenant(slug=slug, name="Acme")


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_ask_at_once_one_gets_the_address():
    barrier, outcomes = threading.Barrier(8), []

    def ask():
        try:
            barrier.wait()
            outcomes.append(services.create_tenant(slug="wanted", name="Wanted").slug)
        except ValidationError as refusal:
            outcomes.append(refusal.message_dict["slug"][0])
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["Another organisation has this address."] * 7 + ["wanted"]
    assert Tenant.objects.filter(slug="wanted").count() == 1
