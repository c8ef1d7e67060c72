"""The contract is pinned by golden files: what one version writes, every later one of the same number must read and write.

A file that is missing is a new message: write it by `python -m tests.access.contract.write_golden`, and look at it.
"""

import json
from pathlib import Path
from typing import Any

import cbor2
import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from access.contract import alarms, booth_records, checkpoints, commands, deny, facts, health, records, sync
from tests.access.contract.messages import BATCH, MESSAGES

GOLDEN = Path(__file__).parent / "golden"
BY_NAME = {type(message).__name__: message for message in MESSAGES}


@pytest.mark.parametrize("name", BY_NAME)
def test_every_message_is_written_and_read_as_ever(name: str) -> None:
    golden = (GOLDEN / f"{name}.json").read_text(encoding="utf-8")
    assert json.loads(BY_NAME[name].model_dump_json()) == json.loads(golden)
    assert type(BY_NAME[name]).model_validate_json(golden) == BY_NAME[name]


def test_a_batch_of_entries_travels_as_cbor() -> None:
    golden = (GOLDEN / "EntryBatch.cbor").read_bytes()
    assert cbor2.dumps(BATCH.model_dump()) == golden
    assert sync.EntryBatch.model_validate(cbor2.loads(golden)) == BATCH


def test_no_message_is_left_out() -> None:
    every = {
        name
        for module in (alarms, booth_records, checkpoints, commands, deny, facts, health, records, sync)
        for name, model in vars(module).items()
        if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == module.__name__
    }
    inside_others = {"Record", "Message", "ListAge", "Span", "LevelGrant", "Space", "LaneWiring"}
    inside_others |= {"SentEntry", "Quarantined", "SharedFact", "Upsert", "Tombstone"}
    inside_others |= {"Part", "LentCard", "LineAtBooth", "Worded", "CategoryAtBooth", "ShiftTime", "StopAtBooth"}
    inside_others |= {"WrittenAtBooth"}
    inside_others |= {"EarlyAlarm", "EarlyAlarms"}  # entries as bytes: they travel as CBOR, as EntryBatch does
    assert every - inside_others == BY_NAME.keys() | {"EntryBatch"}
    assert {path.stem for path in GOLDEN.iterdir()} == BY_NAME.keys() | {"EntryBatch"}


@pytest.mark.parametrize("name", BY_NAME)
def test_an_unknown_key_is_refused(name: str) -> None:
    fields = json.loads(BY_NAME[name].model_dump_json())
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        type(BY_NAME[name]).model_validate_json(json.dumps({**fields, "role": "admin"}))


@pytest.mark.parametrize("name", [name for name, message in BY_NAME.items() if "version" in type(message).model_fields])
def test_another_version_is_refused(name: str) -> None:
    fields = json.loads(BY_NAME[name].model_dump_json())
    with pytest.raises(ValidationError, match="Input should be 1"):
        type(BY_NAME[name]).model_validate_json(json.dumps({**fields, "version": 2}))


def test_a_message_is_never_changed() -> None:
    for message in (*MESSAGES, BATCH):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(message, next(iter(type(message).model_fields)), None)


ANY_RECORD: TypeAdapter[Any] = TypeAdapter(records.AnyRecord)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("SiteRecord", {"card_key": "ab"}),
        ("SiteRecord", {"slug": "Lake Side"}),
        ("LaneRecord", {"mode": "ajar"}),
        ("LaneRecord", {"direction": "up"}),
        ("ScheduleRecord", {"spans": [{"days": [8], "start": "08:00", "end": "09:00"}]}),
        ("ScheduleRecord", {"spans": [{"days": [], "start": "08:00", "end": "09:00"}]}),
        ("ScheduleRecord", {"spans": [{"days": [0], "start": "8:00", "end": "09:00"}]}),
        ("ScheduleRecord", {"spans": [{"days": [0], "start": "08:00", "end": "24:01"}]}),
        ("PersonRecord", {"name": "x" * 201}),
        ("PersonRecord", {"valid_until": -1}),
        ("PersonRecord", {"valid_until": 253402300800}),
        ("VehicleRecord", {"plate": "x"}),
        ("VehicleRecord", {"plate": "x" * 13}),
        ("CardRecord", {"hashes": []}),
        ("CardRecord", {"hashes": ["AB" * 16]}),
        ("CardRecord", {"tail": "12345"}),
        ("BlockRecord", {"reason": None}),
        ("SiteRecord", {"list_age": [{"category": "visitor", "hours": 0}]}),
        ("LaneRecord", {"factor_window_s": 0}),
        ("LaneRecord", {"factors": "card"}),
        ("LaneRecord", {"classes": ["suv"]}),
        ("ZoneRecord", {"capacity": -1}),
        ("ZoneRecord", {"minutes": 1441}),
        ("SpecialDayRecord", {"counts_as": 8}),
        ("SpecialDayRecord", {"date": "2026-2-14"}),
        ("SpecialDayRecord", {"date": "2026-02-30"}),
        ("QuotaRecord", {"over": "ignore"}),
        ("VisitRecord", {"uses": 0}),
        ("VisitRecord", {"party": 0}),
        ("VisitRecord", {"valid_until": None}),
        ("PermitRecord", {"workers_max": 0}),
        ("PassRecord", {"status": "held"}),
        ("SlipRecord", {"plate": ""}),
        ("GuardRecord", {"badge": "7a"}),
        ("GuardRecord", {"kind": "king"}),
    ],
)
def test_values_out_of_bounds_are_refused(kind: str, changes: dict[str, Any]) -> None:
    fields = json.loads(BY_NAME[kind].model_dump_json())
    assert ANY_RECORD.validate_python(fields) == BY_NAME[kind]
    with pytest.raises(ValidationError):
        ANY_RECORD.validate_python({**fields, **changes})


def test_a_batch_has_its_limits() -> None:
    entry = {"seq": 1, "canonical": b"\x80"}
    whole = BATCH.model_dump()
    too_much: list[dict[str, Any]] = [
        {"entries": [entry] * (sync.ENTRIES_PER_BATCH_MAX + 1)},
        {"entries": [{**entry, "canonical": b""}]},
        {"entries": [{**entry, "seq": 0}]},
        {"follows": bytes(31)},
    ]
    for changes in too_much:
        with pytest.raises(ValidationError):
            sync.EntryBatch.model_validate({**whole, **changes})
