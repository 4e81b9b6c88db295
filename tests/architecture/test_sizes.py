"""STYLE: beauty is in the tail. The longest module, function and template have a limit."""

import ast

from tests.architecture import allowances
from tests.architecture.source_code import modules, templates, where

LONGEST_MODULE = 300
LONGEST_FUNCTION = 50
LONGEST_TEMPLATE = 120

LONG_MODULES = {"config/settings.py": "one file by rule: everything that is set is found in it"}
LONG_FUNCTIONS = {}
LONG_TEMPLATES = {}


def test_modules_are_short():
    found = {
        m.where: f"{lines} lines"
        for m in modules()
        if m.layer != "migrations"
        if (lines := len(m.path.read_text().splitlines())) > LONGEST_MODULE
    }

    allowances.check(f"Over {LONGEST_MODULE} lines: split by noun:", found, LONG_MODULES)


def test_functions_are_short():
    found = {
        f"{m.where}::{node.name}": f"{lines} lines"
        for m in modules()
        if m.layer != "migrations"
        for node in ast.walk(m.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (lines := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }

    allowances.check(f"Over {LONGEST_FUNCTION} lines:", found, LONG_FUNCTIONS)


def test_templates_are_short():
    found = {
        where(path): f"{lines} lines"
        for path in templates()
        if (lines := len(path.read_text().splitlines())) > LONGEST_TEMPLATE
    }

    allowances.check(f"Over {LONGEST_TEMPLATE} lines: name a component:", found, LONG_TEMPLATES)
