"""Rules on their way in: what is whole is handed over, and what is not is refused and may come again."""

from pathlib import Path

from edge.gate.events import SnapshotInstalled
from edge.gate.installing import Installing
from edge.logs import Log
from tests.edge.gate.playbook import estate


def test_what_is_not_whole_is_refused_and_taken_when_it_is(tmp_path: Path) -> None:
    given: list[SnapshotInstalled] = []
    installing = Installing(tmp_path, given.append, Log("gate"))
    whole, content = tmp_path / "1.snapshot", bytes(estate(1)._buffer)
    assert not installing.install(whole), "it is not there yet"
    whole.write_bytes(content[:-1])
    assert not installing.install(whole)
    whole.write_bytes(content)
    assert installing.install(whole, 7, back=True)
    assert [(one.snapshot.revision, one.path, one.serial, one.back) for one in given] == [(1, str(whole), 7, True)]
    outside = tmp_path.parent / f"{tmp_path.name}.snapshot"
    outside.write_bytes(content)
    assert not installing.install(outside)


def test_a_gate_begins_with_the_newest_that_is_whole(tmp_path: Path) -> None:
    given: list[SnapshotInstalled] = []
    (tmp_path / "2.snapshot").write_bytes(b"torn")
    for revision in (0, 1):
        (tmp_path / f"{revision}.snapshot").write_bytes(bytes(estate(revision)._buffer))
    Installing(tmp_path, given.append, Log("gate")).newest()
    assert [one.snapshot.revision for one in given] == [1]
