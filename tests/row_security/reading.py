"""A statement's tables, and what its conditions say of their tenants."""

from dataclasses import dataclass
from functools import cache

from django.apps import apps
from sqlglot import exp

from tenants.models import Tenant, TenantForeignKey
from tests.row_security import policies

TENANT = "tenant_id"
_KNOWN = {
    "expressions", "from_", "joins", "where", "group", "having", "order", "limit", "offset",
    "distinct", "locks",
}  # fmt: skip


class Unknown(Exception):
    """The statement has a form of which nothing is said here."""


@dataclass(eq=False)
class _Table:
    """One table in one FROM; whether only its rows of the named tenants can matter."""

    name: str
    scope: exp.Expression
    inner: exp.Expression | None = None  # the SELECT in the place of a table
    is_bound: bool = False


class Reading:
    """A statement's tables, and what its conditions say of their tenants."""

    def __init__(self, statement):
        if not isinstance(statement, exp.Select | exp.SetOperation | exp.Update | exp.Delete):
            raise Unknown
        self.statement = statement
        self.tables = {}  # by SELECT and the name there
        self.facts = []  # (tables that it may bind, condition)
        self.parameters = set()
        for scope in statement.find_all(exp.Select, exp.Update, exp.Delete, exp.SetOperation):
            self._read(scope)
        here = sum(not table.inner for table in self._all())
        locked = sum(len(lock.expressions) for lock in statement.find_all(exp.Lock))
        if len(list(statement.find_all(exp.Table))) != here + locked:
            raise Unknown  # a table that no FROM here has

    def keeps_to(self):
        """The numbers of the parameters and the columns of the result that tell the tenant of every
        table; None where a table is left open."""
        self._bind()
        columns = self._shown() if isinstance(self.statement, exp.Select) else ()
        is_closed = all(table.is_bound or table.name not in _owned() for table in self._all())
        return (sorted(self.parameters), columns) if is_closed else None

    def ids(self):
        """The number of the parameter of ids by which rows are written."""
        if not isinstance(self.statement, exp.Update | exp.Delete):
            return None
        for condition in _conjuncts(self.statement.args.get("where")):
            table = self._table(condition.this) if isinstance(condition, exp.EQ | exp.In) else None
            if table and table.scope is self.statement and condition.this.name == "id":
                listed = condition.args.get("expressions") or [condition.args.get("expression")]
                return _parameter(listed[0], or_none=True) if len(listed) == 1 else None
        return None

    def _all(self):
        return [table for named in self.tables.values() for table in named.values()]

    # ── What is there ─────────────────────────────────────────────────────────────────────────

    def _read(self, scope):
        named = self.tables[id(scope)] = {}
        conditions = _conjuncts(scope.args.get("where"))
        if isinstance(scope, exp.SetOperation):
            if scope.args.get("with_"):
                raise Unknown
        elif isinstance(scope, exp.Select):
            if any(value for name, value in scope.args.items() if name not in _KNOWN):
                raise Unknown
            self._add(named, scope, scope.args.get("from_"))
            for join in scope.args.get("joins") or ():
                self._add(named, scope, join)
                on = _conjuncts(join.args.get("on"))
                if join.side == "LEFT":
                    joined = named.get(join.this.alias_or_name)
                    self.facts += [([joined], condition) for condition in on if joined]
                elif join.side or join.args.get("using") or join.args.get("method"):
                    raise Unknown
                else:
                    conditions += on
        else:
            self._read_write(named, scope)
        self.facts += [(list(named.values()), condition) for condition in conditions]

    def _read_write(self, named, scope):
        if any(scope.args.get(name) for name in ("with_", "from_", "using", "order", "limit")):
            raise Unknown
        named[scope.this.alias_or_name] = _Table(scope.this.name, scope)
        for put in scope.args.get("expressions") or ():
            if put.this.name == TENANT:
                self.parameters.add(_parameter(put.expression))

    def _add(self, named, scope, place):
        relation = place and place.this
        if isinstance(relation, exp.Table) and isinstance(relation.this, exp.Identifier):
            if relation.args.get("joins"):
                raise Unknown
            named[relation.alias_or_name] = _Table(relation.name, scope)
        elif isinstance(relation, exp.Subquery):
            self._add_derived(named, scope, relation)
        elif relation:
            raise Unknown

    def _add_derived(self, named, scope, relation):
        """What passes on columns of one table is as good as that."""
        inner = relation.this
        if not isinstance(inner, exp.Select):
            raise Unknown
        source = inner.args.get("from_") and inner.args["from_"].this
        is_plain = isinstance(source, exp.Table) and not inner.args.get("joins")
        if is_plain and all(type(column) is exp.Column for column in inner.expressions):
            named[relation.alias_or_name] = _Table(source.name, scope, inner)

    # ── What follows ──────────────────────────────────────────────────────────────────────────

    def _bind(self):
        """Follow the conditions until they say no more."""
        while any(self._bound_by(tables, condition) for tables, condition in self.facts):
            for table in self._all():
                if table.inner:
                    (source,) = self.tables[id(table.inner)].values()
                    table.is_bound = table.is_bound or source.is_bound

    def _bound_by(self, tables, condition):
        """Whether the condition bound one of these tables that wasn't."""
        if isinstance(condition, exp.EQ):
            one, other = condition.this.unnest(), condition.expression.unnest()
            sides = [(one, other), (other, one)]
        elif isinstance(condition, exp.In) and condition.args.get("query"):
            inner = condition.args["query"].this
            if not isinstance(inner, exp.Select) or len(inner.expressions) != 1:
                return False
            sides = [(condition.this, inner.expressions[0].unalias())]
        elif isinstance(condition, exp.In) and len(condition.expressions) == 1:
            sides = [(condition.this, condition.expressions[0])]
        else:
            return False
        return any(self._bound_from(tables, *side) for side in sides)

    def _bound_from(self, tables, column, other):
        table = self._table(column)
        if table is None or table.is_bound or not any(table is one for one in tables):
            return False
        if isinstance(other, exp.Column):
            source = self._table(other)
            tied = source and source.is_bound and _tied(table, column.name, source, other.name)
            table.is_bound = bool(tied)
        elif _is_tenant(table, column.name) and (number := _parameter(other, or_none=True)):
            self.parameters.add(number)
            table.is_bound = True
        return table.is_bound

    def _table(self, column):
        """The table of a column, looked up from the inside out."""
        if not isinstance(column, exp.Column):
            return None
        scope = column
        while scope := scope.parent:
            named = self.tables.get(id(scope), {})
            if column.table in named:
                return named[column.table]
            if not column.table and named:
                (only, *others) = named.values()
                return only if not others and column.name in _columns(only.name) else None
        return None

    def _shown(self):
        """Columns of the result that tell the tenant of tables about which nothing else does.

        Only where each row of the result is one of theirs.
        """
        top = self.statement
        shown = {}
        for at, column in enumerate(top.expressions):
            table = self._table(column)
            if table and table.scope is top and not table.is_bound and column.name == TENANT:
                shown.setdefault(id(table), (table, at))
        condensing = any(top.args.get(name) for name in ("group", "having", "offset")) or any(
            node.parent_select is top for node in top.find_all(exp.AggFunc, exp.Window)
        )
        if condensing or any(isinstance(e, exp.Star) or e.is_star for e in top.expressions):
            return ()
        for table, _ in shown.values():
            table.is_bound = table.name in _owned()
        self._bind()
        return tuple(at for _, at in shown.values())


