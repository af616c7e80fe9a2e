"""
One-line mutants of a module: its text with one expression changed, each on the lines it was on.

Left alone: annotations and type aliases, what only `TYPE_CHECKING` or `assert_never` sees, the
switches of `@dataclass` and `zip(strict=...)`, and the texts of errors and reports.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

OPPOSITE: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
"""The edge first, then the contrary."""
SWAPPED: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}
SMALL: Final = 10
"""Numbers up to this one get one more and one less."""
UNSEEN: Final = frozenset({"assert_never", "TypeVar", "cast"})
"""Calls that do nothing when the program runs."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """
    A module with one change.

    `line` is where the changed expression begins, `first` and `last` are the lines of what is
    carried out as one with it: the statement, or its head if it has a body. `in_function` says
    that the change is in the body of a function.
    """

    path: str
    line: int
    first: int
    last: int
    operator: str
    before: str
    after: str
    text: str
    in_function: bool

    @property
    def room(self) -> str:
        """The room of `runner/` that its module is in."""
        return self.path.split("/")[1]

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.operator}: {self.before} -> {self.after}"


def mutants_of(path: str, text: str) -> tuple[Mutant, ...]:
    """List all mutants of a module, in the order of its lines."""
    finder = _Finder(path, text)
    finder.visit(ast.parse(text))
    return tuple(sorted(finder.found, key=lambda one: (one.line, one.operator, one.after)))


class _Finder(ast.NodeVisitor):
    """Goes through a module and collects its mutants."""

    def __init__(self, path: str, text: str) -> None:
        self.found: list[Mutant] = []
        self._path = path
        self._lines = text.splitlines(keepends=True)
        self._functions: list[ast.FunctionDef | ast.Lambda] = []
        self._extent = (1, 1)

    def visit(self, node: ast.AST) -> None:
        """Keep in mind which statement it is."""
        if not isinstance(node, ast.stmt | ast.match_case | ast.ExceptHandler):
            super().visit(node)
            return
        before, self._extent = self._extent, _extent(node)
        super().visit(node)
        self._extent = before

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Decorators and defaults belong to what is around the function; annotations are left."""
        for outside in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults):
            if outside is not None:
                self.visit(outside)
        self._functions.append(node)
        for statement in node.body:
            self.visit(statement)
        self._functions.pop()

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """A lambda is a function, and gives no None."""
        self._functions.append(node)
        self.visit(node.body)
        self._functions.pop()

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """The value counts, unless it is a type."""
        alias = isinstance(node.annotation, ast.Name) and node.annotation.id == "TypeAlias"
        if node.value is not None and not alias:
            self.visit(node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Texts are left alone, and up to Python 3.11 their parts have no place."""

    def visit_If(self, node: ast.If) -> None:
        """Turn the condition round."""
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return
        self._negate(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        """Turn the condition round."""
        self._negate(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        """Turn the conditions round."""
        for condition in node.ifs:
            self._negate(condition)
        self.generic_visit(node)

    def visit_match_case(self, node: ast.match_case) -> None:
        """Take the guard away; patterns are left alone."""
        if node.guard is not None:
            self._add("drop guard", node.guard, ast.Constant(value=True))
            self.visit(node.guard)
        for statement in node.body:
            self.visit(statement)

    def visit_Return(self, node: ast.Return) -> None:
        """Give None where that is allowed."""
        function = self._functions[-1]
        given = node.value is not None and not _is_none(node.value)
        if given and isinstance(function, ast.FunctionDef) and _may_give_none(function):
            self._add("return None", node.value, ast.Constant(value=None))
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """Replace each operator."""
        for index, operator in enumerate(node.ops):
            for other in OPPOSITE[type(operator)]:
                changed = copy.deepcopy(node)
                changed.ops[index] = other()
                self._add("comparison", node, changed)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        """Take `and` for `or`, and leave each clause out."""
        changed = copy.deepcopy(node)
        changed.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        self._add("and/or", node, changed)
        for index in range(len(node.values)):
            left = [value for at, value in enumerate(node.values) if at != index]
            rest = ast.BoolOp(op=node.op, values=left) if len(left) > 1 else left[0]
            self._add("drop clause", node, rest)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """Leave `not` out."""
        if isinstance(node.op, ast.Not):
            self._add("drop not", node, node.operand)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Swap functions; leave alone what does nothing when the program runs."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in UNSEEN or ast.unparse(node.func) in {"dataclass", "dataclasses.dataclass"}:
            return
        if name in SWAPPED:
            self._add("swap", node.func, ast.Name(id=SWAPPED[name]))
        for part in (node.func, *node.args):
            self.visit(part)
        for keyword in node.keywords:
            if (name, keyword.arg) != ("zip", "strict"):
                self.visit(keyword)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Turn booleans round, and count one more or one less."""
        value = node.value
        if isinstance(value, bool):
            self._add("boolean", node, ast.Constant(value=not value))
        elif isinstance(value, int) and abs(value) <= SMALL:
            self._add("number", node, ast.Constant(value=value + 1))
            self._add("number", node, ast.Constant(value=value - 1))

    def _negate(self, test: ast.expr) -> None:
        """A single comparison, or a `not`, has a mutant that means this already."""
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            return
        if not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)):
            self._add("negate condition", test, ast.UnaryOp(op=ast.Not(), operand=test))

    def _add(self, operator: str, old: ast.expr, new: ast.expr) -> None:
        after = ast.unparse(new)
        first, last = self._extent
        self.found.append(
            Mutant(
                path=self._path,
                line=old.lineno,
                first=first,
                last=last,
                operator=operator,
                before=ast.unparse(old),
                after=after,
                text=self._replaced(old, after),
                in_function=bool(self._functions),
            )
        )

    def _replaced(self, old: ast.expr, after: str) -> str:
        """Put an expression in the place of another; all lines keep their numbers."""
        first, last = old.lineno - 1, (old.end_lineno or old.lineno) - 1
        # Columns count bytes.
        head = self._lines[first].encode()[: old.col_offset].decode()
        tail = self._lines[last].encode()[old.end_col_offset :].decode()
        changed = f"{head}({after}{chr(10) * (last - first)}){tail}"
        return "".join((*self._lines[:first], changed, *self._lines[last + 1 :]))


def _extent(node: ast.stmt | ast.match_case | ast.ExceptHandler) -> tuple[int, int]:
    """Give the lines that are carried out as one."""
    if isinstance(node, ast.match_case):
        first = node.pattern.lineno
        last = (node.guard.end_lineno if node.guard else None) or first
        return first, last
    body = getattr(node, "body", None) or getattr(node, "cases", None)
    if not body:
        return node.lineno, node.end_lineno or node.lineno
    heads = [
        inner.end_lineno or inner.lineno
        for name, value in ast.iter_fields(node)
        if name not in {"body", "orelse", "finalbody", "handlers", "cases"}
        for item in (value if isinstance(value, list) else [value])
        if isinstance(item, ast.AST)
        for inner in ast.walk(item)
        if isinstance(inner, ast.expr)
    ]
    return node.lineno, max([node.lineno, *heads])


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _may_give_none(function: ast.FunctionDef) -> bool:
    """Say whether None is one of several types that a function gives."""
    kinds = tuple(_members(function.returns)) if function.returns else ()
    return len(kinds) > 1 and any(_is_none(one) for one in kinds)


def _members(kind: ast.expr) -> Iterator[ast.expr]:
    if isinstance(kind, ast.BinOp) and isinstance(kind.op, ast.BitOr):
        yield from _members(kind.left)
        yield from _members(kind.right)
    else:
        yield kind
