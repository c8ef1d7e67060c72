"""Telling the gates of a site what has become of some records, whatever they knew of them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from access.contract.records import AnyRecord
from central.access_rules import repository, stream
from central.access_rules.audience import told_to_all
from central.tables import Site

_record: TypeAdapter[AnyRecord] = TypeAdapter(AnyRecord)


def known(session: Session, site_id: UUID, kind: str, ids: Sequence[UUID]) -> list[AnyRecord]:
    """Return what gates know by now of these records of a kind."""
    return [_record.validate_json(row.data or "") for row in repository.living(session, site_id, kind, ids)]


def tell(session: Session, site: Site, kind: str, ids: Sequence[UUID], wanted: Iterable[AnyRecord]) -> bool:
    """Tell the gates of a site what is wanted of these records of a kind, as one revision; of others of them nothing any more.

    What is wanted must have been read within the site's turn. Tells whether any of it was news.
    """
    before = told_to_all(known(session, site.id, kind, ids))
    return bool(stream.publish(session, site, before=before, after=told_to_all(wanted)))
