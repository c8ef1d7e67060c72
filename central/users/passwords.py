"""Passwords are hashed and proved outside any piece of work, a few at a time: strangers who try keep nobody from writing."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore
from typing import Final

from access.chance import Chance
from central.errors import RegistryError
from central.hashing import hash_secret, is_outdated, is_secret
from central.users.schemas import PASSWORD_LENGTH_MIN

AT_ONCE: Final = 2
# Fewer than the server has threads: whoever is signed in is answered while these wait.
WAITING_MAX: Final = 16
# What is hashed is the password under a key that no copy of the database holds; hashes of before have no mark.
PEPPERED: Final = "p1"
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


def is_right(hashed: str | None, password: str, key: bytes) -> bool:
    """Tell whether this is the password; where there is none, or nobody, it costs the same work."""
    stored = hashed or PEPPERED + _nobodys_hash()
    is_peppered = stored.startswith(PEPPERED)
    secret = _peppered(password, key) if is_peppered else password
    return is_secret(stored.removeprefix(PEPPERED), secret) and hashed is not None


def is_old(hashed: str) -> bool:
    """Tell whether a hash is to be made anew at the next occasion: it has no pepper, or cost less than is asked for today."""
    return not hashed.startswith(PEPPERED) or is_outdated(hashed.removeprefix(PEPPERED))


def hashed_password(password: str, rng: Chance, key: bytes) -> str:
    """Return the hash of a password, peppered with the registry's key; RegistryError 422 where it is too short."""
    if len(password) < PASSWORD_LENGTH_MIN:
        raise RegistryError("a password has at least {length} characters", 422, "password", length=PASSWORD_LENGTH_MIN)
    return hashed_anew(password, rng, key)


def hashed_anew(password: str, rng: Chance, key: bytes) -> str:
    """Return the hash of a password that somebody has already, of whatever length."""
    return PEPPERED + hash_secret(_peppered(password, key), rng)


def _peppered(password: str, key: bytes) -> str:
    # A key of its own, made of the registry's: the same key never hashes two kinds of things.
    pepper = hmac.digest(key, b"passwords", hashlib.sha256)
    return base64.b64encode(hmac.digest(pepper, password.encode(), hashlib.sha256)).decode()


@cache
def _nobodys_hash() -> str:
    return hash_secret("nobody", bytes)
