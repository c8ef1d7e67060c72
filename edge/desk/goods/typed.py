"""What the forms of this place send, and what is wrong with it: faults by the field that they stand beside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form

from access.plate import normalise
from access.workflows.quantities import plain, quantity
from access.workflows.release_slip import RIGHTS, Paper, Released, SlipLine, SlipTerms
from edge.desk.goods import words
from edge.desk.goods.standing import Standing, quantity_of

ROWS = 8  # lines that a form for writing down goods offers at once
ROWS_MAX = 40
TEXT_MAX = 200
Text = Annotated[str, Form(max_length=TEXT_MAX)]


@dataclass(frozen=True, slots=True)
class Pressed:
    """What every form of this place sends: its id, the newest entry that its page knew, and when it was pressed."""

    request: Annotated[UUID, Form()]
    after: Annotated[str, Form(max_length=40)] = ""
    pressed: Annotated[float, Form()] = 0.0


@dataclass(frozen=True, slots=True)
class Carried:
    """By whom and in what: `vehicle` is foot, plate (`plate` is typed) or, where one stands at a lane, `lane:` and its name."""

    carrier: Text = ""
    vehicle: Text = ""
    plate: Text = ""

    @property
    def at_lane(self) -> str:
        """The name of the vehicle that stands at a lane, or ""."""
        return self.vehicle.removeprefix("lane:") if self.vehicle.startswith("lane:") else ""


@dataclass(frozen=True, slots=True)
class Night:
    """A slip that is made out at the gate, but for its lines; `step` is approve, or save (the leader comes later)."""

    right: Text = "owner"
    applicant: Text = ""
    unit: Text = ""
    phone_tail: Annotated[str, Form(pattern=r"^\d{0,4}$")] = ""
    paper: Text = ""
    plate: Text = ""
    step: Text = "approve"


@dataclass(frozen=True, slots=True)
class Signed:
    """Who approves: badge and PIN of the shift leader, and why it cannot wait."""

    badge: Annotated[str, Form(max_length=20)] = ""
    pin: Annotated[str, Form(max_length=64)] = field(default="", repr=False)
    reason: Text = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line as it was typed."""

    item: str = ""
    quantity: str = ""
    unit: str = ""
    remark: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not (self.item or self.quantity or self.unit or self.remark)


def chosen(slip: Standing, form: Mapping[str, Any]) -> tuple[tuple[Released, ...], dict[str, tuple[str, str]]]:
    """Return what goes out by a form's fields (`line-1`), and faults by field: the words and what is left."""
    gone: list[Released] = []
    faults: dict[str, tuple[str, str]] = {}
    for line in slip.lines:
        said = quantity_of(_text(form, f"line-{line.number}"), line)
        if said is None:
            faults[f"line-{line.number}"] = (words.NO_QUANTITY, plain(line.left))
        elif said > 0:
            gone.append(Released(line.number, said))
    if not gone and not faults:
        faults["lines"] = (words.NOTHING_CHOSEN, "")
    return tuple(gone), faults


def rows_of(form: Mapping[str, Any]) -> list[Row]:
    """Return the lines that were typed, with the empty ones between, and some more to type into."""
    rows = [Row(*(_text(form, f"{name}-{at}") for name in Row.__dataclass_fields__)) for at in range(1, ROWS_MAX + 1)]
    used = max((at for at, row in enumerate(rows, 1) if not row.is_empty), default=0)
    return rows[: min(ROWS_MAX, max(ROWS, used + 2))]


def lines_of(rows: list[Row]) -> tuple[SlipLine, ...] | str:
    """Return the lines that were typed, numbered as they come, or what is wrong (not translated)."""
    lines: list[SlipLine] = []
    for row in rows:
        if row.is_empty:
            continue
        try:
            count = quantity(row.quantity.replace(",", "."))
        except ValueError:
            return words.BAD_LINE
        if not row.item:
            return words.NO_LINES
        lines.append(SlipLine(len(lines) + 1, row.item, Decimal(plain(count)), row.unit, row.remark))
    return tuple(lines) or words.NO_LINES


def terms_of(night: Night, lines: tuple[SlipLine, ...]) -> SlipTerms:
    """Return the terms of a slip that is made out here; a guard has seen the paper that the right asks for."""
    needed = RIGHTS[night.right]
    named = lines if night.right == "third_party" else ()
    paper = Paper(needed, night.paper, night.applicant, named)
    plates = tuple(filter(None, (normalise(night.plate),)))
    return SlipTerms("", night.right, night.applicant, (paper,) if needed else (), lines, plates)


def missing_of(night: Night) -> dict[str, tuple[str, str]]:
    """Return what is missing beside the lines."""
    missing = {
        "applicant": (words.NO_APPLICANT, not night.applicant.strip()),
        "unit": (words.NO_UNIT, not night.unit.strip()),
        "paper": (words.NO_PAPER, bool(RIGHTS.get(night.right)) and not night.paper.strip()),
        "right": (words.NO_PAPER, night.right not in RIGHTS),
    }
    return {name: (said, "") for name, (said, is_missing) in missing.items() if is_missing}


def _text(form: Mapping[str, Any], name: str) -> str:
    found = form.get(name, "")
    return " ".join(found.split())[:TEXT_MAX] if isinstance(found, str) else ""
