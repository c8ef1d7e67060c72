"""Two real gates and a real registry: what the office asks moves a relay soon or never; who came in at one gate is
known at the other.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from access.contract.commands import COMMAND_LASTS_S
from access.entries import PassageEnded, RemoteActed
from access.sealing import Opened
from central.registry import Work
from central.users import services as users
from edge.booth_messages import GuardReply, GuardRequest
from edge.identity import load_identity
from edge.link import LinkClient
from edge.messages import Hello
from edge.store.reader import JournalReader
from simulators.wires.fault_proxy import FAIR, FaultProxy, Mood, Weather
from tests.faults.door import Door
from tests.faults.registry_program import RegistryProgram, told
from tests.sizes import sized
from tests.waiting import wait_until

pytestmark = pytest.mark.programs

LANE = "door-1"
OPEN = {"act": "open_once", "reason": "visitor", "words": "王女士"}
# How soon is judged where nothing else runs; beside other suites a command is carried out while it lasts, or never.
SOON_S = sized(quick=COMMAND_LASTS_S, soak=2.0)


@dataclass
class Site:
    """Two gates, the registry, and the link of the first, which may fail."""

    east: Door
    west: Door
    link: FaultProxy
    office: httpx.Client

    def ask(self, door: Door) -> str:
        lane = load_identity(door.places).lanes[LANE]
        reply = self.office.post(f"/lanes/{lane}/commands", json=OPEN)
        assert reply.status_code == 201, reply.text
        command: str = reply.json()["id"]
        return command

    def state(self, command: str) -> str:
        return str(self.office.get(f"/commands/{command}").raise_for_status().json()["state"])

    def opens(
        self, door: Door, record: Callable[[str, object], None] = lambda _name, _value: None, within_s: float = SOON_S
    ) -> str:
        """Open from afar and wait until it is done and somebody has gone through; returns the command."""
        before, passed, began = door.walkers[1].openings, len(entries(door, _is_passage)), time.monotonic()
        command = self.ask(door)
        wait_until(lambda: door.walkers[1].openings == before + 1, within_s, "the relay to move")
        record("command_s", time.monotonic() - began)
        wait_until(lambda: self.state(command) == "done", what="the result to be at the office")
        # A pulse upon a pulse that still lasts releases the door for longer, and is no other pulse.
        wait_until(lambda: len(entries(door, _is_passage)) > passed, what="somebody to go through")
        return command


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with ExitStack() as stack:
        registry = stack.enter_context(RegistryProgram(folder))
        registry.seed("east", "west")
        link = stack.enter_context(FaultProxy(("127.0.0.1", registry.port)))
        east = stack.enter_context(Door(folder / "east", gate="east", registry=link.url))
        west = stack.enter_context(Door(folder / "west", gate="west", registry=registry.url))
        for door, gate in ((east, "east"), (west, "west")):
            registry.enrol(door.config, gate)
            door.start("gate")
            door.start("courier")
        office = stack.enter_context(office_of(registry))
        for door in (east, west):
            door.pass_one(60)  # the first rules must come down
        yield Site(east, west, link, office)


def office_of(registry: RegistryProgram) -> httpx.Client:
    tokens: list[str] = []

    def sign_in(work: Work) -> None:
        users.add_user(work, "wang", "site_manager")
        tokens.append(users.sign_in_by_link(work, users.new_link(work, "wang")).token)

    registry.write(sign_in)
    headers = {"Authorization": f"Bearer {tokens[0]}"}
    return httpx.Client(base_url=f"{registry.url}/api/v1", timeout=30, verify=False, headers=headers)


def _is_passage(entry: Opened) -> bool:
    return entry.kind == PassageEnded.kind


def entries(door: Door, fits: Callable[[Opened], bool]) -> list[Opened]:
    reader = JournalReader(door.places.journal)
    try:
        return [entry for entry in reader.every() if fits(entry)]
    finally:
        reader.close()


def test_what_the_office_opens_opens_soon_and_a_repeated_request_moves_nothing(
    site: Site, record_property: Callable[[str, object], None]
) -> None:
    site.opens(site.west)
    command = site.opens(site.west, record_property)
    site.west.kill("gate")
    site.west.start("gate")
    before = site.west.walkers[1].openings
    reply = told_again(site.west, UUID(command))
    assert (reply.accepted, site.west.walkers[1].openings) == (True, before)
    acted = [body.command for body in told(site.west.places) if isinstance(body, RemoteActed)]
    assert acted.count(UUID(command).hex) == 1


def told_again(door: Door, command: UUID) -> GuardReply:
    """Hand the gate a command for a second time, as a courier would that lost the reply."""
    replies: list[Any] = []
    link = LinkClient(door.places.gate_socket, Hello("courier", "test"), replies.append)
    link.start()
    request = GuardRequest(command.hex, "open_once", LANE, "wang", "wang", "visitor", "", time.monotonic() + 8, source="office")
    wait_until(lambda: link.send(request), what="the gate to listen")
    answers = wait_until(lambda: [one for one in replies if isinstance(one, GuardReply)], what="the gate's answer")
    link.stop()
    return answers[0]


def test_what_is_held_back_for_longer_than_ten_seconds_moves_nothing(site: Site) -> None:
    before = site.east.walkers[1].openings
    site.link.become(Weather(Mood.DEAF))
    command = site.ask(site.east)
    wait_until(lambda: site.state(command) == "expired", COMMAND_LASTS_S + 2, "the command to expire")
    site.link.become(FAIR)
    site.opens(site.east, within_s=COMMAND_LASTS_S)  # the link is back, and what was held back has arrived
    assert site.east.walkers[1].openings == before + 1
    assert site.state(command) == "expired"


def test_who_came_in_at_one_gate_is_known_at_the_other_soon(site: Site, record_property: Callable[[str, object], None]) -> None:
    source = f"gate:{load_identity(site.east.places).edge}"
    site.east.pass_one(30)
    ended = entries(site.east, lambda entry: entry.kind == "passage" and bool(entry.fields["facts"]))[-1]
    facts = {(how, name, str(value)) for how, name, value in ended.fields["facts"] if name.startswith("at:")}

    def heard() -> list[Opened]:
        found = entries(site.west, lambda entry: entry.fields.get("source") == source)
        return [entry for entry in found if facts & {(how, name, str(value)) for how, name, value, *_ in entry.fields["facts"]}]

    known = wait_until(heard, what="the other gate to know")[0]
    record_property("fact_s", (known.stamp.utc_us - ended.stamp.utc_us) / 1e6)
    assert known.stamp.utc_us - ended.stamp.utc_us < 5e6
