"""What a demonstration keeps, and where it listens."""

import socket
from pathlib import Path

import pytest

from simulators.demo import places as demo_places
from simulators.demo.places import DemoPlaces, answers, choose_ports, free_port, recall


def test_memory_outlives_the_run_and_is_private(tmp_path: Path) -> None:
    places = DemoPlaces(tmp_path)
    memory, new = recall(places, 7)
    assert (memory.seed, new) == (7, True)
    memory.save(places)
    assert recall(places, 8) == (memory, False)
    assert places.memory.stat().st_mode & 0o777 == 0o600


def test_wanted_ports_are_taken_as_they_are() -> None:
    assert choose_ports(9100) == (9100, 9101)


def test_free_ports_are_free_and_two() -> None:
    booth, office = choose_ports(0)
    assert booth != office
    with socket.create_server(("127.0.0.1", booth)), socket.create_server(("127.0.0.1", office)):
        assert answers(booth)


def test_usual_ports_give_way_where_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    usual, other = free_port(), free_port()
    monkeypatch.setattr(demo_places, "BOOTH_PORT", usual)
    monkeypatch.setattr(demo_places, "OFFICE_PORT", other)
    assert choose_ports(None) == (usual, other)
    with socket.create_server(("127.0.0.1", other)):
        assert not {usual, other} & set(choose_ports(None))
