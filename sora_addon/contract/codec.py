"""Dataclasses to JSON and back, checked against their annotations.

A document is refused at the first field that is missing, unknown, of the wrong type, not finite or out of bounds.
Bounds stand in the annotation (``Annotated[float, Bound(low=0)]``); rules that join fields stand in a ``check()``
method of the dataclass, which raises ``ContractError`` with a field relative to itself.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from .errors import ContractError

T = TypeVar("T")

LARGEST_DOCUMENT = 512 * 1024 * 1024
"""Bytes of JSON that are read at most; a shot of 10,000 frames and 100 bodies has some 300 MB."""


@dataclass(frozen=True)
class Bound:
    """Numbers from ``low`` to ``high``, both included; ``above`` and ``below`` exclude their end."""

    low: float | None = None
    high: float | None = None
    above: float | None = None
    below: float | None = None

    def problem(self, value: float) -> str | None:
        if self.low is not None and value < self.low:
            return f"{value!r} is less than {self.low:g}"
        if self.high is not None and value > self.high:
            return f"{value!r} is more than {self.high:g}"
        if self.above is not None and value <= self.above:
            return f"{value!r} is not more than {self.above:g}"
        if self.below is not None and value >= self.below:
            return f"{value!r} is not less than {self.below:g}"
        return None


@dataclass(frozen=True)
class Length:
    """Lists and strings of ``low`` to ``high`` items."""

    low: int = 0
    high: int | None = None

    def problem(self, value: str | list[Any]) -> str | None:
        if len(value) < self.low:
            return f"has {len(value)} items, at least {self.low} are needed"
        if self.high is not None and len(value) > self.high:
            return f"has {len(value)} items, at most {self.high} are allowed"
        return None


Positive = Annotated[float, Bound(above=0.0, high=1e12)]
NotNegative = Annotated[float, Bound(low=0.0, high=1e12)]
Share = Annotated[float, Bound(low=0.0, high=1.0)]
Count = Annotated[int, Bound(low=0, high=2**31 - 1)]
Index = Annotated[int, Bound(low=1, high=2**31 - 1)]


def decode(cls: type[T], data: Any) -> T:
    """Build ``cls`` from parsed JSON. Raises ContractError naming the first field that does not fit."""
    return _decoder(cls)(data, "")


def encode(value: Any) -> Any:
    """Plain JSON values (dict, list, str, int, float, bool, None) of a dataclass."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    return value


def parse(text: bytes, name: str) -> Any:
    """Parsed JSON of ``text``; ``name`` is the file that errors speak of. NaN, Infinity and doubled keys are refused."""
    if len(text) > LARGEST_DOCUMENT:
        raise ContractError(name, f"has {len(text)} bytes, more than the {LARGEST_DOCUMENT} that are read")

    def constant(word: str) -> None:
        raise ContractError(name, f"holds {word}, which is not a number", "write finite numbers only")

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            keys = [key for key, _ in items]
            doubled = next(key for key in keys if keys.count(key) > 1)
            raise ContractError(name, f"holds the key {doubled!r} twice")
        return found

    try:
        return json.loads(text.decode("utf-8"), parse_constant=constant, object_pairs_hook=pairs)
    except UnicodeDecodeError as error:
        raise ContractError(name, f"is not UTF-8 text ({error.reason} at byte {error.start})") from error
    except RecursionError as error:
        raise ContractError(name, "is nested too deeply") from error
    except ContractError:
        raise
    except ValueError as error:  # JSONDecodeError, and integers of more digits than Python reads
        raise ContractError(name, f"is not JSON ({error})") from error


Decoder = Callable[[Any, str], Any]


def _wrong(path: str, wanted: str, data: Any) -> ContractError:
    shown = json.dumps(data, default=str)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return ContractError(path, f"is {shown}", f"{wanted} is needed")


def _text(data: Any, path: str) -> str:
    if not isinstance(data, str):
        raise _wrong(path, "text", data)
    if "\0" in data or any("\ud800" <= character <= "\udfff" for character in data):
        raise ContractError(path, "holds a character that is not text (NUL or half a surrogate pair)")
    return data


def _integer(data: Any, path: str) -> int:
    if isinstance(data, bool) or not isinstance(data, int):
        raise _wrong(path, "a whole number", data)
    return data


def _number(data: Any, path: str) -> float:
    if isinstance(data, bool) or not isinstance(data, (int, float)):
        raise _wrong(path, "a number", data)
    try:
        value = float(data)
    except OverflowError as error:
        raise ContractError(path, "is too large a number") from error
    if not math.isfinite(value):
        raise ContractError(path, "is not a finite number")
    return value


