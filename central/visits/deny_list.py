"""Whether a visitor is not to be let in, by name, telephone and plate."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select

from central.errors import RegistryError
from central.registry import Work
from central.tables import Block, Site
from central.visits.identity import folded_name, known_tail, phone_hash
from central.visits.tables import DeniedVisitor

VISITOR_DENIED = "visitor_denied"
# Who is told why; a guard and a host only learn that it is so.
TOLD_WHY = frozenset({"front_desk", "registrar", "site_manager", "security_officer", "auditor"})


def check_visitor(work: Work, site: Site, name: str, phone: str | None, tail: str) -> None:
    """Raise RegistryError 409 naming the field where a visitor of this name and telephone (or its end) is not to be let in."""
    folded, hashed = folded_name(name), phone_hash(phone or "")
    if phone and (found := _entry(work, site, DeniedVisitor.phone_hash == hashed)):
        raise _denial(work, "details.phone", found.reason)
    for entry in _entries(work, site.id, DeniedVisitor.folded == folded) if folded else ():
        if _is_by_name(entry, tail):
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


def is_denied(work: Work, site_id: UUID, details: Mapping[str, Any], plates: Sequence[str]) -> bool:
    """Tell whether a visitor of whom this is known is on the list by any of it."""
    row, name, phone = DeniedVisitor, str(details["name"]), details.get("phone")
    by_any = or_(row.phone_hash == phone_hash(phone or ""), row.folded == folded_name(name), row.plate.in_(plates))
    return any(_is_meant(entry, details, plates) for entry in _entries(work, site_id, by_any))


def _is_meant(entry: DeniedVisitor, details: Mapping[str, Any], plates: Sequence[str]) -> bool:
    phone = details.get("phone")
    if (phone and entry.phone_hash == phone_hash(phone)) or (entry.plate and entry.plate in plates):
        return True
    return bool(entry.folded) and entry.folded == folded_name(str(details["name"])) and _is_by_name(entry, known_tail(details))


def sites_of_ended(at: datetime) -> Select[UUID]:
    """Return the query of the sites that have an entry which has ended by `at`."""
    return select(DeniedVisitor.site_id).where(DeniedVisitor.valid_until <= at).distinct()


def _entries(work: Work, site_id: UUID, by: Any) -> Sequence[DeniedVisitor]:
    lasts = or_(DeniedVisitor.valid_until.is_(None), DeniedVisitor.valid_until > work.at)
    return work.session.scalars(select(DeniedVisitor).where(DeniedVisitor.site_id == site_id, by, lasts)).all()


def _entry(work: Work, site: Site, by: Any) -> DeniedVisitor | None:
    return next(iter(_entries(work, site.id, by)), None)


def _is_by_name(entry: DeniedVisitor, tail: str) -> bool:
    """Tell whether a visitor of the entry's name is the one who is meant; who gives no telephone does not get by with that."""
    if entry.phone_tail:
        return not tail or tail == entry.phone_tail
    return not entry.plate


def _denial(work: Work, field: str, reason: str) -> RegistryError:
    told = {"reason": reason} if work.actor.role in TOLD_WHY else {}
    return RegistryError("this visitor is not let in here", 409, field, {"code": VISITOR_DENIED, **told})
