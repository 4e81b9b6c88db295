"""The rungs of sharing, and how they are told."""

import pytest

from agents.models import Agent
from personas.models import Persona
from tenants import sharing
from tenants.models import Membership, Role
from tenants.sharing import Share, actions_of, blocked_by, listed
from tests.factories.agents import AgentFactory


def test_publishing_stands_below_the_highest_rung_of_agents_alone():
    assert actions_of(Agent) == ("view", "run", "change", "publish", "manage")
    assert actions_of(Persona) == ("view", "change", "manage")


def test_a_denial_takes_away_what_includes_it():
    assert blocked_by(Agent, "change") == ["change", "publish", "manage"]
    assert blocked_by(Persona, "manage") == ["manage"]


@pytest.mark.parametrize(
    ("actions", "words"),
    [([], ""), (["view"], "see"), (["view", "run", "change"], "see, run and edit")],
    ids=len,
)
def test_actions_are_listed_in_words(actions, words):
    assert listed(actions) == words


@pytest.mark.django_db
def test_the_log_is_told_nothing_where_nothing_stands(viewer):
    member = Membership.unscoped.get(user=viewer)
    name = sharing.name_of(member)

    assert sharing.told_of(Share(member), "may see")[name] == ["may see", None]
    assert sharing.told_of(Share(member, denied="run"), "")[name] == [None, "may not run"]


@pytest.mark.django_db
def test_what_stands_is_read_for_the_row_and_the_holder_alone(tenant, access, editor, viewer):
    rows = [AgentFactory(tenant=tenant) for _ in range(2)]
    holders = [
        Membership.unscoped.get(user=editor),
        Membership.unscoped.get(user=viewer),
        *Role.unscoped.filter(tenant=tenant, slug__in=("editor", "viewer")).order_by("slug"),
    ]
    given = [Share(holder, "view", "run") for holder in holders]
    for share in given:
        sharing.put(rows[0], share)
    sharing.put(rows[1], Share(holders[0], "change"))
    sharing.put(rows[1], Share(holders[3], denied="view"))

    assert sharing.shares_of(rows[0], holders) == given
    assert sharing.shares_of(rows[1], holders) == [
        Share(holders[0], "change"),
        *map(Share, holders[1:3]),
        Share(holders[3], denied="view"),
    ]
    assert sharing.share_of(rows[0], holders[2]) == given[2]
    assert set(sharing.named_members(access(editor), rows[0])) == set(holders[:2])
    assert set(sharing.named_members(access(editor), rows[1])) == {holders[0]}


@pytest.mark.django_db
def test_not_more_addresses_are_suggested_than_one_looks_through(access, cast, monkeypatch):
    monkeypatch.setattr(sharing, "SUGGESTED", 2)

    assert len(sharing.addresses(access(cast.owner))) == 2
