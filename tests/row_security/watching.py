"""Runs a statement as it is and as the watched role, and compares what came of both."""

import re
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from uuid import UUID

import psycopg

from tests.row_security import policies, proof
from tests.row_security.allowed import ALLOWED, OWN, PLATFORM

# The tenants proven in the unit of work that goes on: a request, a job, a call of a service.
_proven = ContextVar("proven", default=None)
_WRITES = re.compile(
    r"\b(INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+(ONLY\s+)?\S+\s+(AS\s+\S+\s+)?SET)\b", re.IGNORECASE
)
_ATTEMPTS = 3
_seen = set()


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
    call = partial(execute, sql, params, many, context)
    if tenants is None:
        return call()
    connection, cursor = context["connection"], context["cursor"].cursor
    text = sql if isinstance(sql, str) else sql.as_string(connection.connection)
    if not _is_watched(text):
        return call()
    watched = _Watched(connection, tenants, text)
    found = None if many else _proof(text, params)
    if found and found.holds(params or (), watched.tenants):
        result = call()
        if not watched.shows(cursor, found.columns) and not _is_allowed():
            watched.compare(cursor, params)
        return result
    if _is_allowed():
        return call()
    if many or _WRITES.search(text):
        is_of_one = bool(found) and found.is_of_one(params)
        return watched.write(call, cursor, None if many else params, is_of_one=is_of_one)
    result = call()
    watched.compare(cursor, params)
    return result


@cache
def _is_watched(text):
    return OWN not in text and bool(_tables().search(text))


def _proof(text, params):
    """What can be read in the text, once it comes again: most of the reading is spared then."""
    if isinstance(params, Mapping):
        return None
    if text in _seen:
        return proof.of(text)
    _seen.add(text)
    return None


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
        self.tenants = set(map(str, tenants))

    def shows(self, cursor, columns):
        """Whether these columns of the rows just read name proven tenants only; unknown of rows
        that are still to come."""
        if isinstance(cursor, psycopg.ServerCursor):
            return not columns
        found = cursor.pgresult
        return all(
            value is None or _uuid(value, found.fformat(column)) in self.tenants
            for column in columns
            for row in range(found.ntuples)
            for value in [found.get_value(row, column)]
        )

    def compare(self, cursor, params):
        """Raise Leak where reading as the watched role brings other rows than it just did.

        Somebody else may write between the two readings, so they are repeated before that is said.
        """
        is_streamed = isinstance(cursor, psycopg.ServerCursor)
        everything = self._rows(params) if is_streamed else _read(cursor)
        for _ in range(_ATTEMPTS):
            with self._role():
                allowed = self._rows(params)
            if everything == allowed:
                return
            everything = self._rows(params)
        hidden = list((everything - allowed).elements())
        raise Leak(f"{self._told()} reached {len(hidden)} rows too many: {hidden[:3]}")

    def write(self, execute, cursor, params=None, *, is_of_one=False):
        """Write as the watched role; Leak where that changes less than without the policies, or is
        refused. Where but one row can be meant, one that was changed needs no second look."""
        is_counted = params is not None and not _only_inserts(self.text)
        changed = self._would_change(params) if is_counted and not is_of_one else None
        try:
            with self._role():
                result = execute()
        except Exception as error:
            if "row-level security" in str(error):
                raise Leak(f"{self._told()}: {error}") from error
            raise
        if is_of_one and not cursor.rowcount:
            changed = self._would_change(params)
        if changed is not None and changed > cursor.rowcount:
            raise Leak(f"{self._told()} would change {changed} rows, not {cursor.rowcount}")
        return result

    def _rows(self, params):
        with self.connection.create_cursor() as cursor:
            cursor.execute(self.text, params)
            return _read(cursor)

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
            [policies.ROLE, policies.SETTING, ",".join(sorted(self.tenants))],
        )
        try:
            yield
        finally:
            # A transaction that failed takes the role back by itself when it is rolled back.
            if self.raw.info.transaction_status != psycopg.pq.TransactionStatus.INERROR:
                self.raw.execute("RESET ROLE")

    def _told(self):
        tenants = ",".join(sorted(self.tenants)) or "no tenant"
        return f"With {tenants} proven, “{' '.join(self.text.split())[:600]}”"


def _only_inserts(text):
    return text.lstrip().upper().startswith("INSERT") and "SELECT" not in text.upper()


def _read(cursor):
    """The rows that a cursor holds, as PostgreSQL sent them."""
    found = cursor.pgresult
    return Counter(
        tuple(found.get_value(row, column) for column in range(found.nfields))
        for row in range(found.ntuples)
    )


def _uuid(value, is_binary):
    return str(UUID(bytes=value)) if is_binary else value.decode()
