"""The table of docs/access.md: what each route needs, and how everybody is answered."""

from dataclasses import dataclass

from django.utils import timezone

from tenants.capabilities import LABELS, closure
from tests.architecture.asking import Asker
from tests.architecture.expectation import needs_of_page
from tests.architecture.routes import routes
from tests.architecture.source_code import ROOT
from tests.architecture.world import ROLES
from tests.factories.tenants import ApiKeyFactory

DOCUMENT = ROOT / "docs" / "access.md"
BEGIN, END = "<!-- table: python -m tests.architecture.regenerate -->\n", "<!-- end of table -->"
COLUMNS = (*ROLES, "stranger", "anonymous")
WORDS = {"yes": "✓", "sign-in": "sign in"}
ANSWERS = {"yes", "sign-in", "401", "403", "404"}


@dataclass(frozen=True)
class Row:
    """One route: the capabilities it needs, and the word for each kind of person."""

    route: str
    needs: tuple
    words: tuple

    def word(self, who):
        return self.words[COLUMNS.index(who)]

    def line(self):
        cells = [WORDS.get(word, word) for word in self.words]
        name, method = self.route.rsplit(" ", 1)
        needs = " ".join(f"`{capability}`" for capability in self.needs) or "–"
        return f"| `{name}` | {method} | {needs} | " + " | ".join(cells) + " |"

    @classmethod
    def parse(cls, line):
        name, method, needs, *cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        back = {shown: word for word, shown in WORDS.items()}
        return cls(
            f"{name.strip('`')} {method}",
            tuple(n.strip("`") for n in needs.split() if n != "–"),
            tuple(back.get(cell, cell) for cell in cells),
        )


def written():
    """The rows that docs/access.md has, by route."""
    text = DOCUMENT.read_text()
    lines = text[text.index(BEGIN) + len(BEGIN) : text.index(END)].strip().splitlines()[2:]
    return {row.route: row for row in map(Row.parse, lines)}


def write(rows):
    """Put these rows in the place of the old ones; the words around them stay."""
    broken = [row.line() for row in rows if not set(row.words) <= ANSWERS]
    assert not broken, "No answers to write down:\n" + "\n".join(broken)
    head = ["Route", "Method", "Needs", *(c.capitalize() for c in COLUMNS)]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|", *(row.line() for row in rows)]
    text = DOCUMENT.read_text()
    before, after = text[: text.index(BEGIN) + len(BEGIN)], text[text.index(END) :]
    DOCUMENT.write_text(before + "\n".join(lines) + "\n" + after)


def observed(asker, route, needs):
    """The row as the routes answer."""
    return Row(route.id, tuple(needs), tuple(asker.ask(route, who).word for who in COLUMNS))


def needs_of(asker, route):
    """The capabilities without which a key of an owner is refused; for pages as they declare."""
    if route.is_page:
        return needs_of_page(route.rule)
    needed = [c for c in LABELS if with_scopes(asker, route, without(c)) != "yes"]
    return least(needed)


def least(needed):
    """Of these capabilities those that no other of them includes."""
    return [c for c in needed if not any(c != o and c in closure({o}) for o in needed)]


def without(capability):
    """All scopes but those that include this one."""
    return frozenset(scope for scope in LABELS if capability not in closure({scope}))


# What is for the maker of the row alone, whatever right others have.
FOR_ITS_MAKER = {"api:update_api_key PATCH", "api:rotate_api_key POST"}


def with_scopes(asker, route, scopes):
    """How a key with these scopes only is answered; its maker owns the organisation, no row."""
    world = asker.world
    key = ApiKeyFactory(
        tenant=world.home.tenant,
        user=world.home.owner if route.id in FOR_ITS_MAKER else world.co_owner,
        scopes=sorted(scopes),
        last_used_at=timezone.now(),
    )
    return asker.ask(route, key.token).word


def new_rows(world):
    """The whole table, from nothing but the answers."""
    asker = Asker(world)
    return [observed(asker, route, needs_of(asker, route)) for route in routes()]
