"""A person's name and time zone."""

import re

import pytest

from tests.factories.personas import PersonaFactory

pytestmark = pytest.mark.django_db
URL = "/accounts/profile/"
LIST = "/t/acme/personas/"


def offsets(client, path):
    """How far from UTC the times of a page are told."""
    content = client.get(path).content.decode()
    return set(re.findall(r'<time datetime="[\d:T-]{19}([+-][\d:]+)"', content))


def test_times_are_told_in_the_persons_own_zone_else_in_the_organisations(signed_in, tenant):
    tenant.time_zone = "Asia/Kathmandu"
    tenant.save()
    PersonaFactory(tenant=tenant)
    assert offsets(signed_in, LIST) == {"+05:45"}
    assert offsets(signed_in, "/accounts/devices/") == {"+00:00"}

    signed_in.post(URL, {"name": "Vera", "time_zone": "Asia/Tokyo"})

    assert offsets(signed_in, LIST) == {"+09:00"}
    assert offsets(signed_in, "/accounts/devices/") == {"+09:00"}


def test_nobody_elses_page_changes(signed_in, page, owner, tenant):
    PersonaFactory(tenant=tenant)

    signed_in.post(URL, {"name": "Vera", "time_zone": "Asia/Tokyo"})

    assert offsets(page(owner), LIST) == {"+00:00"}
    assert b"Vera" in page(owner).get("/t/acme/settings/members/").content


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "\0"])
def test_a_zone_that_nobody_offered_is_refused(signed_in, person, zone):
    assert signed_in.post(URL, {"name": "Vera", "time_zone": zone}).status_code == 422

    person.refresh_from_db()
    assert (person.name, person.time_zone) == ("Viewer", "")


def test_a_zone_that_this_machine_no_longer_knows_is_as_none(signed_in, person, tenant):
    PersonaFactory(tenant=tenant)
    person.time_zone = "Mars/Olympus"
    person.save()

    assert offsets(signed_in, LIST) == {"+00:00"}
