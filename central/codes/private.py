"""The private halves of the keys that sign passes: a file each beside the database (mode 0600), never in it."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from central.keys import write_secret

FOLDER = "pass-keys"


@dataclass(frozen=True, slots=True)
class PrivateKeys:
    """The files of all sites, in one folder."""

    folder: Path

    def keep(self, site_id: UUID, kid: str, private: bytes) -> None:
        """Write one down, before anybody is told of it."""
        write_secret(self._file(site_id, kid), private)

    def find(self, site_id: UUID, kid: str) -> bytes | None:
        """Return one; None where its file is lost."""
        try:
            return self._file(site_id, kid).read_bytes()
        except FileNotFoundError:
            return None

    def drop(self, site_id: UUID, kid: str) -> None:
        """Let one go that signs no more: whoever finds it later could still print codes under a key that gates know."""
        self._file(site_id, kid).unlink(missing_ok=True)

    def _file(self, site_id: UUID, kid: str) -> Path:
        return self.folder / f"{site_id.hex}-{kid}.key"
