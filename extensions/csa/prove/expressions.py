"""The steps of expressions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from ..source.effects import EMPTY, PURE_CALLS
from ..source.names import Function, in_scope
from .module import given_to
from .scopes import Frame, all_parameters, body_of
from .steps import Const, Defined, Imported, Name, Step, Value, result
from .trace import Env
from .values import Values, op_of


class Expressions(Values):
    """Tells the steps of calls, of comprehensions, and of functions that are made."""

    def _Call(self, node: ast.Call) -> Value:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if self._is_expanded(name, node):
            return self.expanded(name, node)
        called = self.value(node.func)
        parts = [*node.args, *(word.value for word in node.keywords)]
        values = self.values(
            [part.value if isinstance(part, ast.Starred) else part for part in parts]
        )
        starred = tuple(isinstance(argument, ast.Starred) for argument in node.args)
        words = tuple(word.arg for word in node.keywords)
        if isinstance(called, Defined) and called.name in self.kept:
            function = self.module.definitions[called.name]
            given = given_to(function.args, node) if isinstance(function, Function) else None
            if given is not None:
                by_node = dict(zip(parts, values, strict=True))
                words, starred = tuple(sorted(given)), ()
                values = [by_node[given[word]] for word in sorted(given)]
        if self._makes(called, values, words, starred):
            op = ("call", starred, words)
            if isinstance(called, Imported) and called.dotted == "argparse.Namespace":
                return self.make(("namespace", *map(str, words)), values, node, "object")
            return self.made(op, [called, *values], node, "object")
        return result(self.emit(("call", starred, words), [called, *values], node))

    def _makes(
        self,
        called: Value,
        values: Sequence[Value],
        words: Sequence[str | None],
        starred: Sequence[bool],
    ) -> bool:
        """Tell whether a call does nothing but make something."""
        if None in words or any(starred) or "*" in self.module.bound:
            return False
        if isinstance(called, Name):
            return called.name in EMPTY and not values
        if not isinstance(called, Imported) or not self.module.library.is_fixed(called.dotted):
            return False
        if called.dotted == "argparse.Namespace":
            return len(words) == len(values)
        plain = all(isinstance(value, (Const, Name)) for value in values)
        return (called.dotted in PURE_CALLS and plain) or (called.dotted in EMPTY and not values)

    def _is_expanded(self, name: str, call: ast.Call) -> bool:
        """Tell whether a function's statements stand for its call here."""
        if name in self.kept or name not in self.module.definitions or self._is_hidden(name):
            return False
        there = self.alone or isinstance(self.get((self.top, name)), Defined)
        if not there or self.is_boxed((self.top, name)) or name not in self.module.expandable:
            return False
        return given_to(self.module.definitions[name].args, call) is not None  # type: ignore[union-attr]

    def _is_hidden(self, name: str) -> bool:
        return any(name in frame.local for frame in self._frames())

    def expanded(self, name: str, node: ast.Call) -> Value:
        """Tell the steps of a function of the module in the place of its call."""
        raise NotImplementedError

    # --- What runs any number of times, or later -----------------------------------------------

    def _ListComp(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> Value:
        first = self.value(node.generators[0].iter)
        step = self.emit((*op_of(node), bool(node.generators[0].is_async)), [first], node)
        self.frame = self.enter(node, self.frame)
        self._rounds(node, 0, step)
        assert self.frame.outer is not None
        self.frame = self.frame.outer
        return result(step)

    _SetComp = _DictComp = _ListComp

    def _rounds(
        self,
        node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp,
        number: int,
        step: Step,
    ) -> None:
        generator = node.generators[number]

        def told() -> bool:
            self.assign(generator.target, result(step, "item"), node)
            return self._filtered(node, number, list(generator.ifs))

        none: list[Env] = []
        self.repeated(step, [node], told, lambda: none)

    def _filtered(
        self,
        node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp,
        number: int,
        tests: list[ast.expr],
    ) -> bool:
        if tests:
            step = self.emit(("if",), [self.value(tests[0])], node)
            return self.ways(step, [lambda: self._filtered(node, number, tests[1:])], first=True)
        if number + 1 < len(node.generators):
            generator = node.generators[number + 1]
            iterated = self.value(generator.iter)
            step = self.emit(("rounds", bool(generator.is_async)), [iterated], node)
            self._rounds(node, number + 1, step)
        elif isinstance(node, ast.DictComp):
            self.emit(("item",), self.values([node.key, node.value]), node)
        else:
            self.emit(("item",), [self.value(node.elt)], node)
        return True

    def assign(self, target: ast.expr, value: Value, node: ast.AST) -> None:
        """Give a target a value."""
        raise NotImplementedError

    def _GeneratorExp(self, node: ast.GeneratorExp) -> Value:
        if node in self.module.at_once:
            return self._ListComp(node)
        first = result(self.emit(("iterate",), [self.value(node.generators[0].iter)], node))
        step = Step(
            (*op_of(node), bool(node.generators[0].is_async)), (first,), node, self.loops, "object"
        )
        self.knowledge.escape(first)
        frame = self.enter(node, self.frame)
        self.later(step, frame, lambda: self._rounds(node, 0, step))
        return result(step)

    def _Lambda(self, node: ast.Lambda) -> Value:
        def told() -> None:
            self.emit(("give",), [self.value(node.body)], node)

        return result(self.function(node, (), told))

    def function(
        self, node: Function | ast.Lambda, op: tuple[object, ...], run: Callable[[], None]
    ) -> Step:
        """Return what makes a function: its parameters, their defaults, and the steps of its body."""
        arguments = node.args
        defaults = [*arguments.defaults, *(default for default in arguments.kw_defaults if default)]
        kinds = tuple(
            tuple(argument.arg for argument in some)
            for some in (arguments.posonlyargs, arguments.args, arguments.kwonlyargs)
        )
        more = tuple(argument and argument.arg for argument in (arguments.vararg, arguments.kwarg))
        given = tuple(default is not None for default in arguments.kw_defaults)
        values = self.values(defaults)
        for value in values:
            self.knowledge.escape(value)
        yields = any(
            isinstance(inner, (ast.Yield, ast.YieldFrom))
            for part in body_of(node)
            for inner in in_scope(part)
        )
        types = tuple(map(ast.dump, getattr(node, "type_params", ())))
        op = (type(node).__name__, kinds, more, len(arguments.defaults), given, yields, types, *op)
        step = Step(op, tuple(values), node, self.loops, "object")
        frame = self.enter(node, self.frame)

        def told() -> None:
            for number, argument in enumerate(all_parameters(arguments)):
                self.write(argument.arg, result(step, number), argument)
            run()

        self.later(step, frame, told)
        return step

    def later(self, step: Step, frame: Frame, run: Callable[[], None]) -> None:
        """Tell the steps of what a step makes, which may run at any time, and more than once."""
        saved = (
            self.frame, self.env, self.trace, self.loops, self.conditions, self.watched, self.since,
        )  # fmt: skip
        self.frame, self.env, self.trace = frame, dict(self.env), []
        step.blocks.append(self.trace)
        self.loops, self.conditions, self.watched = (*self.loops, step), [step], []
        frame.loops = self.loops
        self.since = frame.number
        run()
        (
            self.frame, self.env, self.trace, self.loops, self.conditions, self.watched, self.since,
        ) = saved  # fmt: skip

    def _NamedExpr(self, node: ast.NamedExpr) -> Value:
        value = self.value(node.value)
        self.assign(node.target, value, node)
        return value
