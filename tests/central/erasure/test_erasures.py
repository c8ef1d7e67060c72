"""Somebody is erased: nothing of theirs is left in any table, the chain holds, the log still tells what happened."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import httpx
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from access.acts import PassActed
from access.chain import genesis, walk
from access.entries import EvidenceKept, FactsChanged, GuardActed, PassageEnded, ReadingTaken
from access.sealing import Opened, unseal
from central.cli import app
from central.erasure import journal
from central.erasure.services import TOLD_FOR, carry_on, finish, retire
from central.files.tables import Import, ImportFile
from central.journal.pictures import path_of
from central.registry import Registry
from central.schema import metadata
from central.tables import JournalEntry, RuleChange
from central.users.rights import Role
from central.visits.telling import plate_id, visitor_id
from tests.central.contractors.agreed import approved, done, held
from tests.central.databases import ON_ONE
from tests.central.gate import BEGAN, JPEG, Gate
from tests.central.tree.test_walk import lines, walked
from tests.central.visits.world import World

NAME, PHONE, PLATE, CARD = "欧阳修远", "13912345678", "粤B7K93P", "0B3F77A1"
THEIRS = (NAME, PHONE, PLATE, "粤B·7K93P", CARD, CARD.lower(), "A1773F0B")
OTHER_PLATE = "粤B7K93R"


def dumped(registry: Registry) -> str:
    """All that stands in any table, each text and JSON as it is, bytes as what they may spell and in hex."""
    lines = []
    with registry.read() as work:
        for table in metadata.sorted_tables:
            for row in work.session.execute(select(table)):
                values = {name: _plain(value) for name, value in row._mapping.items()}
                lines.append(f"{table.name} {json.dumps(values, ensure_ascii=False, default=str)}")
    return "\n".join(lines)


def _plain(value: Any) -> Any:
    return [value.decode(errors="replace"), value.hex().upper()] if isinstance(value, bytes) else value


def left_of(registry: Registry, texts: tuple[str, ...] = THEIRS) -> list[str]:
    found = dumped(registry)
    spelt = [*texts, *(text.encode().hex().upper() for text in texts)]
    return [line[:300] for line in found.splitlines() if any(text in line for text in spelt)]


def entries(registry: Registry) -> list[JournalEntry]:
    with registry.read() as work:
        return list(work.session.scalars(select(JournalEntry).order_by(JournalEntry.epoch, JournalEntry.seq)))


def chain_holds(registry: Registry, gate: Gate) -> bool:
    rows = entries(registry)
    return walk(genesis(gate.enrolled.edge, gate.epoch), [row.canonical for row in rows]) == rows[-1].chain_hash


class Household:
    """A person with telephone, vehicle, card and document, who came in twice; and a neighbour whose plate looks alike."""

    def __init__(self, admin: httpx.Client, gate: Gate, site: str) -> None:
        self.admin, self.gate, self.site = admin, gate, site
        self.person = self._made("/persons", name=NAME, unit="3-1201", phone=PHONE, remark=f"{NAME} calls often")
        self.vehicle = self._made("/vehicles", plate=PLATE, person=self.person)
        self.card = self._made("/cards", raw=CARD, person=self.person)
        self.neighbour = self._made("/persons", name="王芳", unit="3-1202")
        self._made("/documents", subject_kind="person", subject=self.person, document_kind="proof_of_title", number=f"{NAME} 1")
        admin.put(f"/persons/{self.person}", json={"site": site, "name": NAME, "unit": "3-1203", "phone": PHONE})

    def _made(self, path: str, **facts: Any) -> str:
        reply = self.admin.post(path, json={"site": self.site, **facts})
        assert reply.status_code == 201, reply.text
        identity: str = reply.json()["id"]
        return identity

    def passes(self, passage: str, after_s: float, capture: str) -> None:
        at = BEGAN + timedelta(seconds=after_s)
        gate, whose = self.gate, {"credential": self.vehicle, "person": self.person}
        gate.write(ReadingTaken("camera-in", "plate", raw="粤B·7K93P", text=PLATE), at, passage=passage)
        gate.decide(PLATE, after_s, passage=passage, capture=capture, **whose, steps=(["access_level", {"holder": NAME}, "ok"],))
        gate.write(
            GuardActed("note", "other", "101", f"r{after_s}", guard_name="陈卫", words=f"{NAME} said hello"), passage=passage
        )
        picture = JPEG.replace(b"data", capture.encode())
        gate.write(EvidenceKept(capture, hashlib.sha256(picture).hexdigest(), len(picture), "camera-in"), passage=passage)
        facts = (("set", f"at:{self.vehicle}", ["site", 1]),)
        gate.write(PassageEnded("passed", "in", facts=facts, text=PLATE, plate=PLATE), at, passage=passage)

    def others(self) -> None:
        """What is about others, and names them."""
        alike = ([PLATE, "inside", []],)
        who = {"person": self.neighbour, "outcome": "refer", "reason": "unknown_refer", "candidates": alike}
        self.gate.decide(OTHER_PLATE, 60, passage="p-other", **who)
        plates = {self.vehicle: PLATE}
        self.gate.write(FactsChanged("gate:x", "told", (("set", f"at:{self.vehicle}", ["site", 1]),), plates=plates))
        self.gate.write(ReadingTaken("reader", "card", raw=CARD, text=CARD), passage="p-card")
        self.gate.decide(CARD, 90, passage="p-card", medium="card", credential=self.card, person=self.person)


@pytest.fixture
def household(admin: httpx.Client, gate: Gate, site: str) -> Household:
    return Household(admin, gate, site)


def opened(registry: Registry) -> dict[tuple[str, str], Opened]:
    return {(row.kind, row.passage or ""): unseal(row.canonical, row.personal) for row in entries(registry)}


def test_nothing_of_a_person_is_left_and_all_that_was_proved_still_is(
    household: Household, gate: Gate, registry: Registry, admin: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "PAGE", 3)  # so that a passage lies on several
    household.passes("p-1", 10, "pic1")
    household.others()
    gate.send()
    assert gate.send_picture(JPEG.replace(b"data", b"pic1"), "pic1").status_code == 200
    sha256 = hashlib.sha256(JPEG.replace(b"data", b"pic1")).hexdigest()
    assert path_of(registry.pictures, sha256).exists()
    assert left_of(registry)
    whom = {"subject": "person", "record": household.person}
    named = admin.post("/erasures", json={**whom, "purpose": f"{NAME} asked for it"})
    assert (named.status_code, named.json()["field"]) == (422, "purpose")
    counted = admin.post("/erasures/count", json=whom).raise_for_status().json()
    assert (counted["entries"], counted["pictures"]) == (7, 1)
    assert left_of(registry), "counting changes nothing"
    known = gate.rules("since=0")

    begun = admin.post("/erasures", json={**whom, "purpose": "asked for by the person"}).raise_for_status().json()
    assert begun["state"] == "running"
    assert carry_on(registry)
    assert admin.get(f"/erasures/{begun['id']}").json()["state"] == "running", "it goes on where it was"
    finish(registry)
    assert left_of(registry) == []
    ended = admin.get(f"/erasures/{begun['id']}").raise_for_status().json()
    assert (ended["state"], ended["pictures"], len(ended["digest"])) == ("done", 1, 64)
    assert ended["entries"] == 8, "two of the passage by card, four of that by plate, and two others that named them"
    assert not path_of(registry.pictures, sha256).exists()
    assert chain_holds(registry, gate)
    _former_rules_name_nobody(registry, household)
    _others_are_whole(registry, household)
    _the_log_tells_it_still(admin, household)
    _what_comes_later_is_erased_too(household, gate, registry, sha256)
    changes = gate.rules(f"since={known.revision}&mark={known.mark}")
    assert not changes.complete, "a gate goes on from where it was"
    [told] = [one.record for one in changes.upserts if one.record.kind == "erasure"]
    assert told.persons == (UUID(household.person),)
    assert set(told.credentials) == {UUID(household.vehicle), UUID(household.card)}


def _former_rules_name_nobody(registry: Registry, household: Household) -> None:
    with registry.read() as work:
        query = select(RuleChange).where(RuleChange.to_revision.is_not(None), RuleChange.data.is_not(None))
        told = {str(row.record_id): json.loads(row.data or "") for row in work.session.scalars(query)}
    assert (told[household.person]["name"], told[household.person]["unit"]) == ("", "")
    vehicle = told[household.vehicle]
    assert (vehicle["person"], vehicle["status"], vehicle["plate"][0]) == (household.person, "active", "Z")


def _others_are_whole(registry: Registry, household: Household) -> None:
    told = opened(registry)
    other = told["decision", "p-other"]
    assert (other.fields["text"], other.erased) == (OTHER_PLATE, ("candidates",))
    assert told["guard", "p-1"].fields["guard_name"] == "陈卫"
    theirs = told["decision", "p-1"]
    assert (theirs.fields["person"], theirs.fields["outcome"]) == (household.person, "grant")
    assert {"text", "holder", "unit", "values", "steps"} <= set(theirs.erased)


def _the_log_tells_it_still(admin: httpx.Client, household: Household) -> None:
    rows = admin.get("/log", params={"reason": "access_ok"}).raise_for_status().json()["rows"]
    assert [(row["outcome"], row["credential"], row["holder"], row["person"]) for row in rows] == [
        ("grant", "", "", household.person),
        ("grant", "", "", household.person),
    ]
    assert all("—" in row["sentence"]["zh"] or row["sentence"]["zh"] for row in rows)
    assert admin.get("/log", params={"plate": PLATE}).json()["rows"] == []


def _what_comes_later_is_erased_too(household: Household, gate: Gate, registry: Registry, sha256: str) -> None:
    """A gate that was cut off brings what it had; an entry that came before the one which names them goes with it."""
    stored = len(gate.entries)
    household.passes("p-late", 300, "pic2")
    gate.send(stored + 1, stored + 1)
    gate.send(stored + 2)
    gate.write(GuardActed("note", "other", "101", "r-late", words=f"{NAME} was late"), passage="p-late")
    gate.send(len(gate.entries))
    assert gate.send_picture(JPEG.replace(b"data", b"pic1"), "pic1").status_code == 200
    assert gate.send_picture(JPEG.replace(b"data", b"pic2"), "pic2").status_code == 200
    assert left_of(registry) == []
    assert chain_holds(registry, gate)
    assert not path_of(registry.pictures, sha256).exists()
    assert not path_of(registry.pictures, hashlib.sha256(JPEG.replace(b"data", b"pic2")).hexdigest()).exists()


def test_a_visitor_is_erased_once_the_visit_is_over(
    admin: httpx.Client, sign_in: Callable[[Role], httpx.Client], site: str, registry: Registry, address: str
) -> None:
    guard = sign_in("guard")
    now = [registry.calendar()]
    world = World(registry, admin, guard, site, now, timedelta(hours=2))
    place = world.approved(plates=[PLATE], details={"name": NAME, "phone": PHONE, "remark": f"{NAME} brings tools"})
    visit = place.rpartition("/")[2]
    wanted = {"subject": "visit", "record": visit, "purpose": "kept long enough"}
    refused = admin.post("/erasures", json=wanted)
    assert (refused.status_code, refused.json()["field"]) == (409, "state")
    admin.post(f"{place}/cancel", json={"reason": f"{NAME} is ill"}).raise_for_status()
    with Gate(address) as gate:
        gate.join(registry)
        whose = {"credential": str(plate_id(UUID(site), PLATE)), "person": str(visitor_id(UUID(visit)))}
        gate.decide(PLATE, 5, passage="p-1", **whose)
        gate.send()
        begun = admin.post("/erasures", json=wanted)
        assert begun.status_code == 201, begun.text
        finish(registry)
        assert left_of(registry) == []
        assert chain_holds(registry, gate)
    assert admin.get(place).raise_for_status().json()["details"]["name"] == "—"
    assert admin.get(f"{place}/events").status_code == 200


def test_words_about_them_go_wherever_they_were_kept_and_from_what_the_audit_says_of_that(
    household: Household, gate: Gate, registry: Registry, admin: httpx.Client, site: str
) -> None:
    opening = {"act": "open_once", "reason": f"for {NAME}", "words": f"{NAME}, {PLATE}"}
    lane = gate.enrolled.lanes["in-1"]
    admin.post(f"/lanes/{lane}/commands", json=opening, headers={"Idempotency-Key": "k"}).raise_for_status()
    gone = {"site": site, "subject_kind": "vehicle", "subject": PLATE, "destination": f"{NAME} drives to town"}
    admin.post("/whereabouts", json={**gone, "left_at": "2026-03-01T08:00:00Z"}).raise_for_status()
    post = admin.post("/posts", json={"site": site, "name": "东门岗"}).raise_for_status().json()["id"]
    said = {"site": site, "post": post, "entry_kind": "note", "told": [NAME]}
    admin.post("/duty-log", json={**said, "text": f"{NAME} lost a key"}).raise_for_status()
    held = {"site": site, "person": household.person, "deposit": f"50 from {NAME}", "bound_to": PLATE}
    lent = admin.post("/cards", json={**held, "raw": "0B3F77A2"}).raise_for_status().json()["id"]
    admin.post(f"/cards/{lent}/freeze", json={"reason": f"{NAME} asks"}).raise_for_status()
    left = {"id": uuid4(), "site_id": UUID(site), "kind": "persons", "name": "sheet.csv", "state": "failed"}
    with registry.write() as work:
        texts = ("sheet", "digest", "by_name", "by_role", "origin", "reason", "fault_zh", "fault_en")
        counts = ("rows_done", "created", "changed", "unchanged", "errors", "run_from")
        truths = dict.fromkeys(("is_dry", "stop_on_error", "by_server"), False)
        of_import = {**dict.fromkeys(texts, ""), **dict.fromkeys(counts, 0), **truths, **left}
        work.session.add(Import(**of_import, created_at=work.at, finished_at=work.at, version=1))
        work.session.flush()
        work.session.add(ImportFile(import_id=of_import["id"], data=f"name\n{NAME}\n".encode()))
    whom = {"subject": "person", "record": household.person, "purpose": "asked for"}
    begun = admin.post("/erasures", json=whom).raise_for_status().json()
    finish(registry)
    assert left_of(registry) == []
    assert admin.get(f"/cards/{lent}/events").status_code == 200
    told = admin.get("/audit", params={"kind": "erasures", "record": begun["id"], "act": "done"}).json()["items"]
    shown = admin.get(f"/erasures/{begun['id']}").json()
    assert [one["after"] for one in told] == [{name: shown[name] for name in ("entries", "pictures", "digest")}]
    assert lines(walked(registry)) == []


@ON_ONE
def test_who_may_and_what_is_written_of_it(
    household: Household, sign_in: Callable[[Role], httpx.Client], registry: Registry, admin: httpx.Client
) -> None:
    whom = {"subject": "person", "record": household.person, "purpose": "asked for"}
    assert sign_in("registrar").post("/erasures", json=whom).status_code == 403
    auditor = sign_in("auditor")
    assert auditor.post("/erasures", json=whom).status_code == 403
    begun = sign_in("security_officer").post("/erasures", json=whom).raise_for_status().json()
    finish(registry)
    assert [one["id"] for one in auditor.get("/erasures", params={"state": "done"}).json()["items"]] == [begun["id"]]
    said = auditor.get("/audit", params={"kind": "erasures"}).raise_for_status().json()["items"]
    assert [(one["act"], one["by_name"], one["reason"]) for one in said] == [
        ("done", "registry", ""),
        ("created", "security_officer", "asked for"),
    ]
    assert admin.get(f"/erasures/{uuid5(UUID(household.person), 'x')}").status_code == 404


@ON_ONE
def test_gates_are_told_for_long_and_then_no_more(
    household: Household, gate: Gate, registry: Registry, admin: httpx.Client
) -> None:
    admin.post("/erasures", json={"subject": "person", "record": household.person, "purpose": "asked for"}).raise_for_status()
    finish(registry)
    retire(registry)
    assert [one for one in gate.rules("since=0").upserts if one.record.kind == "erasure"]
    at = registry.calendar() + 2 * TOLD_FOR
    retire(replace(registry, calendar=lambda: at))
    assert not [one for one in gate.rules("since=0").upserts if one.record.kind == "erasure"]


@ON_ONE
def test_at_the_machine(household: Household, gate: Gate, registry: Registry, database_url: str, tmp_path: Any) -> None:
    household.passes("p-1", 10, "pic1")
    gate.send()
    at = [
        "erase",
        "--site",
        "lakeside",
        "--person",
        household.person,
        "--database",
        database_url,
        "--data",
        str(tmp_path / "data"),
    ]
    counted = CliRunner().invoke(app, [*at, "--dry-run", "--json"])
    assert (counted.exit_code, json.loads(counted.stdout)[0]["entries"]) == (0, 5), counted.output
    assert CliRunner().invoke(app, at).exit_code == 2, "a reason is needed"
    assert CliRunner().invoke(app, [at[0], *at[1:3], *at[5:]]).exit_code == 2, "and somebody"
    erased = CliRunner().invoke(app, [*at, "--reason", "asked for", "--json"])
    assert erased.exit_code == 0, erased.output
    assert json.loads(erased.stdout)[0]["state"] == "done"
    assert left_of(registry) == []


@ON_ONE
def test_the_holder_of_passes_is_erased_with_all_of_them(admin: httpx.Client, gate: Gate, site: str, registry: Registry) -> None:
    permit = approved(admin, site)
    place, number = held(admin, site, permit, f"{NAME} 441", details={"name": NAME, "phone": PHONE, "remark": f"{NAME}, tiler"})
    identity = place.rpartition("/")[2]
    whom = {"subject": "pass", "record": identity, "purpose": "the works are over"}
    assert admin.post("/erasures", json=whom).status_code == 409
    holder = uuid5(UUID(permit.rpartition("/")[2]), f"{NAME} 441")
    gate.write(PassActed(identity, "enter", "101", "r1", words=f"{NAME} was late"), passage="p-1")
    gate.decide(PLATE, 5, medium="guard", person=str(holder), passage="p-1")
    gate.send()
    done(admin, place, "return", deposit=f"50 to {NAME}")
    assert left_of(registry)
    admin.post("/erasures", json=whom).raise_for_status()
    finish(registry)
    assert left_of(registry) == []
    shown = admin.get(place).raise_for_status().json()
    assert (shown["number"], shown["details"]["name"], shown["details"]["phone"]) == (number, "—", "")
    assert admin.get(f"{place}/events").status_code == 200
    assert {"words"} == set(opened(registry)["pass", "p-1"].erased)
