"""Checks a dispute file of a Gatehouse registry: `python verify_dispute.py FILE.zip`.

It needs Python 3.9 or later and the package `cryptography`, and nothing else of ours. Take it from elsewhere than from the file
that it is to check. The keys in the file prove only that the file fits itself: compare their fingerprints with paper, or name
the keys with --registry-key and --edge-key.
"""

from __future__ import annotations

import argparse
import hashlib
import html
import json
import math
import struct
import sys
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Facts = dict[str, Any]
FILE_BYTES_MAX, MEMBERS_MAX, DEPTH_MAX, SALT_BYTES = 128 * 1024 * 1024, 100, 64, 16
NAMES = ("dispute.json", "report.html", "verify_dispute.py", "manifest.json", "signature.json")
DISPUTE, REPORT, VERIFIER, MANIFEST, SIGNATURE = NAMES
PICTURES, LANGUAGES = "pictures/", ("zh", "en")
WORDS = {
    "file": ("文件已被改动或残缺：{}", "the file was changed or cut: {}"),
    "member": ("{} 被改动、替换或添加", "{} was changed, exchanged or added"),
    "manifest": ("清单不是由所列管理中心密钥签署", "the list of files is not signed by the registry's key"),
    "fingerprint": ("{} 公钥的指纹不符", "the fingerprint of the {} key is another"),
    "key": ("文件由另一把 {} 密钥签署，与您给出的不同", "another {} key than the one that you name"),
    "entry": ("记录 {} 被改动：{}", "entry {} was changed: {}"),
    "place": ("记录 {} 不在其位：其字节属于 {}", "entry {} is in another's place: its bytes are those of {}"),
    "order": ("记录 {} 次序颠倒", "entry {} is out of order"),
    "said": ("记录 {} 的文字与其字节不符", "what is told of entry {} is not what its bytes say"),
    "summary": ("摘要与记录不符", "the summary is not what the entries say"),
    "chained": ("记录 {} 与链上的不同", "entry {} is another than on the chain"),
    "unproved": ("记录 {} 没有检查点证明", "no checkpoint proves entry {}"),
    "left out": ("本次通行的记录 {} 被略去", "entry {} of this passage was left out"),
    "untold": ("未读出本次通行的记录 {}（过多或无法读取）", "entry {} of this passage is not told: too many, or unreadable"),
    "end": ("记录链不通到检查点 {}", "the chain of entries does not lead to checkpoint {}"),
    "by gate": ("检查点 {} 的门岗签名不符", "checkpoint {} is not signed by the gate's key"),
    "by registry": ("检查点 {} 的会签不符", "checkpoint {} is not countersigned by the registry's key"),
    "included": ("检查点 {} 不在树中", "checkpoint {} is not the leaf of the tree that is named"),
    "head": ("树头 {} 的签名不符", "the head of {} leaves is not signed by the registry's key"),
    "rewritten": ("树与公布的树头 {} 不一致", "the tree is not that of the published head of {} leaves: it was rewritten"),
    "no proof": ("文件没有到树头 {} 的证明：请重新导出", "no proof leads to the head of {} leaves that you name: export it anew"),
    "picture": ("图片 {} 被替换或添加", "picture {} was exchanged or added"),
    "not vouched": ("图片 {} 没有记录为证", "no entry vouches for picture {}"),
    "picture gone": ("图片 {} 缺失，且未说明原因", "picture {} is missing, and nothing says why"),
    "row": ("报告对记录 {} 的陈述不同或缺失", "the report tells entry {} otherwise, or not at all"),
    "key told": ("{} 公钥指纹 {}：请与纸面比对，文件内的公钥只证明文件自身一致", "{} key, fingerprint {}: compare it with paper"),
    "missing": ("{0}", "{1}"),
    "good": ("结论：未发现改动。", "Result: nothing was changed."),
    "partly": ("结论：未发现改动，但并非全部可证，见附注。", "Result: nothing was changed; not all is proved: see the notes."),
    "bad": ("结论：发现 {} 处问题，文件不可信。", "Result: {} found. Do not trust this file."),
    "if true": ("但仅当上列公钥属实时成立：请比对指纹。", "But only if these are the true keys: compare their fingerprints."),
    "elsewhere": ("请勿使用文件内附带的核验程序。", "Use no verifier that came in the file itself."),
}  # fmt: skip


class BadError(Exception):
    """Something is not of its form; says what."""


_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s4H2LH")
_DATE = 33  # 1 January 1980: the same bytes whenever it is written


