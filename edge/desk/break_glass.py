"""The sealed code: one that signs in once at the booth where no guard can, and raises an alarm by that."""

import secrets

from argon2 import PasswordHasher

from edge.folders import sync_folder
from edge.identity import write_private
from edge.places import Places

GROUPS, DIGITS = 5, 4
_hasher = PasswordHasher()


def seal(places: Places) -> str:
    """Make a code, keep its hash in place of any earlier one's, and return it: it is told this once. Raises OSError."""
    code = "-".join("".join(secrets.choice("0123456789") for _ in range(DIGITS)) for _ in range(GROUPS))
    write_private(places.break_glass, _hasher.hash(digits_of(code)).encode("ascii"))
    return code


def sealed(places: Places) -> str:
    """Return the hash of the code that is good now, "" where there is none."""
    try:
        return places.break_glass.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def use_up(places: Places, used: str) -> None:
    """Let the code with this hash be good no more, also after a power cut; one that was made meanwhile stays. Raises OSError."""
    if sealed(places) == used:
        places.break_glass.unlink()
        sync_folder(places.root)


def digits_of(code: str) -> str:
    """Return a code without what people write between its digits."""
    return "".join(character for character in code if character.isdecimal() and character.isascii())
