"""The way down: all of a revision or nothing of it, and a snapshot for the gate after each."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from access.contract.sync import RECORDS_PER_PAGE_MAX, RulesPage
from edge.courier.down import PAUSE_S, POLL_DEADLINE_S, RulesStream
from edge.courier.errors import RefusalError, SyncError
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.snapshots import build
from edge.courier.surroundings import Surroundings
from edge.messages import SnapshotReady, TimeTold
from edge.places import Places
from edge.store.errors import StoreError
from edge.store.received import Received, reading, reading_rules
from edge.store.rules import map_snapshot
from tests.edge.courier.conftest import Clock
from tests.edge.courier.rules import LANE, SITE, card, page, person
from tests.edge.courier.wire import CAPTIVE_PORTAL, LOST_REPLY, LOST_REQUEST, Answer, Fault, Handler, WireRegistry, refusing


class HerePass:
    """The building pass, without its process."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self.full = False

    def build(self) -> None:
        if self.full:
            raise StoreError("the disk is full")
        build(self._places.courier, self._places.snapshots, 0)


@pytest.fixture
def builder(places: Places) -> HerePass:
    return HerePass(places)


@pytest.fixture
def announced() -> list[tuple[Path, int]]:
    return []


@pytest.fixture
def make(  # a restart of the courier is another stream over the same store
    received: Received,
    places: Places,
    builder: HerePass,
    registry: Registry,
    progress: Progress,
    around: Surroundings,
    announced: list[tuple[Path, int]],
) -> Callable[[], RulesStream]:
    def announce(snapshot: SnapshotReady) -> None:
        announced.append((Path(snapshot.path), snapshot.revision))

    return lambda: RulesStream(received, places.snapshots, builder, registry, progress, around, announce)


@pytest.fixture
def rules(make: Callable[[], RulesStream]) -> RulesStream:
    return make()


AS_IT_IS = Fault(lambda handler, answer: handler.respond(answer), before=False)


def living(places: Places) -> set[str]:
    with reading_rules(places.courier) as (_, records):
        return {f"{kind} {data.get('name') or data['hashes'][0]}" for kind, _, data in records}


def test_rules_arrive_and_the_gate_is_told(
    rules: RulesStream, wire: WireRegistry, places: Places, progress: Progress, announced: list[tuple[Path, int]]
) -> None:
    wire.pages.append(page(0, 4, SITE, LANE, person(1), complete=True))
    assert rules.step() == 0
    assert rules.step() == PAUSE_S, "nothing new, but the registry may answer without waiting"
    assert [asked["since"] for asked in wire.rules_asked] == ["0", "4"]
    assert announced == [(places.snapshots / "4.snapshot", 4)]
    assert map_snapshot(announced[0][0]).revision == 4
    assert (progress.state({}).rules_revision, progress.state({}).online) == (4, True)


def test_the_history_of_what_is_installed_is_named_also_after_a_restart(
    make: Callable[[], RulesStream], wire: WireRegistry
) -> None:
    wire.pages.append(page(0, 4, SITE, LANE, complete=True).model_copy(update={"mark": "ab12"}))
    make().step()
    wire.pages.append(page(4, 6, person(1)).model_copy(update={"mark": "cd34"}))
    again = make()
    again.step()
    again.step()
    assert [asked.get("mark") for asked in wire.rules_asked] == [None, "ab12", "cd34"]


def test_pages_are_collected_at_one_revision(rules: RulesStream, wire: WireRegistry, places: Places) -> None:
    wire.pages.append(page(0, 9, SITE, complete=True, more="site:1"))
    wire.pages.append(page(0, 9, person(1), complete=True, more="person: &=%1"))
    wire.pages.append(page(0, 9, card(1), complete=True))
    rules.step()
    assert [(asked.get("after"), asked.get("until"), asked["wait"]) for asked in wire.rules_asked] == [
        (None, None, "20"),
        ("site:1", "9", "0"),
        ("person: &=%1", "9", "0"),
    ]
    assert living(places) == {"site Lakeside", "person P1*", f"card {1:032x}"}


