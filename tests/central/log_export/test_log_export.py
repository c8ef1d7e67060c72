"""Sheets of the log by real HTTP: what is in them, for whom, how far they are, and what becomes of those that nobody wants."""

import asyncio
import csv
import io
from collections.abc import Callable
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
import python_calamine as calamine
from sqlalchemy import select
from typer.testing import CliRunner

from access.entries import Decided
from central.actors import Actor
from central.audit.tables import AuditEntry
from central.cli import app
from central.log.schemas import Search
from central.log_export import reading, running, services
from central.log_export.files import MAKING, folder
from central.log_export.reading import LogRows, StoppedError, count
from central.log_export.running import sweep, work_on_next
from central.log_export.sending import Sheet, SheetResponse
from central.log_export.words import Form
from central.looks.tables import Look
from central.registry import Registry
from central.users.rights import Role
from tests.central.databases import ON_ONE
from tests.central.gate import BEGAN, Gate
from tests.waiting import wait_until

PURPOSE = {"Gatehouse-Reason": quote("业主投诉 2026-118")}
HOSTILE = '=HYPERLINK("http://evil.example","x")'


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def sheet(client: httpx.Client, form: str = "csv", **asked: Any) -> bytes:
    return client.get(f"/log.{form}", params={"language": "zh"} | asked, headers=PURPOSE).raise_for_status().content


@pytest.fixture
def log(gate: Gate, admin: httpx.Client) -> httpx.Client:
    """The office's client after some passages."""
    hostile: dict[str, Any] = {
        "outcome": "grant",
        "reason": "access_ok",
        "medium": "plate",
        "text": "粤B12D45",
        "holder": HOSTILE,
    }
    values = {"shown": "粤B12D45", "holder": HOSTILE}
    gate.write(Decided(device="camera-in", revision=1, direction="in", values=values, **hostile))
    gate.decide("粤BD12345", 60.5, outcome="deny", reason="blocked", category="contractor")
    gate.decide("0012345678", 120, medium="card", category="resident", lane="out-1")
    gate.send()
    return admin


def test_a_row_says_in_words_what_the_log_does(log: httpx.Client, registry: Registry) -> None:
    newest, denied, hostile = rows_of(sheet(log))
    told = ("时间", "UTC 时间", "小区", "大门", "车道", "结果", "原因代码", "类别", "凭证类型")
    assert {name: denied[name] for name in told} == {
        "时间": "2026-03-02 16:01:00",
        "UTC 时间": "2026-03-02T08:01:00.500Z",
        "小区": "湖畔花园",
        "大门": "east",
        "车道": "in-1",
        "结果": "拒绝",
        "原因代码": "blocked",
        "类别": "施工人员",
        "凭证类型": "车牌",
    }
    assert (newest["车牌或卡号"], denied["车牌或卡号"], newest["类别"]) == ("0012345678", "粤B·D12345", "住户")
    assert hostile["姓名"] == f"'{HOSTILE}"
    english = rows_of(sheet(log, language="en", outcome="deny"))
    assert [(row["outcome"], row["category"]) for row in english] == [("denied", "contractor")]
    assert "block list" in english[0]["why"]
    with registry.read() as work:
        looks = work.session.scalars(select(Look).where(Look.kind == "export").order_by(Look.id)).all()
        assert [(look.rows, look.purpose) for look in looks] == [(3, "业主投诉 2026-118"), (1, "业主投诉 2026-118")]


def test_a_workbook_has_what_the_csv_has(log: httpx.Client, registry: Registry) -> None:
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(sheet(log, "xlsx")))
    head, *rows = book.get_sheet_by_name("通行记录").to_python()
    assert head == list(rows_of(sheet(log))[0])
    assert [[str(int(cell)) if isinstance(cell, float) else cell for cell in row] for row in rows] == [
        list(row.values()) for row in rows_of(sheet(log))
    ]
    assert list(folder(registry).iterdir()) == []


def test_all_filters_narrow_and_pages_do_not(log: httpx.Client, gate: Gate) -> None:
    for asked, plates in (
        ({"plate": "D12", "plate_match": "part"}, ["粤B·D12345"]),
        ({"lane": [str(gate.enrolled.lanes["out-1"])]}, ["0012345678"]),
        ({"category": "contractor"}, ["粤B·D12345"]),
        ({"until": (BEGAN + timedelta(seconds=1)).isoformat()}, ["粤B·12D45"]),
        ({"limit": 1, "older": f"1-{UUID(int=0).hex}"}, ["0012345678", "粤B·D12345", "粤B·12D45"]),
        ({"plate": "京A00000"}, []),
    ):
        assert [row["车牌或卡号"] for row in rows_of(sheet(log, **asked))] == plates, asked


