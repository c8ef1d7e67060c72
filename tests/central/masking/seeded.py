"""A site with a marked value of each personal kind wherever the office can put one, and what the API has of it."""

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from access.entries import Decided, GuardActed, PassageEnded
from central.masking.kinds import Kind, Personal, Sight
from central.users.rights import RIGHTS
from tests.central.gate import BEGAN, Gate

NAME, PHONE, PLATE, CARD = "钱玛珂甲", "13987650421", "粤B98X76", "DEADBEEF0451"
UNIT, NOTE, STAFF_NUMBER = "9-87654", "备注玛珂", "GH7701"
# In running text.
CALLED = "13700215566"
ADDRESS_END = "87654"
# What must not be found in a reply to whom values of this kind are not shown in full. An address keeps its building.
MARKERS: Mapping[Kind, tuple[str, ...]] = {
    "name": (NAME,),
    "phone": ("1398765",),
    "plate": ("98X76",),
    "card": ("BEEF0451",),
    "address": (ADDRESS_END,),
    "note": (NOTE,),
    "id": (STAFF_NUMBER,),
    "report": (CALLED,),
}
# Whoever may set blocks sees those in full.
BLOCKED, BLOCKED_NAME = "粤B77Q88", "钱玛珂丙"
SOON = (datetime.now(UTC) + timedelta(hours=20)).isoformat()
UNTIL = (datetime.now(UTC) + timedelta(days=20)).isoformat()


def hidden_from(role: str) -> list[str]:
    """Return what this role must find nowhere."""
    sight = Sight(role)
    found = [each for kind, some in MARKERS.items() if sight.level(Personal(kind)) != "full" for each in some]
    blocked = ["77Q88", BLOCKED_NAME] if sight.level(Personal("plate")) != "full" and role not in RIGHTS["blocks"].write else []
    return found + blocked


def texts_of(reply: httpx.Response) -> str:
    """Return all that a reply says, the parts of a workbook too."""
    if not reply.content.startswith(b"PK"):
        return reply.content.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(reply.content)) as parts:
        return "\n".join(parts.read(name).decode(errors="replace") for name in parts.namelist())


class Seeded:
    """Puts the values in as the site manager; `ids` has by path what was made."""

    def __init__(self, admin: httpx.Client, site: str, gate: Gate) -> None:
        self.admin, self.site, self.gate = admin, site, gate
        self.ids: dict[str, str] = {"sites": site, "gates": str(gate.enrolled.gate), "edges": str(gate.enrolled.edge)}
        self._people()
        self._flows()
        self._journal()

    def made(self, path: str, **facts: Any) -> str:
        reply = self.admin.post(f"/{path}", json={"site": self.site, **facts})
        assert reply.status_code == 201, (path, reply.text)
        self.ids[path] = reply.json()["id"]
        return self.ids[path]

    def _people(self) -> None:
        who = {"unit": UNIT, "remark": NOTE, "phone": PHONE}
        company = self.made("companies", name="玛珂装饰", company_kind="contractor", responsible=NAME, phone=PHONE, remark=NOTE)
        person = self.made("persons", name=NAME, staff_number=STAFF_NUMBER, vip_note=NOTE, company=company, **who)
        self.made("vehicles", plate=PLATE, person=person, remark=NOTE)
        self.made("cards", raw=CARD, printed=CARD, person=person, bound_to=PLATE, deposit=NOTE)
        number = {"document_kind": "proof_of_title", "number": STAFF_NUMBER}
        self.made("documents", subject_kind="unit", subject=UNIT, remark=NOTE, **number)
        self.made("residencies", person=person, unit=UNIT, relation="owner")
        self.made("quotas", name="9 栋名额", unit=UNIT, remark=NOTE)
        self.made("parking-spaces", number="B-12", unit=UNIT, remark=NOTE)
        self.made("applicants", name=NAME, remark=NOTE, position=NOTE)
        self.made("guards", name="甲保安", badge="777", phone=PHONE, pin="482915")
        self.made("blocks", plate=BLOCKED, reason=f"{BLOCKED} 欠费", source="物业费")
        self.made("denied-visitors", name=BLOCKED_NAME, plate=BLOCKED, reason="闹事")
        # Changed once: the audit has both sides.
        changed = {"site": self.site, "plate": PLATE, "person": person, "remark": f"{NOTE}二"}
        self.admin.put(f"/vehicles/{self.ids['vehicles']}", json=changed).raise_for_status()

    def _flows(self) -> None:
        visit = {"name": NAME, "phone": PHONE, "company": NOTE, "purpose": NOTE, "remark": NOTE}
        asked = {"category": "appointment", "host_person": self.ids["persons"], "valid_until": SOON}
        self.made("visits", plates=[PLATE], details=visit, **asked)
        line = {"item": "椅子", "quantity": "4", "remark": NOTE}
        self.made("slips", applicant=NAME, lines=[line], plates=[PLATE], details={"unit": UNIT, "remark": NOTE, "phone": PHONE})
        self.made("keys", unit=UNIT, label=UNIT, owner=NAME, details={"remark": NOTE})
        terms = {"owner": NAME, "firm": "玛珂装饰", "responsible": NAME, "units": [UNIT], "workers": 2}
        dates = {"valid_from": datetime.now(UTC).isoformat(), "valid_until": UNTIL}
        self.made("permits", **terms, **dates, details={"phone": PHONE, "remark": NOTE, "works": NOTE})

    def _journal(self) -> None:
        values = {"shown": PLATE, "near": PLATE, "holder": NAME, "unit": UNIT, "why": f"{PLATE} {CALLED}"}
        steps = (["near", {"near": [PLATE], "holders": [NAME]}, ""],)
        facts: dict[str, Any] = {"device": "camera-in", "revision": 1, "direction": "in", "person": self.ids["persons"]}
        told: dict[str, Any] = {"text": PLATE, "holder": NAME, "unit": UNIT, "values": values, "steps": steps}
        decided = Decided("refer", "similar", "plate", candidates=([PLATE, "one", [4]],), **facts, **told)
        self.ids["entries"] = str(self.gate.write(decided, BEGAN, passage="p1"))
        self.gate.write(
            GuardActed("open_once", "delivery", "777", "r1", guard_name="甲保安", words=f"车主 {CALLED}"), BEGAN, passage="p1"
        )
        self.gate.write(PassageEnded("passed", "in", 1, text=PLATE, plate=PLATE), BEGAN + timedelta(seconds=6), passage="p1")
        self.gate.decide(CARD, 60, medium="card", values={"shown": CARD, "holder": NAME, "unit": UNIT})
        self.gate.send()
