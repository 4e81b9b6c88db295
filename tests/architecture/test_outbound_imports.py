"""Requests to the world leave through tenants.outbound, which checks where they go."""

import ast

from tests.architecture import allowances
from tests.architecture.source_code import modules

NETWORK = {
    "aiohttp",
    "ftplib",
    "http.client",
    "httpcore",
    "httpcore2",
    "httpx",
    "httpx2",
    "pycurl",
    "requests",
    "smtplib",
    "socket",
    "telnetlib",
    "urllib.request",
    "urllib3",
    "websockets",
    "xmlrpc",
}
# Libraries that make requests by themselves, and the argument by which they take our transport.
SDKS = {
    "OpenAI": "http_client",
    "AsyncOpenAI": "http_client",
    "Anthropic": "http_client",
    "AsyncAnthropic": "http_client",
    "genai.Client": "http_options",
}

ALLOWED = {
    "agents/runs/providers/streaming.py": "shuts a hanging answer's socket, which is our client's",
    "config/ports.py": "asks this machine whether a port is free to listen on",
    "config/up.py": "asks our own web process on this machine whether it is ready",
    "config/worker.py": "the machine's name; opens nothing",
    "knowledge/extraction/cage.py": "takes sockets away from the child process that parses files",
}


def banned(name):
    return any(name == bad or name.startswith(f"{bad}.") for bad in NETWORK)


def reaches_out(module):
    """How the module gets at the network by itself."""
    for name, line in module.imports:
        if banned(name) or name.startswith("urllib.request"):
            yield f"line {line}: import {name}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module in ("urllib", "http"):
            for alias in node.names:
                if banned(f"{node.module}.{alias.name}"):
                    yield f"line {node.lineno}: from {node.module} import {alias.name}"
        elif isinstance(node, ast.Call):
            yield from _by_call(node)


def _by_call(node):
    called = ast.unparse(node.func).split(".")[-1]
    words = {a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    if called in ("import_module", "__import__") and any(map(banned, words)):
        yield f"line {node.lineno}: {ast.unparse(node)}"
    taken = {keyword.arg for keyword in node.keywords}
    for sdk in {called, ast.unparse(node.func)} & SDKS.keys():
        if SDKS[sdk] not in taken:
            yield f"line {node.lineno}: {sdk}() without {SDKS[sdk]}="


def test_nothing_but_the_outbound_guard_opens_connections():
    found = {
        module.where: ways
        for module in modules()
        if not module.name.startswith("tenants.outbound")
        if (ways := [*reaches_out(module)])
    }

    allowances.check("Use tenants.outbound:", found, ALLOWED)


def test_the_guard_sees_every_way(tmp_path):
    from tests.architecture.source_code import Module

    source = """
import httpx
import http.client as h
from urllib import request
from urllib.request import urlopen
from socket import create_connection
importlib.import_module("requests")
openai.OpenAI(api_key="k")
openai.OpenAI(api_key="k", http_client=ours)
genai.Client(api_key="k", http_options=ours)
genai.Client(api_key="k")
from urllib.parse import urlsplit
"""
    module = Module("agents.naughty", tmp_path / "naughty.py", ast.parse(source))

    lines = {way.split(":")[0] for way in reaches_out(module)}
    assert lines == {f"line {n}" for n in (*range(2, 9), 11)}


def test_the_outbound_guard_is_where_the_rule_looks_for_it():
    inside = [m for m in modules() if m.name.startswith("tenants.outbound")]

    assert any(reaches_out(module) and [*reaches_out(module)] for module in inside)
