"""Sites, gates and lanes."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.orm import object_session
from typing_extensions import override

from access.contract.records import AnyRecord, LaneRecord, SiteRecord
from central.access_rules import stream
from central.access_rules.audience import EVERYONE, Audience, told_to
from central.access_rules.direct import is_direct
from central.audit import services as audit
from central.audit.schemas import AuditShown, HistoryAsked
from central.errors import RegistryError
from central.places.at_booth import gate_record, settings_record, tell_gates
from central.places.settings import settings_of
from central.records.concurrency import check_seen
from central.records.repository import flush, get, of_site
from central.records.repository import site as site_of
from central.records.schemas import Page
from central.records.services import Records
from central.registry import Work
from central.sites import repository
from central.sites.existing import existing_site
from central.sites.peers import peers_of
from central.sites.schemas import GateShown, GateWanted, LaneShown, LaneTerms, LaneWanted, SitesAsked, SiteShown, SiteWanted
from central.tables import Gate, Lane, Site, Zone
from central.visits.telling import tell_of_gates

CARD_KEY_BYTES = 32
KIND = "sites"
TERMS = set(LaneTerms.model_fields)
# A lane is new, or there again: gates of visits to its gate are still to be told.
LANES_ADDED = "lanes added"


class Gates(Records[Gate, GateWanted, GateShown]):
    """Gates; an edge knows its own, so the rules tell of them only who speaks for each, and booths what each is called."""

    table = Gate
    wanted = GateWanted
    shown = GateShown
    taken = "another gate of the site has this slug"
    in_use = "the gate still has lanes, posts or edges"

    @override
    def fill(self, work: Work, site: Site, row: Gate, wanted: GateWanted) -> None:
        """Set slug and name."""
        row.slug, row.name = wanted.slug, wanted.name

    @override
    def key(self, wanted: GateWanted) -> dict[str, object]:
        return {"slug": wanted.slug}

    @override
    def rules(self, site: Site, row: Gate) -> Sequence[AnyRecord]:
        """Tell the boxes that speak for the gate, by its slug and name."""
        session = object_session(row)
        assert session is not None, "only what is kept is told"
        return peers_of(session, row)

    @override
    def at_booths(self, work: Work, site: Site, row: Gate) -> Sequence[AnyRecord]:
        """Show each gate by its name: what hangs there hangs at another post."""
        return (gate_record(work.session, row),)

    @override
    def delete(self, work: Work, record_id: UUID, seen: int | None = None) -> None:
        gate = get(work, Gate, record_id, changing=True)
        # The database would look by locking them; and who takes in what they send has locked them, and waits for the site.
        if repository.has_edges(work.session, gate.id):
            raise RegistryError("the gate still has lanes, posts or edges", 409)
        super().delete(work, record_id, seen)


class Lanes(Records[Lane, LaneWanted, LaneShown]):
    """Lanes; only the edge of their gate is told of them."""

    table = Lane
    wanted = LaneWanted
    shown = LaneShown
    taken = "another lane of the gate has this slug"
    in_use = "an access level still opens the lane"

    @override
    def fill(self, work: Work, site: Site, row: Lane, wanted: LaneWanted) -> None:
        """Set all of a lane; its gate stays the one it was made for, and its mode what somebody has set it to for a reason."""
        if row.gate_id not in (None, wanted.gate):
            raise RegistryError("a lane cannot move to another gate", 422, "gate")
        if wanted.mode != (row.mode or "normal") and is_direct(work):
            raise RegistryError("a lane's mode is set by itself, and with a reason: PUT /lanes/ID/mode", 409, "mode")
        if inspect(row).transient:
            work.session.info[LANES_ADDED] = True
        row.gate_id = of_site(work.session, Gate, wanted.gate, site.id, "gate").id
        row.slug, row.name = wanted.slug, wanted.name or wanted.slug
        row.lane_kind, row.direction = wanted.lane_kind, wanted.direction
        row.mode, row.unknown = wanted.mode, wanted.unknown
        row.inner_zone_id = _zone(work, site, wanted.inner_zone, "inner_zone")
        row.outer_zone_id = _zone(work, site, wanted.outer_zone, "outer_zone")
        if row.inner_zone_id is not None and row.inner_zone_id == row.outer_zone_id:
            raise RegistryError("a lane leads from one zone into another", 422, "outer_zone")
        row.terms = wanted.model_dump(mode="json", include=TERMS, exclude_defaults=True)

    @override
    def key(self, wanted: LaneWanted) -> dict[str, object]:
        return {"gate_id": wanted.gate, "slug": wanted.slug}

    @override
    def audience(self, work: Work, row: Lane) -> Audience:
        """Tell the lane's own gate: it is no business of others."""
        return frozenset({row.gate_id})

    @override
    def show(self, work: Work, row: Lane) -> LaneShown:
        return _lane(row)

    @override
    def followed(self, work: Work, site: Site, row: Lane) -> None:
        """Tell gates of visits to this gate that a lane was added, and booths that it is of this gate."""
        if work.session.info.pop(LANES_ADDED, False):
            tell_of_gates(work, site)
            tell_gates(work, site)

    @override
    def delete(self, work: Work, record_id: UUID, seen: int | None = None) -> None:
        site = site_of(work, get(work, Lane, record_id).site_id)
        super().delete(work, record_id, seen)
        tell_of_gates(work, site)
        tell_gates(work, site)

    @override
    def rules(self, site: Site, row: Lane) -> Sequence[AnyRecord]:
        """Tell all of a lane."""
        shown = _lane(row)
        facts = shown.model_dump(include=TERMS | {"id", "slug", "name", "lane_kind", "direction", "mode", "unknown"})
        return (LaneRecord(**facts, gate=row.gate_id, inner_zone=shown.inner_zone_id, outer_zone=shown.outer_zone_id),)


