"""Who is bound to one site finds nothing of another: in lists, by id, by filters, in pictures and on the office's pages."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import cbor2
import httpx
import pytest

from access.contract.health import Health
from access.entries import AlarmRaised
from central.journal.reading import Parked
from central.journal.repository import insert_quarantined
from central.registry import Registry
from central.sync_tables import JournalGap
from central.users import services as users
from central.users.access import COOKIE
from central.users.rights import Role
from tests.central.checkpoints.test_checkpoints import checkpoint
from tests.central.checkpoints.test_checkpoints import send as send_checkpoint
from tests.central.gate import JPEG, Gate

SHA256 = hashlib.sha256(JPEG).hexdigest()
Bound = Callable[[Role, str], httpx.Client]


@pytest.fixture
def bound(address: str, registry: Registry) -> Iterator[Bound]:
    """Sign in as a role of one site."""
    with ExitStack() as clients:

        def client_of(role: Role, site: str) -> httpx.Client:
            with registry.write() as work:
                user = users.add_user(work, f"{role} of {site}", role, site=UUID(site))
                token = users.sign_in_by_link(work, users.link_for(work, user)).token
            headers = {"Authorization": f"Bearer {token}"}
            client = httpx.Client(base_url=f"{address}/api/v1", timeout=30, trust_env=False, headers=headers)
            return clients.enter_context(client)

        yield client_of


@pytest.fixture
def day(gate: Gate, registry: Registry) -> Gate:
    """A gate of the lakeside of which there is a little of everything."""
    gate.decide(capture="shot-1")
    gate.write(AlarmRaised("gate_crash", "in-1"))
    gate.send(1, 1)
    assert gate.send_picture(JPEG, "shot-1").status_code < 300
    alarm = {"epoch": gate.epoch, "seq": 2, "canonical": gate.entries[1].canonical, "personal": gate.entries[1].personal}
    early = cbor2.dumps({"version": 1, "edge": gate.enrolled.edge, "alarms": [alarm]})
    assert gate.ask("POST", "/alarms", early, stream="news").json()["kept"] == 1
    assert send_checkpoint(gate, checkpoint(gate, 1)).status_code == 200
    health = Health(edge=gate.enrolled.edge, at_us=1, software="0.1.0")
    assert gate.ask("POST", "/health", health.model_dump_json().encode(), stream="news").status_code == 200
    with registry.write() as work:
        other = UUID(int=1)
        insert_quarantined(work.session, (gate.enrolled.edge, other, work.at), [Parked(1, b"", b"", bytes(32), "unknown kind")])
        work.session.add(JournalGap(edge_id=gate.enrolled.edge, epoch=other, first=5, last=6, reason="damaged", declared_us=1))
    return gate


def seen(office: httpx.Client, path: str, **asked: Any) -> int:
    """Return how many things a list shows."""
    listed: Any = office.get(path, params=asked).raise_for_status().json()
    for name in ("items", "rows"):
        listed = listed[name] if isinstance(listed, dict) and name in listed else listed
    return len(listed)


LISTS = ("/log", "/edges", "/commands", "/edge-health", "/early-alarms", "/gaps", "/quarantine", "/sites", "/gates", "/lanes")


def test_nothing_of_another_site_is_found(day: Gate, admin: httpx.Client, bound: Bound, site: str, address: str) -> None:
    hill = admin.post("/sites", json={"slug": "hillside", "name": "山庄"}).json()["id"]
    ours, theirs = bound("site_manager", site), bound("site_manager", hill)
    lane, edge = day.enrolled.lanes["in-1"], day.enrolled.edge
    opening = {"act": "open_once", "reason": "visitor"}
    issued = ours.post(f"/lanes/{lane}/commands", json=opening, headers={"Idempotency-Key": "k"})
    assert issued.status_code == 201
    again = ours.post(f"/lanes/{lane}/commands", json=opening, headers={"Idempotency-Key": "k"})
    assert (again.json()["id"], again.headers["Idempotency-Replayed"]) == (issued.json()["id"], "true")
    assert {path: seen(ours, path) for path in LISTS} == {path: 2 if path == "/lanes" else 1 for path in LISTS}
    assert {path: seen(theirs, path) for path in LISTS} == {path: 1 if path == "/sites" else 0 for path in LISTS}
    [entry] = ours.get("/log", params={"gate": str(day.enrolled.gate), "lane": str(lane)}).json()["rows"]
    assert entry["pictures"] == [SHA256]
    [parked] = ours.get("/quarantine").json()["items"]
    by_id = (
        f"/entries/{entry['id']}",
        f"/pictures/{SHA256}",
        f"/commands/{issued.json()['id']}",
        f"/edges/{edge}/events",
        f"/quarantine/{parked['place']}",
    )
    assert [ours.get(path).status_code for path in by_id] == [200] * len(by_id)
    assert [theirs.get(path).status_code for path in by_id] == [404] * len(by_id)
    assert seen(ours, "/checkpoints", edge=str(edge)) == 1
    for path, name, record in (
        ("/log", "gate", day.enrolled.gate),
        ("/log", "lane", lane),
        ("/commands", "lane", lane),
        ("/checkpoints", "edge", edge),
    ):
        reply = theirs.get(path, params={name: str(record)})
        assert (reply.status_code, reply.json()["field"]) == (422, name), path
    for path, facts in (
        (f"/lanes/{lane}/commands", opening),
        (f"/edges/{edge}/approve", {"fingerprint": day.fingerprint}),
        (f"/edges/{edge}/revoke", {"reason": "stolen"}),
        (f"/quarantine/{parked['place']}/again", {}),
        ("/edges/tokens", {"site": "lakeside", "gate": "east", "name": "box"}),
    ):
        assert theirs.post(path, json=facts).status_code == 404, path
    assert ours.post(f"/quarantine/{parked['place'].rpartition(':')[0]}:{2**70}/again").status_code == 422
    check_pages(address, ours, theirs, bound("goods_clerk", site), entry["id"])
    assert ours.post(f"/edges/{edge}/revoke", json={"reason": "stolen"}).json()["status"] == "revoked"
    told = ours.get("/audit", params={"by": f"site_manager of {site}"}).json()["items"]
    assert {entry["act"] for entry in told} == {"revoked", "issued", "signed_in"}


def check_pages(address: str, ours: httpx.Client, theirs: httpx.Client, guard: httpx.Client, entry: str) -> None:
    """See that the pages show what the API shows."""

    def page(client: httpx.Client, path: str) -> tuple[int, str]:
        token = client.headers["Authorization"].removeprefix("Bearer ")
        reply = httpx.get(f"{address}{path}", headers={"Cookie": f"{COOKIE}={token}"}, trust_env=False)
        return reply.status_code, reply.text

    status, text = page(ours, "/log")
    assert (status, "粤B·12D45" in text, "in-1" in text) == (200, True, True)
    status, text = page(theirs, "/log")
    assert (status, "粤B·12D45" in text, "in-1" in text) == (200, False, False)
    assert (page(ours, f"/entries/{entry}")[0], page(theirs, f"/entries/{entry}")[0]) == (200, 404)
    status, text = page(guard, "/log")
    assert (status, "/sign-out" in text) == (403, True)
