"""Settings → API keys → a key → Rotate."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tenants import api_keys
from tenants.models import ApiKey, AuditEvent
from tests.tenants.test_key_pages import URL, WANTED, key, shown, text

__all__ = ["key"]
pytestmark = pytest.mark.django_db


def test_a_rotated_key_has_two_secrets_for_a_while(page, editor, key):
    token = shown(page(editor).post(f"{URL}{key.pk}/rotate/", {"overlap_hours": "24"}))

    assert api_keys.check(token).key == api_keys.check(key.token).key == key
    assert "Two secrets work now" in text(page(editor).get(f"{URL}{key.pk}/"))

    ApiKey.unscoped.update(previous_ends_at=timezone.now() - timedelta(seconds=1))
    assert api_keys.check(key.token) is None
    assert api_keys.check(token)


def test_a_second_rotation_ends_the_first_secret(page, editor, key):
    client, url = page(editor), f"{URL}{key.pk}/rotate/"
    second = shown(client.post(url, {"overlap_hours": "168"}))
    third = shown(client.post(url, {"overlap_hours": "0"}))

    assert [bool(api_keys.check(t)) for t in (key.token, second, third)] == [False, False, True]
    assert AuditEvent.unscoped.filter(action="api_key.rotated").count() == 2


def test_an_ended_key_is_not_rotated_or_changed(page, editor, key):
    client = page(editor)
    client.post(f"{URL}{key.pk}/revoke/")

    rotated = client.post(f"{URL}{key.pk}/rotate/", {"overlap_hours": "0"})

    assert rotated.status_code == 422
    assert client.post(f"{URL}{key.pk}/edit/", WANTED).status_code == 422
    assert "revoked" in text(client.get(f"{URL}?status=ended")).lower()
