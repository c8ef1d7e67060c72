"""What a dispute file is made of: the entries of one passage, the runs of bytes that prove them, and their pictures."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from access import merkle
from access.cbor import loads
from access.contract.heads import TreeHead
from access.contract.sync import PICTURE_BYTES_MAX
from access.passes import is_name
from access.sealing import Opened, unseal
from central.dispute.verify_dispute import PICTURES, BadError, read_entry
from central.errors import RegistryError
from central.journal import repository as journal
from central.journal.pictures import path_of
from central.log.repository import STORY_MAX, story
from central.records.repository import in_sight
from central.registry import Work
from central.tables import JournalEntry, QuarantinedEntry
from central.tree import leaves, services
from central.tree import repository as tree
from central.tree.schemas import PublishedAsked

RUN_ENTRIES_MAX: Final = 20_000
RUN_BYTES_MAX: Final = 8 * 1024 * 1024
PICTURES_MAX: Final = 40
PICTURE_BYTES_ALL_MAX: Final = 64 * 1024 * 1024
PUBLISHED_MAX: Final = 50
LEFT_OUT: Final = ("过多，未附", "left out: too many")
NOT_HERE: Final = ("不在（已删除或未上传）", "not here: deleted, or not sent")
Place = tuple[UUID, UUID, int]


@dataclass(slots=True)
class Gathered:
    """The parts of a dispute file, as JSON has them; `pictures` by member name. `missing` says what is not there and why.

    `untold` are entries of the passage that are in a run alone: behind the last that is told, or parked.
    """

    rows: Sequence[JournalEntry]
    entries: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)
    pictures_told: list[dict[str, Any]] = field(default_factory=list)
    missing_pictures: list[str] = field(default_factory=list)
    missing: list[dict[str, str]] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)

    def lacks(self, zh: str, en: str) -> None:
        """Say what is not there, and why."""
        self.missing.append({"zh": zh, "en": en})


def rows_of(work: Work, passage: str, edge: UUID | None) -> Sequence[JournalEntry]:
    """Return the entries of a passage, named as the log shows it or by the id of one of its entries, in order.

    RegistryError 404; 422 where gates have passages of the same name and none is named.
    """
    row = JournalEntry
    seen = in_sight(work, row.site_id)
    query = select(row.edge_id).where(row.passage == passage, seen).distinct().limit(2)
    edges = work.session.scalars(query if edge is None else query.where(row.edge_id == edge)).all()
    if len(edges) > 1:
        raise RegistryError("several gates have a passage of this name: name the edge too", 422, "edge")
    found = select(row).where(seen, row.passage == passage, row.edge_id == edges[0]) if edges else _by_id(work, passage)
    first = work.session.scalars(found.limit(1)).one_or_none() if found is not None else None
    if first is None:
        raise RegistryError("there is no such passage", 404, "passage")
    return story(work.session, first)


def _by_id(work: Work, text: str) -> Any:
    try:
        found = select(JournalEntry).where(JournalEntry.id == UUID(text), in_sight(work, JournalEntry.site_id))
        return found.order_by(JournalEntry.received_at)
    except ValueError:
        return None


def rows_at(work: Work, place: Place) -> Sequence[JournalEntry]:
    """Return the entries of the passage of the entry at a place (edge, epoch, seq), or that alone; RegistryError 404."""
    row = work.session.get(JournalEntry, place)
    if row is None or not work.actor.sees(row.site_id):
        raise RegistryError("this entry is not here", 404, "entry")
    return story(work.session, row)


def gather(work: Work, key: Ed25519PrivateKey, pictures: Path, rows: Sequence[JournalEntry]) -> tuple[Gathered, TreeHead]:
    """Gather all parts, with proofs to the signed head of now."""
    found, head = Gathered(rows), services.head(work, key)
    if len(rows) == STORY_MAX:
        found.lacks(f"仅含前 {STORY_MAX} 条记录", f"only the first {STORY_MAX} entries are told")
    for row in rows:
        found.entries.append(_entry(row))
    erased = sorted({name for entry in found.entries for name in entry["erased"]})
    if erased:
        found.lacks(f"个人信息已删除：{'、'.join(erased)}", f"personal fields were erased: {', '.join(erased)}")
    if any(entry["withheld"] for entry in found.entries):
        found.lacks("通行码的文字不予提供", "the text of a code is withheld: whoever has it could pass")
    for epoch in dict.fromkeys(row.epoch for row in rows):
        _add_run(work, key, found, [row for row in rows if row.epoch == epoch], head)
    _add_pictures(work, pictures, found)
    return found, head


def _entry(row: JournalEntry) -> dict[str, Any]:
    opened = unseal(row.canonical, row.personal)
    withheld = _withheld(opened)
    beside = row.personal
    if withheld:
        kept = {name: value for name, value in loads(row.personal).items() if name not in withheld}
        beside = cbor2.dumps(kept, canonical=True) if kept else b""
    read = read_entry(row.canonical, beside, [*opened.erased, *withheld])
    told = {"canonical": row.canonical.hex(), "personal": beside.hex(), "erased": list(opened.erased), "withheld": withheld}
    return {"epoch": read["epoch"], "seq": read["seq"], "said": read["said"], **told}


def _withheld(opened: Opened) -> list[str]:
    """Name the fields with the text of a code by which somebody could pass."""
    if opened.fields.get("medium") != "code":
        return []
    told = {name: opened.fields.get(name) for name in ("raw", "text")}
    return [name for name, value in told.items() if isinstance(value, str) and value and not is_name(value)]


def _add_run(work: Work, key: Ed25519PrivateKey, found: Gathered, rows: Sequence[JournalEntry], head: TreeHead) -> None:
    """Add the run of bytes from the first of these entries to the first checkpoint behind their last."""
    edge, epoch, first, last = rows[0].edge_id, rows[0].epoch, rows[0].seq, rows[-1].seq
    checkpoint = tree.checkpoint_from(work.session, (edge, epoch, last))
    if checkpoint is None or checkpoint.leaf is None or checkpoint.leaf >= head.size:
        found.lacks(f"{epoch} 第 {last} 条之后尚无检查点", f"no checkpoint lies behind entry {last} of {epoch} yet")
        return
    follows = services.hash_before(work.session, (edge, epoch, first))
    run, parked = _bytes(work, (edge, epoch, first), checkpoint.seq) if checkpoint.seq - first < RUN_ENTRIES_MAX else ([], set())
    if follows is None or len(run) != checkpoint.seq - first + 1 or sum(map(len, run)) > RUN_BYTES_MAX:
        zh = f"{epoch} 第 {first} 条到检查点 {checkpoint.seq} 的记录有缺失或过长"
        found.lacks(zh, f"the entries {first} of {epoch} to the checkpoint at {checkpoint.seq} are not all here, or too many")
        return
    behind = set(range(last + 1, checkpoint.seq + 1)) if len(found.rows) == STORY_MAX else set()
    found.untold += [f"{epoch}/{seq}" for seq in sorted(parked | behind) if _passage_in(run[seq - first]) == rows[0].passage]
    proof = services.inclusion(work, key, (edge, epoch, checkpoint.seq), head.size)
    found.runs.append(
        {
            "epoch": str(epoch),
            "first": first,
            "follows": follows.hex(),
            "canonical": [each.hex() for each in run],
            "countersigned": leaves.countersigned(checkpoint).model_dump(mode="json"),
            "leaf": {"index": proof.leaf, "data": proof.data, "proof": proof.proof},
        }
    )


def _bytes(work: Work, place: Place, last: int) -> tuple[list[bytes], set[int]]:
    """Return the canonical bytes of the entries from a place on, and the seqs of those that are parked."""
    edge, epoch, first = place
    found: dict[int, bytes] = {}
    for table in (JournalEntry, QuarantinedEntry):
        query = select(table.seq, table.canonical).where(table.edge_id == edge, table.epoch == epoch)
        parked = dict(work.session.execute(query.where(table.seq.between(first, last))).all())
        found |= parked
    return [found[seq] for seq in sorted(found)], set(parked)


def _passage_in(canonical: bytes) -> str:
    """Return the passage of an entry as the verifier reads it, "" where it cannot."""
    try:
        return str(read_entry(canonical, b"")["said"]["passage"])
    except (BadError, OverflowError):
        return ""


def _add_pictures(work: Work, folder: Path, found: Gathered) -> None:
    """Add the pictures that entries name by their hash, and those of the same captures that none does."""
    edge = found.rows[0].edge_id
    named = {
        one["said"]["fields"]["sha256"]: (one["said"]["fields"]["capture"], {"epoch": one["epoch"], "seq": one["seq"]})
        for one in found.entries
        if one["said"]["kind"] == "evidence"
    }
    captures = {(edge, str(one["said"]["fields"].get("capture") or "")) for one in found.entries}
    kept = journal.pictures_of(work.session, {pair for pair in captures if pair[1]})
    others = {each.sha256: (each.capture, None) for several in kept.values() for each in several if each.sha256 not in named}
    size = 0
    for sha256, (capture, entry) in {**named, **others}.items():
        is_full = len(found.pictures) == PICTURES_MAX
        content = b"" if is_full else _picture(path_of(folder, sha256), sha256)
        is_full = is_full or size + len(content) > PICTURE_BYTES_ALL_MAX
        if is_full or not content:
            found.missing_pictures.append(sha256)
            zh, en = LEFT_OUT if is_full else NOT_HERE
            found.lacks(f"图片 {sha256} {zh}", f"picture {sha256} is {en}")
            continue
        size += len(content)
        name = f"{PICTURES}{sha256}.jpg"
        found.pictures[name] = content
        told = {"name": name, "sha256": sha256, "size": len(content), "capture": capture, "entry": entry}
        found.pictures_told.append(told)


def _picture(path: Path, sha256: str) -> bytes:
    """Return a picture, nothing where it is not there or is another."""
    try:
        with path.open("rb") as file:
            content = file.read(PICTURE_BYTES_MAX + 1)
    except OSError:
        return b""
    return content if hashlib.sha256(content).hexdigest() == sha256 else b""


def published(work: Work, head: TreeHead) -> list[dict[str, Any]]:
    """Return the newest heads that were published, each with the proof that the tree has only grown since."""
    rows = tree.published(work.session, PublishedAsked(limit=PUBLISHED_MAX))
    told: dict[int, dict[str, Any]] = {}
    for row in rows:
        if not row.fault and row.size <= head.size and row.size not in told:
            steps = merkle.consistency(row.size, head.size, lambda level, place: tree.node(work.session, level, place))
            shown = services.head_of(row).model_dump(mode="json")
            told[row.size] = {"head": shown, "at_us": row.at_us, "target": row.target, "proof": [each.hex() for each in steps]}
    return list(told.values())
