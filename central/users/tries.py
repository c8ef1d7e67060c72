"""Tries of passwords, counted in the database: all workers know of them, and a restart forgets none."""

import hashlib
import hmac
from datetime import datetime
from ipaddress import ip_network
from math import ceil

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from central.errors import RegistryError
from central.registry import Registry, Work
from central.users.delays import OF_NAME, OF_PLACE, Failures, Pace, failed, wait_s
from central.users.tables import WrongPasswords

Tried = tuple[tuple[str, Pace], ...]


def of_name(origin: str, name: str) -> Tried:
    """Return what is counted when a name is tried from an address: the name there, and the place."""
    place = _place(origin)
    return (f"{place} {name}", OF_NAME), (place, OF_PLACE)


def of_session(user: object) -> Tried:
    """Return what is counted when who is signed in gives the old password: nobody who is not keeps a user from it."""
    return ((f"signed in {user}", OF_NAME),)


def begin(registry: Registry, tried: Tried) -> None:
    """Count this try as a failure until it succeeds: so of tries at one moment none is free of the delay that the others bring.

    RegistryError 429 with the seconds to wait, where there may be none now; such a try is not counted, and writes nothing.
    """
    with registry.read() as work:
        known = [(work.session.get(WrongPasswords, _hashed(work, who)), pace) for who, pace in tried]
        _check_wait(work, [(row, pace) for row, pace in known if row is not None])
    with registry.write() as work:
        forget(work.session, work.at)
        # In one order, or two who come to lock the same rows may wait for each other.
        rows = [(_row(work, who), pace) for who, pace in sorted(tried, key=lambda each: each[0])]
        _check_wait(work, rows)
        for row, pace in rows:
            now = failed(Failures(row.count, row.until_at), pace, work.at)
            row.count, row.until_at, row.forget_at = now.count, now.until, now.until + pace.forgotten_after


def succeeded(registry: Registry, tried: Tried) -> None:
    """Forget the failures of the name; of the place only this try, or whoever knows one password would try others freely."""
    with registry.write() as work:
        (who, _), *places = tried
        work.session.execute(delete(WrongPasswords).where(WrongPasswords.who == _hashed(work, who)))
        for place, _ in places:
            same = WrongPasswords.who == _hashed(work, place)
            fewer = {WrongPasswords.count: WrongPasswords.count - 1, WrongPasswords.until_at: work.at}
            work.session.execute(update(WrongPasswords).where(same, WrongPasswords.count > 0).values(fewer))


def forget(session: Session, at: datetime) -> None:
    """Forget what nobody has tried for long."""
    session.execute(delete(WrongPasswords).where(WrongPasswords.forget_at <= at))


def _row(work: Work, who: str) -> WrongPasswords:
    """Return the row of this name or place, made if there is none, and locked."""
    dialect = sqlite if work.session.get_bind().dialect.name == "sqlite" else postgresql
    hashed = _hashed(work, who)
    fresh = dialect.insert(WrongPasswords).values(who=hashed, count=0, until_at=work.at, forget_at=work.at)
    work.session.execute(fresh.on_conflict_do_nothing())
    return work.session.scalars(select(WrongPasswords).where(WrongPasswords.who == hashed).with_for_update()).one()


def _check_wait(work: Work, rows: list[tuple[WrongPasswords, Pace]]) -> None:
    waits = [ceil(wait_s(Failures(row.count, row.until_at), pace, work.at)) for row, pace in rows]
    if seconds := max(waits, default=0):
        facts = {"retry_after_s": seconds}
        raise RegistryError("too many wrong passwords: wait a little", 429, facts=facts, retry_after_s=seconds)


def _hashed(work: Work, who: str) -> bytes:
    return hmac.new(work.hash_key, b"wrong password " + who.encode(), hashlib.sha256).digest()


def _place(origin: str) -> str:
    """Return from where tries are counted: an address, of IPv6 the network, which has more addresses than can be counted."""
    try:
        return str(ip_network(f"{origin}/64", strict=False)) if ":" in origin else origin
    except ValueError:
        return origin
