"""What each step around an entry costs: sealing, chain, checkpoint, tree, proofs, audit. Microseconds of processor time."""

import random
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from access import merkle
from access.chain import genesis, link
from access.contract.checkpoints import Countersigned
from access.contract.signature import verify_bytes
from access.entries import Entry, stamped
from access.sealing import seal
from bench.many_entries import story
from bench.registry import registry_in
from central.audit.chain import GENESIS, chained
from central.audit.chaining import put
from central.audit.tables import AuditEntry
from central.config import Settings
from central.migrations import migrate
from central.records.many import insert_many
from central.registry import Registry
from central.tree import leaves, repository
from edge.store.head import EVERY_ENTRIES, keep_head, sign_head

ROUNDS: Final = 5
CHECKPOINTS, PROOFS, AUDITED = 500, 300, 2_000
PIECE: Final = 20_000
EDGE, EPOCH = UUID(int=1), UUID(int=2)
AT: Final = datetime(2026, 3, 2, tzinfo=UTC)
AT_US: Final = round(AT.timestamp() * 1e6)


def steps(size: int, seed: int) -> dict[str, Any]:
    """Measure all of them; `size`: leaves of the tree that proofs are made from."""
    chance = random.Random(seed)
    with (
        tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as folder,
        registry_in(Path(folder), "sqlite") as measured,
        closing(Registry.open(Settings(measured.data, measured.url))) as registry,
    ):
        migrate(registry.database)
        return {
            "sealing": _sealing(seed, chance),
            "checkpoint": _checkpoint(Path(folder), chance),
            "tree": _tree(registry, size, chance),
            "audit": _audit(registry),
        }


def microseconds(act: Callable[[], object], count: int, rounds: int = ROUNDS) -> float:
    """Return what one of `count` takes of the processor, at best."""
    took = []
    for _ in range(rounds):
        began = time.process_time()
        act()
        took.append(time.process_time() - began)
    return round(min(took) / count * 1e6, 2)


def _sealing(seed: int, chance: random.Random) -> dict[str, Any]:
    entries = [
        Entry(
            EDGE, EPOCH, seq, UUID(bytes=chance.randbytes(16)), stamped(1.0, AT.timestamp()), line.body, line.lane, line.passage
        )
        for seq, line in enumerate(story(seed), 100_000)
    ]
    sealed = [seal(entry, chance.randbytes).canonical for entry in entries]

    def chain_too() -> None:
        head = genesis(EDGE, EPOCH)
        for entry in entries:
            head = link(head, seal(entry, chance.randbytes).canonical)

    before = genesis(EDGE, EPOCH)
    return {
        "canonical_bytes": round(sum(map(len, sealed)) / len(sealed)),
        "without_chain_us": microseconds(lambda: [seal(entry, chance.randbytes) for entry in entries], len(entries)),
        "with_chain_us": microseconds(chain_too, len(entries)),
        "link_us": microseconds(lambda: [link(before, canonical) for canonical in sealed], len(entries)),
        "bare_sha256_us": microseconds(lambda: [sha256(canonical).digest() for canonical in sealed], len(entries)),
    }


def _checkpoint(folder: Path, chance: random.Random) -> dict[str, Any]:
    """Measure a checkpoint at the gate and its countersignature, without any database; one is for 500 entries."""
    edge, registry = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    raw, seqs = edge.public_key().public_bytes_raw(), range(EVERY_ENTRIES, (CHECKPOINTS + 1) * EVERY_ENTRIES, EVERY_ENTRIES)
    head = chance.randbytes(32)
    told = [sign_head(edge, EDGE, EPOCH, seq, head, AT_US) for seq in seqs]

    def countersign() -> None:
        for one in told:
            verify_bytes(Ed25519PublicKey.from_public_bytes(raw), bytes.fromhex(one.signature), one.signed_bytes())
            draft = Countersigned(checkpoint=one, agrees=True, received_us=AT_US, signature="0" * 128)
            draft.model_copy(update={"signature": registry.sign(draft.signed_bytes()).hex()})

    def keep() -> None:
        for one in told:
            keep_head(folder / "head.json", one)

    signed = microseconds(lambda: [sign_head(edge, EDGE, EPOCH, seq, head, AT_US) for seq in seqs], len(told))
    kept = microseconds(keep, len(told), 1)
    counter = microseconds(countersign, len(told))
    return {
        "signed_us": signed,
        "kept_in_a_file_us": kept,
        "countersigned_us": counter,
        "per_entry_us": round((signed + kept + counter) / EVERY_ENTRIES, 3),
    }