def test_what_comes_meanwhile_is_left_out(
    log: httpx.Client, gate: Gate, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK", 1)
    rows = iter(LogRows(registry, Actor("x", "site_manager"), Search(), "zh"))
    first = next(rows)
    gate.decide("京A00001", 90)
    gate.decide("京A00002", 900)
    gate.send(4)
    assert [row[10] for row in chain([first], rows)] == ["0012345678", "粤B·D12345", "粤B·12D45"]
    assert count(registry, Actor("x", "site_manager"), Search()) == 5


def test_only_who_sees_the_log_may_and_only_so_much_of_it(
    log: httpx.Client, gate: Gate, registry: Registry, sign_in: Callable[[Role], httpx.Client]
) -> None:
    for role in ("guard", "front_desk", "system_admin", "integration"):
        client = sign_in(role)
        assert client.get("/log.csv").status_code == client.get("/log.xlsx").status_code == 403
        assert client.post("/log/exports", json={}).status_code == client.get("/log/exports").status_code == 403
    masked = sheet(sign_in("auditor")).decode()
    assert "粤B·D12345" not in masked
    assert "粤B·D**45" in masked or "粤B·D***45" in masked
    other = Actor("x", "site_manager", site=UUID(int=9))
    assert list(LogRows(registry, other, Search(), "zh")) == []
    assert count(registry, other, Search()) == 0
    refused = log.get("/log.csv", params={"site": str(UUID(int=9))})
    assert (refused.status_code, refused.json()["field"]) == (422, "site")


@ON_ONE
def test_many_rows_need_a_purpose(log: httpx.Client, monkeypatch: pytest.MonkeyPatch, registry: Registry) -> None:
    monkeypatch.setattr(services, "WITHOUT_PURPOSE", 2)
    refused = log.get("/log.csv")
    assert (refused.status_code, refused.json()["zh"]) == (422, "导出超过 2 行须填写用途")
    assert log.post("/log/exports", json={}).status_code == 422
    assert log.get("/log.csv", headers={"Gatehouse-Reason": "x"}).status_code == 422
    assert log.get("/log.csv", params={"outcome": "deny"}).status_code == 200
    sheet(log, plate="粤B", plate_match="prefix", category="contractor")
    with registry.read() as work:
        noted = work.session.scalars(select(AuditEntry).where(AuditEntry.kind == "log_exports").order_by(AuditEntry.id)).all()
        told = [(each.act, each.after) for each in noted]
    assert told[2:] == [
        (
            "begun",
            {
                "form": "csv",
                "filter": {"plate": "***", "plate_match": "prefix", "category": "contractor"},
                "purpose": "业主投诉 2026-118",
            },
        ),
        ("exported", {"rows": 1}),
    ]


def test_one_is_made_beside_and_fetched(
    log: httpx.Client, registry: Registry, sign_in: Callable[[Role], httpx.Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK", 1)
    monkeypatch.setattr(running, "TOLD_EVERY_S", 0)
    wanted = {"search": {"plate": "粤B", "plate_match": "prefix"}, "form": "xlsx", "language": "en", "purpose": "audit 7"}
    made = log.post("/log/exports", json=wanted).raise_for_status().json()
    assert (made["state"], made["rows_done"], made["rows_total"]) == ("queued", 0, None)
    place = f"/log/exports/{made['id']}"
    assert log.get(f"{place}/file").status_code == 409
    seen = []

    def stopped() -> bool:
        shown = log.get(place).json()
        seen.append((shown["state"], shown["rows_done"], shown["rows_total"]))
        return False

    assert work_on_next(registry, stopped)
    assert not work_on_next(registry)
    assert ("running", 1, 2) in seen
    done = log.get(place).json()
    assert (done["state"], done["rows_done"], done["rows_total"]) == ("done", 2, 2)
    file = log.get(f"{place}/file").raise_for_status()
    assert len(file.content) == done["size"]
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(file.content))
    assert [row[10] for row in book.get_sheet_by_name("log").to_python()] == ["plate or card", "粤B·D12345", "粤B·12D45"]
    for path in (place, f"{place}/file"):
        assert sign_in("auditor" if path == place else "registrar").get(path).status_code == 404
    assert [each["id"] for each in log.get("/log/exports").json()["items"]] == [made["id"]]
    assert log.delete(place).status_code == 204
    assert log.get(place).status_code == 404
    assert list(folder(registry).iterdir()) == []


def test_one_that_is_deleted_stops_and_one_that_was_left_is_begun_anew(
    log: httpx.Client, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "TOLD_EVERY_S", 0)
    first, second = (log.post("/log/exports", json={"purpose": "test"}).json()["id"] for _ in range(2))
    asked: list[int] = []

    def deleted() -> bool:
        asked.append(log.delete(f"/log/exports/{first}").status_code if len(asked) == 1 else 0)
        return False

    assert work_on_next(registry, deleted)
    assert asked[:2] == [0, 204]
    assert log.get(f"/log/exports/{second}").json()["state"] == "queued"
    turns = iter([False, False])
    assert not work_on_next(registry, lambda: next(turns, True))
    assert log.get(f"/log/exports/{second}").json()["state"] == "queued"
    assert list(folder(registry).iterdir()) == []
    assert work_on_next(registry)
    assert log.get(f"/log/exports/{second}").json()["state"] == "done"
    assert rows_of(log.get(f"/log/exports/{second}/file").content)


@ON_ONE
def test_one_that_fails_says_why(log: httpx.Client, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    made = log.post("/log/exports", json={"form": "xlsx"}).json()["id"]
    monkeypatch.setattr("central.log_export.files.FREE_MIN", 1 << 62)
    assert work_on_next(registry)
    failed = log.get(f"/log/exports/{made}").json()
    assert (failed["state"], failed["zh"]) == ("failed", "磁盘空间不足，无法导出")
    monkeypatch.setattr("central.log_export.files.FREE_MIN", 0)
    monkeypatch.setattr("central.log_export.files.BYTES_MAX", -1)
    made = log.post("/log/exports", json={"form": "csv"}).json()["id"]
    assert work_on_next(registry)
    assert log.get(f"/log/exports/{made}").json()["en"].startswith("an export has at most")
    again = log.post("/log/exports", json={}).json()["id"]

    monkeypatch.setattr("central.log_export.files.BYTES_MAX", 1 << 30)

    def killed() -> bool:
        if next(turns):
            raise KeyboardInterrupt
        return False

    for _ in range(running.TRIES_MAX):
        turns = iter([False, True])
        with pytest.raises(KeyboardInterrupt):
            work_on_next(registry, killed)
    work_on_next(registry)
    assert log.get(f"/log/exports/{again}").json()["en"] == "the export was begun 3 times and never came to its end"


@ON_ONE
def test_there_is_an_end_to_how_many_and_how_long(log: httpx.Client, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(services.PER_USER):
        assert log.post("/log/exports", json={}).status_code == 201
    assert log.post("/log/exports", json={}).status_code == 429
    assert work_on_next(registry)
    stray = folder(registry) / f"{UUID(int=1)}.csv"
    stray.touch()
    (folder(registry) / f"{MAKING}x").mkdir()
    sweep(registry)
    assert len(log.get("/log/exports").json()["items"]) == services.PER_USER
    assert not stray.exists()
    monkeypatch.setattr(services, "KEPT", timedelta(days=-1))
    sweep(registry)
    assert log.get("/log/exports").json()["items"] == []
    assert list(folder(registry).iterdir()) == []


@ON_ONE
@pytest.mark.parametrize(("form", "leaves_at"), [("csv", "http.response.body"), ("xlsx", "http.response.start")])
def test_whoever_goes_away_stops_the_work(
    form: Form, leaves_at: str, log: httpx.Client, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK", 1)
    monkeypatch.setattr("central.files.writing.BLOCK_LENGTH", 1)
    actor = Actor("x", "site_manager")
    sent: list[Any] = []

    async def respond() -> None:
        gone = asyncio.Event()

        async def send(message: Any) -> None:
            sent.append(message["type"])
            if message["type"] == leaves_at:
                gone.set()
                for _ in range(9):  # others have their turn
                    await asyncio.sleep(0)

        async def receive() -> Any:
            await gone.wait()
            return {"type": "http.disconnect"}

        sheet = Sheet(registry, actor, Search(), form, "zh", "")
        await SheetResponse(sheet, form, lambda: ended.append(True))({"type": "http"}, receive, send)

    ended: list[bool] = []
    asyncio.run(respond())
    assert ended == [True]
    with registry.read() as work:
        noted = work.session.scalars(select(AuditEntry).where(AuditEntry.act == "broken_off")).one()
        assert noted.after is not None
        assert noted.after["rows"] < 3
    assert sent == ["http.response.start", "http.response.body"][: len(sent)]
    assert list(folder(registry).iterdir()) == []


def test_rows_stop_when_they_are_told_to(registry: Registry) -> None:
    def stop(_done: int) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        list(LogRows(registry, Actor("x", "site_manager"), Search(), "zh", stop))


@ON_ONE
def test_another_process_makes_them(log: httpx.Client, registry: Registry) -> None:
    made = log.post("/log/exports", json={}).json()["id"]
    with running.log_exports(registry):
        wait_until(lambda: log.get(f"/log/exports/{made}").json()["state"] == "done", what="the export to be done")
    assert len(rows_of(log.get(f"/log/exports/{made}/file").content)) == 3


@ON_ONE
def test_the_command_writes_a_file(log: httpx.Client, registry: Registry, database_url: str, tmp_path: Path) -> None:
    place = ["--database", database_url, "--data", str(tmp_path / "data")]
    out = tmp_path / "log.csv"
    for options, rows in (
        (["--site", "lakeside"], 3),
        (["--since", "2026-03-02T16:00:30"], 2),
        (["--until", "2026-03-02T08:00:30+0000"], 1),
    ):
        done = CliRunner().invoke(app, ["log", "export", "--out", str(out), "--language", "en", *options, *place])
        assert (done.exit_code, done.stdout) == (0, f"{out}: {rows}\n"), done.output
        assert len(rows_of(out.read_bytes())) == rows
    refused = CliRunner().invoke(app, ["log", "export", "--out", str(tmp_path / "log.pdf"), *place])
    assert refused.exit_code == 1
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(("log", MAKING))) == ["log.csv"]
