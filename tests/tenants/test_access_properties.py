"""Whatever was granted: lists, single objects and buttons agree, and they follow the rule."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from guardian.shortcuts import assign_perm
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.models import Agent, AgentSource, AgentTool, AgentVersion
from knowledge.models import Document, DocumentVersion, Source
from personas.models import Persona
from tenants import explaining, services
from tenants.access import Access
from tenants.capabilities import LABELS, LADDERS, closure
from tenants.models import Membership, TenantRoleGrant
from tenants.rules import Shared
from tests.factories.agents import (
    AgentFactory,
    AgentSourceFactory,
    AgentToolFactory,
    AgentVersionFactory,
)
from tests.factories.knowledge import DocumentFactory, DocumentVersionFactory, SourceFactory
from tests.factories.personas import PersonaFactory
from tests.factories.tenants import ApiKeyFactory, UserFactory
from tests.factories.tools import ToolFactory
from tools.models import Tool

pytestmark = pytest.mark.django_db

SHARED = {Agent: AgentFactory, Persona: PersonaFactory, Tool: ToolFactory, Source: SourceFactory}
# Rows that are reached like the row in this field.
INHERITED = {
    AgentVersion: (AgentVersionFactory, "agent", Agent),
    AgentTool: (AgentToolFactory, "agent", Agent),
    AgentSource: (AgentSourceFactory, "agent", Agent),
    Document: (DocumentFactory, "source", Source),
    DocumentVersion: (DocumentVersionFactory, "document", Document),
}
thoroughly = settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
rows_wanted = st.lists(st.booleans(), min_size=1, max_size=3)


def grants_on(model):
    """Random grants: (which row, which action), for an area's own actions."""
    return st.sets(st.tuples(st.integers(0, 2), rungs_of(model)), max_size=4)


def rungs_of(model):
    return st.sampled_from(LADDERS[model.access_rule.area])


def draw_denials(data, model):
    """Random denials of a person, and of a role; often none."""
    few = st.sets(st.tuples(st.integers(0, 2), rungs_of(model)), max_size=2)
    return data.draw(few, "denials of the person"), data.draw(few, "denials of the role")


class Scene:
    """A member whose role holds exactly these capabilities, and rows with these grants."""

    def __init__(
        self,
        model,
        restricted,
        capabilities,
        of_person,
        of_role,
        denied=((), ()),
        *,
        is_owner=False,
    ):
        self.model, self.held = model, closure(capabilities)
        self.tenant = services.create_tenant(slug="scene", name="Scene")
        self.user = UserFactory()
        services.add_member(self.tenant, self.user, role="owner" if is_owner else "viewer")
        self.role = Membership.unscoped.get(user=self.user).role
        if not is_owner:
            self._hold(capabilities)
        self.is_owner = is_owner
        self.rows = [
            SHARED[model](tenant=self.tenant, is_restricted=is_restricted)
            for is_restricted in restricted
        ]
        self.grants = [
            *self._grant(of_person, self.user),
            *self._grant(of_role, self.role.group),
        ]
        self.denials = [
            *self._grant(denied[0], self.user, "deny_"),
            *self._grant(denied[1], self.role.group, "deny_"),
        ]
        self.access = Access.of(self.user, "scene")

    def _hold(self, capabilities):
        TenantRoleGrant.objects.filter(group=self.role.group).delete()
        for permission in Permission.objects.filter(
            content_type__app_label="tenants", codename__in=capabilities
        ):
            TenantRoleGrant.objects.create(
                group=self.role.group, permission=permission, content_object=self.tenant
            )

    def _grant(self, wanted, whom, sign=""):
        for place, action in wanted:
            if place < len(self.rows):
                name = f"{sign}{action}_{self.model._meta.model_name}"
                assign_perm(name, whom, self.rows[place])
                yield self.rows[place], action

    def may(self, row, action):
        """The rule of sharing in other words than the code's."""
        area = self.model.access_rule.area
        if self.is_owner:
            return True
        ladder = LADDERS[area]
        height = ladder.index("change" if action == "publish" else action)
        if any(to == row and ladder.index(rung) <= height for to, rung in self.denials):
            return False
        enough = (
            {"publish", "manage"} if action == "publish" else set(ladder[ladder.index(action) :])
        )
        has_grant = any(to == row and what in enough for to, what in self.grants)
        return has_grant or (not row.is_restricted and f"{action}_{area}" in self.held)


def actions_of(model):
    return (*LADDERS[model.access_rule.area], *(("publish",) if model is Agent else ()))


def allowed(access, row, action):
    """What `get` says of it: True, or the way in which it refuses."""
    try:
        return access.get(type(row), row.pk, action) == row
    except (Http404, PermissionDenied) as refusal:
        return type(refusal)


