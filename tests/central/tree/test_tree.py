"""The tree of all heads as the office and an auditor use it; the chain of the audit as work is written down."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy import func, make_url, select, update
from typer.testing import CliRunner

from access import merkle
from access.contract.heads import TreeHead
from access.contract.signature import fingerprint, verify_bytes
from central.audit import services as audit
from central.audit.tables import AuditEntry
from central.cli import app
from central.config import Settings
from central.database import Database
from central.errors import RegistryError
from central.migrations import alembic_config, migrate
from central.registry import Registry, Work
from central.retention.services import let_go
from central.sync_tables import JournalCheckpoint
from central.tables import Edge
from central.tree import job
from central.tree.outlets import Folder
from central.tree.proving import EntryProof, faults_of, prove
from central.tree.publishing import publish, publish_due
from central.tree.services import take_up
from central.tree.tables import ChainEnd, PublishedHead, TreeLeaf, TreeNode
from tests.central.checkpoints.test_checkpoints import checkpoint, countersigned
from tests.central.databases import ON_ONE
from tests.central.gate import Gate
from tests.central.tampering import Scene, Tampering
from tests.central.tree.test_walk import Calendar, lines, walked
from tests.waiting import wait_until


def raw(proof: list[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in proof]


def test_the_office_gets_heads_and_proofs(gate: Gate, registry: Registry, admin: httpx.Client, tmp_path: Path) -> None:
    assert admin.get("/audit/tree/head").json()["size"] == 0
    assert admin.get("/audit/tree/printed").status_code == 404
    for n in range(5):
        gate.decide(after_s=n)
    gate.send()
    for seq in (1, 2, 4):
        countersigned(gate, checkpoint(gate, seq))
    asked = {"edge": str(gate.enrolled.edge), "epoch": str(gate.epoch), "seq": "2"}
    assert admin.get("/audit/tree/inclusion", params=asked).status_code == 409, "not taken up yet"
    first = publish(registry, [Folder(tmp_path), Folder(tmp_path / "missing")])[0]
    countersigned(gate, checkpoint(gate, 5))
    head = take_up(registry)
    assert (first.size, head.size) == (4, 5)
    assert take_up(registry).size == 5, "nothing new, nothing appended"

    shown = TreeHead.model_validate(admin.get("/audit/tree/head").json())
    assert (shown.size, shown.root) == (head.size, head.root)
    verify_bytes(registry.key.public_key(), bytes.fromhex(shown.signature), shown.signed_bytes())
    for size in (None, 4):
        proof = admin.get("/audit/tree/inclusion", params={**asked, **({"size": str(size)} if size else {})}).json()
        leaf, root = merkle.leaf_hash(bytes.fromhex(proof["data"])), bytes.fromhex(proof["root"])
        assert merkle.is_included(leaf, proof["leaf"], proof["size"], raw(proof["proof"]), root)
    grown = admin.get("/audit/tree/consistency", params={"first": 4}).json()
    assert (grown["first_root"], grown["second_root"]) == (first.root.hex(), head.root)
    assert merkle.is_consistent(4, 5, raw(grown["proof"]), first.root, bytes.fromhex(head.root))
    refused = [("inclusion", {**asked, "seq": "3"}, 404), ("inclusion", {**asked, "size": "1"}, 422)]
    refused += [("inclusion", {**asked, "edge": str(gate.epoch)}, 404), ("consistency", {"first": "6"}, 422)]
    for path, params, status in refused:
        assert admin.get(f"/audit/tree/{path}", params=params).status_code == status, params

    items = admin.get("/audit/tree/published").json()["items"]
    assert [(item["fault"], item["head"]["size"]) for item in items] == [
        ("it cannot be written: No such file or directory", 4),
        ("", 4),
    ]
    assert [
        item["fault"] for item in admin.get("/audit/tree/published", params={"target": f"folder {tmp_path}"}).json()["items"]
    ] == [""]
    printed = admin.get("/audit/tree/printed").json()
    assert printed["root"].replace(" ", "").lower() == first.root.hex()
    assert printed["key"] == fingerprint(registry.key.public_key().public_bytes_raw())


@ON_ONE
def test_nothing_is_signed_over_what_another_hand_has_written(gate: Gate, registry: Registry, admin: httpx.Client) -> None:
    """Else whoever has the database, and no key, would only have to wait for the registry to sign what he made of it."""
    for n in range(4):
        gate.decide(after_s=n)
    gate.send()
    countersigned(gate, checkpoint(gate, 1))
    take_up(registry)
    scene = Scene(registry, gate.enrolled.edge, gate.epoch, gate.epoch, registry.pictures)

    def audit_anew(scene: Scene) -> None:
        rows = scene.audit()
        rows[-1].by_name = "nobody"
        scene.rechain_audit(rows)

    def audit_shorter(scene: Scene) -> None:
        *kept, last = scene.audit()
        scene.session.delete(last)
        scene.rechain_audit(kept)

    def tree_anew(scene: Scene) -> None:
        scene.grow_anew([leaf.data for leaf in scene.leaves()][1:])

    def node_anew(scene: Scene) -> None:
        scene.session.get_one(TreeNode, (1, 0)).hash = bytes(32)

    def node_gone(scene: Scene) -> None:
        scene.session.delete(scene.session.get_one(TreeNode, (1, 0)))

    tampering, checked = Tampering(scene), 0
    for act in (audit_anew, audit_shorter, tree_anew, node_anew, node_gone):
        tampering.do(act)
        countersigned(gate, checkpoint(gate, 2))
        with pytest.raises(RegistryError) as refused:
            take_up(registry)
        assert refused.value.status_code == 409, act.__name__
        checked += admin.get("/audit/tree/head").status_code == 409
    assert checked == 3, "where the tree itself is another, nobody is shown a head of it"
    tampering.do(lambda _scene: None)
    countersigned(gate, checkpoint(gate, 2))
    assert take_up(registry).size == 3
    assert lines(walked(registry)) == []


@ON_ONE
def test_an_entry_is_proved_to_who_has_the_keys(gate: Gate, registry: Registry, address: str) -> None:
    for n in range(6):
        gate.decide(after_s=n)
    gate.send()
    for seq in (1, 4):
        countersigned(gate, checkpoint(gate, seq))
    take_up(registry)
    edge, epoch = gate.enrolled.edge, gate.epoch
    with registry.read() as work:
        proof = prove(work, registry.key, (edge, epoch, 2))
        for seq, status in ((6, 409), (7, 404)):
            with pytest.raises(RegistryError) as refused:
                prove(work, registry.key, (edge, epoch, seq))
            assert refused.value.status_code == status
    assert list(faults_of(proof)) == []
    assert proof.canonical == gate.entries[1].canonical.hex()
    assert len(proof.run) == 2
    changed = {
        "canonical": "00",
        "seq": 3,
        "run": proof.run[:1],
        "follows": "00" * 32,
        "edge_key": proof.registry_key,
        "registry_key": proof.edge_key,
        "leaf": 0,
        "inclusion": (),
        "head": proof.head.model_copy(update={"size": 9}),
        "checkpoint": proof.checkpoint.model_copy(update={"agrees": None}),
    }
    for name, value in changed.items():
        assert list(faults_of(proof.model_copy(update={name: value}))), name


@ON_ONE
def test_the_command_line_finds_proves_and_publishes(
    gate: Gate, registry: Registry, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.decide()
    gate.send()
    countersigned(gate, checkpoint(gate, 1))
    outside = tmp_path / "outside"
    outside.mkdir()
    monkeypatch.setenv("GATEHOUSE_DATABASE", database_url)
    monkeypatch.setenv("GATEHOUSE_DATA", str(tmp_path / "data"))

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["audit", *words])
        return done.exit_code, done.stdout

    assert run("publish")[0] == 1, "nowhere to"
    assert run("publish", "--folder", str(outside)) == (0, f"folder {outside}: 2 leaves\n")
    assert run("publish", "--folder", str(outside / "missing"))[0] == 1
    place = ("--edge", str(gate.enrolled.edge), "--epoch", str(gate.epoch), "--seq", "1")
    assert run("prove", *place, "--out", str(tmp_path / "proof.json"))[0] == 0
    assert list(faults_of(EntryProof.model_validate_json((tmp_path / "proof.json").read_bytes()))) == []
    assert run("prove", *place)[0] == 0
    code, said = run("verify", "--published", str(outside))
    assert code == 0, said
    assert said.endswith("nothing found\n")
    (tmp_path / "empty").mkdir()
    code, said = run("verify", "--published", str(tmp_path / "empty"))
    assert (code, f"published: gap: {tmp_path / 'empty'}: no published head" in said) == (1, True), "a folder that is not the one"
    assert run("verify", "--published", str(tmp_path / "proof.json"))[0] == 2, "no folder"
    with registry.write() as work:
        work.session.execute(update(Edge).values(public_key=bytes(32)))
    code, said = run("verify", "--json", "--published", str(outside), "--quiet")
    assert code == 1
    assert {finding["kind"] for finding in json.loads(said)["findings"]} == {"wrong_key"}


@ON_ONE
def test_what_the_registry_lets_go_of_in_its_time_is_not_missed(gate: Gate, registry: Registry, tmp_path: Path) -> None:
    calendar = Calendar()
    registry = replace(registry, calendar=calendar)
    for n in range(4):
        gate.decide(after_s=n)
    gate.send()
    for seq in (1, 2, 3):
        countersigned(gate, checkpoint(gate, seq))
    with registry.write() as work:
        work.session.execute(update(JournalCheckpoint).values(received_us=round(calendar.at.timestamp() * 1e6)))
    calendar.at += timedelta(days=2)
    let_go(registry, timedelta(days=90))
    with registry.read() as work:
        assert work.session.scalar(select(func.count(JournalCheckpoint.seq))) == 3, "what no tree holds is kept"
    publish_due(registry, [Folder(tmp_path)])
    publish_due(registry, [Folder(tmp_path)])
    assert len(list(tmp_path.glob("gatehouse-head-*"))) == 1, "once a day"
    let_go(registry, timedelta(days=90))
    with registry.read() as work:
        assert work.session.scalars(select(JournalCheckpoint.seq)).all() == [3]
    # The time of receipt was put back by hand, which the countersignature knows.
    assert {finding.kind for finding in walked(registry).findings} == {"wrong_key"}


def test_the_job_takes_up_by_itself(gate: Gate, registry: Registry, tmp_path: Path) -> None:
    gate.decide()
    countersigned(gate, checkpoint(gate, 1))

    def published() -> int:
        with registry.read() as work:
            return len(work.session.scalars(select(PublishedHead).where(PublishedHead.fault == "")).all())

    with job.growing_tree(registry, [Folder(tmp_path)], 0.01, 0.01):
        wait_until(lambda: published() == 1)
    with registry.read() as work:
        assert [leaf.kind for leaf in work.session.scalars(select(TreeLeaf).order_by(TreeLeaf.place))] == ["checkpoint", "audit"]


def note(work: Work, act: str) -> None:
    audit.note(work, "things", work.new_id(), None, act, version=1, after={"of": act, "list": [1, 2.5, None, "粤"]}, reason="因")


def test_the_audit_is_one_chain_whoever_writes_at_once(registry: Registry) -> None:
    def write(name: str) -> None:
        for n in range(5):
            with registry.write() as work:
                note(work, f"{name}{n}")
                with suppress(LookupError), work.session.begin_nested():
                    note(work, "taken back")
                    raise LookupError
                with work.session.begin_nested():
                    note(work, f"{name}{n} within")
            with suppress(LookupError), registry.write() as work:
                note(work, "never")
                raise LookupError

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with registry.read() as work:
        rows = work.session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
        end = work.session.get_one(ChainEnd, "audit")
    assert [row.seq for row in rows] == list(range(1, 41))
    assert sorted(row.act for row in rows) == sorted(
        f"{name}{n}{end}" for name in "abcd" for n in range(5) for end in ("", " within")
    )
    assert (end.size, end.head) == (40, rows[-1].chain_hash)
    take_up(registry)
    assert lines(walked(registry)) == []


def test_an_audit_from_before_is_chained_by_the_step(tmp_path: Path) -> None:
    url = make_url(f"sqlite:///{tmp_path / 'registry.db'}")
    with closing(Database(url)) as database:
        with database.writer.begin() as connection:
            command.upgrade(alembic_config(connection), "0021")
            old = sa.table("audit_entries", *(column for column in _old_columns()))
            rows = [_old(n) for n in range(12)]
            connection.execute(old.insert(), rows)
        migrate(database)
    with closing(Registry.open(Settings(tmp_path / "data", str(url)))) as registry:
        with registry.write() as work:
            note(work, "after")
        seen = walked(registry)
    assert lines(seen) == []
    assert seen.counts["audit entries"] == 13


def _old_columns() -> Iterator[sa.ColumnClause[Any]]:
    new = {"seq", "chain_hash", "commitment", "salt"}
    table: sa.Table = AuditEntry.__table__  # type: ignore[assignment]  # it is one
    return (sa.column(each.name, each.type) for each in table.columns if each.name not in new)


def _old(n: int) -> dict[str, Any]:
    texts = dict.fromkeys(("kind", "act", "by_name", "by_role", "origin", "reason"), f"{n}")
    before = {"n": n, "z": [n / 3], "a": None} if n % 2 else None
    return {
        "id": uuid4(),
        "site_id": uuid4() if n % 3 else None,
        "record_id": uuid4(),
        "version": n,
        "at_us": n,
        "before": before,
        "after": {"粤": n},
        **texts,
    }
