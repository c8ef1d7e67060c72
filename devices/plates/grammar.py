"""The kinds of `access.plate` as sets of characters by position, so that a reader can ask which character may come next."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from access.plate import KINDS, PROVINCES, SERIAL, SUFFIXES

ALPHABET = "".join(dict.fromkeys(PROVINCES + SERIAL + "IO" + SUFFIXES))
_PIECE = re.compile(r"(?P<one>\[[^\]]+\]|\\d|[^(){}?|])(?:\{(?P<times>\d)\}|(?P<maybe>\?))?")


@dataclass(frozen=True, slots=True)
class Template:
    """One way to spell a kind: the characters allowed at each position."""

    kind: str
    positions: tuple[frozenset[str], ...]


def _spellings(pattern: str) -> Iterable[tuple[frozenset[str], ...]]:
    """Unfold the small part of regular expressions that the kinds are written in."""
    for alternative in pattern.removeprefix("(?:").removesuffix(")").split("|"):
        choices: list[list[tuple[frozenset[str], ...]]] = []
        for piece in _PIECE.finditer(alternative):
            one = frozenset(character for character in ALPHABET if re.fullmatch(piece["one"], character))
            repeated = (one,) * int(piece["times"] or 1)
            choices.append([repeated, ()] if piece["maybe"] else [repeated])
        for chosen in product(*choices):
            yield tuple(position for part in chosen for position in part)


TEMPLATES = tuple(Template(kind.name, spelling) for kind in KINDS for spelling in _spellings(kind.pattern.pattern))


@lru_cache(maxsize=65536)
def following(prefix: str) -> frozenset[str]:
    """Return the characters that may follow `prefix` in some kind of plate."""
    allowed: set[str] = set()
    for template in TEMPLATES:
        if len(prefix) < len(template.positions) and _fits(template, prefix):
            allowed |= template.positions[len(prefix)]
    return frozenset(allowed)


@lru_cache(maxsize=65536)
def is_complete(text: str) -> bool:
    """Tell whether `text` is a whole plate of some kind."""
    return any(len(text) == len(template.positions) and _fits(template, text) for template in TEMPLATES)


def _fits(template: Template, prefix: str) -> bool:
    return all(character in position for character, position in zip(prefix, template.positions, strict=False))
