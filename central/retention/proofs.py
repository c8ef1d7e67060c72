"""The proof of a run: what went, by numbers, ranges with the hash at both ends, and a digest, signed by the registry's key."""

import json
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select

from access.contract.signature import SignatureError, fingerprint, verify_bytes
from central.audit import services as audit
from central.audit.tables import AuditEntry
from central.records import repository
from central.records.schemas import Page
from central.registry import Work
from central.retention import ranges
from central.retention.schemas import RunsAsked, RunShown
from central.retention.tables import RetentionRun

KIND: Final = "retention_runs"
VERSION: Final = 1
_PREFIX: Final = b"gatehouse-retention-1\n"


def conclude(work: Work, key: Ed25519PrivateKey, run: RetentionRun, state: str) -> None:
    """End a run: sign what went, and have it in the audit; of one in which nothing went nothing is left."""
    if not run.counts:
        work.session.delete(run)
        work.session.flush()
        return
    run.state, run.ended_at = state, work.at
    run.proof = json.dumps(_content(work, key, run), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    run.signature = key.sign(_PREFIX + run.proof.encode())
    facts = {"counts": run.counts, "digest": run.digest.hex(), "signature": run.signature.hex()}
    audit.note(work, KIND, run.id, run.site_id, "done", version=1, after=facts)
    work.session.flush()


def _content(work: Work, key: Ed25519PrivateKey, run: RetentionRun) -> dict[str, Any]:
    assert run.ended_at is not None
    return {
        "version": VERSION,
        "run": str(run.id),
        "site": str(run.site_id),
        "key": fingerprint(key.public_key().public_bytes_raw()),
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat(),
        "by": run.by_name,
        "days": run.days,
        "cap": run.cap,
        "state": run.state,
        "counts": run.counts,
        "entries": [ranges.facts(row) for row in ranges.of_run(work.session, run.id)],
        "identity": run.spans,
        "digest": run.digest.hex(),
    }


def faults(work: Work, key: Ed25519PublicKey, run: RetentionRun) -> Iterator[str]:
    """Yield what is wrong with the proof of a run that has ended."""
    if run.signature is None:
        return
    try:
        verify_bytes(key, run.signature, _PREFIX + run.proof.encode())
    except SignatureError:
        yield "the proof is not signed by the registry's key"
        return
    told = json.loads(run.proof)
    if (told["counts"], told["digest"], told["run"]) != (run.counts, run.digest.hex(), str(run.id)):
        yield "the proof tells of something else than the run"
    stored = ranges.of_run(work.session, run.id)
    if told["entries"] != [ranges.facts(row) for row in stored]:
        yield "the ranges that it tells of are not those that are stored"
    if not all(ranges.is_signed(row, key) for row in stored):
        yield "a range is not signed by the registry's key"
    if not _is_audited(work, run):
        yield "the audit does not have it"


def _is_audited(work: Work, run: RetentionRun) -> bool:
    row = AuditEntry
    query = select(row.after).where(row.kind == KIND, row.record_id == run.id, row.act == "done")
    assert run.signature is not None
    return any(after and after.get("signature") == run.signature.hex() for after in work.session.scalars(query))


def get(work: Work, key: Ed25519PublicKey, run_id: UUID) -> RunShown:
    """Show a run with its proof; RegistryError 404."""
    return shown(work, key, repository.get(work, RetentionRun, run_id))


def page(work: Work, key: Ed25519PublicKey, asked: RunsAsked) -> Page[RunShown]:
    """Show one page of the runs in which something went, oldest first."""
    query = select(RetentionRun)
    if asked.state is not None:
        query = query.where(RetentionRun.state == asked.state)
    rows = repository.page(work, query, RetentionRun, asked)
    items = [shown(work, key, row) for row in rows[: asked.limit]]
    return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)


def shown(work: Work, key: Ed25519PublicKey, run: RetentionRun) -> RunShown:
    """Show a run."""
    return RunShown(
        id=run.id,
        site_id=run.site_id,
        state=run.state,
        started_at=run.started_at,
        ended_at=run.ended_at,
        by_name=run.by_name,
        counts=run.counts,
        digest=run.digest.hex(),
        proof=run.proof,
        signature=run.signature.hex() if run.signature else "",
        faults=list(faults(work, key, run)),
    )
