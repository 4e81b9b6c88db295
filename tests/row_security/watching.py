"""Runs a statement as it is and as the watched role, and compares what came of both."""

import re
import sys
from collections import Counter
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

import psycopg

from tests.row_security import policies
from tests.row_security.allowed import ALLOWED, OWN, PLATFORM

# The tenants proven in the unit of work that goes on: a request, a job, a call of a service.
_proven = ContextVar("proven", default=None)
_WRITES = re.compile(
    r"\b(INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+(ONLY\s+)?\S+\s+(AS\s+\S+\s+)?SET)\b", re.IGNORECASE
)
_ATTEMPTS = 3


class Leak(Exception):
    """A statement reached rows of a tenant in which nothing was proven."""


@contextmanager
def unit(*tenant_ids):
    """A unit of work with these tenants proven so far; inside another one it is a part of that."""
    if _proven.get() is not None:
        yield
        return
    token = _proven.set(set(tenant_ids))
    try:
        yield
    finally:
        _proven.reset(token)


@contextmanager
def within(tenants):
    """The same unit taken up again: for what is read when the request is over."""
    token = _proven.set(tenants)
    try:
        yield
    finally:
        _proven.reset(token)


def proven():
    return _proven.get()


def prove(tenant_id):
    """From here on rows of this tenant may be reached."""
    if _proven.get() is not None:
        _proven.get().add(tenant_id)


def watch(execute, sql, params, many, context):
    """A wrapper of Django's `connection.execute_wrappers`."""
    tenants = _proven.get()
    connection, cursor = context["connection"], context["cursor"].cursor
    text = sql if isinstance(sql, str) else sql.as_string(connection.connection)
    if tenants is None or OWN in text or not _tables().search(text) or _is_allowed():
        return execute(sql, params, many, context)
    watched = _Watched(connection, tenants, text)
    if many or _WRITES.search(text):
        return watched.write(lambda: execute(sql, params, many, context), cursor, params, many)
    watched.compare(params)
    return execute(sql, params, many, context)


@cache
def _tables():
    return re.compile(rf"\b({'|'.join(policies.tables())})\b")


def _is_allowed():
    """Whether a function with a reason to look further is at work."""
    frame = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if code.co_qualname in ALLOWED.get(frame.f_globals.get("__name__"), ()):
            return True
        if PLATFORM in code.co_varnames[: code.co_argcount]:
            return True
        frame = frame.f_back
    return False


class _Watched:
    """One statement on one connection."""

    def __init__(self, connection, tenants, text):
        self.connection, self.raw, self.text = connection, connection.connection, text
        self.tenants = ",".join(sorted(map(str, tenants)))

    def compare(self, params):
        """Raise Leak where reading as the watched role brings other rows.

        Somebody else may write between the two readings, so they are repeated before that is said.
        """
        for _ in range(_ATTEMPTS):
            everything = self._rows(params)
            with self._role():
                allowed = self._rows(params)
            if everything == allowed:
                return
        hidden = list((everything - allowed).elements())
        raise Leak(f"{self._told()} reached {len(hidden)} rows too many: {hidden[:3]}")

    def write(self, execute, cursor, params, many):
        """Write as the watched role; Leak where that changes less, or is refused."""
        changed = None if many or _only_inserts(self.text) else self._would_change(params)
        try:
            with self._role():
                result = execute()
        except Exception as error:
            if "row-level security" in str(error):
                raise Leak(f"{self._told()}: {error}") from error
            raise
        if changed is not None and changed > cursor.rowcount:
            raise Leak(f"{self._told()} would change {changed} rows, not {cursor.rowcount}")
        return result

    def _rows(self, params):
        with self.connection.create_cursor() as cursor:
            cursor.execute(self.text, params)
            return Counter(map(repr, cursor.fetchall())) if cursor.description else Counter()

    def _would_change(self, params):
        """How many rows without the policies; None where the statement fails by itself."""
        try:
            with (
                self.raw.transaction(force_rollback=True),
                self.connection.create_cursor() as cursor,
            ):
                cursor.execute(self.text, params)
                return cursor.rowcount
        except psycopg.Error:
            return None

    @contextmanager
    def _role(self):
        self.raw.execute(
            "SELECT set_config('role', %s, false), set_config(%s, %s, false)",
            [policies.ROLE, policies.SETTING, self.tenants],
        )
        try:
            yield
        finally:
            # A transaction that failed takes the role back by itself when it is rolled back.
            if self.raw.info.transaction_status != psycopg.pq.TransactionStatus.INERROR:
                self.raw.execute("RESET ROLE")

    def _told(self):
        return f"With {self.tenants or 'no tenant'} proven, “{' '.join(self.text.split())[:600]}”"


def _only_inserts(text):
    return text.lstrip().upper().startswith("INSERT") and "SELECT" not in text.upper()
