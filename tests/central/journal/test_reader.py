"""A batch read by the process beside comes out as it does here; when that process dies, or cannot, it is read here."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from uuid import UUID

import cbor2
import pytest

from central.errors import RegistryError
from central.journal import reader as beside
from central.journal.forms import FORMS, NAMES
from central.journal.reader import WORTHWHILE_BYTES, Reader, Readers
from central.journal.reading import PORTION, Home, read
from central.tables import JournalEntry
from tests.central.gate import Gate

LANES = {"north-in": bytes(range(16))}
HOME = Home("sqlite", b"s" * 16, b"g" * 16, 1_790_000_000_000_000, LANES, 0, {})
ENTRIES = 2 * PORTION + 1
# More than a pipe holds; none of it can be read as an entry, so that all of it comes back.
LARGE = cbor2.dumps(
    {
        "version": 1,
        "edge": UUID(int=1),
        "epoch": UUID(int=2),
        "follows": bytes(32),
        "entries": [{"seq": seq, "canonical": bytes(8000), "personal": b""} for seq in range(1, 400)],
    }
)


@pytest.fixture
def reader() -> Iterator[Reader]:
    with closing(Reader()) as opened:
        yield opened


@pytest.fixture
def body(gate: Gate) -> bytes:
    for n in range(ENTRIES):
        gate.decide(after_s=n)
    made = gate.batch(1)
    assert len(made) >= WORTHWHILE_BYTES
    return made


def killed(reader: Reader) -> int:
    """Kill the other process; returns its id."""
    pid = reader.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def stopped(reader: Reader) -> None:
    """Stop the other process, as a debugger or a machine out of memory does."""
    assert reader.pid is not None
    os.kill(reader.pid, signal.SIGSTOP)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_read_beside_is_what_is_read_here(reader: Reader, body: bytes) -> None:
    for form in FORMS:
        home = HOME._replace(form=form)
        assert list(reader.read(body, home)) == list(read(body, home))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_reader_that_dies_amid_a_batch_loses_nothing_of_it_and_is_started_again(reader: Reader, body: bytes) -> None:
    portions = reader.read(body, HOME)
    came = [next(portions)]
    first = killed(reader)
    assert came + list(portions) == list(read(body, HOME))
    # Dead between two batches, and maybe found dead only as it is asked.
    for _ in range(2):
        assert list(reader.read(body, HOME)) == list(read(body, HOME))
    assert reader.pid not in {None, first}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_not_taken_of_a_batch_is_not_in_the_next(reader: Reader, body: bytes) -> None:
    with closing(reader.read(body, HOME)) as portions:
        next(portions)
    pid = reader.pid
    assert list(reader.read(body, HOME)) == list(read(body, HOME))
    assert pid == reader.pid


@pytest.mark.timeout(30)
def test_a_reader_that_stands_still_amid_a_message_is_given_up(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than the pipes hold is on its way: back, when it is stopped for the first time; there, for the second."""
    monkeypatch.setattr(beside, "PATIENCE_S", 0.2)
    monkeypatch.setattr(beside, "START_S", 1000.0)  # for one that has not answered yet only
    whole = list(read(LARGE, HOME))
    portions = reader.read(LARGE, HOME)
    came = [next(portions)]
    stopped(reader)
    assert came + list(portions) == whole
    assert list(reader.read(LARGE, HOME)) == whole
    stopped(reader)
    assert list(reader.read(LARGE, HOME)) == whole


def test_a_reader_that_dies_with_what_nobody_wants_any_more_is_no_ones_fault(reader: Reader) -> None:
    """More than the pipe holds is on its way."""
    portions = reader.read(LARGE, HOME)
    next(portions)
    killed(reader)
    portions.close()
    assert list(reader.read(LARGE, HOME)) == list(read(LARGE, HOME))


def test_a_user_who_has_many_pipes_keeps_his_descriptors(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "PIPE_BYTES", 2**30)  # more than anybody may have
    with pytest.raises(RegistryError, match="the body is no CBOR"):
        list(reader.read(b"\xff" * WORTHWHILE_BYTES, HOME))
    assert reader.pid is not None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_more_batches_at_once_than_there_are_readers(body: bytes) -> None:
    whole = list(read(body, HOME))
    with closing(Readers(1, patience_s=0.01)) as readers, closing(readers.read(body, HOME)) as one:
        came = [next(one)]
        with ThreadPoolExecutor() as threads:
            assert threads.submit(lambda: list(readers.read(body, HOME))).result() == whole
        assert came + list(one) == whole


def test_what_is_no_batch_is_refused_here_and_the_reader_goes_on(reader: Reader) -> None:
    for _ in range(2):
        with pytest.raises(RegistryError, match="the body is no CBOR"):
            list(reader.read(b"\xff" * WORTHWHILE_BYTES, HOME))
        pid = reader.pid
    assert pid == reader.pid


def test_a_row_names_every_column() -> None:
    assert set(NAMES) == {column.name for column in JournalEntry.__table__.columns}
