"""What every page of one object demands before its view is asked."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from tenants.models import Membership, Role, Tenant
from tenants.pages import tenant_page
from tenants.versions import VersionMoved
from tests.factories.agents import AgentFactory
from tests.factories.personas import PersonaFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(tenant):
    return AgentFactory(tenant=tenant)


def test_who_is_signed_out_is_led_to_the_sign_in(page, agent):
    place = f"/t/acme/agents/{agent.pk}/"
    sign_in = reverse("account_login")

    assert page().get(place)["Location"] == f"{sign_in}?next={place}"
    assert page().post(f"{place}edit/")["Location"] == f"{sign_in}?next=/"


def test_an_object_that_may_be_seen_can_need_another_right_too(page, agent, admin, editor):
    activity = f"/t/acme/agents/{agent.pk}/activity/"

    assert page(admin).get(activity).status_code == 200
    assert page(editor).get(activity).status_code == 403


@pytest.fixture
def ask(rf, owner):
    """What a page answers to this person."""

    def answer(page, user=owner, method="GET", **known):
        request = rf.generic(method, "/")
        request.user, request.session = user, {}
        vars(request).update(known)
        return page(request, "acme").status_code

    return answer


def shown(request, access):
    return HttpResponse()


def test_what_moved_meanwhile_is_shown_by_the_rights_of_now(ask, tenant, admin):
    seen = []

    def moving(request, access):
        seen.append(access.role.slug)
        if len(seen) == 1:
            viewers = Role.unscoped.get(tenant=tenant, slug="viewer")
            Membership.unscoped.filter(user=admin).update(role=viewers)
            raise VersionMoved(tenant)
        return HttpResponse()

    with pytest.raises(PermissionDenied):
        ask(tenant_page("GET", needs="manage_members")(moving), admin)
    assert seen == ["admin"]
    seen.clear()
    assert ask(tenant_page("GET")(moving), admin) == 200
    assert len(seen) == 2


def test_forms_of_an_archived_organisation_are_not_even_shown(ask, tenant):
    form, reading = tenant_page("GET", "POST")(shown), tenant_page("GET")(shown)
    assert ask(form) == 200

    Tenant.objects.filter(pk=tenant.pk).update(archived_at=timezone.now())

    assert ask(reading) == 200
    assert ask(tenant_page("GET", "POST", works_archived=True)(shown)) == 200
    with pytest.raises(PermissionDenied):
        ask(form)


def test_who_views_as_somebody_else_is_shown_their_forms_and_sends_none(ask, tenant, viewer):
    viewing = {"tenant": str(tenant.pk), "user": str(viewer.pk)}
    form = tenant_page("GET", "POST")(shown)

    assert ask(form, viewing=viewing) == 200
    with pytest.raises(PermissionDenied):
        ask(form, method="POST", viewing=viewing)


def test_a_page_answers_the_methods_that_it_knows(ask):
    reading, acting = tenant_page("GET")(shown), tenant_page("POST")(shown)

    answered = [
        [ask(page, method=method) for method in ("GET", "HEAD", "POST")]
        for page in (reading, acting)
    ]

    assert answered == [[200, 200, 405], [405, 405, 200]]
    assert acting.rule.methods == ("POST",)


def test_what_is_in_use_stays_and_the_next_page_says_why(page, tenant, admin):
    persona = PersonaFactory(tenant=tenant)
    AgentFactory(tenant=tenant, persona=persona, is_restricted=True)

    answer = page(admin).post(f"/t/acme/personas/{persona.pk}/delete/", follow=True)

    assert answer.redirect_chain == [(persona.get_absolute_url(), 302)]
    assert "stays: it is used by 1 that you may not see" in answer.content.decode()
