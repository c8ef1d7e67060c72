"""Where a journal may lie, and how it is written where the file system has no shared memory."""

import errno
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.contract.checkpoints import Checkpoint
from access.entries import AlarmRaised, Observed, Stamp
from access.sealing import ENTRY_BYTES_MAX
from edge.identity import Identity
from edge.logs import Log
from edge.places import Places
from edge.store import opening, questions, whereabouts
from edge.store.database import PAGE_BYTES
from edge.store.errors import StoreError, is_without_room
from edge.store.head import EVERY_ENTRIES, EVERY_S, WAITS_FOR_QUIET_S, HeadKeeper, kept_head
from edge.store.journal import Forgotten, Journal
from edge.store.renewal import Renewal
from edge.store.scribe import TIDY_EVERY, Scribe
from edge.store.sqlite import Database
from edge.store.whereabouts import file_system_of, home_of, is_over_the_network, refuse_network
from tests.faults.bad_disk import build_bad_disk
from tests.faults.journals import EDGE, KEY, STAMP, add, bodies_of, opened, stored
from tests.waiting import wait_until

MOUNTS = r"""
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
31 22 0:26 / /srv/far rw,relatime shared:9 master:2 - nfs4 server:/export rw
32 22 0:27 / /srv/far/but\040here rw - xfs /dev/sdb1 rw
33 22 0:28 / /home/gate rw - ext4 /dev/sdc1 rw
34 22 0:29 / /home/gate rw - fuse.sshfs gate@far:/ rw
garbage
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/gate", "ext4"),
        ("/srv/far/gate", "nfs4"),
        ("/srv/farther", "ext4"),
        ("/srv/far/but here/gate", "xfs"),
        ("/home/gate/data", "fuse.sshfs"),
    ],
)
def test_the_deepest_mount_tells_the_file_system(path: str, kind: str) -> None:
    assert file_system_of(Path(path), MOUNTS.splitlines()) == kind


@pytest.mark.parametrize(
    ("kind", "far"),
    [("ext4", False), ("tmpfs", False), ("fuse.ntfs", False), ("", False)]
    + [(kind, True) for kind in ("nfs", "nfs4", "cifs", "9p", "fuse.sshfs", "fuse.glusterfs")],
)
def test_what_lives_on_another_machine_is_told_by_its_kind(kind: str, *, far: bool) -> None:
    assert is_over_the_network(kind) is far


def test_a_journal_on_a_network_file_system_is_refused_in_plain_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_network(tmp_path)
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"31 22 0:26 / {tmp_path} rw - nfs4 server:/export rw\n", encoding="ascii")
    monkeypatch.setattr(whereabouts, "_MOUNTS", mounts)
    with pytest.raises(StoreError, match=r"network file system \(nfs4\): put the data folder on a disk of this machine"):
        opened(tmp_path / "journal.db")


def test_a_home_is_the_folder_and_not_the_file(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    assert home_of(tmp_path / "one") == home_of(tmp_path / "one") != home_of(tmp_path / "two")


def test_without_shared_memory_it_is_written_through_a_rollback_journal_and_said(tmp_path: Path) -> None:
    environment = {"LD_PRELOAD": str(build_bad_disk(tmp_path)), "BAD_DISK_NO_SHARED_MEMORY": "1"}
    command = [sys.executable, "-m", "tests.edge.store.without_shared_memory", str(tmp_path / "gate")]
    made = subprocess.run(command, env=os.environ | environment, stdout=subprocess.PIPE, check=True)
    said = json.loads(made.stdout)
    assert (said["mode"], said["synchronous"], said["alarms"]) == ("delete", 3, ["journal_without_log"])
    assert "no write-ahead log" in said["note"]
    assert AlarmRaised("journal_without_log") in bodies_of(tmp_path / "gate" / "journal.db")
    stored(tmp_path / "gate" / "journal.db")


@pytest.mark.parametrize("table", ["epochs", "heard", "heard_through", "notes", "rotten"])
def test_what_a_start_asks_for_is_looked_at_whole_however_long_the_journal(
    table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.db"
    opened(path).close()
    with closing(sqlite3.connect(path)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * PAGE_BYTES)
        file.write(b"\xee" * PAGE_BYTES)
    monkeypatch.setattr(opening, "_quick_check_of_all", lambda _db: "ok")
    with closing(opened(path)) as journal:
        assert journal.renewed is not None
        assert journal.renewed.reason == "rebuilt", "it never starts"


class Heard(sqlite3.Connection):
    """Tells that it was interrupted."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.is_interrupted = threading.Event()

    def interrupt(self) -> None:
        super().interrupt()
        self.is_interrupted.set()


