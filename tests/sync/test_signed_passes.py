"""Signed passes from the office to the barrier and into a dispute file: the real registry, paper, a code reader, a real gate."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from access.entries import Commanded, PassageEnded, SnapshotTaken
from access.sealing import Opened
from central.access_rules.repository import revision
from central.cli import app as central_app
from central.dispute import verify_dispute
from central.sites.repository import site_by_slug
from central.users import services as users
from edge.cli import app as edge_app
from edge.identity import load_identity
from simulators.wires.fault_proxy import FAIR, FaultProxy, Mood, Weather
from tests.faults.registry_program import SITE, RegistryProgram, assert_all_there_once, has_everything
from tests.sync.scanned_door import ScannedDoor
from tests.waiting import wait_until

pytestmark = pytest.mark.programs


class Office:
    """What a clerk does over the API, and an administrator at the machine."""

    def __init__(self, registry: RegistryProgram, client: httpx.Client) -> None:
        self.registry = registry
        self._client = client
        self._site = self.get("/sites")["items"][0]["id"]
        self._host = self.get("/persons")["items"][0]["id"]

    def get(self, path: str) -> Any:
        return self._client.get(path).raise_for_status().json()

    def approved(self) -> str:
        """Approve a visit; return where it is."""
        wanted = {
            "site": self._site,
            "category": "appointment",
            "host_person": self._host,
            "valid_until": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
            "details": {"name": "张伟", "phone": "138 0013 8000"},
        }
        place = f"/visits/{self._client.post('/visits', json=wanted).raise_for_status().json()['id']}"
        self.act(place, "approve")
        return place

    def act(self, place: str, act: str, **why: str) -> None:
        self._client.post(f"{place}/{act}", json=why).raise_for_status()

    def code(self, place: str) -> bytes:
        """Return the image of the visit's code, as it is printed."""
        return self._client.get(f"{place}/code.png").raise_for_status().content

    def key(self) -> str:
        """Return the name of the key that signs."""
        signing: str = next(key["kid"] for key in self.get(f"/sites/{self._site}/pass-keys") if key["signs"])
        return signing

    def command(self, *given: str) -> str:
        """Run gatehouse-central; return what it says."""
        return said(CliRunner().invoke(central_app, [*given, "--data", str(self.registry.data)]))

    def revision(self) -> int:
        found: list[int] = []

        def look(work: Any) -> None:
            site = site_by_slug(work.session, SITE)
            assert site is not None
            found.append(revision(work.session, site.id))

        self.registry.write(look)
        return found[0]


