"""The tabs of the settings, and the palette's answers, come from one list."""

import pytest
from django.urls import resolve, reverse

from tenants.settings_pages import PAGES, open_to

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.key)
@pytest.mark.parametrize("role", ["owner", "admin", "editor", "contributor", "viewer"])
def test_a_page_is_offered_to_exactly_those_whom_it_opens_for(entry, role, cast, page, access):
    person = getattr(cast, role)
    url = reverse(entry.url_name, args=["acme"])

    offered = entry in open_to(access(person))

    assert offered == (page(person).get(url).status_code == 200)


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.key)
def test_its_own_tab_is_the_current_one(entry, owner, page):
    url = reverse(entry.url_name, args=["acme"])

    content = page(owner).get(url).content.decode()

    assert f'<a href="{url}" aria-current="page">{entry.label}</a>' in content
    assert resolve(url).view_name == entry.url_name


def test_the_palette_finds_them(owner, viewer, page):
    found = {
        person: page(person)
        .get("/t/acme/palette/", {"q": "settings"}, headers={"HX-Request": "true"})
        .content.decode()
        for person in (owner, viewer)
    }

    assert all(f"Settings: {entry.label}" in found[owner] for entry in PAGES)
    assert "Settings: Secrets" not in found[viewer]
    assert "Settings: General" in found[viewer]
