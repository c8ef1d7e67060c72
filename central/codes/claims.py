"""What the code of a record says, by what the record has agreed on; nothing of it names a person."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.card import code_hash
from access.identifiers import uuid_of
from access.passes import (
    CODE_CHARS_MAX,
    DIGEST_BYTES,
    GATES_MAX,
    LINES_MAX,
    TEXT_MAX,
    UNITS_MAX,
    USES_MAX,
    VEHICLE_BYTES,
    VEHICLES_MAX,
    Line,
    Pass,
    gate_tag,
    signed,
)
from access.workflows.contractor_pass import ContractorPass
from access.workflows.release_slip import ReleaseSlip, SlipLine, lines_digest
from access.workflows.visit import Visit
from central.tables import Gate, Site
from central.workflows.tables import WorkflowRecord

CHARS_WITH_LINES: Final = 480
THOUSANDTHS: Final = 1000
KEPT: Final = ("gates", "uses", "party")


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to say it, for a code of at most so many characters."""

    says: Pass
    most: int = CODE_CHARS_MAX


def of_visit(session: Session, site: Site, row: WorkflowRecord, visit: Visit, *, turns: bool = False) -> Sequence[Wording]:
    """Return the one way in which a visit is said; none where all of its gates are gone."""
    terms = visit.terms
    gates = _gates(session, site.id, terms.gates)
    if terms.gates and not gates:
        return ()
    says = _said("visit", row.id, terms.valid_from, terms.valid_until)
    tags = vehicle_tags(site.card_key, terms.plates)
    return (Wording(replace(says, gates=gates, uses=terms.uses, party=terms.party, vehicles=tags, turns=turns)),)


def of_pass(row: WorkflowRecord, held: ContractorPass, part: str) -> Sequence[Wording]:
    """Return the ways in which one part of a pass is said: with its units where there is room for them.

    It is used any number of times.
    """
    terms = held.terms
    says = replace(_said("pass", row.id, terms.valid_from, terms.valid_until), part=part, uses=USES_MAX, number=row.number)
    return (*_with_units(says, terms.units), Wording(says))


def of_slip(session: Session, site: Site, row: WorkflowRecord, slip: ReleaseSlip) -> Sequence[Wording]:
    """Return the ways in which a slip is said: with its lines, or unit, where there is room for them."""
    terms = slip.terms
    digest = bytes.fromhex(lines_digest(terms.lines))[:DIGEST_BYTES]
    says = replace(
        _said("slip", row.id, row.opened_at, terms.valid_until),
        gates=_gates(session, site.id, (slip.only_gate,)) if slip.only_gate else (),
        vehicles=vehicle_tags(site.card_key, terms.plates),
        number=row.number,
        digest=digest,
    )
    plain = (*_with_units(says, (row.details["unit"],)), Wording(says))
    lines = _lines(terms.lines)
    return (*(Wording(replace(each.says, lines=lines), CHARS_WITH_LINES) for each in plain[:1] if lines), *plain)


def fitted(wordings: Sequence[Wording], private: bytes, issued_s: int) -> tuple[Pass, str]:
    """Return the first way that fits, and its signed text; raises ValueError where none does."""
    for wording in wordings:
        says = replace(wording.says, issued=issued_s)
        try:
            text = signed(says, private)
        except ValueError:
            continue
        if len(text) <= wording.most:
            return says, text
    raise ValueError("too much for a code")


def as_kept(says: Pass) -> Mapping[str, Any]:
    """Return what a code says as it is kept: bytes as hex, and of plates, units and goods no more than a digest of it all."""
    told = {name: _plain(value) for name, value in asdict(says).items() if name not in ("id", "issued")}
    terms = sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    return {name: told[name] for name in KEPT} | {"terms": terms}


def vehicle_tags(card_key: bytes, plates: Sequence[str]) -> tuple[bytes, ...]:
    """Return by what a code names these plates, as gates do (`Snapshot.vehicle_tag`); of too many none is bound."""
    if len(plates) > VEHICLES_MAX:
        return ()
    return tuple(uuid_of(code_hash(card_key, f"plate {plate}")).bytes[:VEHICLE_BYTES] for plate in plates)


def _said(kind: str, record_id: UUID, since: datetime, until: datetime) -> Pass:
    # A zone may carry the first day of all before the epoch.
    return Pass(kind, record_id, 0, max(0, int(since.timestamp())), int(until.timestamp()))


def _gates(session: Session, site_id: UUID, slugs: Sequence[str]) -> tuple[bytes, ...]:
    """Return by what a code names gates; of very many the first: more would let in at all of them."""
    if not slugs:
        return ()
    query = select(Gate.slug, Gate.id).where(Gate.site_id == site_id, Gate.slug.in_(slugs))
    ids: dict[str, UUID] = {row.slug: row.id for row in session.execute(query)}
    return tuple(gate_tag(ids[slug]) for slug in slugs if slug in ids)[:GATES_MAX]


def _with_units(says: Pass, units: Sequence[str]) -> tuple[Wording, ...]:
    named = tuple(unit for unit in units if unit)
    if not named or len(named) > UNITS_MAX or not all(map(_is_text, named)):
        return ()
    return (Wording(replace(says, units=named)),)


def _lines(lines: Sequence[SlipLine]) -> tuple[Line, ...]:
    """Return lines as a code has them; none where not all of them can be said."""
    told = tuple(Line(line.item, int(line.asked * THOUSANDTHS), line.unit) for line in lines)
    exact = all(Decimal(each.quantity) == line.asked * THOUSANDTHS for each, line in zip(told, lines, strict=True))
    fits = len(told) <= LINES_MAX and all(_is_text(each.item) and _is_text(each.unit) for each in told)
    return told if exact and fits else ()


def _is_text(text: str) -> bool:
    return len(text) <= TEXT_MAX and text.isprintable()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return {name: _plain(each) for name, each in value.items()} if isinstance(value, dict) else value
