"""List, search, palette, API and retrieval show exactly what the rule of sharing allows.

Over random restrictions, grants and denials; the rule in other words than the code's.
"""

import pytest
from django.db import transaction
from guardian.shortcuts import assign_perm
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from knowledge.retrieval import retrieve
from tenants.models import Membership
from tests.factories.agents import AgentFactory
from tests.factories.knowledge import SourceFactory, indexed

pytestmark = pytest.mark.django_db

briefly = settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
NAMES = ("Amber", "Birch", "Cedar")
# Of each row: restricted; what stands for the person, and for the role.
ENTRY = st.sampled_from(["", "view", "manage", "deny_view", "deny_manage"])
plans = st.lists(st.tuples(st.booleans(), ENTRY, ENTRY), min_size=3, max_size=3)


def is_seen(is_restricted, *entries):
    """For an editor, who may see all that isn't restricted."""
    if "deny_view" in entries:
        return False
    return not is_restricted or bool({"view", "manage"} & set(entries))


@pytest.fixture
def furnished(tenant, owner, editor, access):
    """Three agents, and three sources with a passage each."""
    agents = [AgentFactory(tenant=tenant, name=name, description="Wood") for name in NAMES]
    # Not by the same names: the list of agents offers sources to filter by.
    sources = [SourceFactory(tenant=tenant, name=backwards(name)) for name in NAMES]
    for source in sources:
        indexed(access(owner), source, (f"{source.name}.txt", f"The {source.name} wood burns."))
    return agents, sources


def sources_in(text):
    return {name for name in NAMES if backwards(name) in text}


def share(rows, plan, person, group):
    for row, (is_restricted, *entries) in zip(rows, plan, strict=True):
        type(row).unscoped.filter(pk=row.pk).update(is_restricted=is_restricted)
        for entry, holder in zip(entries, (person, group), strict=True):
            if entry:
                assign_perm(f"{entry}_{row._meta.model_name}", holder, row)


def backwards(name):
    return name[::-1]


def named(text):
    return {name for name in NAMES if name in text}


@briefly
@given(plan=plans)
def test_every_way_to_agents_shows_the_same(page, api, furnished, editor, plan):
    agents, _ = furnished
    with transaction.atomic():
        share(agents, plan, editor, Membership.unscoped.get(user=editor).role.group)
        seen = {name for name, stands in zip(NAMES, plan, strict=True) if is_seen(*stands)}
        browser = page(editor)

        def read(path, **query):
            return browser.get(f"/t/acme/{path}", query).content.decode()

        def is_there(row):
            return browser.get(row.get_absolute_url()).status_code == 200

        found = {
            "list": named(read("agents/")),
            "search": named(read("agents/", q="wood")),
            "page": {
                a.name for a in agents if browser.get(a.get_absolute_url()).status_code == 200
            },
            "palette": {n for n in NAMES if f"/agents/{_pk(agents, n)}/" in read("palette/", q=n)},
            "API": {item["name"] for item in api(editor).get("/agents").json()["items"]},
        }
        transaction.set_rollback(True)

    assert found == dict.fromkeys(found, seen)


def _pk(rows, name):
    return next(row.pk for row in rows if row.name == name)


@briefly
@given(plan=plans)
def test_every_way_to_knowledge_shows_the_same(page, api, access, furnished, editor, plan):
    _, sources = furnished
    with transaction.atomic():
        share(sources, plan, editor, Membership.unscoped.get(user=editor).role.group)
        seen = {name for name, stands in zip(NAMES, plan, strict=True) if is_seen(*stands)}
        body = {"query": "Which wood burns?"}

        found = {
            "list": sources_in(page(editor).get("/t/acme/knowledge/").content.decode()),
            "retrieval": sources_in(str(retrieve(access(editor), body["query"]).passages)),
            "API": sources_in(api(editor).get("/knowledge").content.decode()),
            "API search": sources_in(api(editor).post("/knowledge/search", body).content.decode()),
        }
        transaction.set_rollback(True)

    assert found == dict.fromkeys(found, seen)
