"""The keys that sign passes: made with the first code, turned over, let go, taken back; lost."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text as sql
from typer.testing import CliRunner

from central.cli import app
from central.users.rights import Role
from tests.central.codes.reading import packed, seen, told
from tests.central.codes.test_visit_codes import code_of
from tests.central.databases import ON_ONE
from tests.central.visits.world import World


def kids(world: World) -> dict[str, str]:
    """Return what gates know of keys: whether each is active."""
    return {one.kid: one.status for one in told(world.registry, world.site) if one.kind == "pass_key"}


def fault(world: World, code: str) -> str:
    return seen(packed(world.registry, world.site), code, world.now[0])[0].fault


def by(world: World, code: str) -> str:
    """Return the key by which a code is signed."""
    return seen(packed(world.registry, world.site), code, world.now[0])[0].kid.hex()


def everything(world: World) -> str:
    """Return all that the database has, as text."""
    with world.registry.read() as work:
        tables = ("pass_keys", "issued_codes", "rule_changes", "audit_entries")
        rows = [list(work.session.execute(sql(f"SELECT * FROM {table}"))) for table in tables]
    return repr(rows)


@ON_ONE
def test_keys_from_the_first_to_the_last(world: World, sign_in: Callable[[Role], httpx.Client], tmp_path: Path) -> None:
    officer, place = sign_in("security_officer"), f"/sites/{world.site}/pass-keys"
    folder = tmp_path / "data" / "pass-keys"
    assert (officer.get(place).json(), world.guard.get(place).status_code) == ([], 403)
    visit = world.approved()
    first = code_of(world, visit)
    [key] = officer.get(place).json()
    one = key["kid"]
    assert (key["status"], key["signs"], key["is_here"], key["codes"], kids(world)) == ("active", True, True, 1, {one: "active"})
    assert officer.post(f"{place}/{one}/retire", json={}).json()["en"].startswith("this is the only key")
    # Another, that gates hear of at once and that signs in two hours.
    assert world.admin.post(place, json={"after_hours": 2}).status_code == 403
    two = officer.post(place, json={"after_hours": 2}).raise_for_status().json()["kid"]
    assert kids(world) == {one: "active", two: "active"}
    assert officer.post(place, json={}).status_code == 409
    assert by(world, code_of(world, world.approved())) == one
    world.now[0] += timedelta(hours=2)
    assert (by(world, code_of(world, world.approved())), by(world, code_of(world, visit)), code_of(world, visit)) == (
        two,
        one,
        first,
    )
    # The former goes when nothing under it is good any more, or by force; then its codes are made anew.
    refused = officer.post(f"{place}/{one}/retire", json={})
    assert (refused.status_code, refused.json()["field"]) == (409, "force")
    assert officer.post(f"{place}/{one}/retire", json={"force": True}).json()["status"] == "retired"
    assert (kids(world), fault(world, first), by(world, code_of(world, visit))) == ({two: "active"}, "unknown_key", two)
    assert [file.name.split("-")[1] for file in folder.iterdir()] == [f"{two}.key"]
    # Revoked, everything under it is refused at once, and another is there to sign.
    former = code_of(world, visit)
    wrong = officer.post(f"{place}/{one}/revoke", json={"reason": "丢失"})
    assert (wrong.status_code, wrong.json()["field"]) == (404, "kid")
    officer.post(f"{place}/{two}/revoke", json={"reason": "服务器被盗"}).raise_for_status()
    [three] = [kid for kid, status in kids(world).items() if status == "active"]
    anew = code_of(world, visit)
    assert (kids(world)[two], fault(world, former), fault(world, anew), by(world, anew)) == ("revoked", "key_revoked", "", three)
    # A private half that is lost signs nothing: that is told, and visits are approved all the same.
    [private] = folder.iterdir()
    secret = private.read_bytes()
    private.unlink()
    assert (code_of(world, world.approved()), officer.get(place).json()[-1]["is_here"]) == ("", False)
    assert "rotate" in world.guard.get(f"{visit}/code.svg").json()["en"]
    for spoilt in (b"", bytes(32)):  # a file that was cut short, or put back from elsewhere
        private.write_bytes(spoilt)
        assert (code_of(world, world.approved()), officer.get(place).json()[-1]["is_here"]) == ("", False)
        private.unlink()
    private.mkdir()  # as one that cannot be read
    assert (code_of(world, world.approved()), officer.get(place).json()[-1]["is_here"]) == ("", False)
    private.rmdir()
    officer.post(place, json={}).raise_for_status()
    assert fault(world, code_of(world, visit)) == ""
    acts = [entry["act"] for entry in officer.get("/audit", params={"kind": "pass_keys"}).json()["items"]]
    assert sorted(acts) == ["created"] * 4 + ["retired", "revoked"]
    kept = everything(world)
    assert not any(repr(each) in kept or each.hex() in kept for each in (secret, next(folder.iterdir()).read_bytes()))
    assert "张伟" not in str(told(world.registry, world.site))


def run(world: World, tmp_path: Path, *given: str) -> Any:
    place = ["--data", str(tmp_path / "data"), "--database", f"sqlite:///{tmp_path / 'registry.db'}"]
    return CliRunner().invoke(app, ["pass-keys", *given, "--site", "lakeside", *place])


@ON_ONE
def test_keys_at_the_machine(world: World, tmp_path: Path, database_url: str) -> None:
    if not database_url.startswith("sqlite"):
        return
    assert run(world, tmp_path, "list").output.startswith("no keys")
    code_of(world, world.approved())
    [one] = kids(world)
    assert f"{one} · active · signs · 1 codes" in run(world, tmp_path, "list").output
    made = run(world, tmp_path, "rotate", "--after", "24")
    assert (made.exit_code, "signs from" in made.output) == (0, True)
    refused = run(world, tmp_path, "retire", one)
    assert (refused.exit_code, "still good" in refused.output) == (1, True)
    assert run(world, tmp_path, "revoke", one, "--reason", "丢失").exit_code == 0
    assert sorted(kids(world).values()) == ["active", "revoked"]
    [left] = [kid for kid, status in kids(world).items() if status == "active"]
    assert run(world, tmp_path, "rotate").exit_code == 0
    assert run(world, tmp_path, "retire", left, "--force").exit_code == 0
    assert (len(kids(world)), left in kids(world)) == (2, False)
    assert UUID(world.site)
