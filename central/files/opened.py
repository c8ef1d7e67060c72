"""What a record of a workflow would be opened with as it stands now: its form filled in, the other way round."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from access.workflows.events import NEVER
from central.files.references import id_in
from central.registry import Work
from central.rules_changes.services import rules_changes
from central.workflows.schemas import FlowShown
from central.workflows.shapes import adapter

Facts = Mapping[str, Any]
NO_TIME = adapter(datetime).dump_python(NEVER, mode="json")
# The parts of a record that hold what was agreed of it.
NESTED = ("terms", "holding", "loan")


def as_opened(work: Work, kind: str, shown: FlowShown) -> Facts:
    """Return what the form that opens such a record would hold, by the names of its fields, as it is in JSON."""
    if kind == rules_changes.kind:
        return {"changes": _changes(work, shown.id)}
    record: Facts = shown.model_dump(mode="json", include={"record"})["record"]
    return {**flat(record), **OTHERWISE.get(kind, _nothing)(record)}


def flat(record: Facts) -> dict[str, Any]:
    """Return a record in JSON with its nested parts beside the others, and nothing where its time is none."""
    parts = {name: record.get(name) for name in NESTED}
    beside = {name: value for part in parts.values() for name, value in (part or {}).items()}
    whole = {name: value for name, value in record.items() if name not in parts} | beside
    return {name: None if value == NO_TIME else value for name, value in whole.items()}


def _nothing(record: Facts) -> Facts:
    del record
    return {}


def _visit(record: Facts) -> Facts:
    terms = record["terms"]
    host = "host_person" if id_in(terms["host"]) else "host_unit" if terms["unit"] else "host_department"
    return {host: terms["host"], "category": terms["category"]["code"]}


def _incident(record: Facts) -> Facts:
    first = record["entries"][0]
    return {name: first[name] for name in ("text", "told", "pictures")}


def _parking_permit(record: Facts) -> Facts:
    who = (record["holding"] or {}).get("holder", "")
    field, _, record_id = who.partition(":")
    return {"holder": "", field: record_id} if field in {"person", "company"} and id_in(record_id) else {"holder": who}


def _slip(record: Facts) -> Facts:
    terms = record["terms"]
    papers = [paper | {"lines": [_goods(line) for line in paper["lines"]]} for paper in terms["papers"]]
    lines = [_goods(line) | {"remark": line["remark"], "pictures": line["pictures"]} for line in terms["lines"]]
    return {"papers": papers, "lines": lines}


def _goods(line: Facts) -> dict[str, Any]:
    return {"item": line["item"], "quantity": line["asked"], "unit": line["unit"]}


def _changes(work: Work, record_id: UUID) -> list[Facts]:
    """Return what the actor may see of a draft; what is new in it has no id that another draft could name."""
    changes = rules_changes.get_draft(work, record_id).changes
    named = [each.model_dump(mode="json", include={"kind", "id", "wanted"}) for each in changes]
    return [each if change.version else each | {"id": None} for each, change in zip(named, changes, strict=True)]


# Of which kinds the form says otherwise what the record knows.
OTHERWISE: Mapping[str, Callable[[Facts], Facts]] = {
    "visit": _visit,
    "incident": _incident,
    "parking_permits": _parking_permit,
    "release_slip": _slip,
}
