"""Who tries Roster on a machine of their own looks after it, too."""

import pytest

from config import demo
from tenants.models import Membership, Tenant, User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("environment", "looks_after_all"), [("demo", True), ("production", False)]
)
def test_the_demos_owner_is_platform_admin_in_a_demo_alone(settings, environment, looks_after_all):
    settings.ROSTER_ENV = environment

    made = demo.seed()

    assert User.objects.get(email=made.email).is_platform_admin is looks_after_all


def test_the_platform_has_an_organisation_to_join(page):
    made = demo.seed()
    owner = User.objects.get(email=made.email)

    assert {t.slug for t in Tenant.objects.all()} == {"demo", "birch"}
    assert [m.tenant.slug for m in Membership.unscoped.filter(user=owner)] == ["demo"]
    assert "Birch Books" in page(owner).get("/platform/").content.decode()
    assert page(owner).get("/t/birch/").status_code == 404


def test_seeding_again_changes_nothing():
    demo.seed()

    assert demo.seed().password == ""
    assert Tenant.objects.count() == 2
