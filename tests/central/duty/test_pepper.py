"""PINs are hashed under the pepper of their site, which only gates that people have approved are told."""

import httpx
from sqlalchemy import select

from access.contract.records import GuardRecord
from access.contract.sync import PepperTold
from access.pins import peppered
from central.hashing import hash_secret, is_secret
from central.registry import Registry
from central.tables import Guard
from tests.central.databases import ON_ONE
from tests.central.gate import Gate


def told(gate: Gate) -> GuardRecord:
    records = (upsert.record for upsert in gate.rules("since=0").upserts)
    (guard,) = (record for record in records if isinstance(record, GuardRecord))
    return guard


def test_a_pin_is_hashed_under_the_pepper_that_the_gate_is_told(gate: Gate, admin: httpx.Client, site: str) -> None:
    wanted = {"site": site, "name": "张强", "badge": "101", "pin": "246810"}
    admin.post("/guards", json=wanted).raise_for_status()
    pepper = PepperTold.model_validate_json(gate.ask("GET", "/pepper", stream="news").content).pepper
    assert PepperTold.model_validate_json(gate.ask("GET", "/pepper", stream="news").content).pepper == pepper
    guard = told(gate)
    assert guard.peppered
    assert is_secret(guard.pin_hash, peppered("246810", bytes.fromhex(pepper)))
    assert not is_secret(guard.pin_hash, "246810")
    assert pepper not in gate.ask("GET", "/rules?since=0", stream="rules").text
    assert pepper not in repr(PepperTold(pepper=pepper))


@ON_ONE
def test_a_hash_of_before_holds_until_the_pin_is_given_again(
    gate: Gate, admin: httpx.Client, site: str, registry: Registry
) -> None:
    wanted = {"site": site, "name": "张强", "badge": "101", "pin": "246810"}
    place = f"/guards/{admin.post('/guards', json=wanted).raise_for_status().json()['id']}"
    with registry.write() as work:
        row = work.session.scalars(select(Guard)).one()
        row.pin_hash, row.peppered = hash_secret("246810", work.rng), False
        old = row.pin_hash
    without = {"site": site, "name": "张小强", "badge": "101"}
    admin.put(place, json=without).raise_for_status()
    assert (told(gate).pin_hash, told(gate).peppered) == (old, False)
    admin.put(place, json=wanted).raise_for_status()
    renewed = told(gate)
    assert renewed.peppered
    assert renewed.pin_hash != old
    admin.put(place, json=wanted | {"name": "张大强"}).raise_for_status()
    assert told(gate).pin_hash == renewed.pin_hash


@ON_ONE
def test_a_box_that_nobody_has_approved_is_not_told(address: str, registry: Registry, site: str) -> None:
    with Gate(address) as box:
        box.enrol(box.token_from(registry))
        assert box.ask("GET", "/pepper", stream="news").status_code == 403
