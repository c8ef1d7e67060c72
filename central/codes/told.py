"""What gates are told of codes: a keyed hash of the name that each bears, so that one taken back opens nothing."""

from collections.abc import Collection, Iterable
from typing import Any, Final, cast
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.card import code_hash
from access.contract.records import CardRecord
from access.passes import Pass
from central.access_rules.repository import KEYS_PER_QUERY
from central.codes.tables import IssuedCode
from central.records.many import among
from central.tables import Site

ACTIVE: Final = "active"
TAIL_LENGTH: Final = 4


def code_id(record_id: UUID, part: str = "") -> UUID:
    """Return the id under which gates know the code of a record."""
    return uuid5(record_id, f"code{part}")


def with_codes(session: Session, record_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return those of these records whose codes gates know of."""
    ids = sorted(set(record_ids))
    parts = [ids[begin : begin + KEYS_PER_QUERY] for begin in range(0, len(ids), KEYS_PER_QUERY)]
    query = select(IssuedCode.record_id).where(IssuedCode.forget_at.is_not(None))
    return frozenset(
        found for part in parts for found in session.scalars(query.where(among(session, IssuedCode.record_id, part)))
    )


def code_record(site: Site, says: Pass, number: str, person: UUID, status: str) -> CardRecord:
    """Return what gates are told of a code: the name that it bears, hashed, whose it is, and whether it is good."""
    return CardRecord(
        id=code_id(says.id, says.part),
        hashes=(code_hash(site.card_key, says.name).hex(),),
        medium="code",
        tail=number[-TAIL_LENGTH:],
        person=person,
        status=cast("Any", status),
    )


def named(kind: str, record_id: UUID, part: str = "") -> Pass:
    """Return as much of a code as its name is made of."""
    return Pass(kind, record_id, 0, 0, 0, part)


def ids_of(record_ids: Collection[UUID], part: str = "") -> list[UUID]:
    """Return the ids under which gates know the codes of these records."""
    return [code_id(each, part) for each in record_ids]
