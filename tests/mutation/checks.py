"""Finds every check in a module's syntax tree, and makes of each the variants without it.

A check is what can say no: a condition, an operand of `and`/`or`/`|`/`&`/`-`, a keyword of a
`filter`, a truth that a function returns, a `raise`, a decorator, a call made for its refusal
alone, an attribute that is set, the bounds of a slice.
"""

import ast
import copy
from dataclasses import dataclass, field

TRUE, FALSE = ast.Constant(True), ast.Constant(False)
NARROWING = {"filter", "exclude", "get", "Q", "first", "exists"}
# What a decorator says of a function's form, not of who may call it.
FORMAL = {
    "classmethod",
    "staticmethod",
    "property",
    "dataclass",
    "wraps",
    "contextmanager",
    "cache",
}
JOINING = ast.BitOr | ast.BitAnd | ast.Sub


@dataclass(frozen=True)
class Mutant:
    """One module with one check changed. Its `name` outlives changes elsewhere in the module."""

    path: str
    line: int
    end: int
    name: str
    module: ast.Module = field(repr=False, compare=False)
    place: int = field(repr=False, compare=False)
    new: ast.AST = field(repr=False, compare=False)

    @property
    def tree(self):
        return _put(self.module, self.place, self.new)

    @property
    def function(self):
        """Its qualified name, or "module"."""
        return self.name.partition(": ")[0]

    @property
    def source(self):
        return ast.unparse(self.tree)


def mutants(path, source):
    """Every variant of a module, in the order of its lines."""
    tree = ast.parse(source)
    places = {id(inner): name for name, node in _functions(tree) for inner in ast.walk(node)}
    ignored = _ignored(tree)
    returns = {
        id(statement): node
        for _, node in _functions(tree)
        for statement in ast.walk(node)
        if isinstance(statement, ast.Return) and _is_truth(node)
    }
    found, names = [], {}
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in ignored:
            continue
        for new in _without(node, is_truth=id(node) in returns):
            before, after = _told(node), _told(new)
            if before == after:
                continue
            name = f"{places.get(id(node), 'module')}: {before} → {after}"
            names[name] = names.get(name, 0) + 1
            name += f" #{names[name]}" if names[name] > 1 else ""
            found.append(Mutant(path, node.lineno, _end(node), name, tree, number, new))
    return sorted(found, key=lambda mutant: (mutant.line, mutant.name))


def _functions(tree, above=""):
    """(qualified name, function) from the outside in, so that the innermost name wins."""
    for node in ast.iter_child_nodes(tree):
        named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        name = f"{above}.{node.name}".lstrip(".") if named else above
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield name, node
        yield from _functions(node, name)


def _ignored(tree):
    """Annotations, protocols and what is for type checkers only: nothing of it runs."""
    roots = []
    for node in ast.walk(tree):
        roots += [getattr(node, "annotation", None), getattr(node, "returns", None)]
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            roots.append(node)
        if isinstance(node, ast.ClassDef) and "Protocol" in ast.dump(ast.List(node.bases)):
            roots.append(node)
    return {id(inner) for root in roots if root for inner in ast.walk(root)}


def _is_truth(function):
    return isinstance(function.returns, ast.Name) and function.returns.id == "bool"


def _told(node):
    """A node in one line, a block by its head."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return " ".join(f"@{ast.unparse(d)}" for d in node.decorator_list) or "no decorator"
    if isinstance(node, ast.If | ast.While):
        return f"if {ast.unparse(node.test)}"
    return " ".join(ast.unparse(node).split())


def _end(node):
    """The last line that tells whether the node was reached: of a block its head's."""
    head = getattr(node, "test", None) if isinstance(node, ast.If | ast.While) else node
    return node.lineno if isinstance(node, ast.FunctionDef | ast.ClassDef) else head.end_lineno


def _changed(node, **fields):
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _without(node, *, is_truth):
    """The variants of one node."""
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        yield from (_changed(node, test=value) for value in (TRUE, FALSE))
    elif isinstance(node, ast.stmt):
        yield from _without_statement(node, is_truth=is_truth)
    elif isinstance(node, ast.BoolOp):
        yield from _without_operand(node)
    else:
        yield from _without_part(node)


def _without_operand(node):
    for dropped in node.values:
        rest = [value for value in node.values if value is not dropped]
        yield rest[0] if len(rest) == 1 else _changed(node, values=rest)


def _without_part(node):
    match node:
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            yield from _without_condition(node)
        case ast.UnaryOp(op=ast.Not() | ast.Invert()):
            yield node.operand
        case ast.BinOp(op=op) if isinstance(op, JOINING):
            yield node.left
            if not isinstance(op, ast.Sub):
                yield node.right
        case ast.Call():
            yield from _without_argument(node)
        case ast.Subscript(slice=ast.Slice()):
            yield _changed(node, slice=ast.Slice())


def _without_condition(node):
    for at, part in enumerate(node.generators):
        for condition in part.ifs:
            rest = [other for other in part.ifs if other is not condition]
            generators = [*node.generators]
            generators[at] = _changed(part, ifs=rest)
            yield _changed(node, generators=generators)


def _without_argument(node):
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if called == "none" and isinstance(node.func, ast.Attribute) and not node.args:
        yield node.func.value
    if called not in NARROWING:
        return
    for keyword in node.keywords:
        yield _changed(node, keywords=[other for other in node.keywords if other is not keyword])
    if called != "get":
        for argument in node.args:
            yield _changed(node, args=[other for other in node.args if other is not argument])


def _without_statement(node, *, is_truth):
    match node:
        case ast.Raise() | ast.Expr(value=ast.Call()) | ast.Assign(targets=[ast.Attribute()]):
            yield ast.Pass()
        case ast.AugAssign(op=op) if isinstance(op, JOINING):
            yield ast.Pass()
            yield ast.Assign([node.target], node.value, lineno=node.lineno)
        case ast.Return() if is_truth:
            yield from (_changed(node, value=value) for value in (TRUE, FALSE))
        case ast.FunctionDef() | ast.ClassDef():
            yield from _without_decorator(node)


def _without_decorator(node):
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if ast.unparse(called).split(".")[-1] not in FORMAL:
            rest = [other for other in node.decorator_list if other is not decorator]
            yield _changed(node, decorator_list=rest)


class _Putting(ast.NodeTransformer):
    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else super().visit(node)


def _put(tree, number, new):
    fresh = copy.deepcopy(tree)
    old = next(node for at, node in enumerate(ast.walk(fresh)) if at == number)
    put = ast.copy_location(copy.deepcopy(new), old)
    return ast.fix_missing_locations(_Putting(old, put).visit(fresh))
