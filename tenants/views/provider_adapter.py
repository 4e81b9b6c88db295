"""How django-allauth's sign-in with other services works here: one service per organisation.

An identity at an organisation's service opens sessions for that organisation alone (tenants.reach),
makes accounts only for addresses that have none, and is connected to an account only by its person.
"""

from __future__ import annotations

import hmac
import re
import secrets as random
from typing import Any, cast

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.github.provider import GitHubProvider
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tenants import openid, secrets, services, signing_in
from tenants.links import base_url
from tenants.models import SignInProvider, User
from tenants.openid import NotBelieved
from tenants.outbound.sessions import session
from tenants.services import NotAdmitted

NONCE_BYTES = 24
FAILED = "The sign-in did not work. Begin again; if it stays so, tell an owner of {}."
CANCELLED = "Either you cancelled at {}, or it does not let you use Roster."
# As RFC 6749, 4.1.2.1 and the services' own errors are written; nothing else is shown or logged.
ERROR_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")


def callback(request: HttpRequest, key: str) -> str:
    """Where the service sends people back to, under our own address."""
    path = reverse("account:through-callback", args=key.split(":"))
    return f"{base_url(request)}{path}"


class OpenIDAdapter(OpenIDConnectOAuth2Adapter):
    """OpenID Connect with every check of the ID token."""

    @property
    def openid_config(self) -> dict[str, Any]:
        if not hasattr(self, "_openid_config"):
            try:
                server = self.get_provider().app.settings["server_url"]
                self._openid_config = openid.configuration(server)
            except NotBelieved as problem:
                raise OAuth2Error(str(problem)) from problem
        return self._openid_config

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return callback(request, self.provider_id)

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        try:
            told = openid.claims(
                str(kwargs["response"].get("id_token")), self.openid_config, app.client_id
            )
            more = openid.user_info(self.openid_config, token.token, told["sub"])
            # Who it is says the signed token alone; of the rest it has the last word.
            everything = openid.of_person({**more, **told})
        except NotBelieved as problem:
            raise OAuth2Error(str(problem)) from problem
        data = {"userinfo": everything, "id_token": openid.of_person(told)}
        return self.get_provider().sociallogin_from_response(request, data)


class OpenID(OpenIDConnectProvider):
    """A server by its configuration; each sign-in carries a nonce."""

    oauth2_adapter_class = OpenIDAdapter
    pkce_enabled_default = True

    def redirect(self, request: HttpRequest, process: str, **kwargs: Any) -> HttpResponse:
        nonce = random.token_urlsafe(NONCE_BYTES)
        kwargs["auth_params"] = {"nonce": nonce}
        return super().redirect(request, process, nonce=nonce, **kwargs)

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        """Verified only where the server says so in so many words, and Google speaks of its own.

        A private Google account keeps the address with which it was made for ever, also of an
        employer whose mailbox is long gone: developers.google.com/identity/openid-connect/
        openid-connect says that Google answers for its own mail and, with `hd`, for Workspace.
        """
        found = super().extract_email_addresses(data)
        told = data["id_token"]
        for address in found:
            is_googles = bool(told.get("hd")) or address.email.lower().endswith("@gmail.com")
            answers = is_googles or not self.app.settings["is_google"]
            # Of letters beyond ASCII some become others in small: U+212A a “k”, and so the address
            # somebody else's.
            address.verified = address.verified is True and answers and address.email.isascii()
        return found


class GitHubAdapter(GitHubOAuth2Adapter):
    """GitHub, under an organisation's own client."""

    def __init__(self, request: HttpRequest, provider_id: str) -> None:
        self.provider_id = provider_id
        super().__init__(request)

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return callback(request, self.provider_id)