def _tree(registry: Registry, size: int, chance: random.Random) -> dict[str, Any]:
    grown = {}
    appended_s = 0.0
    for first in range(0, size, PIECE):
        data = [leaves.of_audit(place + 1, chance.randbytes(32), AT_US) for place in range(first, min(first + PIECE, size))]
        began = time.process_time()
        with registry.write() as work:
            nodes = list(merkle.nodes_of(first, partial(repository.node, work.session), map(merkle.leaf_hash, data)))
            repository.append(work.session, [(place, leaves.AUDIT, each) for place, each in enumerate(data, first)], nodes)
        appended_s += time.process_time() - began
        grown.update({(level, place): hashed for level, place, hashed in nodes})
    with registry.read() as work:
        proofs = _proofs(partial(repository.node, work.session), size, chance)
    in_memory = _proofs(lambda level, place: grown[level, place], size, chance)
    return {
        "leaves": size,
        "appended_and_stored_us": round(appended_s / size * 1e6, 2),
        "appended_us": microseconds(partial(_append, size, grown, chance.randbytes(32)), 1000),
        "from_stored_nodes": proofs,
        "from_memory": in_memory,
    }


def _append(size: int, grown: dict[tuple[int, int], bytes], hashed: bytes) -> None:
    for _ in merkle.nodes_of(size, lambda level, place: grown[level, place], [hashed] * 1000):
        pass


def _proofs(node: merkle.NodeAt, size: int, chance: random.Random) -> dict[str, Any]:
    places = [chance.randrange(size) for _ in range(PROOFS)]
    olds = [chance.randrange(1, size) for _ in range(PROOFS)]
    root = merkle.root(size, node)
    included = [merkle.inclusion(place, size, node) for place in places]
    consistent = [merkle.consistency(old, size, node) for old in olds]
    hashes, roots = [node(0, place) for place in places], [merkle.root(old, node) for old in olds]

    def check_inclusion() -> None:
        for hashed, place, proof in zip(hashes, places, included, strict=True):
            assert merkle.is_included(hashed, place, size, proof, root)

    def check_consistency() -> None:
        for old, was, proof in zip(olds, roots, consistent, strict=True):
            assert merkle.is_consistent(old, size, proof, was, root)

    return {
        "inclusion_made_us": microseconds(lambda: [merkle.inclusion(place, size, node) for place in places], PROOFS, 2),
        "inclusion_checked_us": microseconds(check_inclusion, PROOFS),
        "inclusion_hashes": max(map(len, included)),
        "consistency_made_us": microseconds(lambda: [merkle.consistency(old, size, node) for old in olds], PROOFS, 2),
        "consistency_checked_us": microseconds(check_consistency, PROOFS),
        "consistency_hashes": max(map(len, consistent)),
    }


def _audit(registry: Registry) -> dict[str, Any]:
    """Measure entries of the audit, many in one piece of work: as they are written, and such rows without their chain."""
    rows = [_noted(number) for number in range(AUDITED)]

    def linked() -> None:
        head = GENESIS
        for seq, row in enumerate(rows, 1):
            head = chained(head, seq, row, bytes(16))["chain_hash"]

    def bare() -> None:
        with registry.write() as work:
            insert_many(work.session, AuditEntry, [row | {"id": work.new_id()} for row in rows])

    def whole() -> None:
        with registry.write() as work:
            for row in rows:
                put(work.session, row | {"id": work.new_id()}, work.rng)

    return {
        "without_chain_us": microseconds(bare, AUDITED, 3),
        "with_chain_us": microseconds(whole, AUDITED, 3),
        "link_and_commitment_us": microseconds(linked, AUDITED),
    }


def _noted(number: int) -> dict[str, Any]:
    return {
        "id": UUID(int=number),
        "site_id": None,
        "kind": "persons",
        "record_id": UUID(int=number),
        "version": 2,
        "act": "changed",
        "at_us": AT_US,
        "by_name": "office",
        "by_role": "registrar",
        "origin": "",
        "reason": "moved",
        "before": {"name": "甲", "unit": "3-1201"},
        "after": {"name": "甲", "unit": f"3-{number}"},
    }