def said(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


@contextmanager
def office_of(registry: RegistryProgram) -> Iterator[Office]:
    tokens: list[str] = []

    def sign_in(work: Any) -> None:
        users.add_user(work, "admin", "site_manager")
        tokens.append(users.sign_in_by_link(work, users.new_link(work, "admin")).token)

    registry.write(sign_in)
    headers = {"Authorization": f"Bearer {tokens[0]}", "If-Match": "*"}
    with httpx.Client(base_url=f"{registry.url}/api/v1", headers=headers, timeout=30) as client:
        yield Office(registry, client)


def wait_until_heard(door: ScannedDoor, office: Office) -> None:
    """Wait until the gate decides by all that the office has done so far."""
    asked = office.revision()

    def has_heard() -> bool:
        return any(one.fields["revision"] >= asked for one in door.entries(SnapshotTaken)[-1:])

    wait_until(has_heard, what="the gate to have heard")


def assert_opened(door: ScannedDoor, png: bytes, reason: str) -> Opened:
    """Show a code that opens: its use is written first, then the opening, and only then the relay is switched."""
    before = sum(frame.energises for frame in door.board.frames)
    made = door.show(png)
    assert (made.fields["outcome"], made.fields["reason"]) == ("grant", reason)
    wait_until(lambda: any(one.passage == made.passage for one in door.entries(PassageEnded)), what="the passage to end")
    assert ("known_by_code" in [due[0] for due in made.fields["obligations"]]) == (reason == "code_ok")
    (command,) = (one for one in door.entries(Commanded) if one.passage == made.passage)
    (frame,) = [one for one in door.board.frames if one.energises][before:]
    assert [fact[0] for fact in made.fields["facts"] if fact[1].startswith("uses:")] == ["add"]
    assert made.seq < command.seq
    assert made.stamp.mono_us <= command.stamp.mono_us <= frame.at * 1e6
    return made


def assert_refused(door: ScannedDoor, png: bytes, reason: str) -> None:
    made = door.show(png)
    assert (made.fields["outcome"], made.fields["reason"]) == ("deny", reason)


def test_a_pass_from_the_office_to_the_barrier_and_into_a_dispute_file(tmp_path: Path) -> None:
    with (
        RegistryProgram(tmp_path) as registry,
        FaultProxy(("127.0.0.1", registry.port)) as link,
        ScannedDoor(tmp_path / "east", link.url) as door,
    ):
        registry.seed("east")
        registry.enrol(door.config, "east")
        door.start_both()
        with office_of(registry) as office:
            first, cancelled, later = (office.approved() for _ in range(3))
            paper = {place: office.code(place) for place in (first, cancelled, later)}
            wait_until_heard(door, office)
            assert_opened(door, paper[first], "visit_ok")
            assert_refused(door, paper[first], "visit_used_up")
            link.become(Weather(Mood.REFUSE))
            alone = cut_off(door, office, paper[first])
            link.become(FAIR)
            door.start_both()
            taken_back(door, office, paper, cancelled, later)
            proved(door, office, alone, tmp_path)
        assert door.openings == 3, "for nobody else"


def cut_off(door: ScannedDoor, office: Office, used: bytes) -> Opened:
    """Start the gate again after a kill, with no network: a used code stays used, one that it has never heard of opens."""
    for program in ("gate", "courier"):
        door.kill(program)
    door.start_both()
    unheard = office.code(office.approved())
    assert_refused(door, used, "visit_used_up")
    opened = assert_opened(door, unheard, "code_ok")
    door.stop("gate")  # it signs the head of its journal, for the registry to see
    door.kill("courier")
    return opened


def taken_back(door: ScannedDoor, office: Office, paper: dict[str, bytes], cancelled: str, later: str) -> None:
    """Cancel a visit, and then revoke the key under which all codes so far are signed; one printed anew is good."""
    office.act(cancelled, "cancel", reason="改期")
    wait_until_heard(door, office)
    assert_refused(door, paper[cancelled], "inactive")
    office.command("pass-keys", "revoke", office.key(), "--reason", "服务器被盗", "--site", SITE)
    wait_until_heard(door, office)
    assert_refused(door, paper[later], "code_key_revoked")
    anew = office.code(later)
    wait_until_heard(door, office)
    assert_opened(door, anew, "visit_ok")


def proved(door: ScannedDoor, office: Office, passage: Opened, folder: Path) -> None:
    """Nothing was lost or changed on either side, and the passage that opened by the code alone is proved to anybody."""
    wait_until(lambda: office.get("/checkpoints")["items"], what="a head to be countersigned")
    door.kill("gate")
    wait_until(lambda: has_everything(office.registry, door.places), what="everything to be at the registry")
    assert_all_there_once(office.registry, door.places)
    assert "nothing found" in office.command("audit", "verify", "--quiet")
    said(CliRunner().invoke(edge_app, ["journal", "verify", "--config", str(door.config)]))
    out = folder / "dispute.zip"
    office.command("dispute", "export", passage.passage, "--out", str(out), "--purpose", "投诉 118")
    identity = load_identity(door.places)
    (folder / "verify.py").write_bytes(Path(verify_dispute.__file__).read_bytes())
    keys = ["--edge-key", identity.key.public_key().public_bytes_raw().hex()]
    keys += ["--registry-key", identity.registry_key.public_bytes_raw().hex()]
    command = [sys.executable, "-I", str(folder / "verify.py"), str(out), *keys]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "Result: nothing was changed." in done.stdout) == (0, True), done.stdout
