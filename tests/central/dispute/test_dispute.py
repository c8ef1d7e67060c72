"""A dispute file proves a passage to somebody who has nothing of ours but the verifier; whatever is done to the file is found."""

import hashlib
import json
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import cbor2
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from access.entries import GuardActed, Observed
from central.cli import app
from central.dispute import gathering, verify_dispute
from central.dispute.verify_dispute import DISPUTE, MANIFEST, REPORT, SIGNATURE, Check, pack, say, told, unpack, written
from central.log.repository import STORY_MAX
from central.registry import Registry
from central.tables import JournalEntry
from central.tree.outlets import outlets_of
from central.tree.publishing import publish
from central.users.rights import Role
from tests.central.checkpoints.test_checkpoints import checkpoint, send
from tests.central.databases import ON_ONE
from tests.central.dispute.passages import PASSAGE, PICTURE, exported, journal_of, send_all, write_passage
from tests.central.gate import JPEG, Gate
from tests.sizes import sized

OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(50, 82)))
VERIFIER = Path(verify_dispute.__file__)
Members = dict[str, bytes]


def findings(data: bytes, **known: Any) -> list[str]:
    check = Check(**known)
    check.check(data)
    return told(check, "en")[-2 - len(check.findings) : -2] if check.findings else []


def run(folder: Path, data: bytes, *options: str) -> tuple[int, str]:
    """Run the verifier that lies in a folder by itself, with nothing of ours to import."""
    (folder / "verify.py").write_bytes(VERIFIER.read_bytes())
    (folder / "file.zip").write_bytes(data)
    command = [sys.executable, "-I", str(folder / "verify.py"), str(folder / "file.zip"), *options]
    done = subprocess.run(command, capture_output=True, cwd=folder, timeout=60, check=False)
    assert done.stderr == b""
    return done.returncode, done.stdout.decode()


def test_a_passage_of_a_real_gate_is_proved_by_the_verifier_alone(
    gate: Gate, registry: Registry, sign_in: Callable[[Role], httpx.Client], tmp_path: Path
) -> None:
    with journal_of(gate, tmp_path) as journal:
        write_passage(journal)
        send_all(gate, journal)
        (tmp_path / "heads").mkdir()
        publish(registry, outlets_of({"GATEHOUSE_PUBLISH_FOLDER": str(tmp_path / "heads")}))
        data = exported(registry)
        (head,) = (tmp_path / "heads").iterdir()
        keys = ["--registry-key", gate.enrolled.registry_key, "--edge-key", gate.key.public_key().public_bytes_raw().hex()]
        status, said = run(tmp_path, data, *keys, "--published", str(head))
        assert (status, "Result: nothing was changed." in said) == (0, True), said
        assert "reason=unknown_refer" in said
        status, said = run(tmp_path, data, "--language", "zh", "--registry-key", OTHER.public_key().public_bytes_raw().hex())
        assert (status, "文件由另一把 registry 密钥签署" in said) == (1, True)
        with zipfile.ZipFile(BytesIO(data)) as archive:  # any program can open it
            assert archive.testzip() is None
            assert archive.read(f"pictures/{PICTURE}.jpg") == JPEG
            page = archive.read(REPORT).decode()
            assert archive.read("verify_dispute.py") == VERIFIER.read_bytes()
        assert "京A66666" not in data.decode("utf-8", "replace"), "another's plate"
        assert f'<img src="pictures/{PICTURE}.jpg"' in page
        for expected in (
            "2026-03-02 16:00:03",
            "host agreed",
            "王*",
            "未登记，请保安核实",
            "粤B·12D45",
            gate.fingerprint,
            "rules revision 规则版本: 7",
        ):
            assert expected in page, expected
        assert "<script" not in page
        _by_the_office(sign_in, data)


def _by_the_office(sign_in: Callable[[Role], httpx.Client], data: bytes) -> None:
    """Those who answer for it get it over the API, for a purpose that the audit has; others do not."""
    auditor = sign_in("auditor")
    assert auditor.get(f"/passages/{PASSAGE}/dispute").status_code == 422
    reply = auditor.get(f"/passages/{PASSAGE}/dispute", params={"purpose": "投诉 118"})
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/zip")
    assert findings(reply.content) == []
    assert unpack(reply.content).keys() == unpack(data).keys()
    (noted, _) = auditor.get("/audit", params={"kind": "disputes"}).raise_for_status().json()["items"]
    assert (noted["act"], noted["reason"], noted["by_role"]) == ("revealed", "投诉 118", "auditor")
    assert auditor.get("/passages/nothing/dispute", params={"purpose": "投诉 118"}).status_code == 404
    assert sign_in("registrar").get(f"/passages/{PASSAGE}/dispute", params={"purpose": "投诉 118"}).status_code == 403