@pytest.mark.parametrize("fault", [LOST_REPLY, CAPTIVE_PORTAL, refusing(503)], ids=["lost", "portal", "503"])
def test_a_half_received_revision_is_never_visible(
    fault: Fault, rules: RulesStream, wire: WireRegistry, places: Places, received: Received, announced: list[tuple[Path, int]]
) -> None:
    wire.pages.append(page(0, 1, SITE, person(1), complete=True))
    rules.step()
    old = living(places)
    wire.pages.append(page(1, 3, person(2), more="further"))

    def first_page_then(handler: Handler, answer: Answer) -> None:
        wire.faults.append(fault)
        handler.respond(answer)

    wire.faults.append(Fault(first_page_then, before=False))
    with pytest.raises((SyncError, RefusalError)):
        rules.step()
    assert (living(places), received.revision(), len(announced)) == (old, 1, 1)
    wire.pages.clear()
    wire.pages.append(page(1, 3, person(3)))
    rules.step()
    assert (wire.rules_asked[-1]["after"], wire.rules_asked[-1]["until"]) == ("further", "3")
    assert living(places) == old | {"person P2*", "person P3*"}, "it goes on where it broke off"


def test_after_a_restart_an_arrival_goes_on(make: Callable[[], RulesStream], wire: WireRegistry, places: Places) -> None:
    wire.pages.append(page(0, 9, SITE, complete=True, more="lane:1"))
    wire.faults.extend([AS_IT_IS, LOST_REQUEST])
    with pytest.raises(SyncError):
        make().step()
    wire.pages.append(page(0, 9, person(1), complete=True))
    make().step()
    assert living(places) == {"site Lakeside", "person P1*"}


@pytest.mark.parametrize("later", ["refused", "another revision", "another history"])
def test_an_arrival_that_the_registry_cannot_go_on_with_begins_anew(
    later: str, rules: RulesStream, wire: WireRegistry, places: Places
) -> None:
    wire.pages.append(page(0, 9, person(1), complete=True, more="site:1"))
    if later == "refused":
        wire.faults.extend([AS_IT_IS, refusing(422, "until")])
    else:
        other: Mapping[str, Mapping[str, Any]] = {"another revision": {"revision": 8}, "another history": {"mark": "ab12"}}
        wire.pages.append(page(0, 9, person(2), complete=True).model_copy(update=other[later]))
    with pytest.raises((SyncError, RefusalError)):
        rules.step()
    wire.pages.append(page(0, 8, SITE, complete=True))
    rules.step()
    assert living(places) == {"site Lakeside"}, "nothing of the half comes through later"


def test_pages_are_as_large_as_the_link_brings_in_time(
    rules: RulesStream, wire: WireRegistry, clock: Clock, places: Places
) -> None:
    def brought(handler: Handler, answer: Answer) -> None:
        took_s = int(wire.rules_asked[-1]["limit"]) / 25  # records a second
        clock.now += took_s
        handler.respond(answer) if took_s < POLL_DEADLINE_S else handler.hang_up()

    wire.faults.extend([Fault(brought, before=False)] * 8)
    for more in range(1, 9):
        wire.pages.append(page(0, 9, SITE, complete=True, more=f"site:{more}"))
    steps = 0
    while len(wire.rules_asked) < 8:
        steps += 1
        with suppress(SyncError):
            rules.step()
    assert [int(asked["limit"]) for asked in wire.rules_asked][:5] == [RECORDS_PER_PAGE_MAX, 1000, 500, 500, 500]
    assert steps == 3, "two answers did not come in time, the third question and those after it were answered"