def pack(members: Sequence[tuple[str, bytes]]) -> bytes:
    """Return the one archive of these members (name, bytes) that there is."""
    body, directory, at = list[bytes](), list[bytes](), 0
    for name, content in members:
        raw = name.encode("ascii")
        facts = (0, 0, _DATE, zlib.crc32(content), len(content), len(content), len(raw), 0)
        directory.append(_CENTRAL.pack(b"PK\1\2", 20, 20, 0, *facts, 0, 0, 0, 0, at) + raw)
        body += [_LOCAL.pack(b"PK\3\4", 20, 0, *facts) + raw, content]
        at += _LOCAL.size + len(raw) + len(content)
    return b"".join([*body, *directory, _END.pack(b"PK\5\6", 0, 0, *[len(members)] * 2, sum(map(len, directory)), at, 0)])


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the members of an archive by their names, in order. Raises BadError where a byte is otherwise than `pack` has it."""
    members: dict[str, bytes] = {}
    at = 0
    while data[at : at + 4] == b"PK\3\4" and len(members) < MEMBERS_MAX and len(data) >= at + _LOCAL.size:
        size, length = _LOCAL.unpack_from(data, at)[7:10:2]
        begin = at + _LOCAL.size + length
        name, at = data[at + _LOCAL.size : begin].decode("ascii", "replace"), begin + size
        if at > len(data) or name in members:
            raise BadError(f"the archive is cut in {name!r}, or has it twice")
        members[name] = data[begin:at]
    if not members or not all(name.isascii() for name in members) or pack(list(members.items())) != data:
        raise BadError("the bytes of the archive are not those that were written")
    return members


def written(value: Any) -> bytes:
    """Return a value as the one JSON text that there is for it."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("utf-8")


def parsed(content: bytes) -> Any:
    """Return the value of a JSON text that is the one for it. Raises BadError."""
    try:
        value = json.loads(content.decode("utf-8"))
        if written(value) == content:
            return value
    except (ValueError, RecursionError) as error:
        raise BadError(f"no JSON: {error}") from error
    raise BadError("a text is not as it was written")


def uncbor(data: bytes) -> Any:
    """Return the value that is the whole of `data`: definite lengths, shortest heads, no tags. Raises BadError."""
    source = BytesIO(data)
    try:
        value = _item(source, 0)
    except (IndexError, KeyError, struct.error, UnicodeDecodeError, TypeError, OverflowError) as error:
        raise BadError(f"no CBOR of ours: {error}") from error
    if source.read(1):
        raise BadError("no CBOR: there are bytes behind its end")
    return value


def _item(source: BytesIO, depth: int) -> Any:
    major, short = divmod(source.read(1)[0], 32)
    if depth > DEPTH_MAX or major == 6:
        raise BadError("no CBOR of ours: a tag, or nested too deeply")
    if major == 7:
        form = {20: False, 21: True, 22: None, 25: ">e", 26: ">f", 27: ">d"}[short]
        return struct.unpack(form, source.read(struct.calcsize(form)))[0] if isinstance(form, str) else form
    count = _count(source, short)
    if major in (2, 3):
        content = source.read(count)
        _check(len(content) == count)
        return content if major == 2 else content.decode("utf-8")
    if major < 2:
        return -1 - count if major else count
    values = [_item(source, depth + 1) for _ in range(count * (major - 3))]
    mapping = {} if major == 4 else dict(zip(values[::2], values[1::2]))  # noqa: B905 - as long as each other; Python 3.9
    _check(major == 4 or len(mapping) == count)
    return values if major == 4 else mapping


def _count(source: BytesIO, short: int) -> int:
    size = 0 if short < 24 else 1 << short - 24
    content = source.read(size) if size < 9 else b""
    count = int.from_bytes(content, "big") if size else short
    _check(len(content) == size and (not size or count >= (24 if size == 1 else 1 << 4 * size)))
    return count


def _check(holds: object) -> None:
    if not holds:
        raise BadError("no CBOR of ours: cut, not the shortest, or a key comes twice")


