"""The registry's own keys, which lie beside its database and never in it."""

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_FILE = "registry.key"
HASH_KEY_FILE = "hashes.key"
HASH_KEY_BYTES = 32


def registry_key(data: Path) -> Ed25519PrivateKey:
    """Return the key that signs what is said to the gates, kept in the data folder (mode 0600), made at the first start."""
    path = data / KEY_FILE
    if not path.exists():
        write_secret(path, Ed25519PrivateKey.generate().private_bytes_raw())
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def hash_key(data: Path) -> bytes:
    """Return the key of all hashes of what can be guessed, as ID numbers: without it a copy of the database tells nobody's."""
    path = data / HASH_KEY_FILE
    if not path.exists():
        write_secret(path, secrets.token_bytes(HASH_KEY_BYTES))
    return path.read_bytes()


def write_secret(path: Path, secret: bytes) -> None:
    """Write the file whole or not at all: it appears under its name only when it is on the disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    # A second process that was quicker keeps its key: link refuses where rename would replace.
    try:
        path.hardlink_to(unfinished)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()