def test_the_look_at_the_entries_ends_in_time_though_one_step_of_it_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LOOK_FOR_DAMAGE_S", 0.0)
    threads = threading.enumerate()
    with closing(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, factory=Heard)) as connection:
        connection.create_function("is_sound", 1, lambda _seq: True)
        connection.execute("CREATE TABLE entries (seq INTEGER CHECK (is_sound(seq)))")
        connection.execute("INSERT INTO entries VALUES (1), (2)")

        def never_ends(_seq: int) -> bool:
            connection.is_interrupted.clear()
            assert connection.is_interrupted.wait(60), "nobody breaks it off"
            return False

        connection.create_function("is_sound", 1, never_ends)
        assert opening._quick_check_of_all(Database(connection)) == "ok", "it came to its end"
        assert threading.enumerate() == threads, "what comes after might be broken off too"
        assert connection.execute("SELECT count(*) FROM entries").fetchone() == (2,)


@pytest.fixture
def scribe(tmp_path: Path) -> Iterator[Scribe]:
    identity = Identity(EDGE, EDGE, EDGE, {}, KEY, KEY.public_key())
    made = Scribe(Places(tmp_path), identity, Log("gate"), lambda: STAMP, lambda: False)
    yield made
    made.close()


def looked_after(scribe: Scribe, now: float) -> None:
    for _ in range(4):
        scribe.look_after(now, quiet=True)
        wait_until(lambda: scribe.is_idle, what="the journal to be looked after")


def test_a_head_is_signed_when_enough_is_new_and_nobody_waits_for_ever(tmp_path: Path) -> None:
    with closing(opened(tmp_path / "journal.db")) as journal:
        keeper = HeadKeeper(tmp_path / "head", KEY, journal, 0.0)
        assert not keeper.is_due(EVERY_S - 1, quiet=True)
        assert keeper.is_due(EVERY_S, quiet=True), "a minute after something new"
        keeper.keep(EVERY_S, STAMP.utc_us)
        assert not keeper.is_due(10 * EVERY_S, quiet=True), "nothing is new"
        journal.append([journal.draft(Observed("x"), STAMP) for _ in range(EVERY_ENTRIES)], STAMP)
        assert not keeper.is_due(EVERY_S + 1, quiet=False), "somebody waits"
        assert keeper.is_due(EVERY_S + 1 + WAITS_FOR_QUIET_S, quiet=False), "it is never quiet"
        kept = kept_head(tmp_path / "head", KEY, EDGE)
        assert kept is not None
        assert (kept.epoch, kept.seq) == (journal.epoch, 1)
        KEY.public_key().verify(bytes.fromhex(kept.signature), kept.signed_bytes())


def test_the_head_of_a_new_epoch_is_kept_at_once(tmp_path: Path) -> None:
    with closing(opened(tmp_path / "journal.db")) as journal:
        keeper = HeadKeeper(tmp_path / "head", KEY, journal, 0.0)
        keeper.keep(0.0, STAMP.utc_us)
        journal.renew(Renewal("restored"), STAMP)
        assert keeper.is_due(1.0, quiet=True), "were all of the new epoch lost, nothing would tell of it"
        keeper.keep(1.0, STAMP.utc_us)
        assert not keeper.is_due(2.0, quiet=True)


def test_a_head_of_another_key_or_edge_is_no_head(tmp_path: Path) -> None:
    head = tmp_path / "head"
    assert kept_head(head, KEY, EDGE) is None
    with closing(opened(tmp_path / "journal.db")) as journal:
        HeadKeeper(head, KEY, journal, 0.0).keep(0.0, STAMP.utc_us)
    assert kept_head(head, Ed25519PrivateKey.generate(), EDGE) is None
    assert kept_head(head, KEY, type(EDGE)(int=9)) is None
    head.write_text("{}", encoding="ascii")
    assert kept_head(head, KEY, EDGE) is None


def test_the_scribe_keeps_heads_and_shows_what_has_rotted(scribe: Scribe, tmp_path: Path) -> None:
    scribe.commit([scribe.draft(Observed(str(number))) for number in range(300)])
    scribe.journal._db.execute("UPDATE entries SET canonical = x'80' WHERE seq = 20")
    looked_after(scribe, scribe_now() + EVERY_S)
    assert scribe.checkpoint == kept_head(Places(tmp_path).head, KEY, EDGE)
    assert isinstance(scribe.checkpoint, Checkpoint)
    assert scribe.standing == {"entry_rotten"}


