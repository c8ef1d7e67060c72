"""The command line explains itself and refuses what makes no sense."""

import pytest
from typer.testing import CliRunner

from simulators.cli import app


@pytest.mark.parametrize("words", [["--help"], ["demo", "--help"], ["devices", "--help"]])
def test_help_explains(words: list[str]) -> None:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0
    assert "simulated" in result.output or "pretended" in result.output


@pytest.mark.parametrize("words", [["--json"], ["--port", "70000"], ["--seed", "x"]])
def test_nonsense_is_refused_before_anything_starts(words: list[str]) -> None:
    assert CliRunner().invoke(app, ["demo", *words]).exit_code == 2