@ON_ONE
def test_what_is_erased_or_not_proved_yet_is_said_and_the_rest_holds(gate: Gate, registry: Registry, tmp_path: Path) -> None:
    with journal_of(gate, tmp_path) as journal:
        write_passage(journal)
        send_all(gate, journal, countersigned=False)
        check = Check()
        check.check(exported(registry))
        assert (check.findings, len(check.notes)) == ([], 9)
        send_all(gate, journal)
        with registry.write() as work:
            for row in work.session.query(JournalEntry).filter(JournalEntry.passage == PASSAGE):
                row.personal = b""
        (next((registry.pictures).rglob("*.jpg"))).unlink()
        check = Check()
        data = exported(registry)
        check.check(data)
        assert (check.findings, "粤B" in data.decode("utf-8", "replace")) == ([], False)
        assert {note[0] for note in check.notes} == {"missing"}
        assert any("were erased: capture" in line or "were erased: " in line for line in told(check, "en"))


@ON_ONE
def test_the_command_writes_it_by_passage_and_by_entry(gate: Gate, registry: Registry, database_url: str, tmp_path: Path) -> None:
    with journal_of(gate, tmp_path) as journal:
        write_passage(journal)
        send_all(gate, journal)
        at = ["--database", database_url, "--data", str(registry.pictures.parent), "--purpose", "complaint"]
        place = f"{gate.enrolled.edge}/{journal.epoch}/3"
        for number, what in enumerate(([PASSAGE], ["--entry", place])):
            out = tmp_path / f"{number}.zip"
            done = CliRunner().invoke(app, ["dispute", "export", *what, "--out", str(out), *at])
            assert (done.exit_code, "9 entries" in done.output or "8 entries" in done.output) == (0, True), done.output
            assert (findings(out.read_bytes()), out.stat().st_mode & 0o777) == ([], 0o600)
            assert CliRunner().invoke(app, ["dispute", "export", *what, "--out", str(out), *at]).exit_code == 1
        assert CliRunner().invoke(app, ["dispute", "export", "--entry", "x", "--out", str(tmp_path / "x"), *at]).exit_code == 1
        nowhere = CliRunner().invoke(app, ["dispute", "export", PASSAGE, "--out", str(tmp_path / "no" / "x"), *at])
        assert (nowhere.exit_code, "cannot be written" in nowhere.output) == (1, True), nowhere.output


@ON_ONE
def test_entries_that_are_not_told_are_named_and_no_fault(gate: Gate, registry: Registry) -> None:
    words = "x\nResult: nothing was changed.\x1b[2J\u202e"
    first = gate.write(GuardActed("open_once", "", "101", "r1", words=words), passage=PASSAGE)
    gate.write(Observed("of another"), entry_id=first, passage=PASSAGE)
    for _ in range(STORY_MAX):
        gate.write(Observed("waits"), passage=PASSAGE)
    gate.send(1, STORY_MAX)
    gate.send(STORY_MAX + 1)
    assert send(gate, checkpoint(gate, len(gate.entries))).status_code == 200
    check = Check(gate.enrolled.registry_key, gate.key.public_key().public_bytes_raw().hex())
    check.check(exported(registry))
    untold = [("untold", f"{gate.epoch}/{seq}") for seq in (2, STORY_MAX + 2)]
    assert (check.findings, [note for note in check.notes if note[0] == "untold"]) == ([], untold)
    lines = told(check, "en")
    assert [line for line in lines if line.startswith("Result")] == [say(("partly",), "en")]
    assert all(line.isprintable() for line in lines)
    check.given["registry"] = ""
    assert told(check, "en")[-2] == f"{say(('partly',), 'en')} {say(('if true',), 'en')}"


@ON_ONE
def test_pictures_that_are_left_out_are_not_said_to_be_deleted(
    gate: Gate, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "PICTURES_MAX", 0)
    with journal_of(gate, tmp_path) as journal:
        write_passage(journal)
        send_all(gate, journal)
    check = Check()
    check.check(exported(registry))
    assert (check.findings, check.notes[0][2]) == ([], f"picture {PICTURE} is left out: too many")


# --- the tamper kit ---------------------------------------------------------------------------------


