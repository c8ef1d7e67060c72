"""Sites, gates and lanes."""

from collections.abc import Sequence
from uuid import UUID

from typing_extensions import override

from access.contract.records import AnyRecord, LaneRecord, SiteRecord
from central.access_rules import stream
from central.access_rules.audience import EVERYONE, Audience, told_to
from central.errors import RegistryError
from central.records.repository import flush, of_site
from central.records.schemas import Asked, Page
from central.records.services import Records
from central.registry import Work
from central.sites import repository
from central.sites.schemas import GateShown, GateWanted, LaneShown, LaneWanted, SiteShown, SiteWanted
from central.tables import Gate, Lane, Site

CARD_KEY_BYTES = 32


class Gates(Records[Gate, GateWanted, GateShown]):
    """Gates; an edge knows its own, so the rules do not tell of them."""

    table = Gate
    shown = GateShown
    taken = "another gate of the site has this slug"
    in_use = "the gate still has lanes or edges"

    @override
    def fill(self, work: Work, site: Site, row: Gate, wanted: GateWanted) -> None:
        """Set slug and name."""
        row.slug, row.name = wanted.slug, wanted.name

    @override
    def key(self, wanted: GateWanted) -> dict[str, object]:
        return {"slug": wanted.slug}

    @override
    def rules(self, site: Site, row: Gate) -> Sequence[AnyRecord]:
        """Nothing is told."""
        return ()


class Lanes(Records[Lane, LaneWanted, LaneShown]):
    """Lanes; only the edge of their gate is told of them."""

    table = Lane
    shown = LaneShown
    taken = "another lane of the gate has this slug"
    in_use = "an access level still opens the lane"

    @override
    def fill(self, work: Work, site: Site, row: Lane, wanted: LaneWanted) -> None:
        """Set all of a lane; its gate stays the one it was made for."""
        if row.gate_id not in (None, wanted.gate):
            raise RegistryError("a lane cannot move to another gate", 422, "gate")
        row.gate_id = of_site(work.session, Gate, wanted.gate, site.id, "gate").id
        row.slug, row.name = wanted.slug, wanted.name or wanted.slug
        row.lane_kind, row.direction = wanted.lane_kind, wanted.direction
        row.mode, row.unknown = wanted.mode, wanted.unknown

    @override
    def key(self, wanted: LaneWanted) -> dict[str, object]:
        return {"gate_id": wanted.gate, "slug": wanted.slug}

    @override
    def audience(self, work: Work, row: Lane) -> Audience:
        """Tell the lane's own gate: it is no business of others."""
        return frozenset({row.gate_id})

    @override
    def rules(self, site: Site, row: Lane) -> Sequence[AnyRecord]:
        """Tell the lane's kind, direction, mode and what becomes of the unknown."""
        shown = LaneShown.model_validate(row)
        return (
            LaneRecord(
                id=shown.id,
                slug=shown.slug,
                name=shown.name,
                lane_kind=shown.lane_kind,
                direction=shown.direction,
                mode=shown.mode,
                unknown=shown.unknown,
            ),
        )


gates = Gates()
lanes = Lanes()


def site_record(site: Site) -> SiteRecord:
    """Return what gates are told of their site."""
    return SiteRecord(id=site.id, slug=site.slug, name=site.name, zone=site.zone, card_key=site.card_key.hex())


def get_site(work: Work, site_id: UUID) -> SiteShown:
    """Show a site; RegistryError 404."""
    return SiteShown.model_validate(_existing(work, site_id))


def page_sites(work: Work, asked: Asked) -> Page[SiteShown]:
    """Show one page of the sites."""
    rows = repository.sites(work.session, asked.after, asked.limit + 1)
    items = [SiteShown.model_validate(row) for row in rows[: asked.limit]]
    return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)


def create_site(work: Work, wanted: SiteWanted) -> SiteShown:
    """Create a site with a card key of its own; RegistryError 409 where the slug is taken."""
    site = Site(id=work.new_id(), card_key=work.rng(CARD_KEY_BYTES), revision=0, **wanted.model_dump())
    work.session.add(site)
    flush(work.session, "another site has this slug")
    stream.publish(work.session, site, before=(), after=told_to(EVERYONE, (site_record(site),)))
    return _current(work, site)


def change_site(work: Work, site_id: UUID, wanted: SiteWanted) -> SiteShown:
    """Make the site what is wanted; RegistryError 404 and 409."""
    site = _existing(work, site_id)
    before = site_record(site)
    site.slug, site.name, site.zone = wanted.slug, wanted.name, wanted.zone
    flush(work.session, "another site has this slug")
    told = told_to(EVERYONE, (site_record(site),))
    stream.publish(work.session, site, before=told_to(EVERYONE, (before,)), after=told)
    return _current(work, site)


def delete_site(work: Work, site_id: UUID) -> None:
    """Delete a site that nothing belongs to any more; RegistryError 404 and 409."""
    repository.delete_site(work.session, _existing(work, site_id))
    flush(work.session, "the site still has records")


def put_site(work: Work, wanted: SiteWanted) -> SiteShown:
    """Create the site, or make the one with the same slug what is wanted."""
    found = repository.site_by_slug(work.session, wanted.slug)
    return create_site(work, wanted) if found is None else change_site(work, found.id, wanted)


def _existing(work: Work, site_id: UUID) -> Site:
    site = repository.get_site(work.session, site_id)
    if site is None:
        raise RegistryError("there is no such site", 404, "id")
    return site


def _current(work: Work, site: Site) -> SiteShown:
    work.session.refresh(site)
    return SiteShown.model_validate(site)
