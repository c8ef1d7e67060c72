"""The snapshot file of the installed rules: whole or not there, the last few kept, flat in memory."""

import os
import resource
from pathlib import Path
from threading import Thread

import pytest

from access.contract.records import AnyRecord
from access.contract.sync import RulesPage
from edge.courier.snapshots import SNAPSHOTS_KEPT, Builder, build, forget_from, snapshot_path
from edge.places import Places
from edge.store.errors import StoreError
from edge.store.received import Received
from edge.store.rules import map_snapshot
from tests.edge.courier.rules import LANE, SITE, card, page, person


def install(received: Received, revision: int, *records: AnyRecord) -> None:
    received.arrive(page(0, revision, *records))
    received.install(revision, 1000, complete=False)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_file_holds_the_rules(places: Places, received: Received) -> None:
    install(received, 7, SITE, LANE, person(0), card(1), card(2))
    path = build(places.courier, places.snapshots, built_utc=1234)
    assert path == snapshot_path(places.snapshots, 7)
    snapshot = map_snapshot(path)
    assert (snapshot.revision, snapshot.built_utc, snapshot.credentials, list(snapshot.lanes)) == (7, 1234, 2, ["in-1"])


def test_the_last_few_are_kept(places: Places, received: Received) -> None:
    for revision in (8, 9, 10, 11):
        install(received, revision, SITE, person(revision))
        build(places.courier, places.snapshots, 0)
    assert SNAPSHOTS_KEPT == 3
    assert names(places.snapshots) == ["10.snapshot", "11.snapshot", "9.snapshot"]


def test_rules_that_make_no_snapshot_leave_no_file(places: Places, received: Received) -> None:
    (places.snapshots / "17.draft").write_bytes(b"left by a power cut")
    install(received, 3, person(1))
    with pytest.raises(StoreError, match="no snapshot can be built"):
        build(places.courier, places.snapshots, 0)
    assert names(places.snapshots) == []


def test_what_the_registry_took_back_is_forgotten(places: Places) -> None:
    for name in ("4.snapshot", "5.snapshot", "12.snapshot", "notes.snapshot"):
        (places.snapshots / name).touch()
    forget_from(places.snapshots, 5)
    assert names(places.snapshots) == ["4.snapshot", "notes.snapshot"]


def test_the_pass_is_a_process_of_its_own(places: Places, received: Received) -> None:
    install(received, 7, SITE)
    Builder(places.courier, places.snapshots).build()
    assert map_snapshot(snapshot_path(places.snapshots, 7)).revision == 7


def test_what_the_pass_says_is_told(places: Places, received: Received) -> None:
    with pytest.raises(StoreError, match="no snapshot can be built"):
        Builder(places.courier, places.snapshots).build()


def test_a_large_site_does_not_fill_this_process(places: Places, received: Received) -> None:
    site = page(0, 1, SITE, LANE, person(0))
    received.arrive(site)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for first in range(0, 40_000, 2_000):
        received.arrive(RulesPage(since=0, revision=1, upserts=page(0, 1, *map(card, range(first, first + 2_000))).upserts))
    received.install(1, 0, complete=True)
    Builder(places.courier, places.snapshots).build()
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert map_snapshot(snapshot_path(places.snapshots, 1)).credentials == 40_000
    assert grown_mib < 60, f"grown by {grown_mib:.0f} MiB"


def test_a_pass_can_be_ended(places: Places, received: Received) -> None:
    pipe = places.run / "database"
    os.mkfifo(pipe)
    builder = Builder(pipe, places.snapshots)  # nobody ever writes into it
    errors: list[str] = []

    def building() -> None:
        try:
            builder.build()
        except StoreError as error:
            errors.append(str(error))

    thread = Thread(target=building)
    thread.start()
    while thread.is_alive():
        builder.stop()
        thread.join(0.05)
    assert errors == ["the pass ended with -9"]
    assert names(places.snapshots) == []
