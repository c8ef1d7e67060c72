"""The neighbours on the LAN: a thread with a broker's connection of its own, that helps where the registry does not answer."""

import queue
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from access.contract.peers import KINDS, MESSAGE_BYTES_MAX, topic
from devices.transports.mqtt import Handler, MqttWire
from edge.budget import Budget
from edge.config import ConfigError, MqttSection
from edge.courier.outstanding import Key, Outstanding
from edge.courier.progress import Progress
from edge.courier.surroundings import Surroundings
from edge.courier.talk import Talk
from edge.identity import Identity
from edge.peer_messages import ClaimAnswered, HomeAsked, PeersKnown, PeerTaken
from edge.store.errors import StoreError

INBOX_MAX = 1000
MESSAGES_MAX, MESSAGES_PER_S = 200, 20.0  # of one neighbour and kind: at once, and in the long run
LOOK_S = 0.5
GRACE_S = 1.0  # what the registry has by then nobody else need be told
REPORT_S = 2.0
STOP_S = 5.0
FromGate = PeersKnown | PeerTaken | HomeAsked | ClaimAnswered
_Heard = tuple[UUID, bytes, bool]


class Neighbours(threading.Thread):
    """Runs until `stop`; `tell` reaches the gate program. Where no broker can be had, nothing is heard, and that is shown."""

    def __init__(
        self,
        settings: MqttSection,
        identity: Identity,
        journal: Path,
        progress: Progress,
        around: Surroundings,
        tell: Callable[[Any], bool],
    ) -> None:
        """Read the password. Raises ConfigError."""
        super().__init__(name="courier-neighbours", daemon=True)
        self._settings = settings
        self._password = password_of(settings)
        self._identity = identity
        self._progress = progress
        self._clock = around.clock
        self._tell = tell
        self._talk = Talk(identity, self._publish, tell, progress.time_at)
        self._outstanding = Outstanding(journal, identity.edge)
        self._waiting: dict[Key, float] = {}  # what is new, since when
        self._wire: MqttWire | None = None
        self._is_up = False
        self._error = "the broker has not been reached yet"
        self._inbox: queue.Queue[FromGate | _Heard | None] = queue.Queue()
        self._stopping = threading.Event()
        self._look_at = self._report_at = float("-inf")
        self._reported: object = None

    def hear(self, message: FromGate | None) -> None:
        """Take what the gate says, or (None) that the journal has advanced; from any thread, and never waiting."""
        self._inbox.put(message)

    def stop(self) -> None:
        """Say goodbye; returns when that is done, or has taken too long."""
        self._stopping.set()
        self._put(None)
        self.join(STOP_S)

    def run(self) -> None:
        """Hear and say until told to stop."""
        try:
            while not self._stopping.is_set():
                try:
                    self._step()
                except Exception:  # noqa: BLE001 - whatever a stranger says on the LAN, entries and rules go on
                    self._talk.dropped["event_failed"] += 1
        finally:
            self._drop_wire()
            self._outstanding.close()

    def _step(self) -> None:
        try:
            told = self._inbox.get(timeout=LOOK_S)
        except queue.Empty:
            told = None
        now = self._clock()
        match told:
            case (UUID() as edge, bytes() as payload, bool() as retained):
                self._talk.hear(edge, payload, now, retained=retained)
            case PeersKnown():
                if self._talk.know(told):
                    self._connect()
            case PeerTaken():
                self._talk.taken(told)
            case HomeAsked():
                self._talk.ask(told, now)
            case ClaimAnswered():
                self._talk.answer(told, now)
            case _:
                self._look_at = float("-inf")
        if self._is_up:
            self._say(now)
        self._report(now)

    def _report(self, now: float) -> None:
        """Tell who is heard: at once where that has changed, else now and then."""
        state = self._talk.state(self._error)
        there = ([edge for edge, heard in state.heard_mono.items() if heard is not None], state.gone, state.error)
        if now >= self._report_at or there != self._reported:
            self._report_at, self._reported = now + REPORT_S, there
            self._tell(state)

    def _say(self, now: float) -> None:
        """Say what is due: what is new, or all anew where somebody misses it; and that this gate is there."""
        if now >= self._look_at:
            self._look_at = now + LOOK_S
            self._look(now)
        self._talk.beat(now, online=self._progress.is_online, known_us=self._progress.known_us())

    def _look(self, now: float) -> None:
        try:
            for key in self._outstanding.look(self._progress.acked, self._talk.missing_since(now)):
                self._waiting.setdefault(key, now)
        except StoreError:
            return  # the streams that send entries say what is wrong with it
        if self._talk.is_missed(now):
            self._waiting.clear()
            self._talk.say_facts(self._outstanding.rows(), now, all_anew=True)
            return
        grace_s = GRACE_S if self._progress.is_online and not self._talk.is_needed(now) else 0.0
        due = [key for key, since in self._waiting.items() if now - since >= grace_s]
        for key in due:
            del self._waiting[key]
        self._talk.say_facts(self._outstanding.rows(due), now)

    # --- the wire ---------------------------------------------------------------------------------

    def _connect(self) -> None:
        """Connect anew, to hear whom the rules name now."""
        self._drop_wire()
        site, own = self._talk.site, self._identity.edge
        if not self._talk.neighbours:
            self._error = "the rules name no neighbours"
            return
        self._wire = MqttWire(
            self._settings.url,
            f"gatehouse-{own.hex}",
            self._subscriptions(site),
            self._state,
            online_topic=topic(site, own, "here"),
            password=self._password,
            ca_file=str(self._settings.ca_file) if self._settings.ca_file else None,
        )
        self._wire.start()

    def _subscriptions(self, site: str) -> Mapping[str, Handler]:
        return {topic(site, edge, kind): self._handler(edge) for edge in self._talk.neighbours for kind in KINDS}

    def _handler(self, edge: UUID) -> Handler:
        budget = Budget(MESSAGES_MAX, MESSAGES_PER_S)

        def handle(payload: bytes, *, retained: bool) -> None:
            if len(payload) <= MESSAGE_BYTES_MAX and budget.allows(1, self._clock()):
                self._put((edge, payload, retained))
            else:
                self._talk.dropped["too_many"] += 1

        return handle

    def _state(self, up: bool, why: str) -> None:  # noqa: FBT001 - the transport's callback
        self._is_up, self._error = up, why
        if up:
            self._talk.begin()
        self._put(None)

    def _publish(self, to: str, payload: bytes, retain: bool) -> None:  # noqa: FBT001 - as `Publish`
        if self._wire is not None and self._is_up:
            self._wire.publish(to, payload, retain=retain)

    def _drop_wire(self) -> None:
        if self._wire is not None:
            self._wire.stop()
        self._wire, self._is_up = None, False

    def _put(self, told: FromGate | _Heard | None) -> None:
        """Take what came over the LAN; never so much of it that what the gate says is not heard."""
        if self._inbox.qsize() < INBOX_MAX:
            self._inbox.put(told)
        else:
            self._talk.dropped["too_many"] += 1  # they are states, and told again; a claim's gate asks its guard


def password_of(settings: MqttSection) -> str | None:
    """Return the broker's password. Raises ConfigError where its file cannot be read."""
    if settings.password_file is None:
        return None
    try:
        return settings.password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"neighbours.password_file: {settings.password_file} cannot be read: {error}"]) from error