class GitHub(GitHubProvider):
    """GitHub, which tells of each address whether it is verified."""

    pkce_enabled_default = True

    def get_oauth2_adapter(self, request: HttpRequest) -> GitHubAdapter:
        return GitHubAdapter(request, self.app.provider_id)

    def get_default_scope(self) -> list[str]:
        return ["user:email"]


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Finds an organisation's service by its key, and decides who gets in."""

    def get_provider(
        self, request: HttpRequest, provider: str, client_id: str | None = None
    ) -> OpenID | GitHub:
        """Raises Http404 where there is none, or it is switched off."""
        row = _asked(request, provider)
        is_github = row.kind == SignInProvider.Kind.GITHUB
        app = SocialApp(
            provider="github" if is_github else "openid_connect",
            provider_id=provider,
            name=row.name,
            client_id=row.client_id,
            secret=secrets.reveal(row.secret),
            settings={
                "server_url": row.server,
                "is_google": row.kind == SignInProvider.Kind.GOOGLE,
            },
        )
        return (GitHub if is_github else OpenID)(request, app=app)

    def get_requests_session(self) -> Any:
        """Through the outbound guard."""
        return session()

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Never: a server can claim every address."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let in whom the organisation's rules let in. Raises ImmediateHttpResponse."""
        row = _asked(request, sociallogin.account.provider)
        try:
            _require_nonce(sociallogin)
            if sociallogin.state.get("process") == AuthProcess.CONNECT:
                self._connect(request, sociallogin, row)
            elif sociallogin.is_existing:
                services.come_through(row, cast("User", sociallogin.user))
            else:
                _join(sociallogin, row)
        except NotAdmitted as refusal:
            raise ImmediateHttpResponse(refused(request, row, str(refusal))) from refusal

    def _connect(self, request: HttpRequest, sociallogin: SocialLogin, row: SignInProvider) -> None:
        """As django-allauth does next, but in one transaction with what it was asked for."""
        if did_recently_reauthenticate(request):
            user = cast("User", request.user)
            if services.connect_through(row, user, sociallogin.account):
                self.send_notification_mail("socialaccount/email/account_connected", user)
                messages.success(request, f"{row} is connected.")
            else:
                messages.info(request, f"{row} was connected already.")
            raise ImmediateHttpResponse(redirect("account:connected"))
        raise NotAdmitted("It took too long. Begin again under “Connected”.")

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, *args: Any, **kwargs: Any
    ) -> None:
        """One page for all that can go wrong between the servers; the log has the details."""
        row = _asked(request, provider.app.provider_id)
        if kwargs.get("error") == AuthError.CANCELLED:
            why = CANCELLED.format(row)
            raise ImmediateHttpResponse(refused(request, row, why, "Nobody was signed in"))
        code = request.GET.get("error", "")
        told = code if ERROR_CODE.fullmatch(code) else ""
        signing_in.note_failure(provider.app.provider_id, kwargs, told)
        why = FAILED.format(row.tenant) + (f" Its answer was “{told}”." if told else "")
        raise ImmediateHttpResponse(refused(request, row, why))

    def send_notification_mail(self, template: str, user: Any, **kwargs: Any) -> None:
        get_account_adapter().send_notification_mail(template, user)


def refused(request: HttpRequest, row: SignInProvider, why: str, title: str = "") -> HttpResponse:
    """Why somebody does not get in."""
    context = {"provider": row, "why": why, "heading": title or f"{row} did not let you in"}
    return render(request, "account/through_refused.html", context, status=403)


def _require_nonce(sociallogin: SocialLogin) -> None:
    """The token was made for this very sign-in. GitHub, which has none, is protected by PKCE."""
    wanted = sociallogin.state.get("nonce")
    told = sociallogin.account.extra_data.get("id_token", {})
    if wanted and not hmac.compare_digest(str(told.get("nonce", "")).encode(), wanted.encode()):
        raise NotAdmitted("The answer belongs to another sign-in. Begin again.")


def _asked(request: HttpRequest, key: str) -> SignInProvider:
    """The sign-in as it was when this request began: which server answered is told by this alone,
    since it may be set to another meanwhile. Raises Http404."""
    asked: dict[str, SignInProvider | None] = request.__dict__.setdefault("sign_ins", {})
    if key not in asked:
        asked[key] = signing_in.by_key(key)
    if (row := asked[key]) is None:
        raise Http404("No such sign-in.")
    return row


def _join(sociallogin: SocialLogin, row: SignInProvider) -> None:
    told = sorted(sociallogin.email_addresses, key=lambda address: not address.primary)
    emails = [address.email.lower() for address in told if address.verified]
    name = str(sociallogin.account.extra_data.get("name") or _common_name(sociallogin))
    services.join_through(row, uid=sociallogin.account.uid, emails=emails, name=name)
    sociallogin.user = None
    sociallogin.lookup()


def _common_name(sociallogin: SocialLogin) -> str:
    told = sociallogin.account.extra_data.get("userinfo", {})
    return str(told.get("name") or "")
