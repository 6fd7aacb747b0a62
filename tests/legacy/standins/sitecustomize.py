"""Stand-ins for third-party modules: what a script does with them is logged, nothing else happens.

Python imports this file at its start when PYTHONPATH names the folder. From then on an import that
is neither of the standard library nor found beside the script gives a module of recorders, even
where the real one is installed. Every import, call, assignment, iteration, await and `with` is a
line of the file that the environment variable CALL_LOG names. Recorders have no ids, no times and
no order of their own, so that two runs of the same script log the same lines.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import operator
import os
import re
import sys
import sysconfig
import types
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from typing import Any

LOG = os.environ.get("CALL_LOG", os.devnull)
STDLIB = sysconfig.get_path("stdlib")
ONLY_FOR = os.environ.get("STANDINS_ONLY_FOR")
"""A package's folder: then its own code alone, but for its tests, gets stand-ins."""
AT_START = dict(os.environ)
SIZE = 3
"""How many items a recorder has, and its value as a number."""

STARS = {
    "pyatlan.model.assets": ["Asset", "Column", "Database", "Schema", "Table", "View"],
    "pyatlan.model.enums": ["AtlanConnectorType", "CertificateStatus"],
}
"""What `from … import *` brings."""


def log(line: str) -> None:
    with open(LOG, "a", encoding="utf-8", errors="backslashreplace") as lines:
        lines.write(line.replace("\n", "\\n") + "\n")


def show(value: Any) -> str:
    """Return the repr of a value without ids and without the place of a definition."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{show(key)}: {show(item)}" for key, item in value.items()) + "}"
    if type(value) in (list, tuple):
        items = ", ".join(map(show, value))
        return f"[{items}]" if isinstance(value, list) else f"({items})"
    if isinstance(value, types.MethodType):
        return f"<method {value.__name__} of {show(value.__self__)}>"
    if isinstance(value, (types.FunctionType, types.GeneratorType, types.CoroutineType, type)):
        return f"<{type(value).__name__} {value.__name__}>"
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))


def arguments(args: Sequence[Any], kwargs: dict[str, Any]) -> str:
    named = [f"{name}={show(value)}" for name, value in sorted(kwargs.items())]
    return ", ".join([*map(show, args), *named])


def is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def is_definition(value: object) -> bool:
    """Whether a call with this argument alone is taken for a decoration."""
    if isinstance(value, types.FunctionType):
        return value.__name__ != "<lambda>"
    return (
        isinstance(value, type)
        and value.__module__ != "builtins"
        and not issubclass(value, BaseException)
    )


class Recorder:
    """Something of a third-party module, or what came of it; its repr says what."""

    def __init__(self, path: str) -> None:
        self.__dict__["_path"] = path
        self.__dict__["_items"] = {}

    def __repr__(self) -> str:
        return str(self._path)

    def __format__(self, spec: str) -> str:
        try:
            return format(self._path, spec)
        except ValueError:
            return format(SIZE, spec)

    def __hash__(self) -> int:
        return hash(self._path)

    def __eq__(self, other: object) -> bool:
        return bool(self._compare(operator.eq, other))

    def _compare(self, operation: Callable[[Any, Any], bool], other: object) -> bool:
        theirs = other._path if isinstance(other, Recorder) else other
        mine = SIZE if isinstance(other, (int, float)) else self._path
        try:
            return operation(mine, theirs)
        except TypeError:
            return False

    def __getattr__(self, name: str) -> Any:
        if is_dunder(name) or name in ("_path", "_items"):
            raise AttributeError(name)
        return self.__dict__.setdefault(name, make(f"{self._path}.{name}"))

    def __setattr__(self, name: str, value: object) -> None:
        log(f"{self._path}.{name} = {show(value)}")
        self.__dict__[name] = value

    def __delattr__(self, name: str) -> None:
        log(f"del {self._path}.{name}")
        self.__dict__.pop(name, None)

    def __getitem__(self, key: Any) -> Any:
        name = show(key)
        return self._items.setdefault(name, Recorder(f"{self._path}[{name}]"))

    def __setitem__(self, key: Any, value: object) -> None:
        log(f"{self._path}[{show(key)}] = {show(value)}")
        self._items[show(key)] = value

    def __delitem__(self, key: Any) -> None:
        log(f"del {self._path}[{show(key)}]")
        self._items.pop(show(key), None)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        log(f"{self._path}({arguments(args, kwargs)})")
        if self._path in BEHAVIOURS:
            return BEHAVIOURS[self._path](*args, **kwargs)
        if len(args) == 1 and not kwargs and is_definition(args[0]):
            return args[0]
        return Recorder(f"{self._path}()")

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return (type(self._path.rpartition(".")[2], (Base,), {}),)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, (Recorder, Base))

    def __subclasscheck__(self, subclass: type) -> bool:
        return issubclass(subclass, Base)

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        return SIZE

    __index__ = __int__ = __len__

    def __float__(self) -> float:
        return float(SIZE)

    def __contains__(self, item: object) -> bool:
        log(f"{show(item)} in {self._path}")
        return False

    def __iter__(self) -> Iterator[Any]:
        log(f"for … in {self._path}")
        for number in range(SIZE):
            yield self[number]

    async def __aiter__(self) -> AsyncIterator[Any]:
        log(f"async for … in {self._path}")
        for number in range(SIZE):
            yield self[number]

    def __await__(self) -> Generator[None, None, Recorder]:
        log(f"await {self._path}")
        return self
        yield  # makes this a generator

    def __enter__(self) -> Any:
        log(f"with {self._path}")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        log(f"end of with {self._path}: {kind and kind.__name__}")

    async def __aenter__(self) -> Any:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.__exit__(kind)


def _add_operators() -> None:
    def ordering(operation: Callable[[Any, Any], bool]) -> Callable[[Recorder, object], bool]:
        return lambda self, other: self._compare(operation, other)

    def binary(sign: str) -> Callable[[Recorder, object], Recorder]:
        return lambda self, other: Recorder(f"({self!r} {sign} {show(other)})")

    def reflected(sign: str) -> Callable[[Recorder, object], Recorder]:
        return lambda self, other: Recorder(f"({show(other)} {sign} {self!r})")

    for name in ("lt", "le", "gt", "ge"):
        setattr(Recorder, f"__{name}__", ordering(getattr(operator, name)))
    signs = {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "mod": "%", "or": "|", "and": "&"}
    for name, sign in signs.items():
        setattr(Recorder, f"__{name}__", binary(sign))
        setattr(Recorder, f"__r{name}__", reflected(sign))


_add_operators()


class Base:
    """The base of a script's class that derives from a recorder."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        log(f"{type(self).__name__}({arguments(args, kwargs)})")
        self.__dict__.update(kwargs)

    def __getattr__(self, name: str) -> Any:
        if is_dunder(name):
            raise AttributeError(name)
        return make(f"{type(self).__name__}.{name}")


