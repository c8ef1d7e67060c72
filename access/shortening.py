"""What is left of an entry that is too large: it is written without what is large in it, and an alarm says so."""

import dataclasses
from collections.abc import Iterator
from typing import Any, TypeVar

import cbor2

from access.entries import Body

CUT_ALARM = "entry_cut"
LARGE = 1_000  # bytes: an entry has too few fields for smaller ones to make it too large
B = TypeVar("B", bound=Body)


def shorter(body: B) -> Iterator[B]:
    """Yield the body without its largest field, without its two largest, and so on.

    What an entry must have stays, and so do the changes of facts: the presence is the sum of them.
    """
    spare = [each for each in dataclasses.fields(body) if each.name != "facts" and not _is_required(each)]
    sizes = {each.name: len(cbor2.dumps(getattr(body, each.name))) for each in spare}
    for each in sorted(spare, key=lambda each: -sizes[each.name]):
        if sizes[each.name] >= LARGE:
            body = dataclasses.replace(body, **{each.name: _default(each)})
            yield body


def _is_required(declared: dataclasses.Field[Any]) -> bool:
    return declared.default is dataclasses.MISSING and declared.default_factory is dataclasses.MISSING


def _default(declared: dataclasses.Field[Any]) -> Any:
    return declared.default if declared.default_factory is dataclasses.MISSING else declared.default_factory()
