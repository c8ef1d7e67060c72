"""Signing in where the PIN is peppered, by the sealed code, and after a restart: no way in that nobody hears of."""

import asyncio
import stat
from pathlib import Path

import httpx
import pytest
from argon2 import extract_parameters
from typer.testing import CliRunner

from access.on_record import GuardFacts
from access.pins import peppered
from edge.booth_messages import GuardReply
from edge.cli import app
from edge.desk.break_glass import digits_of, seal, sealed, use_up
from edge.desk.guards import ALARM_AT, FREE_FAILURES, Refused, Roll, SignIn
from edge.messages import RaiseAlarm
from edge.pepper import keep_pepper
from edge.places import Places
from tests.edge.desk.wire import (
    QUICK_HASH,
    SECOND_BADGE,
    SECOND_PIN,
    Desk,
    Gate,
    form_token,
    guard_record,
    sign_in,
    write_snapshot,
)

PEPPER = bytes(range(32))


class NoLog:
    """A log that nobody reads."""

    def warning(self, event: str, **_facts: object) -> None:
        """Take a line."""


@pytest.fixture
def box(tmp_path: Path) -> Places:
    box = Places(tmp_path / "box")
    box.make()
    return box


def check(door: SignIn, badge: str, pin: str, now: float) -> GuardFacts | Refused:
    return asyncio.run(door.check(badge, pin, now))


def roll_of(box: Places) -> Roll:
    new = guard_record() | {"pin_hash": QUICK_HASH.hash(peppered("2468", PEPPER)), "peppered": True}
    old = guard_record("1002", "1357")
    roll = Roll(NoLog())
    roll.follow(str(write_snapshot(box.snapshots / "1.snapshot", [new, old | {"id": "0190b6a0-0000-7000-8000-000000000004"}])))
    return roll


def test_a_peppered_pin_needs_the_pepper_and_an_old_one_none(box: Places) -> None:
    door = SignIn(roll_of(box), box, 0.0)
    assert door.lacks_pepper
    assert isinstance(check(door, "1001", "2468", 0.0), Refused)
    assert not isinstance(check(door, "1002", "1357", 0.0), Refused)
    keep_pepper(box, PEPPER)
    assert not SignIn(roll_of(box), box, 0.0).lacks_pepper
    assert not isinstance(check(door, "1001", "2468", 1.0), Refused)
    for wrong in ("2469", "", peppered("2468", PEPPER)):
        assert isinstance(check(SignIn(roll_of(box), box, 0.0), "1001", wrong, 1000.0), Refused)
    assert stat.S_IMODE(box.pepper.stat().st_mode) == 0o600


def test_wrong_pins_are_remembered_over_a_restart_and_nonsense_stops_nobody(box: Places) -> None:
    door = SignIn(roll_of(box), box, 0.0)
    for at in range(FREE_FAILURES + 3):
        check(door, "1002", "0000", 100.0 * at)
    waits = check(SignIn(roll_of(box), box, 5.0), "1002", "1357", 5.0)
    assert isinstance(waits, Refused)
    assert waits.wait_s > 0
    for at in range(20):
        check(door, "654321", "1002", 1000.0 * at)
    assert "654321" not in box.delays.read_text(encoding="ascii")  # a PIN, in the wrong field
    for nonsense in ("", "[1]", "{", '{"1002": "x"}', "null"):
        box.delays.write_text(nonsense, encoding="ascii")
        assert not isinstance(check(SignIn(roll_of(box), box, 5.0), "1002", "1357", 5.0), Refused)


def test_an_unknown_badge_costs_what_a_known_one_costs(box: Places) -> None:
    roll = roll_of(box)
    known = roll.find("1002")
    assert known
    assert extract_parameters(roll.decoy) == extract_parameters(known.pin_hash)
    assert isinstance(check(SignIn(roll, box, 0.0), "7777", "1357", 0.0), Refused)


def test_who_tries_out_a_pin_is_heard_of_once(box: Places) -> None:
    heard: list[str] = []
    door = SignIn(roll_of(box), box, 0.0, heard.append)
    for badge in ("1002", "7777"):
        for at in range(ALARM_AT + 2):
            check(door, badge, "0000", 100.0 * at)
    assert heard == ["1002"]


def test_a_code_that_was_made_meanwhile_is_not_used_up(box: Places) -> None:
    seal(box)
    used = sealed(box)
    seal(box)
    use_up(box, used)
    assert sealed(box)
    use_up(box, sealed(box))
    assert not sealed(box)


def enter(client: httpx.Client, code: str, name: str = "李主管") -> httpx.Response:
    data = {"token": form_token(client.get("/sign-in").text), "code": code, "name": name}
    return client.post("/break-glass", data=data)


@pytest.mark.programs
def test_the_sealed_code_signs_in_once_and_raises_an_alarm(desk: Desk, gate: Gate) -> None:
    made = CliRunner().invoke(app, ["break-glass", "--config", str(desk.folder / "gate.toml")])
    assert made.exit_code == 0
    code = made.stdout.strip()
    kept = Places(desk.folder / "var").break_glass
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert digits_of(code) not in kept.read_text(encoding="ascii")
    with httpx.Client(base_url=desk.url) as client:
        assert enter(client, "0000-0000-0000-0000-0000").status_code == 403
        assert enter(client, code, " ").status_code == 422
        gate.keep = lambda act: GuardReply(act.request, accepted=False, refusal="expired")
        assert enter(client, code).status_code == 503  # nothing is written: the code stays good
        gate.keep = Gate(gate.path, gate.snapshot).keep
        entered = enter(client, code.replace("-", " "))
        assert (entered.status_code, entered.headers["location"]) == (303, "/")
        assert client.get("/").status_code == 200
        assert [alarm.what for alarm in gate.alarmed] == ["break_glass"]
    with httpx.Client(base_url=desk.url) as other:
        assert enter(other, code).status_code == 403
        assert not kept.exists()
        assert sign_in(other).status_code == 303
        former = dict(other.cookies)
        assert sign_in(other, SECOND_BADGE, SECOND_PIN).status_code == 303
        assert other.get("/").status_code == 200
    with httpx.Client(base_url=desk.url, cookies=former) as stolen:
        assert stolen.get("/").status_code == 303  # whoever signs in at a browser has signed its guard out
    assert RaiseAlarm("break_glass") in gate.alarmed
