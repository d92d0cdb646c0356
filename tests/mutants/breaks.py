"""Where a module can be broken by one token, and how: comparisons, arithmetic, logic, numbers and results.

Texts are left as they are, since most of them are messages, and so is whatever runs only while a module is loaded.
"""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_NAMED = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Break:
    """A module's text with one token changed: the line it is in, and the statement before and after."""

    line: int
    before: str
    after: str
    text: str


def breaks(text: str) -> list[Break]:
    """Return every break of the module `text`, in the order of its lines."""
    tree = ast.parse(text)
    found = []
    for path, statement in _statements(tree):
        for number in range(sum(1 for _ in _changes(statement))):
            changed = copy.deepcopy(tree)
            broken = _at(changed, path)
            line = _change(broken, number)
            found.append(Break(line, _head(statement), _head(broken), ast.unparse(changed)))
    return found


def _statements(tree: ast.Module) -> Iterator[tuple[tuple[int, ...], ast.stmt]]:
    """Yield each function, with its path of numbers from the top."""
    for number, node in enumerate(tree.body):
        yield from _functions(node, (number,))


def _functions(node: ast.stmt, path: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], ast.stmt]]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        for number, statement in enumerate(node.body):
            yield from _inner(statement, (*path, number))
    elif isinstance(node, ast.ClassDef):
        for number, statement in enumerate(node.body):
            yield from _functions(statement, (*path, number))


def _inner(statement: ast.stmt, path: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], ast.stmt]]:
    if not isinstance(statement, ast.Assert):
        yield path, statement


def _at(tree: ast.Module, path: tuple[int, ...]) -> ast.stmt:
    node: ast.stmt = tree.body[path[0]]
    for number in path[1:]:
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        node = node.body[number]
    return node


def _changes(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield each node of `statement` that can be changed, annotations and the pieces of texts excepted."""
    todo: list[ast.AST] = [statement]
    while todo:
        node = todo.pop(0)
        if _can_change(node):
            yield node
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns") or isinstance(node, ast.JoinedStr):
                continue
            children = value if isinstance(value, list) else [value]
            todo.extend(child for child in children if isinstance(child, ast.AST))


def _can_change(node: ast.AST) -> bool:
    match node:
        case ast.Compare(ops=[operator, *_]):
            return type(operator) in _COMPARED
        case ast.BinOp():
            return type(node.op) in _COUNTED
        case ast.AugAssign():
            return type(node.op) in _COUNTED
        case ast.BoolOp() | ast.UnaryOp(op=ast.Not()) | ast.IfExp() | ast.Continue():
            return True
        case ast.Constant(value=bool() | int()):
            return True
        case ast.Name(id=name):
            return name in _NAMED
        case ast.Return(value=value):
            return value is not None and not (isinstance(value, ast.Constant) and value.value is None)
    return False


def _change(statement: ast.stmt, number: int) -> int:
    """Change the node `number` of `statement`, and return its line."""
    node = list(_changes(statement))[number]
    match node:
        case ast.Compare():
            node.ops[0] = _COMPARED[type(node.ops[0])]()
        case ast.BinOp() | ast.AugAssign():
            node.op = _COUNTED[type(node.op)]()
        case ast.BoolOp():
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case ast.UnaryOp():
            node.op = ast.UAdd()
            _replace(statement, node, ast.Call(ast.Name("bool", ast.Load()), [node.operand], []))
        case ast.IfExp():
            node.body, node.orelse = node.orelse, node.body
        case ast.Continue():
            _replace(statement, node, ast.Break())
        case ast.Constant(value=bool() as value):
            node.value = not value
        case ast.Constant(value=int() as value):
            node.value = value + 1
        case ast.Name():
            node.id = _NAMED[node.id]
        case ast.Return():
            node.value = ast.Constant(None)
    ast.fix_missing_locations(statement)
    return int(getattr(node, "lineno", 0))


def _replace(statement: ast.stmt, old: ast.AST, new: ast.AST) -> None:
    for node in ast.walk(statement):
        for name, value in ast.iter_fields(node):
            if value is old:
                setattr(node, name, ast.copy_location(new, old))
            elif isinstance(value, list) and any(item is old for item in value):
                setattr(node, name, [ast.copy_location(new, old) if item is old else item for item in value])


def _head(statement: ast.stmt) -> str:
    """Return the statement on one line, shortened."""
    return " ".join(ast.unparse(statement).split())
