"""A map that never changes: a changed one shares all but a small part with it. Its order is another in every process."""

from collections.abc import Iterator, Mapping
from typing import Any, Self, TypeVar, overload

from typing_extensions import override

SHARDS = 256
Value = TypeVar("Value")
Other = TypeVar("Other")
_NOTHING: tuple[Mapping[str, Any], ...] = ({},) * SHARDS


class PersistentMap(Mapping[str, Value]):
    """Names and values in shards; `with_value` and `without` copy one shard, so a change costs little at any size."""

    __slots__ = ("_shards",)

    def __init__(self, values: Mapping[str, Value] | None = None, shards: tuple[Mapping[str, Value], ...] = _NOTHING) -> None:
        """Hold `values`; `shards` is what a changed map hands to the next."""
        self._shards = shards if values is None else _sharded(values)

    def __getitem__(self, name: str) -> Value:
        return self._shards[hash(name) % SHARDS][name]

    @overload
    def get(self, name: str, /) -> Value | None: ...
    @overload
    def get(self, name: str, /, default: Value | Other) -> Value | Other: ...
    @override
    def get(self, name: str, /, default: object = None) -> object:
        """Return a value, or `default`: without the exception that the inherited one catches."""
        return self._shards[hash(name) % SHARDS].get(name, default)

    def __iter__(self) -> Iterator[str]:
        return (name for shard in self._shards for name in shard)

    def __len__(self) -> int:
        return sum(map(len, self._shards))

    def with_value(self, name: str, value: Value) -> Self:
        """Return this map with `name` set to `value`."""
        at = hash(name) % SHARDS
        return self._changed(at, {**self._shards[at], name: value})

    def without(self, name: str) -> Self:
        """Return this map without `name`."""
        at = hash(name) % SHARDS
        if name not in self._shards[at]:
            return self
        return self._changed(at, {kept: value for kept, value in self._shards[at].items() if kept != name})

    def _changed(self, at: int, shard: Mapping[str, Value]) -> Self:
        return type(self)(shards=(*self._shards[:at], shard, *self._shards[at + 1 :]))


def _sharded(values: Mapping[str, Value]) -> tuple[Mapping[str, Value], ...]:
    shards: list[dict[str, Value]] = [{} for _ in range(SHARDS)]
    for name, value in values.items():
        shards[hash(name) % SHARDS][name] = value
    return tuple(shards)
