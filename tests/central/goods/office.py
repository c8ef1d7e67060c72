"""An office of goods: a calendar that a test sets, people of each role at their desks and gates, and what they do to slips."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from central.users.rights import Role

# Ten o'clock in Shanghai.
MORNING = datetime(2026, 3, 2, 2, tzinfo=UTC)
CHAIRS = {"item": "椅子", "quantity": "4", "unit": "把"}
CLOTH = {"item": "布料", "quantity": "2.125", "unit": "米", "remark": "红色", "pictures": ["p-7"]}
TERMS = {"applicant": "李明", "lines": [CHAIRS, CLOTH], "plates": ["粤b·12345"]}
ALL = [{"line": 1, "quantity": "4"}, {"line": 2, "quantity": "2.125"}]


class Calendar:
    """The time that the registry goes by."""

    at = MORNING

    def __call__(self) -> datetime:
        return self.at

    def passes(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass
class Office:
    """People of every role at their desks and gates; each act is done by one whose business it is, unless another is named."""

    sign_in: Callable[[Role], httpx.Client]
    site: str
    gates: dict[str, str] = field(default_factory=dict)
    clients: dict[Role, httpx.Client] = field(default_factory=dict)

    def as_(self, role: Role) -> httpx.Client:
        if role not in self.clients:
            self.clients[role] = self.sign_in(role)
        return self.clients[role]

    def draft(self, by: Role = "front_desk", **changes: Any) -> httpx.Response:
        return self.as_(by).post("/slips", json={"site": self.site, **TERMS, **changes})

    def do(self, slip: str, act: str, by: Role | None = None, **changes: Any) -> httpx.Response:
        role, body = ACTS[act]
        return self.as_(by or role).post(f"/slips/{slip}/{act}", json={**body, **changes})

    def slip(self, *acts: str, **terms: Any) -> str:
        """Make out a slip and let these acts happen to it."""
        made: str = self.draft(**terms).raise_for_status().json()["id"]
        for act in acts:
            self.do(made, act).raise_for_status()
        return made

    def show(self, slip: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.as_("site_manager").get(f"/slips/{slip}").raise_for_status().json()
        return shown

    def found(self, **asked: Any) -> list[str]:
        page = self.as_("site_manager").get("/slips", params=asked)
        return [slip["number"] for slip in page.raise_for_status().json()["items"]]


RELEASE = {"gate": "east", "carrier": "王强", "plate": "粤B12345", "released": ALL}
ACTS: dict[str, tuple[Role, dict[str, Any]]] = {
    "submit": ("front_desk", {}),
    "approve": ("goods_clerk", {}),
    "approve-at-night": ("shift_leader", {"reason": "连夜搬走，联系不上经理"}),
    "review": ("goods_clerk", {"review": "属实"}),
    "cancel": ("goods_clerk", {"reason": "今天不搬了"}),
    "present": ("guard", {"gate": "east"}),
    "release": ("guard", RELEASE),
    "mismatch": ("guard", {"what": "多了一把椅子"}),
    "correct": ("goods_clerk", TERMS),
    "collect": ("guard", {}),
}