_made: dict[str, type[Exception]] = {}


def make(path: str) -> Any:
    """Return the recorder of a path, or an exception where the name is one's: `except` needs it."""
    name = path.rpartition(".")[2]
    if not re.fullmatch(r"[A-Z]\w*(Error|Exception|Timeout)", name):
        return Recorder(path)
    module = path.rpartition(".")[0]
    return _made.setdefault(path, type(name, (Exception,), {"__module__": module}))


def load_dotenv(*_args: object, **_kwargs: object) -> bool:
    """Set what the working directory's .env says: constants may be read from it afterwards."""
    try:
        with open(".env", encoding="utf-8") as file:
            pairs = [line.strip().split("=", 1) for line in file if "=" in line]
    except FileNotFoundError:
        return False
    for name, value in pairs:
        os.environ.setdefault(name, value)
    return True


def tqdm(iterable: Any, *_args: object, **_kwargs: object) -> Any:
    return iterable


BEHAVIOURS: dict[str, Callable[..., Any]] = {
    "dotenv.load_dotenv": load_dotenv,
    "tqdm.auto.tqdm": tqdm,
    "tqdm.tqdm": tqdm,
}
"""Calls that do something without which the lines after them would not make sense."""


class Module(types.ModuleType):
    """A third-party module: every attribute is there."""

    def __getattr__(self, name: str) -> Any:
        if name == "__all__" and self.__name__ in STARS:
            return STARS[self.__name__]
        if is_dunder(name):
            raise AttributeError(name)
        value = make(f"{self.__name__}.{name}")
        setattr(self, name, value)
        return value


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a module of recorders for every third-party name."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if path is None and not (_is_for_this() and self._is_third_party(fullname)):
            return None
        parent = fullname.rpartition(".")[0]
        if parent and not isinstance(sys.modules.get(parent), Module):
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    @staticmethod
    def _is_third_party(name: str) -> bool:
        # usercustomize is what Python itself looks for right after this file.
        if name in sys.stdlib_module_names or name in ("__main__", "usercustomize"):
            return False
        found = importlib.machinery.PathFinder.find_spec(name)
        if found is None:
            return not _imported_by_stdlib()
        places = [found.origin or "", *(found.submodule_search_locations or ())]
        return any("site-packages" in place or "dist-packages" in place for place in places)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        # An import may have to come after the script has set the environment.
        changed = {
            name: os.environ.get(name)
            for name in sorted({*AT_START, *os.environ})
            if os.environ.get(name) != AT_START.get(name)
        }
        log(f"import {module.__name__}" + (f" with {changed}" if changed else ""))


def _importer() -> str:
    """Return the file of the code that imports."""
    frame: types.FrameType | None = sys._getframe()
    own = ("sitecustomize.py", os.path.join(STDLIB, "importlib", "__init__.py"))
    while frame and (frame.f_code.co_filename.endswith(own) or "<frozen" in frame.f_code.co_filename):
        frame = frame.f_back
    return frame.f_code.co_filename if frame else ""


def _imported_by_stdlib() -> bool:
    """Whether the standard library tries an import, as copy does with Jython's org.python."""
    return _importer().startswith(STDLIB + os.sep)


def _is_for_this() -> bool:
    if ONLY_FOR is None:
        return True
    inside = _importer().removeprefix(ONLY_FOR + os.sep)
    return inside != _importer() and not inside.startswith("tests" + os.sep)


sys.meta_path.insert(0, Finder())
