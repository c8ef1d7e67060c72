"""Goods-release slips as the registry tells a booth of them, and as their signed codes say it."""

import time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.card import code_hash
from access.contract.booth_records import LineAtBooth, SlipAtBooth
from access.contract.records import CardRecord
from access.packing import SnapshotBuilder
from access.passes import DIGEST_BYTES, Line, Pass, kid_of, name_of, signed
from access.workflows.release_slip import SlipLine, lines_digest
from tests.edge.desk.wire import SITE_ID, guard_record, second_record

SLIP, TAKEN_BACK = UUID("0190b6a0-0000-7000-8000-00000000000a"), UUID("0190b6a0-0000-7000-8000-00000000000b")
PAPER = (SlipLine(1, "冰箱", Decimal(1), "台"), SlipLine(2, "大理石", Decimal("2.5"), "吨", "边角"))
CARD_KEY = bytes(32)
_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_PRIVATE, _PUBLIC = _KEY.private_bytes_raw(), _KEY.public_key().public_bytes_raw()


def write_rules(path: Path) -> None:
    """Rules with a shift leader, the key by which the registry signs codes, and the code of a slip that was taken back."""
    builder = SnapshotBuilder(7, int(time.time()))
    site = {
        "id": str(SITE_ID),
        "kind": "site",
        "slug": "lakeside",
        "name": "湖畔",
        "zone": "Asia/Shanghai",
        "card_key": CARD_KEY.hex(),
    }
    builder.add("site", SITE_ID, site)
    for guard in (guard_record(), {**second_record(), "leader": True}):
        builder.add("guard", UUID(str(guard["id"])), guard)
    key = {"id": str(uuid4()), "kind": "pass_key", "kid": kid_of(_PUBLIC).hex(), "public_key": _PUBLIC.hex(), "status": "active"}
    builder.add("pass_key", UUID(key["id"]), key)
    hashed = code_hash(CARD_KEY, name_of("slip", TAKEN_BACK)).hex()
    gone = CardRecord(id=uuid4(), hashes=(hashed,), medium="code", status="revoked")
    builder.add("card", gone.id, gone.model_dump(mode="json"))
    with path.open("wb") as out:
        builder.write(out)


def slip_of(**changes: Any) -> SlipAtBooth:
    """Return a slip as the registry tells it: approved, a sofa and boxes, valid now."""
    now = int(time.time())
    lines = (
        LineAtBooth(number=1, item="沙发", asked=2000, unit="件", remark="灰"),
        LineAtBooth(number=2, item="纸箱", asked=12000, unit="箱"),
    )
    slip = SlipAtBooth(
        id=SLIP,
        number="S000018",
        state="approved",
        unit="3-1201",
        applicant="李*",
        phone_tail="5678",
        lines=lines,
        valid_from=now - 3600,
        valid_until=now + 3600,
        changed_at=now - 60,
    )
    return slip.model_copy(update=changes)


def code_of(lines: tuple[SlipLine, ...], identity: UUID | None = None, *, with_lines: bool, **changes: Any) -> tuple[UUID, str]:
    """Return the id and the text of the signed code of a slip."""
    now, slip = int(time.time()), identity or uuid4()
    said: dict[str, Any] = {"kind": "slip", "number": "S000077", "units": ("5-902",), "digest": digest_of(lines)}
    if with_lines:
        said["lines"] = tuple(Line(line.item, int(line.asked * 1000), line.unit) for line in lines)
    told = Pass(id=slip, issued=now, valid_from=now - 60, valid_until=now + 3600, **{**said, **changes})
    return slip, signed(told, _PRIVATE)


def digest_of(lines: tuple[SlipLine, ...]) -> bytes:
    """Return the digest that a code has of these lines."""
    return bytes.fromhex(lines_digest(lines))[:DIGEST_BYTES]
