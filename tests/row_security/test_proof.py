"""What is read in a statement's text, and what isn't: only that is spared the second run."""

from uuid import uuid4

import pytest

from tests.row_security import proof

OURS, FOREIGN, OTHER = (str(uuid4()) for _ in range(3))
AGENTS = 'SELECT "a"."id" FROM "agents_agent" "a"'
PERSONAS = 'LEFT OUTER JOIN "personas_persona" "p" ON ("a"."persona_id" = "p"."id")'
PERSONAS_BY_NAME = 'LEFT OUTER JOIN "personas_persona" "p" ON ("a"."name" = "p"."name")'
OF_PERSONAS = 'SELECT U0."id" FROM "personas_persona" U0 WHERE U0."tenant_id" = %s'
ROLES = 'INNER JOIN "tenants_role" "r" ON ("r"."tenant_id" = "t"."id")'
ROLES_OF_IT = 'SELECT 1 FROM "tenants_role" U0 WHERE U0."tenant_id" = ("t"."id")'
ARRAYS = 'UNNEST((%s)::varchar(120)[], (%s)::uuid[]) RETURNING "tenants_secret"."id"'
PROVEN = {
    "where": (f'{AGENTS} WHERE ("a"."name" = %s AND "a"."tenant_id" = %s)', ["x", OURS]),
    "list": (
        f'{AGENTS} WHERE "a"."id" IN (%s, %s) AND "a"."tenant_id" = (%s)::uuid',
        [1, 2, OURS],
    ),
    "join": (f'{AGENTS} {PERSONAS} WHERE "a"."tenant_id" = %s', [OURS]),
    "inside": (f'{AGENTS} WHERE "a"."persona_id" IN ({OF_PERSONAS})', [OURS]),
    "tenant": (
        f'SELECT "t"."id" FROM "tenants_tenant" "t" {ROLES} WHERE "t"."id" = %s FOR UPDATE OF "r"',
        [OURS],
    ),
    "outer": (
        f'SELECT "t"."id", EXISTS({ROLES_OF_IT}) FROM "tenants_tenant" "t" WHERE "t"."id" = %s',
        [OURS],
    ),
    "insert": (
        'INSERT INTO "t" ("id", "a", "b", "tenant_id") VALUES (%s, %s::uuid[], NULL, %s)',
        [1, [], OURS],
    ),
    "bulk": (
        f'INSERT INTO "tenants_secret" ("name", "tenant_id") SELECT * FROM {ARRAYS}',
        [["a", "b"], [OURS, OURS]],
    ),
    "update": ('UPDATE "tenants_secret" SET "name" = %s WHERE "tenant_id" = %s', ["", OURS]),
}
OPEN = {
    "id": f'{AGENTS} WHERE "a"."id" = %s',
    "or": f'{AGENTS} WHERE ("a"."id" = %s OR "a"."tenant_id" = %s)',
    "not": f'{AGENTS} WHERE NOT ("a"."tenant_id" = %s)',
    "other column": f'{AGENTS} {PERSONAS_BY_NAME} WHERE "a"."tenant_id" = %s',
    "only joined": f'{AGENTS} {PERSONAS} AND "a"."tenant_id" = %s',
    "right join": f'{AGENTS} {PERSONAS.replace("LEFT", "RIGHT")} WHERE "a"."tenant_id" = %s',
    "negated inside": f'{AGENTS} WHERE NOT ("a"."persona_id" IN ({OF_PERSONAS}))',
    "exists": f'{AGENTS} WHERE NOT EXISTS({OF_PERSONAS} AND U0."id" = "a"."persona_id")',
    "open inside": f'{AGENTS} WHERE "a"."tenant_id" = %s AND EXISTS(SELECT 1 FROM "tenants_role")',
    "with": 'WITH "a" AS (SELECT 1) SELECT * FROM "tenants_role" "r" WHERE "r"."tenant_id" = %s',
    "union": f'({AGENTS} WHERE "a"."tenant_id" = %s) UNION ({AGENTS})',
    "put": 'UPDATE "tenants_secret" SET "tenant_id" = %s WHERE "tenants_secret"."name" = %s',
    "using": 'DELETE FROM "tenants_secret" USING "tenants_role" WHERE "tenant_id" = %s',
    "upsert": (
        'INSERT INTO "tenants_secret" ("id", "tenant_id") VALUES (%s, %s)'
        ' ON CONFLICT ("id") DO UPDATE SET "name" = %s'
    ),
}


def holds(text, *params):
    found = proof.of(text)
    return bool(found) and found.holds(params, {OURS})


@pytest.mark.parametrize(("text", "params"), PROVEN.values(), ids=PROVEN)
def test_what_names_its_tenant_everywhere_is_proven_for_that_one(text, params):
    assert holds(text, *params)
    foreign = {OURS: FOREIGN, str([OURS, OURS]): [OURS, FOREIGN]}
    assert not holds(text, *[foreign.get(str(value), value) for value in params])


@pytest.mark.parametrize("text", OPEN.values(), ids=OPEN)
def test_what_leaves_a_table_open_is_not_proven(text):
    assert not holds(text, *[OURS] * text.count("%s"))


def test_rows_that_show_their_tenant_are_looked_at():
    shown = proof.of('SELECT "a"."id", "a"."tenant_id" FROM "agents_agent" "a" WHERE "a"."id" = %s')
    assert shown.columns == (1,)

    for more in ("OFFSET 1", 'GROUP BY "a"."id", "a"."tenant_id"'):
        assert not proof.of(f'SELECT "a"."id", "a"."tenant_id" FROM "agents_agent" "a" {more}')
    assert not proof.of('SELECT COUNT(*), "a"."tenant_id" FROM "agents_agent" "a"')


def test_a_write_of_one_row_is_known_by_its_id():
    one = proof.of('UPDATE "tenants_secret" SET "name" = %s WHERE "tenants_secret"."id" = %s')
    many = proof.of('DELETE FROM "tenants_secret" WHERE "tenants_secret"."id" IN (%s, %s)')

    assert one.is_of_one(["x", OTHER])
    assert not one.holds(["x", OURS], {OURS})
    assert not many.is_of_one([OURS, OTHER])


def test_a_new_tenant_in_a_row_must_be_a_proven_one():
    text = 'UPDATE "tenants_secret" SET "tenant_id" = %s WHERE "tenants_secret"."tenant_id" = %s'

    assert holds(text, OURS, OURS)
    assert not holds(text, FOREIGN, OURS)
