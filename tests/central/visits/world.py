"""Visits as tests ask for them: who comes, to whom, when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import update

from central.people.schemas import PersonWanted
from central.people.services import persons
from central.registry import Registry
from central.sites.schemas import GateWanted
from central.sites.services import gates
from central.tables import UserSession
from central.visits.services import visits


@dataclass
class World:
    """The site `lakeside` with the gates `east` and `west` and the host 李小明; `now` is what the registry's clock says."""

    registry: Registry
    admin: httpx.Client
    guard: httpx.Client
    site: str
    now: list[datetime]
    lasts: timedelta
    host: str = field(init=False)
    deputy: str = field(init=False)
    gate: str = field(init=False)

    def __post_init__(self) -> None:
        site = UUID(self.site)
        with self.registry.write() as work:
            host, deputy = (
                persons.create(work, PersonWanted(site=site, name=name, unit="3-1201")) for name in ("李小明", "王芳")
            )
            gate, _ = (gates.create(work, GateWanted(site=site, slug=slug, name=slug)) for slug in ("east", "west"))
        self.host, self.deputy, self.gate = str(host.id), str(deputy.id), str(gate.id)

    def made(self, path: str, **facts: Any) -> str:
        identity: str = self.admin.post(path, json={"site": self.site, **facts}).raise_for_status().json()["id"]
        return identity

    def stocks(self, *printed: str) -> dict[str, str]:
        """Take visitor cards into stock; return their ids by what stands on them."""
        ids = [self.made("/cards", raw=f"{n:08X}", printed=text, kind="visitor_card") for n, text in enumerate(printed)]
        return dict(zip(printed, ids, strict=True))

    def wanted(self, **changes: Any) -> dict[str, Any]:
        details = {"name": "张伟", "phone": "138 0013 8000"} | changes.pop("details", {})
        given = {"category": "appointment", "host_person": self.host, "valid_until": self.at(self.lasts)}
        return {"site": self.site, **given, "details": details, **changes}

    def at(self, later: timedelta) -> str:
        return (self.now[0] + later).isoformat()

    def announce(self, **changes: Any) -> str:
        """Announce a visit; return where it is."""
        made = self.admin.post("/visits", json=self.wanted(**changes))
        assert made.status_code == 201, made.text
        return f"/visits/{made.json()['id']}"

    def approved(self, **changes: Any) -> str:
        place = self.announce(**changes)
        done(self.admin.post(f"{place}/approve"), "approved")
        return place

    def walk_in(self, **changes: Any) -> str:
        made = self.guard.post("/visits/walk-in", json=self.wanted(**{"category": "unannounced", **changes}))
        assert made.status_code == 201, made.text
        return f"/visits/{made.json()['id']}"

    def arrive(self, place: str, **changes: Any) -> httpx.Response:
        return self.guard.post(f"{place}/arrive", json={"gate": "east", "met": ["lead_in"], **changes})

    def agree(self, place: str, **changes: Any) -> httpx.Response:
        said = {"said_by": self.host, "means": "phone", "gate": "east", "met": ["wait_outside"]}
        return self.guard.post(f"{place}/agree", json={**said, **changes})

    def pass_time(self, later: timedelta) -> None:
        """Let the clock go on, and write down what that has done, as the registry's own job does."""
        self.now[0] += later
        with self.registry.write() as work:
            visits.ripen(work)
            # Somebody was at work meanwhile: else the sessions would be idle for too long.
            work.session.execute(update(UserSession).values(seen_at=work.at))


def done(reply: httpx.Response, state: str) -> Mapping[str, Any]:
    assert reply.status_code == 200, reply.text
    facts: dict[str, Any] = reply.json()
    assert facts["state"] == state
    return facts


def refused(reply: httpx.Response, code: str, field: str = "state") -> None:
    """Check the refusal of a workflow, in both languages."""
    facts = reply.json()
    assert (reply.status_code, facts.get("code"), facts.get("field", "")) == (409, code, field), reply.text
    assert facts["zh"] != facts["en"]


def wrong(reply: httpx.Response, field: str) -> None:
    assert (reply.status_code, reply.json()["field"]) == (422, field), reply.text
