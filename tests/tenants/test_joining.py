"""Taking an invitation in the browser."""

import re

import pytest
from django.core import mail

from tenants import services
from tenants.models import AuditEvent, Invitation, Membership, Role, User
from tests.factories.tenants import UserFactory

pytestmark = pytest.mark.django_db
URL = "/accounts/invitation/"
BASE = "http://testserver"
PASSWORD = "plum tractor sunday"


@pytest.fixture
def role(tenant):
    return Role.unscoped.get(tenant=tenant, slug="editor")


@pytest.fixture
def link(access, admin, role):
    _, link = services.invite_by_link(access(admin), role=role, days=7, base_url=BASE)
    return link.removeprefix(BASE)


@pytest.fixture
def mailed(access, admin, role):
    """The link in a mail to an address, new@example.org unless told."""

    def invite(email="new@example.org"):
        services.invite_by_mail(access(admin), email=email, role=role, days=7, base_url=BASE)
        return re.search(r"/accounts/invitation/\?token=[\w-]+", mail.outbox[-1].body)[0]

    return invite


def token(link):
    return link.partition("=")[2]


def begin(client, link, **changes):
    filled = {"name": "New Person", "password": PASSWORD, **changes}
    return client.post(f"{URL}new-account/", {"token": token(link), **filled})


def without_marks(content):
    """The page without what differs at every rendering."""
    return re.sub(r'csrfmiddlewaretoken" value="\w+', "·", content.decode())


def test_the_page_says_who_invites_as_what(client, mailed):
    content = client.get(mailed()).content.decode()

    assert "Join Acme" in content
    assert "Admin invites you" in content
    assert "Editor" in content
    assert "new@example.org" in content


def test_opening_the_page_changes_nothing(client, mailed):
    link = mailed()
    for _ in range(2):
        assert client.get(link).status_code == 200

    assert not User.objects.filter(email="new@example.org").exists()
    assert not client.session.keys()


def test_a_new_account_is_in_at_once(client, mailed):
    response = begin(client, mailed())

    assert response["Location"] == "/t/acme/"
    assert client.get("/t/acme/jobs/").status_code == 200
    assert Membership.unscoped.get(user__email="new@example.org").role.slug == "editor"


def test_the_session_is_a_new_one(client, mailed):
    """A session that somebody fixed beforehand is worth nothing after it."""
    session = client.session
    session["planted"] = "yes"
    session.save()
    client.cookies["sessionid"] = fixed = session.session_key

    begin(client, mailed())

    assert client.session.session_key != fixed


def test_an_account_that_is_signed_in_joins_with_a_click(page, link, stranger):
    client = page(stranger)
    assert stranger.email in client.get(link).content.decode()

    response = client.post(f"{URL}join/", {"token": token(link)}, follow=True)

    assert "You belong to Acme now, as Editor." in response.content.decode()
    assert Membership.unscoped.filter(user=stranger).count() == 2


def test_who_has_to_sign_in_comes_back_to_the_invitation(client, link, stranger):
    stranger.set_password(PASSWORD)
    stranger.save()

    there = client.post(f"{URL}join/", {"token": token(link)})["Location"]
    path, _, following = there.partition("?next=")
    page = client.get(there)
    response = client.post(
        path,
        {
            "login": stranger.email,
            "password": PASSWORD,
            "next": page.context["redirect_field_value"],
        },
    )

    assert following
    assert response["Location"] == link


def test_a_link_with_a_new_account_leads_through_the_sign_in(client, link):
    response = begin(client, link, email="new@example.org")

    assert response["Location"].startswith("/accounts/sign-in/?next=")
    shown = client.get(response["Location"])
    assert "Sign in to go on" in shown.content.decode()
    client.post(
        "/accounts/sign-in/",
        {
            "login": "new@example.org",
            "password": PASSWORD,
            "next": shown.context["redirect_field_value"],
        },
    )
    client.post(f"{URL}join/", {"token": token(link)})
    assert client.get("/t/acme/jobs/").status_code == 200


