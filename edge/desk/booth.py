"""The booth as its routes see it: what the gate said, who is signed in, what was asked."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from access.acts import BREAK_GLASS
from edge.booth_messages import GuardReply, GuardRequest, RecordAct
from edge.config import GateConfig
from edge.desk.asks import Asks
from edge.desk.book import Book
from edge.desk.feature import Feature
from edge.desk.guards import Roll, SignIn
from edge.desk.heading import heading
from edge.desk.kept import Waiting
from edge.desk.pictures import Pictures
from edge.desk.pictures_kept import KeptPictures
from edge.desk.renderer import Clock, Renderer
from edge.desk.renderings import Parts, Renderings
from edge.desk.sessions import Session, Sessions
from edge.desk.situation import Situation
from edge.messages import GateView, RaiseAlarm
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
    renderings: Renderings
    book: Book
    waiting: Waiting
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
        token = self.sessions.token(guard.cookie, guard.badge if guard.badge != BREAK_GLASS else "")
        return self.renderer.page(name, language, told, guard.guard, guard=guard, token=token, features=self.features, **values)

    def parts(self, name: str, language: str, guard: Session) -> Parts:
        """Return the parts of a guard's page as they are now, by id; guards who may do the same share them."""
        can_undo = any(view is not None and view.undo_guard == guard.guard for view in self.situation.lanes.values())
        me = guard.guard if can_undo else ""
        return self.renderings.shared((name, language, me), lambda: self._parts(name, language, me))

    def _parts(self, name: str, language: str, me: str) -> Parts:
        feature = self.features.get(name.partition("/")[0])
        told = feature.shown(self, name, language) if feature else None
        return self.renderer.parts(name, language, told, me)

    def guard_of(self, cookie: str) -> Session | None:
        """Return the session of a guard who is still on record: a leader as long as the record says so."""
        session = self.sessions.find(cookie, self.clock.now())
        if session and session.badge == session.guard == BREAK_GLASS:
            return session
        guard = self.roll.find(session.badge) if session else None
        if session is None or guard is None or str(guard.id) != session.guard:
            return None
        return replace(session, leader=guard.leader)


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
    book, asks = Book(Places(config.gate.data), log, clock.utc), Asks(send)
    return Booth(
        config=config,
        clock=clock,
        situation=situation,
        asks=asks,
        roll=roll,
        sign_in=SignIn(roll, Places(config.gate.data), clock.now(), lambda badge: asks.tell(RaiseAlarm("wrong_pins", badge))),
        sessions=Sessions(chance),
        pictures=Pictures(Places(config.gate.data).eyes_socket, _cameras(config)),
        kept=KeptPictures(Places(config.gate.data), log),
        renderer=Renderer(config, situation, clock, lambda: heading(config, book.pages, roll.find, clock.utc())),
        renderings=Renderings(lambda: (situation.next_change(), book.pages, roll.rules), clock.now),
        book=book,
        waiting=Waiting(clock.now),
        features={feature.name: feature for feature in features},
        cookie=f"booth-{port}",
    )


def _cameras(config: GateConfig) -> set[str]:
    """Return the cameras whose pictures pages show: those of the lanes, and that at the window."""
    return {camera for lane in config.lane for camera in lane.cameras} | {config.booth.camera} - {""}
