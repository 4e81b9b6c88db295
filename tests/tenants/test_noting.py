"""What an Access that notes refuses, notes and asks again."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from personas.models import Persona
from tenants.noting import NotingAccess, note, note_seen, require_again
from tests.factories.personas import PersonaFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def noting(access, viewer):
    return NotingAccess.like(access(viewer))


def test_it_refuses_as_any_access_does_and_notes_its_yeses_once(noting):
    for _ in range(2):
        noting.require("view_personas")
    with pytest.raises(PermissionDenied):
        noting.require("manage_members")

    assert noting.noted == [["right", "view_personas"]]


def test_any_other_access_notes_nothing(access, viewer):
    note(access(viewer), "right", "view_personas")


def test_what_was_seen_is_asked_for_by_itself(noting, tenant):
    PersonaFactory(tenant=tenant)
    hidden = PersonaFactory(tenant=tenant, is_restricted=True)
    note_seen(noting, Persona, [hidden.pk])

    with pytest.raises(Http404):
        require_again(noting, noting.noted)

    hidden.delete()
    require_again(noting, noting.noted)


def test_what_is_another_organisations_is_as_if_it_were_not_there(noting, other_tenant):
    note_seen(noting, Persona, [PersonaFactory(tenant=other_tenant).pk])

    require_again(noting, noting.noted)
