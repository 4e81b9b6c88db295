"""Reads in a statement's text why it can't reach beyond the tenants that its parameters name.

Most of what Django writes says of each tenant table which tenant is meant: by a condition on its
`tenant_id`, or by a foreign key to or from a row for which that holds (those are composite with
the tenant, tests/architecture/test_composite_keys.py). Where that can be read off, the statement
needn't be run a second time. What isn't understood here is not proven, and so compared.
"""

import re
from dataclasses import dataclass
from functools import cache

from sqlglot import parse_one
from sqlglot.errors import SqlglotError

from tests.row_security.reading import TENANT, Reading, Unknown

_LIST = re.compile(r"%s(?:, %s)*")
_VALUE = r"(?:%s(?:::[a-z0-9_]+(?:\[\])?)?|NULL)"
_INSERT = re.compile(
    r'INSERT INTO "\w+" \((?P<columns>[^()]+)\) '
    rf"(?:VALUES \((?P<values>{_VALUE}(?:, {_VALUE})*)\)"
    r"|SELECT \* FROM UNNEST\((?P<arrays>(?:\(%s\)::[a-z0-9_(), ]+?\[\](?:, )?)+)\))"
    r'(?: ON CONFLICT DO NOTHING)?(?: RETURNING [\w", .]+)?$'
)


@dataclass(frozen=True)
class Proof:
    """The statement keeps to the proven tenants where these parameters name such, and so do these
    columns of its result. Where there are `ids`, nothing is proven, but a write is of these rows
    at most."""

    parameters: tuple = ()
    columns: tuple = ()
    ids: tuple = ()

    def holds(self, params, tenants):
        """Whether the parameters name tenants of these."""
        return not self.ids and all(_values(params[at]) <= tenants for at in self.parameters)

    def is_of_one(self, params):
        """Whether a write means one id at most."""
        return len(self.ids) == 1 and len(_values(params[self.ids[0]])) == 1


def _values(value):
    return {str(one) for one in (value if isinstance(value, list | tuple) else [value])}


@cache
def of(text):
    """The proof of this statement; None where there is none."""
    if found := _INSERT.match(text):
        return _of_insert(found)
    groups, marked = _numbered(text)
    try:
        return _of_reading(Reading(parse_one(marked, read="postgres")), groups)
    except (SqlglotError, Unknown):
        return None


def _of_reading(reading, groups):
    def places(numbers):
        return tuple(at for number in numbers for at in groups[number - 1])

    if kept := reading.keeps_to():
        return Proof(places(kept[0]), kept[1])
    ids = reading.ids()
    return Proof(ids=places([ids])) if ids else None


def _of_insert(found):
    columns = [name.strip(' "') for name in found["columns"].split(",")]
    values = re.findall("%s|NULL", found["values"] or found["arrays"])
    if TENANT not in columns or len(values) != len(columns):
        return None
    at = columns.index(TENANT)
    return Proof(parameters=(values[:at].count("%s"),)) if values[at] == "%s" else None


def _numbered(text):
    """Lists of parameters made one each, so that their length makes no other statement; and which
    of the parameters each of these stands for."""
    groups = []

    def number(found):
        at = groups[-1].stop if groups else 0
        groups.append(range(at, at + found[0].count("%s")))
        return f"${len(groups)}"

    marked = _LIST.sub(number, text)
    return groups, marked.replace("%%", "%")
