"""What every page of one object demands before its view is asked."""

import pytest
from django.urls import reverse

from tests.factories.agents import AgentFactory

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
