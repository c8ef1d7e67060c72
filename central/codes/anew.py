"""What gates know in the form of a former version: their site, lanes and neighbours are told anew where they are otherwise.

Of what booths show they are told what they lack.
"""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select

from access.contract.records import AnyRecord
from central.access_rules import repository, stream
from central.access_rules.audience import ALL_GATES, EVERYONE, Audience, Told, told_to
from central.records.turns import take_turn
from central.registry import Registry, Work
from central.sites import at_booths
from central.sites.peers import peers_of
from central.sites.services import lanes, site_record
from central.tables import Gate, Lane, RuleChange, Site

KINDS: Final = ("site", "lane", "peer")
_record: TypeAdapter[AnyRecord] = TypeAdapter(AnyRecord)


def tell_anew(registry: Registry) -> int:
    """Tell the gates of every site what they know in the form of a former version; returns how many sites had to be told."""
    with registry.read() as work:
        sites = list(work.session.scalars(select(Site.id).order_by(Site.id)))
    return sum(_tell_site(registry, site_id) for site_id in sites)


def _tell_site(registry: Registry, site_id: UUID) -> bool:
    """Look without the turn to write first: at most starts there is nothing to tell."""
    with registry.read() as work:
        site = work.session.get_one(Site, site_id)
        if set(_known(work, site_id)) == set(_wanted(work, site_id)) and at_booths.is_complete(work, site):
            return False
    with registry.write() as work:
        take_turn(work.session, site_id)
        site = work.session.get_one(Site, site_id)
        known, wanted = list(_known(work, site_id)), list(_wanted(work, site_id))
        revision = site.revision
        stream.publish(work.session, site, before=known, after=wanted)
        at_booths.complete(work, site)
        return repository.revision(work.session, site_id) != revision


def _known(work: Work, site_id: UUID) -> Iterator[Told]:
    living = (RuleChange.site_id == site_id, RuleChange.to_revision.is_(None), RuleChange.data.is_not(None))
    query = select(RuleChange.data, RuleChange.audience).where(*living, RuleChange.kind.in_(KINDS))
    for data, audience in work.session.execute(query):
        yield _record.validate_json(data or ""), _audience(audience)


def _wanted(work: Work, site_id: UUID) -> Iterator[Told]:
    session = work.session
    site = session.get_one(Site, site_id)
    yield from told_to(EVERYONE, (site_record(site),))
    for lane in session.scalars(select(Lane).where(Lane.site_id == site_id)):
        yield from told_to(lanes.audience(work, lane), lanes.rules(site, lane))
    for gate in session.scalars(select(Gate).where(Gate.site_id == site_id)):
        yield from told_to(EVERYONE, peers_of(session, gate))


def _audience(text: str) -> Audience:
    return EVERYONE if text == ALL_GATES else frozenset(map(UUID, text.split()))
