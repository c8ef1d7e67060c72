"""What gates are told of the site for its codes: who counts uses, how strictly, who the neighbours are; after an upgrade too."""

import json
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update

from central.codes.anew import tell_anew
from central.edges.trust import quarantine, revoke
from central.registry import Registry
from central.tables import RuleChange
from tests.central.codes.reading import packed, told
from tests.central.contractors.agreed import approved, held
from tests.central.databases import ON_ONE
from tests.central.gate import Gate
from tests.central.visits.world import World


def homes(world: World) -> dict[str, UUID | None]:
    return {one.kind: one.home for one in told(world.registry, world.site) if one.kind in ("visit", "pass")}


@ON_ONE
def test_who_counts_the_uses_and_how_strictly(world: World) -> None:
    place = f"/sites/{world.site}/settings"
    world.approved()
    held(world.admin, world.site, approved(world.admin, world.site), "w1")
    assert (packed(world.registry, world.site).is_strict, homes(world)) == (False, {"visit": None, "pass": None})
    strict = {"code_reuse": "strict", "home_gate": world.gate}
    world.admin.put(place, json=strict).raise_for_status()
    gate = UUID(world.gate)
    assert (packed(world.registry, world.site).is_strict, homes(world)) == (True, {"visit": gate, "pass": gate})
    revision = world.admin.get(f"/sites/{world.site}").json()["revision"]
    world.admin.put(place, json={**strict, "permit_days_warning": 5}).raise_for_status()
    assert world.admin.get(f"/sites/{world.site}").json()["revision"] == revision, "that is no business of gates"
    assert world.admin.delete(f"/gates/{world.gate}").status_code == 409
    wrong = world.admin.put(place, json={"home_gate": world.host})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "home_gate")
    world.admin.put(place, json={}).raise_for_status()
    assert (packed(world.registry, world.site).is_strict, homes(world)) == (False, {"visit": None, "pass": None})


@ON_ONE
def test_neighbours_are_told_while_they_may_speak(registry: Registry, address: str, admin: httpx.Client, site: str) -> None:
    def known() -> dict[str, tuple[str, str]]:
        return {str(one.id): (one.slug, one.public_key) for one in told(registry, site) if one.kind == "peer"}

    with Gate(address) as east, Gate(address, 2, "west") as west, Gate(address, 3, "east") as newer:
        east.enrol(east.token_from(registry))
        assert known() == {}, "nobody has compared the fingerprints"
        for gate in (east, west):
            gate.join(registry)
        [first, second] = (str(gate.enrolled.edge) for gate in (east, west))
        keys = {name: gate.key.public_key().public_bytes_raw().hex() for name, gate in (("east", east), ("west", west))}
        assert known() == {first: ("east", keys["east"]), second: ("west", keys["west"])}
        change = {"site": site, "slug": "north", "name": "北门"}
        admin.put(f"/gates/{west.enrolled.gate}", json=change).raise_for_status()
        assert (known()[second][0], packed(registry, site).peers[UUID(second)].name) == ("north", "北门")
        newer.join(registry)
        third = str(newer.enrolled.edge)
        assert set(known()) == {second, third}
        with registry.write() as work:
            revoke(work, UUID(second), "stolen", "admin")
            quarantine(work, UUID(third), "two histories")
        assert known() == {}


@ON_ONE
@pytest.mark.usefixtures("admin")
def test_what_a_former_version_did_not_tell_is_told_at_the_start(registry: Registry, site: str, gate: Gate) -> None:
    assert tell_anew(registry) == 0
    with registry.write() as work:
        for row in work.session.query(RuleChange).filter(RuleChange.kind.in_(("site", "lane", "peer"))):
            facts = json.loads(row.data or "null")
            for name in ("code_reuse", "gate") if row.kind != "peer" else ():
                facts.pop(name, None)
            if row.kind == "peer":
                work.session.delete(row)
            else:
                was = (RuleChange.site_id == row.site_id, RuleChange.kind == row.kind, RuleChange.record_id == row.record_id)
                work.session.execute(update(RuleChange).where(*was).values(data=json.dumps(facts)))
    assert {lane.gate for lane in packed(registry, site, str(gate.enrolled.gate)).lanes.values()} == {None}
    assert (tell_anew(registry), tell_anew(registry)) == (1, 0)
    rules = packed(registry, site, str(gate.enrolled.gate))
    assert {lane.gate for lane in rules.lanes.values()} == {gate.enrolled.gate}
    assert set(rules.peers) == {gate.enrolled.edge}
