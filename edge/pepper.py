"""The pepper of the site, as this box keeps it: told by the registry once the gate is approved, readable by this user alone."""

from access.pins import PEPPER_BYTES
from edge.identity import write_private
from edge.places import Places


def read_pepper(places: Places) -> bytes:
    """Return the pepper; empty where there is none that can be used."""
    try:
        pepper = bytes.fromhex(places.pepper.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return b""
    return pepper if len(pepper) == PEPPER_BYTES else b""


def keep_pepper(places: Places, pepper: bytes) -> None:
    """Keep a pepper, whole or not at all. Raises OSError."""
    write_private(places.pepper, pepper.hex().encode("ascii"))
