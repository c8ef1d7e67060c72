"""Looks: written down before what was looked at is shown; listed for those who look on."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from pydantic import BaseModel

from access.plate import normalise
from central.looks import repository
from central.looks.schemas import LookKind, LooksAsked, LookShown
from central.looks.tables import Look
from central.records import repository as records
from central.records.schemas import Page
from central.registry import Registry, Work
from central.tables import Vehicle

US: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class At:
    """What is looked at: a record or entry, the person that it is about or is, and what it is sought by, as a plate."""

    kind: str
    id: UUID | None = None
    site: UUID | None = None
    person: UUID | None = None
    sought: str = ""


def looked(work: Work, kind: LookKind, at: At, *, fields: Sequence[str] = (), purpose: str = "", rows: int = 0) -> UUID:
    """Write one look of the actor's down, in the work's own transaction; returns its id."""
    actor = work.actor
    look = Look(
        id=work.new_id(),
        site_id=at.site or actor.site,
        at_us=int(work.at.timestamp() * US),
        kind=kind,
        by_id=actor.id,
        by_name=str(actor.person or actor.name),
        by_role=actor.role,
        origin=actor.origin,
        subject_kind=at.kind,
        subject_id=at.id,
        person_id=at.id if at.kind == "persons" else at.person,
        sought=sought(work, at.sought),
        fields=sorted(fields),
        purpose=purpose,
        rows=rows,
    )
    work.session.add(look)
    work.session.flush()
    return look.id


def at_record(kind: str, shown: BaseModel) -> At:
    """Return what is looked at in a record that is shown: the person whose it is, and a vehicle's plate."""
    known = {name: getattr(shown, name, None) for name in ("id", "site_id", "person_id", "plate")}
    return At(kind, known["id"], known["site_id"], known["person_id"], known["plate"] or "")


def count_rows(registry: Registry, look: UUID, rows: int) -> None:
    """Write down how many rows went out by a look that was written down as they began to."""
    with registry.write() as work:
        work.session.get_one(Look, look).rows = rows


def sought(work: Work, text: str) -> bytes | None:
    """Return the keyed hash of what is searched by: of a plate in normal form, so that all its spellings are one."""
    plain = normalise(text) if text else ""
    return hmac.new(work.hash_key, f"look\n{plain}".encode(), hashlib.sha256).digest() if plain else None


def page(work: Work, asked: LooksAsked) -> Page[LookShown]:
    """Show one page of the looks, newest first; RegistryError 404 for a vehicle that the actor does not see."""
    vehicle = records.get(work, Vehicle, asked.vehicle) if asked.vehicle else None
    hashed = sought(work, vehicle.plate or "") if vehicle else None
    rows = repository.page(work, asked, hashed)
    items = [LookShown.model_validate(row) for row in rows[: asked.limit]]
    return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)
