"""The sign-ins of organisations, found for who is not in yet; and what the log is told of them."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.utils import timezone

from tenants import signing_in
from tenants.models import SignInProvider, Tenant
from tests.factories.tenants import SignInProviderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(tenant):
    return SignInProviderFactory(tenant=tenant)


@pytest.fixture
def foreign(other_tenant):
    return SignInProviderFactory(tenant=other_tenant)


def offered(provider, user):
    """Each way in which the sign-in is found."""
    return {
        "key": signing_in.by_key(signing_in.key_of(provider)),
        "slug": signing_in.of_organisation(provider.tenant.slug),
        "person": signing_in.open_to(user),
    }


def test_it_is_found_by_its_key_its_organisation_and_its_people(mine, foreign, viewer):
    assert offered(mine, viewer) == {"key": mine, "slug": [mine], "person": [mine]}


def test_one_that_is_switched_off_is_not_there(mine, viewer):
    SignInProvider.unscoped.update(is_enabled=False)

    assert offered(mine, viewer) == {"key": None, "slug": [], "person": []}


def test_nor_is_that_of_an_archived_organisation_even_for_its_owner(mine, owner):
    Tenant.objects.update(archived_at=timezone.now())

    assert offered(mine, owner) == {"key": None, "slug": [], "person": []}


def test_it_is_not_there_by_the_ids_of_another(mine, foreign):
    assert signing_in.by_ids(mine.tenant_id, foreign.pk) is None
    assert signing_in.by_ids(mine.tenant_id, mine.tenant_id) is None


def test_an_organisation_that_is_not_there_offers_nothing(mine):
    assert signing_in.of_organisation("no-such") == []


def test_a_person_is_told_of_their_own_identities_alone(mine, viewer, editor):
    key = signing_in.key_of(mine)
    own = SocialAccount.objects.create(user=viewer, provider=key, uid="viewer-1")
    SocialAccount.objects.create(user=editor, provider=key, uid="editor-1")

    assert signing_in.identities(viewer) == [{"identity": own, "provider": mine}]


# ── What the log is told ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def noted(caplog):
    def of_failure(told, code=""):
        caplog.clear()
        signing_in.note_failure("a:b", told, code)
        lines = [record.msg for record in caplog.records]
        return [(line["event"], line["sign_in"], line["error"]) for line in lines]

    return of_failure


def test_the_log_tells_the_cause_that_says_most(noted):
    cause, error = OSError("Connection refused"), "unknown"

    for told, code, written in (
        ({"exception": cause, "error": error}, "denied", "Connection refused"),
        ({"exception": None, "error": error}, "denied", "denied"),
        ({"exception": None, "error": error}, "", "unknown"),
    ):
        assert noted(told, code) == [("sign_in.failed", "a:b", written)]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ('{"error": "invalid_client", "client_secret": "canary"}', "invalid_client"),
        ("<html>canary</html>", "no error code"),
    ],
)
def test_of_a_servers_answer_the_log_has_the_code_alone(noted, answer, code):
    cause = OSError(f"{signing_in.UNREDEEMED}: {answer}")

    [(_, _, error)] = noted({"exception": cause})

    assert error == f"{signing_in.UNREDEEMED}: {code}"
