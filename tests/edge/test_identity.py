"""Who a gate is: its key made here once, its files for this user alone and whole or not there."""

from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from access.contract.sync import EnrolReply
from edge.identity import IdentityError, device_key, load_identity, public_hex, save_identity, write_private
from edge.places import Places


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places(tmp_path / "var")
    made.make()
    return made


def reply(places: Places) -> EnrolReply:
    ours = public_hex(device_key(places))
    return EnrolReply(edge=UUID(int=1), gate=UUID(int=2), site=UUID(int=3), lanes={"in-1": UUID(int=4)}, registry_key=ours)


def test_a_key_is_made_once_and_for_this_user_alone(places: Places) -> None:
    first = public_hex(device_key(places))
    assert public_hex(device_key(places)) == first
    assert len(bytes.fromhex(first)) == 32
    assert places.key.stat().st_mode & 0o777 == 0o600
    assert {folder.stat().st_mode & 0o777 for folder in (places.root, places.run, places.snapshots, places.evidence)} == {0o700}


def test_what_the_registry_answered_is_kept(places: Places) -> None:
    with pytest.raises(IdentityError, match="gatehouse-edge enrol"):
        load_identity(places)
    save_identity(places, reply(places))
    identity = load_identity(places)
    assert (identity.edge, identity.gate, identity.site) == (UUID(int=1), UUID(int=2), UUID(int=3))
    assert identity.lanes == {"in-1": UUID(int=4)}
    assert public_hex(identity.key) == identity.registry_key.public_bytes_raw().hex()


@pytest.mark.parametrize("content", [b"", b"{}", b"not JSON", b"[" * 10_000])
def test_an_identity_that_is_damaged_is_named(places: Places, content: bytes) -> None:
    device_key(places)
    places.identity.write_bytes(content)
    with pytest.raises(IdentityError, match="cannot be used"):
        load_identity(places)


def test_a_key_that_is_none_of_ours_is_named(places: Places) -> None:
    places.key.write_bytes(b"not a key")
    with pytest.raises(IdentityError, match="is no private key"):
        device_key(places)
    other = X25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    places.key.write_bytes(other)
    with pytest.raises(IdentityError, match="is no Ed25519 key"):
        device_key(places)


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret"
    write_private(path, b"one, and long")
    write_private(path, b"two")
    assert path.read_bytes() == b"two"
    assert [entry.name for entry in path.parent.iterdir()] == ["secret"]
