"""Where the files of one edge lie, all under its data folder."""

from dataclasses import dataclass
from pathlib import Path

PICTURE = ".jpg"


def picture_in(evidence: Path, sha256: str) -> Path:
    """Where a picture lies in the folder of evidence: by the first two digits of its hash (hex), and by its hash."""
    return evidence / sha256[:2] / f"{sha256}{PICTURE}"


@dataclass(frozen=True, slots=True)
class Places:
    """Paths under the data folder `root`."""

    root: Path

    @property
    def journal(self) -> Path:
        """The journal database; only the gate program writes it."""
        return self.root / "journal.db"

    @property
    def head(self) -> Path:
        """The newest signed head of the journal, kept apart from it."""
        return self.root / "journal.head"

    @property
    def courier(self) -> Path:
        """The courier's own database: rules as received, how far sync has come."""
        return self.root / "courier.db"

    @property
    def snapshots(self) -> Path:
        """Built rules snapshots, one file a revision: <revision>.snapshot."""
        return self.root / "snapshots"

    @property
    def evidence(self) -> Path:
        """Pictures, content-addressed: see `picture_in`."""
        return self.root / "evidence"

    @property
    def ballast(self) -> Path:
        """Space that is let go where the disk is full."""
        return self.root / "ballast"

    @property
    def key(self) -> Path:
        """The gate's private key, made here, never leaving."""
        return self.root / "key.pem"

    @property
    def identity(self) -> Path:
        """Who the registry says this gate is."""
        return self.root / "identity.json"

    @property
    def pepper(self) -> Path:
        """The pepper of the site (hex), under which the PINs of its guards are hashed."""
        return self.root / "pepper"

    @property
    def break_glass(self) -> Path:
        """The hash of the sealed code that signs in once where no guard can."""
        return self.root / "break-glass"

    @property
    def delays(self) -> Path:
        """How many wrong PINs each badge has had lately."""
        return self.root / "sign-in-delays.json"

    @property
    def run(self) -> Path:
        """Sockets of the running programs."""
        return self.root / "run"

    @property
    def gate_socket(self) -> Path:
        """Where the gate program listens for the others."""
        return self.run / "gate.sock"

    @property
    def eyes_socket(self) -> Path:
        """Where eyes hands out newest pictures."""
        return self.run / "eyes.sock"

    @property
    def booth_address(self) -> Path:
        """Where desk writes the address that its pages really listen on."""
        return self.run / "booth.url"

    def make(self) -> None:
        """Make the folders; only this user may look inside."""
        for folder in (self.root, self.snapshots, self.evidence, self.run):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
