"""Pages and the API read rows through Access: `unscoped` is for the code beneath them."""

import ast
import re

from django.apps import apps

from tenants.models import TenantOwned
from tests.architecture import allowances
from tests.architecture.source_code import modules, takes_requests, templates, where

SCOPED_LAYERS = {"urls", "views", "api", "forms", "schemas", "templatetags"}
AROUND_ACCESS = {"unscoped", "_default_manager", "_base_manager"}
RAW_SQL = {"raw", "extra"}
DATABASE = {"connection", "connections"}

ALLOWED = {
    "tenants/idempotency.py": "keeps what a key was answered, read and written by that key alone",
    "tenants/attempts.py": "counts tries to get in, before anybody's tenant is known",
    "config/health.py": "asks whether the database answers; reads no rows of tenants",
}


def outer_modules():
    return [m for m in modules() if m.layer in SCOPED_LAYERS or takes_requests(m)]


def tenant_owned_names():
    return {m.__name__ for m in apps.get_models() if issubclass(m, TenantOwned)}


def ways_around(tree, owned):
    """What in this tree reads rows without Access."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in AROUND_ACCESS:
            yield f"line {node.lineno}: .{node.attr}"
        elif isinstance(node, ast.Attribute) and node.attr == "objects":
            if ast.unparse(node.value).split(".")[-1] in owned:
                yield f"line {node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.Constant) and node.value in AROUND_ACCESS:
            yield f"line {node.lineno}: {node.value!r} as a name"
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in RAW_SQL:
            yield f"line {node.lineno}: {ast.unparse(node.func)}()"
        elif isinstance(node, ast.alias) and node.name in DATABASE:
            yield f"line {node.lineno}: import of {node.name}"


def test_pages_and_api_read_rows_through_access_alone():
    owned = tenant_owned_names()
    found = {m.where: ways for m in outer_modules() if (ways := [*ways_around(m.tree, owned)])}

    allowances.check("Use access.visible, access.get or access.add:", found, ALLOWED)


def test_templates_reach_no_manager():
    way = re.compile(r"\.(unscoped|objects|_default_manager|_base_manager)\b")
    found = {where(path): hits for path in templates() if (hits := way.findall(path.read_text()))}

    allowances.check("A template shows what its view was given:", found, {})


def test_the_guard_sees_every_way():
    source = """
from django.db import connection
Agent.unscoped.all(); Agent.objects.all(); models.Agent.objects.get(); Agent._default_manager
getattr(Agent, "unscoped"); User.objects.get(); problem.extra
User.objects.raw("SELECT 1"); rows.extra(where=[])
"""
    assert len([*ways_around(ast.parse(source), {"Agent"})]) == 8


def test_the_guard_looks_at_the_modules_that_take_requests():
    names = {module.name for module in outer_modules()}

    assert {"agents.api", "agents.views.agents", "agents.forms", "tenants.jobs_api"} <= names
