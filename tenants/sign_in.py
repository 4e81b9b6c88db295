"""Who may sign in with a password."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from tenants.models import User


class PasswordBackend(AuthenticationBackend):
    """By the account's own address alone: allauth would also take one that somebody wants to have
    and has not confirmed."""

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        person = User.objects.filter(email=email.strip().lower()).first()
        return self._check_password(person, password)
