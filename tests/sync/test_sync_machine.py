"""Sync under all that may befall it, in an order that chance invents: exactly once, in order, and all is there when it heals.

The journals, the courier's streams, the registry's application and its database are the real ones; the link, the clocks and the
hands of those who restore and copy disks are simulated.
"""

import itertools
import shutil
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from access.chain import genesis, link
from access.entries import EpochBegan
from access.sealing import unseal
from tests.sizes import sized
from tests.sync.clocks import Clocks
from tests.sync.gate import USED_ONCE, SimulatedGate
from tests.sync.link import Fate
from tests.sync.registry import Place, SimulatedRegistry, new_folder

GATES = ("east", "west")
BOXES_MAX = 4
DAY_S = 86_400.0
which = st.integers(0, BOXES_MAX - 1)


class SyncMachine(RuleBasedStateMachine):
    """Two gates, their twins, one registry."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = new_folder()
        self.clocks = Clocks()
        self.registry = SimulatedRegistry(self.folder, self.clocks)
        self.boxes: list[SimulatedGate] = []
        self.copies: dict[int, list[Path]] = defaultdict(list)
        self.histories: dict[Place, set[bytes]] = defaultdict(set)
        self.ever_stored: dict[Place, bytes] = {}
        self.cloned: set[UUID] = set()
        self.twins: set[UUID] = set()
        """Edges of which a copy runs that knows that it is one."""
        self.registry_was_put_back = False
        self.blocked = 0

    @initialize()
    def begin(self) -> None:
        for seed, name in enumerate(GATES):
            box = SimulatedGate(self.folder / name, self.registry, self.clocks, seed, name)
            box.enrol(name)
            box.open()
            self.boxes.append(box)

    def teardown(self) -> None:
        if self.boxes:
            self.everything_heals()
        for box in self.boxes:
            box.close()
        self.registry.close()
        shutil.rmtree(self.folder)

    def box(self, number: int) -> SimulatedGate:
        return self.boxes[number % len(self.boxes)]

    # --- the gates' life --------------------------------------------------------------------------

    @rule(number=which, entries=st.integers(1, 5))
    def write(self, number: int, entries: int) -> None:
        self.box(number).write(entries)

    @rule(number=which)
    def write_poison(self, number: int) -> None:
        self.box(number).write(1, poison=True)

    @rule(number=which, times=st.integers(1, 3))
    def visit_is_used(self, number: int, times: int) -> None:
        self.box(number).write_bodies(*[USED_ONCE] * times)

    @rule(number=which, steps=st.integers(1, 4))
    def send(self, number: int, steps: int) -> None:
        self.box(number).send(steps)

    @rule(number=which)
    def fetch_rules(self, number: int) -> None:
        self.box(number).fetch_rules()

    @rule(number=which)
    def fetch_facts(self, number: int) -> None:
        self.box(number).fetch_facts()

    @rule(number=which)
    def gate_restarts(self, number: int) -> None:
        box = self.box(number)
        box.close()
        box.open()

    @rule(number=which)
    def gate_is_backed_up(self, number: int) -> None:
        box = self.box(number)
        copies = self.copies[number % len(self.boxes)]
        copies.append(box.copy_to(box.places.root.with_name(f"{box.places.root.name}-copy-{len(copies)}")))

    @rule(number=which, choice=st.integers(0, 9))
    def gate_is_put_back(self, number: int, choice: int) -> None:
        if copies := self.copies[number % len(self.boxes)]:
            self.box(number).put_back(copies[choice % len(copies)])

    @rule(number=which, first=st.integers(2, 9), rows=st.integers(1, 3))
    def rows_are_lost(self, number: int, first: int, rows: int) -> None:
        """Let rows rot away, sent or not. A copy of before then, put back, would be a twin of what has gone on."""
        if self.box(number).lose_rows(first, rows):
            copies = self.copies.pop(number % len(self.boxes), [])
            for copy in copies:
                shutil.rmtree(copy)

    @precondition(lambda self: 0 < len(self.boxes) < BOXES_MAX)
    @rule(number=which, knows=st.booleans())
    def gate_is_cloned(self, number: int, knows: bool) -> None:
        """Copy a running box; a copy of the whole machine, unlike one of the disk, cannot know that it is one."""
        box = self.box(number)
        name = f"twin-{len(self.boxes)}"
        twin = SimulatedGate(
            box.copy_to(self.folder / name), self.registry, self.clocks, 10 + len(self.boxes), name if knows else box.home
        )
        twin.open()
        self.boxes.append(twin)
        (self.twins if knows else self.cloned).add(box.edge)

    @rule(number=which)
    def gate_moves(self, number: int) -> None:
        """Go on with the disk in another machine; the one before is no more."""
        box = self.box(number)
        box.close()
        box.home += "-moved"
        box.open()

    @rule(seconds=st.sampled_from((-365 * DAY_S, -3600.0, -5.0, 5.0, 3600.0, 365 * DAY_S)))
    def clock_jumps(self, seconds: float) -> None:
        self.clocks.wrong_s = seconds

    # --- the link ---------------------------------------------------------------------------------

    @rule(number=which, fates=st.lists(st.sampled_from(Fate), min_size=1, max_size=4))
    def link_fails(self, number: int, fates: list[Fate]) -> None:
        self.box(number).link.fates.extend(fates)

    @rule(number=which, is_cut=st.booleans())
    def link_is_cut_or_mended(self, number: int, is_cut: bool) -> None:
        self.box(number).link.is_cut = is_cut

    @rule(number=which)
    def late_requests_arrive(self, number: int) -> None:
        self.box(number).link.let_late_arrive()

    # --- the registry's life ----------------------------------------------------------------------

    @rule()
    def registry_restarts(self) -> None:
        self.registry.restart()

    @rule()
    def registry_is_backed_up(self) -> None:
        self.registry.copy()

    @rule(choice=st.integers(0, 9))
    def registry_is_put_back(self, choice: int) -> None:
        if self.registry.copies:
            self.registry.put_back(self.registry.copies[choice % len(self.registry.copies)])
            self.registry_was_put_back = True

    @rule()
    def rules_change(self) -> None:
        self.blocked += 1
        self.registry.change_rules(f"粤B{self.blocked:05d}")

    # --- what must hold ---------------------------------------------------------------------------

    @invariant()
    def nothing_is_stored_that_no_gate_has_written(self) -> None:
        for box in self.boxes:
            for place, canonical in box.written:
                self.histories[place].add(canonical)
        stored = self.registry.stored()
        assert all(canonical in self.histories[place] for place, canonical in stored.items())
        self.ever_stored |= stored

    @rule()
    def everything_heals(self) -> None:
        for _ in range(2):  # what one box makes the registry know, another hears in the second round
            for box in self.boxes:
                box.fetch_facts()
                box.settle()
        self.nothing_is_stored_that_no_gate_has_written()
        stored = self.registry.stored()
        self._check_chains(stored)
        assert self.registry.sums() == {(*epoch, "uses:visit"): uses for epoch, (uses, _) in used(stored).items()}
        for box in self.boxes:
            self._check_converged(box, stored)
            self._check_uses(box, stored)
        for one, other in itertools.combinations(self.boxes, 2):
            self._check_seen_through(one, other)
        missing = self.ever_stored.keys() - stored.keys()
        assert not missing or self.registry_was_put_back, "the registry forgets nothing by itself"

    def _check_chains(self, stored: dict[Place, bytes]) -> None:
        """Whatever befell, each epoch is one history on one chain: without a gap but those that its gate has declared."""
        epochs: dict[tuple[UUID, UUID], list[tuple[int, bytes]]] = defaultdict(list)
        for (edge, epoch, seq), canonical in sorted(stored.items()):
            epochs[edge, epoch].append((seq, canonical))
        for (edge, epoch), entries in epochs.items():
            head, expected, gaps = genesis(edge, epoch), 1, self.registry.gaps(edge, epoch)
            for seq, canonical in entries:
                if expected in gaps:
                    last, head = gaps[expected]
                    expected = last + 1
                assert seq == expected
                head, expected = link(head, canonical), seq + 1
            assert head == self.registry.head(edge, epoch)

    def _check_converged(self, box: SimulatedGate, stored: dict[Place, bytes]) -> None:
        if self._has_two_histories(box.edge):
            return
        assert self.registry.status(box.edge) == "active"
        held = box.held()
        assert {place: stored.get(place) for place in held} == held
        revision, records = box.rules_held()
        assert (revision, records) == (self.registry.revision(), self.registry.rules(box.identity.site, box.identity.gate))

    def _check_uses(self, box: SimulatedGate, stored: dict[Place, bytes]) -> None:
        """A box knows all uses of the visit that the registry has, each once, and no more than it ever had.

        What a registry that was put back has forgotten, and the gate that wrote it has lost, only those know who had heard of it.
        """
        known, ever = box.uses_heard(), used(self.ever_stored)
        assert box.uses() == sum(uses for uses, _ in known.values())
        if self.registry.status(box.edge) != "active":
            return  # it is told nothing any more
        for (edge, epoch), (uses, seq) in used(stored).items():
            if not self._has_two_histories(edge):
                assert (uses, seq) <= known[epoch] <= ever[edge, epoch]

    def _check_seen_through(self, one: SimulatedGate, other: SimulatedGate) -> None:
        """Two boxes that tell different things about one place are not both believed, and that is shown."""
        mine, theirs = one.held(), other.held()
        if any(mine[place] != theirs[place] for place in mine.keys() & theirs.keys()):
            assert self.registry.status(one.edge) == "quarantined" or one.is_in_dispute() or other.is_in_dispute()

    def _has_two_histories(self, edge: UUID) -> bool:
        """Tell whether a gate has told two histories: then people must look, and nothing more is promised than one chain."""
        if edge in self.cloned or (edge in self.twins and self._went_on_beside_its_copy(edge)):
            return True
        return any(place[0] == edge and len(told) > 1 for place, told in self.histories.items())

    def _went_on_beside_its_copy(self, edge: UUID) -> bool:
        """Tell whether an epoch was written on behind the entry at which a copy began its own, or two others follow it."""
        firsts = (told for (whose, _, seq), told in self.histories.items() if whose == edge and seq == 1)
        bodies = (unseal(canonical).body() for canonical in itertools.chain.from_iterable(firsts))
        began = [body for body in bodies if isinstance(body, EpochBegan) and body.follows_epoch]
        if len({body.follows_epoch for body in began}) < len(began):
            return True
        return any((edge, UUID(body.follows_epoch), body.follows_seq + 1) in self.histories for body in began)


def used(entries: Mapping[Place, bytes]) -> dict[tuple[UUID, UUID], tuple[int, int]]:
    """Return by edge and epoch how often these entries say that the visit was used, and which of them says so last."""
    found: dict[tuple[UUID, UUID], tuple[int, int]] = {}
    for (edge, epoch, seq), canonical in sorted(entries.items()):
        if unseal(canonical).kind == USED_ONCE.kind:
            uses, _ = found.get((edge, epoch), (0, 0))
            found[edge, epoch] = uses + 1, seq
    return found


TestSync: Any = SyncMachine.TestCase
TestSync.settings = settings(max_examples=sized(quick=12, soak=3_000), stateful_step_count=sized(quick=20, soak=40))


def test_a_copy_that_wrote_on_before_the_registry_heard_of_either_is_seen_through() -> None:
    """The registry has more of the epoch than the copy, and it is another's: what the copy wrote must not pass for sent."""
    machine = SyncMachine()
    machine.begin()
    machine.write(0, 1)
    machine.gate_is_cloned(0, knows=False)
    machine.write(0, 5)
    machine.write(2, 3)
    machine.teardown()
