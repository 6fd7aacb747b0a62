"""The steps of functions and classes, and of a whole module."""

from __future__ import annotations

import ast

from ..source.names import Definition, Function
from .blocks import Blocks, Way
from .knowledge import holds
from .module import default_of, given_to
from .steps import (
    Const,
    Defined,
    Name,
    Result,
    Step,
    Value,
    may_be_unbound,
    result,
)


class Functions(Blocks):
    """Tells the steps of functions in the place of their calls, and of all that a module runs."""

    def _run_FunctionDef(self, node: Function) -> None:
        if self._is_definition(node):
            self._define(node)
            return
        decorators = self.values(node.decorator_list)
        for annotation in _annotations(node):
            if not self.module.annotations.are_harmless(annotation):
                self.value(annotation)
        value: Value = result(self.function_of(node))
        for decorator in reversed(decorators):
            value = result(self.emit(("call", (False,), ()), [decorator, value], node))
        self.write(node.name, value, node)

    _run_AsyncFunctionDef = _run_FunctionDef

    def _define(self, node: Definition) -> None:
        """Let a definition be there from now on, if what it needs is there."""
        for name in self.module.needed_by[node.name] & self.module.bound:
            if may_be_unbound(self.get((self.top, name))):
                self.demote((self.top, node.name))
        self.write(node.name, Defined(node, node.name), node)

    def _is_definition(self, node: Definition) -> bool:
        return (
            self.frame is self.top
            and self.module.definitions.get(node.name) is node
            and not self.is_boxed((self.top, node.name))
        )

    def function_of(self, node: Function) -> Step:
        """Return what makes a function, with what its decorators or callers can read of it."""
        outer = self.frame
        in_class = outer.node if isinstance(outer.node, ast.ClassDef) else None
        open_to_all = self.module.shows_texts or (in_class is not None and self._shows(in_class))
        is_value = outer.outer is None and node.name in self.module.used_as_values
        texts: tuple[object, ...] = ()
        if node.decorator_list or is_value or open_to_all:
            types = [
                argument.annotation
                for argument in ast.walk(node.args)
                if isinstance(argument, ast.arg)
            ]
            texts = (
                ast.get_docstring(node),
                *(annotation and ast.unparse(annotation) for annotation in (*types, node.returns)),
            )

        def told() -> None:
            self.emit(("return",), [self.body(node)], node)

        return self.function(node, (node.name, self.is_global(node.name), *texts), told)

    def body(self, function: Function) -> Value:
        """Tell the steps of a function's body in the frame that there is; return what it returns."""
        saved = self.returns, self.breaks, self.continues
        block = Step(("block",), (), function, self.loops)
        self.returns, self.breaks, self.continues = Way(block), None, None
        given = self.given
        self.env[given] = Const(function, None)
        start = len(self.trace)
        falls = self.run(self.module.tidied(function.body, ast.Return))
        ends = [*self.returns.ends, *([self.env] if falls else [])]
        if self.returns.ends:
            first = next(
                number
                for number, step in enumerate(self.trace)
                if number >= start and step.leaves(block)
            )
            block.blocks = [self.trace[first:]]
            self.trace[first:] = [block]
        if ends:
            self.env = self.joined(block, ends)
        self.returns, self.breaks, self.continues = saved
        return self.env.get(given) or Const(function, None)

    def expanded(self, name: str, node: ast.Call) -> Value:
        function = self.module.definitions[name]
        assert isinstance(function, ast.FunctionDef)
        given = given_to(function.args, node)
        assert given is not None
        parts = [*node.args, *(word.value for word in node.keywords)]
        values = dict(zip(parts, self.values(parts), strict=True))
        parameters = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        arguments: list[tuple[ast.arg, Value]] = []
        for parameter in parameters:
            value = (
                values[given[parameter.arg]]
                if parameter.arg in given
                else self._default(function, parameter.arg)
            )
            arguments.append((parameter, value))
        outer = self.frame
        self.frame = frame = self.enter(function, self.top)
        for argument, value in arguments:
            self.write(argument.arg, value, argument)
        found = self.body(function)
        passed = [value for _, value in arguments]
        for cell, value in list(self.env.items()):
            if cell[0] is frame:
                released = self.knowledge.is_open(value) and not holds(found, value)
                if released and value not in passed:
                    self.emit(("closed at the end",), [value], function)
                    assert isinstance(value, Result)
                    self.knowledge.close(value.step)
                del self.env[cell]
        self.frame = outer
        return found

    def _default(self, function: ast.FunctionDef, name: str) -> Value:
        """Return a parameter's default, which is the same for all calls."""
        cell = (self.top, f"{function.name} {name}")
        if cell not in self.boxes:
            loops, frame, self.loops, self.frame = self.loops, self.frame, (), self.top
            alone, self.alone = self.alone, True
            value = self.value(default_of(function.args, name))
            self.loops, self.frame, self.alone = loops, frame, alone
            if not isinstance(value, Result):
                return value
            self.boxes[cell] = value
        return self.boxes[cell]

    def _run_ClassDef(self, node: ast.ClassDef) -> None:
        if self._is_definition(node):
            self._define(node)
            return
        decorators = self.values(node.decorator_list)
        value: Value = result(self.class_of(node))
        for decorator in reversed(decorators):
            value = result(self.emit(("call", (False,), ()), [decorator, value], node))
        self.write(node.name, value, node)

    def _shows(self, node: ast.ClassDef) -> bool:
        """Tell whether somebody may read the docstrings and annotations in a class."""
        plain = all(isinstance(self._known(base), Name) for base in node.bases)
        return bool(node.decorator_list) or not plain or self.module.shows_texts

    def _known(self, node: ast.expr) -> Value | None:
        """Return what Python itself gives a name."""
        is_name = isinstance(node, ast.Name) and node.id not in self.module.bound
        return self.initial((self.top, node.id)) if is_name else None  # type: ignore[attr-defined]

    def class_of(self, node: ast.ClassDef) -> Step:
        """Return the step that makes a class, with those of its body."""
        parts = [*node.bases, *(word.value for word in node.keywords)]
        words = tuple(word.arg for word in node.keywords)
        documented = ast.get_docstring(node) if self._shows(node) else None
        starred = tuple(isinstance(base, ast.Starred) for base in node.bases)
        values = [
            self.value(part.value if isinstance(part, ast.Starred) else part) for part in parts
        ]
        step = self.emit(
            ("class", node.name, self.is_global(node.name), words, starred, documented),
            values,
            node,
        )
        outer = self.frame
        self.frame = self.enter(node, outer)
        with self.block(step, surely=True):
            self.run(self.module.tidied(node.body, None))
        self.frame = outer
        return step

    # --- All of it ---------------------------------------------------------------------------

    def whole(self) -> list[Step]:
        """Return the steps of the module."""
        self.run(self.module.tidied(self.module.statements, None))
        while self.trace and self.trace[-1].op[0] == "closed at the end":
            self.trace.pop()
        return self.trace

    def alone_of(self, name: str) -> list[Step]:
        """Return the steps that make a function or class of the module."""
        definition = self.module.definitions[name]
        values = self.values(definition.decorator_list)
        if isinstance(definition, ast.ClassDef):
            made = self.class_of(definition)
        else:
            made = self.function_of(definition)
        self.emit(("defined",), [*values, result(made)], definition)
        return self.trace


def _annotations(node: Function) -> list[ast.expr]:
    arguments = [argument for argument in ast.walk(node.args) if isinstance(argument, ast.arg)]
    return [
        annotation
        for annotation in (*(argument.annotation for argument in arguments), node.returns)
        if annotation
    ]