def _truth(data: Any, path: str) -> bool:
    if not isinstance(data, bool):
        raise _wrong(path, "true or false", data)
    return data


def _anything(data: Any, path: str) -> Any:
    if isinstance(data, dict):
        return {_text(key, path): _anything(item, f"{path}.{key}") for key, item in data.items()}
    if isinstance(data, list):
        return [_anything(item, f"{path}[{i}]") for i, item in enumerate(data)]
    if isinstance(data, str):
        return _text(data, path)
    if isinstance(data, float):
        return _number(data, path)
    return data


_PLAIN: dict[Any, Decoder] = {str: _text, int: _integer, float: _number, bool: _truth, Any: _anything}


@functools.cache
def _decoder(kind: Any) -> Decoder:
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind is type(None):

        def nothing(data: Any, path: str) -> None:
            if data is not None:
                raise _wrong(path, "null", data)

        return nothing
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Annotated:
        return _bounded(_decoder(arguments[0]), arguments[1:])
    if origin is typing.Literal:
        return _one_of(arguments)
    if origin in (typing.Union, types.UnionType):
        return _optional(arguments)
    if origin is list:
        return _list(_decoder(arguments[0]))
    if origin is tuple:
        return _row(tuple(_decoder(argument) for argument in arguments))
    if origin is dict:
        return _table(_decoder(arguments[1]))
    if dataclasses.is_dataclass(kind):
        return _record(typing.cast(type, kind))
    raise TypeError(f"the contract has no JSON form for {kind}")


def _bounded(inner: Decoder, bounds: tuple[Any, ...]) -> Decoder:
    def decoder(data: Any, path: str) -> Any:
        value = inner(data, path)
        for bound in bounds:
            problem = bound.problem(value)
            if problem:
                raise ContractError(path, problem)
        return value

    return decoder


def _one_of(choices: tuple[Any, ...]) -> Decoder:
    def decoder(data: Any, path: str) -> Any:
        if not isinstance(data, str) or data not in choices:
            raise _wrong(path, "one of " + ", ".join(choices), data)
        return data

    return decoder


def _optional(arguments: tuple[Any, ...]) -> Decoder:
    inner = [argument for argument in arguments if argument is not type(None)]
    if len(inner) != 1 or len(arguments) != 2:
        raise TypeError(f"the contract knows 'X or None' alone, not {arguments}")
    one = _decoder(inner[0])
    return lambda data, path: None if data is None else one(data, path)


def _list(item: Decoder) -> Decoder:
    def decoder(data: Any, path: str) -> list[Any]:
        if not isinstance(data, list):
            raise _wrong(path, "a list", data)
        return [item(value, f"{path}[{i}]") for i, value in enumerate(data)]

    return decoder


def _row(items: tuple[Decoder, ...]) -> Decoder:
    def decoder(data: Any, path: str) -> tuple[Any, ...]:
        if not isinstance(data, (list, tuple)) or len(data) != len(items):
            raise _wrong(path, f"a list of {len(items)}", data)
        return tuple(item(value, f"{path}[{i}]") for i, (item, value) in enumerate(zip(items, data, strict=True)))

    return decoder


def _table(item: Decoder) -> Decoder:
    def decoder(data: Any, path: str) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise _wrong(path, "an object", data)
        return {_text(key, path): item(value, f"{path}.{key}") for key, value in data.items()}

    return decoder


def _record(cls: type) -> Decoder:
    hints = typing.get_type_hints(cls, include_extras=True)
    fields = {field.name: _decoder(hints[field.name]) for field in dataclasses.fields(cls)}
    needed = {
        field.name
        for field in dataclasses.fields(cls)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    check = getattr(cls, "check", None)

    def decoder(data: Any, path: str) -> Any:
        if not isinstance(data, dict):
            raise _wrong(path or "the document", "an object", data)
        prefix = f"{path}." if path else ""
        for name in data:
            if name not in fields:
                raise ContractError(f"{prefix}{_printable(name)}", "is not a field of " + cls.__name__, "remove it")
        for name in needed:
            if name not in data:
                raise ContractError(f"{prefix}{name}", "is missing")
        record = cls(**{name: fields[name](value, prefix + name) for name, value in data.items()})
        if check is not None:
            try:
                check(record)
            except ContractError as error:
                raise error.under(path) from None
        return record

    return decoder


def _printable(name: str) -> str:
    return name.encode("ascii", "backslashreplace").decode()[:60]