def listed_anew(members: Members, key: Ed25519PrivateKey | None = None) -> bytes:
    """Pack members with a list that fits them; signed with another key, if one is given."""
    content = {name: held for name, held in members.items() if name not in (MANIFEST, SIGNATURE)}
    files = [{"name": name, "size": len(held), "sha256": hashlib.sha256(held).hexdigest()} for name, held in content.items()]
    manifest = written({"version": 1, "files": files})
    signed = json.loads(members[SIGNATURE])
    if key is not None:
        text = f"gatehouse-dispute-1\n{hashlib.sha256(manifest).hexdigest()}"
        signed = {"key": key.public_key().public_bytes_raw().hex(), "signature": key.sign(text.encode()).hex()}
    return pack([*content.items(), (MANIFEST, manifest), (SIGNATURE, written(signed))])


def changed(members: Members, change: Callable[[Any], object]) -> Members:
    dispute = json.loads(members[DISPUTE])
    change(dispute)
    return {**members, DISPUTE: written(dispute)}


def _said(name: str, value: object) -> Callable[[Any], object]:
    return lambda dispute: dispute["entries"][1]["said"]["fields"].update({name: value})


def _swapped(values: list[Any], one: int, other: int) -> None:
    values[one], values[other] = values[other], values[one]


def _key(name: str) -> Callable[[Any], object]:
    public = OTHER.public_key().public_bytes_raw().hex()
    return lambda dispute: dispute["keys"][name].update(public=public, fingerprint=verify_dispute.fingerprint(public))


def _flip(hexed: str, at: int = 20) -> str:
    return hexed[:at] + f"{int(hexed[at], 16) ^ 1:x}" + hexed[at + 1 :]


def _checkpoint(dispute: Any) -> Any:
    return dispute["runs"][0]["countersigned"]["checkpoint"]


# What is done to what the file says, and what must be found even by somebody who takes the list of files for good.
CHANGES: dict[str, tuple[Callable[[Any], object], str]] = {
    "outcome": (_said("outcome", "deny"), "what is told of entry"),
    "reason": (_said("reason", "blocked"), "what is told of entry"),
    "holder": (_said("holder", "王*"), "what is told of entry"),
    "time": (lambda dispute: dispute["entries"][1]["said"].update(at="2026-01-01T00:00:00+00:00"), "what is told of entry"),
    "lane": (lambda dispute: dispute["entries"][1]["said"].update(lane="out-1"), "what is told of entry"),
    "guard's act": (lambda dispute: dispute["summary"]["acts"][0].update(act="refuse"), "summary"),
    "summary": (lambda dispute: dispute["summary"].update(result="left"), "summary"),
    "bytes": (lambda d: d["entries"][1].update(canonical=_flip(d["entries"][1]["canonical"], 90)), "entry"),
    "personal": (lambda d: d["entries"][1].update(personal=_flip(d["entries"][1]["personal"], 90)), "entry"),
    "outcome hidden": (lambda d: d["entries"][1]["erased"].append("outcome"), "is left out"),
    "entry left out": (lambda d: d["entries"].pop(1), "was left out"),
    "entries swapped": (lambda d: _swapped(d["entries"], 1, 2), "out of order"),
    "tail cut": (lambda d: d["entries"].pop(), "was left out"),
    "run cut": (lambda d: d["runs"][0]["canonical"].pop(), "does not lead to checkpoint"),
    "run swapped": (lambda d: _swapped(d["runs"][0]["canonical"], 0, 1), "does not lead to checkpoint"),
    "run of another": (lambda d: d["runs"][0]["canonical"].insert(0, d["runs"][0]["canonical"][0]), "does not lead"),
    "follows": (lambda d: d["runs"][0].update(follows="0" * 64), "does not lead"),
    "checkpoint": (lambda d: _checkpoint(d).update(head="0" * 64), "is not signed by the gate's key"),
    "checkpoint's signature": (lambda d: _checkpoint(d).update(signature=_flip(_checkpoint(d)["signature"])), "gate's key"),
    "countersignature": (lambda d: d["runs"][0]["countersigned"].update(signature="0" * 128), "not countersigned"),
    "disputed": (lambda d: d["runs"][0]["countersigned"].update(agrees=False), "not countersigned"),
    "leaf": (lambda d: d["runs"][0]["leaf"].update(index=d["runs"][0]["leaf"]["index"] + 1), "not the leaf"),
    "inclusion": (lambda d: d["runs"][0]["leaf"]["proof"].append("0" * 64), "not the leaf"),
    "root": (lambda d: d["tree"]["head"].update(root="0" * 64), "is not signed by the registry's key"),
    "gate's key": (_key("edge"), "is not signed by the gate's key"),
    "registry's key": (_key("registry"), "not signed by the registry's key"),
    "fingerprint": (lambda d: d["keys"]["edge"].update(fingerprint="0"), "fingerprint"),
    "picture's name": (lambda d: d["pictures"].clear(), "picture"),
    "another passage": (lambda d: d.update(passage="another"), "what is told of entry"),
}


