"""Inside an app a module imports what stands below it; across apps, nobody's pages and forms."""

import ast

import pytest

from tests.architecture import allowances
from tests.architecture.source_code import LAYERS, app_of, layer_of, modules

# What an app keeps to itself; the ground floor's kits of these are there to be imported.
PRIVATE = {"urls", "management", "views", "api", "templatetags", "forms", "tasks", "apps"}

# App below → apps that may import it. config composes everything.
BELOW = {
    "tenants": {"personas", "tools", "knowledge", "agents", "agents.runs", "config"},
    "personas": {"agents", "agents.runs", "config"},
    "tools": {"agents", "agents.runs", "config"},
    "knowledge": {"agents", "agents.runs", "config"},
    "agents": {"agents.runs", "config"},
    "agents.runs": {"config"},
    "config": set(),
}

ALLOWED_UPWARD = {
    "agents/runs/models/run.py": "its rule of access, which like tenants.rules imports no model",
    "knowledge/models/chunk.py": "the length of a code, kept beside how codes are made",
}
ALLOWED_ACROSS = {}
ALLOWED_INSIDE_FUNCTIONS = {
    "agents/runs/apps.py": "models can't be imported before Django has loaded the apps",
    "agents/apps.py": "models can't be imported before Django has loaded the apps",
    "knowledge/apps.py": "models can't be imported before Django has loaded the apps",
    "personas/apps.py": "models can't be imported before Django has loaded the apps",
    "tools/apps.py": "models can't be imported before Django has loaded the apps",
    "tenants/apps.py": "models can't be imported before Django has loaded the apps",
    "config/up.py": "sets others going before it has Django load the apps",
}


def ours(module):
    """The module's imports of our own code: (name, line)."""
    return [(name, line) for name, line in module.imports if app_of(name)]


def upward(module):
    """Imports in the same app from a layer above, or from another kind on the same level."""
    here = LAYERS.get(module.layer)
    for name, line in ours(module):
        there = layer_of(name)
        if app_of(name) != module.app or here is None or there == "migrations":
            continue
        if LAYERS[there] > here or (LAYERS[there] == here and there != module.layer):
            yield f"line {line}: {module.layer} imports {there} ({name})"


def across(module):
    """Imports of an app that does not stand below, and of what an app keeps to itself."""
    for name, line in ours(module):
        app = app_of(name)
        if app == module.app:
            continue
        if module.app not in BELOW[app]:
            yield f"line {line}: {module.app} imports {app} ({name})"
        elif layer_of(name) in PRIVATE and app != "tenants" and module.app != "config":
            yield f"line {line}: {name} is {app}'s own"


@pytest.mark.parametrize(
    ("rule", "wrongs", "allowed"),
    [
        ("urls → views | api → forms | schemas → services → tasks → work → models:", upward,
         ALLOWED_UPWARD),
        ("config → agents.runs → agents → personas | tools | knowledge → tenants:", across,
         ALLOWED_ACROSS),
    ],
    ids=["inside an app", "across apps"],
)  # fmt: skip
def test_modules_import_what_stands_below_them(rule, wrongs, allowed):
    found = {m.where: wrong for m in modules() if app_of(m.name) != "config" or wrongs is across
             if (wrong := [*wrongs(m)])}  # fmt: skip

    allowances.check(rule, found, allowed)


def test_no_function_imports():
    found = {
        module.where: lines
        for module in modules()
        if (lines := sorted({
            inner.lineno
            for node in ast.walk(module.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            for inner in ast.walk(node)
            if isinstance(inner, ast.Import | ast.ImportFrom)
        }))
    }  # fmt: skip

    allowances.check("An import inside a function hides a cycle:", found, ALLOWED_INSIDE_FUNCTIONS)


def test_no_modules_import_one_another_in_a_circle():
    graph = {m.name: {n for n, _ in ours(m) if n != m.name} for m in modules()}
    circle = _circle(graph)

    assert not circle, "A circle of imports: " + " → ".join(circle)


def _circle(graph):
    done, path = set(), []

    def visit(name):
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        path.append(name)
        for there in sorted(graph.get(name, ())):
            if found := visit(there):
                return found
        done.add(path.pop())
        return []

    return next((found for name in sorted(graph) if (found := visit(name))), [])


def test_migrations_import_no_application_code_but_their_operations():
    # The last has TenantForeignKey, a field's class.
    allowed = ("tenants.migration_operations", "tenants.ids", "tenants.models.base")
    found = {
        m.where: wrong
        for m in modules()
        if m.layer == "migrations"
        if (wrong := [name for name, _ in ours(m) if not name.startswith(allowed)])
    }

    allowances.check("A migration must not change when the code does:", found, {})


def test_import_linter_knows_every_app():
    """Its contracts are effective only for the packages that it is told of."""
    import tomllib

    from tests.architecture.source_code import APPS, ROOT

    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(c for c in told["contracts"] if c["type"] == "layers")
    named = {name.strip() for layer in layers["layers"] for name in layer.split("|")}

    assert set(told["root_packages"]) == named == {app for app in APPS if "." not in app}
