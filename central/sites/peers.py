"""The boxes of a site as its gates know each other: what one says over the LAN is checked by the key that was approved."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from access.contract.records import AnyRecord, PeerRecord
from central.access_rules import repository as rules
from central.access_rules import stream
from central.access_rules.audience import EVERYONE, told_to
from central.registry import Work
from central.tables import Edge, Gate, Site

# The only status with which an edge may speak.
SPEAKS: Final = "active"
_record: TypeAdapter[AnyRecord] = TypeAdapter(AnyRecord)


def peers_of(session: Session, gate: Gate) -> Sequence[PeerRecord]:
    """Return what gates are told of the boxes that may speak for a gate."""
    query = select(Edge).where(Edge.gate_id == gate.id, Edge.status == SPEAKS).order_by(Edge.id)
    return tuple(
        PeerRecord(id=edge.id, gate=gate.id, slug=gate.slug, name=gate.name, public_key=edge.public_key.hex())
        for edge in session.scalars(query)
    )


def tell_peers(work: Work, gate_id: UUID) -> None:
    """Tell all gates who speaks for this one by now, after somebody was let in, or put out."""
    session = work.session
    session.flush()
    gate = session.get_one(Gate, gate_id)
    site = session.get_one(Site, gate.site_id)
    ids = session.scalars(select(Edge.id).where(Edge.gate_id == gate.id)).all()
    known = [_record.validate_json(row.data or "") for row in rules.living(session, site.id, "peer", ids)]
    stream.publish(session, site, before=told_to(EVERYONE, known), after=told_to(EVERYONE, peers_of(session, gate)))
