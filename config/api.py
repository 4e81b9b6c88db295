"""The JSON API, composed of each app's routers."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from agents.api import router as agents
from agents.runs.agent_api import router as running
from agents.runs.api import router as runs
from knowledge.api import router as knowledge
from personas.api import router as personas
from tenants import idempotency, problems
from tenants.access_api import router as access
from tenants.api import Bearer
from tenants.audit_api import router as audit_events
from tenants.jobs_api import router as jobs
from tenants.keys_api import router as keys
from tools.api import router as tools


class Api(NinjaAPI):
    """Ninja's, with the functions' names as operation ids: they are what generated clients call."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """As Ninja's, with how errors are sent, and those that any body can lead to."""
        document = super().get_openapi_schema(**kwargs)
        for methods in document["paths"].values():
            for method, operation in methods.items():
                if method == "post":
                    idempotency.describe(operation)
                problems.describe(operation)
        return document


api = Api(
    title="Roster",
    version="1",
    description="Agents, personas, tools, knowledge and runs of one organisation.",
    auth=Bearer(),
    docs_url="/docs",
    openapi_url="/openapi.json",
    urls_namespace="api",
)
problems.install(api)
api.add_router("/agents", agents)
api.add_router("/agents", running)
api.add_router("/personas", personas)
api.add_router("/tools", tools)
api.add_router("/knowledge", knowledge)
api.add_router("/runs", runs)
api.add_router("/jobs", jobs)
api.add_router("/access", access)
api.add_router("/api-keys", keys)
api.add_router("/audit-events", audit_events)
