"""What is wrong with a row of a sheet: by column, in both languages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from central.errors import RegistryError
from central.files.value_words import code_of
from central.files.words import header_of
from central.form_words import fault_in_words


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row, in both languages; `field`: of which column (empty: of the row)."""

    field: str
    zh: str
    en: str


Faults = list[Fault]


def validated(model: type[BaseModel], values: dict[str, Any]) -> Any:
    """Return the model of these values, or what is wrong with them."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        return [_of_form(fault) for fault in error.errors(include_url=False, include_input=False)]


MISSING = fault_in_words("missing", {})


def besides(faults: Faults, found: Any) -> Any:
    """Return what was found, or the faults known before and what is wrong besides.

    That a field in fault is missing, and what is wrong with the row as a whole, may be no more than what a fault brings with it.
    """
    if not faults:
        return found
    said = {fault.field for fault in faults}
    others = [each for each in (found if isinstance(found, list) else ()) if each.field]
    return [*faults, *(each for each in others if each.field not in said or (each.zh, each.en) != MISSING)]


def _of_form(fault: Any) -> Fault:
    where, values = fault["loc"], dict(fault.get("ctx", {}))
    zh, en = fault_in_words(fault["type"], {**values, "place": where[-1] if where else ""})
    if fault["type"] == "literal_error":
        zh, _ = fault_in_words(fault["type"], {"expected": _in_chinese(where, values["expected"])})
    return fault_at(where, zh, en)


def _in_chinese(where: Sequence[Any], expected: str) -> str:
    """Return as a clerk writes them what pydantic names as 'in', 'out' or 'both'."""
    [*_, field] = (part for part in where if isinstance(part, str))
    known = code_of("", field, tuple(re.findall("'([^']*)'", expected)))
    return expected if known is None else "、".join(known.written["zh"].values())


def fault_of(error: RegistryError) -> Fault:
    """Return a refusal as what is wrong with a row."""
    return fault_at([int(part) if part.isdecimal() else part for part in error.field.split(".")], error.chinese, error.message)


def nobody(field: str) -> Fault:
    """Return what is wrong where a cell names what is not there."""
    return fault_of(RegistryError("there is no record of this name or number at this site", 422, field))


def not_by_sheet(field: str) -> Fault:
    """Return what is wrong where a row that is new says how something stands."""
    return fault_of(RegistryError("a sheet cannot set this: it comes of what is done with the record", 422, field))


def fault_at(where: Sequence[Any], zh: str, en: str) -> Fault:
    """Return what is wrong at a place: the column, then in it the item of a list (from 0) or the field of a part."""
    field, *inner = map(str, where or [""])
    if not inner:
        return Fault(field, zh, en)
    items = [f"第 {int(part) + 1} 项" if part.isdecimal() else header_of(part, "zh", field) for part in inner]
    parts = [f"item {int(part) + 1}" if part.isdecimal() else part for part in inner]
    return Fault(field, f"{'，'.join(items)}：{zh}", f"{', '.join(parts)}: {en}")
