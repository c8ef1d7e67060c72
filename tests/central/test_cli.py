"""The command line, in process; the installed program is started by the demo's tests."""

import json
import subprocess
import sys
from contextlib import closing
from getpass import getuser
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from access.contract.signature import fingerprint
from access.contract.sync import EnrolRequest
from central.audit import services as audit
from central.audit.schemas import AuditAsked
from central.cli import app
from central.config import Settings
from central.edges import directory
from central.edges.services import enrol
from central.journal.reading import Parked
from central.journal.repository import insert_quarantined
from central.registry import Registry
from tests.central.gate import public_hex

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

    def __call__(self, *arguments: str, status: int = 0, entered: str = "") -> str:
        result = CliRunner().invoke(app, arguments, input=entered, env=self.environment)
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
    assert line("edges", "enrol", "--site", "lakeside", "--gate", "east", "--name", "x", status=1)


def test_users_and_tokens(line: Line) -> None:
    line.seed(SEED)
    added = json.loads(line("users", "add", "li", "--role", "clerk", "--url", "http://registry.example/", "--json"))
    assert added["link"].startswith("http://registry.example/sign-in?link=")
    assert line("users", "link", "li") != added["link"]
    assert "already" in line("users", "add", "li", "--role", "clerk", status=1)
    assert "role" in line("users", "add", "wang", "--role", "king", status=1)
    line.environment["GATEHOUSE_PASSWORD"] = "short"
    assert "password" in line("users", "add", "wang", "--role", "admin", "--password", status=1)
    assert "there is no site" in line("users", "add", "wang", "--role", "guard", "--site", "hillside", status=1)
    line("users", "disable", "li")
    assert line("users", "list") == "li · registrar · all sites · disabled"
    line("users", "add", "wang", "--role", "guard", "--site", "lakeside", "--badge", "101")
    wang = json.loads(line("users", "list", "--json"))[1]
    assert (bool(wang["site_id"]), wang["badge"]) == (True, "101")
    assert line("tokens", "list") == "no tokens"
    secret = line("tokens", "create", "--role", "integration", "--site", "lakeside", "--name", "billing", "--days", "30")
    again = json.loads(line("tokens", "create", "--role", "clerk", "--name", "billing", "--no-end", "--json"))
    assert (again["role"], len(again["token"]), secret in line("tokens", "list")) == ("registrar", len(secret), False)
    assert "several tokens" in line("tokens", "revoke", "billing", status=1)
    line("tokens", "revoke", again["id"])
    line("tokens", "revoke", "billing")
    assert "there is no token billing" in line("tokens", "revoke", "billing", status=1)
    assert [token["revoked_at"] is None for token in json.loads(line("tokens", "list", "--json"))] == [False, False]
    with closing(Registry.open(Settings(line.folder / "data"))) as registry, registry.read() as work:
        told = audit.page(work, AuditAsked(kind="users")).items
    assert {(entry.by_name, entry.by_role, entry.origin) for entry in told} == {(getuser(), "machine", "command line")}
    assert sorted(entry.act for entry in told) == ["created", "created", "disabled", "link_made", "link_made", "link_made"]
    token = json.loads(line("edges", "enrol", "--site", "lakeside", "--gate", "east", "--name", "box", "--json"))["token"]
    assert len(token) >= 20
    assert line("edges", "list") == "no edges"


def test_a_database_of_another_kind_is_named(line: Line) -> None:
    assert "postgresql" in line("migrate", "--database", "mysql://x/y", status=1)
    away = line("users", "list", "--database", "postgresql://u:S3cr3t@127.0.0.1:1/x", status=1)
    assert ("the database cannot be used: connection" in away, "S3cr3t" in away, len(away.splitlines())) == (True, False, 1)


def test_the_key_is_the_owners_alone(line: Line) -> None:
    line("migrate")
    assert (line.folder / "data" / "registry.key").stat().st_mode & 0o777 == 0o600


class TestEdges:
    """Fingerprints are compared by people; a script must bring what somebody has read."""

    @pytest.fixture
    def box(self, line: Line) -> str:
        """A box that waits; returns its fingerprint."""
        line.seed(SEED)
        key = Ed25519PrivateKey.generate()
        token = line("edges", "enrol", "--site", "lakeside", "--gate", "east", "--name", "box")
        wired = ({"slug": "in-1", "kind": "vehicle", "direction": "in"},)
        wanted = {"token": token, "site": "lakeside", "gate": "east", "public_key": public_hex(key), "lanes": wired}
        with closing(Registry.open(Settings(line.folder / "data"))) as registry, registry.write() as work:
            enrol(work, EnrolRequest.model_validate(wanted), bytes(32))
        return fingerprint(key.public_key().public_bytes_raw())

    def status(self, line: Line) -> str:
        listed: list[dict[str, str]] = json.loads(line("edges", "list", "--json"))
        return listed[0]["status"]

    def test_what_is_parked_is_told(self, line: Line, box: str) -> None:
        with closing(Registry.open(Settings(line.folder / "data"))) as registry, registry.write() as work:
            (edge,) = directory.edges(work)
            place = (edge.id, UUID(int=1), work.at)
            insert_quarantined(work.session, place, [Parked(seq, b"", b"", bytes(32), "unknown kind") for seq in (1, 2)])
        assert json.loads(line("edges", "list", "--json"))[0]["parked"] == 2
        assert f"{box} · never seen · 2 parked" in line("edges", "list")

    def test_approved_by_comparing(self, line: Line, box: str) -> None:
        assert f"box · pending · {box} · never seen" in line("edges", "list")
        assert "then this is another box" in line("edges", "approve", "box", status=1, entered="n\n")
        line("edges", "approve", "box", status=1, entered="y\nn\n")
        assert self.status(line) == "pending"
        assert f"box has the fingerprint {box}" in line("edges", "approve", "box", entered="y\ny\n")
        assert self.status(line) == "active"

    def test_approved_by_a_script(self, line: Line, box: str) -> None:
        assert "--yes needs --fingerprint" in line("edges", "approve", "box", "--yes", status=1)
        line("edges", "approve", "box", "--yes", "--fingerprint", "0" * 20, status=1)
        line("edges", "approve", "box", "--yes", "--fingerprint", box)
        assert self.status(line) == "active"

    def test_revoked(self, line: Line, box: str) -> None:
        line("edges", "revoke", "box", "--reason", "stolen")
        assert line("edges", "list").endswith("stolen")
        assert self.status(line) == "revoked"
        assert "there is no edge west" in line("edges", "revoke", "west", "--reason", "stolen", status=1)


def test_no_command_waits_for_what_another_needs() -> None:
    """In a process of its own: here other tests have loaded all of it."""
    heavy = {"central.app", "central.server", "central.seeds", "central.files.at_machine", "central.deny.services"}
    asked = "import sys, central.cli; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=60)
    assert heavy & set(told.stdout.split()) == set()
