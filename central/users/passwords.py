"""Passwords are hashed and proved outside any piece of work, a few at a time: strangers who try keep nobody from writing."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore
from typing import Final

from access.chance import Chance
from central.errors import RegistryError
from central.hashing import hash_secret, is_secret
from central.users.schemas import PASSWORD_LENGTH_MIN

AT_ONCE: Final = 2
# Fewer than the server has threads: whoever is signed in is answered while these wait.
WAITING_MAX: Final = 16
_waiting = BoundedSemaphore(WAITING_MAX)
_proving = BoundedSemaphore(AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """Wait for a turn to prove or hash a password; RegistryError 429 where too many wait."""
    if not _waiting.acquire(blocking=False):
        facts = {"retry_after_s": 1}
        raise RegistryError("too many sign in at once: try again in a moment", 429, facts=facts, retry_after_s=1)
    try:
        with _proving:
            yield
    finally:
        _waiting.release()


def is_right(hashed: str | None, password: str) -> bool:
    """Tell whether this is the password; where there is none, or nobody, it costs the same work."""
    return is_secret(hashed or _nobodys_hash(), password) and hashed is not None


def hashed_password(password: str, rng: Chance) -> str:
    """Return the hash of a password; RegistryError 422 where it is too short."""
    if len(password) < PASSWORD_LENGTH_MIN:
        raise RegistryError("a password has at least {length} characters", 422, "password", length=PASSWORD_LENGTH_MIN)
    return hash_secret(password, rng)


@cache
def _nobodys_hash() -> str:
    return hash_secret("nobody", bytes)
