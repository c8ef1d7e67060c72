"""Another file takes a journal's place: it is complete before the old one is touched, and from then on it is the journal.

So a crash at any point leaves the old one as it was, or a new one whose way is gone to its end at the next start.
"""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from edge.folders import sync_folder
from edge.store.bare import let_go_of_former
from edge.store.mark import OpenMark
from edge.store.writeahead import log_of

QUARANTINE = "quarantine"
REBUILT = ".rebuilt"
"""Made of all that can be read of the old one, which is set aside where there is room for it."""
RESTORED = ".restored"
"""Put back from a backup: the old one has what was written since, and is always set aside."""


def files_of(journal: Path) -> tuple[Path, ...]:
    """Return the files that SQLite makes of one journal."""
    return (log_of(journal), *(journal.with_name(journal.name + end) for end in ("-shm", "-journal", "")))


def new_draft(journal: Path) -> Path:
    """Return where a new file is to be made; nothing is there. Raises OSError."""
    draft = journal.with_suffix(".rebuilding")
    for path in (*files_of(draft), *files_of(draft.with_name(draft.name + ".new"))):
        path.unlink(missing_ok=True)
    return draft


def replace(journal: Path, draft: Path, end: str, utc_us: int) -> None:
    """Let a complete draft take the place of a journal that nobody writes. Raises OSError.

    After that the old journal is as it was, or the next start finishes it.
    """
    name = datetime.fromtimestamp(utc_us / 1e6, UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    while (journal.parent / QUARANTINE / name).exists():
        name += "+"
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.rename(journal.with_suffix(f".{name}{end}"))
    sync_folder(journal.parent)
    finish_replacing(journal)


def finish_replacing(journal: Path) -> None:
    """Do what a replacing that was cut off had still to do: a complete new file takes its place, a draft goes. Raises OSError."""
    for end in (REBUILT, RESTORED):
        for complete in journal.parent.glob(f"{journal.stem}.*{end}"):
            name = complete.name.removeprefix(f"{journal.stem}.").removesuffix(end)
            _put_away(journal, name, is_kept=end == RESTORED or _is_room_for(journal))
            OpenMark(journal).clear()
            complete.rename(journal)
            sync_folder(journal.parent)
    let_go_of_former(journal)
    new_draft(journal)


def _put_away(journal: Path, name: str, *, is_kept: bool) -> None:
    """Set what is left of a journal aside in a folder of that name, or delete it."""
    folder = journal.parent / QUARANTINE / name
    if is_kept:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in filter(Path.exists, files_of(journal)):
        if is_kept:
            path.rename(folder / path.name)
        else:
            path.unlink()
    if is_kept:
        sync_folder(folder)
        sync_folder(folder.parent)
    sync_folder(journal.parent)


def _is_room_for(journal: Path) -> bool:
    """Tell whether as much is free as a journal takes that is to be set aside: room to make it anew must stay."""
    size = sum(path.stat().st_size for path in filter(Path.exists, files_of(journal)))
    return shutil.disk_usage(journal.parent).free >= size
