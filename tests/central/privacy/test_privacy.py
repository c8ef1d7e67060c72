"""What people are told of their data, and the copy of it that they get."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
from sqlalchemy import select
from typer.testing import CliRunner

from central.audit.tables import AuditEntry
from central.cli import app
from central.registry import Registry
from central.users.rights import Role
from tests.central.databases import ON_ONE
from tests.central.gate import JPEG, Gate

SETTINGS = {"controller": "湖畔物业<服务>有限公司", "contact": "0755-12345678", "officer": "王芳", "more": "另见 <官网>"}
NAME, PLATE = "欧阳修远", "粤B7K93P"


@ON_ONE
def test_notice_and_sign_say_who_for_how_long_and_how_to_reach_them(
    admin: httpx.Client, site: str, sign_in: Callable[[Role], httpx.Client]
) -> None:
    address = f"/sites/{site}/privacy"
    refused = admin.get(f"{address}/notice")
    assert (refused.status_code, refused.json()["field"]) == (409, "controller")
    admin.put(address, json=SETTINGS).raise_for_status()
    chinese = admin.get(f"{address}/notice").raise_for_status()
    assert "保存期限尚未设定" in chinese.text
    assert "湖畔物业&lt;服务&gt;有限公司" in chinese.text
    assert "<官网>" not in chinese.text
    assert "sha256-" in chinese.headers["Content-Security-Policy"]
    admin.put(f"/sites/{site}/retention", json={"profile": "cn"}).raise_for_status()
    assert "365 天" in admin.get(f"{address}/notice").text
    admin.put(address, json={**SETTINGS, "law": "gdpr"}).raise_for_status()
    english = admin.get(f"{address}/notice", params={"lang": "en"}).text
    assert "GDPR 6(1)(f)" in english
    assert "30 days" in english
    guard = sign_in("guard")
    sign = guard.get(f"{address}/sign").raise_for_status().text
    assert sign.count("<svg") == 1
    assert "0755-12345678" in sign
    assert guard.put(address, json=SETTINGS).status_code == 403


def test_a_copy_has_all_that_is_kept_of_somebody_and_nothing_of_others(
    admin: httpx.Client, site: str, gate: Gate, registry: Registry
) -> None:
    person = admin.post("/persons", json={"site": site, "name": NAME, "unit": "3-1", "id_number": "11010519491231002X"})
    whose = person.raise_for_status().json()["id"]
    other = admin.post("/persons", json={"site": site, "name": "别人", "unit": "3-2"}).json()["id"]
    vehicle = admin.post("/vehicles", json={"site": site, "plate": PLATE, "person": whose}).raise_for_status().json()["id"]
    gate.decide(PLATE, passage="p-1", person=whose, capture="c1")
    gate.decide("京A00001", 1, passage="p-1", person=other, values={"shown": "别人"})
    gate.decide("京A00001", 2, passage="p-2", person=other)
    gate.send()
    assert gate.send_picture(JPEG, "c1").status_code == 200
    asked = {"subject": "person", "record": whose, "purpose": "本人书面申请"}
    reply = admin.post("/subjects/export", json=asked).raise_for_status()
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        assert {Path(name).suffix for name in archive.namelist()} == {".json", ".html", ".jpg"}
        facts = json.loads(archive.read("data.json"))
        page = archive.read("data.html").decode()
    assert facts["records"]["persons"][0]["name"] == NAME
    assert facts["records"]["vehicles"][0]["id"] == vehicle
    assert {row["kind"] for row in facts["records"]["audit_entries"]} >= {"persons", "vehicles"}
    assert [entry["said"].get("text") for entry in facts["entries"]] == [PLATE, None]
    assert NAME in page
    for secret in ("别人", "京A00001", "id_hash"):
        assert secret not in json.dumps(facts, ensure_ascii=False)
    with registry.read() as work:
        noted = work.session.scalars(select(AuditEntry).where(AuditEntry.kind == "subjects")).one()
    assert (noted.act, noted.reason, noted.after["entries"]) == ("exported", "本人书面申请", 2)


@ON_ONE
def test_a_copy_is_made_at_the_machine_too(
    admin: httpx.Client, site: str, database_url: str, tmp_path: Path, sign_in: Callable[[Role], httpx.Client]
) -> None:
    whose = admin.post("/persons", json={"site": site, "name": NAME, "unit": "3-1"}).json()["id"]
    out, at = tmp_path / "copy.zip", ["--database", database_url, "--data", str(tmp_path / "data")]
    wanted = ["subject", "--person", whose, "--purpose", "asked", "--out", str(out), *at]
    assert CliRunner().invoke(app, wanted).exit_code == 0
    assert zipfile.is_zipfile(out)
    refused = sign_in("registrar").post("/subjects/export", json={"subject": "person", "record": whose, "purpose": "x"})
    assert refused.status_code == 403
    for command, said in (
        (["retention", "run", "--dry-run"], "no site has chosen"),
        (["retention", "run"], "nothing is past its time"),
        (["retention", "proofs"], "nothing went yet"),
        (["retention", "confirm-clock", "--reason", "NTP"], "taken for right"),
    ):
        done = CliRunner().invoke(app, [*command, *at])
        assert (done.exit_code, said in done.output) == (0, True), done.output
