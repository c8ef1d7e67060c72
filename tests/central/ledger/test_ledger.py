"""From the journals of two gates that were cut off to a ledger that people sign."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import delete, update

from access.acts import SlipActed
from access.entries import ClockJudged, Commanded, Decided, FactsChanged, GapDeclared, Observed, PassageEnded, ReadingTaken
from central.booth.job import follow_booths
from central.journal import quarantine, repository
from central.journal.pages import place_text
from central.ledger.job import ledger, look_through
from central.ledger.tables import ConflictCursor, ConflictMark
from central.registry import Registry
from central.tables import JournalEntry, QuarantinedEntry
from central.users.rights import Role
from tests.central.databases import ON_ONE
from tests.central.gate import BEGAN, Gate
from tests.central.journal.test_epochs import go_on
from tests.waiting import wait_until

CAR = "0192f1f0-0000-7000-8000-00000000000c"
HOUR = 3600.0


def at(after_s: float) -> datetime:
    return BEGAN + timedelta(seconds=after_s)


def drives(gate: Gate, way: str, after_s: float, subject: str = CAR, passage: str = "", **more: Any) -> None:
    """Let a vehicle pass; its passage is told with its plate."""
    zone = "site" if way == "in" else ""
    facts = (("set", f"at:{subject}", [zone, int(at(after_s).timestamp())]),)
    gate.write(PassageEnded("passed", way, facts=facts, plate="粤B12D45", **more), at(after_s), f"{way}-1", passage)


def conflicts(client: httpx.Client, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/conflicts", params=asked).raise_for_status().json()["items"]
    return found


def kinds(client: httpx.Client, **asked: Any) -> list[str]:
    return sorted(each["kind"] for each in conflicts(client, **asked))


def whole(client: httpx.Client, row: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = client.get(f"/conflicts/{row['id']}").raise_for_status().json()
    return shown


def test_a_walk_through_the_ledger(
    gate: Gate, west: Gate, registry: Registry, admin: httpx.Client, site: str, sign_in: Callable[[Role], httpx.Client]
) -> None:
    gate.write(ReadingTaken("camera-in", "plate", text="粤B12D45"), at(0), "in-1", "p1")
    gate.decide(passage="p1")
    drives(gate, "in", 5, passage="p1")
    gate.send()
    assert look_through(registry) == 1
    assert look_through(registry) == 0
    assert conflicts(admin) == []

    # The other gate comes back with a second way in, and no way out between.
    drives(west, "in", HOUR)
    west.send()
    assert look_through(registry) == 1
    [row] = conflicts(admin)
    told = whole(admin, row)
    assert (told["kind"], told["severity"], told["state"], told["round"]) == ("double_entry", "high", "open", 1)
    assert told["sentence"]["zh"] == "两个大门先后进场，其间没有出场记录"
    assert told["gates"] == [str(each["id"]) for each in admin.get("/gates").json()["items"]]
    first, second = told["stories"]
    assert (first["edge"], first["epoch"], first["seq"]) == (str(gate.enrolled.edge), str(gate.epoch), 3)
    assert first["sentence"]["zh"].startswith("粤B·12D45（李*，3-1201）")
    assert first["sentence"] == admin.get("/log", params={"plate": "粤B12D45"}).json()["rows"][0]["story"]
    assert (second["clock"], second["clock_words"]["zh"], second["at"]) == ("trusted", "时钟可信", "2026-03-02T09:00:00Z")
    assert all(all(story["sentence"].values()) for story in told["stories"])
    counts = admin.get("/conflicts/counts").json()
    assert (counts["open"], counts["by_severity"], counts["by_kind"]["double_entry"]) == (
        1,
        {"low": 0, "medium": 0, "high": 1},
        1,
    )

    # Who may look, and who may sign.
    place = f"/conflicts/{row['id']}/sign-off"
    for role in ("auditor", "shift_leader"):
        client = sign_in(role)
        assert kinds(client) == ["double_entry"]
        assert client.post(place, json={"words": "x"}).status_code == 403
    assert sign_in("registrar").get("/conflicts").status_code == 403
    assert admin.post(place, json={"words": " "}).status_code == 422
    stale = admin.post(place, json={"words": "已查"}, headers={"If-Match": '"7"'})
    assert stale.status_code == 409
    officer = sign_in("security_officer")
    signed = officer.post(place, json={"words": "已查录像：从东门步行出场"}).raise_for_status().json()
    assert (signed["state"], signed["signed_by"], signed["words"]) == ("signed", "security_officer", "已查录像：从东门步行出场")
    again = admin.post(place, json={"words": "再签"})
    assert (again.status_code, again.json()["zh"]) == (409, "已由 security_officer 签核")
    [entry] = admin.get("/audit", params={"kind": "conflict"}).json()["items"]
    assert (entry["act"], entry["by_name"], entry["after"]["words"]) == ("signed", "security_officer", "已查录像：从东门步行出场")

    # What was missing comes up weeks later: what is signed stays as it was signed.
    former = gate.epoch
    go_on(gate, 3, "restored")
    drives(gate, "out", 600)
    gate.send()
    look_through(registry)
    assert former != gate.epoch
    assert [each["state"] for each in conflicts(admin)] == ["signed"]
    assert whole(admin, row) == signed | {"stories": told["stories"]}


def test_what_is_not_signed_is_explained_by_what_comes_later(
    gate: Gate, west: Gate, registry: Registry, admin: httpx.Client, sign_in: Callable[[Role], httpx.Client]
) -> None:
    drives(gate, "in", 0)
    gate.send()
    drives(west, "in", HOUR)
    west.send()
    drives(west, "in", 9 * HOUR, subject="other")
    drives(west, "in", 9 * HOUR + 60, subject="other")
    west.send(2)
    look_through(registry)
    assert kinds(admin, state="open", severity="low") == ["double_entry"]
    drives(gate, "out", 600)
    gate.send(2)
    look_through(registry)
    assert [each["severity"] for each in conflicts(admin, state="explained")] == ["high"]
    assert admin.get("/conflicts/counts").json()["open"] == 1
    # Restored, and looked through anew: found again, and nothing twice.
    with registry.write() as work:
        work.session.execute(delete(ConflictMark))
        work.session.execute(delete(ConflictCursor))
    before = conflicts(admin)
    assert look_through(registry) > 0
    assert [{**each, "changed_at": 0, "version": 0} for each in conflicts(admin)] == [
        {**each, "changed_at": 0, "version": 0} for each in before
    ]
    east = next(each["id"] for each in admin.get("/gates").json()["items"] if each["slug"] == "east")
    assert (len(conflicts(admin, gate=east)), len(conflicts(admin, until="2026-03-02T10:00:00Z"))) == (1, 1)
    assert conflicts(admin, kind="over_released") == []
    assert len(conflicts(admin, limit=1)) == 1


def test_uses_quantities_and_revocations(
    gate: Gate, west: Gate, registry: Registry, admin: httpx.Client, site: str, sign_in: Callable[[Role], httpx.Client]
) -> None:
    until = (datetime.now(UTC) + timedelta(hours=4)).isoformat()
    host = admin.post("/persons", json={"site": site, "name": "李小明", "unit": "3-1201"}).raise_for_status().json()["id"]
    given = {"site": site, "category": "appointment", "host_person": host, "valid_until": until, "details": {"name": "张伟"}}
    visit = admin.post("/visits", json=given).raise_for_status().json()["id"]
    admin.post(f"/visits/{visit}/approve").raise_for_status()
    revision = admin.get("/sites").json()["items"][0]["revision"]
    desk, clerk = sign_in("front_desk"), sign_in("goods_clerk")
    lines = [{"item": "椅子", "quantity": "2", "unit": "把"}]
    terms = {"site": site, "applicant": "李明", "lines": lines, "plates": ["粤B12345"]}
    slip = desk.post("/slips", json=terms).raise_for_status().json()["id"]
    desk.post(f"/slips/{slip}/submit").raise_for_status()
    clerk.post(f"/slips/{slip}/approve").raise_for_status()
    now = datetime.now(UTC)
    admin.post(f"/visits/{visit}/cancel", json={"reason": "改期"}).raise_for_status()

    soon = now + timedelta(seconds=60)
    presence = {"rules": int((soon - timedelta(hours=5)).timestamp())}
    decided = Decided(
        "grant", "access_ok", "plate", "camera", revision, "in", presence=presence, facts=(("add", f"uses:{visit}", 1),)
    )
    for box, later in ((gate, 0), (west, 90)):
        box.write(decided, soon + timedelta(seconds=later))
        box.write(SlipActed(slip, "TripReleased", "0217", "r", facts=(("add", f"released:{slip}:1", 1500),)), soon)
        box.send()
    assert look_through(registry) == 2
    assert kinds(admin) == ["admitted_after_revocation"] * 2 + ["over_released", "pass_used_twice"]
    late = whole(admin, conflicts(admin, kind="admitted_after_revocation")[-1])
    assert "大门的规则当时是 5 小时前确认的" in late["sentence"]["zh"]
    assert "the visit was cancelled at" in late["sentence"]["en"]
    assert [story["told_by"] for story in late["stories"]] == ["gate", "registry"]
    assert late["stories"][1]["sentence"]["zh"].startswith("登记中心：访客预约自")
    used = whole(admin, conflicts(admin, kind="pass_used_twice")[0])
    assert (used["sentence"]["zh"], len(used["gates"]), len(used["stories"])) == ("共使用 2 次，只准 1 次", 2, 3)
    out = whole(admin, conflicts(admin, kind="over_released")[0])
    assert out["sentence"]["zh"] == "第 1 项共放行 3，只批准 2"
    assert out["stories"][-1]["sentence"]["zh"] == "放行条：第 1 项批准 2"

    # A trip on a slip that the office had cancelled meanwhile, as the state machine of slips finds it.
    clerk.post(f"/slips/{slip}/cancel", json={"reason": "不搬了"}).raise_for_status()
    admin.post("/guards", json={"site": site, "name": "保安", "badge": "0217", "pin": "246810"}).raise_for_status()
    trip = {"gate": "east", "carrier": "王强", "plate": "粤B12345", "released": [{"line": 1, "quantity": "1"}]}
    west.write(SlipActed(slip, "TripReleased", "0217", "r2", values=trip), datetime.now(UTC) + timedelta(seconds=60))
    west.write(SlipActed(slip, "Nonsense", "0217", "r3", values=trip), datetime.now(UTC) + timedelta(seconds=61))
    west.send(3)
    follow_booths(registry)
    look_through(registry)
    odd = whole(admin, conflicts(admin, kind="record_contradicted")[0])
    assert odd["sentence"]["zh"] == "放行条作废、更正或暂扣之后仍放行"
    assert odd["stories"][1]["sentence"]["zh"] == "办理记录：当时状态为“已作废”"

    # One that is signed stays; a further use opens it anew, in a row of its own.
    admin.post(f"/conflicts/{used['id']}/sign-off", json={"words": "两人同来"}).raise_for_status()
    gate.write(decided, soon + timedelta(seconds=100))
    gate.send(len(gate.entries))
    look_through(registry)
    rounds = [(each["round"], each["state"]) for each in conflicts(admin, kind="pass_used_twice")]
    assert rounds == [(2, "open"), (1, "signed")]
    assert whole(admin, used)["sentence"] == used["sentence"]


@ON_ONE
def test_clocks_openings_gaps_and_neighbours(gate: Gate, west: Gate, registry: Registry, admin: httpx.Client) -> None:
    gate.write(ClockJudged("drifting", "registry", offset_ms=400_000), at(0))
    gate.write(ClockJudged("trusted", "ntp", offset_ms=100, jump_ms=-900_000), at(1))
    gate.write(ClockJudged("trusted", "ntp", offset_ms=2000), at(2))
    gate.decide(after_s=10, passage="p1", uncommitted=True)
    cause = gate.decide(after_s=11, passage="p2")
    gate.write(Commanded("barrier", "open", str(cause), "c1"), at(12), passage="p2")
    gate.write(Observed("confirmed_late", detail=cause.hex), at(13), passage="p1")
    gate.send()
    former, lost = gate.epoch, len(gate.entries) + 1
    go_on(gate, lost + 1, "rebuilt")
    gate.write(GapDeclared(str(former), lost, lost + 1, "damaged"), at(-900))
    gate.write(GapDeclared("", 0, 0, "not written", count=3), datetime.now(UTC) + timedelta(hours=1))
    gate.send()
    look_through(registry)
    how = sorted((each["kind"], each["sentence"]["en"].split(" by ")[0].split(" made ")[0]) for each in conflicts(admin))
    assert how == [
        ("clock_disagreement", "an entry says it was"),
        ("clock_disagreement", "an entry says it was"),
        ("clock_disagreement", "the gate's clock was off"),
        ("clock_disagreement", "the gate's clock was set"),
        ("uncommitted_opening", "it was opened first and written afterwards"),
        ("uncommitted_opening", "what followed an opening is lost: who passed is not known"),
    ]
    assert {each["sentence"]["zh"] for each in conflicts(admin)} >= {"记录时间比前一条早 15 分", "大门时钟被拨动 -15 分"}
    stories = [whole(admin, each)["stories"] for each in conflicts(admin)]
    assert all(all(story["sentence"].values()) for told in stories for story in told)

    # What a neighbour is said to have told is compared with its own journal, once that has come.
    gate.write(FactsChanged(f"peer:{west.enrolled.edge}", "heard", (("add", "uses:v", 1, west.epoch.hex, 2),)), at(5))
    gate.write(FactsChanged(f"peer:{west.enrolled.edge}", "heard", (("add", "uses:w", 1, west.epoch.hex, 2),)), at(6))
    gate.send(4)
    look_through(registry)
    assert kinds(admin, kind="peer_contradicted") == []
    west.decide()
    west.decide(facts=(("add", "uses:v", 1),))
    west.send()
    look_through(registry)
    [row] = conflicts(admin, kind="peer_contradicted")
    lying, itself = whole(admin, row)["stories"]
    assert (lying["edge"], lying["seq"], lying["sentence"]["zh"]) == (str(gate.enrolled.edge), 5, "大门记下邻门所述")
    assert itself["sentence"]["en"] == "the neighbour's own journal: has nothing of it"


@ON_ONE
def test_what_was_parked_is_looked_at_when_it_is_taken_in(
    gate: Gate, west: Gate, registry: Registry, admin: httpx.Client
) -> None:
    drives(gate, "in", 0)
    gate.decide()
    gate.send()
    drives(west, "in", HOUR)
    west.send()
    # As if the entry could not be read when it came.
    place = (gate.enrolled.edge, gate.epoch, 1)
    with registry.write() as work:
        row = work.session.get_one(JournalEntry, place)
        kept = {
            name: getattr(row, name) for name in ("edge_id", "epoch", "seq", "canonical", "personal", "chain_hash", "received_at")
        }
        work.session.delete(row)
        work.session.flush()
        work.session.add(QuarantinedEntry(**kept, reason="of a later version"))
    look_through(registry)
    assert conflicts(admin) == []
    with registry.write() as work:
        assert repository.quarantined_at(work, place) is not None
        assert quarantine.try_again(work, place_text(*place)).taken
    assert look_through(registry) == 1
    assert kinds(admin) == ["double_entry"]
    assert look_through(registry) == 0


ODD: list[Any] = [
    7,
    (("set", "at:car"), ("set", "at:\0", 1), ("add", "uses:\0", 2**70), ("add", "uses:v", 2**70), ("set", "at:car", b"x")),
    (("set", "at:x", None), ("set", "held:x", {"a": 1}), ("drop", "at:x", [1.5]), (1, 2, 3), ("add", "released:", 5)),
]


@ON_ONE
def test_what_has_no_form_of_ours_holds_nothing_up(gate: Gate, west: Gate, registry: Registry, admin: httpx.Client) -> None:
    for facts in ODD:
        gate.write(PassageEnded("passed", "in", facts=facts))
        gate.write(FactsChanged("peer:nobody", "heard", facts=facts))
        gate.write(FactsChanged(f"peer:{west.enrolled.edge}", "heard", facts=facts))
        gate.decide(facts=facts, credential="nonsense", presence={"held:\0": 1, "rules": "x"}, uncommitted=True)
    gate.write(GapDeclared("nonsense", -1, 2**70, "x"))
    gate.write(ClockJudged("quantum\0", "x\0", offset_ms=2**70))
    gate.write(SlipActed("nonsense\0", "x", "y", "z", values={"a": b"x"}))
    drives(gate, "in", 0)
    gate.send()
    drives(west, "in", HOUR)
    west.send()
    with ledger(registry, every_s=0.01):
        wait_until(lambda: "double_entry" in kinds(admin), 10, "the job looks by itself")
    assert all(whole(admin, each)["stories"] for each in conflicts(admin))


@ON_ONE
def test_an_epoch_that_cannot_be_looked_through_holds_up_no_other(
    gate: Gate, west: Gate, registry: Registry, admin: httpx.Client
) -> None:
    gate.write(GapDeclared("", 0, 0, "not written", count=1))
    drives(gate, "in", 0)
    gate.send()
    look_through(registry)
    with registry.write() as work:
        work.session.execute(update(ConflictMark).where(ConflictMark.topic.startswith("gap:")).values(what={}))
    drives(gate, "in", 2 * HOUR)
    gate.send(3)
    drives(west, "in", HOUR)
    west.send()
    look_through(registry)
    assert [len(each["gates"]) for each in conflicts(admin)] == [2]
    with registry.write() as work:
        work.session.execute(delete(ConflictMark).where(ConflictMark.topic.startswith("gap:")))
    look_through(registry)
    assert kinds(admin, state="open") == ["double_entry"] * 2


@ON_ONE
def test_another_site_sees_nothing(
    gate: Gate, west: Gate, registry: Registry, admin: httpx.Client, site: str, sign_in: Callable[[Role], httpx.Client]
) -> None:
    for box, after_s in ((gate, 0.0), (west, HOUR)):
        drives(box, "in", after_s)
        box.send()
    look_through(registry)
    [row] = conflicts(admin, site=site)
    other = admin.post("/sites", json={"slug": "hill", "name": "山庄"}).raise_for_status().json()["id"]
    assert conflicts(admin, site=other) == []
    assert admin.get("/conflicts/counts", params={"site": other}).json()["open"] == 0
    token = admin.post("/tokens", json={"name": "hill", "role": "site_manager", "site": other, "expires_in_days": None})
    if token.status_code == 403:
        token = sign_in("system_admin").post(
            "/tokens", json={"name": "hill", "role": "site_manager", "site": other, "expires_in_days": None}
        )
    bound = {"Authorization": f"Bearer {token.raise_for_status().json()['token']}"}
    assert admin.get("/conflicts", headers=bound).json()["items"] == []
    assert admin.get("/conflicts/counts", headers=bound).json()["open"] == 0
    assert admin.get(f"/conflicts/{row['id']}", headers=bound).status_code == 404
    assert admin.post(f"/conflicts/{row['id']}/sign-off", json={"words": "x"}, headers=bound).status_code == 404
