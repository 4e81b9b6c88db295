"""Sending one request in somebody's name, and saying in a word how it was answered."""

import re
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, transaction
from django.test import Client

from tenants.models import RoleGrant, TenantOwned, UserGrant
from tests.architecture import payloads

# In full, and as a page shortens it.
REQUEST_ID = r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}|[0-9a-f]{4}…[0-9a-f]{6}"
BACKEND = "tenants.sign_in.PasswordBackend"


@dataclass(frozen=True)
class Answer:
    status: int
    location: str = ""
    text: str = ""
    allow: str = ""
    error: str = ""

    @property
    def word(self):
        """ "yes" where the guard let it through and the work was done; else how it was refused."""
        if self.error:
            return self.error
        if self.status == 302 and "/accounts/sign-in/" in self.location:
            return "sign-in"
        if self.status in (200, 201, 202, 204, 302, 409):
            return "yes"
        return str(self.status)

    @property
    def told(self):
        """What two strangers to each other's rows must not be able to tell apart."""
        return self.status, self.allow, re.sub(REQUEST_ID, "·", self.text)


class Asker:
    """Everybody's clients; what a request changes is undone at once."""

    def __init__(self, world):
        self.world = world
        # Before anything is asked: a session made inside `ask` would be undone with the rest.
        self._pages = {who: self._signed_in(user) for who, user in world.users.items()}
        self._api = {who: self._with_key(key) for who, key in world.keys.items()}

    def _signed_in(self, user):
        client = Client()
        if user:
            client.force_login(user, backend=BACKEND)
        return client

    def _with_key(self, key):
        return Client(headers={"Authorization": f"Bearer {key}"} if key else {})

    def client(self, who, is_page):
        """Of somebody of the world; to the API also of who has this key."""
        if is_page:
            return self._pages[who]
        return self._api[who] if who in self._api else self._with_key(who)

    def ask(self, route, who, targets=None, **asked):
        """The answer; what it changed is undone."""
        with transaction.atomic():
            answer = self.send(route, who, targets, **asked)
            transaction.set_rollback(True)
        return answer

    def expect(self, word, route, who, targets=None):
        """The answer where this word is expected.

        Only what a permitted request changes is undone. So after many of them everything must
        still be as it was: reading changes nothing, and neither does a refused request that
        carried all that a valid one would.
        """
        is_permitted = word == "yes" and route.is_unsafe
        return (self.ask if is_permitted else self.send)(route, who, targets)

    def send(self, route, who, targets=None, *, query=None, method=None, **body):
        """The answer; what it changed stays changed until the test ends."""
        path = route.path(self.world, targets or {})
        arguments = payloads.request_arguments(route, self.world, **body)
        query = query or payloads.query_of(route, self.world, **body)
        client = self.client(who, route.is_page)
        return self._send(client, method or route.method, path, arguments, query)

    def _send(self, client, method, path, arguments, query):
        try:
            response = client.generic(method, path, query_params=query, **arguments)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is a 500 to report
            return Answer(500, error=f"500 {type(error).__name__}: {error}"[:200])
        # A stream is not read: that would wait for a run that nobody does here. Nor is close()
        # called, which tells Django to drop the database connection.
        text = "" if response.streaming else response.content.decode(errors="replace")
        for close in response._resource_closers:
            close()
        return Answer(
            response.status_code,
            response.headers.get("Location", ""),
            text,
            response.headers.get("Allow", ""),
        )


def fingerprint():
    """A hash of every row of every tenant-owned table and of the grants."""
    kinds = TenantOwned | UserGrant | RoleGrant
    tables = sorted(m._meta.db_table for m in apps.get_models() if issubclass(m, kinds))
    each = " UNION ALL ".join(
        f"SELECT '{table}' AS name, count(*) AS rows,"
        " md5(coalesce(string_agg("
        "(to_jsonb(t) - '{last_used_at,last_used_from}'::text[])::text, ',' ORDER BY t.id), ''))"
        f" FROM {connection.ops.quote_name(table)} t"
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(each)
        return {name: (rows, md5) for name, rows, md5 in cursor.fetchall()}