def _lane(row: Lane) -> LaneShown:
    columns = {name: getattr(row, name) for name in LaneShown.model_fields.keys() - TERMS}
    return LaneShown.model_validate(columns | row.terms)


def _zone(work: Work, site: Site, wanted: UUID | None, field: str) -> UUID | None:
    return None if wanted is None else of_site(work.session, Zone, wanted, site.id, field).id


gates = Gates()
lanes = Lanes()


def site_record(site: Site) -> SiteRecord:
    """Return what gates are told of their site."""
    session = object_session(site)
    assert session is not None, "only what is kept is told"
    reuse = settings_of(session, site.id).code_reuse
    facts = {"slug": site.slug, "name": site.name, "zone": site.zone, "card_key": site.card_key.hex()}
    return SiteRecord(id=site.id, code_reuse=reuse, **facts)


def get_site(work: Work, site_id: UUID) -> SiteShown:
    """Show a site; RegistryError 404."""
    return SiteShown.model_validate(existing_site(work, site_id))


def page_sites(work: Work, asked: SitesAsked) -> Page[SiteShown]:
    """Show one page of the sites that the actor sees."""
    rows = repository.page(work.session, asked, work.actor.site)
    items = [SiteShown.model_validate(row) for row in rows[: asked.limit]]
    return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)


def history_of_site(work: Work, site_id: UUID, asked: HistoryAsked) -> Page[AuditShown]:
    """Show one page of what was changed of a site itself, newest first; RegistryError 404."""
    found = audit.history(work, KIND, site_id, asked)
    if not found.items and not audit.is_known(work, KIND, site_id):
        existing_site(work, site_id)
    return found


def create_site(work: Work, wanted: SiteWanted) -> SiteShown:
    """Create a site with a card key of its own; RegistryError 409 where the slug is taken, 403 for who is bound to another."""
    if work.actor.site is not None:
        raise RegistryError("who is bound to one site cannot create others", 403)
    site = Site(id=work.new_id(), card_key=work.rng(CARD_KEY_BYTES), revision=0, version=1, **wanted.model_dump())
    work.session.add(site)
    flush(work.session, "another site has this slug")
    _note(work, site, "created", after=_facts(site))
    told = (site_record(site), settings_record(work.session, site.id))
    stream.publish(work.session, site, before=(), after=told_to(EVERYONE, told))
    return _current(work, site)


def change_site(work: Work, site_id: UUID, wanted: SiteWanted, seen: int | None = None) -> SiteShown:
    """Make the site what is wanted; RegistryError 404, and 409 unless it is as it was `seen` (None: any)."""
    site = existing_site(work, site_id, changing=True)
    was, before = _facts(site), site_record(site)
    check_seen(work, KIND, site.id, was, seen, wanted.model_dump(mode="json"))
    site.slug, site.name, site.zone = wanted.slug, wanted.name, wanted.zone
    flush(work.session, "another site has this slug")
    if _facts(site) != was:
        site.version += 1
        _note(work, site, "changed", before=was, after=_facts(site))
    told = told_to(EVERYONE, (site_record(site),))
    stream.publish(work.session, site, before=told_to(EVERYONE, (before,)), after=told)
    return _current(work, site)


def delete_site(work: Work, site_id: UUID, seen: int | None = None) -> None:
    """Delete a site that nothing belongs to any more; RegistryError 404 and 409."""
    site = existing_site(work, site_id, changing=True)
    was = _facts(site)
    check_seen(work, KIND, site.id, was, seen)
    repository.delete_site(work.session, site)
    flush(work.session, "the site still has records")
    site.version += 1
    _note(work, site, "deleted", before=was)


def put_site(work: Work, wanted: SiteWanted) -> SiteShown:
    """Create the site, or make the one with the same slug what is wanted."""
    found = repository.site_by_slug(work.session, wanted.slug)
    return create_site(work, wanted) if found is None else change_site(work, found.id, wanted)


def _facts(site: Site) -> dict[str, Any]:
    """Return what of a site its own changes change: its revision counts those of other records."""
    return SiteShown.model_validate(site).model_dump(mode="json", exclude={"revision"})


def _note(
    work: Work, site: Site, act: str, before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None
) -> None:
    audit.note(work, KIND, site.id, site.id, act, version=site.version, before=before, after=after)


def _current(work: Work, site: Site) -> SiteShown:
    work.session.flush()
    work.session.refresh(site)
    return SiteShown.model_validate(site)
