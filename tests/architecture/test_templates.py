"""Templates compile, and nothing in them runs script, carries style or trusts what people wrote."""

import ast
import re
from html.parser import HTMLParser

import pytest
from django.template import TemplateSyntaxError
from django.template.loader import get_template

from tests.architecture import allowances
from tests.architecture.source_code import ROOT, modules, templates, where

EACH = pytest.mark.parametrize("path", templates(), ids=where)

# Functions and filters that declare text to be HTML already.
TRUSTING = {"mark_safe", "format_html", "format_html_join", "SafeString", "SafeText"}
# Modules that make HTML in Python, with the reason why what comes out can be trusted.
MAKES_HTML = {
    "tenants/markdown.py": "nh3 has just sanitised it, with a closed list of tags",
    "tenants/templatetags/roster.py": "icons, dots and avatars: constant marks, values escaped",
}
SAFE_IN_TEMPLATES = {}


def name_of(path):
    return str(path).partition("/templates/")[2]


def without_template_code(text):
    """The page's own HTML: tags and comments of the template language become spaces."""
    text = re.sub(r"\{%\s*comment.*?endcomment\s*%\}", " ", text, flags=re.DOTALL)
    return re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", text, flags=re.DOTALL)


class Inline(HTMLParser):
    """Script and style that the Content-Security-Policy would refuse, and what it can't."""

    def __init__(self):
        super().__init__()
        self.found, self._script = [], False

    def handle_starttag(self, tag, attrs):
        names = {name: value or "" for name, value in attrs}
        line = self.getpos()[0]
        if tag == "style":
            self.found.append(f"line {line}: <style>")
        self._script = tag == "script" and "src" not in names
        for name, value in names.items():
            if name == "style" or name.startswith(("on", "hx-on")) or name == "hx-vars":
                self.found.append(f"line {line}: <{tag} {name}=…>")
            if value.strip().lower().startswith(("javascript:", "js:")):
                self.found.append(f"line {line}: <{tag} {name}={value}>")

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag):
        if tag == "script":
            self._script = False

    def handle_data(self, data):
        if self._script and data.strip():
            self.found.append(f"line {self.getpos()[0]}: <script> with a body")


def inline(text):
    parser = Inline()
    parser.feed(without_template_code(text))
    parser.close()
    return parser.found


def trust(text):
    """What takes the escaping away."""
    text = re.sub(r"\{%\s*comment.*?endcomment\s*%\}|\{#.*?#\}", "", text, flags=re.DOTALL)
    code = re.findall(r"\{%.*?%\}|\{\{.*?\}\}", text, flags=re.DOTALL)
    way = re.compile(r"\|\s*safe(seq)?\b|\bautoescape\s+off\b")
    return [piece for piece in code if way.search(piece)]


def makes_html(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).split(".")[-1]
            if called in TRUSTING:
                yield f"line {node.lineno}: {called}()"
            if called.startswith("format_html") and not isinstance(node.args[0], ast.Constant):
                yield f"line {node.lineno}: {called}() with a format that isn't written there"
            for keyword in node.keywords:
                if keyword.arg == "is_safe" and ast.unparse(keyword.value) == "True":
                    yield f"line {node.lineno}: is_safe=True"
        if isinstance(node, ast.FunctionDef) and node.name == "__html__":
            yield f"line {node.lineno}: __html__"


@EACH
def test_it_compiles(path):
    try:
        get_template(name_of(path))
    except TemplateSyntaxError as error:
        pytest.fail(f"{where(path)}: {error}")


@EACH
def test_it_carries_no_script_and_no_style(path):
    assert not inline(path.read_text()), f"{where(path)}: use static/js and static/css"


def test_text_is_escaped_everywhere():
    found = {where(path): ways for path in templates() if (ways := trust(path.read_text()))}

    allowances.check("Text of people and models is escaped:", found, SAFE_IN_TEMPLATES)


def test_html_is_made_in_templates():
    found = {module.where: ways for module in modules() if (ways := [*makes_html(module.tree)])}

    allowances.check("HTML built in Python escapes its own rules:", found, MAKES_HTML)


@pytest.mark.parametrize(
    "path", [p for p in templates() if p.parent.name == "components"], ids=where
)
def test_a_component_says_what_it_takes(path):
    assert path.read_text().lstrip().startswith(("{#", "{% comment")), (
        f"{where(path)} must start with a comment that names its inputs"
    )


def test_the_guards_see_every_way():
    assert len(inline('<p style="x"><b onclick="y"><a href="javascript:z"><style></style>')) == 4
    assert len(inline("<script>alert(1)</script><script src=x></script><i hx-on:click='y'>")) == 2
    assert not inline(
        '{# <p style="x"> #}<script src="{% static "x" %}"></script><p data-style="x">'
    )
    assert len(trust("{{ a|safe }}{% autoescape off %}{{ b | safe|upper }}{{ c|safeseq }}")) == 4
    assert not trust("{# {{ a|safe }} #}{{ safe }}")
    source = 'mark_safe(x); html.format_html("<b>{}", y); register.filter(is_safe=True)'
    assert len([*makes_html(ast.parse(source))]) == 3


def test_every_template_is_looked_at():
    assert (ROOT / "templates" / "base.html") in templates()
