"""Inviting on the settings' pages."""

import re

import pytest
from django.core import mail

from tenants import services
from tenants.models import AuditEvent, Invitation, Role
from tests.factories.tenants import UserFactory

pytestmark = pytest.mark.django_db
URL = "/t/acme/settings/invitations/"
BASE = "https://roster.example"
# Ids, form tokens and times.
DIFFERS_ANYWAY = r'[0-9a-f]{8}-[0-9a-f-]{27}|token" value="\w+|(title|datetime)="[^"]+"'


def role(tenant, slug):
    return Role.unscoped.get(tenant=tenant, slug=slug)


def fields(tenant, slug="editor", **changes):
    return {
        "delivery": "mail",
        "email": "new@example.org",
        "role": str(role(tenant, slug).pk),
        "days": "7",
        **changes,
    }


def a_link(access, user, tenant, slug="editor"):
    invitation, _ = services.invite_by_link(
        access(user), role=role(tenant, slug), days=7, base_url=BASE
    )
    return invitation


def test_an_admin_invites_by_mail(page, admin, tenant):
    response = page(admin).post(f"{URL}new/", fields(tenant), follow=True)

    content = response.content.decode()
    assert "An invitation was sent to new@example.org." in content
    assert "Pending" in content
    assert len(mail.outbox) == 1


def test_the_page_never_shows_a_mailed_link(page, admin, tenant):
    client = page(admin)
    made = client.post(f"{URL}new/", fields(tenant), follow=True).content.decode()

    token = re.search(r"token=([\w-]+)", mail.outbox[0].body)[1]
    for content in (made, client.get(URL).content.decode()):
        assert token not in content
        assert "token=" not in content


def test_a_link_is_shown_once(page, admin, tenant):
    client = page(admin)
    response = client.post(f"{URL}new/", fields(tenant, delivery="link"))

    (link,) = set(
        re.findall(
            r"http://testserver/accounts/invitation/\?token=[\w-]+", response.content.decode()
        )
    )
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert not mail.outbox
    assert link not in client.get(URL).content.decode()
    assert client.get(link).status_code in (200, 302)


def test_the_link_is_built_from_the_configured_address(page, admin, tenant, settings):
    settings.ROSTER_URL = "https://roster.example.org"

    response = page(admin).post(f"{URL}new/", fields(tenant, delivery="link"))

    assert "https://roster.example.org/accounts/invitation/?token=" in response.content.decode()
    assert "testserver" not in response.content.decode()


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_X_FORWARDED_HOST": "evil.example"},
        {"HTTP_FORWARDED": "host=evil.example"},
        {"HTTP_X_HOST": "evil.example"},
        {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_SERVER": "evil.example"},
    ],
)
def test_no_header_leads_the_link_elsewhere(page, admin, tenant, headers):
    page(admin).post(f"{URL}new/", fields(tenant), **headers)

    assert "http://testserver/accounts/invitation/" in mail.outbox[0].body
    assert "evil" not in mail.outbox[0].body


def test_a_foreign_host_is_refused_before_anything_is_sent(page, admin, tenant):
    response = page(admin).post(f"{URL}new/", fields(tenant), HTTP_HOST="evil.example")

    assert response.status_code == 400
    assert not mail.outbox
    assert not Invitation.unscoped.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"email": ""},
        {"email": "no address"},
        {"email": "new@example.org\nBcc: all@example.org"},
        {"role": "nonsense"},
        {"days": "365"},
        {"days": "0"},
        {"delivery": "pigeon"},
    ],
)
def test_what_is_not_right_comes_back(page, admin, tenant, changes):
    response = page(admin).post(f"{URL}new/", fields(tenant, **changes))

    assert response.status_code == 422
    assert not Invitation.unscoped.exists()


def test_a_role_beyond_ones_own_or_of_others_is_not_taken(page, admin, tenant, other_tenant):
    client = page(admin)

    for beyond in (role(tenant, "owner"), role(other_tenant, "viewer")):
        assert str(beyond.pk) not in client.get(f"{URL}new/").content.decode()
        response = client.post(f"{URL}new/", fields(tenant, role=str(beyond.pk)))
        assert response.status_code == 422

    assert not Invitation.unscoped.exists()


def test_nothing_but_the_offer_is_taken_from_the_form(page, admin, tenant, other_tenant):
    page(admin).post(
        f"{URL}new/",
        {
            **fields(tenant),
            "tenant": str(other_tenant.pk),
            "expires_at": "2099-01-01",
            "invited_by": "",
            "digest": "0" * 64,
            "is_superuser": "on",
        },
    )

    invitation = Invitation.unscoped.get()
    assert (invitation.tenant, invitation.invited_by) == (tenant, admin)
    assert invitation.digest != "0" * 64


def test_whoever_is_invited_already_is_told_on_the_form(page, admin, editor, tenant):
    client = page(admin)
    client.post(f"{URL}new/", fields(tenant))

    assert b"invited already" in client.post(f"{URL}new/", fields(tenant)).content
    refused = client.post(f"{URL}new/", fields(tenant, email=editor.email))
    assert refused.status_code == 422
    assert b"belongs to a member already" in refused.content


