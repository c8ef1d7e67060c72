"""What comes late, or all at once: a gate's words after years, the office's after the gates', two who look or sign together."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from alembic import command
from sqlalchemy import delete, insert, make_url, select

from access.acts import SlipActed
from access.entries import ClockJudged, Commanded, Decided, FactsChanged, GapDeclared, PassageEnded
from central.database import Database
from central.ledger.job import look_through
from central.ledger.office import look_at_office
from central.ledger.tables import ConflictCursor, ConflictMark, ConflictOffice
from central.migrations import alembic_config
from central.pieces import Round
from central.registry import Registry
from central.tables import Edge, EdgeHead, JournalEntry, Site
from central.tables import Gate as GateRow
from central.users.rights import Role
from tests.central.databases import ON_ONE, POSTGRESQL
from tests.central.gate import Gate
from tests.central.ledger.test_ledger import HOUR, at, conflicts, drives, kinds, whole
from tests.sizes import sized


def test_two_who_look_and_two_who_sign_at_once(
    gate: Gate, west: Gate, registry: Registry, admin: httpx.Client, sign_in: Callable[[Role], httpx.Client]
) -> None:
    for box, other in ((gate, west), (west, gate)):
        for n in range(20):
            drives(box, "in", n * HOUR, subject=f"car-{n}")
            told = ("set", f"at:car-{n}", ["site", int(at(n * HOUR).timestamp())], 0, other.epoch.hex, n + 1)
            box.write(FactsChanged(f"peer:{other.enrolled.edge}", "heard", (told,)), at(n * HOUR))
        box.send()
    with ThreadPoolExecutor(3) as several:
        list(several.map(lambda _: look_through(registry), range(3)))
    assert look_through(registry) == 0
    counts = admin.get("/conflicts/counts").json()["by_kind"]
    assert (counts["double_entry"], counts["impossible_movement"], counts["peer_contradicted"]) == (20, 20, 40)
    with registry.read() as work:
        waiting = work.session.scalars(select(ConflictMark.topic).where(ConflictMark.topic.startswith("told:"))).all()
    assert waiting == [], "what was compared is done with"

    [row, *_] = conflicts(admin, kind="double_entry")
    clients = [sign_in("security_officer"), admin]
    with ThreadPoolExecutor(2) as several:
        replies = list(
            several.map(lambda client: client.post(f"/conflicts/{row['id']}/sign-off", json={"words": "已查"}), clients)
        )
    assert sorted(reply.status_code for reply in replies) in ([200, 409], [201, 409])
    assert len(admin.get("/audit", params={"kind": "conflict"}).json()["items"]) == 1


def test_what_the_office_releases_after_the_gates_is_found(
    gate: Gate, registry: Registry, admin: httpx.Client, site: str, sign_in: Callable[[Role], httpx.Client]
) -> None:
    desk, clerk, guard = sign_in("front_desk"), sign_in("goods_clerk"), sign_in("guard")
    lines = [{"item": "椅子", "quantity": "4", "unit": "把"}]
    slip = desk.post("/slips", json={"site": site, "applicant": "李明", "lines": lines, "plates": ["粤B12345"]}).json()["id"]
    desk.post(f"/slips/{slip}/submit").raise_for_status()
    clerk.post(f"/slips/{slip}/approve").raise_for_status()
    gate.write(SlipActed(slip, "TripReleased", "0217", "r", facts=(("add", f"released:{slip}:1", 2500),)), datetime.now(UTC))
    gate.send()
    look_through(registry)
    assert kinds(admin) == []
    guard.post(f"/slips/{slip}/present", json={"gate": "east"}).raise_for_status()
    trip = {"gate": "east", "carrier": "王强", "plate": "粤B12345", "released": [{"line": 1, "quantity": "2"}]}
    guard.post(f"/slips/{slip}/release", json=trip).raise_for_status()
    while look_at_office(registry):
        pass
    [row] = conflicts(admin)
    assert whole(admin, row)["sentence"]["zh"] == "第 1 项共放行 4.5（其中 2 由办理记录登记），只批准 4"

    # Signed, and released on: the gates' entries are the same, and yet there is more to sign.
    admin.post(f"/conflicts/{row['id']}/sign-off", json={"words": "保安重复登记"}).raise_for_status()
    guard.post(f"/slips/{slip}/release", json=trip | {"released": [{"line": 1, "quantity": "1"}]}).raise_for_status()
    while look_at_office(registry):
        pass
    assert [(each["round"], each["state"]) for each in conflicts(admin)] == [(2, "open"), (1, "signed")]
    with registry.write() as work:
        work.session.execute(delete(ConflictOffice))
    while look_at_office(registry):
        pass
    assert len(conflicts(admin)) == 2


@ON_ONE
def test_what_is_no_contradiction(gate: Gate, west: Gate, registry: Registry, admin: httpx.Client, site: str) -> None:
    until = (datetime.now(UTC) + timedelta(hours=4)).isoformat()
    host = admin.post("/persons", json={"site": site, "name": "李小明", "unit": "3-1201"}).raise_for_status().json()["id"]
    given = {"site": site, "category": "appointment", "host_person": host, "valid_until": until, "details": {"name": "张伟"}}
    visit = admin.post("/visits", json=given).raise_for_status().json()["id"]
    admin.post(f"/visits/{visit}/approve").raise_for_status()
    revision = admin.get("/sites").json()["items"][0]["revision"]
    admin.post(f"/visits/{visit}/cancel", json={"reason": "改期"}).raise_for_status()
    # Who is inside as a visit is cancelled must leave.
    soon, facts = datetime.now(UTC) + timedelta(seconds=60), (("add", f"uses:{visit}", 0),)
    gate.write(Decided("grant", "access_ok", "plate", "camera", revision, "out", facts=facts), soon, "out-1")
    # A few entries are lost behind an opening, and what became of it stands behind them.
    cause = gate.decide(passage="p1")
    gate.write(Commanded("barrier", "open", str(cause), "c1"), at(1), passage="p1")
    gate.write(GapDeclared("", 0, 0, "not written", count=2), at(2))
    gate.write(PassageEnded("passed", "in"), at(3), passage="p1")
    # Out of one gate and, by a clock that may be off, in at the other before that.
    drives(gate, "out", 100)
    west.write(ClockJudged("drifting", "registry", offset_ms=20_000), at(0))
    gate.send()
    west.send()
    look_through(registry)
    assert kinds(admin) == ["clock_disagreement"], "the visit's time lies behind that of what follows it"


HUGE = 2**20_000
TRIP = {"gate": "east", "carrier": "王强", "plate": "粤B12345"}
QUANTITIES: list[Any] = ["1", "-1", "1E+30", "1E+999999999", "NaN", HUGE, [[]]]
POISON: list[Any] = [
    PassageEnded(
        "passed", "in", facts=(("set", "at:x", ["site", HUGE]), ("set", "at:y", [[[[1]]]]), ("set", "at:z", ["site", 7], HUGE))
    ),
    PassageEnded("passed", "in", facts=(("add", "uses:v", 2**40),) * 9),
    Decided("grant", "access_ok", "plate", "camera", HUGE, "in", presence={"rules": HUGE}, facts=(("add", "uses:v", HUGE),)),
    ClockJudged("trusted", "ntp", offset_ms=HUGE, jump_ms=-HUGE),
    GapDeclared("", HUGE, HUGE, "x", count=HUGE),
    *(
        SlipActed("SLIP", "TripReleased", "0217", "r", values={**TRIP, "released": [{"line": 1, "quantity": quantity}]})
        for quantity in QUANTITIES
    ),
]


def test_no_entry_of_a_gate_stops_the_looking(
    gate: Gate, west: Gate, registry: Registry, admin: httpx.Client, site: str, sign_in: Callable[[Role], httpx.Client]
) -> None:
    lines = [{"item": "椅子", "quantity": "4", "unit": "把"}]
    slip = sign_in("front_desk").post("/slips", json={"site": site, "applicant": "李明", "lines": lines, "plates": ["粤B12345"]})
    for body in POISON:
        gate.write(
            SlipActed(slip.json()["id"], *(body.act, "0217", "r"), values=body.values) if isinstance(body, SlipActed) else body
        )
    heard = [
        ("set", "at:x", HUGE, 0, west.epoch.hex, 1),
        ("add", "uses:v", HUGE, west.epoch.hex, HUGE),
        ("add", "uses:v", 1, "x", 1),
    ]
    gate.write(FactsChanged(f"peer:{west.enrolled.edge}", "heard", tuple(heard)))
    drives(gate, "in", 0)
    gate.send()
    drives(west, "in", HOUR)
    west.send()
    look_through(registry)
    assert "double_entry" in kinds(admin)
    with registry.read() as work:
        heads = dict(work.session.execute(select(EdgeHead.epoch, EdgeHead.acked_through)).all())
        assert dict(work.session.execute(select(ConflictCursor.epoch, ConflictCursor.through)).all()) == heads
    assert all(whole(admin, each)["stories"] for each in conflicts(admin))


@ON_ONE
def test_who_brings_much_keeps_nobody_waiting(gate: Gate, west: Gate, registry: Registry, admin: httpx.Client) -> None:
    for box in (gate, west):
        for n in range(150):
            box.decide(after_s=n)
        drives(box, "in", 400 if box is gate else HOUR)
        box.send()
    gate.decide(after_s=HOUR)
    gate.send(len(gate.entries))
    round_ = Round()
    assert look_through(registry, 2, round_) == 2
    with registry.read() as work:
        assert work.session.scalars(select(ConflictCursor.through)).all() == [100, 100]
    assert look_through(registry, 2, round_) == 2
    assert kinds(admin) == ["double_entry"]
    assert look_through(registry, round_=round_) == 0


@pytest.mark.parametrize("form", sized(quick=["sqlite"], soak=["sqlite", POSTGRESQL]))
def test_an_upgrade_begins_with_what_came_in_lately(form: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Of years of entries the job looks through the last month; what gates bring from then on is compared with that."""
    made = f"sqlite:///{tmp_path / 'old.db'}" if form == "sqlite" else request.getfixturevalue("fresh_database")()
    now, epochs = datetime.now(UTC), (uuid4(), uuid4(), uuid4())
    with closing(Database(make_url(made))) as database:
        with database.writer.begin() as connection:
            command.upgrade(alembic_config(connection), "0022")
            edge = _edge(connection)
            days = {epochs[0]: [90, 60, 31, 29, 3], epochs[1]: [400, 300], epochs[2]: [2, 1]}
            for epoch, ages in days.items():
                connection.execute(insert(EdgeHead), {"edge_id": edge, "epoch": epoch, "acked_through": len(ages), "head": b"h"})
                for seq, age in enumerate(ages, 1):
                    connection.execute(insert(JournalEntry), _entry(edge, epoch, seq, now - timedelta(days=age)))
        with database.writer.begin() as connection:
            command.upgrade(alembic_config(connection), "head")
        with database.read() as session:
            row = ConflictCursor
            begun = {epoch: places for epoch, *places in session.execute(select(row.epoch, row.begun, row.through))}
            assert session.scalars(select(ConflictOffice.through)).all() == [0]
    assert begun == {epochs[0]: [3, 3], epochs[1]: [2, 2]}


def _edge(connection: Any) -> UUID:
    site, gate, edge = uuid4(), uuid4(), uuid4()
    connection.execute(insert(Site), {"id": site, "slug": "s", "name": "s", "zone": "Asia/Shanghai", "card_key": b"k"})
    connection.execute(insert(GateRow), {"id": gate, "site_id": site, "slug": "east", "name": "east"})
    connection.execute(
        insert(Edge),
        {
            "id": edge,
            "site_id": site,
            "gate_id": gate,
            "name": "box",
            "public_key": b"k",
            "status": "approved",
            "enrolled_at": datetime.now(UTC),
        },
    )
    return edge


def _entry(edge: UUID, epoch: UUID, seq: int, received: datetime) -> dict[str, Any]:
    raw = dict.fromkeys(("canonical", "personal", "chain_hash"), b"x")
    place = {"edge_id": edge, "epoch": epoch, "seq": seq, "id": uuid4(), "site_id": uuid4(), "gate_id": uuid4()}
    return {**place, **raw, "received_at": received, "kind": "clock", "at_us": 0}
