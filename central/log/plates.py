"""The plates that a site's entries have: kept with the entries, and asked before them where only a part of one is known."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Executable, column, delete, exists, or_, select, table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from access.plate_index import folded
from central.log.patterns import Pattern
from central.log.tables import LogPlate
from central.records.many import among
from central.tables import JournalEntry

LAST: Final = "\U0010ffff"
_PARTS: Final = table("log_plate_parts", column("log_plate_parts"), column("plate"))


def note(session: Session, site_id: UUID, plates: Collection[str]) -> None:
    """Keep that entries of a site have these plates."""
    if plates:
        rows = [
            {"site_id": site_id, "plate": plate, "plate_reversed": plate[::-1], "folded": folded(plate)}
            for plate in sorted(plates)
        ]
        connection = session.connection()
        connection.execute(_noting(connection.dialect.name), rows)


@cache
def _noting(dialect: str) -> Executable:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(LogPlate).on_conflict_do_nothing()


def forget_unseen(session: Session, site_id: UUID, plates: Collection[str] | None = None) -> int:
    """Forget plates of a site, these or all, that no entry has any more; returns how many."""
    of_entries = exists().where(JournalEntry.plate == LogPlate.plate, JournalEntry.site_id == site_id)
    gone = delete(LogPlate).where(LogPlate.site_id == site_id, ~of_entries)
    if plates is not None:
        gone = gone.where(among(session, LogPlate.plate, plates))
    return session.connection().execute(gone).rowcount


def fits(
    session: Session, plate: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], wanted: Pattern
) -> ColumnElement[bool]:
    """Return the condition that a plate is as wanted, whatever index there is."""
    if wanted.exact is not None:
        return plate == wanted.exact
    if session.get_bind().dialect.name == "sqlite":
        return plate.op("GLOB")(wanted.glob)
    return plate.op("~")(wanted.regex)


def fitting(session: Session, sites: Collection[UUID], wanted: Pattern, most: int) -> Sequence[str] | None:
    """Return the plates that fit; None where an index finds none of them, or more than `most` fit."""
    by_index = _by_index(session, wanted)
    if by_index is None:
        return None
    query = select(LogPlate.plate).distinct().where(LogPlate.site_id.in_(sites), by_index, fits(session, LogPlate.plate, wanted))
    found = session.scalars(query.limit(most + 1)).all()
    return found if len(found) <= most else None


def _by_index(session: Session, wanted: Pattern) -> ColumnElement[bool] | None:
    """Return what an index answers and all plates that fit have in common, by whatever tells most."""
    longest = max((len(piece) for piece in wanted.pieces), default=0)
    begun = max((len(beginning) for beginning in wanted.beginnings), default=0)
    if begun and begun > max(longest, len(wanted.ending)):
        return or_(*(_begins(LogPlate.plate, beginning) for beginning in wanted.beginnings))
    if len(wanted.ending) >= max(longest, 1):
        return _begins(LogPlate.plate_reversed, wanted.ending)
    if longest:
        return _has_pieces(session, wanted.pieces)
    if begun:
        return or_(*(_begins(LogPlate.plate, beginning) for beginning in wanted.beginnings))
    return None


def _begins(of: InstrumentedAttribute[str], start: str) -> ColumnElement[bool]:
    """Compare as a range, which an index answers; the column compares byte by byte."""
    return (of >= start) & (of < start + LAST)


def _has_pieces(session: Session, pieces: Sequence[str]) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "sqlite":
        asked = " AND ".join('"' + piece.replace('"', '""') + '"' for piece in pieces)
        return LogPlate.plate.in_(select(_PARTS.c.plate).where(text("log_plate_parts MATCH :pieces").bindparams(pieces=asked)))
    all_of: ColumnElement[bool] = LogPlate.folded.contains(pieces[0], autoescape=True)
    for piece in pieces[1:]:
        all_of &= LogPlate.folded.contains(piece, autoescape=True)
    return all_of
