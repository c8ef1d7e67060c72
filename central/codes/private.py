"""The private halves of the keys that sign passes: a file each beside the database (mode 0600), never in it."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.passes import kid_of
from central.keys import write_secret

FOLDER = "pass-keys"
log = structlog.get_logger("central.codes")


@dataclass(frozen=True, slots=True)
class PrivateKeys:
    """The files of all sites, in one folder."""

    folder: Path

    def keep(self, site_id: UUID, kid: str, private: bytes) -> None:
        """Write one down, before anybody is told of it."""
        write_secret(self._file(site_id, kid), private)

    def find(self, site_id: UUID, kid: str) -> bytes | None:
        """Return one; None where its file is lost, cannot be read (somebody else wrote it) or holds another."""
        file = self._file(site_id, kid)
        try:
            private = file.read_bytes()
            public = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("a private key cannot be used", file=str(file), why=str(error))
            return None
        return private if kid_of(public).hex() == kid else None

    def drop(self, site_id: UUID, kid: str) -> None:
        """Let one go that signs no more: whoever finds it later could still print codes under a key that gates know."""
        self._file(site_id, kid).unlink(missing_ok=True)

    def _file(self, site_id: UUID, kid: str) -> Path:
        return self.folder / f"{site_id.hex}-{kid}.key"
