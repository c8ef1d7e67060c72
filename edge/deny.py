"""A deny list that was carried to the gate: checked, and laid where the courier finds it."""

from pathlib import Path

from pydantic import ValidationError

from access.contract.deny import DENY_LIST_BYTES_MAX, DenyList, verified_list
from access.contract.signature import SignatureError
from edge.identity import Identity, write_whole
from edge.places import Places
from edge.store.errors import StoreError
from edge.store.received import reading

FILE = "deny.list"


class DenyListError(Exception):
    """The file is no deny list for this gate, or an older one; says why."""


def laid_at(places: Places) -> Path:
    """Return where a deny list lies that was taken in."""
    return places.root / FILE


def take_list(places: Places, identity: Identity, file: Path) -> DenyList:
    """Check a deny list and lay it aside for the courier, whole or not at all. Raises DenyListError, StoreError."""
    content, denied = read_list(identity, file)
    if denied.revision <= _revision(places):
        raise DenyListError(f"the rules here are newer than this list (revision {denied.revision}): nothing is to be done")
    before = laid_list(places, identity)
    if before is not None and denied.serial <= before.serial:
        raise DenyListError("this list is not newer than the one that this gate has")
    write_whole(laid_at(places), content, 0o644)
    return denied


def laid_list(places: Places, identity: Identity) -> DenyList | None:
    """Return the list that lies where the courier looks, None for what is none of this gate's registry: rotten, or of before."""
    try:
        return read_list(identity, laid_at(places))[1]
    except DenyListError:
        return None


def read_list(identity: Identity, file: Path) -> tuple[bytes, DenyList]:
    """Return a file's bytes and the list that the registry signed, for this site. Raises DenyListError."""
    try:
        with file.open("rb") as source:
            content = source.read(DENY_LIST_BYTES_MAX + 1)
        if len(content) > DENY_LIST_BYTES_MAX:
            raise DenyListError(f"{file} has more than {DENY_LIST_BYTES_MAX} bytes")
        denied = verified_list(identity.registry_key, content)
    except (OSError, SignatureError) as error:
        raise DenyListError(f"{file}: {error}") from error
    except ValidationError as error:
        raise DenyListError(f"{file} is of another version: {error.errors()[0]['msg']}") from error
    if denied.site != identity.site:
        raise DenyListError(f"{file} is for another site")
    return content, denied


def _revision(places: Places) -> int:
    if not places.courier.exists():
        raise StoreError("this gate has no rules yet, so it lets nobody pass that could be denied: start the courier first")
    with reading(places.courier) as (_, kept):
        return kept[-1]
