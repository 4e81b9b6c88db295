"""One row is asked for by the very SQL that `visible` would send, whoever asked before."""

import dataclasses
import re
from functools import partial
from itertools import product
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.backends.postgresql.psycopg_any import mogrify
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from agents.models import Agent
from tenants import alike
from tenants.access import Access
from tenants.capabilities import LADDERS
from tenants.models import ApiKey, TenantOwned
from tenants.rules import Shared
from tests.factories.agents import AgentFactory

OWNED = [model for model in apps.get_models() if issubclass(model, TenantOwned)]


def actions_on(model):
    rule = model.access_rule
    return LADDERS[rule.area] if isinstance(rule, Shared) else ("view", "change")


def through_key(access, scopes, agent_ids=None):
    key = ApiKey(tenant=access.tenant, user=access.user, scopes=scopes, agent_ids=agent_ids)
    scopes = frozenset(scopes)
    return dataclasses.replace(
        access, key=key, scopes=scopes, capabilities=access.capabilities & scopes
    )


def archived(access):
    access = dataclasses.replace(access)
    access.tenant.archived_at = timezone.now()
    return access


@pytest.fixture
def principals(access, owner, editor, contributor, viewer, stranger, other_tenant):
    """Alike in some things and different in others, so that a shape that forgets one shows."""
    narrow = ["run_agents", "view_agents", "view_runs"]
    people = [access(person) for person in (owner, editor, contributor, viewer)]
    return [
        *people,
        access(stranger, other_tenant),
        *(through_key(person, narrow) for person in people[:2]),
        *(through_key(person, narrow, [uuid4()]) for person in people[:2]),
        through_key(people[0], narrow, [uuid4(), uuid4()]),
        through_key(people[0], narrow, []),
        archived(access(owner)),
    ]


def sent(ask):
    statements = []

    def note(execute, sql, params, many, context):
        statements.append(mogrify(sql, params, connection))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        ask()
    return statements


def test_it_is_the_sql_of_visible_for_everybody_and_everything(principals):
    cases = [(model, action) for model in OWNED for action in actions_on(model)]

    for (model, action), principal in product(cases, principals):
        pk = uuid4()
        rows = principal.by_rules(model, action).filter(pk=pk).order_by("pk")[:1]
        ours = sent(partial(alike.one, principal, model, pk, action))
        assert ours == sent(rows.first), (model, action, principal)


def test_what_is_visible_is_the_sql_of_the_rules(principals):
    cases = [(model, action) for model in OWNED for action in actions_on(model)]

    for (model, action), principal in product(cases, principals):
        ours = sent(partial(list, principal.visible(model, action).order_by("pk")))
        rules = sent(partial(list, principal.by_rules(model, action).order_by("pk")))
        assert [re.sub(r"\br_([U-Z]\d)", r"\1", sql) for sql in ours] == rules, (model, action)


def test_conditions_find_their_row_wherever_they_stand(access, viewer, tenant):
    mine = access(viewer)
    seen, hidden = AgentFactory(tenant=tenant), AgentFactory(tenant=tenant, is_restricted=True)
    agents = mine.visible(Agent)
    both = Agent.unscoped.filter(tenant=tenant)

    inside = both.filter(Exists(agents.filter(pk=OuterRef("pk"))))
    deeper = both.filter(pk__in=both.filter(Exists(agents.filter(pk=OuterRef("pk")))).values("pk"))
    beside = agents.filter(tenant__in=agents.values("tenant"))
    united = agents.filter(name="nobody’s") | agents.filter(pk__in=[seen.pk, hidden.pk])
    joined = agents.select_related("persona", "created_by").filter(tool_links__tool=None)

    for found in (agents, inside, deeper, beside, united, joined):
        assert set(found) == {seen}
        assert found.count() == 1
    assert set(both.exclude(pk__in=agents)) == {hidden}
    assert agents.exclude(pk=hidden.pk).update(description="Seen.") == 1
    assert agents.aggregate(total=Count("pk")) == {"total": 1}
    assert agents.filter(name=seen.name).delete()[0] == 1


def test_what_an_access_holds_is_in_its_shape_or_a_parameter():
    ids, shaped = {"user", "tenant", "role"}, {"capabilities", "scopes", "key"}
    # Whoever stands behind sees what they look at, so nothing may depend on them.
    nothing = {"behind"}

    assert {field.name for field in dataclasses.fields(Access)} == ids | shaped | nothing


def test_its_row_has_its_tenant_and_is_whole(access, editor, django_assert_num_queries):
    mine = access(editor)
    agent = AgentFactory(tenant=mine.tenant)
    mine.get(Agent, agent.pk, "change")  # looks types of content up, once for the process

    with django_assert_num_queries(1):
        found = mine.get(Agent, str(agent.pk), "change")
        tenant = found.tenant

    assert (found, tenant) == (agent, mine.tenant)
    assert not found.get_deferred_fields()
    assert not found._state.adding


def test_what_is_no_id_is_refused_as_ever(access, editor):
    assert alike.one(access(editor), Agent, None, "view") is None
    with pytest.raises(ValidationError):
        alike.one(access(editor), Agent, "acme' OR true", "view")