# ── Nobody is counted ─────────────────────────────────────────────────────────────────────────


def test_the_mailed_page_looks_the_same_whoever_has_an_account(client, mailed, stranger):
    new, known = mailed("nobody@example.org"), mailed(stranger.email)

    pages = [
        without_marks(client.get(one).content).replace(email, "·").replace(token(one), "·")
        for one, email in ((new, "nobody@example.org"), (known, stranger.email))
    ]

    assert pages[0] == pages[1]


def test_a_link_answers_alike_whoever_has_an_account(client, access, admin, role, stranger):
    answers = []
    for email in (stranger.email, "nobody@example.org"):
        _, link = services.invite_by_link(access(admin), role=role, days=7, base_url=BASE)
        link = link.removeprefix(BASE)
        response = begin(client, link, email=email)
        after = client.get(link)
        answers.append(
            (
                response.status_code,
                response["Location"].replace(token(link), "·"),
                without_marks(client.get(response["Location"]).content).replace(token(link), "·"),
                after.status_code,
                without_marks(after.content).replace(token(link), "·").replace(email, "·"),
            )
        )

    assert answers[0] == answers[1]


def test_a_claimed_link_tells_no_address(client, page, link, stranger):
    begin(client, link, email="claimed@example.org")

    for visitor in (page(), page(stranger)):
        content = visitor.get(link).content.decode()
        assert "claimed@example.org" not in content
    assert "Somebody has begun an account" in content


# ── What opens nothing ────────────────────────────────────────────────────────────────────────


@pytest.fixture
def dead(access, owner, admin, role, client, mailed):
    """Links that opened something once, or never, by the reason why they do no more."""
    links = {"null": f"{URL}?token=null", "empty": f"{URL}?token=", "none": URL}
    links["zero"] = f"{URL}?token=%00"
    links["unknown"] = f"{URL}?token={'A' * 43}"
    links["used"] = mailed("used@example.org")
    begin(client, links["used"])
    client.logout()
    links["withdrawn"] = mailed("withdrawn@example.org")
    services.revoke_invitation(
        access(admin), Invitation.unscoped.get(email="withdrawn@example.org")
    )
    links["expired"] = mailed("expired@example.org")
    Invitation.unscoped.filter(email="expired@example.org").update(expires_at="2020-01-01T00:00Z")
    links["renewed"] = mailed("renewed@example.org")
    renewed = Invitation.unscoped.get(email="renewed@example.org")
    services.resend_invitation(access(admin), renewed, days=7, base_url=BASE)
    links["unbacked"] = mailed("unbacked@example.org")
    services.suspend_member(access(owner), Membership.unscoped.get(user=admin))
    return links


def test_every_dead_token_is_answered_with_one_and_the_same_page(dead, page, stranger):
    for visitor in (page(), page(stranger)):
        answers = {
            reason: (response.status_code, response.content)
            for reason, link in dead.items()
            for response in [visitor.get(link)]
        }

        assert {status for status, _ in answers.values()} == {404}
        assert len({content for _, content in answers.values()}) == 1


def test_every_dead_token_is_refused_alike_when_it_is_sent(dead, page, stranger):
    people = User.objects.count()
    joins = [page(stranger).post(f"{URL}join/", {"token": token(link)}) for link in dead.values()]
    begins = [begin(page(), link, email="late@example.org") for link in dead.values()]

    assert {response.status_code for response in (*joins, *begins)} == {404}
    assert len({response.content for response in (*joins, *begins)}) == 1
    assert User.objects.count() == people


def test_a_second_click_leads_where_the_first_did(page, link, stranger, tenant):
    client = page(stranger)

    first, second = (client.post(f"{URL}join/", {"token": token(link)}) for _ in range(2))

    assert first["Location"] == second["Location"] == client.get(link)["Location"] == "/t/acme/"
    assert Membership.unscoped.filter(tenant=tenant, user=stranger).count() == 1
    assert AuditEvent.unscoped.filter(action="member.joined").count() == 1


