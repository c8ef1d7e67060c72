"""Pictures and entrances are found by what a page knows: the id of a capture, or who is inside since when."""

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from access.entries import Body, Decided, Draft, EvidenceKept, Observed, PassageEnded, stamped
from access.identifiers import uuid7
from edge.store.journal import Journal
from edge.store.pictures import PicturesReader

CAR, GUEST = str(UUID(int=15)), str(UUID(int=16))
BEGAN = 1_770_000_000.0
EVERY_S = 30.0
COUNT = 120


def capture_at(utc: float) -> str:
    return uuid7(datetime.fromtimestamp(utc, UTC), bytes(10)).hex


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of an hour, with a passage and its pictures every half minute; the 7th is the car's, the 8th the guest's."""
    path = tmp_path_factory.mktemp("journal") / "journal.db"
    with closing(Journal(path, UUID(int=1), stamped(1.0, BEGAN), os.urandom)) as journal:
        for number in range(COUNT):
            at = BEGAN + number * EVERY_S
            subject = {7: CAR, 8: GUEST}.get(number, str(UUID(int=1000 + number)))
            facts = (("set", f"at:{subject}", ["site", int(at + 9)]), ("add", "zone:site", 1))
            bodies: list[tuple[Body, float]] = [
                (Decided("grant", "access_ok", "plate", "camera-in", 1, "in", capture=capture_at(at)), at),
                (EvidenceKept(capture_at(at), f"{number:064x}", 9, "camera-in"), at + 1),
                (EvidenceKept(capture_at(at), f"{number + 1:064x}", 9, "camera-in-2"), at + 1),
                (Observed("something else"), at + 5),
                (PassageEnded("passed", "in", 1, facts=facts), at + 9),
            ]
            drafts = [
                (Draft(uuid7(datetime.fromtimestamp(utc, UTC), os.urandom(10)), body, "in-1", f"p-{number}"), utc)
                for body, utc in bodies
            ]
            journal.append_stamped([(draft, stamped(utc - BEGAN, utc)) for draft, utc in drafts])
    return path


@pytest.fixture
def reader(path: Path) -> Iterator[PicturesReader]:
    with closing(PicturesReader(path)) as reader:
        yield reader


@pytest.mark.parametrize("number", [0, 7, 60, COUNT - 1])
def test_the_pictures_of_a_capture_are_found(reader: PicturesReader, number: int) -> None:
    found = reader.of_capture(capture_at(BEGAN + number * EVERY_S))
    assert [(one.camera, one.sha256) for one in found] == [
        ("camera-in", f"{number:064x}"),
        ("camera-in-2", f"{number + 1:064x}"),
    ]


@pytest.mark.parametrize(
    "capture",
    ["", "nonsense", str(UUID(int=4)), capture_at(BEGAN + 3.0), capture_at(BEGAN - 9999.0), capture_at(BEGAN + 99999.0)],
)
def test_of_another_capture_there_are_none(reader: PicturesReader, capture: str) -> None:
    assert reader.of_capture(capture) == []


def test_the_capture_of_an_entrance_is_found_by_who_came_in_and_when(reader: PicturesReader) -> None:
    at = BEGAN + 7 * EVERY_S
    assert reader.entrance(CAR, int(at + 9)) == capture_at(at)
    assert reader.entrance(GUEST, int(at + EVERY_S + 9)) == capture_at(at + EVERY_S)


@pytest.mark.parametrize(
    ("subject", "since"),
    [(CAR, 0.0), ("", BEGAN + 219), (CAR, BEGAN + 218), (GUEST, BEGAN + 219), (CAR, BEGAN + 99999), (CAR, 5.0)],
)
def test_who_came_in_elsewhere_or_at_another_time_has_no_picture_here(reader: PicturesReader, subject: str, since: float) -> None:
    assert reader.entrance(subject, since) == ""


def test_an_empty_journal_has_no_pictures(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    made = closing(Journal(path, UUID(int=1), stamped(1.0, BEGAN), os.urandom))
    with made, closing(PicturesReader(path)) as reader:
        assert (reader.of_capture(capture_at(BEGAN)), reader.entrance(CAR, BEGAN)) == ([], "")
