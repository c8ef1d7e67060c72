"""Files of changes: when one is written, upon which base, how long that stays, and what becomes of it where it is amiss."""

from collections.abc import Callable
from pathlib import Path

import pytest

from access.contract.records import AnyRecord
from access.contract.sync import RulesPage
from access.snapshot import SnapshotError
from edge.courier.down import RulesStream
from edge.courier.errors import RefusalError
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.snapshots import RULES_MANY, Builder, build, forget_from, is_whole, snapshot_path
from edge.courier.surroundings import Surroundings
from edge.places import Places
from edge.store.received import Received
from edge.store.rules import base_of, map_snapshot
from tests.edge.courier.rules import LANE, SITE, card, page, person
from tests.edge.courier.wire import WireRegistry, refusing

Publish = Callable[..., Path]


@pytest.fixture
def publish(places: Places, received: Received) -> Publish:
    """Install what changed at a revision, and build; a handful of rules are many here."""

    def publish(revision: int, *records: AnyRecord, few: int = 2) -> Path:
        received.begin_arrival()
        received.arrive(page(0, revision, *records))
        received.install(revision, 1000, complete=False)
        return build(places.courier, places.snapshots, 0, many=3, few=few)

    return publish


def bases(places: Places) -> dict[str, int | None]:
    return {path.name: base_of(path) for path in sorted(places.snapshots.iterdir(), key=lambda path: int(path.stem))}


def test_changes_lie_on_the_newest_whole_file_never_on_changes(publish: Publish, places: Places) -> None:
    publish(1, SITE, LANE, person(0), card(1))
    publish(2, card(2))
    publish(3, card(3))
    assert bases(places) == {"1.snapshot": None, "2.snapshot": 1, "3.snapshot": 1}
    publish(4, card(4))  # the third since 1, where two are few
    publish(5, card(5))
    assert bases(places) == {"1.snapshot": None, "3.snapshot": 1, "4.snapshot": None, "5.snapshot": 4}


def test_of_few_rules_all_are_packed(publish: Publish, places: Places) -> None:
    publish(1, SITE)
    publish(2, LANE)
    publish(3, person(1))
    assert bases(places) == {"1.snapshot": None, "2.snapshot": None, "3.snapshot": 2}, "three are many here"


def test_the_base_of_a_kept_file_stays_and_goes_with_it(publish: Publish, places: Places) -> None:
    publish(1, SITE, LANE, person(0), card(1))
    for revision in range(2, 7):
        publish(revision, card(1))
    assert bases(places) == {"1.snapshot": None, "4.snapshot": 1, "5.snapshot": 1, "6.snapshot": 1}
    for revision in range(7, 10):
        publish(revision, SITE.model_copy(update={"name": f"Lakeside {revision}"}))
    assert bases(places) == dict.fromkeys(("7.snapshot", "8.snapshot", "9.snapshot"))


def test_what_is_mapped_answers_after_its_files_are_gone(publish: Publish) -> None:
    base = publish(1, SITE, LANE, person(0), card(1))
    path = publish(2, card(2))
    rules = map_snapshot(path)
    base.unlink()
    path.unlink()
    assert (rules.revision, rules.credentials, list(rules.lanes)) == (2, 2, ["in-1"])


def damage(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


@pytest.mark.parametrize("harm", [Path.unlink, damage, lambda path: path.write_bytes(b"")], ids=["gone", "damaged", "empty"])
def test_without_its_base_a_file_is_refused_and_all_is_packed_again(
    publish: Publish, places: Places, harm: Callable[[Path], object]
) -> None:
    base = publish(1, SITE, LANE, person(0), card(1))
    path = publish(2, card(2))
    harm(base)
    assert not is_whole(path)
    with pytest.raises(SnapshotError):
        map_snapshot(path)
    build(places.courier, places.snapshots, 0, many=3)
    assert (base_of(path), is_whole(path)) == (None, True)


def test_changes_upon_the_base_of_another_site_are_refused(publish: Publish, places: Places, tmp_path: Path) -> None:
    base = publish(1, SITE, LANE, person(0), card(1))
    path = publish(2, card(2))
    other = Places(tmp_path / "other")
    other.make()
    received = Received(other.courier)
    received.arrive(page(0, 1, SITE.model_copy(update={"card_key": "11" * 32})))
    received.install(1, 0, complete=True)
    received.close()
    base.write_bytes(build(other.courier, other.snapshots, 0).read_bytes())
    with pytest.raises(SnapshotError, match="another site"):
        map_snapshot(path)


def test_when_the_registry_goes_back_no_changes_lose_their_base(publish: Publish, places: Places, received: Received) -> None:
    publish(5, SITE, LANE, person(0), card(1))
    publish(6, card(2))
    publish(7, card(3))
    forget_from(places.snapshots, 7)
    assert bases(places) == {"5.snapshot": None, "6.snapshot": 5}
    forget_from(places.snapshots, 5)
    assert bases(places) == {}
    received.arrive(page(7, 5, SITE, LANE, person(0)))
    received.install(5, 0, complete=True)
    assert base_of(publish(8, card(4))) is None


def test_one_mapping_of_a_base_serves_all_changes_on_it(publish: Publish) -> None:
    base = publish(1, SITE, LANE, person(0), card(1))
    rules = [map_snapshot(publish(revision, card(1))) for revision in (2, 3, 4)]
    assert mappings(base) == 1
    rules.clear()
    assert mappings(base) == 0, "and it goes with the last of them, without a collector"


def mappings(path: Path) -> int:
    return Path("/proc/self/maps").read_text(encoding="utf-8").count(str(path))


def test_a_pass_of_its_own_packs_the_changes_of_a_large_site(places: Places, received: Received) -> None:
    received.arrive(page(0, 1, SITE, LANE, person(0)))
    for first in range(0, RULES_MANY, 2_000):
        received.arrive(RulesPage(since=0, revision=1, upserts=page(0, 1, *map(card, range(first, first + 2_000))).upserts))
    received.install(1, 0, complete=True)
    builder = Builder(places.courier, places.snapshots)
    builder.build()
    received.arrive(page(1, 2, card(7).model_copy(update={"status": "lost"})))
    received.install(2, 0, complete=False)
    builder.build()
    rules = map_snapshot(path := snapshot_path(places.snapshots, 2))
    lost = rules.credential_of(card(7).id)
    assert (rules.base, rules.credentials, lost and lost.status) == (1, RULES_MANY, "lost")
    assert path.stat().st_size < 10_000


def test_after_a_restart_a_file_without_its_base_is_not_announced(
    publish: Publish,
    places: Places,
    received: Received,
    registry: Registry,
    wire: WireRegistry,
    progress: Progress,
    around: Surroundings,
) -> None:
    base, path = publish(1, SITE, LANE, person(0), card(1)), publish(2, card(2))
    base.unlink()
    announced: list[tuple[Path, int]] = []
    stream = RulesStream(
        received,
        places.snapshots,
        Builder(places.courier, places.snapshots),
        registry,
        progress,
        around,
        lambda ready: announced.append((Path(ready.path), ready.revision)),
    )
    wire.faults.append(refusing(503))
    with pytest.raises(RefusalError):
        stream.step()
    assert announced == [(path, 2)]
    assert map_snapshot(path).base is None
