"""The duty log as it stands: entries of this gate, newest first, with what corrects them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from edge.desk.book import Act, Pages

NOTE = "note"
SIGNED = "signed"  # a filter: who has signed in and out
SHOWN_MAX = 200
_SIGNING = frozenset({"sign_in", "sign_out"})


@dataclass(frozen=True, slots=True)
class Line:
    """An entry with the ids of those that set it right, oldest first; `what` is note, sign_in or sign_out.

    `entry` is the journal's own id of it: its picture is asked for by that.
    """

    id: str
    entry: str
    what: str
    at: datetime
    guard: str
    kind: str
    post: str
    text: str
    told: tuple[str, ...]
    capture: str
    corrects: str
    corrected_by: tuple[str, ...] = ()


def lines(pages: Pages, since: datetime, until: datetime, kind: str = "") -> list[Line]:
    """Return the entries of a time, newest first: all, of one kind, or who has signed in and out; one more than pages show."""
    entries = [act for act in pages.of_kind("duty") if act.name == NOTE or act.name in _SIGNING]
    corrections: dict[str, list[str]] = {}
    for act in entries:
        if corrected := str(act.values.get("corrects") or ""):
            corrections.setdefault(corrected, []).append(act.identity)
    shown = [_line(act, corrections.get(act.identity, ())) for act in entries if since <= act.at < until]
    return [line for line in reversed(shown) if not kind or _is_of(line, kind)][: SHOWN_MAX + 1]


def kinds(pages: Pages) -> list[str]:
    """Return the kinds of entries that were written here, in the order in which they came."""
    return list(dict.fromkeys(_text(act.values.get("entry_kind")) for act in pages.of_kind("duty") if act.name == NOTE))


def find(pages: Pages, identity: str) -> Line | None:
    """Return an entry."""
    acts = [act for act in pages.of(identity) if act.kind == "duty" and act.name == NOTE]
    return _line(acts[0], ()) if acts else None


def notes_since(pages: Pages, since: datetime) -> int:
    """Count the notes for the relief that were written since."""
    notes = (act for act in pages.of_kind("duty") if act.name == NOTE and act.values.get("entry_kind") == NOTE)
    return sum(act.at >= since for act in notes)


def _line(act: Act, corrected_by: Iterable[str]) -> Line:
    return Line(
        id=act.identity,
        entry=act.entry,
        what=act.name,
        at=act.at,
        guard=act.guard_name or act.guard,
        kind=_text(act.values.get("entry_kind")),
        post=_text(act.values.get("post")),
        text=act.words,
        told=_texts(act.details.get("told", ())),
        capture=act.capture,
        corrects=_text(act.values.get("corrects")),
        corrected_by=tuple(corrected_by),
    )


def _is_of(line: Line, kind: str) -> bool:
    return line.what in _SIGNING if kind == SIGNED else line.what == NOTE and line.kind == kind


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(values: object) -> tuple[str, ...]:
    return tuple(map(str, values)) if isinstance(values, Sequence) and not isinstance(values, str) else ()
