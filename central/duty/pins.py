"""PINs are proved and hashed before anybody takes a turn to write: a hash takes longer than all else that is done of a guard."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from threading import BoundedSemaphore
from typing import Final
from uuid import UUID

from sqlalchemy import select

from access.chance import Chance
from central.hashing import hash_secret, is_secret
from central.registry import Registry
from central.tables import Guard

AT_ONCE: Final = 2
_hashing = BoundedSemaphore(AT_ONCE)
# By badge, the hash so far and the PIN: the hash that is kept.
_Settled = Mapping[tuple[str, str, str], str]
_settled: ContextVar[_Settled] = ContextVar("settled", default={})  # noqa: B039 - never changed in place


@contextmanager
def ahead(registry: Registry, site_id: UUID, pins: Mapping[str, str]) -> Iterator[None]:
    """Hash the PINs of these badges; within the block `settled` need not do it again."""
    wanted = {badge: pin for badge, pin in pins.items() if is_pin(pin)}
    if not wanted:
        yield
        return
    query = select(Guard.badge, Guard.pin_hash).where(Guard.site_id == site_id, Guard.badge.in_(wanted))
    with registry.read() as work:
        so_far = dict(work.session.execute(query).all())
    found = {}
    for badge, pin in wanted.items():
        before = so_far.get(badge, "")
        with _hashing:
            found[badge, before, pin] = _hash(before, pin, registry.rng)
    token = _settled.set(found)
    try:
        yield
    finally:
        _settled.reset(token)


def settled(badge: str, before: str, pin: str, rng: Chance) -> str:
    """Return the hash of a guard's PIN: that of before where the PIN is the same, so that nothing new goes to the gates."""
    return _settled.get().get((badge, before, pin)) or _hash(before, pin, rng)


def is_pin(text: str) -> bool:
    """Tell whether this can be a PIN: digits only."""
    return text.isascii() and text.isdigit()


def _hash(before: str, pin: str, rng: Chance) -> str:
    return before if before and is_secret(before, pin) else hash_secret(pin, rng)
