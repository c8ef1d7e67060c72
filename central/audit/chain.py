"""The chain of the audit: what of an entry is hashed, and how; pure.

An entry's bytes are the canonical CBOR of [1, seq, id, site_id, kind, record_id, version, act, at_us, by_name, by_role, origin,
commitment]: ids as 16 bytes, none as null. `commitment` stands for before, after and reason: SHA-256 over the entry's salt and,
behind it, the three as a JSON list (ASCII, keys sorted, no spaces), since JSON is what they are stored as. So these can be erased
with their salt, and the chain still verifies.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import cbor2

from access.chain import link

VERSION: Final = 1
SALT_BYTES: Final = 16
GENESIS: Final = hashlib.sha256(b"gatehouse-audit-1").digest()
_as_json: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
# What stands in the chain as it is.
PLAIN: Final = ("kind", "record_id", "version", "act", "at_us", "by_name", "by_role", "origin")


def commitment(salt: bytes, before: Any, after: Any, reason: str) -> bytes:
    """Return what stands in the chain for what was otherwise before and after, and why."""
    return hashlib.sha256(salt + _as_json([before, after, reason]).encode()).digest()


def canonical(seq: int, entry: Mapping[str, Any], committed: bytes) -> bytes:
    """Return the bytes of an entry at this place; of `entry` the ids are UUIDs."""
    site: UUID | None = entry["site_id"]
    head = [VERSION, seq, entry["id"].bytes, site and site.bytes, entry["kind"], entry["record_id"].bytes]
    # Of what has neither maps nor fractions this is the canonical form, and sooner made.
    return cbor2.dumps([*head, *(entry[name] for name in PLAIN[2:]), committed])


def chained(previous: bytes, seq: int, entry: Mapping[str, Any], salt: bytes) -> dict[str, Any]:
    """Return the columns that put an entry into its place in the chain, behind the hash `previous`."""
    committed = commitment(salt, entry["before"], entry["after"], entry["reason"])
    chain_hash = link(previous, canonical(seq, entry, committed))
    return {"seq": seq, "chain_hash": chain_hash, "commitment": committed, "salt": salt}
