"""The sealed code: one that signs in once at the booth where no guard can, and raises an alarm by that."""

import secrets

from argon2 import PasswordHasher

from edge.identity import write_private
from edge.places import Places

GROUPS, DIGITS = 5, 4
# Who has signed in with the code: in place of a badge, which is digits only.
BREAK_GLASS = "break-glass"
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


def use_up(places: Places) -> None:
    """Let the code be good no more. Raises OSError."""
    places.break_glass.unlink(missing_ok=True)


def digits_of(code: str) -> str:
    """Return a code without what people write between its digits."""
    return "".join(character for character in code if character.isdecimal() and character.isascii())
