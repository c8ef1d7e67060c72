"""What is scanned opens its place; the text of a code stands in no address and on no page."""

import time
from typing import Any
from uuid import UUID

import httpx
import pytest

from access.contract.booth_records import CardAtBooth, RouteAtBooth, SlipAtBooth, StopAtBooth, VisitAtBooth
from access.contract.record_fields import Record
from access.packing import SnapshotBuilder
from access.passes import DUPLICATE, ORIGINAL, PREFIX, Pass, kid_of, signed
from edge.desk.book import Pages
from edge.desk.scan import Found, address_of, known
from edge.places import Places
from tests.access.pass_texts import PUBLIC, SECRET
from tests.edge.desk.contractors import DAY_S, NOW, PASS, pass_told
from tests.edge.desk.post import Post, post
from tests.edge.desk.wire import SITE_ID, Gate, form_token, guard_record

__all__ = ["post"]
VISIT, SLIP, CARD, POINT, ROUTE = (UUID(int=0x500 + n) for n in range(5))
TIMES = {"valid_from": NOW - DAY_S, "valid_until": NOW + DAY_S, "changed_at": NOW}
RECORDS = (
    pass_told(),
    VisitAtBooth(id=VISIT, number="V-7", state="approved", name="陈*", category="ordinary", plates=("粤B12045",), **TIMES),
    SlipAtBooth(id=SLIP, number="G-9", state="approved", plates=("粤B77777",), **TIMES),
    CardAtBooth(id=CARD, printed="访客 12", state="stock"),
    RouteAtBooth(id=ROUTE, name="夜巡", stops=(StopAtBooth(point=POINT, code="04A1B2", name="水泵房", minutes=10),)),
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("P-0042", Found("pass", PASS)),
        ("p-0042-O", Found("pass", PASS, ORIGINAL)),
        ("P-0042-D", Found("pass", PASS, DUPLICATE)),
        ("V-7", Found("visit", VISIT)),
        (" g-9 ", Found("slip", SLIP)),
        ("访客 12", Found("card", CARD)),
        ("04a1b2", Found("tag", POINT)),
        ("粤B·12045", Found("visit", VISIT)),
        ("粤b77777", Found("slip", SLIP)),
        ("", None),
        ("P-004", None),
        ("京A00001", None),
        ("x" * 2000, None),
    ],
)
def test_what_a_text_means(text: str, found: Found | None) -> None:
    by_kind: dict[type[Record], dict[UUID, Any]] = {type(record): {record.id: record} for record in RECORDS}
    assert known(Pages(1, by_kind), text) == found


@pytest.mark.parametrize("found", [Found("visit", VISIT), Found("slip", SLIP), Found("card", CARD), Found("tag", POINT)])
def test_an_address_has_nothing_but_the_id(found: Found) -> None:
    assert str(found.id) in address_of(found)
    assert address_of(Found(fault="forged")) == "/scan/forged"


def code(kind: str, identity: UUID, part: str = "", secret: bytes = SECRET) -> str:
    return signed(Pass(kind, identity, NOW - 60, NOW - 60, NOW + DAY_S, part), secret)


@pytest.fixture
def keyed(post: Post, gate: Gate, places: Places) -> Post:
    """Rules with the key by which the registry signs."""
    builder = SnapshotBuilder(8, int(time.time()))
    site = {
        "id": str(SITE_ID),
        "kind": "site",
        "slug": "lakeside",
        "name": "湖畔",
        "card_key": "00" * 32,
        "zone": "Asia/Shanghai",
    }
    builder.add("site", SITE_ID, site)
    builder.add("guard", UUID(guard_record()["id"]), guard_record())
    key = {"id": str(UUID(int=1)), "kid": kid_of(PUBLIC).hex(), "public_key": PUBLIC.hex(), "status": "active"}
    builder.add("pass_key", UUID(int=1), {**key, "kind": "pass_key"})
    path = places.snapshots / "8.snapshot"
    with path.open("wb") as out:
        builder.write(out)
    gate.snapshot = str(path)
    gate.tell(gate.view())
    post.told(*RECORDS)
    return post


def test_signed_codes_open_their_places(keyed: Post, guard: httpx.Client) -> None:
    token = form_token(guard.get("/").text)

    def scan(text: str) -> str:
        return guard.post("/scan", data={"token": token, "text": text}).headers["location"]

    assert scan(code("visit", VISIT)) == f"/visitors/{VISIT}"
    assert scan(code("pass", PASS, ORIGINAL)) == f"/passes/{PASS}?original=true"
    assert scan(code("pass", PASS, DUPLICATE)) == f"/passes/{PASS}?duplicate={PASS}"
    assert scan(code("slip", UUID(int=0x777))) == f"/goods/{UUID(int=0x777)}"  # known by its code alone
    keyed.change(("set", f"held:{PASS}", ["in-1", NOW]))
    assert scan(code("pass", PASS, ORIGINAL)) == f"/passes#hole-{PASS}"
    assert scan(code("visit", UUID(int=0x778))) == "/scan/not_here"
    assert scan(code("visit", VISIT, secret=bytes(32))) == "/scan/unknown_key"
    whole = code("visit", VISIT)
    assert scan(whole[:-8] + "00000000") in ("/scan/forged", "/scan/malformed")
    assert scan("6901234567892") == "/scan/unknown"
    page = guard.post("/scan", data={"token": token, "text": PREFIX + "nonsense"}, follow_redirects=True)
    assert page.status_code == 200
    assert "nonsense" not in page.text + str(page.url)
    assert guard.post("/scan", data={"token": "another", "text": whole}).status_code == 403