BAD_PAGES = {
    "another question": page(7, 9),
    "going back with changes": page(5, 3),
    "a change before the question": RulesPage(since=5, revision=9, upserts=page(5, 5, person(1)).upserts),
    "a change after its revision": RulesPage(since=5, revision=9, upserts=page(5, 10, person(1)).upserts),
}


@pytest.mark.parametrize("bad", BAD_PAGES.values(), ids=BAD_PAGES.keys())
def test_impossible_pages_are_not_installed(bad: RulesPage, rules: RulesStream, wire: WireRegistry, received: Received) -> None:
    wire.pages.append(page(0, 5, SITE, complete=True))
    rules.step()
    wire.pages.append(bad)
    with pytest.raises(SyncError):
        rules.step()
    assert received.revision() == 5


def test_pages_of_two_revisions_are_not_mixed(rules: RulesStream, wire: WireRegistry, received: Received) -> None:
    wire.pages.append(page(0, 5, SITE, complete=True, more="x"))
    wire.pages.append(page(0, 6, LANE, complete=True))
    with pytest.raises(SyncError, match="other rules"):
        rules.step()
    assert received.revision() == 0


def test_26_a_registry_restored_from_a_backup_gives_its_older_rules(
    rules: RulesStream, wire: WireRegistry, places: Places, announced: list[tuple[Path, int]]
) -> None:
    wire.pages.append(page(0, 5, SITE, person(1), person(2), complete=True))
    rules.step()
    wire.pages.append(page(5, 3, SITE, person(1), complete=True))
    rules.step()
    assert living(places) == {"site Lakeside", "person P1*"}
    assert [path.name for path in places.snapshots.iterdir()] == ["3.snapshot"]
    assert announced[-1] == (places.snapshots / "3.snapshot", 3)


def test_after_a_restart_the_gate_is_told_before_the_registry_is_asked(
    make: Callable[[], RulesStream], rules: RulesStream, wire: WireRegistry, announced: list[tuple[Path, int]]
) -> None:
    wire.pages.append(page(0, 5, SITE, complete=True))
    rules.step()
    wire.faults.append(refusing(503))
    with pytest.raises(RefusalError):
        make().step()
    assert [revision for _, revision in announced] == [5, 5]


def test_a_snapshot_that_the_gate_has_not_taken_is_announced_again_and_made_whole_first(
    rules: RulesStream, wire: WireRegistry, announced: list[tuple[Path, int]]
) -> None:
    wire.pages.append(page(0, 5, SITE, complete=True))
    rules.step()
    path, _ = announced[0]
    path.write_bytes(path.read_bytes()[:-1])
    rules.announce_again()
    rules.step()
    rules.step()
    assert announced == [(path, 5)] * 2
    assert map_snapshot(path).revision == 5


def test_21_rules_of_the_past_are_not_forgotten_by_a_clock_that_nobody_vouches_for(
    make: Callable[[], RulesStream], wire: WireRegistry, progress: Progress, places: Places, clock: Clock
) -> None:
    def of(number: int, *, trusted: bool, years: int) -> list[int]:
        progress.time_told(TimeTold(clock.now, 1_800_000_000.0 + years * 366 * 86_400, trusted))
        wire.pages.append(page(number - 1, number, SITE, person(1), complete=number == 1))
        make().step()
        with reading(places.courier) as (_, kept):
            return list(kept)

    assert of(1, trusted=True, years=0) == [1]
    assert of(2, trusted=True, years=0) == [1, 2]
    assert of(3, trusted=False, years=10) == [1, 2, 3]
    assert of(4, trusted=True, years=1) == [2, 3, 4], "a year later indeed"


def test_a_snapshot_that_could_not_be_built_is_built_later(
    rules: RulesStream, wire: WireRegistry, builder: HerePass, announced: list[tuple[Path, int]]
) -> None:
    builder.full = True
    wire.pages.append(page(0, 5, SITE, complete=True))
    with pytest.raises(StoreError):
        rules.step()
    builder.full = False
    rules.step()
    assert [revision for _, revision in announced] == [5]
