"""What is logged of errors: where they came from, and nothing of what somebody sent or a row holds."""

import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psycopg
import pytest
import structlog
from fastapi import FastAPI
from sqlalchemy.exc import DataError, OperationalError, SQLAlchemyError
from structlog.testing import capture_logs

from central import problems
from central.logs import configure_logs, database_fault
from tests.central.serving import Switch

NAME = "李小明"


@contextmanager
def configured() -> Iterator[None]:
    """Log as the programs do."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, root.handlers = root.handlers, []
    configure_logs()
    yield
    root.handlers = handlers
    structlog.configure(**before)


def stumble() -> None:
    try:
        int(NAME)
    except ValueError as error:
        raise KeyError(NAME) from error


@pytest.mark.parametrize("log", [structlog.get_logger("ours"), logging.getLogger("a library")])
def test_of_an_error_its_kind_and_place_are_told_and_not_its_text(
    log: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    with configured():
        try:
            stumble()
        except KeyError:
            log.exception("something went wrong")
    line = capsys.readouterr().err
    fault = json.loads(line)["fault"]
    assert NAME not in line
    assert [step for step in fault if step.startswith("builtins")] == ["builtins.KeyError", "builtins.ValueError"]
    assert fault[1].startswith("tests/central/test_logs.py:")
    assert fault[1].endswith(" stumble")


class Reported(psycopg.errors.NumericValueOutOfRange):
    """An error as PostgreSQL reports it, which repeats the row."""

    def __str__(self) -> str:
        return f"bigint out of range\nCONTEXT:  COPY journal_entries, line 3, column plate: {NAME}"


def test_of_a_row_that_the_database_refuses_only_the_code_is_told() -> None:
    assert database_fault(caused(DataError("INSERT", {"plate": NAME}, Reported()), Reported())) == {
        "error": "Reported",
        "code": "22003",
    }


def test_of_a_database_that_is_away_people_are_told_why() -> None:
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorname = "SQLITE_FULL"
    expected = {"error": "OperationalError", "code": "SQLITE_FULL", "words": "database or disk is full"}
    assert database_fault(caused(OperationalError("INSERT", {"plate": NAME}, full), full)) == expected


def test_an_address_is_not_logged_for_it_may_be_a_link_that_signs_in(server: tuple[str, Switch]) -> None:
    app = FastAPI()
    problems.install(app)

    @app.get("/sign-in/{token}")
    def sign_in(token: str) -> None:
        raise OperationalError("SELECT", {"token": token}, OSError("gone")) from OSError("gone")

    base, switch = server
    switch.app = app
    with capture_logs() as logged:
        assert httpx.get(f"{base}/sign-in/SECRET").status_code == 503
    assert [(event["route"], event["words"]) for event in logged] == [("/sign-in/{token}", "gone")]


def caused(error: SQLAlchemyError, cause: Exception) -> SQLAlchemyError:
    error.__cause__ = cause
    return error
