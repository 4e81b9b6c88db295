"""Every page and every API operation, read off the URLconf and the OpenAPI document."""

import re
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace

from django.urls import URLPattern, get_resolver

from agents.models import Agent, AgentVersion
from agents.runs.models import AgentRun
from config.api import api
from knowledge.models import Chunk, Document, DocumentVersion, Source
from personas.models import Persona
from tenants.models import ApiKey, Job, Membership, Provider, Role, Secret
from tenants.pages import PageRule
from tools.models import Tool

API = "/api/v1"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}

# What an API parameter (in the path, the query or a body) or a URL's keyword names.
OBJECTS = {
    "agent_id": Agent,
    "persona_id": Persona,
    "tool_id": Tool,
    "knowledge_id": Source,
    "source_id": Source,
    "document_id": Document,
    "chunk_id": Chunk,
    "run_id": AgentRun,
    "job_id": Job,
    "provider_id": Provider,
    "secret_id": Secret,
    "key_id": ApiKey,
    "member_id": Membership,
    "role_id": Role,
}
# Whose versions a `number` counts.
NUMBERED = {Agent: AgentVersion, Document: DocumentVersion}
# Keywords of a URL that name no row of a tenant, with a value to try.
PLAIN = {"listed": "agents", "act": "delete", "row": 0, "field": "name"}

# Pages that are of no tenant: everybody gets the same, or what is their own.
OUTSIDE = {
    "root": "leads to the only organisation, or to the choice",
    "account_login": "the way in",
    "account_logout": "ends one's own session",
    "account_signup": "tells that accounts are made by invitation",
    "account_inactive": "tells that an account is closed",
    "account_reset_password": "asks for a mail, the same for every address",
    "account_reset_password_done": "tells to look into the mailbox",
    "account_reset_password_from_key": "opens with the token of a mail",
    "account_reset_password_from_key_done": "tells that the password was changed",
    "account_change_password": "one's own account",
    "account_set_password": "one's own account",
    "account_email": "one's own account",
    "account_email_verification_sent": "tells to look into the mailbox",
    "account_confirm_email": "opens with the token of a mail",
    "account_reauthenticate": "one's own account",
    "mfa_authenticate": "the second step of the way in",
    "mfa_login_webauthn": "the way in with a passkey",
    "mfa_reauthenticate": "one's own account",
    "mfa_reauthenticate_webauthn": "one's own account",
    "mfa_index": "one's own account",
    "mfa_activate_totp": "one's own account",
    "mfa_deactivate_totp": "one's own account",
    "mfa_view_recovery_codes": "one's own account",
    "mfa_generate_recovery_codes": "one's own account",
    "mfa_list_webauthn": "leads to one's own account",
    "mfa_add_webauthn": "one's own account",
    "mfa_edit_webauthn": "one's own account",
    "mfa_remove_webauthn": "one's own account",
    "account:organisation": "the ways in that an organisation offers",
    "account:through": "the way in by an organisation's own sign-in",
    "account:through-callback": "the way back from there",
    "account:connected": "one's own account",
    "account:connect": "one's own account",
    "account:disconnect": "one's own account",
    "account:out-of-reach": "tells what one's own session does not open",
    "account:profile": "one's own account",
    "account:device-list": "one's own sessions",
    "account:device-end": "one's own sessions",
    "account:devices-end": "one's own sessions",
    "account:theme": "a cookie",
    "account:tenant-list": "one's own organisations",
    "account:invitation": "opens with the token of an invitation, not by membership",
    "account:invitation-join": "the same",
    "account:invitation-new-account": "the same",
    **dict.fromkeys(
        (
            *("platform:tenant-list", "platform:tenant-create", "platform:tenant-detail"),
            *("platform:tenant-join", "platform:tenant-leave", "platform:owner-invite"),
            *("platform:tenant-archive", "platform:tenant-unarchive"),
        ),
        "for platform admins alone: tests/platform/test_platform_access.py",
    ),
    "api:openapi-json": "the public description of the API",
    "api:openapi-view": "the page that shows it",
    "api:api-root": "Ninja's anchor for reverse()",
}


@dataclass(frozen=True)
class Route:
    """One address with one method."""

    name: str
    method: str
    template: str  # "/t/{tenant}/agents/{pk}/"
    objects: dict = field(compare=False)  # keyword → model, in the order of the path
    rule: PageRule | None = field(default=None, compare=False)
    operation: dict | None = field(default=None, compare=False)

    @property
    def id(self):
        return f"{self.name} {self.method}"

    @property
    def is_page(self):
        return self.operation is None

    @property
    def is_unsafe(self):
        return self.method in UNSAFE

    def path(self, world, targets):
        """The address of the objects that `targets` (keyword → which) says."""
        values = {"tenant": world.home.tenant.slug, **PLAIN}
        for keyword, model in self.objects.items():
            row = world.row(model, targets.get(keyword, "own"))
            values[keyword] = row.number if keyword == "number" else row.pk
        return self.template.format(**values)


class UnknownKeyword(Exception):
    """The sweep can't make an object for a route."""


def _objects(name, keywords, rule):
    found = {}
    for keyword in keywords:
        if keyword in PLAIN or keyword == "tenant":
            continue
        model = rule.model if rule and keyword == "pk" else OBJECTS.get(keyword)
        if keyword == "number":
            model = NUMBERED.get(next(iter(found.values()), None))
        if model is None:
            raise UnknownKeyword(
                f"{name}: what is <{keyword}>? Say it in {__name__}.OBJECTS or PLAIN."
            )
        found[keyword] = model
    return found


def url_patterns():
    """(full name, path template, keywords, view) of every address."""

    def walk(patterns, names, path):
        for pattern in patterns:
            here = path + _template(pattern)
            if isinstance(pattern, URLPattern):
                yield ":".join([*names, pattern.name or "?"]), here, pattern.callback
            else:
                inner = [*names, pattern.namespace] if pattern.namespace else names
                yield from walk(pattern.url_patterns, inner, here)

    yield from walk(get_resolver().url_patterns, [], "/")


def _template(pattern):
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))


def keywords_of(template):
    return re.findall(r"\{(\w+)\}", template)


@cache
def pages():
    """The pages of tenants, one route for each method that their rule knows."""
    return tuple(
        Route(name, method, template, _objects(name, keywords_of(template), view.rule), view.rule)
        for name, template, view in url_patterns()
        if hasattr(view, "rule")
        for method in view.rule.methods
    )


@cache
def document():
    return api.get_openapi_schema(path_prefix=f"{API}/")


@cache
def operations():
    """The operations of the API's own description."""
    found = []
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            name = f"api:{operation['operationId']}"
            objects = _objects(name, keywords_of(path), None)
            found.append(Route(name, method.upper(), path, objects, operation=operation))
    return tuple(found)


def routes():
    return (*pages(), *operations())


def query_ids(route):
    """Query parameters of an operation that name objects: name → model."""
    found = {}
    for parameter in (route.operation or {}).get("parameters", ()):
        if parameter["in"] == "query" and '"uuid"' in str(parameter["schema"]).replace("'", '"'):
            found |= _objects(route.name, [parameter["name"]], None)
    return found


def other_methods(route):
    """The methods that this address does not know."""
    known = {r.method for r in routes() if r.template == route.template}
    known |= {"HEAD"} if "GET" in known else set()
    return [m for m in METHODS if m not in known | {"OPTIONS", "HEAD"}]


NO_FIELDS = SimpleNamespace()
