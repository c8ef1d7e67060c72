"""Worlds are played from seeds: the same again, and told so that a person can play a failing one alone."""

import json

import pytest
from typer.testing import CliRunner

from simulators.cli import app
from simulators.lane import world
from simulators.lane.runs import Failure, Report, in_words, play, play_many


def test_the_same_seed_is_the_same_world() -> None:
    first, second = (play(3, "agent", 5, with_faults=True) for _ in range(2))
    assert isinstance(first, world.Outcome)
    assert first == second


def test_a_failure_says_how_to_play_it_again_and_what_came_last() -> None:
    failure = Failure(
        7, "the arm touched a vehicle", "gatehouse-sim lane --vehicles 20 --seed 7 --closing agent", ["  1.00  idle"]
    )
    report = Report(worlds=1, vehicles=20, failed=1, failures=[failure])
    words = in_words(report)
    assert "  1.00  idle" in words
    assert "play it again: gatehouse-sim lane --vehicles 20 --seed 7 --closing agent" in words
    assert "failed at 1 of 1 lanes" in words


def test_a_lane_that_keeps_people_waiting_fails_and_shows_the_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "WAITS_MAX_S", 0.1)  # nobody opens as fast as that
    report = play_many(3, "barrier", 20, with_faults=False)
    assert (report.worlds, report.vehicles, report.failed) == (1, 20, 1)
    failure = report.failures[0]
    assert "waited" in failure.what
    assert failure.command == "gatehouse-sim lane --vehicles 20 --seed 3 --closing barrier"
    assert 10 < len(failure.trace) <= 40


def test_the_command_line_tells_in_words_and_as_json() -> None:
    words = CliRunner().invoke(app, ["lane", "--vehicles", "5", "--seed", "2"])
    assert words.exit_code == 0
    assert "5 vehicles at 1 lanes" in words.output
    told = CliRunner().invoke(app, ["lane", "--vehicles", "5", "--seed", "2", "--json"])
    assert json.loads(told.stdout)["vehicles"] == 5
