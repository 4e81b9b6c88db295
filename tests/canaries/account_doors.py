"""Ways by which secrets of people and of organisations' sign-ins come into Roster."""

import re

from allauth.mfa.models import Authenticator
from django.core import mail

from tenants import factors, secrets, tasks
from tenants.models import SignInProvider
from tenants.views.provider_adapter import GitHubAdapter
from tests.factories.tenants import UserFactory
from tests.tenants.accounts_kit import code_of

CLIENT_SECRET = "cnry/b+ll!Of6Wm1Km5/Zo8+Hx3!client?"
FACTORS = "/accounts/second-factor/"


def through(doors, settings_pages, monkeypatch):
    """An organisation's sign-in whose server tells back all that it was sent."""
    role = _first_role(doors, f"{settings_pages}sign-in/new/")
    form = {"name": "GitHub", "kind": "github", "client_id": "roster", "domains": "acme.example",
            "role": role, "is_enabled": "on", "client_secret": CLIENT_SECRET}  # fmt: skip
    doors.post(f"{settings_pages}sign-in/new/", form)
    doors.canaries["client secret of a sign-in"] = CLIENT_SECRET
    doors.server.routes["/login"] = lambda seen: (400, {}, f"error=no_such_code {seen}".encode())
    monkeypatch.setattr(GitHubAdapter, "access_token_url", f"{doors.server.url}/login")
    visitor, row = doors.page(), SignInProvider.unscoped.get()
    leaving = visitor.post(f"/accounts/through/{row.tenant_id}/{row.pk}/")
    state = re.search(r"state=(\w+)", leaving["Refresh"])[1]
    back = f"/accounts/through/{row.tenant_id}/{row.pk}/callback/"
    assert visitor.get(back, {"code": "made-up", "state": state}).status_code == 403
    assert "client_secret" in doors.server.seen[-1]["body"]


def second_factor(doors, password):
    """One app in use, with recovery codes, and one whose first code has not come yet."""
    half_way = UserFactory(email="half-way@acme.example")
    half_way.set_password(password)
    half_way.save()
    for person in (doors.owner, half_way):
        browser = doors.page(person)
        doors.post("/accounts/confirm/", {"password": password}, browser)
        key = re.search(r"<code>([A-Z2-7]+)</code>", browser.get(f"{FACTORS}app/").content.decode())
        doors.canaries[f"seed of {person}"] = key[1]
        if person == doors.owner:
            doors.post(f"{FACTORS}app/", {"code": code_of(key[1])}, browser)
            browser.get(f"{FACTORS}codes/")
    row = Authenticator.objects.get(user=doors.owner, type="recovery_codes")
    doors.canaries["recovery codes"] = secrets.open_text(row.data["seed"], factors.SEALED_FOR)


def mails(doors, settings_pages):
    """Links that open something, each opened half-way."""
    form = {"delivery": "mail", "email": "new@acme.example", "days": "7",
            "role": _first_role(doors, f"{settings_pages}invitations/new/")}  # fmt: skip
    doors.post(f"{settings_pages}invitations/new/", form)
    doors.canaries["mailed invitation"] = re.search(r"token=(\S+)", mail.outbox[-1].body)[1]
    visitor = doors.page()
    doors.post("/accounts/forgotten/", {"email": doors.owner.email}, visitor)
    tasks.mail_reset_link(doors.owner.email, "http://testserver")
    path, key = re.search(r"testserver(/\S+?-(\S+)/)", mail.outbox[-1].body).groups()
    assert b"New password" in visitor.get(path, follow=True).content
    doors.canaries["link for a new password"] = key


def kept_answers(doors):
    """An answer that is kept to be repeated, and tells a key."""
    answer = doors.api.post("/api-keys", {"name": "Made", "scopes": ["view_agents"]},
                            headers={"Idempotency-Key": "key-once"})  # fmt: skip
    assert answer.status_code == 201, answer.content
    doors.canaries["API key of the API"] = answer.json()["key"].split("_")[2]


def _first_role(doors, page):
    return re.search(r'<option value="([0-9a-f-]{36})"', doors.client.get(page).content.decode())[1]
