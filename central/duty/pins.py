"""PINs are proved and hashed before anybody takes a turn to write: a hash takes longer than all else that is done of a guard."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Final
from uuid import UUID

from sqlalchemy import select

from access.chance import Chance
from access.pins import peppered
from central.duty.peppers import pepper_ahead, pepper_of
from central.hashing import hash_secret, is_secret
from central.registry import Registry, Work
from central.tables import Guard

AT_ONCE: Final = 2
_hashing = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class PinHash:
    """What is kept of a PIN: its argon2id hash, or where it is `peppered` that of its HMAC under the site's pepper."""

    text: str = ""
    peppered: bool = False


# By site, badge, the hash so far and the PIN: the hash that is kept.
_Settled = Mapping[tuple[UUID, str, PinHash, str], PinHash]
_settled: ContextVar[_Settled] = ContextVar("settled", default={})  # noqa: B039 - never changed in place


@contextmanager
def ahead(registry: Registry, site_id: UUID, pins: Mapping[str, str]) -> Iterator[None]:
    """Hash the PINs of these badges; within the block `settled` need not do it again."""
    wanted = {badge: pin for badge, pin in pins.items() if is_pin(pin)}
    pepper = pepper_ahead(registry, site_id) if wanted else b""
    if not pepper:
        yield
        return
    query = select(Guard.badge, Guard.pin_hash, Guard.peppered).where(Guard.site_id == site_id, Guard.badge.in_(wanted))
    with registry.read() as work:
        so_far = {badge: PinHash(text, is_peppered) for badge, text, is_peppered in work.session.execute(query)}
    found = {}
    for badge, pin in wanted.items():
        before = so_far.get(badge, PinHash())
        with _hashing:
            found[site_id, badge, before, pin] = _hash(before, pin, pepper, registry.rng)
    token = _settled.set(found)
    try:
        yield
    finally:
        _settled.reset(token)


def settled(work: Work, site_id: UUID, badge: str, before: PinHash, pin: str) -> PinHash:
    """Return what is kept of a guard's PIN: as before where it is the same, so that nothing new goes to the gates."""
    known = _settled.get().get((site_id, badge, before, pin))
    return known or _hash(before, pin, pepper_of(work, site_id), work.rng)


def is_pin(text: str) -> bool:
    """Tell whether this can be a PIN: digits only."""
    return text.isascii() and text.isdigit()


def _hash(before: PinHash, pin: str, pepper: bytes, rng: Chance) -> PinHash:
    """Keep the hash of the same PIN; one from before there was a pepper is made anew whenever the PIN is given."""
    secret = peppered(pin, pepper)
    is_same = before.peppered and is_secret(before.text, secret)
    return before if is_same else PinHash(hash_secret(secret, rng), peppered=True)
