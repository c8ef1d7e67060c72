"""Neighbours over real brokers: a use here is known there, a claim is answered, and who is gone is seen to be gone."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from access.entries import PassageEnded, stamped
from edge.config import ConfigError, MqttSection
from edge.courier.neighbours import Neighbours
from edge.courier.progress import Progress
from edge.courier.surroundings import REAL
from edge.messages import TimeTold
from edge.peer_messages import ClaimAnswered, ClaimMade, HomeAsked, NeighboursHeard, PeerSaid, PeersKnown, PeerTaken
from edge.store.journal import Journal
from edge.store.received import Received
from tests.ports import answers, free_port
from tests.servers.mosquitto import Mosquitto
from tests.sync.lan import Box, visit_id
from tests.waiting import wait_until

BOXES = (Box(0), Box(1))
KNOWN = PeersKnown("lakeside", tuple((str(box.edge), box.key.public_key().public_bytes_raw()) for box in BOXES))
USED = PassageEnded("passed", "in", facts=(("add", f"uses:{visit_id(0)}", 1), ("set", "loading:car", 5)))
CLAIM: dict[str, Any] = {
    "paper": "visit",
    "identity": str(visit_id(0)),
    "person": str(visit_id(1)),
    "allowed": 1,
    "permit": "",
    "lane": "in-1",
}
NONCE = "0a" * 16


class Gate:
    """A journal, the courier's neighbours, and what the gate program is told."""

    def __init__(self, folder: Path, box: Box, url: str) -> None:
        folder.mkdir()
        self.box = box
        self.told: list[Any] = []
        now = REAL.calendar().timestamp()
        self.stamp = stamped(REAL.clock(), now)
        self.journal = Journal(folder / "journal.db", box.edge, self.stamp, bytes)
        self.received = Received(folder / "courier.db")
        self.progress = Progress(self.received)
        self.progress.time_told(TimeTold(REAL.clock(), now, trusted=True))
        self.neighbours = Neighbours(MqttSection(url=url), box.identity, folder / "journal.db", self.progress, REAL, self._take)
        self.neighbours.start()
        self.neighbours.hear(KNOWN)

    def _take(self, message: Any) -> bool:
        self.told.append(message)
        if isinstance(message, PeerSaid):
            self.neighbours.hear(PeerTaken(message.edge, message.serial))
        return True

    def writes(self, body: Any) -> None:
        self.journal.append([self.journal.draft(body, self.stamp)], self.stamp)
        self.neighbours.hear(None)

    def of(self, kind: type) -> list[Any]:
        return [one for one in self.told if isinstance(one, kind)]

    def sees(self, other: "Gate") -> tuple[bool, bool]:
        """Whether it hears another, and whether that one is reported gone."""
        newest = self.of(NeighboursHeard)[-1] if self.of(NeighboursHeard) else NeighboursHeard()
        edge = str(other.box.edge)
        return newest.heard_mono.get(edge) is not None, edge in newest.gone

    def close(self) -> None:
        self.neighbours.stop()
        self.journal.close()
        self.received.close()


@contextmanager
def embedded() -> Iterator[str]:
    """The broker that the demonstration brings along."""
    port = free_port()
    with subprocess.Popen((sys.executable, "-m", "simulators.demo.broker", str(port))) as process:
        wait_until(lambda: answers(port), what="the embedded broker to accept connections")
        yield f"mqtt://127.0.0.1:{port}"
        process.kill()


@pytest.fixture(params=["mosquitto", "embedded"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "mosquitto":
        broker: Mosquitto = request.getfixturevalue("mosquitto")
        yield broker.url
    else:
        with embedded() as address:
            yield address


def test_two_gates_hear_each_other_ask_and_answer_and_see_who_is_gone(url: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        east, west = (Gate(tmp_path / str(box.number), box, url) for box in BOXES)
        stack.callback(west.close)
        wait_until(lambda: east.sees(west)[0] and west.sees(east)[0], what="each to hear the other")
        east.writes(USED)
        wait_until(lambda: any(one.rows for one in west.of(PeerSaid)), what="the use to be known at the other gate")
        [row] = [row for one in west.of(PeerSaid) for row in one.rows]
        assert (row[0], row[2:5]) == (east.journal.epoch.hex, (f"uses:{visit_id(0)}", "sum", 1))
        east.neighbours.hear(HomeAsked(str(west.box.edge), NONCE, **CLAIM))
        wait_until(lambda: bool(west.of(ClaimMade)), what="the claim to arrive")
        assert west.of(ClaimMade) == [ClaimMade(str(east.box.edge), NONCE, **CLAIM)]
        west.neighbours.hear(ClaimAnswered(str(east.box.edge), NONCE, yes=True, at_us=5))
        wait_until(lambda: bool(east.of(ClaimAnswered)), what="the answer to arrive")
        assert east.of(ClaimAnswered) == [ClaimAnswered(str(west.box.edge), NONCE, yes=True, at_us=5)]
        assert not west.of(NeighboursHeard)[-1].dropped
        east.close()
        wait_until(lambda: west.sees(east)[1], what="the other to be seen gone")


def test_a_gate_that_is_killed_is_gone_by_its_last_will_and_who_comes_late_is_told_all(
    mosquitto: Mosquitto, tmp_path: Path, take_away: Callable[[Neighbours], None]
) -> None:
    east = Gate(tmp_path / "0", BOXES[0], mosquitto.url)
    east.writes(USED)
    wait_until(lambda: east.neighbours._talk._told > 0, what="it to have been said while nobody heard it")
    west = Gate(tmp_path / "1", BOXES[1], mosquitto.url)
    with ExitStack() as stack:
        stack.callback(west.close)
        stack.callback(east.close)
        wait_until(lambda: any(one.rows for one in west.of(PeerSaid)), what="all to be told anew")
        take_away(east.neighbours)
        wait_until(lambda: west.sees(east)[1], what="the last will to arrive")


@pytest.fixture
def take_away() -> Callable[[Neighbours], None]:
    """Break a connection as a power cut does."""

    def cut(neighbours: Neighbours) -> None:
        wire = neighbours._wire
        assert wire is not None
        wire._client._sock_close()

    return cut


def test_a_password_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    settings = MqttSection(url="mqtt://gate@127.0.0.1", password_file=tmp_path / "none")
    received = Received(tmp_path / "courier.db")
    with pytest.raises(ConfigError, match=r"neighbours\.password_file"):
        Neighbours(settings, BOXES[0].identity, tmp_path / "journal.db", Progress(received), REAL, bool)
    received.close()
