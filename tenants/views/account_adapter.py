"""How django-allauth's account pages behave here."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from tenants import account_mail, attempts, devices, services
from tenants.devices import SEEN_AT
from tenants.links import base_url
from tenants.models import User

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in, passwords and addresses."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "That e-mail and password do not match. Both are checked"
        " together.",
        "incorrect_password": "That is not your password.",
        "enter_current_password": "That is not your present password.",
        "incorrect_code": "That code is wrong, was used before, or is too old.",
        "duplicate_email": "That is your address already.",
        "invalid_password_reset": "This link can’t be used.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by invitation, by an organisation's sign-in or by the operator."""
        return False

    # ── Counting ──────────────────────────────────────────────────────────────────────────────

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt before it is made. Raises TooManyAttempts."""
        attempts.take("password of", attempts.address_of(request, credentials))
        attempts.take("password from", attempts.machine_of(request))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """The person, if the password is theirs; that attempt then does not count."""
        person: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if person is not None:
            attempts.forget("password of", attempts.address_of(request, credentials))
            attempts.give_back("password from", attempts.machine_of(request))
            # allauth would tell a right password of a closed account from a wrong one.
            return person if person.is_active else None
        return None

    def get_client_ip(self, request: HttpRequest) -> str:
        """As the configured proxies tell it."""
        return attempts.machine_of(request)

    # ── Sessions ──────────────────────────────────────────────────────────────────────────────

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Begin the session, under a new key."""
        super().login(request, user)
        request.session[SEEN_AT] = int(timezone.now().timestamp())
        log.info("account.signed_in", user=str(user.pk))

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Change it, and end every session but the one in which that happens, and what waits for
        another address to be confirmed."""
        super().set_password(user, password)
        services.forget_wished_email(cast("User", user))
        request = context.request
        is_own = request.user.is_authenticated and request.user.pk == user.pk
        devices.end_sessions(cast("User", user), but=request.session.session_key if is_own else "")
        log.info("account.password_changed", user=str(user.pk))

    # ── Addresses ─────────────────────────────────────────────────────────────────────────────

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Make it the address to sign in with, unless somebody else has come first."""
        others = User.objects.exclude(pk=email_address.user_id)
        if others.filter(email=email_address.email).exists():
            return False
        return bool(super().confirm_email(request, email_address))

    def is_safe_url(self, url: str) -> bool:
        """Whether a page of this very site is meant, not of another that may be named to us."""
        request = context.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )

    # ── Mails ─────────────────────────────────────────────────────────────────────────────────

    def send_confirmation_mail(
        self, request: HttpRequest, emailconfirmation: Any, signup: bool
    ) -> None:
        """With a link under our own address, whatever host the request named."""
        path = reverse("account_confirm_email", args=[emailconfirmation.key])
        email = emailconfirmation.email_address.email
        address = f"{base_url(request)}{path}"
        account_mail.try_sending(partial(account_mail.send_confirmation, email, address))

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell the person what was changed; of an address, the one that was in use until now."""
        given, request = context or {}, self.request
        notice = partial(
            account_mail.send_notice,
            template_prefix,
            email or cast("User", user).email,
            link=f"{base_url(request)}{reverse('account_reset_password')}",
            when=timezone.now(),
            origin=(attempts.machine_of(request), self.get_http_user_agent(request)[:200]),
            changed={name: given[name] for name in ("from_email", "to_email") if name in given},
        )
        transaction.on_commit(partial(account_mail.try_sending, notice))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """To the page on which it was changed."""
        return reverse("account:profile")
