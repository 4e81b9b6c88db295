"""Looking for secrets everywhere, in every spelling."""

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

from django.contrib.sessions.models import Session
from django.db import connection

ENDINGS = ("accounts/sign-out/", "/stream/", "/events/")
LINK = re.compile(r"""(?:href|hx-get|src|action)="(/[^"#]*)""")
MOST_PAGES = 400


def spellings(canary):
    """How a text may stand in another one: as bytes, because tables and pages are read as such."""
    raw = canary.encode()
    found = {raw, quote(canary, safe="").encode(), quote_plus(canary).encode()}
    found |= {json.dumps(canary)[1:-1].encode(), html.escape(canary).encode()}
    found |= {raw.hex().encode(), raw.hex().upper().encode()}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for shift in range(3):
            # In base64 a text looks differently at each of three places; its ends depend on what
            # stands beside it.
            whole = encode(b"\0" * shift + raw)
            found.add(whole[4 if shift else 0 : len(whole) // 4 * 4 - 4])
    return found


class Search:
    """`Search({"provider key": "sk-…"})`; `found` tells which canary was seen where."""

    def __init__(self, canaries):
        # The middle of each: a canary that was cut short, or lacks its beginning, is one as well.
        cores = {name: canary[len(canary) // 4 : -len(canary) // 4] for name, canary in
                 canaries.items()}  # fmt: skip
        assert all(len(core) >= 8 for core in cores.values())
        self.needles = [(name, s) for name, core in cores.items() for s in spellings(core)]
        self.found = []
        self.looked_at = set()

    def look_at(self, where, text):
        self.looked_at.add(where)
        seen = text if isinstance(text, bytes) else str(text).encode()
        self.found += [(where, name) for name, needle in self.needles if needle in seen]

    # ── Where ─────────────────────────────────────────────────────────────────────────────────

    def database(self):
        """Every table of every schema, as COPY writes it; binary columns come as hex."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables"
                " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            )
            for (table,) in cursor.fetchall():
                with cursor.copy(f"COPY (SELECT * FROM {table}) TO STDOUT") as rows:
                    self.look_at(f"table {table}", b"".join(bytes(row) for row in rows))
        for row in Session.objects.all():  # Django only packs and signs what they say
            self.look_at("a session", repr(row.get_decoded()))

    def pages(self, client, *starts):
        """All pages that can be reached from these by links, and what htmx would fetch."""
        waiting, known = list(starts), set(starts)
        while waiting and len(known) < MOST_PAGES:
            url = waiting.pop(0)
            body = body_of(client.get(url))
            self.look_at(f"page {url}", body)
            for link in LINK.findall(body.decode(errors="replace")):
                path = html.unescape(link)
                bare = path.partition("?")[0]
                is_ours = bare.startswith(("/t/", "/accounts/", "/platform/"))
                if is_ours and bare not in known and not bare.endswith(ENDINGS):
                    known.add(bare)
                    waiting.append(path)
        assert not waiting, "there are more pages than the search looks at"

    def files(self, folder):
        for path in folder.rglob("*"):
            if path.is_file():
                self.look_at(f"file {path.name}", path.read_bytes())


def body_of(response):
    if response.streaming:
        return b"".join(response.streaming_content)
    return response.content