def test_a_second_click_on_create_account_leads_there_too(client, mailed):
    link = mailed()
    begin(client, link)

    again = begin(client, link)

    assert again["Location"] == link
    assert client.get(link)["Location"] == "/t/acme/"


def test_a_token_works_once_for_somebody_else(page, link, stranger):
    page(stranger).post(f"{URL}join/", {"token": token(link)})
    other = page(UserFactory())

    assert other.post(f"{URL}join/", {"token": token(link)}).status_code == 404
    assert other.get(link).status_code == page().get(link).status_code == 404


@pytest.mark.parametrize("end", ["suspend_member", "remove_member"])
def test_who_was_shut_out_finds_a_taken_invitation_gone(access, owner, page, link, stranger, end):
    page(stranger).post(f"{URL}join/", {"token": token(link)})
    member = Membership.unscoped.get(user=stranger, tenant__slug="acme")
    getattr(services, end)(access(owner), member)

    client = page(stranger)

    assert client.post(f"{URL}join/", {"token": token(link)}).status_code == 404
    assert client.get(link).status_code == 404


# ── What is taken from the form ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "too short"},
        {"password": "password1234"},
        {"password": "new@example.org"},
        {"password": " "},
        {"name": ""},
        {"name": "N\u202eew"},
    ],
)
def test_a_weak_password_or_no_name_comes_back(client, mailed, changes):
    response = begin(client, mailed(), **changes)

    assert response.status_code == 422
    assert b"put right" in response.content
    assert not User.objects.filter(email="new@example.org").exists()
    assert b'value="' + changes.get("password", PASSWORD).encode() not in response.content


def test_nothing_more_than_name_and_password_is_taken(client, mailed, tenant, other_tenant):
    begin(
        client,
        mailed(),
        email="somebody.else@example.org",
        is_superuser="on",
        is_staff="on",
        role=str(Role.unscoped.get(tenant=tenant, slug="owner").pk),
        tenant=str(other_tenant.pk),
    )

    person = User.objects.get(email="new@example.org")
    assert (person.is_superuser, person.is_staff) == (False, False)
    member = Membership.unscoped.get(user=person)
    assert (member.tenant, member.role.slug) == (tenant, "editor")


def test_an_invitation_for_another_address_says_so(page, mailed, stranger):
    link = mailed()

    content = page(stranger).get(link).content.decode()
    refused = page(stranger).post(f"{URL}join/", {"token": token(link)})

    assert "This invitation is for new@example.org" in content
    assert refused.status_code == 404


def test_a_member_is_led_into_their_organisation(page, link, viewer):
    assert page(viewer).get(link)["Location"] == "/t/acme/"
    assert page(viewer).post(f"{URL}join/", {"token": token(link)})["Location"] == "/t/acme/"
    assert Invitation.unscoped.exists()


def test_who_is_signed_in_makes_no_second_account_by_the_way(page, link, stranger):
    response = begin(page(stranger), link, email="second@example.org")

    assert response["Location"] == link
    assert not User.objects.filter(email="second@example.org").exists()


@pytest.mark.parametrize("act", ["join", "new-account"])
def test_taking_is_a_post(client, act):
    assert client.get(f"{URL}{act}/").status_code == 405


@pytest.mark.parametrize("way", ["join", "new account", "claim"])
def test_taking_writes_exactly_one_event(page, client, mailed, link, tenant, way):
    mail_link = mailed()
    person = UserFactory()
    before = AuditEvent.unscoped.filter(tenant=tenant).count()

    if way == "join":
        page(person).post(f"{URL}join/", {"token": token(link)})
    elif way == "new account":
        begin(client, mail_link)
    else:
        begin(client, link, email="claims@example.org")

    assert AuditEvent.unscoped.filter(tenant=tenant).count() == before + 1


def test_the_token_is_not_logged(client, mailed, caplog):
    link = mailed()
    caplog.clear()

    client.get(link)
    begin(client, link)

    assert token(link) not in caplog.text
