"""What of an event can be put back, by whom, and what of it is shown before."""

import pytest

from tenants import audit, restoring, services
from tenants.models import AuditEvent, Membership, Tenant
from tenants.restoring import NotRestorable
from tenants.versions import VersionMoved
from tests.factories.agents import AgentFactory
from tests.factories.personas import PersonaFactory
from tests.factories.tenants import JobFactory, ModelPriceFactory, ProviderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(access, owner):
    """`told(row, field=[before, after])`: an event of such a change, as its reader gets it."""

    def record(row, action="persona.updated", by=None, **changes):
        event = audit.record(access(owner), action, row, changes)
        return access(by or owner).visible(AuditEvent).get(pk=event.pk)

    return record


@pytest.fixture
def persona(tenant):
    return PersonaFactory(tenant=tenant, name="Greeter", role="clerk")


def offered(access, event, name):
    """The value that would be put back; the reason where there is none."""
    try:
        return restoring.offer(access, event, name).value
    except NotRestorable as refusal:
        return str(refusal)


def test_fields_are_open_of_what_one_may_change_oneself(access, owner, admin, tenant, told):
    mine, denied = PersonaFactory.create_batch(2, tenant=tenant)
    member = Membership.unscoped.get(user=admin)
    services.share(access(owner), denied, member, allowed="", denied="change")

    found = [
        restoring.fields_of(access(admin), told(row, by=admin, role=["a", "b"]))
        for row in (mine, denied)
    ]

    assert found == [{"role"}, set()]


def test_what_is_not_declared_is_neither_open_nor_offered(access, owner, told, persona):
    """A kind of row that nobody declared, and a field that was not declared of one."""
    for row in (JobFactory(tenant=persona.tenant), persona):
        event = told(row, owner_name=["a", "b"])

        assert restoring.fields_of(access(owner), event) == set()
        assert offered(access(owner), event, "owner_name") == restoring.NOT_KEPT


@pytest.mark.parametrize(
    "change",
    ["changed", {"value": "clerk"}, ["one"], ["x" * audit.LONGEST + "…", "b"]],
    ids=["fact", "dictionary", "single", "cut"],
)
def test_what_has_no_whole_value_before_is_not_put_back(access, owner, told, persona, change):
    event = told(persona, role=change)

    assert restoring.fields_of(access(owner), event) == set()
    assert offered(access(owner), event, "role") == restoring.NOT_KEPT


@pytest.mark.parametrize("action", ["persona.created", "persona.added"])
def test_nor_is_anything_of_what_was_just_made(access, owner, told, persona, action):
    event = told(persona, action, role=["", "clerk"])

    assert restoring.fields_of(access(owner), event) == set()


def test_what_it_has_now_is_not_offered(access, owner, told, persona):
    assert offered(access(owner), told(persona, role=["clerk", "b"]), "role") == (
        "It has this value now."
    )


def test_what_does_not_fit_its_field_any_more_is_told(access, owner, told, tenant):
    price = ModelPriceFactory(tenant=tenant)

    assert offered(access(owner), told(price, input_mtok=["cheap", "2"]), "input_mtok") == (
        "The value doesn’t fit its field any more."
    )


def test_another_row_is_found_by_its_id(access, owner, told, tenant):
    _, wanted, _ = ProviderFactory.create_batch(3, tenant=tenant)
    event = told(tenant, default_provider=[str(wanted.pk), None])

    assert offered(access(owner), event, "default_provider") == wanted


def test_one_that_is_foreign_or_no_id_is_told_apart_from_nothing(
    access, owner, told, tenant, other_tenant
):
    ProviderFactory(tenant=tenant)
    foreign = ProviderFactory(tenant=other_tenant)
    Tenant.objects.update(default_provider=None)

    for value, reason in (
        (str(foreign.pk), restoring.NO_MORE),
        ("main", restoring.NOT_KEPT),
        (None, "It has this value now."),
    ):
        event = told(tenant, default_provider=[value, "other"])
        assert offered(access(owner), event, "default_provider") == reason


def test_rights_are_shown_in_words(access, owner, told, tenant):
    role = services.create_role(access(owner), label="Desk", capabilities=["view_agents"])
    event = told(role, capabilities=[["view_personas", "view_tools"], ["view_agents"]])

    difference = restoring.offer(access(owner), event, "capabilities").difference

    assert (difference.before, difference.after) == ("See agents", "See personas, See tools")


def test_a_name_that_is_withheld_is_not_shown_by_what_uses_it(access, admin, told, tenant):
    hidden = PersonaFactory(tenant=tenant, name="Vault", is_restricted=True)
    agent = AgentFactory(tenant=tenant, persona=hidden)
    event = told(agent, by=admin, persona=[None, str(hidden.pk)])

    difference = restoring.offer(access(admin), event, "persona").difference

    assert difference.before == "something that isn’t shared with you, or is no more"


def test_it_is_put_back_where_the_row_is_as_it_was_read(access, owner, told, persona):
    event = told(persona, role=["manager", "clerk"])
    offer = restoring.offer(access(owner), event, "role")

    with pytest.raises(VersionMoved):
        restoring.restore(access(owner), event, offer, version="0")
    assert restoring.restore(access(owner), event, offer) == persona.get_absolute_url()
    persona.refresh_from_db()
    assert persona.role == "manager"
