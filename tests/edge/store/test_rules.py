"""Snapshot files: mapped or refused, the newest first."""

import hashlib
import re
from pathlib import Path
from uuid import UUID

import pytest

from access.snapshot import SnapshotError
from edge.store.rules import fingerprint, let_go, map_snapshot, newest_first
from simulators.standalone import card, resident, small_rules, vehicle
from tests.access.rules_world import packed

WHOLE = packed(7, small_rules(bytes(32), ["in-1"]))


def test_a_mapped_snapshot_outlives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "7.snapshot"
    path.write_bytes(WHOLE)
    rules = map_snapshot(path)
    path.unlink()
    assert (rules.revision, rules.lanes["in-1"].kind, rules.code("x")) == (7, "vehicle", ())


@pytest.mark.parametrize("content", [b"", b"x", WHOLE[:-1], WHOLE + b"\0"])
def test_what_is_no_snapshot_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "7.snapshot"
    path.write_bytes(content)
    with pytest.raises(SnapshotError):
        map_snapshot(path)


def test_a_snapshot_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="cannot be mapped"):
        map_snapshot(tmp_path / "7.snapshot")


def test_the_newest_first_by_number(tmp_path: Path) -> None:
    for name in ("9.snapshot", "10.snapshot", "x.snapshot", "11.draft"):
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in newest_first(tmp_path)] == ["10.snapshot", "9.snapshot"]
    assert newest_first(tmp_path / "nowhere") == []


def test_the_fingerprint_is_that_of_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "7.snapshot"
    path.write_bytes(WHOLE)
    assert fingerprint(path) == hashlib.sha256(WHOLE).hexdigest()


def test_of_a_large_snapshot_only_what_was_looked_at_stays_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "7.snapshot"
    holder = UUID(int=1)
    cards = (card(UUID(int=2 << 64 | at), holder, [at.to_bytes(16, "little")]) for at in range(100_000))
    path.write_bytes(packed(7, [*small_rules(bytes(32), ["in-1"]), resident(holder, "李*", "1-1"), *cards]))
    rules = map_snapshot(path)
    assert rules.credentials == 100_000
    assert resident_bytes(path) < path.stat().st_size / 4


def resident_bytes(path: Path) -> int:
    """Return how much of a mapped file is resident."""
    maps = Path("/proc/self/smaps").read_text(encoding="utf-8")
    found = re.search(rf" {re.escape(str(path))}\n(?:.+\n)*?Rss: +(\d+) kB", maps)
    assert found
    return int(found[1]) * 1024


def test_memory_that_was_given_back_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "1.snapshot"
    path.write_bytes(packed(1, [*small_rules(bytes(range(32)), ["in-1"]), vehicle(UUID(int=15), UUID(int=1), "粤B8D2Z5")]))
    rules = map_snapshot(path)
    let_go(rules)
    let_go(rules.whole)
    assert [found.shown for found in rules.plate("粤B8D2Z5")] == ["粤B8D2Z5"]
