"""The pepper of each site: what the PINs of its guards are hashed under. Gates that are approved are told it, nobody else is."""

from uuid import UUID

from sqlalchemy.orm import Session

from access.pins import PEPPER_BYTES
from central.duty.tables import SitePepper
from central.records.turns import take_turn
from central.registry import Registry, Work
from central.tables import Site


def known_pepper(session: Session, site_id: UUID) -> bytes:
    """Return the pepper of a site, empty where none was made yet."""
    row = session.get(SitePepper, site_id)
    return row.pepper if row else b""


def pepper_of(work: Work, site_id: UUID) -> bytes:
    """Return the pepper of a site, making it at the first call."""
    if known := known_pepper(work.session, site_id):
        return known
    take_turn(work.session, site_id)
    if known := known_pepper(work.session, site_id):
        return known
    made = SitePepper(site_id=site_id, pepper=work.rng(PEPPER_BYTES))
    work.session.add(made)
    work.session.flush()
    return made.pepper


def pepper_ahead(registry: Registry, site_id: UUID) -> bytes:
    """Return the pepper of a site before anybody takes a turn to write; empty where there is no such site."""
    with registry.read() as work:
        if known := known_pepper(work.session, site_id):
            return known
        if work.session.get(Site, site_id) is None:
            return b""
    with registry.write() as work:
        return pepper_of(work, site_id)
