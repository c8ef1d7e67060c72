"""Three pretended gates against a real registry: what they count is what is stored."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from central.app import app_of
from central.config import Settings
from central.edges import directory
from central.migrations import migrate
from central.registry import Registry
from central.sync_tables import EdgeEvent
from central.tables import Edge, JournalEntry, Picture, UserSession
from central.users.services import add_user
from simulators.cli import app
from simulators.load.from_afar import enrol_over
from simulators.load.run import family_cpu_s
from simulators.load.tally import percentile
from tests.central.serving import serving


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Registry]]:
    with closing(Registry.open(Settings(tmp_path))) as registry:
        migrate(registry.database)
        with serving(app_of(registry)) as address:
            yield address, registry


def test_what_is_counted_is_stored(served: tuple[str, Registry], tmp_path: Path) -> None:
    address, registry = served
    words = ["--gates", "3", "--rate", "5", "--seconds", "1.5", "--backlog", "40", "--batch", "30", "--pictures", "--json"]
    begun = monotonic()
    result = CliRunner().invoke(app, ["load", "--central", address, "--data", str(tmp_path), *words])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    with registry.read() as work:
        entries = work.session.scalars(select(func.count()).select_from(JournalEntry)).one()
        pictures = work.session.scalars(select(func.count()).select_from(Picture)).one()
        parked = sum(edge.parked for edge in directory.edges(work))
    assert (figures["entries"], figures["pictures"], figures["waiting"]) == (entries, pictures, 0)
    assert (parked, figures["parked"], figures["errors"], figures["interrupted"]) == (0, 0, {}, False)
    assert figures["backlog"] >= 120, "what waited at the start is counted apart"
    assert entries - figures["backlog"] >= 3 * 5
    assert pictures > 0
    assert 0 < figures["lag_p50_ms"] <= figures["lag_p99_ms"] <= figures["lag_max_ms"] < (monotonic() - begun) * 1000


def test_without_an_answer_what_was_made_still_waits(tmp_path: Path, served: tuple[str, Registry]) -> None:
    words = ["--gates", "1", "--rate", "20", "--seconds", "0.3", "--drain", "0.2", "--json", "--data", str(tmp_path)]
    result = CliRunner().invoke(app, ["load", "--central", "http://127.0.0.1:9", *words])
    figures = json.loads(result.stdout)
    assert (result.exit_code, figures["entries"], list(figures["errors"])) == (1, 0, ["no answer: ConnectionRefusedError"])
    assert figures["waiting"] > 0


def test_an_administrator_enrols_from_afar(served: tuple[str, Registry]) -> None:
    address, registry = served
    with registry.write() as work:
        add_user(work, "office", "site_manager", "a long password")
    words = ["load", "--central", address, "--user", "office", "--gates", "2", "--rate", "20", "--seconds", "0.5", "--json"]
    enrol_over(address, "", ("office", "a long password"), "load", 2)
    result = CliRunner().invoke(app, words, env={"GATEHOUSE_PASSWORD": "a long password"})  # the site is there by now
    assert result.exit_code == 0, result.output
    with registry.read() as work:
        edges = work.session.scalars(select(Edge)).all()
        events = work.session.scalars(select(EdgeEvent).where(EdgeEvent.what == "approved")).all()
        entries = work.session.scalars(select(func.count()).select_from(JournalEntry)).one()
        assert work.session.scalars(select(func.count()).select_from(UserSession)).one() == 0, "who signs in signs out"
    assert [edge.status for edge in edges] == ["active"] * 4
    assert {event.by for event in events} == {"office"}
    assert json.loads(result.stdout)["entries"] == entries > 0


@pytest.mark.parametrize(
    ("name", "password", "why"), [("office", "another password", "401"), ("clerk", "a long password", "403")]
)
def test_who_is_no_administrator_enrols_nothing(served: tuple[str, Registry], name: str, password: str, why: str) -> None:
    address, registry = served
    with registry.write() as work:
        add_user(work, "office", "site_manager", "a long password")
        add_user(work, "clerk", "registrar", "a long password")
    result = CliRunner().invoke(app, ["load", "--central", address, "--user", name], input=f"{password}\n")
    assert result.exit_code == 2
    assert why in result.output


def test_where_no_registry_is_it_says_what_to_give(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["load", "--central", "http://127.0.0.1:9"])
    assert result.exit_code == 2
    assert "--user" in result.output
    assert not list(tmp_path.iterdir()), "and makes none"


@pytest.mark.parametrize("address", ["registry", "ftp://127.0.0.1:1", "http://127.0.0.1:1/api"])
def test_what_is_no_address_is_refused(address: str, tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["load", "--central", address, "--data", str(tmp_path)]).exit_code == 2


def test_a_process_that_ends_while_its_family_is_counted_takes_nothing() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert family_cpu_s(ended.pid) == 0.0
    assert family_cpu_s(os.getpid()) > 0.0


def test_percentiles() -> None:
    assert [percentile([1.0, 2.0, 3.0, 4.0], share) for share in (0.5, 0.99, 1.0)] == [2.0, 4.0, 4.0]
    assert percentile([], 0.5) == 0.0
