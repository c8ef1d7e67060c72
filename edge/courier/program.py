"""The courier program: one thread a stream, the link to the gate, and an orderly end."""

import functools
import importlib
import queue
import signal
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from uuid import UUID

from access.contract.commands import CommandResult
from edge.booth_messages import GuardReply
from edge.config import CentralSection, ConfigError, GateConfig, MqttSection
from edge.courier.alarms import AlarmsStream
from edge.courier.announcing import Announcing
from edge.courier.checkpoints import CheckpointsStream
from edge.courier.commands import CommandsStream
from edge.courier.deny import DenyStream
from edge.courier.down import RulesStream
from edge.courier.facts import FactsStream
from edge.courier.health import HealthStream
from edge.courier.names import Names
from edge.courier.pepper import PepperStream
from edge.courier.pictures import PicturesStream
from edge.courier.precedence import Precedence
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.results import ResultsStream
from edge.courier.rotten import RottenStream
from edge.courier.runner import InTurn, Runner, Stream
from edge.courier.snapshots import Builder
from edge.courier.surroundings import REAL, Surroundings
from edge.courier.up import EntriesStream
from edge.identity import Identity
from edge.link import LinkClient
from edge.messages import (
    CheckpointMade,
    EntryWanted,
    FactsTaken,
    GateCondition,
    Hello,
    JournalAdvanced,
    RaiseAlarm,
    RulesInForce,
    TimeTold,
)
from edge.peer_messages import ClaimAnswered, HomeAsked, PeersKnown, PeerTaken
from edge.places import Places
from edge.store.errors import StoreError
from edge.store.reader import JournalReader
from edge.store.received import Received

if TYPE_CHECKING:
    from edge.courier.neighbours import Neighbours

SOFTWARE = version("gatehouse-access")
ADDRESSES = "address"  # texts about where the registry's host last answered
CERTIFICATE_WARNING_S = 30 * 24 * 3600
REPORT_S = 2.0
STOP_S = 5.0