def _conjuncts(node):
    """The conditions that must all hold."""
    if isinstance(node, exp.Where | exp.Paren):
        return _conjuncts(node.this)
    if isinstance(node, exp.And):
        return [*_conjuncts(node.this), *_conjuncts(node.expression)]
    return [node] if node else []


def _parameter(node, *, or_none=False):
    """The number of a parameter, perhaps with a type."""
    while isinstance(node, exp.Cast | exp.Paren):
        node = node.this
    if isinstance(node, exp.Parameter):
        return int(node.name)
    if or_none:
        return None
    raise Unknown


@cache
def _owned():
    return frozenset(policies.tables())


@cache
def _columns(table):
    models = [model for model in apps.get_models() if model._meta.db_table == table]
    return {field.column for model in models for field in model._meta.concrete_fields}


@cache
def _targets():
    """What the composite foreign keys point at: (table, column) → table."""
    return {
        (model._meta.db_table, field.column): field.related_model._meta.db_table
        for model in apps.get_models()
        if model._meta.db_table in _owned()
        for field in model._meta.concrete_fields
        if isinstance(field, TenantForeignKey)
    }


def _is_tenant(table, column):
    is_itself = table.name == Tenant._meta.db_table and column == "id"
    return is_itself or (table.name in _owned() and column == TENANT)


def _tied(one, column, other, others_column):
    """Whether rows with these columns equal are of one tenant."""
    if _is_tenant(one, column) and _is_tenant(other, others_column):
        return True
    ends = [
        _targets().get((table.name, name), table.name if name == "id" else None)
        for table, name in ((one, column), (other, others_column))
    ]
    return ends[0] is not None and ends[0] == ends[1] and ends[0] in _owned()
