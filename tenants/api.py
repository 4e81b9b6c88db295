"""The API kit: routers that page their lists, refuse unknown parameters and know their caller."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, get_origin

from django.http import HttpRequest, HttpResponse
from django.utils.datastructures import MultiValueDict
from ninja import Header
from ninja.operation import Operation
from ninja.pagination import RouterPaginated, paginate
from ninja.security import HttpBearer
from ninja.utils import contribute_operation_callback

from tenants import api_keys, rate_limits
from tenants.access import Access
from tenants.addresses import client_address
from tenants.idempotency import once
from tenants.models import ApiKey
from tenants.paging import KeysetPagination
from tenants.problems import Problem
from tenants.schemas import ProblemOut, refuse_unstorable

__all__ = ["ApiRequest", "Bearer", "IfMatch", "Problems", "Router", "created"]

# The error answers that most operations share, for the OpenAPI document.
Problems = {401: ProblemOut, 403: ProblemOut, 404: ProblemOut, 422: ProblemOut}

# `If-Match: "<version>"` of a PATCH; `tenants.versions.from_if_match` reads it.
IfMatch = Annotated[str | None, Header(alias="If-Match", description="The version last read.")]


class ApiRequest(HttpRequest):
    """A request whose key was checked."""

    auth: Access


class Bearer(HttpBearer):
    """`Authorization: Bearer <key>` → the caller's Access."""

    def authenticate(self, request: HttpRequest, token: str) -> Access | None:
        """The caller, or None for any key that is not valid now, or not from this address.

        Raises Problem 429 for one that asks too often.
        """
        access = api_keys.check(token, client_address(request))
        if access and access.key:
            _count(request, access.key)
        return access


def _count(request: HttpRequest, key: ApiKey) -> None:
    allowance = rate_limits.take(key)
    request.allowance = allowance  # type: ignore[attr-defined]  # told by middleware
    if allowance and allowance.is_used_up:
        detail = f"At most {allowance.limit:,} requests in {allowance.window:,} s."
        headers = {"Retry-After": str(allowance.reset)}
        raise Problem(429, "rate_limited", detail, headers=headers)


class Router(RouterPaginated):
    """A router with our paging, on which an unknown query parameter is a 422."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pagination_class = KeysetPagination

    def add_api_operation(
        self, path: str, methods: list[str], view_func: Callable[..., Any], **kwargs: Any
    ) -> None:
        """As Ninja's, paging also the lists that are declared beside their errors."""
        response = kwargs["response"]
        if isinstance(response, dict) and get_origin(response.get(200)) is list:
            view_func = paginate(self.pagination_class)(view_func)
        super().add_api_operation(path, methods, view_func, **kwargs)

    def api_operation(self, methods: list[str], path: str, **kwargs: Any) -> Callable[..., Any]:
        """As Ninja's, refusing parameters that the operation does not name; a POST may be repeated
        under an Idempotency-Key."""
        register = super().api_operation(methods, path, **kwargs)

        def decorate(view: Callable[..., Any]) -> Any:
            return register(_refuse_unknown(once(view) if "POST" in methods else view))

        return decorate


def _refuse_unknown(view: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[str, set[str]] = defaultdict(set)

    def learn(operation: Operation) -> None:
        for model in operation.models:
            if model.__ninja_param_source__ in ("query", "form"):
                known[model.__ninja_param_source__].update(model.__ninja_flatten_map__)
            elif model.__ninja_param_source__ == "file":
                known["file"].update(model.model_fields)

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        _check("/query", request.GET, known["query"])
        if "form" in known or "file" in known:
            _check("", request.POST, known["form"])
            _check("", request.FILES, known["file"])
        return view(request, *args, **kwargs)

    # Ninja would look the names of the annotations up in this module instead of the view's own.
    checked.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]
    contribute_operation_callback(checked, learn)
    return checked


def _check(place: str, given: MultiValueDict[str, Any], known: set[str]) -> None:
    """Raise a Problem that points at what has no such name, or holds what can't be stored."""
    for name in given:
        if name not in known:
            raise Problem.invalid(f"{place}/{name}", "There is no such parameter.")
        try:
            refuse_unstorable(given.getlist(name))
        except ValueError as error:
            raise Problem.invalid(f"{place}/{name}", str(error)) from error


def created(response: HttpResponse, location: str) -> None:
    """Say where the new object is found."""
    response["Location"] = location
