"""The deny list: who may not pass any more, as an answer and as a file."""

from pathlib import Path
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from access.contract.deny import DenyList, verified_list
from access.contract.signature import SignatureError
from central.cli import app
from central.codes import keys
from central.keys import registry_key
from central.registry import Registry
from tests.central.gate import Gate


@pytest.fixture
def card(admin: httpx.Client, site: str) -> str:
    person = admin.post("/persons", json={"site": site, "name": "李四", "unit": "1-101"}).raise_for_status().json()["id"]
    made = admin.post("/cards", json={"site": site, "raw": "04a1b2c3", "person": person}).raise_for_status()
    identity: str = made.json()["id"]
    return identity


def denied(gate: Gate, since: int = 0) -> DenyList:
    return DenyList.model_validate_json(gate.ask("GET", f"/deny?since={since}", stream="deny").content)


def test_who_is_blocked_or_withdrawn_is_named_from_a_revision_on(gate: Gate, admin: httpx.Client, site: str, card: str) -> None:
    assert denied(gate).denied == ()
    before = denied(gate).revision
    admin.post("/blocks", json={"site": site, "plate": "粤B12345", "reason": "owes"}).raise_for_status()
    admin.post(f"/cards/{card}/lost").raise_for_status()
    told = denied(gate, before)
    assert {record.kind for record in told.denied} == {"block", "card"}
    assert [record.status for record in told.denied if record.kind == "card"] == ["lost"]
    assert told.complete
    assert denied(gate, told.revision).denied == ()
    newest = DenyList.model_validate_json(gate.ask("GET", f"/deny?since={before}&limit=1", stream="deny").content)
    assert ([record.kind for record in newest.denied], newest.complete) == (["card"], False)
    admin.delete(f"/cards/{card}").raise_for_status()
    assert [gone.kind for gone in denied(gate, told.revision).gone] == ["card"]


def revoked_and_its_heir(registry: Registry, site: str) -> tuple[str, str]:
    """Revoke a site's key for passes, as who has lost it does; another is made. Returns both names."""
    with registry.write() as work:
        kid = keys.rotate(work, UUID(site)).kid
    with registry.write() as work:
        keys.revoke(work, UUID(site), kid, "stolen")
        return kid, next(key.kid for key in keys.keys_of(work, UUID(site)) if key.status == keys.ACTIVE)


def test_a_key_of_passes_that_was_revoked_is_named_and_one_that_was_let_go_is_gone(
    gate: Gate, registry: Registry, site: str
) -> None:
    kid, heir = revoked_and_its_heir(registry, site)
    told = denied(gate)
    assert [(record.kid, record.status) for record in told.denied if record.kind == "pass_key"] == [(kid, "revoked")]
    with registry.write() as work:
        keys.rotate(work, UUID(site))
        keys.retire(work, UUID(site), heir)
    after = denied(gate, told.revision)
    assert (after.denied, [gone.kind for gone in after.gone]) == ((), ["pass_key"])


def test_as_a_file_it_is_signed(registry: Registry, admin: httpx.Client, site: str, tmp_path: Path, database_url: str) -> None:
    admin.post("/blocks", json={"site": site, "plate": "粤B12345", "reason": "owes"}).raise_for_status()
    revoked_and_its_heir(registry, site)
    out = tmp_path / "deny.list"
    options = ["--database", database_url, "--data", str(tmp_path / "data")]
    ran = CliRunner().invoke(app, ["deny-list", "--site", "lakeside", "--out", str(out), *options])
    assert ran.exit_code == 0, ran.output
    key = registry_key(tmp_path / "data").public_key()
    assert {record.kind for record in verified_list(key, out.read_bytes()).denied} == {"block", "pass_key"}
    for spoilt in (out.read_bytes().replace(b"owes", b"paid"), b"nonsense"):
        with pytest.raises(SignatureError):
            verified_list(key, spoilt)
    with pytest.raises(SignatureError):
        verified_list(Ed25519PrivateKey.generate().public_key(), out.read_bytes())
    assert CliRunner().invoke(app, ["deny-list", "--site", "nowhere", "--out", str(out), *options]).exit_code == 1
