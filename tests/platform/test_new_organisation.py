"""Making an organisation in the browser."""

import pytest
from django.core import mail

from tenants import services
from tenants.models import AuditEvent, Invitation, Membership, Tenant, User

pytestmark = pytest.mark.django_db
URL = "/platform/new/"
SENT = {"name": "Initech", "slug": "initech", "time_zone": "Europe/Amsterdam"}


def create(page, operator, **fields):
    return page(operator).post(URL, {**SENT, "email": "peter@initech.example", **fields})


def test_a_new_person_is_invited_as_owner(page, operator):
    answer = create(page, operator, email="Peter@Initech.example")

    tenant = Tenant.objects.get(slug="initech")
    assert answer["Location"] == f"/platform/{tenant.pk}/"
    assert (tenant.name, tenant.time_zone) == ("Initech", "Europe/Amsterdam")
    [invitation] = Invitation.unscoped.filter(tenant=tenant)
    assert (invitation.email, invitation.role.slug) == ("peter@initech.example", "owner")
    [message] = mail.outbox
    assert message.to == ["peter@initech.example"]
    assert "/accounts/invitation/?token=" in message.body


def test_the_invitation_makes_its_reader_owner(page, operator):
    create(page, operator)
    token = mail.outbox[0].body.partition("token=")[2].split()[0]

    page().post(
        "/accounts/invitation/new-account/",
        {"token": token, "name": "Peter", "password": "a long enough password"},
    )

    member = Membership.unscoped.get(tenant__slug="initech")
    assert (member.user.email, member.role.slug) == ("peter@initech.example", "owner")


def test_an_account_with_the_address_is_no_proof_of_it_so_its_mailbox_is_asked(
    page, operator, viewer
):
    """Whoever is given a link begins an account with any address."""
    create(page, operator, email=viewer.email)

    assert not Membership.unscoped.filter(tenant__slug="initech").exists()
    token = mail.outbox[0].body.partition("token=")[2].split()[0]
    page(viewer).post("/accounts/invitation/join/", {"token": token})
    member = Membership.unscoped.get(tenant__slug="initech")
    assert (member.user, member.role.slug) == (viewer, "owner")


def test_a_platform_admin_is_owner_at_once(page, operator):
    create(page, operator, email=operator.email)

    assert Membership.unscoped.get(tenant__slug="initech").user == operator
    assert not mail.outbox


def test_one_event_tells_who_made_it(page, operator):
    create(page, operator)

    [event] = AuditEvent.unscoped.filter(tenant__slug="initech")
    assert (event.action, event.actor_label) == ("tenant.created", "Olga (platform)")
    assert event.changes["owner"] == [None, "peter@initech.example"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("name", ""), ("slug", ""), ("slug", "A B"), ("slug", "a--b"), ("slug", "acme")),
        *(("slug", "platform"), ("time_zone", "Mars"), ("email", "nobody"), ("email", "")),
        ("name", "Init\u202eech"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_made(page, operator, tenant, field, value):
    answer = create(page, operator, **{field: value})

    assert answer.status_code == 422
    assert answer.context["form"].errors.get(field)
    assert Tenant.objects.count() == 1
    assert not mail.outbox


def test_what_the_form_does_not_offer_is_not_taken(page, operator):
    create(page, operator, is_archived="on", archived_at="2020-01-01", role="admin", id="x")

    tenant = Tenant.objects.get(slug="initech")
    assert not tenant.is_archived
    assert Invitation.unscoped.get(tenant=tenant).role.slug == "owner"


def test_an_organisation_without_owner_gets_one_and_one_with_does_not(page, operator, tenant):
    url = f"/platform/{tenant.pk}/owner/"

    page(operator).post(url, {"email": "first@acme.example"})
    page(operator).post(url, {"email": "first@acme.example"})
    assert len(mail.outbox) == 2
    assert Invitation.unscoped.filter(tenant=tenant).count() == 1

    services.add_member(tenant, User.objects.create_user("second@acme.example"), role="viewer")
    page(operator).post(url, {"email": "second@acme.example"})
    assert Membership.unscoped.get(tenant=tenant).user.email == "second@acme.example"
    assert page(operator).post(url, {"email": operator.email}).status_code == 422


@pytest.mark.parametrize("email", ["first@acme.example", "ops@roster.example"])
def test_nobody_becomes_owner_of_an_archived_organisation(page, operator, tenant, platform, email):
    url = f"/platform/{tenant.pk}/"
    services.archive_tenant(platform, tenant)
    assert "owner/" not in page(operator).get(url).text

    answer = page(operator).post(f"{url}owner/", {"email": email})

    assert answer.status_code == 422
    assert "takes nobody in" in answer.text
    assert not mail.outbox
    assert not Membership.unscoped.filter(tenant=tenant).exists()
    assert not Invitation.unscoped.exists()


def test_what_the_platform_invited_opens_nothing_of_an_archived_organisation(
    page, operator, tenant, platform
):
    page(operator).post(f"/platform/{tenant.pk}/owner/", {"email": "first@acme.example"})
    token = mail.outbox[0].body.partition("token=")[2].split()[0]
    services.archive_tenant(platform, tenant)

    answer = page().post(
        "/accounts/invitation/new-account/",
        {"token": token, "name": "First", "password": "a long enough password"},
    )

    assert answer.status_code == 404
    assert not Membership.unscoped.exists()


def test_an_owner_is_mailed_five_times_a_day_at_most(page, operator, tenant):
    client, url = page(operator), f"/platform/{tenant.pk}/owner/"
    for _ in range(5):
        assert client.post(url, {"email": "new@example.org"}).status_code == 302

    refused = client.post(url, {"email": "new@example.org"})

    assert refused.status_code == 422
    assert "got 5 invitations within a day" in refused.content.decode()
    assert len(mail.outbox) == 5
