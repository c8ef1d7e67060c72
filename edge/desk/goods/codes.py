"""Slips of which a gate knows no more than their codes say; and the rules, by which codes are checked and vehicles named."""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from access.acting.goods import THOUSANDTHS
from access.passes import DIGEST_BYTES, Pass, gate_tag
from access.passing import subject_of
from access.plate import normalise
from access.snapshot import Snapshot, SnapshotError
from access.workflows.release_slip import SlipLine, SlipTerms, lines_digest
from edge.desk.booth import Booth
from edge.desk.goods.standing import Standing, alone
from edge.store.rules import map_snapshot

KEPT_MAX = 200

_kept: OrderedDict[UUID, Pass] = OrderedDict()  # what was scanned last: checked, so true of whichever booth
_mapped: dict[str, Snapshot] = {}  # the rules in force, by their path


def remember(says: Pass) -> UUID:
    """Keep what a checked code of a slip says, so that its page can show it; return the slip's id."""
    _kept[says.id] = says
    _kept.move_to_end(says.id)
    while len(_kept) > KEPT_MAX:
        _kept.popitem(last=False)
    return says.id


def remembered(identity: UUID) -> Pass | None:
    """Return what the code of a slip said that was scanned here a while ago."""
    return _kept.get(identity)


def rules_of(booth: Booth) -> Snapshot | None:
    """Return the rules in force, None where there are none, or they cannot be read."""
    path = booth.situation.gate.snapshot_path if booth.situation.gate else ""
    if path and path not in _mapped:
        try:
            found = map_snapshot(Path(path))
        except (OSError, SnapshotError):
            return None
        _mapped.clear()
        _mapped[path] = found
    return _mapped.get(path)


def standing_by_code(says: Pass) -> Standing:
    """Return a slip as its code tells it: with its lines where the code had room for them."""
    lines = tuple(
        SlipLine(at, line.item, Decimal(line.quantity) / THOUSANDTHS, line.unit) for at, line in enumerate(says.lines, 1)
    )
    terms = SlipTerms(says.number, lines=lines, valid_until=datetime.fromtimestamp(says.valid_until, UTC))
    return alone(
        says.id,
        terms,
        unit=", ".join(says.units),
        valid_from=datetime.fromtimestamp(says.valid_from, UTC),
        vehicles=tuple(tag.hex() for tag in says.vehicles),
    )


def told_by_code(slip: Standing, lines: Iterable[SlipLine] = ()) -> dict[str, Any]:
    """Return what an entry keeps of a slip that is known by its code alone, so that its page needs the code no more."""
    terms = slip.record.terms
    written = tuple(lines) or terms.lines
    told = {
        "number": terms.number,
        "valid_until": terms.valid_until.isoformat(),
        "lines": TypeAdapter(tuple[SlipLine, ...]).dump_python(written, mode="json"),
    }
    since = int(slip.valid_from.timestamp()) if slip.valid_from else 0
    return {"terms": told, "valid_from": since, "vehicles": list(slip.vehicles)}


def are_approved(lines: Iterable[SlipLine], says: Pass) -> bool:
    """Tell whether these lines, as they stand on the paper, are those that the code was made for."""
    return says.digest == bytes.fromhex(lines_digest(lines))[:DIGEST_BYTES]


def fits_here(says: Pass, booth: Booth, rules: Snapshot) -> bool:
    """Tell whether a code is good at this gate."""
    here = {rules.lanes[lane.id].gate for lane in booth.config.lane if lane.id in rules.lanes}
    return not says.gates or any(gate_tag(gate) in says.gates for gate in here if gate)


def names_vehicle(slip: Standing, plate: str, rules: Snapshot | None) -> bool:
    """Tell whether a slip known by its code lets this vehicle carry it ("": nobody's)."""
    return not (plate and slip.vehicles) or (rules is not None and rules.vehicle_tag(normalise(plate)).hex() in slip.vehicles)


def subject(plate: str, rules: Snapshot | None) -> str:
    """Return by what name the presence knows the vehicle with this plate, "" where nobody can tell."""
    text = normalise(plate)
    if not text or rules is None:
        return ""
    registered = rules.plate(text)
    return subject_of(registered[0] if len(registered) == 1 else None, text, rules)
