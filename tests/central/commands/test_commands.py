"""A remote command is given to one claim within ten seconds, and ends with what the gate did."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from access.contract.commands import COMMANDS_WAITING_MAX, CommandResult, CommandsWaiting, RemoteCommand
from central.app import app_of
from central.registry import Registry
from central.users.rights import Role
from tests.central.gate import Gate
from tests.central.serving import Switch

OPEN = {"act": "open_once", "reason": "visitor", "words": "王女士"}
SignIn = Callable[[Role], httpx.Client]


class Calendar:
    """UTC as a test moves it by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def address(server: tuple[str, Switch], registry: Registry, calendar: Calendar) -> str:
    base, switch = server
    switch.app = app_of(replace(registry, calendar=calendar))
    return base


@pytest.fixture
def lane(gate: Gate) -> UUID:
    return gate.enrolled.lanes["in-1"]


@pytest.fixture
def west(gate: Gate, address: str, registry: Registry) -> Iterator[Gate]:
    """The other gate of the site."""
    with Gate(address, seed=2, slug="west") as made:
        made.join(registry)
        yield made


def issued(office: httpx.Client, lane: UUID, **changes: Any) -> str:
    reply = office.post(f"/lanes/{lane}/commands", json=OPEN | changes)
    assert reply.status_code == 201, reply.text
    identity: str = reply.json()["id"]
    return identity


def state(office: httpx.Client, command: str) -> str:
    shown = office.get(f"/commands/{command}").raise_for_status().json()
    return str(shown["state"])


def waiting(gate: Gate, wait: int = 0) -> list[str]:
    reply = gate.ask("GET", f"/commands?wait={wait}", stream="commands")
    return [str(one) for one in CommandsWaiting.model_validate_json(reply.content).commands]


def claims(gate: Gate, command: str, by: UUID) -> httpx.Response:
    return gate.ask("POST", f"/commands/{command}/claim?by={by}", stream="commands")


def ends(gate: Gate, command: str, *, accepted: bool, refusal: str = "") -> httpx.Response:
    result = CommandResult(command=UUID(command), accepted=accepted, refusal=refusal)
    return gate.ask("POST", f"/commands/{command}/result", result.model_dump_json().encode(), stream="commands")


def test_a_command_is_claimed_and_its_result_comes_back(admin: httpx.Client, gate: Gate, lane: UUID) -> None:
    began = time.monotonic()
    command = issued(admin, lane)
    assert state(admin, command) == "waiting"
    assert waiting(gate) == [command]
    claimed = RemoteCommand.model_validate_json(claims(gate, command, uuid4()).content)
    assert (claimed.lane, claimed.act, claimed.issuer, claimed.reason, claimed.words) == (
        "in-1",
        "open_once",
        "site_manager",
        "visitor",
        "王女士",
    )
    gone_ms = 1000 * (time.monotonic() - began)
    assert 10_000 - gone_ms - 1 <= claimed.left_ms <= 10_000, "it has lost what went by, and no more"
    assert state(admin, command) == "claimed"
    assert waiting(gate) == []
    assert ends(gate, command, accepted=True).status_code == 204
    assert state(admin, command) == "done"
    assert [one["id"] for one in admin.get("/commands", params={"lane": str(lane)}).json()["items"]] == [command]


def test_a_gate_says_why_it_did_not(admin: httpx.Client, gate: Gate, lane: UUID) -> None:
    for refusal, shown in (("held_closed", "refused"), ("expired", "expired")):
        command = issued(admin, lane)
        claims(gate, command, uuid4())
        ends(gate, command, accepted=False, refusal=refusal)
        ends(gate, command, accepted=True)  # what comes later changes nothing
        assert state(admin, command) == shown
        assert admin.get(f"/commands/{command}").json()["refusal"] == refusal


def test_it_is_given_to_one_claim_which_may_ask_again_and_ends_only_then(admin: httpx.Client, gate: Gate, lane: UUID) -> None:
    command, mine = issued(admin, lane), uuid4()
    assert ends(gate, command, accepted=True).status_code == 409
    assert claims(gate, command, mine).status_code == claims(gate, command, mine).status_code == 200
    assert claims(gate, command, uuid4()).status_code == 409


def test_after_ten_seconds_it_is_given_to_nobody(admin: httpx.Client, gate: Gate, lane: UUID, calendar: Calendar) -> None:
    command = issued(admin, lane)
    calendar.ahead = timedelta(seconds=10)
    assert waiting(gate) == []
    assert claims(gate, command, uuid4()).status_code == 410
    assert state(admin, command) == "expired"


def test_another_gate_knows_nothing_of_it(admin: httpx.Client, gate: Gate, west: Gate, lane: UUID) -> None:
    command = issued(admin, lane)
    assert waiting(west) == []
    assert claims(west, command, uuid4()).status_code == 404
    claims(gate, command, uuid4())
    assert ends(west, command, accepted=True).status_code == 404


def test_a_poll_is_answered_as_soon_as_something_is_asked(admin: httpx.Client, gate: Gate, lane: UUID) -> None:
    answers: list[str] = []
    poll = threading.Thread(target=lambda: answers.extend(waiting(gate, wait=20)))
    poll.start()
    command = issued(admin, lane)
    poll.join(10)
    assert answers == [command]


def test_who_only_reads_may_see_commands_and_issue_none(admin: httpx.Client, sign_in: SignIn, lane: UUID) -> None:
    auditor = sign_in("auditor")
    assert auditor.post(f"/lanes/{lane}/commands", json=OPEN).status_code == 403
    assert state(auditor, issued(admin, lane)) == "waiting"


def test_no_more_wait_than_a_gate_that_answers_would_leave(admin: httpx.Client, lane: UUID) -> None:
    for _ in range(COMMANDS_WAITING_MAX):
        issued(admin, lane)
    assert admin.post(f"/lanes/{lane}/commands", json=OPEN).status_code == 409


WRONG: list[tuple[str, dict[str, object]]] = [
    ("act", {"act": "admit"}),
    ("act", {"act": "evacuate", "minutes": 5, "choice": "in"}),
    ("reason", {"reason": ""}),
    ("minutes", {"minutes": 5}),
    ("choice", {"choice": "in"}),
    ("words", {"words": "a\nb"}),
    ("lane", {"lane": "x"}),
]


def test_what_cannot_be_asked_from_afar(admin: httpx.Client, lane: UUID) -> None:
    for field, changes in WRONG:
        refused = admin.post(f"/lanes/{lane}/commands", json=OPEN | changes)
        assert (refused.status_code, [error["field"] for error in refused.json()["errors"]]) == (422, [field]), changes
