"""A passkey in a real browser: added, used as the only step, and as the second one."""

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, axe_findings, shoot


@pytest.fixture
def at_localhost(site):
    """Browsers keep passkeys for names alone, not for bare addresses."""
    return site.replace("127.0.0.1", "localhost")


def give_device(page):
    """A device with a fingerprint reader that always agrees."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_opens_the_account(visit, at_localhost, tenant, person):
    with visit() as (page, watch):
        goto = lambda path: page.goto(f"{at_localhost}{path}")  # noqa: E731
        give_device(page)
        goto("/accounts/sign-in/")
        page.get_by_label("E-mail").fill(person.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/t/acme/")

        goto("/accounts/second-factor/passkeys/new/")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
        page.get_by_label("Name").fill("Laptop")
        assert axe_findings(page) == []
        shoot(page, "passkey-new")
        page.get_by_role("button", name="Add passkey").click()
        page.wait_for_url("**/second-factor/codes/")
        shoot(page, "recovery-codes")
        goto("/accounts/second-factor/")
        expect(page.get_by_role("main")).to_contain_text("Laptop")
        assert Authenticator.objects.filter(user=person, type="webauthn").count() == 1

        sign_out(page, at_localhost)
        goto("/accounts/sign-in/?next=/t/acme/jobs/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Jobs")

        sign_out(page, at_localhost)
        goto("/accounts/sign-in/")
        page.get_by_label("E-mail").fill(person.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
        assert axe_findings(page) == []
        shoot(page, "second-step")
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url("**/t/acme/")
        assert watch.take() == []


def sign_out(page, address):
    page.goto(f"{address}/accounts/organisations/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/sign-in/")
