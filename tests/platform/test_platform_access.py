"""Who looks after the platform sees all organisations in numbers, and nothing inside of one."""

import re
import uuid

import pytest
from django.http import Http404
from django.urls import reverse

from config.platform.urls import urlpatterns
from tenants.access import Access
from tenants.models import Tenant
from tenants.platform import Platform
from tests.architecture.asking import REQUEST_ID
from tests.architecture.routes import PLAIN, pages
from tests.factories.agents import AgentFactory
from tests.factories.tenants import ApiKeyFactory

pytestmark = pytest.mark.django_db
NAMES = [pattern.name for pattern in urlpatterns]
NOBODYS = uuid.UUID("01990000-0000-7000-8000-000000000000")


def address(name, tenant):
    has_pk = "pk" in str(next(p for p in urlpatterns if p.name == name).pattern)
    return reverse(f"platform:{name}", args=[tenant.pk] if has_pk else [])


def shown(answer):
    """What there is to tell two answers apart by."""
    return answer.status_code, re.sub(REQUEST_ID, "·", answer.content.decode())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("person", ["owner", "admin", "viewer", "stranger"])
def test_to_everybody_else_there_is_no_platform(page, cast, tenant, name, person):
    client, url = page(getattr(cast, person)), address(name, tenant)
    unknown = client.get("/nowhere/")

    # Which methods an address knows is no secret; the pages that tell it are everybody's.
    not_got = shown(client.get("/accounts/sign-out/"))
    not_taken = shown(client.post("/accounts/organisations/"))
    assert (not_got[0], not_taken[0]) == (405, 405)
    assert shown(client.get(url)) in (shown(unknown), not_got)
    posted = client.post(url, {"typed": "acme", "role": "owner", "reason": "x"})
    assert shown(posted) in (shown(unknown), not_taken)
    assert not Tenant.objects.get(slug="acme").is_archived


@pytest.mark.parametrize("name", NAMES)
def test_signed_out_one_has_to_sign_in(page, tenant, name):
    url = address(name, tenant)

    for answer in (page().get(url), page().post(url)):
        assert answer.status_code == 405 or "/accounts/sign-in/" in answer["Location"]


@pytest.mark.parametrize("flag", ["is_superuser", "is_staff"])
def test_djangos_own_flags_open_nothing(page, tenant, viewer, flag):
    setattr(viewer, flag, True)
    viewer.save()

    assert page(viewer).get("/platform/").status_code == 404
    with pytest.raises(Http404):
        Platform.of(viewer)


def test_an_account_that_is_switched_off_looks_after_nothing(operator):
    operator.is_active = False

    with pytest.raises(Http404):
        Platform.of(operator)


def test_an_organisation_that_is_not_there_is_a_404(page, operator):
    assert page(operator).get(f"/platform/{NOBODYS}/").status_code == 404


def test_every_page_of_a_tenant_is_as_if_it_were_not_there(page, tenant, operator):
    client, told = page(operator), {}
    for route in pages():
        keywords = {**dict.fromkeys(route.objects, NOBODYS), **PLAIN, "number": 1}
        there, nowhere = (
            shown(client.generic(route.method, route.template.format(tenant=slug, **keywords)))
            for slug in ("acme", "no-such")
        )
        if there != nowhere or there[0] != 404:
            told[route.id] = there[0]

    assert len(pages()) > 80
    assert told == {}


def test_nor_is_there_anything_for_a_key_of_theirs(tenant, operator, api):
    key = ApiKeyFactory(tenant=tenant, user=operator, scopes=["view_agents"])
    client = api()
    client.client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key.token}"

    assert client.get("/agents").status_code == 401
    with pytest.raises(Http404):
        Access.of(operator, "acme")


def test_the_platforms_pages_tell_nothing_of_what_is_inside(page, tenant, operator):
    AgentFactory(tenant=tenant, name="Codeword helper", description="Codeword")
    client = page(operator)

    for url in ("/platform/", f"/platform/{tenant.pk}/"):
        content = client.get(url).content.decode()
        assert "Acme" in content
        assert "Codeword" not in content
