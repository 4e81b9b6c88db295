"""How django-allauth's second factors behave here."""

from __future__ import annotations

from urllib.parse import urlsplit

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser

from tenants import factors, secrets
from tenants.links import base_url


class FactorAdapter(DefaultMFAAdapter):
    """Authenticator apps, passkeys and recovery codes."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That code is wrong, was used before, or is too old.",
        "cannot_delete_authenticator": "This is your only second factor, and one of your"
        " organisations requires it. Add another one first.",
    }

    def encrypt(self, text: str) -> str:
        """Seal the seed of an app or of recovery codes with the operator's key."""
        return secrets.seal_text(text, factors.SEALED_FOR)

    def decrypt(self, encrypted_text: str) -> str:
        """The seed again. Raises as `secrets.reveal`."""
        return secrets.open_text(encrypted_text, factors.SEALED_FOR)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one, where an organisation requires one."""
        return factors.may_remove(authenticator)

    def generate_authenticator_name(self, user: AbstractBaseUser, kind: str) -> str:
        """A name until the person gives a better one."""
        count = Authenticator.objects.filter(user_id=user.pk, type=kind).count()
        return f"Passkey {count + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The site that passkeys belong to: ours, not whichever the request named."""
        host = urlsplit(base_url(context.request)).hostname or ""
        return {"id": host, "name": "Roster"}
