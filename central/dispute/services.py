"""Making a dispute file: gathered, told in words, packed and signed; that it was made is written down."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from access.contract.signature import fingerprint
from central.access_rules.repository import mark
from central.actors import REGISTRY, Actor
from central.audit import services as audit
from central.dispute import gathering, verify_dispute
from central.dispute.gathering import Gathered
from central.dispute.report import page, told_of
from central.dispute.verify_dispute import DISPUTE, MANIFEST, REPORT, SIGNATURE, VERIFIER, pack, summary, written
from central.log.services import tales_of
from central.looks.schemas import ENTRIES
from central.looks.services import At, looked
from central.registry import Registry, Work
from central.sync_tables import EdgeEvent
from central.tables import Edge, Gate, JournalEntry, Site
from central.tree.services import take_up

KIND: Final = "disputes"
VERSION: Final = 1
Find = Callable[[Work], Sequence[JournalEntry]]


@dataclass(frozen=True, slots=True)
class Packed:
    """A dispute file: its bytes, of which passage, and how much is in it."""

    data: bytes
    passage: str
    entries: int
    pictures: int
    missing: tuple[str, ...]


def export(registry: Registry, actor: Actor, find: Find, purpose: str) -> Packed:
    """Make the dispute file of the passage that `find` gives, for a purpose; it is noted in the audit as an act of the actor's.

    RegistryError as `find` raises it.
    """
    with registry.read(actor) as work:
        find(work)  # before anything is done for somebody who may not see it
    take_up(registry)
    with registry.write(actor) as work:
        rows = find(work)
        found, dispute = _dispute(work, registry.key, registry.pictures, rows, purpose)
        first = rows[0]
        shown = {
            "edge": str(first.edge_id),
            "passage": first.passage or "",
            "entries": len(rows),
            "pictures": len(found.pictures),
        }
        audit.note(work, KIND, first.id, first.site_id, "revealed", version=0, after=shown, reason=purpose)
        at = At(ENTRIES, first.id, first.site_id, first.person_id, first.plate or "")
        looked(work, "dispute", at, purpose=purpose, rows=len(rows))
    data = _packed(registry.key, dispute, found)
    return Packed(data, first.passage or str(first.id), len(rows), len(found.pictures), tuple(one["en"] for one in found.missing))


def _dispute(
    work: Work, key: Ed25519PrivateKey, pictures: Path, rows: Sequence[JournalEntry], purpose: str
) -> tuple[Gathered, dict[str, Any]]:
    found, head = gathering.gather(work, key, pictures, rows)
    first, tales = rows[0], tales_of(replace(work, actor=REGISTRY), rows)  # in full: the file is for a purpose
    tale = tales.get((first.edge_id, first.passage or ""))
    site, gate = work.session.get_one(Site, first.site_id), work.session.get_one(Gate, first.gate_id)
    return found, {
        "version": VERSION,
        "made_at": work.at.isoformat(),
        "purpose": purpose,
        "site": f"{site.name} ({site.slug})",
        "zone": site.zone,
        "gate": f"{gate.name} ({gate.slug})",
        "edge": str(first.edge_id),
        "passage": first.passage or "",
        "story": tale.story if tale else {},
        "summary": summary(found.entries),
        "entries": [{**entry, "told": told_of(entry)} for entry in found.entries],
        "rules": _rules(work, first.site_id, found),
        "runs": found.runs,
        "tree": {"head": head.model_dump(mode="json"), "published": gathering.published(work, head)},
        "keys": {"registry": _key(key.public_key().public_bytes_raw()), "edge": _edge(work, first.edge_id)},
        "pictures": found.pictures_told,
        "missing_pictures": found.missing_pictures,
        "missing": found.missing,
        "untold": found.untold,
    }


def _rules(work: Work, site: UUID, found: Gathered) -> list[dict[str, Any]]:
    """Return the revisions under which was decided, each with what stands for all changes up to it."""
    decided = [one["said"]["fields"] for one in found.entries if one["said"]["kind"] == "decision"]
    revisions = sorted({one["revision"] for one in decided if isinstance(one.get("revision"), int)})
    return [{"revision": revision, "mark": mark(work.session, site, revision)} for revision in revisions]


def _key(public: bytes) -> dict[str, Any]:
    return {"public": public.hex(), "fingerprint": fingerprint(public)}


def _edge(work: Work, edge_id: UUID) -> dict[str, Any]:
    """Return a gate's key, and who has approved it when, having compared its fingerprint."""
    edge = work.session.get_one(Edge, edge_id)
    query = select(EdgeEvent).where(EdgeEvent.edge_id == edge_id, EdgeEvent.what == "approved").order_by(EdgeEvent.at)
    approved = work.session.scalars(query.limit(1)).one_or_none()
    return {
        **_key(edge.public_key),
        "name": edge.name,
        "status": edge.status,
        "enrolled_at": edge.enrolled_at.isoformat(),
        "approved_at": approved.at.isoformat() if approved else None,
        "approved_by": approved.by if approved else "",
    }


def _packed(key: Ed25519PrivateKey, dispute: dict[str, Any], found: Gathered) -> bytes:
    """Return the archive: the same bytes for the same parts."""
    content = {
        DISPUTE: written(dispute),
        REPORT: page(dispute).encode(),
        VERIFIER: Path(verify_dispute.__file__).read_bytes(),
        **dict(sorted(found.pictures.items())),
    }
    listed = [{"name": name, "size": len(held), "sha256": _digest(held)} for name, held in content.items()]
    manifest = written({"version": VERSION, "files": listed})
    signature = key.sign(f"gatehouse-dispute-1\n{_digest(manifest)}".encode()).hex()
    signed = written({"key": key.public_key().public_bytes_raw().hex(), "signature": signature})
    return pack([*content.items(), (MANIFEST, manifest), (SIGNATURE, signed)])


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
