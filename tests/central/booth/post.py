"""What guards write at a booth that is cut off, and the registry that follows it later."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select

from access.acts import ACTED
from access.identifiers import uuid7
from central.booth.job import follow_booths
from central.booth.tables import BoothAct
from central.registry import Registry
from tests.central.gate import Gate

GUARD, RELIEF, LEADER = "101", "102", "201"


@dataclass
class Post:
    """The booth at the gate `east`; its guards are 101 and 102, 201 leads. Minutes count from `began`, three hours ago."""

    gate: Gate
    registry: Registry
    admin: httpx.Client
    site: str
    began: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3))
    sent: int = 0
    quality: str = "trusted"

    def __post_init__(self) -> None:
        for badge in (GUARD, RELIEF, LEADER):
            self.made("/guards", name=f"保安{badge}", badge=badge, pin="246810", is_leader=badge == LEADER)

    def made(self, path: str, **facts: Any) -> str:
        identity: str = self.admin.post(path, json={"site": self.site, **facts}).raise_for_status().json()["id"]
        return identity

    def shown(self, path: str, **asked: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.admin.get(path, params=asked).raise_for_status().json()
        return found

    def at(self, minutes: float) -> datetime:
        return self.began + timedelta(minutes=minutes)

    def new_id(self, minutes: float = 0) -> str:
        return str(uuid7(self.at(minutes), self.gate.chance.randbytes(10)))

    def act(self, minutes: float, kind: str, identity: str, act: str, guard: str = GUARD, /, **more: Any) -> UUID:
        """Write an act down; what is no field of an entry is a value of the act."""
        own = {name: more.pop(name) for name in ("role", "words", "details", "facts", "capture") if name in more}
        body = ACTED[kind](identity, act, guard, request=f"r{minutes}", values=more.pop("values", more), **own)
        return self.gate.write(body, self.at(minutes), quality=self.quality)

    def sync(self) -> None:
        """Send what was written, and let the registry follow it."""
        self.gate.send(self.sent + 1)
        self.sent = len(self.gate.entries)
        follow_booths(self.registry)

    def left(self) -> list[tuple[str, str]]:
        """Return of each act that was not taken over what became of it, and why."""
        with self.registry.read() as work:
            rows = work.session.scalars(select(BoothAct).where(BoothAct.outcome != "done").order_by(BoothAct.seq))
            return [(row.outcome, row.why) for row in rows]

    def events(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.shown(f"{path}/events")["items"]
        return found