def read_entry(canonical: bytes, personal: bytes, left_out: Iterable[str] = ()) -> Facts:
    """Return what an entry says, as JSON has it, without the personal fields that are left out, with its edge, epoch and seq.

    Every personal value is compared with its commitment. Raises BadError.
    """
    parts = uncbor(canonical)
    types = [int, bytes, bytes, int, bytes, str, str, str, int, int, str, dict]
    if not isinstance(parts, list) or [type(part) for part in parts] != types or parts[0] != 1:
        raise BadError("these are no bytes of an entry")
    _, edge, epoch, seq, identity, kind, lane, passage, mono_us, utc_us, quality, fields = parts
    beside = uncbor(personal) if personal else {}
    if not len(edge) == len(epoch) == len(identity) == 16 or not isinstance(beside, dict):
        raise BadError("an id has 16 bytes, and personal fields are a map")
    for name, salted in beside.items():
        if not isinstance(salted, bytes) or len(salted) <= SALT_BYTES or fields.get(name) != hashlib.sha256(salted).digest():
            raise BadError(f"the personal field {name!r} is not what the entry committed to")
        fields[name] = uncbor(salted[SALT_BYTES:])
    for name in left_out:
        if name in beside or not isinstance(fields.get(name), bytes) or len(fields.pop(name)) != 32:
            raise BadError(f"the field {name!r} is left out, and is no personal one")
    at = (datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=utc_us)).isoformat()  # noqa: UP017 - 3.9
    said = {"kind": kind, "lane": lane, "passage": passage, "clock": quality, "mono_us": mono_us, "utc_us": utc_us}
    said.update(id=str(UUID(bytes=identity)), at=at, fields=plain(fields))
    return {"edge": str(UUID(bytes=edge)), "epoch": str(UUID(bytes=epoch)), "seq": seq, "said": said}


def plain(value: Any) -> Any:
    """Return a value of CBOR as JSON has it: bytes as hex, keys as text."""
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    is_odd = isinstance(value, float) and not math.isfinite(value)
    return value.hex() if isinstance(value, bytes) else str(value) if is_odd else value


def row(entry: Facts) -> str:
    """Return the line of a report that an entry has: number, time, lane, kind, and the codes of what it says."""
    return '<tr class="entry">' + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells(entry))


def cells(entry: Facts) -> tuple[str, ...]:
    """Return what a line about an entry must say."""
    said, fields = entry["said"], entry["said"]["fields"]
    names = ("outcome", "reason", "act", "accepted", "result", "direction", "what", "mode", "ok", "revision", "guard", "sha256")
    codes = [f"{name}={fields[name]}" for name in names if name in fields and fields[name] not in ("", None)]
    return (str(entry["seq"]), said["at"], said["lane"], said["kind"], " ".join(codes))


def summary(entries: Sequence[Facts]) -> Facts:
    """Return what came of a passage, by its entries: the last decision, how it ended, and what guards and office did."""
    saids = [entry["said"] for entry in entries]
    decided = [said for said in saids if said["kind"] == "decision"][-1:]
    ended = [said["fields"].get("result") for said in saids if said["kind"] == "passage"]
    acts = [said["fields"] for said in saids if said["kind"] in ("guard", "remote")]
    named = ("outcome", "reason", "medium", "device", "direction", "revision", "uncommitted", "category")
    return {
        "decision": [{name: said["fields"].get(name) for name in named} | {"at": said["at"]} for said in decided],
        "lanes": sorted({said["lane"] for said in saids}),
        "result": ended[-1] if ended else None,
        "acts": [{name: act.get(name) for name in ("act", "reason", "accepted", "guard", "issuer")} for act in acts],
    }


