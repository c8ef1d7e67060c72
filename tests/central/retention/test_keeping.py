"""What a site lets go of in its time: nothing that is young or held, all that is past it, and chain and proofs hold."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, inspect, select, update

from access.entries import EvidenceKept
from central.audit.tables import AuditEntry
from central.erasure.services import finish
from central.erasure.tables import Erasure
from central.journal import months
from central.journal.pictures import path_of
from central.log.tables import LogCount, LogPlate
from central.registry import Registry
from central.retention import clock, forgetting, runs
from central.retention.clock import AHEAD, BACK, SET, Reading, fault_of
from central.retention.profiles import LIMITS, READY, faults
from central.retention.tables import ForgottenRange, RetentionClock, RetentionRun
from central.sync_tables import JournalGap
from central.tables import JournalEntry, Picture, UserSession
from tests.central.databases import ON_ONE, POSTGRESQL
from tests.central.gate import BEGAN, JPEG, Gate
from tests.central.journal.test_gaps import Box
from tests.central.tree.test_walk import lines, walked
from tests.sizes import sized

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAYS = {"events": 30, "identity": 10, "pictures": 5, "fragments": 5, "audit": 180}
PLATES = ("粤B12345", "粤B54321", "京A00001")


class Calendar:
    """Both clocks of the registry, as a test sets them."""

    def __init__(self) -> None:
        self.at, self.counted = NOON, 0.0

    def __call__(self) -> datetime:
        return self.at

    def clock(self) -> float:
        return self.counted

    def later(self, days: float) -> None:
        self.at += timedelta(days=days)
        self.counted += days * 86400


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def registry(registry: Registry, calendar: Calendar) -> Registry:
    return replace(registry, calendar=calendar, clock=calendar.clock)


class Keeper:
    """Runs the job of a site, a day at a time, as a registry that is never off does."""

    def __init__(self, registry: Registry, calendar: Calendar, admin: httpx.Client, site: str) -> None:
        self.registry, self.calendar, self.admin, self.site = registry, calendar, admin, site
        # When entries came, and of which plate.
        self.born: dict[int, tuple[datetime, str]] = {}

    def choose(self, **days: int | None) -> None:
        chosen = {"profile": "own", "days": DAYS | days}
        self.admin.put(f"/sites/{self.site}/retention", json=chosen).raise_for_status()

    def run(self, cap: int | None = None) -> runs.Done:
        self.calendar.later(0.001)  # so that runs are listed in their order
        return runs.run(self.registry, cap=cap, rests=lambda _seconds: None)

    def wait(self, days: int) -> None:
        """Let days go by on which the time was noted again and again."""
        with self.registry.write() as work:
            assert not clock.tick(work)
        self.calendar.later(days)
        with self.registry.write() as work:
            work.session.execute(update(RetentionClock).values(noted_at=self.calendar.at))
        self.stay_signed_in()

    def stay_signed_in(self) -> None:
        """Have the sessions begin now, whatever time has gone by."""
        with self.registry.write() as work:
            for row in work.session.scalars(select(UserSession)):
                later = self.calendar.at - row.created_at
                for column in inspect(UserSession).columns:
                    if isinstance(value := getattr(row, column.key), datetime):
                        setattr(row, column.key, value + later)

    def hold(self, what: str, **facts: Any) -> str:
        wanted = {"site": self.site, "what": what, "reason": "案件 2026-7", **facts}
        reply = self.admin.post("/legal-holds", json=wanted)
        assert reply.status_code == 201, reply.text
        identity: str = reply.json()["id"]
        return identity

    def release(self, hold: str) -> None:
        self.admin.post(f"/legal-holds/{hold}/end", json={"reason": "结案"}).raise_for_status()

    def entries(self) -> dict[int, JournalEntry]:
        with self.registry.read() as work:
            return {row.seq: row for row in work.session.scalars(select(JournalEntry).order_by(JournalEntry.seq))}

    def check(self) -> None:
        """Look whether chain and proofs hold."""
        seen = walked(self.registry, processes=1)
        assert lines(seen) == []
        shown = self.admin.get("/retention/runs").raise_for_status().json()["items"]
        assert all(not run["faults"] and run["signature"] for run in shown), shown


@pytest.fixture
def keeper(registry: Registry, calendar: Calendar, admin: httpx.Client, site: str, gate: Gate) -> Keeper:
    gate.decide("粤B00000")
    gate.send()
    return Keeper(registry, calendar, admin, site)


def scalar(registry: Registry, query: Any) -> Any:
    with registry.read() as work:
        return work.session.scalar(query)


def test_nothing_goes_until_somebody_chooses(keeper: Keeper) -> None:
    keeper.wait(3)
    assert keeper.admin.get(f"/sites/{keeper.site}/retention").json()["profile"] == "keep"
    keeper.calendar.later(0.5)
    assert keeper.run() == runs.Done()
    assert len(keeper.entries()) == 1


def test_ready_profiles_are_within_their_bounds_and_others_are_refused(keeper: Keeper) -> None:
    assert all(not list(faults(days)) for days in READY.values())
    assert LIMITS["audit"].least == 180
    address = f"/sites/{keeper.site}/retention"
    shown = keeper.admin.put(address, json={"profile": "eu"}).raise_for_status().json()
    assert shown["days"] == READY["eu"].facts()
    for days, field in (({"audit": 30}, "days.audit"), ({"events": 30, "identity": 31, "pictures": 1}, "days.identity")):
        refused = keeper.admin.put(address, json={"profile": "own", "days": days})
        assert (refused.status_code, refused.json()["field"]) == (422, field)
        assert refused.json()["zh"]
    assert keeper.admin.put(address, json={"profile": "cn", "days": DAYS}).status_code == 422
    listed = keeper.admin.get("/retention/profiles").json()
    assert {one["profile"] for one in listed["ready"]} == {"cn", "eu"}


passages = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(PLATES), st.booleans()), min_size=1, max_size=sized(quick=10, soak=40)
)


@settings(
    max_examples=sized(quick=6, soak=200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.generate],  # what an example leaves is there with the next: nothing can be made smaller
)
@given(days=st.lists(passages, min_size=1, max_size=3), held=st.sampled_from(PLATES), chunk=st.integers(1, 7), data=st.data())
def test_what_is_young_or_held_stays_all_else_goes_and_chain_and_proofs_hold(
    keeper: Keeper, gate: Gate, days: list[Any], held: str, chunk: int, data: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(forgetting, "CHUNK", chunk)
        keeper.choose()
        hold = keeper.hold("plate", subject=held)
        first = len(gate.entries) + 1
        for day in days:
            for n, plate, is_person in day:
                begun = len(gate.entries)
                gate.decide(plate, passage=f"p{begun}-{n}", person=str(uuid4()) if is_person else "")
                gate.write(EvidenceKept(f"c{begun}", "0" * 64, 1, "camera-in"), passage=f"p{begun}-{n}")
                keeper.born |= dict.fromkeys((begun + 1, begun + 2), (keeper.calendar.at, plate))
            gate.send(first)
            first = len(gate.entries) + 1
            keeper.wait(data.draw(st.integers(1, 12)))
        keeper.wait(data.draw(st.integers(0, 30)))
        counted = scalar(keeper.registry, select(func.sum(LogCount.total)))
        keeper.run()
        keeper.release(hold)  # whatever is found now, the next try begins without it
        _check_left(keeper, held)
        assert scalar(keeper.registry, select(func.sum(LogCount.total))) == counted, "the counts stay"
        keeper.check()
        keeper.run()
        _check_left(keeper, None)
        keeper.check()
        keeper.wait(31)
        keeper.run()
        assert not keeper.entries()
        keeper.born.clear()


def _check_left(keeper: Keeper, held: str | None) -> None:
    born, left = keeper.born, keeper.entries()
    age = {seq: keeper.calendar.at - at for seq, (at, _) in born.items()}
    stay = {seq for seq, (_, plate) in born.items() if age[seq] <= timedelta(days=30) or plate == held}
    assert left.keys() & born.keys() == stay
    for seq in sorted(stay):
        is_named = age[seq] <= timedelta(days=10) or born[seq][1] == held
        if left[seq].kind == "decision":
            assert (left[seq].plate is not None, bool(left[seq].personal)) == (is_named, is_named)
    named = {plate for seq, (_, plate) in born.items() if seq in stay and (age[seq] <= timedelta(days=10) or plate == held)}
    with keeper.registry.read() as work:
        assert set(work.session.scalars(select(LogPlate.plate))) & set(PLATES) == named


@ON_ONE
def test_a_jump_of_ten_years_deletes_nothing_until_somebody_confirms(
    keeper: Keeper, gate: Gate, sign_in: Callable[[Any], httpx.Client]
) -> None:
    keeper.choose(events=365)
    keeper.run()
    keeper.calendar.at += timedelta(days=3650)
    gate.decide(after_s=1)
    gate.send(2)  # what comes now is of the wrong time too
    keeper.stay_signed_in()
    assert (keeper.run().fault, len(keeper.entries())) == (AHEAD, 2)
    assert (keeper.run().fault, len(keeper.entries())) == (AHEAD, 2)
    assert keeper.admin.get(f"/sites/{keeper.site}/retention/due").json()["fault"] == AHEAD
    shown = keeper.admin.get("/retention/clock").json()
    assert shown["fault"] == AHEAD
    keeper.calendar.at -= timedelta(days=3650)
    keeper.stay_signed_in()
    assert keeper.run().fault == AHEAD, "until somebody has looked"
    system = sign_in("system_admin")
    system.post("/retention/clock/confirm", json={"reason": "NTP"}).raise_for_status()
    assert keeper.run().fault == ""
    assert len(keeper.entries()) == 2
    acts = scalar(keeper.registry, select(func.count()).where(AuditEntry.kind == clock.KIND))
    assert acts == 2


@pytest.mark.parametrize(
    ("days", "counted_days", "noted", "seen", "fault"),
    [
        (0, 0, 0, (), ""),
        (0.5, 0.5, 0, (-100,), ""),
        (3650, 0, None, (), SET),
        (3650, 3650, 0, (), AHEAD),
        (3650, 3650, 0, (3650,), AHEAD),
        (3650, 3650, None, (0,), AHEAD),
        (0, 0, None, (), ""),
        (-30, -30, 0, (), BACK),
        (0, 0, 0, (3650,), BACK),
    ],
)
def test_a_clock_is_believed_as_far_as_all_others_agree(
    days: float, counted_days: float, noted: float | None, seen: tuple[float, ...], fault: str
) -> None:
    def at(number: float) -> datetime:
        return NOON + timedelta(days=number)

    now, former = Reading(counted_days * 86400, at(days)), Reading(0, NOON)
    told = fault_of(now, former, None if noted is None else at(noted), [at(each) for each in seen])
    assert told == fault


@ON_ONE
def test_a_run_stops_at_its_cap_and_the_next_goes_on(keeper: Keeper, gate: Gate) -> None:
    for n in range(9):
        gate.decide(after_s=n)
    gate.send(2)
    keeper.choose()
    keeper.wait(40)
    due = keeper.admin.get(f"/sites/{keeper.site}/retention/due").json()
    assert (due["events"], due["identity"]) == (10, 10)
    assert keeper.run(cap=4).counts == {"events": 4, "identity": 4}
    assert len(keeper.entries()) == 6
    keeper.check()
    assert keeper.run(cap=100).counts == {"events": 6}
    assert not keeper.entries()
    states = [run["state"] for run in keeper.admin.get("/retention/runs").json()["items"]]
    assert states == ["capped", "done"]
    keeper.check()


@ON_ONE
def test_who_is_stopped_in_the_middle_has_lost_nothing(keeper: Keeper, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "CHUNK", 3)
    for n in range(9):
        gate.decide(after_s=n)
    gate.send(2)
    keeper.choose()
    keeper.wait(40)

    def stop(_seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runs.run(keeper.registry, rests=stop)
    assert len(keeper.entries()) == 7
    assert lines(walked(keeper.registry, processes=1)) == []
    keeper.run()
    assert not keeper.entries()
    states = [run["state"] for run in keeper.admin.get("/retention/runs").json()["items"]]
    assert states == ["interrupted", "done"]
    keeper.check()


@ON_ONE
def test_ingest_goes_on_behind_what_went_and_a_repeated_batch_is_no_clone(keeper: Keeper, gate: Gate) -> None:
    for n in range(5):
        gate.decide(after_s=n)
    gate.send(2)
    keeper.choose()
    keeper.wait(40)
    keeper.run()
    gate.decide(after_s=9)
    assert gate.send(3).acked_through == 7
    assert keeper.admin.get("/edges").json()["items"][0]["status"] == "active"
    gate.decide(after_s=10)
    assert gate.send(8).acked_through == 8
    assert sorted(keeper.entries()) == [7, 8]
    keeper.check()


@ON_ONE
def test_what_nobody_declared_is_still_found(keeper: Keeper, gate: Gate) -> None:
    for n in range(6):
        gate.decide(after_s=n)
    gate.send(2, 5)
    keeper.choose()
    keeper.wait(40)
    keeper.run()
    gate.send(6)
    with keeper.registry.write() as work:
        work.session.execute(delete(JournalEntry).where(JournalEntry.seq == 6))
        forged = {"first": 6, "last": 6, "follows": bytes(32), "head": bytes(32), "told": [], "signature": bytes(64)}
        row = work.session.scalars(select(ForgottenRange)).one()
        work.session.add(ForgottenRange(edge_id=row.edge_id, epoch=row.epoch, run_id=row.run_id, **forged))
    found = lines(walked(keeper.registry, processes=1))
    assert [line.split(":")[1].strip() for line in found] == ["wrong_key", "edit", "edit"]
    with keeper.registry.write() as work:
        work.session.execute(delete(ForgottenRange))
    assert [finding.kind for finding in walked(keeper.registry, processes=1).findings] == ["gap"]
    with keeper.registry.write() as work:
        work.session.execute(update(RetentionRun).values(counts={"events": 1}))
    shown = keeper.admin.get("/retention/runs").json()["items"]
    assert len(shown[0]["faults"]) == 2


@ON_ONE
def test_epochs_and_gaps_hold_when_what_declared_them_is_gone(keeper: Keeper, gate: Gate) -> None:
    gate.entries.clear()
    gate.epoch = UUID(int=gate.epoch.int + 1)
    box = Box(gate)
    gate.send(1, 4)
    box.begins_anew((5, 6))
    assert box.send(7) == (10, ())
    keeper.choose()
    keeper.wait(40)
    keeper.run()
    assert not keeper.entries()
    assert scalar(keeper.registry, select(func.count()).select_from(JournalGap)) == 1
    keeper.check()


def test_pictures_go_with_the_last_capture_that_has_them_and_held_ones_stay(keeper: Keeper, gate: Gate) -> None:
    keeper.choose()
    sent = {name: JPEG.replace(b"data", name.encode()) for name in ("one_", "two_", "held")}
    for n, (name, data) in enumerate([*sent.items(), ("late", sent["two_"])]):
        if name == "late":
            keeper.wait(4)
        sha256 = hashlib.sha256(data).hexdigest()
        gate.decide("粤B54321" if name == "held" else "粤B12345", after_s=n, passage=name, capture=name)
        gate.write(EvidenceKept(name, sha256, len(data), "camera-in"), passage=name)
        assert gate.send_picture(data, name).status_code == 200
    gate.send(2)
    hold = keeper.hold("passage", subject="held")
    keeper.wait(2)
    assert keeper.admin.get(f"/sites/{keeper.site}/retention/due").json()["pictures"] == 2
    assert keeper.run().counts == {"pictures": 2}
    here = [path_of(keeper.registry.pictures, hashlib.sha256(data).hexdigest()).exists() for data in sent.values()]
    assert here == [False, True, True]
    keeper.release(hold)
    keeper.wait(5)
    keeper.run()
    assert not list(keeper.registry.pictures.glob("*/*.jpg"))
    assert scalar(keeper.registry, select(func.count()).select_from(Picture)) == 0
    keeper.check()


@ON_ONE
def test_fragments_of_who_is_gone_and_old_words_of_the_audit_go(keeper: Keeper) -> None:
    admin, site = keeper.admin, keeper.site
    number = {"id_number": "11010519491231002X"}
    person = admin.post("/persons", json={"site": site, "name": "王芳", "unit": "3-1", **number}).json()["id"]
    stays = admin.post("/persons", json={"site": site, "name": "李四", "unit": "3-2", "id_number": "440524188001010014"}).json()
    admin.put(f"/persons/{person}", json={"site": site, "name": "王芳", "unit": "3-1", "status": "revoked"}).raise_for_status()
    keeper.choose(events=None, identity=None, pictures=None)
    keeper.wait(4)
    assert keeper.run().counts == {}
    keeper.wait(2)
    assert admin.get(f"/sites/{site}/retention/due").json()["fragments"] == 1
    assert keeper.run().counts == {"fragments": 1}
    assert admin.get(f"/persons/{person}").json()["id_tail"] == ""
    assert admin.get(f"/persons/{stays['id']}").json()["id_tail"] == "0014"
    keeper.wait(180)
    keeper.run()
    said = select(func.count()).where(
        AuditEntry.kind == "persons", AuditEntry.after.is_not(None), AuditEntry.record_id == UUID(person)
    )
    assert scalar(keeper.registry, said) == 0
    keeper.check()


def test_what_is_held_is_not_erased_either(keeper: Keeper, gate: Gate) -> None:
    admin, site = keeper.admin, keeper.site
    person = admin.post("/persons", json={"site": site, "name": "欧阳修远", "unit": "3-1"}).json()["id"]
    gate.decide("粤B7K93P", passage="p-1", person=person)
    gate.send(2)
    whom = {"subject": "person", "record": person, "purpose": "asked"}
    for what, facts in (
        ("person", {"subject": person}),
        ("plate", {"subject": "粤B·7K93P"}),
        ("passage", {"subject": "p-1"}),
        ("time", {"from_at": BEGAN.isoformat(), "to_at": (BEGAN + timedelta(hours=1)).isoformat()}),
    ):
        hold = keeper.hold(what, **facts)
        refused = admin.post("/erasures", json=whom)
        assert (refused.status_code, "案件 2026-7" in refused.json()["zh"]) == (409, True), what
        keeper.release(hold)
    admin.post("/erasures", json=whom).raise_for_status()
    keeper.hold("passage", subject="p-1")
    finish(keeper.registry)
    assert scalar(keeper.registry, select(Erasure.state)) == "held"
    held = admin.get("/legal-holds").json()["items"][0]["id"]
    keeper.release(held)
    finish(keeper.registry)
    assert scalar(keeper.registry, select(Erasure.state)) == "done"


@ON_ONE
def test_a_hold_ends_by_its_time_and_then_what_it_kept_goes(keeper: Keeper, gate: Gate) -> None:
    keeper.choose()
    gate.decide("粤B12345")
    gate.send(2)
    until = (keeper.calendar.at + timedelta(days=50)).isoformat()
    keeper.hold("time", from_at=BEGAN.isoformat(), to_at=(BEGAN + timedelta(days=1)).isoformat(), holds_until=until)
    keeper.wait(40)
    due = keeper.admin.get(f"/sites/{keeper.site}/retention/due").json()
    assert (due["events"], due["held"]) == (0, 2)
    assert keeper.run().counts == {}
    keeper.wait(11)
    assert keeper.run().counts == {"events": 2}
    keeper.check()


@pytest.mark.parametrize("database_url", [POSTGRESQL], indirect=True)
def test_a_month_that_is_past_its_time_is_dropped_and_one_with_a_hold_is_not(keeper: Keeper, gate: Gate) -> None:
    with keeper.registry.write() as work:
        months.ensure(work.session, BEGAN)
    for n in range(5):
        gate.decide("粤B12345", after_s=n, passage=f"p{n}")
    gate.send(2)
    keeper.choose(events=60, identity=60)
    hold = keeper.hold("time", from_at=BEGAN.isoformat(), to_at=(BEGAN + timedelta(seconds=1)).isoformat())
    keeper.wait(100)
    keeper.run()
    with keeper.registry.read() as work:
        march = months.month_of(BEGAN)
        assert march in months.months(work.session)
    assert sorted(keeper.entries()) == [1, 2, 3]
    keeper.check()
    keeper.release(hold)
    keeper.run()
    with keeper.registry.read() as work:
        assert march not in months.months(work.session)
        assert not work.session.scalars(select(LogPlate.plate)).all()
    assert not keeper.entries()
    shown = keeper.admin.get("/retention/runs").json()["items"]
    assert [run["counts"]["events"] for run in shown] == [3, 3]
    keeper.check()
