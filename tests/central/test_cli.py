"""The command line, in process; the installed program is started by the demo's tests."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from central.cli import app

SEED = """
[[sites]]
slug = "lakeside"
name = "湖畔花园"
gates = [{slug = "east", name = "东门", lanes = [{slug = "in-1", name = "入口", direction = "in"}]}]
schedules = [{name = "day", spans = [{days = [0, 1], start = "08:00", end = "18:00"}]}]
levels = [{name = "residents", grants = [{lanes = ["east/in-1"], schedule = "day"}]}]
guards = [{name = "张强", badge = "101", pin = "246810"}]
blocks = [{plate = "粤B·66666", reason = "欠费"}]
[[sites.persons]]
name = "李小明"
unit = "3-1201"
levels = ["residents"]
vehicles = [{plate = "粤B·12D45", colour = "blue"}]
cards = [{raw = "0A0063E9AE"}, {code = "visit-0001"}]
"""


class Line:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"GATEHOUSE_DATA": str(folder / "data")}

    def __call__(self, *arguments: str, status: int = 0) -> str:
        result = CliRunner().invoke(app, arguments, env=self.environment)
        assert result.exit_code == status, result.output
        return result.output.strip()

    def seed(self, text: str, status: int = 0) -> str:
        file = self.folder / "seed.toml"
        file.write_text(text, encoding="utf-8")
        return self("seed", str(file), status=status)


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path)


def test_a_seed_twice_is_once(line: Line) -> None:
    line.seed(SEED)
    before = (line.folder / "data" / "registry.db").read_bytes()
    line.seed(SEED)
    assert (line.folder / "data" / "registry.db").read_bytes() == before


@pytest.mark.parametrize(
    ("was", "becomes", "names"),
    [
        ('slug = "lakeside"', 'slug = "Lake Side"', "sites.0.slug"),
        ('levels = ["residents"]', 'levels = ["owners"]', "owners"),
        ("粤B·12D45", "·", "plate"),
        ('pin = "246810"', 'pin = "246810"\nrole = "admin"', "line"),
        ('unit = "3-1201"', "floor = 12", "floor"),
    ],
)
def test_a_seed_that_is_wrong_changes_nothing_and_is_named(line: Line, was: str, becomes: str, names: str) -> None:
    assert names in line.seed(SEED.replace(was, becomes, 1), status=1)
    assert line("edges", "token", "--site", "lakeside", "--gate", "east", "--name", "x", status=1)


def test_users_and_tokens(line: Line) -> None:
    line.seed(SEED)
    added = json.loads(line("users", "add", "li", "--role", "clerk", "--url", "http://registry.example/", "--json"))
    assert added["link"].startswith("http://registry.example/sign-in?link=")
    assert line("users", "link", "li") != added["link"]
    assert "already" in line("users", "add", "li", "--role", "clerk", status=1)
    assert "role" in line("users", "add", "wang", "--role", "king", status=1)
    line.environment["GATEHOUSE_PASSWORD"] = "short"
    assert "password" in line("users", "add", "wang", "--role", "admin", "--password", status=1)
    token = json.loads(line("edges", "token", "--site", "lakeside", "--gate", "east", "--name", "box", "--json"))["token"]
    assert len(token) >= 20
    assert line("edges", "list") == "no edges"


def test_a_database_of_another_kind_is_named(line: Line) -> None:
    assert "postgresql" in line("migrate", "--database", "mysql://x/y", status=1)


def test_the_key_is_the_owners_alone(line: Line) -> None:
    line("migrate")
    assert (line.folder / "data" / "registry.key").stat().st_mode & 0o777 == 0o600
