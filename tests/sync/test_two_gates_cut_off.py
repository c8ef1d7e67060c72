"""Two and three gates, cut off from the registry and each other in every way: strict never admits twice, lenient always shows.

The gates' cores, journals, words and talk are the real ones; the LAN between them loses, delays, doubles and reorders, boxes are
started anew, the registry comes and goes, and one neighbour lies with a good key.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from access.contract.peers import ClaimAnswer, ClaimAsked, FactRow, PeerError, read
from central.ledger.counted import used_beyond
from central.ledger.detect import movements
from central.ledger.findings import Finding
from central.ledger.marks import Mark
from tests.sizes import sized
from tests.sync.lan import GUESTS_FROM, Box, LanGate, Message, rules_of, topic_of, uses_in, visit_id
from tests.sync.registry import new_folder

GUESTS = (1, 2)
"""How often each guest may come in."""
WORKER = len(GUESTS)
"""Who comes in by a contractor pass, and does not leave: once."""
MAY_COME = (*GUESTS, 1)
GATES_MAX = 3
GRANTS = frozenset({"visit_ok", "pass_ok"})
LIES: tuple[Any, ...] = (
    None,
    -3,
    -1,
    0,
    1,
    3,
    2**70,
    "",
    "in-1",
    [],
    [""],
    ["site", 1],
    ["in-1", 1, "permit:p"],
    ["x", "y", "z"],
)
which = st.integers(0, GATES_MAX - 1)
guests = st.integers(0, WORKER)


class CutOff(RuleBasedStateMachine):
    """Gates of one site whose registry is away; `flying` is what was said and has not arrived everywhere yet."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = new_folder()
        self.gates: list[LanGate] = []
        self.flying: list[tuple[Message, int]] = []
        self.cut: set[tuple[int, int]] = set()
        self.by_guard: Counter[int] = Counter()
        self.heard_all = True

    @initialize(
        reuse=st.sampled_from(("strict", "lenient")), number=st.sampled_from((2, 3)), wrong=st.sampled_from((0.0, -20.0, 4.0))
    )
    def begin(self, reuse: str, number: int, wrong: float) -> None:
        boxes = [Box(at) for at in range(number)]
        self.liar = Box(number)
        everybody = [*boxes, self.liar]
        self.reuse = reuse
        self.keys = {box.edge: box.key.public_key().public_bytes_raw() for box in everybody}
        for box in boxes:
            rules = rules_of(box, everybody, reuse, GUESTS)
            self.gates.append(LanGate(box, self.folder / str(box.number), rules, wrong if box.number == 1 else 0.0))
        self.lies = LanGate(self.liar, self.folder / "liar", rules_of(self.liar, everybody, reuse, GUESTS))

    def teardown(self) -> None:
        if self.gates:
            self.registry_comes_back()
        for gate in (*self.gates, self.lies) if self.gates else ():
            gate.close()
        shutil.rmtree(self.folder)

    def gate(self, number: int) -> LanGate:
        return self.gates[number % len(self.gates)]

    # --- at the gates -----------------------------------------------------------------------------

    @rule(number=which, guest=guests)
    def guest_comes(self, number: int, guest: int) -> None:
        self.gate(number).show(guest)
        self.collect()

    @rule(number=which)
    def guest_goes_through(self, number: int) -> None:
        self.gate(number).goes_through()
        self.collect()

    @rule(number=which, guest=guests)
    def guest_is_answered_at_once_and_goes_through(self, number: int, guest: int) -> None:
        """The ordinary case: the LAN is quick, where it is not cut."""
        gate = self.gate(number)
        gate.show(guest)
        self.collect()
        for _ in range(2):
            self.everything_arrives()
        gate.goes_through()
        self.collect()

    @rule(seconds=st.sampled_from((0.1, 0.3, 5.0, 60.0)))
    def time_passes(self, seconds: float) -> None:
        for gate in (*self.gates, self.lies):
            gate.pass_by(seconds)
        self.collect()

    @rule(number=which)
    def gate_speaks(self, number: int) -> None:
        self.gate(number).speak()
        self.collect()

    @rule(number=which)
    def gate_starts_anew(self, number: int) -> None:
        self.gate(number).restart()
        self.collect()

    # --- on the LAN -------------------------------------------------------------------------------

    def collect(self) -> None:
        for gate in self.gates:
            for message in gate.said:
                self.flying += [(message, other) for other, _ in enumerate(self.gates) if self.gates[other] is not gate]
            gate.said.clear()

    @precondition(lambda self: self.flying)
    @rule(at=st.integers(0, 99), twice=st.booleans())
    def one_arrives(self, at: int, twice: bool) -> None:
        message, to = self.flying.pop(at % len(self.flying))
        for _ in range(2 if twice else 1):
            self.carry(message, to)
        self.collect()

    @rule()
    def everything_arrives(self) -> None:
        flying, self.flying = self.flying, []
        for message, to in flying:
            self.carry(message, to)
        self.collect()

    @precondition(lambda self: self.flying)
    @rule(at=st.integers(0, 99))
    def one_is_lost(self, at: int) -> None:
        del self.flying[at % len(self.flying)]

    @rule(one=which, other=which, is_cut=st.booleans())
    def link_is_cut_or_mended(self, one: int, other: int, is_cut: bool) -> None:
        pair = (min(one, other), max(one, other))
        (self.cut.add if is_cut else self.cut.discard)(pair)

    def carry(self, message: Message, to: int) -> None:
        sender = next((at for at, gate in enumerate(self.gates) if gate.box.edge == message.edge), to)
        if (min(sender, to), max(sender, to)) not in self.cut or sender == to:
            self.gates[to].hear(message)

    @rule(number=which, guest=guests, told=st.sampled_from(LIES), name=st.sampled_from(("uses", "party", "at", "held", "car")))
    def neighbour_lies(self, number: int, guest: int, told: Any, name: str) -> None:
        """Say anything, signed with a key that the rules name."""
        how: Any = "sum" if name == "uses" else "set"
        seq, about = self.lies.talk.dropped["lies"] + 1, visit_id(guest) if name != "at" else UUID(int=GUESTS_FROM + guest)
        self.lies.talk.dropped["lies"] += 1
        row = FactRow(
            epoch=self.gate(number).journal.epoch, seq=seq * 1000, name=f"{name}:{about}", how=how, value=told, at_us=2**50
        )
        self.lies.talk.say_facts([row], self.lies.now)
        self.lies_arrive()

    @rule()
    def neighbour_answers_every_claim_with_yes(self) -> None:
        for message, _ in list(self.flying):
            try:
                claim = read(message.payload, self.keys).body
            except PeerError:
                continue
            if isinstance(claim, ClaimAsked):
                yes = ClaimAnswer(to=message.edge, nonce=claim.nonce, yes=True, at_us=1)
                self.lies.talk._say(yes, self.lies.now)
        self.lies_arrive()

    @rule(guest=guests, number=which, allowed=st.sampled_from((1, 1_000_000)))
    def neighbour_claims_for_nobody(self, guest: int, number: int, allowed: int) -> None:
        asked: Any = ("pass", 1, "p") if guest == WORKER else ("visit", allowed, "")
        paper, allowed, permit = asked
        self.lies.talk.dropped["lies"] += 1
        nonce, person = UUID(int=self.lies.talk.dropped["lies"]), UUID(int=GUESTS_FROM + guest)
        to, identity = self.gate(number).box.edge, visit_id(guest)
        claim = ClaimAsked(
            to=to, nonce=nonce.hex, paper=paper, identity=identity, person=person, allowed=allowed, permit=permit, lane="in-1"
        )
        self.lies.talk._say(claim, self.lies.now)
        self.lies_arrive()

    def lies_arrive(self) -> None:
        for message in self.lies.said:
            for gate in self.gates:
                gate.hear(message)
        self.lies.said.clear()
        self.collect()

    # --- the registry -----------------------------------------------------------------------------

    @rule(number=which)
    def registry_is_there_for_a_moment(self, number: int) -> None:
        """One gate sends what it has, and hears what others have sent."""
        self.sent = {**getattr(self, "sent", {}), number % len(self.gates): self.gate(number).told()}
        self.gate(number).fetch([row for rows in self.sent.values() for row in rows])
        self.collect()

    def registry_comes_back(self) -> None:
        """All is told to all: nobody goes by neighbours' words any more, and what was used is known everywhere."""
        rows = [row for gate in self.gates for row in gate.told()]
        for gate in self.gates:
            gate.fetch(rows)
            honest = {one.box.edge for one in self.gates}
            left = [one for one in gate.core.hearsay.spoken if one.edge in honest]
            assert not left, (left, gate.journal.times, [row for row in rows if row[3] == left[0].change[1]])
        self.ledger_has_all_and_nothing_else()
        for guest, allowed in enumerate(GUESTS):
            known = {gate.journal.presence.facts.get(f"uses:{visit_id(guest)}", 0) for gate in self.gates}
            assert len(known) == 1
            [uses] = known
            assert uses == uses_in(self.gates, guest)
            admitted = self.admitted()[guest]
            assert isinstance(uses, int)
            assert uses >= admitted, "each who came in is counted"
            if admitted > allowed:
                assert self.reuse == "lenient"
                assert uses > allowed, "the ledger sees it"

    def ledger_has_all_and_nothing_else(self) -> None:
        """Who came in more often than may be is found, by the registry's own detectors; nothing is where gates are strict."""
        marks = [mark for gate in self.gates for mark in gate.marks()]
        for guest, allowed in enumerate(MAY_COME):
            topic = topic_of(guest, WORKER)
            found = list(contradictions(topic, [one for one in marks if one.topic == topic], allowed))
            assert {one.kind for one in found} <= {"pass_used_twice"}
            assert found or self.admitted()[guest] <= allowed, (topic, marks)
            assert not (found and self.reuse == "strict")

    # --- what must hold ---------------------------------------------------------------------------

    def admitted(self) -> Counter[int]:
        """How often each guest has come in without a guard."""
        return Counter(guest for gate in self.gates for guest in gate.admitted)

    @invariant()
    def strict_never_admits_more_often_than_may_be(self) -> None:
        if self.gates and self.reuse == "strict":
            assert all(self.admitted()[guest] <= allowed for guest, allowed in enumerate(MAY_COME))

    @invariant()
    def no_gate_alone_admits_more_often_than_may_be(self) -> None:
        for gate in self.gates:
            assert all(count <= MAY_COME[guest] for guest, count in Counter(gate.admitted).items())

    @invariant()
    def only_the_rules_let_in(self) -> None:
        for gate in self.gates:
            assert set(gate.grants) <= GRANTS


