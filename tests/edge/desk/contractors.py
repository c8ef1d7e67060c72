"""Contractor passes as the registry tells them, for the tests of their place."""

import base64
import io
import time
from typing import Any
from uuid import UUID

from PIL import Image

from access.contract.booth_records import PassAtBooth
from access.contract.records import PermitRecord

PERMIT, PASS, OTHER = UUID(int=0x9000), UUID(int=0x42), UUID(int=0x43)
DAY_S = 24 * 3600
NOW = int(time.time())


def face() -> str:
    out = io.BytesIO()
    Image.new("RGB", (60, 80), (180, 140, 110)).save(out, "JPEG")
    return base64.b64encode(out.getvalue()).decode()


def pass_told(identity: UUID = PASS, number: str = "P-0042", **changes: Any) -> PassAtBooth:
    told: dict[str, Any] = {
        "id": identity,
        "number": number,
        "state": "active",
        "name": "李*",
        "initials": "lm",
        "phone_tail": "6688",
        "firm": "宏达装饰",
        "trade": "木工",
        "responsible": "王*",
        "phone": "13800000000",
        "permit": PERMIT,
        "permit_number": "ZX-7",
        "permit_state": "active",
        "units": ("3-1201",),
        "workers_max": 3,
        "valid_from": NOW - DAY_S,
        "valid_until": NOW + DAY_S,
        "photo": face(),
        "changed_at": NOW - 3600,
    }
    return PassAtBooth(**{**told, **changes})


def permit_told(**changes: Any) -> PermitRecord:
    told: dict[str, Any] = {
        "id": PERMIT,
        "number": "ZX-7",
        "units": ("3-1201",),
        "valid_from": NOW - DAY_S,
        "valid_until": NOW + DAY_S,
        "workers_max": 3,
    }
    return PermitRecord(**{**told, **changes})