def test_a_head_that_cannot_be_kept_is_told_of_once_and_tried_each_minute(scribe: Scribe, tmp_path: Path) -> None:
    in_its_way, now = Places(tmp_path).head, scribe_now()
    in_its_way.mkdir()
    scribe.commit([scribe.draft(Observed(str(number))) for number in range(EVERY_ENTRIES)])
    for second in range(5):
        looked_after(scribe, now + second)
    assert bodies_of(tmp_path / "journal.db").count(AlarmRaised("disk_bad", "head")) == 1
    in_its_way.rmdir()
    looked_after(scribe, now + EVERY_S - 1)
    assert not in_its_way.exists()
    looked_after(scribe, now + EVERY_S)
    assert kept_head(in_its_way, KEY, EDGE) is not None
    in_its_way.unlink()
    in_its_way.mkdir()
    add(scribe.journal, Observed("new"))
    looked_after(scribe, now + 2 * EVERY_S)
    assert bodies_of(tmp_path / "journal.db").count(AlarmRaised("disk_bad", "head")) == 2
    in_its_way.rmdir()


def test_a_full_disk_is_no_bad_one() -> None:
    assert is_without_room(OSError(errno.ENOSPC, "no inodes"))
    assert not is_without_room(OSError(errno.EIO, "broken"))


def shown(scribe: Scribe) -> list[str]:
    """Return the codes of alarms that are new; each is in the journal by the same id, so it is the same after a restart."""
    alarms = list(scribe.new_alarms())
    written = {entry.id for entry in scribe.ask(questions.alarms, 200)}
    assert {alarm.id for alarm in alarms} <= written
    return [alarm.body.what for alarm in alarms if isinstance(alarm.body, AlarmRaised)]


def test_the_registrys_word_that_it_has_more_begins_an_epoch_and_is_shown(scribe: Scribe) -> None:
    before = scribe.journal.epoch
    for _ in range(2):
        scribe.fall_behind(before, 10)
        wait_until(lambda: scribe.is_idle, what="the registry to be heeded")
    assert scribe.journal.epoch != before
    assert shown(scribe) == ["journal_restored"]
    assert shown(scribe) == []


def test_an_entry_that_had_to_be_cut_is_shown_once_and_written_once(scribe: Scribe, tmp_path: Path) -> None:
    scribe.commit([scribe.draft(Observed("small"))])
    assert shown(scribe) == []
    scribe.commit([scribe.draft(Observed("large", detail="x" * ENTRY_BYTES_MAX)) for _ in range(2)])
    assert shown(scribe) == ["entry_cut"] * 2
    assert shown(scribe) == []
    scribe.commit([scribe.draft(Observed("again", detail="x" * ENTRY_BYTES_MAX))])
    assert shown(scribe) == ["entry_cut"]
    cut = [body for body in bodies_of(tmp_path / "journal.db") if isinstance(body, AlarmRaised)]
    assert cut == [AlarmRaised("entry_cut", "observation")] * 3


def test_old_entries_are_forgotten_with_proof(scribe: Scribe) -> None:
    scribe.commit([scribe.draft(Observed(str(number))) for number in range(300)])
    told: list[Forgotten] = []
    scribe.forget(scribe.journal.epoch, 50, "age", told.append)
    wait_until(lambda: scribe.is_idle, what="entries to be forgotten")
    assert [forgotten.count for forgotten in told] == [50]
    add(scribe.journal, Observed("goes on"))


def test_the_log_is_moved_too_where_nobody_passes_and_only_what_others_tell_is_written(scribe: Scribe, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    before = path.stat().st_size

    def page_is_heard() -> None:
        scribe.journal.append([scribe.draft(Observed("x" * 200))], STAMP)

    for _ in range(TIDY_EVERY):
        scribe.start(page_is_heard)
        wait_until(lambda: scribe.is_idle, what="a page to be written")
    looked_after(scribe, scribe_now())
    assert path.stat().st_size > before, "the log grows until somebody passes"


def scribe_now() -> float:
    """Monotonic seconds, as the scribe reads them at its start."""
    return time.monotonic()


def test_stamps_of_held_entries_are_of_when_they_happened(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(Journal(path, EDGE, STAMP, os.urandom)) as journal:
        late = Stamp(STAMP.mono_us + 9, STAMP.utc_us + 9)
        journal.append_stamped([(journal.draft(Observed("a"), STAMP), STAMP), (journal.draft(Observed("b"), late), late)])
        assert [entry.stamp for entry in journal.look(questions.entries_of, "")][-2:] == [STAMP, late]
