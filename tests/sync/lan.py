"""Gates of one site on one LAN, simulated: the real cores, journals and talk; the wire between them is in the test's hands."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.card import CardNumber, card_hash
from access.contract.records import PassRecord, PermitRecord
from access.entries import Decided, Draft, PassageEnded, Stamp, stamped
from access.peers import Words
from access.sharing import SUM, contributions
from access.snapshot import Snapshot
from central.ledger.marks import Mark, Spot, marks_of
from edge.courier.outstanding import Outstanding
from edge.courier.talk import Talk
from edge.gate.actions import Action, Append
from edge.gate.events import CardPresented, DeviceReported, Event, FactsLearned, HearsayLearned, InputsChanged, SnapshotInstalled
from edge.gate.gate import Gate
from edge.gate.hearing import beyond, commit_said, granted, kept_words
from edge.gate.neighbours import commit_page
from edge.identity import Identity
from edge.messages import FactsHeard, TimeTold
from edge.peer_messages import ClaimAnswered, ClaimMade, HomeAsked, PeerSaid, PeersKnown, PeerTaken
from edge.store import heard as store
from edge.store import questions
from edge.store.journal import Journal
from edge.store.reader import JournalReader
from simulators.standalone import Rule, card, resident, small_rules
from tests.access.rules_world import snapshot
from tests.edge.gate.playbook import DOOR, settings

SITE = UUID(int=0x51)
BEGAN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC).timestamp()
GUESTS_FROM = 0x9E50
CARD_KEY = bytes(range(32))
SHUT, MOVED = (False, True), (False, False)
LANE = "in-1"


@dataclass(frozen=True)
class Box:
    """Who a gate is."""

    number: int

    @property
    def key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes([self.number + 1] * 32))

    @property
    def edge(self) -> UUID:
        return UUID(int=0xED00 + self.number)

    @property
    def gate(self) -> UUID:
        return UUID(int=0x6A00 + self.number)

    @property
    def identity(self) -> Identity:
        return Identity(self.edge, self.gate, SITE, {LANE: self.gate}, self.key, self.key.public_key())

    @property
    def record(self) -> Rule:
        public = self.key.public_key().public_bytes_raw().hex()
        name = f"gate-{self.number}"
        told = {"id": str(self.edge), "gate": str(self.gate), "slug": name, "name": name, "public_key": public}
        return "peer", self.edge, told


def visit_id(number: int) -> UUID:
    return UUID(int=0x7150 + number)


def topic_of(guest: int, worker: int) -> str:
    """Return the fact in which a guest's uses are counted, or the worker's duplicate."""
    return f"held:{visit_id(guest)}" if guest == worker else f"uses:{visit_id(guest)}"


def guests_card(number: int) -> bytes:
    return bytes([1, 0, 0, 0, number + 1])


def rules_of(box: Box, boxes: list[Box], reuse: str, uses: tuple[int, ...]) -> Snapshot:
    """The rules of a gate: a guest for each number of uses, counted by the first gate where the site is strict; then a worker."""
    rules: list[Rule] = [one.record for one in boxes]
    for kind, identity, data in small_rules(CARD_KEY, [LANE], kind="pedestrian"):
        more: Mapping[str, Any] = {"site": {"code_reuse": reuse}, "lane": {"gate": str(box.gate)}}.get(kind, {})
        rules.append((kind, identity, {**data, **more}))
    for number, times in enumerate(uses):
        person = UUID(int=GUESTS_FROM + number)
        kind, identity, data = resident(person, "陈", "5-0302")
        rules.append((kind, identity, {**data, "category": "visitor"}))
        rules.append(card(UUID(int=0xCA00 + number), person, [card_hash(CARD_KEY, CardNumber(guests_card(number), 40))]))
        visit = {"person": str(person), "category": "ordinary", "status": "approved", "host": "5-0302", "lanes": []}
        window = {"valid_from": int(BEGAN) - 86_400, "valid_until": int(BEGAN) + 30 * 86_400}
        # Of a party of one, so many times: its party is as many, that each may come in before the others leave.
        terms = {"uses": 1, "party": times, "obligations": [], "home": str(boxes[0].gate)}
        rules.append(("visit", visit_id(number), {"id": str(visit_id(number)), **visit, **window, **terms}))
    return snapshot(1, [*rules, *_worker(len(uses), boxes[0])])


def _worker(number: int, home: Box) -> list[Rule]:
    """Return the records of somebody who comes in by a contractor pass, as the guest of this number."""
    person, works = UUID(int=GUESTS_FROM + number), UUID(int=0x9E00)
    kind, identity, data = resident(person, "李", "5-0302")
    window: dict[str, Any] = {"valid_from": int(BEGAN) - 86_400, "valid_until": int(BEGAN) + 30 * 86_400}
    permit = PermitRecord(id=works, number="P-7", units=("5-0302",), **window)
    one = PassRecord(id=visit_id(number), number="0042", person=person, permit=works, units=("5-0302",), home=home.gate, **window)
    return [
        (kind, identity, {**data, "category": "contractor"}),
        card(UUID(int=0xCA00 + number), person, [card_hash(CARD_KEY, CardNumber(guests_card(number), 40))]),
        *((each.kind, each.id, each.model_dump(mode="json", exclude={"kind"})) for each in (permit, one)),
    ]


@dataclass
class Message:
    """What one edge has said, on its way to the others."""

    edge: UUID
    payload: bytes
    retained: bool


class LanGate:
    """One gate: its core, its journal and its courier's talk. What it says goes to `said`, whom it lets in to `admitted`."""

    def __init__(self, box: Box, folder: Path, rules: Snapshot, wrong_s: float = 0.0) -> None:
        self.box, self.folder, self.rules, self.wrong_s = box, folder, rules, wrong_s
        folder.mkdir(exist_ok=True)
        self.said: list[Message] = []
        self.admitted: list[int] = []
        self.grants: list[str] = []
        self.granted: dict[str, int] = {}
        self.now = 1000.0
        self.acked: dict[UUID, int] = {}
        self.is_online = False
        self.known_at = BEGAN + self.now  # through when it has heard the registry
        self._chance = Random(box.number)
        self.open()

    # --- its life ---------------------------------------------------------------------------------

    def open(self) -> None:
        """Start its programs on what is in its folder."""
        self.journal = Journal(self.folder / "journal.db", self.box.edge, self._stamp(), self._chance.randbytes)
        self.words: Words = kept_words(self.journal, self._stamp().utc_us)
        entries = self.journal.look(questions.facts_since, 0)
        self.core = Gate(settings(DOOR), self._chance.randbytes, self.journal.presence, claims=tuple(granted(entries)))
        self.outstanding = Outstanding(self.folder / "journal.db", self.box.edge)
        self.talk = Talk(self.box.identity, self._publish, self._tell, self._time)
        self.handle(SnapshotInstalled(self.rules, "00"))
        self.handle(DeviceReported("io", up=True))
        self.handle(InputsChanged("io", SHUT))
        peers = tuple((str(peer.id), peer.public_key) for peer in self.rules.peers.values())
        self.talk.know(PeersKnown(self.rules.site_slug, peers))
        self.learn()

    def close(self) -> None:
        self.outstanding.close()
        self.journal.close()

    def restart(self) -> None:
        """End in disorder: whoever stood at the door is forgotten."""
        self.close()
        self.open()

    # --- what happens -----------------------------------------------------------------------------

    def show(self, guest: int) -> None:
        """A guest shows a card."""
        self.handle(CardPresented("reader-in", guests_card(guest), 40, self.now))

    def pass_by(self, seconds: float) -> None:
        """Let time pass, deadline by deadline."""
        until = self.now + seconds
        while (deadline := self.core.next_deadline()) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self._do(self.core.handle_timer(self.now, self.at))
        self.now = until

    def speak(self) -> None:
        """Let the courier say what is due."""
        news = self.outstanding.look(self.acked, self.talk.missing_since(self.now))
        if self.talk.is_missed(self.now):
            self.talk.say_facts(self.outstanding.rows(), self.now, all_anew=True)
        else:
            self.talk.say_facts(self.outstanding.rows(news), self.now)
        self.talk.beat(self.now, online=self.is_online, known_us=round(self.known_at * 1e6))

    def hear(self, message: Message) -> None:
        self.talk.hear(message.edge, message.payload, self.now)

    def handle(self, event: Event) -> None:
        self._do(self.core.handle(event, self.now, self.at))

    # --- the registry -----------------------------------------------------------------------------

    def told(self) -> list[tuple[Any, ...]]:
        """What the registry would tell of this gate."""
        rows: list[tuple[Any, ...]] = []
        with closing(JournalReader(self.folder / "journal.db")) as reader:
            for epoch in reader.epochs(self.box.edge):
                entries = reader.after(epoch, 0, 100_000)
                for name, one in contributions((each.utc_us, each.read().body()) for each in entries).items():
                    row = (str(self.box.edge), epoch.hex, entries[-1].seq, name, one.how, one.value, one.at_us, one.plate)
                    rows.append(row)
                self.acked[epoch] = entries[-1].seq
        return rows

    def marks(self) -> list[Mark]:
        """What the registry's ledger notes of all its entries."""
        with closing(JournalReader(self.folder / "journal.db")) as reader:
            return [one for entry in reader.every() for one in marks_of(entry, Spot(self.box.gate, None))]

    def fetch(self, rows: list[tuple[Any, ...]]) -> None:
        """Hear from the registry."""
        epoch = self.journal.epoch
        through = self.journal.look(store.through, epoch)
        others = tuple(row for row in rows if row[0] != str(self.box.edge))
        commit_page(
            self.journal, FactsHeard(others, epoch.hex, through, through + 1), self._stamp(), frozenset(self.words.sums())
        )
        self.handle(FactsLearned(self.journal.presence))
        self.learn()

    # --- within -----------------------------------------------------------------------------------

    def learn(self) -> None:
        """Let the core know what neighbours say."""
        self.handle(HearsayLearned(beyond(self.journal, self.words, self._stamp())))

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(BEGAN + self.now + self.wrong_s, UTC)

    def _stamp(self) -> Stamp:
        return stamped(self.now, self.at.timestamp())

    def _time(self, now: float) -> TimeTold:
        return TimeTold(now, BEGAN + now + self.wrong_s, trusted=True)

    def _publish(self, _topic: str, payload: bytes, retain: bool) -> None:
        self.said.append(Message(self.box.edge, payload, retain))

    def _tell(self, message: Any) -> None:
        """Take what the courier tells, as the gate program does."""
        match message:
            case PeerSaid():
                commit_said(self.journal, self.words, message, self._stamp())
                self.talk.taken(PeerTaken(message.edge, message.serial))
                self.learn()
            case ClaimMade() | ClaimAnswered():
                self.handle(message)

    def _do(self, actions: list[Action]) -> None:
        """Commit first; then let who was let in pass, or ask and answer."""
        drafts = [action.draft for action in actions if isinstance(action, Append)]
        if drafts:
            self.journal.append(drafts, self._stamp())
        for draft in drafts:
            self._note(draft)
        for action in actions:
            match action:
                case HomeAsked():
                    self.talk.ask(action, self.now)
                case ClaimAnswered():
                    self.talk.answer(action, self.now)
                case _:
                    pass

    def goes_through(self) -> None:
        """Who was let in goes through the door, and it shuts."""
        self.handle(InputsChanged("io", MOVED))
        self.pass_by(1.0)
        self.handle(InputsChanged("io", SHUT))

    def _note(self, draft: Draft) -> None:
        """Note whom the rules let in, and who has come in by that."""
        match draft.body:
            case Decided(outcome="grant", person=person, reason=reason):
                self.granted[draft.passage] = UUID(person).int - GUESTS_FROM
                self.grants.append(reason)
            case PassageEnded(result="passed") if draft.passage in self.granted:
                self.admitted.append(self.granted[draft.passage])
            case _:
                pass


def uses_in(gates: list[LanGate], guest: int) -> int:
    """What all journals together say of the uses of a guest's visit."""
    rows = [row for gate in gates for row in gate.told()]
    return sum(row[5] for row in rows if row[3] == f"uses:{visit_id(guest)}" and row[4] == SUM)