def test_the_form_answers_alike_whether_an_account_exists(page, admin, tenant, stranger):
    answers = []
    for email in (stranger.email, "nobody@globex.example"):
        response = page(admin).post(f"{URL}new/", fields(tenant, email=email), follow=True)
        told = response.content.decode().replace(email, "·")
        answers.append((response.status_code, re.sub(DIFFERS_ANYWAY, "·", told)))
        Invitation.unscoped.all().delete()

    assert answers[0] == answers[1]


def test_an_invitation_is_sent_once_more_and_withdrawn(page, admin, tenant):
    client = page(admin)
    client.post(f"{URL}new/", fields(tenant))
    target = f"{URL}{Invitation.unscoped.get().pk}/"

    client.post(f"{target}resend/")
    assert len(mail.outbox) == 2
    client.post(f"{target}revoke/")

    assert not Invitation.unscoped.exists()


def test_the_sixth_mail_to_one_mailbox_within_a_day_is_refused_in_words(page, admin, tenant):
    client = page(admin)
    client.post(f"{URL}new/", fields(tenant))
    target = f"{URL}{Invitation.unscoped.get().pk}/"
    for _ in range(4):
        client.post(f"{target}resend/")

    refused = client.post(f"{target}resend/", follow=True)
    client.post(f"{target}revoke/")
    anew = client.post(f"{URL}new/", fields(tenant))

    assert len(mail.outbox) == 5
    assert "got 5 invitations within a day" in refused.content.decode()
    assert anew.status_code == 422
    assert "got 5 invitations within a day" in anew.content.decode()


def test_a_link_made_anew_is_shown_once(page, access, admin, tenant):
    invitation = a_link(access, admin, tenant)

    response = page(admin).post(f"{URL}{invitation.pk}/resend/")

    assert b"shown only now" in response.content


def test_only_keepers_of_members_invite(page, access, admin, editor, stranger, tenant):
    target = f"{URL}{a_link(access, admin, tenant).pk}/"

    assert page(editor).get(URL).status_code == 403
    assert page(editor).post(f"{URL}new/", fields(tenant)).status_code == 403
    for act in ("resend", "revoke"):
        assert page(editor).post(f"{target}{act}/").status_code == 404
        assert page(stranger).post(f"{target}{act}/").status_code == 404
        foreign = target.replace("acme", "globex")
        assert page(stranger).post(f"{foreign}{act}/").status_code == 404
        assert page(admin).get(f"{target}{act}/").status_code == 405
    assert Invitation.unscoped.count() == 1


def test_an_owners_invitation_is_out_of_an_admins_reach(page, access, owner, admin, tenant):
    invitation = a_link(access, owner, tenant, "owner")

    assert page(admin).post(f"{URL}{invitation.pk}/revoke/").status_code == 403
    assert f"{invitation.pk}/revoke/" not in page(admin).get(URL).content.decode()


@pytest.mark.parametrize("path", ["new/", "{pk}/resend/", "{pk}/revoke/"])
def test_every_change_writes_exactly_one_event(page, access, admin, tenant, path):
    invitation = a_link(access, admin, tenant)
    before = AuditEvent.unscoped.filter(tenant=tenant).count()

    page(admin).post(URL + path.format(pk=invitation.pk), fields(tenant))

    assert AuditEvent.unscoped.filter(tenant=tenant).count() == before + 1


def test_the_list_costs_the_same_for_any_number(
    page, access, admin, tenant, django_assert_max_num_queries
):
    client = page(admin)
    for _ in range(2):
        for _ in range(5):
            a_link(access, admin, tenant)
        with django_assert_max_num_queries(8):
            client.get(URL)


@pytest.mark.parametrize("sort", ["email", "-email", "created", "-expires"])
def test_the_list_is_sorted(page, access, admin, tenant, sort):
    for _ in range(3):
        a_link(access, admin, tenant)

    assert len(page(admin).get(f"{URL}?sort={sort}").context["page"].rows) == 3


def test_an_empty_list_says_what_to_do(page, admin):
    assert b"Nobody is invited" in page(admin).get(URL).content


def test_a_mail_that_was_not_taken_is_told(page, admin, tenant, monkeypatch):
    def refuse(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("tenants.invitation_mail.send_mail", refuse)

    response = page(admin).post(f"{URL}new/", fields(tenant), follow=True)

    assert b"did not take the message" in response.content
    assert b"Could not be sent" in response.content


def test_pages_of_members_and_invitations_lead_to_the_form(page, admin):
    for path in ("/t/acme/settings/members/", URL):
        assert f'href="{URL}new/"' in page(admin).get(path).content.decode()


def test_who_is_invited_is_no_member_yet(page, access, admin, tenant):
    by_mail = fields(tenant, email="not.yet@example.org")
    page(admin).post(f"{URL}new/", by_mail)

    assert b"not.yet@example.org" not in page(admin).get("/t/acme/settings/members/").content
    assert UserFactory._meta.model.objects.filter(email="not.yet@example.org").count() == 0