class Courier:
    """All of the courier but signals and configuration. Raises StoreError where its database is held or unusable."""

    def __init__(
        self,
        places: Places,
        central: CentralSection,
        identity: Identity,
        log: Any,
        around: Surroundings = REAL,
        lan: MqttSection | None = None,
    ) -> None:
        """`lan`: the broker over which neighbours are heard, None where there is none. Raises ConfigError too."""
        self._edge = identity.edge
        self._journal_path = places.journal
        self._around = around
        self._stopping = threading.Event()
        self._received = received = Received(places.courier)
        self._progress = progress = Progress(received)
        self._builder = Builder(places.courier, places.snapshots)
        self._warned_of = 0.0
        self._link = LinkClient(places.gate_socket, Hello("courier", SOFTWARE), self._hear, self._arrived)
        self._announcing = Announcing(self._link.send, around.clock)
        self._precedence = Precedence(around.clock)
        self._asking = self._connections(central, identity)
        self._neighbours = self._on_lan(lan, places, identity) if lan else None
        tell, news = self._link.send, self._asking["news"]
        self._checkpoints = CheckpointsStream(identity, news, received, progress, around, tell)
        self._health = HealthStream(identity.edge, SOFTWARE, places.journal, news, progress, around, tell)
        self._rotten = RottenStream(news, progress, tell)
        self._results = ResultsStream(news)
        self._commands = CommandsStream(self._asking["commands"], progress, around, tell, self._ended)
        self._facts = FactsStream(self._asking["facts"], progress, around, tell)
        self._rules = RulesStream(
            received, places.snapshots, self._builder, self._asking["rules"], progress, around, self._announcing.announce
        )
        self._runners = {
            stream.name: Runner(stream, self._asking[stream.name], progress, around.jitter, self._stopping)
            for stream in self._streams(places, identity, log)
        }

    def _on_lan(self, lan: MqttSection, places: Places, identity: Identity) -> "Neighbours":
        """Return what talks with the neighbours; a gate without a LAN does not load what that takes."""
        make: type[Neighbours] = importlib.import_module("edge.courier.neighbours").Neighbours
        return make(lan, identity, places.journal, self._progress, self._around, self._link.send)

    def _connections(self, central: CentralSection, identity: Identity) -> Mapping[str, Registry]:
        """Return a connection to the registry for each thread; pictures' gives way to what is urgent."""
        names = Names(self._received.texts(ADDRESSES), functools.partial(self._received.keep_text, ADDRESSES))
        gives_way = {"pictures": self._precedence}
        return {
            name: Registry(central, identity, name, self._around.calendar, names, gives_way.get(name), self._progress.certificate)
            for name in ("commands", "deny", "news", "entries", "facts", "rules", "pictures")
        }

    def _streams(self, places: Places, identity: Identity, log: Any) -> Iterable[Stream]:
        """Return what runs, the most urgent first."""
        asking, progress, around = self._asking, self._progress, self._around
        received, builder, announce, precedence = self._received, self._builder, self._announcing.announce, self._precedence
        alarms = AlarmsStream(places.journal, identity.edge, asking["news"], progress, precedence, around.clock)
        pepper = PepperStream(places, asking["news"])
        return (
            self._commands,
            DenyStream(places, identity, received, builder, asking["deny"], progress, announce, around),
            InTurn("news", (alarms, self._results, self._checkpoints, self._health, self._rotten, pepper), progress, around),
            EntriesStream(places.journal, identity.edge, asking["entries"], progress, around, precedence, self._link.send),
            self._facts,
            self._rules,
            PicturesStream(places.journal, places.evidence, identity.edge, asking["pictures"], progress, around, log),
        )

    def run(self) -> None:
        """Carry until `stop`, telling the gate how it goes."""
        runners = self._runners.values()
        self._link.start()
        for runner in runners:
            runner.start()
        if self._neighbours is not None:
            self._neighbours.start()
        while not self._stopping.is_set():
            self._progress.changed.wait(REPORT_S)
            self._progress.changed.clear()
            self._report()
        self._builder.stop()
        if self._neighbours is not None:
            self._neighbours.stop()
        for runner in runners:
            runner.stop()
        for runner in runners:
            runner.join(STOP_S)
        self._keep(at_once=True)
        self._link.stop()
        self._received.close()

    def stop(self) -> None:
        """Let `run` return; safe from any thread."""
        self._stopping.set()
        self._progress.changed.set()

    def _hear(self, message: Any) -> None:
        match message:
            case JournalAdvanced():
                self._tell_neighbours(None)
                self._precedence.waits("entries")
                self._runners["entries"].wake.set()
            case CheckpointMade(checkpoint):
                self._checkpoints.made(checkpoint)
            case EntryWanted():
                self._rotten.wanted(message)
            case GateCondition():
                self._health.changed(message)
            case TimeTold():
                self._progress.time_told(message)
                return
            case RulesInForce():
                self._announcing.taken(message)
                return
            case FactsTaken():
                self._facts.taken(message)
                self._runners["facts"].wake.set()
                return
            case GuardReply():
                self._commands.replied(message)
                return
            case PeersKnown() | PeerTaken() | HomeAsked() | ClaimAnswered():
                self._tell_neighbours(message)
                return
            case _:
                return
        self._runners["news"].wake.set()

    def _tell_neighbours(self, message: PeersKnown | PeerTaken | HomeAsked | ClaimAnswered | None) -> None:
        if self._neighbours is not None:
            self._neighbours.hear(message)

    def _ended(self, result: CommandResult) -> None:
        self._results.note(result)
        self._runners["news"].wake.set()

    def _arrived(self) -> None:
        self._announcing.tell()

    def _warn_of_certificate(self, ends: float) -> None:
        """Raise an alarm from 30 days before the registry's certificate ends, once for each."""
        if ends and ends - self._around.calendar().timestamp() < CERTIFICATE_WARNING_S and ends != self._warned_of:
            day = datetime.fromtimestamp(ends, UTC).date().isoformat()
            if self._link.send(RaiseAlarm("certificate_ends", day)):
                self._warned_of = ends

    def _report(self) -> None:
        try:
            lengths = self._lengths()
        except StoreError as error:
            self._progress.fault("journal", str(error))
            lengths = {}
        else:
            self._progress.fault("journal", "")
        state = self._progress.state(lengths)
        self._warn_of_certificate(state.certificate_ends_utc)
        self._link.send(state)
        if self._announcing.is_overdue():
            self._rules.announce_again()
        self._keep()

    def _lengths(self) -> Mapping[UUID, int]:
        return {epoch: self._journal.length(epoch) for epoch in self._journal.epochs(self._edge)}

    @functools.cached_property
    def _journal(self) -> JournalReader:
        return JournalReader(self._journal_path)

    def _keep(self, *, at_once: bool = False) -> None:
        try:
            self._progress.keep(self._around.clock(), at_once=at_once)
        except StoreError as error:
            self._progress.fault("courier", str(error))


def run(config: GateConfig, places: Places, identity: Identity, log: Any) -> None:
    """Run the courier until SIGTERM or SIGINT. Raises ConfigError where no registry is configured, StoreError."""
    if config.central is None:
        raise ConfigError(["central: the section is missing: there is no registry to sync with"])
    courier = Courier(places, config.central, identity, log, lan=config.lan)
    stop_on_signals(courier.stop)
    log.info("courier_started", registry=config.central.url, edge=str(identity.edge))
    courier.run()


def stop_on_signals(stop: Callable[[], None]) -> None:
    """Call `stop` at SIGTERM or SIGINT, from a thread of its own: the handler itself could interrupt the very lock it needs."""
    told: queue.SimpleQueue[int] = queue.SimpleQueue()  # the one queue that a signal handler may put into
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: told.put(number))

    def wait() -> None:
        told.get()
        stop()

    threading.Thread(target=wait, daemon=True).start()
