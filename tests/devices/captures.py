"""Sample files that are handed around beside the repository: lines of hex with a comment after each."""

from pathlib import Path

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"


def hex_lines(name: str) -> list[tuple[bytes, str]]:
    """Return the frames of one sample file, each with its comment; none where the samples are not there."""
    path = SAMPLES / name
    if not path.exists():
        return []
    lines = (line.partition("#") for line in path.read_text(encoding="utf-8").splitlines())
    return [(bytes.fromhex(digits), comment) for digits, _, comment in lines if digits.strip()]
