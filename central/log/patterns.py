"""What somebody types of a plate, as what databases compare plates with; pure."""

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from access.confusion import GROUPS
from access.plate import PROVINCES, UNKNOWN, normalise
from access.plate_index import folded

PlateMatch = Literal["whole", "prefix", "suffix", "part"]
# Pieces of fewer characters are in no index.
TRIGRAM: Final = 3
# Past the city letter a plate has neither I nor O; where what is typed begins, nobody knows.
_INNER: Final = {"I": "I1", "O": "O0"}
_ALIKE: Final = {character: "".join(sorted(set(group))) for group in GROUPS for character in group}
# What stands before a province, if not nothing.
_HEADS: Final = ("", "临", "WJ", "WJ警")


class Pattern(NamedTuple):
    """A plate wanted, in normal form: `sets` has for each place the characters that may stand there, empty for any.

    It stands at the beginning of a plate, at its end, at both, or anywhere.
    """

    sets: tuple[str, ...]
    at_begin: bool
    at_end: bool

    @property
    def exact(self) -> str | None:
        """The one plate that fits, if there is only one."""
        return self._literal(self.sets) if self.at_begin and self.at_end and all(len(each) == 1 for each in self.sets) else None

    @property
    def beginnings(self) -> tuple[str, ...]:
        """What plates that fit begin with, one or another; a province stands at the beginning, wherever it is looked for."""
        literal = self._literal(self.sets)
        if self.at_begin:
            return (literal,) if literal else ()
        return tuple(head + literal for head in _HEADS) if literal[:1] in PROVINCES and literal else ()

    @property
    def ending(self) -> str:
        """What every plate that fits ends with, backwards."""
        return self._literal(self.sets[::-1]) if self.at_end else ""

    @property
    def pieces(self) -> tuple[str, ...]:
        """What every plate that fits has in it once it is folded: pieces long enough for an index."""
        return tuple(piece for piece in self._folded_runs() if len(piece) >= TRIGRAM)

    @property
    def glob(self) -> str:
        """For SQLite's GLOB."""
        inner = "".join(f"[{each}]" if each else "?" for each in self.sets)
        return f"{'' if self.at_begin else '*'}{inner}{'' if self.at_end else '*'}"

    @property
    def regex(self) -> str:
        """For PostgreSQL's regular expressions."""
        inner = "".join(f"[{each}]" if each else "." for each in self.sets)
        return f"{'^' if self.at_begin else ''}{inner}{'$' if self.at_end else ''}"

    @staticmethod
    def _literal(sets: tuple[str, ...]) -> str:
        begun = next((at for at, each in enumerate(sets) if len(each) != 1), len(sets))
        return "".join(sets[:begun])

    def _folded_runs(self) -> Iterator[str]:
        run = ""
        for each in (*self.sets, ""):
            alike = {folded(character) for character in each}
            if len(alike) == 1 and (only := alike.pop()):
                run += only
            else:
                yield run
                run = ""


def pattern_of(typed: str, match: PlateMatch, *, alike: bool = False) -> Pattern:
    """Return what is wanted; `?` stands for any one character, and with `alike` look-alikes fit too (0 and Q, 8 and B ...)."""
    text = normalise(typed)
    at_begin = match in ("whole", "prefix")
    sets = tuple(_set(character, alike=alike, inner=not at_begin) for character in text)
    return Pattern(sets, at_begin, match in ("whole", "suffix"))


def _set(character: str, *, alike: bool, inner: bool) -> str:
    if character == UNKNOWN:
        return ""
    if character in "^]-[\\":  # on no plate; in a set of characters they would mean something
        return "\x01"
    also = _INNER.get(character, "") if inner else ""
    likes = "".join(_ALIKE.get(each, each) for each in (also or character)) if alike else also
    return "".join(sorted({character, *likes}))