def check_agreement(access, rows, action, should):
    """`visible`, `get` and `may_do` say the same of each row: what `should` says."""
    listed = set(access.visible(type(rows[0]), action))
    for row in rows:
        may, sees = should(row, action), should(row, "view")
        assert (row in listed) is may
        assert access.may_do(row, action) is may
        assert allowed(access, row, action) == (may or (PermissionDenied if sees else Http404))
        if isinstance(row.access_rule, Shared):
            assert explaining.of_one(access, row).verdicts[action].is_allowed is may


@pytest.mark.parametrize("model", SHARED, ids=lambda model: model.__name__)
@thoroughly
@given(data=st.data())
def test_lists_objects_and_buttons_agree_on_what_is_shared(db, model, data):
    with transaction.atomic():
        scene = Scene(
            model,
            data.draw(rows_wanted, "restricted"),
            data.draw(st.sets(st.sampled_from(sorted(LABELS)), max_size=4), "capabilities"),
            data.draw(grants_on(model), "grants of the person"),
            data.draw(grants_on(model), "grants of the role"),
            draw_denials(data, model),
            is_owner=data.draw(st.integers(0, 5)) == 0,
        )

        for action in actions_of(model):
            check_agreement(scene.access, scene.rows, action, scene.may)
        transaction.set_rollback(True)


@pytest.mark.parametrize("model", INHERITED, ids=lambda model: model.__name__)
@thoroughly
@given(data=st.data())
def test_what_belongs_to_a_row_is_reached_like_that_row(db, model, data):
    factory, field, parent = INHERITED[model]
    shared = parent if parent in SHARED else Source
    with transaction.atomic():
        scene = Scene(
            shared,
            data.draw(rows_wanted, "restricted"),
            data.draw(st.sets(st.sampled_from(sorted(LABELS)), max_size=4), "capabilities"),
            data.draw(grants_on(shared), "grants of the person"),
            data.draw(grants_on(shared), "grants of the role"),
            draw_denials(data, shared),
        )
        owners = scene.rows
        if parent is Document:
            owners = [DocumentFactory(tenant=scene.tenant, source=row) for row in scene.rows]
        root = {}
        for owner, row in zip(owners, scene.rows, strict=True):
            root[factory(tenant=scene.tenant, **{field: owner})] = row

        for action in LADDERS[shared.access_rule.area]:
            check_agreement(
                scene.access, list(root), action, lambda row, what: scene.may(root[row], what)
            )
        transaction.set_rollback(True)


@pytest.mark.parametrize("model", SHARED, ids=lambda model: model.__name__)
@thoroughly
@given(data=st.data())
def test_a_key_reaches_no_more_than_its_maker_and_no_more_than_its_scopes(db, model, data):
    scopes = data.draw(st.sets(st.sampled_from(sorted(LABELS)), max_size=3), "scopes")
    area = model.access_rule.area
    with transaction.atomic():
        scene = Scene(
            model,
            data.draw(rows_wanted, "restricted"),
            data.draw(st.sets(st.sampled_from(sorted(LABELS)), max_size=4), "capabilities"),
            data.draw(grants_on(model), "grants of the person"),
            set(),
            draw_denials(data, model),
        )
        key = _key(scene, scopes)

        for action in actions_of(model):
            inside = f"{action}_{area}" in closure(scopes)
            by_maker = set(scene.access.visible(model, action))
            reached = by_maker if inside else set()
            assert set(key.visible(model, action)) == reached
            for row in scene.rows:
                verdict = explaining.of_one(key, row).verdicts[action]
                assert verdict.is_allowed is (row in reached)
        transaction.set_rollback(True)


def _key(scene, scopes):
    key = ApiKeyFactory(tenant=scene.tenant, user=scene.user, scopes=sorted(scopes))
    return Access.through(key.public_id)


@pytest.mark.parametrize(
    ("model", "action"), [(m, a) for m in SHARED for a in actions_of(m)], ids=str
)
def test_nothing_granted_here_reaches_over_there(db, tenant, other_tenant, model, action):
    """The same person, holding everything in one organisation and nothing in the other."""
    user = UserFactory()
    services.add_member(tenant, user, role="owner")
    services.add_member(other_tenant, user, role="viewer")
    foreign = SHARED[model](tenant=other_tenant, is_restricted=True)

    for access in (Access.of(user, tenant.slug), Access.of(user, other_tenant.slug)):
        assert foreign not in access.visible(model, action)
        assert allowed(access, foreign, action) is Http404


def test_every_shared_model_is_among_these():
    shared = {m for m in apps.get_models() if isinstance(getattr(m, "access_rule", None), Shared)}

    assert shared == set(SHARED)
