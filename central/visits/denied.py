"""Who is not to be let in as a visitor."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, or_, select
from typing_extensions import override

from central.errors import RegistryError
from central.records.schemas import Asked
from central.records.services import Records
from central.registry import Work
from central.tables import Block, Site
from central.visits.identity import folded_name, phone_hash, tail_of
from central.visits.schemas import DeniedVisitorsAsked, DeniedVisitorShown, DeniedVisitorWanted
from central.visits.tables import DeniedVisitor

VISITOR_DENIED = "visitor_denied"
# Who is told why; a guard and a host only learn that it is so.
TOLD_WHY = frozenset({"front_desk", "registrar", "site_manager", "security_officer", "auditor"})


class DeniedVisitors(Records[DeniedVisitor, DeniedVisitorWanted, DeniedVisitorShown]):
    """Denied visitors, by name, telephone and plate."""

    table = DeniedVisitor
    wanted = DeniedVisitorWanted
    shown = DeniedVisitorShown
    taken = "the visitor is on the list already"

    @override
    def fill(self, work: Work, site: Site, row: DeniedVisitor, wanted: DeniedVisitorWanted) -> None:
        """Set all of an entry but a telephone that is not given; something of the visitor must be known."""
        row.name, row.folded, row.plate = wanted.name, folded_name(wanted.name), wanted.plate or ""
        if wanted.phone is not None:
            row.phone_hash, row.phone_tail = phone_hash(wanted.phone), tail_of(wanted.phone)
        else:
            row.phone_hash, row.phone_tail = row.phone_hash or b"", row.phone_tail or ""
        if not (row.folded or row.phone_hash or row.plate):
            raise RegistryError("a name, a telephone or a plate must be given", 422, "name")
        row.reason, row.valid_until = wanted.reason, wanted.valid_until

    @override
    def key(self, wanted: DeniedVisitorWanted) -> dict[str, object]:
        hashed = b"" if wanted.phone is None else phone_hash(wanted.phone)
        return {"folded": folded_name(wanted.name), "phone_hash": hashed, "plate": wanted.plate or ""}

    @override
    def show(self, work: Work, row: DeniedVisitor) -> DeniedVisitorShown:
        shown = super().show(work, row)
        return shown if work.actor.role in TOLD_WHY else shown.model_copy(update={"reason": ""})

    @override
    def narrowed(self, query: Select[DeniedVisitor], asked: Asked) -> Select[DeniedVisitor]:
        assert isinstance(asked, DeniedVisitorsAsked)
        given: dict[str, Any] = asked.model_dump(include={"phone_tail", "plate"}, exclude_none=True)
        if asked.name is not None:
            given["folded"] = folded_name(asked.name)
        return query.filter_by(**given)


denied_visitors = DeniedVisitors()


def check_visitor(work: Work, site: Site, name: str, phone: str | None) -> None:
    """Raise RegistryError 409 naming the field where a visitor of this name and telephone is not to be let in."""
    folded, hashed = folded_name(name), phone_hash(phone or "")
    if phone and (found := _entry(work, site, DeniedVisitor.phone_hash == hashed)):
        raise _denial(work, "details.phone", found.reason)
    for entry in _entries(work, site, DeniedVisitor.folded == folded) if folded else ():
        if _is_by_name(entry, tail_of(phone or "")):
            raise _denial(work, "details.name", entry.reason)


def check_plates(work: Work, site: Site, plates: Sequence[str]) -> None:
    """Raise RegistryError 409 where a vehicle is not to be let in: that of a denied visitor, or one on the block list."""
    if not plates:
        return
    if found := _entry(work, site, DeniedVisitor.plate.in_(plates)):
        raise _denial(work, "plates", found.reason)
    lasts = or_(Block.valid_until.is_(None), Block.valid_until > work.at)
    blocked = select(Block).where(Block.site_id == site.id, Block.plate.in_(plates), lasts)
    if block := work.session.scalars(blocked.limit(1)).first():
        raise _denial(work, "plates", block.reason)


def _entries(work: Work, site: Site, by: Any) -> Sequence[DeniedVisitor]:
    lasts = or_(DeniedVisitor.valid_until.is_(None), DeniedVisitor.valid_until > work.at)
    return work.session.scalars(select(DeniedVisitor).where(DeniedVisitor.site_id == site.id, by, lasts)).all()


def _entry(work: Work, site: Site, by: Any) -> DeniedVisitor | None:
    return next(iter(_entries(work, site, by)), None)


def _is_by_name(entry: DeniedVisitor, tail: str) -> bool:
    """Tell whether a visitor of the entry's name is the one who is meant; who gives no telephone does not get by with that."""
    if entry.phone_tail:
        return not tail or tail == entry.phone_tail
    return not entry.plate


def _denial(work: Work, field: str, reason: str) -> RegistryError:
    told = {"reason": reason} if work.actor.role in TOLD_WHY else {}
    return RegistryError("this visitor is not let in here", 409, field, {"code": VISITOR_DENIED, **told})
