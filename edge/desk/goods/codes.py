"""Slips of which a gate knows no more than their codes say; and the rules, by which codes are checked and vehicles named."""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from access.acting.goods import THOUSANDTHS
from access.on_record import Block
from access.passes import DIGEST_BYTES, Pass, gate_tag, name_of
from access.passing import subject_of
from access.plate import normalise
from access.snapshot import Snapshot
from access.workflows.release_slip import SlipLine, SlipTerms, lines_digest
from edge.desk.booth import Booth
from edge.desk.goods.standing import Standing, alone

KEPT_MAX = 200

_kept: OrderedDict[UUID, Pass] = OrderedDict()  # what was scanned last: checked, so true of whichever booth


def remember(says: Pass) -> UUID:
    """Keep what a checked code of a slip says, for its page where nothing could be written; return the slip's id."""
    _kept[says.id] = says
    _kept.move_to_end(says.id)
    while len(_kept) > KEPT_MAX:
        _kept.popitem(last=False)
    return says.id


def remembered(identity: UUID) -> Pass | None:
    """Return what the code of a slip said that was scanned here a while ago."""
    return _kept.get(identity)


def rules_of(booth: Booth) -> Snapshot | None:
    """Return the rules that this booth goes by, None where there are none yet."""
    return booth.roll.rules


def is_withdrawn(slip: UUID, rules: Snapshot | None, at: datetime) -> bool:
    """Tell whether the code of a slip was taken back, as far as this gate knows: by its name, as all codes are."""
    if rules is None:
        return False
    digest = rules.code_hash(name_of("slip", slip))
    return _is_in_force(rules.blocked_hash(digest), at) or any(one.status != "active" for one in rules.of_hash(digest))


def _is_in_force(block: Block | None, at: datetime) -> bool:
    return block is not None and (block.valid_until is None or at < block.valid_until)


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
        digest=says.digest.hex(),
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
    return {"terms": told, "valid_from": since, "vehicles": list(slip.vehicles), "digest": slip.digest}


def are_approved(lines: Iterable[SlipLine], digest: str) -> bool:
    """Tell whether these lines, as they stand on the paper, are those that a code with this digest (hex) was made for."""
    return digest == lines_digest(lines)[: 2 * DIGEST_BYTES]


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
