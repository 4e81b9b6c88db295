"""Where a unit of work begins, and where a membership is proven in it.

A request begins with nothing proven; building an Access proves its tenant. So does a job's work.
A service called by a test is a unit of its own, with the tenant of the Access that it was given.
"""

import sys
from contextlib import ExitStack, contextmanager
from functools import wraps
from inspect import isfunction, isgeneratorfunction, signature
from unittest.mock import patch

from django.core.handlers.base import BaseHandler
from django.db import connection, connections
from django.db.backends.signals import connection_created

from tenants.access import Access, memberships
from tenants.jobs import performing
from tenants.models import Job
from tests.row_security.allowed import OWN
from tests.row_security.watching import prove, proven, unit, watch, within

APPS = ("agents", "config", "knowledge", "personas", "tenants", "tools")


@contextmanager
def active():
    """Watch every connection and every unit of work of this process."""
    with ExitStack() as stack:
        for target, name, new in _bindings():
            stack.enter_context(patch.object(target, name, new))
        connection_created.connect(_watch_connection)
        stack.callback(connection_created.disconnect, _watch_connection)
        for connection in connections.all(initialized_only=True):
            _watch_connection(connection=connection)
            stack.callback(connection.execute_wrappers.remove, watch)
        yield


def _watch_connection(*, connection, **_):
    if watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(watch)


def _bindings():
    """(object, attribute, what to put there instead)"""
    yield BaseHandler, "get_response", _request(BaseHandler.get_response)
    yield Access, "_from", classmethod(_proving(Access._from.__func__))
    for name in ("get", "may_do", "add"):
        yield Access, name, _own(vars(Access)[name])
    for verb, places in _functions():
        if bind := _binder(verb):
            bound = bind(verb)
            for module, name in places:
                yield module, name, bound


def _binder(verb):
    if verb is memberships:
        return _marked
    if verb is performing.perform:
        return _job
    return _own if _takes_access(verb) else None


def _functions():
    """Each function that our modules name, with all (module, name) where they do."""
    found = {}
    for path, module in list(sys.modules.items()):
        if module and path.split(".")[0] in APPS:
            for name, value in vars(module).items():
                if isfunction(value):
                    found.setdefault(value, []).append((module, name))
    return found.items()


def _takes_access(function):
    """A verb of ours, whose first argument says who asks for it."""
    if not isfunction(function) or function.__module__.split(".")[0] not in APPS:
        return False
    if isgeneratorfunction(function):
        return False
    names = list(signature(function).parameters)
    return bool(names) and names[0] == "access"


def _request(get_response):
    @wraps(get_response)
    def watched(self, request):
        with unit():
            response = get_response(self, request)
            if response.streaming and not response.is_async:
                response.streaming_content = _taken_up(response.streaming_content, proven())
        return response

    return watched


def _taken_up(pieces, tenants):
    pieces = iter(pieces)
    while True:
        with within(tenants):
            try:
                piece = next(pieces)
            except StopIteration:
                return
        yield piece


def _proving(build):
    @wraps(build)
    def watched(cls, *args, **kwargs):
        access = build(cls, *args, **kwargs)
        prove(access.tenant.pk)
        return access

    return watched


def _own(verb):
    @wraps(verb)
    def watched(access, *args, **kwargs):
        with unit(access.tenant.pk):
            return verb(access, *args, **kwargs)

    return watched


def _marked(rows):
    @wraps(rows)
    def marked(*args, **kwargs):
        return rows(*args, **kwargs).extra(where=[OWN])

    return marked


def _job(perform):
    @wraps(perform)
    def watched(job_id, work):
        with unit(*_tenants_of_job(job_id)):
            return perform(job_id, work)

    return watched


def _tenants_of_job(job_id):
    """Read on a cursor of our own: tests count the statements of Django's."""
    if connection.connection is None:
        connection.connect()
    with connection.create_cursor() as cursor:
        cursor.execute(
            f"SELECT tenant_id FROM {Job._meta.db_table} WHERE id = %s",
            [job_id],
        )
        return [tenant for (tenant,) in cursor.fetchall()]
