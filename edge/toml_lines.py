"""Finds the line of a key in a TOML text, so that a fault can be shown where it is; tomllib keeps no positions."""

import re

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*("[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*[=.]""")


def line_of(text: str, where: tuple[str | int, ...]) -> int:
    """Return the line (from 1) of the key at `where`, or of the nearest table around it that stands in the text."""
    positions = _positions(text)
    for size in range(len(where), 0, -1):
        if where[:size] in positions:
            return positions[where[:size]]
    return 1


def _positions(text: str) -> dict[tuple[str | int, ...], int]:
    positions: dict[tuple[str | int, ...], int] = {}
    counts: dict[tuple[str | int, ...], int] = {}
    table: tuple[str | int, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _table(header.group(1), header.group(2), counts)
            positions.setdefault(table, number)
        elif key := _KEY.match(line):
            positions.setdefault((*table, key.group(1).strip("\"'")), number)
    return positions


def _table(brackets: str, name: str, counts: dict[tuple[str | int, ...], int]) -> tuple[str | int, ...]:
    """Return where a header leads; `counts` keeps how many elements each array of tables has so far."""
    names = [part.strip().strip("\"'") for part in name.split(".")]
    where: tuple[str | int, ...] = ()
    for at, part in enumerate(names):
        where = (*where, part)
        if at == len(names) - 1 and brackets == "[[":
            counts[where] = counts.get(where, -1) + 1
        if where in counts:
            where = (*where, counts[where])
    return where
