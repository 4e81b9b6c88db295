"""Keeping personas: checks, versions, the log."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from personas import services
from personas.models import Persona
from personas.snapshots import PersonaSnapshot, snapshot
from tenants import usage
from tenants.models import AuditEvent
from tenants.versions import VersionMoved
from tests.factories.personas import PersonaFactory

COMPANY = {"name": "company", "description": "", "default": "", "required": True}


@pytest.fixture
def create(access, editor):
    return lambda **fields: services.create_persona(access(editor), **{"name": "Ada", **fields})


@pytest.fixture
def update(access, editor):
    return lambda persona, **fields: services.update_persona(access(editor), persona, **fields)


def actions():
    return list(
        AuditEvent.unscoped.filter(action__startswith="persona.")
        .values_list("action", flat=True)
        .order_by("number")
    )


def test_a_persona_is_created_and_noted(create, tenant, editor):
    persona = create(instructions="For {{company}}.", variables=[{"name": "company"}])

    assert (persona.tenant, persona.created_by, persona.version) == (tenant, editor, 1)
    assert persona.variables == [{**COMPANY, "required": False}]
    assert actions() == ["persona.created"]


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"name": ""}, "name", "blank"),
        ({"name": "x" * 121}, "name", "120"),
        ({"instructions": "For {{company}}."}, "instructions", "{{company}} is not declared"),
        (
            {"instructions": "{{ a|upper }}", "variables": [{"name": "a"}]},
            "instructions",
            "a|upper",
        ),
        ({"variables": [{"name": "Bad Name"}]}, "variables", "Variable 1, name"),
        ({"variables": [{"name": "a\n"}]}, "variables", "Variable 1, name"),
        ({"variables": [{"name": "a"}, {"name": "a"}]}, "variables", "Declared twice: a"),
        ({"variables": [{"name": "a", "type": "int"}]}, "variables", "Variable 1, type"),
        ({"variables": [{"name": f"v{n}"} for n in range(31)]}, "variables", "at most 30"),
        ({"variables": {"name": "a"}}, "variables", "A list"),
    ],
)
def test_what_is_not_right_is_told_by_field(create, fields, field, told):
    with pytest.raises(ValidationError) as error:
        create(**fields)

    assert told in " ".join(error.value.message_dict[field])
    assert not Persona.unscoped.exists()


def test_a_name_is_taken_once_in_a_tenant(create, tenant, other_tenant):
    PersonaFactory(tenant=other_tenant, name="Ada")
    create()

    with pytest.raises(ValidationError, match="Another persona has this name"):
        create()


def test_each_change_counts_the_version_up_and_nothing_else_does(create, update):
    persona = create()

    changed = update(persona, tone="brief")
    unchanged = update(persona, tone="brief")

    assert (changed.version, unchanged.version) == (2, 2)
    assert unchanged.updated_at == changed.updated_at
    assert actions() == ["persona.created", "persona.updated"]


def test_a_version_that_moved_on_is_not_overwritten(create, update):
    persona = create()
    update(persona, tone="theirs")

    with pytest.raises(VersionMoved):
        update(persona, tone="mine", expected_version=1)

    persona.refresh_from_db()
    assert persona.tone == "theirs"


def test_a_persona_in_use_is_not_deleted_without_force(create, access, admin, tenant, monkeypatch):
    persona, freed = create(), []
    user = PersonaFactory(tenant=tenant)
    use = usage.Use(
        find=lambda used: Persona.unscoped.filter(pk=user.pk),
        detach=lambda access, user, used: freed.append(user),
    )
    monkeypatch.setitem(usage._uses, Persona, [use])

    with pytest.raises(usage.InUse):
        services.delete_persona(access(admin), persona)
    services.delete_persona(access(admin), persona, force=True)

    assert freed == [user]
    assert actions()[-1] == "persona.deleted"


def test_a_viewer_adds_none(access, viewer):
    with pytest.raises(PermissionDenied):
        services.create_persona(access(viewer), name="Ada")


def test_a_snapshot_survives_json_and_later_edits(create, update):
    persona = create(instructions="For {{company}}.", variables=[COMPANY])
    kept = snapshot(persona).model_dump_json()

    update(persona, instructions="Nothing.")

    again = PersonaSnapshot.model_validate_json(kept)
    assert (again.instructions, again.version) == ("For {{company}}.", 1)
    assert again.persona_id == persona.pk
