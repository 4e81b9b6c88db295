"""The application's modules as syntax trees, and which layer each belongs to."""

import ast
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# The nested app first: `agents.runs.engine` belongs to it and not to `agents`.
APPS = ("agents.runs", "agents", "config", "knowledge", "personas", "tenants", "tools")

# Where a module of this name, or any module in a package of this name, stands in its app.
LAYERS = {
    "apps": 10,  # composition: it ties the app together once Django is ready
    "urls": 9,
    "management": 9,
    "views": 8,
    "api": 8,
    "templatetags": 8,
    "forms": 7,
    "schemas": 7,
    "services": 6,
    "tasks": 5,
    "work": 4,
    "models": 3,
    "vocabulary": 2,
}

# Modules whose name does not tell their layer, with the reason.
NAMED_OTHERWISE = {
    "agents.usage": ("apps", "declares to the apps below what agents use; called by AppConfig"),
    "agents.restorable": ("apps", "declares what the log puts back, by which service"),
    "tenants.restorable": ("apps", "declares what the log puts back, by which service"),
    "tenants.ids": ("vocabulary", "the ids that models are made with"),
    "tenants.capabilities": ("vocabulary", "the words that models and rules are written in"),
    "tenants.audit_rule": ("vocabulary", "the rule of access of one model"),
    "tenants.rules": ("vocabulary", "models declare their rule of access with it"),
    "tenants.pages": ("views", "the page kit: views of every app stand on it"),
    "tenants.downloads": ("views", "a part of the page kit"),
    "tenants.context": ("views", "what every template knows"),
    "knowledge.lexical": ("vocabulary", "arithmetic on text; a vector column has its dimensions"),
}


@dataclass(frozen=True)
class Module:
    name: str
    path: Path
    tree: ast.Module = field(repr=False, compare=False)

    @property
    def app(self):
        return app_of(self.name)

    @property
    def layer(self):
        return layer_of(self.name)

    @property
    def where(self):
        return str(self.path.relative_to(ROOT))

    @cached_property
    def imports(self):
        """(imported module, line) of every import that runs; not those for type checkers only."""
        only_for_types = {
            id(node)
            for branch in ast.walk(self.tree)
            if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.dump(branch.test)
            for statement in branch.body
            for node in ast.walk(statement)
        }
        return [
            (name, node.lineno)
            for node in ast.walk(self.tree)
            if id(node) not in only_for_types
            for name in _imported(node, self)
        ]


def _imported(node, module):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            package = module.name if module.path.name == "__init__.py" else _parent(module.name)
            for _ in range(node.level - 1):
                package = _parent(package)
            base = f"{package}.{base}" if base else package
        inner = [f"{base}.{alias.name}" for alias in node.names]
        # `from agents import services` imports a module; `from agents.models import Agent` a name.
        return [name if _is_module(name) else base for name in inner]
    return []


def _parent(name):
    return name.rpartition(".")[0]


@cache
def _is_module(name):
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def app_of(name):
    """The app that a dotted name belongs to; "" for what isn't ours."""
    return next((app for app in APPS if name == app or name.startswith(f"{app}.")), "")


def layer_of(name):
    """The layer of one of our modules, by its name inside its app."""
    parts = name.split(".")
    for depth in range(len(parts), 0, -1):
        if (known := ".".join(parts[:depth])) in NAMED_OTHERWISE:
            return NAMED_OTHERWISE[known][0]
    app = app_of(name)
    first = name.removeprefix(app).lstrip(".").split(".")[0]
    if not first:
        return "vocabulary"  # the app's own __init__
    if first == "migrations":
        return "migrations"
    return next((kind for kind in LAYERS if first == kind or first.endswith(f"_{kind}")), "work")


@cache
def modules():
    """Every module of the application, migrations too."""
    found = []
    for folder in sorted({app.split(".")[0] for app in APPS}):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found.append(Module(name, path, ast.parse(path.read_text(), str(path))))
    return tuple(found)


def takes_requests(module):
    """Whether a module has views, whatever it is called: functions that take a request."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.args.args
        and node.args.args[0].arg == "request"
        for node in ast.walk(module.tree)
    )


def templates():
    """Every template of the application."""
    folders = [ROOT / "templates", *(ROOT / app.replace(".", "/") / "templates" for app in APPS)]
    return sorted(path for folder in folders if folder.exists() for path in folder.rglob("*.*"))


def where(path):
    return str(path.relative_to(ROOT))