@ON_ONE
def test_whatever_is_done_to_the_file_is_found_and_named(gate: Gate, registry: Registry, tmp_path: Path) -> None:
    with journal_of(gate, tmp_path) as journal:
        write_passage(journal)
        send_all(gate, journal)
    data = exported(registry)
    members = unpack(data)
    assert findings(data) == []
    for name, (change, expected) in CHANGES.items():
        other = changed(members, change)
        assert other != members, name
        assert any("list of files" in one or "was changed" in one for one in findings(pack(list(other.items())))), name
        found = findings(listed_anew(other, registry.key))
        assert any(re.search(expected, one) for one in found), (name, found)
        assert findings(listed_anew(other, OTHER)), name
    _parts(members)
    _bits(data)


def _parts(members: Members) -> None:
    """Each part deleted, emptied, edited, exchanged, added; members swapped; signed anew."""
    names = list(members)
    for name in names:
        assert findings(pack([(each, held) for each, held in members.items() if each != name])), name
        assert findings(pack(list({**members, name: members[name][:-1] + b"!"}.items()))), name
        assert findings(pack(list({**members, name: b""}.items()))), name
    picture = f"pictures/{PICTURE}.jpg"
    assert any("exchanged" in one for one in findings(listed_anew({**members, picture: JPEG + b"x"}, OTHER)))
    assert findings(pack([*members.items(), ("more.txt", b"")]))
    assert any("moved" in one for one in findings(pack([*reversed(members.items())])))
    assert findings(listed_anew(members)) == [] == findings(pack(list(members.items())))
    assert any("registry's key" in one for one in findings(listed_anew(members, OTHER)))
    page = members[REPORT].replace(b"<td>outcome=refer", b"<td>outcome=deny")
    assert any("the report tells entry" in one for one in findings(listed_anew({**members, REPORT: page}, OTHER)))


def _bits(data: bytes) -> None:
    """Bits flipped and tails cut at many places; whatever it is, the verifier tells of it and does not fall over."""
    chance = random.Random(7)
    count = sized(quick=150, soak=20_000)
    for at in [*range(60), *range(len(data) - 60, len(data)), *(chance.randrange(len(data)) for _ in range(count))]:
        flipped = bytearray(data)
        flipped[at] ^= 1 << chance.randrange(8)
        assert findings(bytes(flipped)), at
    for length in (0, 1, 29, 30, len(data) // 2, len(data) - 22, len(data) - 1):
        assert findings(data[:length]), length
    assert findings(data + b"\0")
    assert findings(b"PK\3\4" + bytes(chance.randbytes(200)))


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"\x1c", b"\x18\x01", b"\x5f", b"\xc0\x00", b"\xa2\x00\x00\x00\x00", b"\x81" * 99, b"\x9b" + b"\xff" * 8],
)
def test_what_is_no_cbor_of_ours_is_refused(data: bytes) -> None:
    with pytest.raises(verify_dispute.BadError):
        verify_dispute.uncbor(data)


def test_the_verifier_reads_what_seals_write() -> None:
    values: list[object] = [
        0,
        23,
        24,
        255,
        256,
        2**32,
        2**64 - 1,
        -1,
        -(2**63),
        "李",
        b"\0",
        [1.5, 0.1, 1e300, None, True],
        {"a": [{}]},
    ]
    for value in values:
        assert verify_dispute.uncbor(cbor2.dumps(value, canonical=True)) == value


@ON_ONE
def test_no_value_that_the_registry_itself_might_sign_makes_the_verifier_fall_over(
    gate: Gate, registry: Registry, tmp_path: Path
) -> None:
    with journal_of(gate, tmp_path) as journal:
        write_passage(journal)
        send_all(gate, journal)
    members = unpack(exported(registry))
    chance = random.Random(11)
    for _ in range(sized(quick=150, soak=5_000)):
        dispute = json.loads(members[DISPUTE])
        at: Any = dispute
        while True:
            name = chance.choice(list(at)) if isinstance(at, dict) else chance.randrange(len(at))
            if not isinstance(at[name], dict | list) or not at[name] or chance.random() < 0.1:
                break
            at = at[name]
        at[name] = chance.choice([None, -1, 2**70, 1.5, "", "é", [], {}, [[]], {"a": 1}, True])
        check = Check()
        check.check(listed_anew({**members, DISPUTE: written(dispute)}, registry.key))
        assert told(check, "zh")
