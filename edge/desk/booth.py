"""The booth as its routes see it: what the gate said, who is signed in, what was asked."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from edge.config import GateConfig
from edge.desk.asks import Asks
from edge.desk.book import Book
from edge.desk.break_glass import BREAK_GLASS
from edge.desk.feature import Feature
from edge.desk.guards import Roll, SignIn
from edge.desk.heading import heading
from edge.desk.pictures import Pictures
from edge.desk.pictures_kept import KeptPictures
from edge.desk.renderer import Clock, Renderer
from edge.desk.sessions import Session, Sessions
from edge.desk.situation import Situation
from edge.messages import GateView, GuardReply, GuardRequest, RaiseAlarm, RecordAct
from edge.places import Places

GATE_SILENT_S = 3.0  # it says something every half second


@dataclass(slots=True)
class Booth:
    """Everything a page needs. All of it is owned by the event loop."""

    config: GateConfig
    clock: Clock
    situation: Situation
    asks: Asks
    roll: Roll
    sign_in: SignIn
    sessions: Sessions
    pictures: Pictures
    kept: KeptPictures
    renderer: Renderer
    book: Book
    features: Mapping[str, Feature]
    # Cookies know no ports: two booths on one box must not sign each other's guards out.
    cookie: str = "booth"
    streams: int = 0
    heard_at: float = -math.inf  # monotonic

    @property
    def secure(self) -> bool:
        """Whether the pages go over TLS."""
        return self.config.booth.certificate is not None

    def hear(self, message: Any) -> None:
        """Take in a message of the gate."""
        self.heard_at = self.clock.now()
        self.situation.note_connection(connected=True, utc=self.clock.utc())
        if isinstance(message, GuardReply):
            self.asks.take(message)
            return
        if isinstance(message, GateView):
            self.roll.follow(message.snapshot_path)
        self.situation.take(message, self.clock.utc())

    def look_after_gate(self, *, linked: bool) -> None:
        """Note whether the gate program is there: one that is linked and says nothing hangs."""
        is_heard = self.clock.now() - self.heard_at < GATE_SILENT_S
        self.situation.note_connection(connected=linked and is_heard, utc=self.clock.utc())

    def page(self, name: str, language: str, guard: Session, **values: Any) -> str:
        """Return a page for a signed-in guard."""
        feature = self.features.get(name.partition("/")[0])
        told = feature.shown(self, name, language) if feature else None
        token = self.sessions.token(guard.cookie)
        return self.renderer.page(name, language, told, guard.guard, guard=guard, token=token, features=self.features, **values)

    def parts(self, name: str, language: str, guard: Session) -> dict[str, str]:
        """Return the parts of a guard's page as they are now, by id."""
        feature = self.features.get(name.partition("/")[0])
        told = feature.shown(self, name, language) if feature else None
        return self.renderer.parts(name, language, told, guard.guard)

    def guard_of(self, cookie: str) -> Session | None:
        """Return the session of a guard who is still on record."""
        session = self.sessions.find(cookie, self.clock.now())
        if session and session.badge == session.guard == BREAK_GLASS:
            return session
        guard = self.roll.find(session.badge) if session else None
        return session if session and guard and str(guard.id) == session.guard else None


def make_booth(
    config: GateConfig,
    send: Callable[[GuardRequest | RecordAct | RaiseAlarm], bool],
    clock: Clock,
    chance: Callable[[int], bytes],
    port: int,
    log: Any,
    features: Iterable[Feature] = (),
) -> Booth:
    """Put a booth together for the pages on `port`; `send` carries a request to the gate and tells whether there is a link."""
    situation = Situation(lane.id for lane in config.lane)
    roll = Roll(log)
    book = Book(Places(config.gate.data), log)
    return Booth(
        config=config,
        clock=clock,
        situation=situation,
        asks=Asks(send),
        roll=roll,
        sign_in=SignIn(roll, Places(config.gate.data), clock.now()),
        sessions=Sessions(chance),
        pictures=Pictures(Places(config.gate.data).eyes_socket, {camera for lane in config.lane for camera in lane.cameras}),
        kept=KeptPictures(Places(config.gate.data), log),
        renderer=Renderer(config, situation, clock, lambda: heading(config, book.pages, roll.find, clock.utc())),
        book=book,
        features={feature.name: feature for feature in features},
        cookie=f"booth-{port}",
    )