def contradictions(topic: str, marks: list[Mark], allowed: int) -> Iterator[Finding]:
    """Yield what the registry's ledger finds of the uses of a visit, or of a duplicate."""
    if topic.startswith("held:"):
        yield from movements(topic, marks)
    elif (found := used_beyond(topic, marks, allowed)) is not None:
        yield found


def test_a_pass_by_which_somebody_is_coming_in_at_home_is_not_used_elsewhere_meanwhile() -> None:
    machine = CutOff()
    machine.begin("strict", 2, 0.0)
    for number in range(2):
        machine.guest_comes(number, WORKER)
    for _ in range(2):
        machine.everything_arrives()
    for number in range(2):
        machine.guest_goes_through(number)
    assert machine.admitted()[WORKER] == 1
    machine.teardown()


def test_a_gate_that_alone_is_cut_off_hears_what_others_did_and_the_registry_has_already() -> None:
    machine = CutOff()
    machine.begin("lenient", 2, 0.0)
    there, alone = machine.gates
    there.is_online = True
    machine.guest_comes(0, 0)
    machine.guest_goes_through(0)
    there.told()
    assert there.outstanding.look(there.acked) == [], "the registry has all of it"
    for _ in range(4):
        for number in range(2):
            machine.gate_speaks(number)
            machine.everything_arrives()
        machine.time_passes(5.0)
    assert f"uses:{visit_id(0)}" in {one.change[1] for one in alone.core.hearsay.spoken}
    machine.guest_comes(1, 0)
    assert not alone.grants
    alone.is_online = True
    machine.time_passes(60.0)
    for number in (1, 0):
        machine.gate_speaks(number)
        machine.everything_arrives()
    machine.gate_speaks(0)
    assert there.outstanding.rows() == [], "once it is back nothing more is told"
    machine.teardown()


def test_a_claim_for_nobody_hides_no_double_use_from_the_ledger() -> None:
    machine = CutOff()
    machine.begin("lenient", 3, 0.0)
    for number in (2, 1):
        machine.guest_comes(number, WORKER)
        machine.guest_goes_through(number)
    machine.neighbour_claims_for_nobody(WORKER, 0, 1)
    assert machine.admitted()[WORKER] == 2
    machine.teardown()


TestCutOff: Any = CutOff.TestCase
TestCutOff.settings = settings(max_examples=sized(quick=15, soak=2_000), stateful_step_count=sized(quick=20, soak=60))