def unhex(text: Any, size: int | None = None) -> bytes:
    """Return the bytes of lower-case hex. Raises BadError."""
    if not isinstance(text, str) or set(text) - set("0123456789abcdef") or len(text) % 2 or size not in (None, len(text) // 2):
        raise BadError("this is no lower-case hex of its length")
    return bytes.fromhex(text)


def fingerprint(public: str) -> str:
    """Return the short form of a key (hex) that people compare: five groups of four."""
    digest = hashlib.sha256(unhex(public, 32)).hexdigest()[:20].upper()
    return " ".join(digest[at : at + 4] for at in range(0, 20, 4))


def _is_signed(public: str, signature: str, what: str, *parts: object) -> bool:
    text = "\n".join(map(str, (f"gatehouse-{what}-1", *parts)))
    try:
        Ed25519PublicKey.from_public_bytes(unhex(public, 32)).verify(unhex(signature, 64), text.encode("utf-8"))
    except (InvalidSignature, ValueError, BadError):
        return False
    return True


def _climbed(at: int, last: int, begin: bytes, proof: Sequence[bytes]) -> tuple[str, str] | None:
    """Return what a proof leads to from a leaf or subtree (RFC 9162, 2.1.3.2 and 2.1.4.2): the old root, and the new one."""
    old = new = begin
    for other in proof:
        if last == 0:
            return None
        if at % 2 or at == last:
            old, new = (hashlib.sha256(b"\x01" + other + each).digest() for each in (old, new))
            while at and not at % 2:
                at, last = at >> 1, last >> 1
        else:
            new = hashlib.sha256(b"\x01" + new + other).digest()
        at, last = at >> 1, last >> 1
    return (old.hex(), new.hex()) if last == 0 else None


def is_included(data: bytes, index: int, size: int, proof: Sequence[str], root: str) -> bool:
    """Tell whether a proof leads from a leaf to a root."""
    leaf, steps = hashlib.sha256(b"\x00" + data).digest(), [unhex(each, 32) for each in proof]
    return 0 <= index < size and (_climbed(index, size - 1, leaf, steps) or ("", ""))[1] == root


def is_consistent(first: int, second: int, proof: Sequence[str], was: str, now: str) -> bool:
    """Tell whether the tree of `first` leaves with root `was` has grown to that with root `now`."""
    if not 0 < first < second:
        return first in (0, second) and not proof and was == (hashlib.sha256(b"").hexdigest() if first == 0 else now)
    steps = [unhex(each, 32) for each in ([was] if first & (first - 1) == 0 else []) + list(proof)]
    at, last = first - 1, second - 1
    while at % 2:
        at, last = at >> 1, last >> 1
    return bool(steps) and _climbed(at, last, steps[0], steps[1:]) == (was, now)


class Check:
    """One check of a file: what was found is in `findings` (a name of WORDS and its values), what is not proved in `notes`."""

    def __init__(self, registry_key: str = "", edge_key: str = "", published: Facts | None = None) -> None:
        self.given = {"registry": registry_key.strip().lower(), "edge": edge_key.strip().lower()}
        self.published = published
        self.findings: list[tuple[str, ...]] = []
        self.notes: list[tuple[str, ...]] = []
        self.members: dict[str, bytes] = {}
        self.dispute: Facts = {}
        self.entries: list[Facts] = []
        self.keys: dict[str, str] = {}

    def expect(self, holds: object, *wrong: object) -> bool:
        """Note what is wrong where something does not hold."""
        if not holds:
            self.findings.append(tuple(map(str, wrong)))
        return bool(holds)

    def check(self, data: bytes) -> None:
        """Look at all of a file."""
        try:
            self.members = unpack(data if len(data) <= FILE_BYTES_MAX else b"")
            self.expect(not [name for name in NAMES if name not in self.members], "file", "a part is missing")
            self.dispute = parsed(self.members[DISPUTE])
            for part in (self._manifest, self._entries, self._runs, self._tree, self._pictures, self._report):
                part()
        except (BadError, KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
            self.expect(False, "file", f"{type(error).__name__} {error}")  # noqa: FBT003 - it does not hold

    def _manifest(self) -> None:
        """See that every member is as it was listed, that the list is signed, and by whom."""
        content, signed = self.members[MANIFEST], parsed(self.members[SIGNATURE])
        listed = {one["name"]: one for one in parsed(content)["files"]}
        self.expect(list(self.members) == [*listed, MANIFEST, SIGNATURE], "file", "a part is missing, added or moved")
        for name, held in self.members.items():
            if name not in (MANIFEST, SIGNATURE):
                told = listed.get(name, {})
                self.expect((told.get("size"), told.get("sha256")) == (len(held), _digest(held)), "member", name)
        self.expect(_is_signed(signed["key"], signed["signature"], "dispute", _digest(content)), "manifest")
        for name, told in sorted(self.dispute["keys"].items()):
            self.expect(fingerprint(told["public"]) == told["fingerprint"], "fingerprint", name)
            self.keys[name] = told["public"]
            self.expect(self.given[name] in ("", told["public"]), "key", name)
        self.expect(signed["key"] == self.keys["registry"], "manifest")

    def _entries(self) -> None:
        """Read every entry of the passage from its bytes, and compare that with what is told of it."""
        before: Facts | None = None
        self.expect(self.dispute["entries"], "file", "no entry")
        for told in self.dispute["entries"]:
            name = f"{told['epoch']}/{told['seq']}"
            try:
                entry = read_entry(unhex(told["canonical"]), unhex(told["personal"]), [*told["erased"], *told["withheld"]])
            except BadError as error:
                self.expect(False, "entry", name, error)  # noqa: FBT003 - as above
                continue
            place = (entry["edge"], entry["epoch"], entry["seq"])
            self.expect(place == (self.dispute["edge"], told["epoch"], told["seq"]), "place", name, f"{place[1]}/{place[2]}")
            self.expect(not before or entry["epoch"] != before["epoch"] or entry["seq"] > before["seq"], "order", name)
            self.expect(entry["said"]["passage"] == self.dispute["passage"], "said", name)
            self.expect(written(told["said"]) == written(entry["said"]), "said", name)
            before = entry
            self.entries.append({**entry, "canonical": told["canonical"]})
        self.expect(written(self.dispute["summary"]) == written(summary(self.entries)), "summary")

    def _runs(self) -> None:
        """Chain every run of bytes up to its checkpoint; each entry of the passage is to be in one, and no other of it."""
        chained: dict[tuple[str, int], tuple[str, str]] = {}
        for run in self.dispute["runs"]:
            chained.update(self._run(run))
        listed = {(entry["epoch"], entry["seq"]): entry["canonical"] for entry in self.entries}
        for (epoch, seq), canonical in listed.items():
            if (epoch, seq) not in chained:
                self.notes.append(("unproved", f"{epoch}/{seq}"))
            else:
                self.expect(chained[epoch, seq][0] == canonical, "chained", f"{epoch}/{seq}")
        for (epoch, seq), (_, passage) in chained.items():
            if (epoch, seq) not in listed and passage and passage == self.dispute["passage"]:
                self.expect(f"{epoch}/{seq}" in self.dispute["untold"], "left out", f"{epoch}/{seq}")
        self.notes += [("untold", name) for name in self.dispute["untold"]]

    def _run(self, run: Facts) -> dict[tuple[str, int], tuple[str, str]]:
        """Return what a run proves: bytes (hex) and passage by place; nothing where its checkpoint does not hold."""
        told, edge, epoch = run["countersigned"]["checkpoint"], self.dispute["edge"], run["epoch"]
        head, seq = unhex(run["follows"], 32), run["first"]
        found: dict[tuple[str, int], tuple[str, str]] = {}
        begun = b"gatehouse-epoch-1" + bytes.fromhex((edge + epoch).replace("-", ""))
        self.expect(seq > 1 or head == hashlib.sha256(begun).digest(), "end", epoch)
        for canonical in run["canonical"]:
            raw = unhex(canonical)
            try:
                entry = read_entry(raw, b"")
                self.expect((entry["edge"], entry["epoch"], entry["seq"]) == (edge, epoch, seq), "order", f"{epoch}/{seq}")
                found[epoch, seq] = canonical, entry["said"]["passage"]
            except (BadError, OverflowError):
                found[epoch, seq] = canonical, ""  # the registry could not read it either; it is on the chain all the same
            head, seq = hashlib.sha256(head + raw).digest(), seq + 1
        name = f"{epoch}/{told['seq']}"
        ends = (told["edge"], told["epoch"], told["seq"], told["head"]) == (edge, epoch, seq - 1, head.hex())
        holds = [self.expect(ends, "end", name), self._countersigned(run["countersigned"], name), self._leaf(run, name)]
        return found if all(holds) else {}

    def _countersigned(self, signed: Facts, name: str) -> bool:
        told, agrees = signed["checkpoint"], {True: "yes", False: "no", None: "unknown"}[signed["agrees"]]
        parts = [told[each] for each in ("edge", "epoch", "seq", "head", "at_us")]
        by_gate = self.expect(_is_signed(self.keys["edge"], told["signature"], "checkpoint", *parts), "by gate", name)
        parts = [told["signature"], agrees, signed["received_us"]]
        by_registry = _is_signed(self.keys["registry"], signed["signature"], "countersigned", *parts)
        return self.expect(by_registry and agrees != "no", "by registry", name) and by_gate

    def _leaf(self, run: Facts, name: str) -> bool:
        leaf, head, signed = run["leaf"], self.dispute["tree"]["head"], run["countersigned"]
        told, data = signed["checkpoint"], unhex(leaf["data"])
        ids = [bytes.fromhex(told[each].replace("-", "")) for each in ("edge", "epoch")]
        wanted = ["checkpoint", *ids, told["seq"], unhex(told["head"], 32), told["at_us"], unhex(told["signature"], 64)]
        wanted += [signed["agrees"], signed["received_us"], unhex(signed["signature"], 64)]
        is_in = is_included(data, leaf["index"], head["size"], leaf["proof"], head["root"])
        return self.expect(is_in and uncbor(data) == wanted, "included", name)

    def _tree(self) -> None:
        """See that the heads are the registry's, and that the tree has only grown since each was published."""
        tree, head = self.dispute["tree"], self.dispute["tree"]["head"]
        self._is_head(head)
        roots = {head["size"]: head["root"]}
        for one in tree["published"]:
            old = one["head"]
            self._is_head(old)
            grew = is_consistent(old["size"], head["size"], one["proof"], old["root"], head["root"])
            self.expect(grew, "rewritten", old["size"])
            roots[old["size"]] = old["root"]
        if self.published is not None:
            kept = self.published.get("head", self.published)
            self._is_head(kept)
            if self.expect(kept["size"] in roots, "no proof", kept["size"]):
                self.expect(roots[kept["size"]] == kept["root"], "rewritten", kept["size"])

    def _is_head(self, head: Facts) -> bool:
        parts = (head["size"], head["root"], head["at_us"])
        return self.expect(_is_signed(self.keys["registry"], head["signature"], "tree-head", *parts), "head", head["size"])

    def _pictures(self) -> None:
        """See that the pictures are those that the entries name by their hash, or that it is said why one is missing."""
        fields = [entry["said"]["fields"] for entry in self.entries if entry["said"]["kind"] == "evidence"]
        named = {one["sha256"]: (one["capture"], one["size"]) for one in fields}
        told = {one["name"]: one for one in self.dispute["pictures"]}
        for name, content in self.members.items():
            if name.startswith(PICTURES):
                one, digest = told.pop(name, {}), _digest(content)
                self.expect(one.get("sha256") == digest and name == f"{PICTURES}{digest}.jpg", "picture", name)
                if digest in named:
                    self.expect(named.pop(digest) == (one.get("capture"), len(content)), "picture", name)
                else:
                    self.notes.append(("not vouched", name))
        for name in [*told, *(named.keys() - set(self.dispute["missing_pictures"]))]:
            self.expect(False, "picture gone", name)  # noqa: FBT003 - as above

    def _report(self) -> None:
        """See that the report has a line for each entry, in order, and no other; note what the file says is missing."""
        page, at = self.members[REPORT].decode("utf-8", "replace"), 0
        for entry in self.entries:
            at = page.find(row(entry), at) + 1
            if not self.expect(at, "row", f"{entry['epoch']}/{entry['seq']}"):
                break
        self.expect(page.count('<tr class="entry">') == len(self.entries), "row", "?")
        self.notes += [("missing", one["zh"], one["en"]) for one in self.dispute["missing"]]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def say(what: Sequence[str], language: str) -> str:
    """Put a name of WORDS and its values in words."""
    return WORDS[what[0]][LANGUAGES.index(language)].format(*what[1:])


def told(check: Check, language: str) -> list[str]:
    """Return what was checked and found, in lines; what an entry says can neither look like one of them nor steer a terminal."""
    lines: list[str] = []
    for entry in check.entries:
        fields, lines = entry["said"]["fields"], [*lines, "  ".join(cells(entry))]
        lines += [f"      {name}: {fields[name]}" for name in ("text", "holder", "unit", "words") if fields.get(name)]
    lines += [say(("key told", name, fingerprint(public)), language) for name, public in check.keys.items()]
    lines += ["? " + say(note, language) for note in check.notes] + ["✕ " + say(one, language) for one in check.findings]
    result = ("bad", str(len(check.findings))) if check.findings else ("partly",) if check.notes else ("good",)
    judged = [result] if check.findings or all(check.given.values()) else [result, ("if true",)]
    lines += [" ".join(say(one, language) for one in judged), say(("elsewhere",), language)]
    return ["".join(each if each.isprintable() else ascii(each)[1:-1] for each in line) for line in lines]


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the file that is named; return 0 where nothing is wrong, else 1."""
    parser = argparse.ArgumentParser(description="Check a dispute file of a Gatehouse registry.")
    parser.add_argument("file", type=Path)
    for name in ("--registry-key", "--edge-key"):
        parser.add_argument(name, default="", metavar="HEX", help="the public key, known from elsewhere")
    parser.add_argument("--published", type=Path, help="a head that the registry published and somebody kept (JSON)")
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    asked = parser.parse_args(arguments)
    try:
        kept = json.loads(asked.published.read_text("utf-8")) if asked.published else None
        with asked.file.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    check = Check(asked.registry_key, asked.edge_key, kept)
    check.check(data)
    sys.stdout.buffer.write(("\n".join(told(check, asked.language)) + "\n").encode("utf-8"))
    return 1 if check.findings else 0


if __name__ == "__main__":
    sys.exit(main())
