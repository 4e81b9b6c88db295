"""Every tenant-owned table says who reaches its rows, and can't be read without saying so."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from guardian.utils import get_group_obj_perms_model, get_user_obj_perms_model

from tenants import rules
from tenants.capabilities import LABELS, LADDERS
from tenants.jobs import KINDS
from tenants.models import RoleGrant, Tenant, TenantForeignKey, TenantOwned, UserGrant
from tests.architecture.source_code import modules

for _tasks in (m.name for m in modules() if m.layer == "tasks" and apps.is_installed(m.app)):
    import_module(_tasks)

OWNED = sorted((m for m in apps.get_models() if issubclass(m, TenantOwned)), key=str)
SHARED = [m for m in OWNED if isinstance(m.access_rule, rules.Shared)]
# Fields that name a row of the same tenant without being a foreign key to it.
NOT_KEYS = {"tenants.Job.subject_id", "tenants.AuditEvent.about_id", "tenants.AuditEvent.key_id"}

each_owned = pytest.mark.parametrize("model", OWNED, ids=lambda m: m._meta.label)
each_shared = pytest.mark.parametrize("model", SHARED, ids=lambda m: m._meta.label)


def test_there_are_such_models():
    assert {"Role", "Job", "Secret"} <= {model.__name__ for model in OWNED}


@each_owned
def test_it_declares_its_own_rule_of_access(model):
    rule = vars(model).get("access_rule")

    assert rule is not None, f"{model._meta.label} needs `access_rule = …` in its own class body"
    assert hasattr(rule, "narrow")
    assert hasattr(rule, "may_add")


@each_owned
def test_its_only_manager_is_unscoped(model):
    names = [manager.name for manager in model._meta.managers]

    assert names == ["unscoped"]
    assert not hasattr(model, "objects")
    assert model._meta.default_manager_name == model._meta.base_manager_name == "unscoped"


@each_owned
def test_it_belongs_to_one_tenant_for_ever(model):
    field = model._meta.get_field("tenant")

    assert field.related_model is Tenant
    assert not field.null
    assert not field.editable


@each_owned
def test_its_keys_to_other_rows_of_a_tenant_are_tenant_keys(model):
    """So that Django makes no single-column constraint that lets a foreign row through."""
    plain = [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and issubclass(field.related_model, TenantOwned)
        and not (isinstance(field, TenantForeignKey) or not field.db_constraint)
    ]

    assert not plain, (
        f"{model._meta.label}: make {plain} TenantForeignKeys, and name them in TenantKeys"
    )


@each_owned
def test_it_has_no_many_to_many_field_with_a_table_without_tenant(model):
    found = [
        field.name
        for field in model._meta.many_to_many
        if not issubclass(field.remote_field.through, TenantOwned)
    ]

    assert not found, f"{model._meta.label}.{found}: link through a tenant-owned model"


@each_owned
def test_its_rule_names_fields_and_capabilities_that_exist(model):
    rule = model.access_rule
    for name in ("parent", "owner"):
        if getattr(rule, name, ""):
            assert model._meta.get_field(getattr(rule, name))
    for name in ("capability", "view", "own", "change"):
        if getattr(rule, name, ""):
            assert getattr(rule, name) in LABELS
    if hasattr(rule, "area"):
        assert rule.area in LADDERS


@each_owned
def test_its_rule_ends_at_one_that_decides(model):
    """Inherited → … → Shared, Capability or OwnOr; never in a circle."""
    seen, rule = [model], model.access_rule
    while isinstance(rule, rules.Inherited):
        parent = seen[-1]._meta.get_field(rule.parent).related_model
        assert parent not in seen, f"{model._meta.label} inherits from itself"
        seen.append(parent)
        rule = parent.access_rule

    assert isinstance(rule, rules.Shared | rules.Capability | rules.OwnOr | rules.ThroughSubject)


@pytest.mark.django_db
@each_shared
def test_single_objects_can_be_granted_to_people_and_to_roles(model):
    of_people, of_roles = get_user_obj_perms_model(model), get_group_obj_perms_model(model)

    assert issubclass(of_people, UserGrant), f"{model.__name__}UserGrant(UserGrant) is missing"
    assert issubclass(of_roles, RoleGrant), f"{model.__name__}RoleGrant(RoleGrant) is missing"
    assert of_people._meta.get_field("content_object").related_model is model
    assert of_roles._meta.get_field("content_object").related_model is model


@each_shared
def test_there_is_a_permission_for_granting_and_for_denying_each_rung_of_its_ladder(model):
    name = model._meta.model_name
    rungs = {
        f"{sign}{rung}_{name}" for rung in LADDERS[model.access_rule.area] for sign in ("", "deny_")
    }
    there = {codename for codename, _ in model._meta.permissions}
    there |= {f"{action}_{name}" for action in model._meta.default_permissions}

    assert rungs <= there, f"{model._meta.label} lacks {sorted(rungs - there)}"


@each_shared
def test_it_can_be_restricted(model):
    assert isinstance(model._meta.get_field("is_restricted"), models.BooleanField)


def test_nothing_else_keys_a_row_of_a_tenant_by_a_bare_id():
    """A UUID column that is no key escapes the database's guard; each is known here."""
    bare = {
        f"{model._meta.label}.{field.name}"
        for model in OWNED
        for field in model._meta.concrete_fields
        if type(field) is models.UUIDField and not field.primary_key and field.name.endswith("_id")
    }

    assert bare == NOT_KEYS


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_jobs_of_each_kind_are_about_something_with_a_rule(kind):
    """Who sees what a job is about sees the job; a job about nothing is its maker's alone."""
    subject = KINDS[kind].subject

    assert subject, f"{kind}: name the model that such jobs are about, @job_kind(…, subject=…)"
    assert apps.get_model(subject) in OWNED
    assert subject.lower() in rules.JOB_SUBJECTS


def test_a_table_that_is_not_tenant_owned_has_a_reason():
    """Anything with rows of one tenant must be TenantOwned; these have none, or are grants."""
    ours = ("agents", "config", "knowledge", "personas", "runs", "tenants", "tools")
    known = {
        "config.TenantFigures": "numbers about a tenant, for the platform page; nothing it made",
        "config.WorkerHeartbeat": "processes of this installation, of no tenant",
        "tenants.Attempt": "tries to get in, counted before anybody's tenant is known",
        "tenants.RateBucket": "what a key has used of its limit, by the key alone; unlogged",
        "tenants.Tenant": "the tenant itself",
        "tenants.User": "a person, who may be in several tenants",
    }
    found = {
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label in ours
        and not issubclass(model, TenantOwned | UserGrant | RoleGrant)
    }

    assert found == set(known)


def test_grants_go_with_their_object():
    for model in apps.get_models():
        if issubclass(model, UserGrant | RoleGrant):
            try:
                field = model._meta.get_field("content_object")
            except FieldDoesNotExist:
                pytest.fail(f"{model._meta.label} needs a `content_object` foreign key")
            assert field.remote_field.on_delete is models.CASCADE
