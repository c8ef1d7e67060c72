"""What a disk may hold after a power cut: what was surely on it by that moment, and by chance more.

A file's writes before its last sync are there. Each later one is there, is missing, or is torn at a sector. The same holds for
names: what was created, renamed or removed in a folder before its last sync stays so; of what came later a beginning holds.
That is the worst a file system may do; real ones are often kinder.
"""

import shutil
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

SECTOR_BYTES: Final = 512
ALL_LOST: Final = 1 / 3  # so many cuts lose all that was not synced; the others toss a coin for each write
KEPT, MISSING = 0.4, 0.7  # below the first a write is there, below the second it is missing, above it is torn
_HEAD: Final = struct.Struct("<cQQII")


@dataclass(frozen=True, slots=True)
class Step:
    """One note of the recorder; see recorder.c for the kinds."""

    kind: str
    inode: int
    offset: int
    name: str
    data: bytes


@dataclass(eq=False, slots=True)
class _File:
    """One file while its steps are followed; `inode` is None until it is first opened."""

    inode: int | None
    content: bytes = b""
    writes: list[tuple[int, Step]] = field(default_factory=list)
    synced: int = -1


@dataclass(frozen=True, slots=True)
class _Renaming:
    """A change of names at a step: `file` is called `name` from then on (None: nothing is), and `freed` is no name any more."""

    index: int
    name: str
    file: _File | None
    freed: str = ""


@dataclass(frozen=True, slots=True)
class Remains:
    """What is left after a cut: files by path, and what had been said to the world before it, oldest first."""

    files: Mapping[Path, bytes]
    said: tuple[Step, ...]

    def lay(self, root: Path) -> None:
        """Make `root`, the same folder as before, hold just these files."""
        for entry in root.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        for path, content in self.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


class Recording:
    """All steps of one or more runs over files that were `before` when the first began."""

    def __init__(self, log: Path, before: Mapping[Path, bytes]) -> None:
        self.steps = tuple(_read(log.read_bytes()))
        self._before = {str(path): content for path, content in before.items()}

    def cut(self, at: int, chance: Random) -> Remains:
        """Return what may be left where the power fails before step `at`."""
        steps = self.steps[:at]
        history = _History({name: _File(None, content) for name, content in self._before.items()})
        for index, step in enumerate(steps):
            history.follow(index, step)
        drops_all = chance.random() < ALL_LOST
        names = history.names_after_cut(chance)
        files = {Path(name): _content(file, chance, drops_all=drops_all) for name, file in names.items()}
        return Remains(files, tuple(step for step in steps if step.kind == "X"))


def everything_under(root: Path) -> dict[Path, bytes]:
    """Return all regular files under `root`, as a recording's beginning."""
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def _read(raw: bytes) -> Iterator[Step]:
    at = 0
    while at + _HEAD.size <= len(raw):
        kind, inode, offset, name_length, data_length = _HEAD.unpack_from(raw, at)
        name_at = at + _HEAD.size
        data_at = name_at + name_length
        at = data_at + data_length
        yield Step(kind.decode(), inode, offset, raw[name_at:data_at].decode(), raw[data_at:at])


class _History:
    """Follows the steps: which file has which name, what was written to each, and what has been synced."""

    def __init__(self, before: dict[str, _File]) -> None:
        self._before = before
        self._names = dict(before)
        self._by_inode: dict[int, _File] = {}
        self._renamings: list[_Renaming] = []
        self._folders_synced: dict[str, int] = {}

    def follow(self, index: int, step: Step) -> None:
        """Take in one step."""
        match step.kind:
            case "O":
                self._opened(index, step)
            case "W" | "T":
                self._by_inode[step.inode].writes.append((index, step))
            case "S":
                self._by_inode[step.inode].synced = index
            case "D":
                self._folders_synced[step.name] = index
            case "R":
                after = step.data.decode()
                self._rename(_Renaming(index, after, self._names.get(step.name), step.name))
            case "U":
                self._rename(_Renaming(index, step.name, None))
            case _:
                pass

    def names_after_cut(self, chance: Random) -> dict[str, _File]:
        """Return which names hold after a cut here."""
        unsettled = [one for one in self._renamings if not self._is_settled(one)]
        lost = {one.index for one in unsettled[chance.randint(0, len(unsettled)) :]}
        names = dict(self._before)
        for renaming in self._renamings:
            if renaming.index not in lost:
                _apply(names, renaming)
        return names

    def _opened(self, index: int, step: Step) -> None:
        file = self._names.get(step.name)
        if file is None or file.inode not in {None, step.inode}:
            file = _File(step.inode)
            self._rename(_Renaming(index, step.name, file))
        file.inode = step.inode
        self._by_inode[step.inode] = file

    def _rename(self, renaming: _Renaming) -> None:
        self._renamings.append(renaming)
        _apply(self._names, renaming)

    def _is_settled(self, renaming: _Renaming) -> bool:
        return self._folders_synced.get(str(Path(renaming.name).parent), -1) > renaming.index


def _apply(names: dict[str, _File], renaming: _Renaming) -> None:
    names.pop(renaming.freed, None)
    if renaming.file is None:
        names.pop(renaming.name, None)
    else:
        names[renaming.name] = renaming.file


def _content(file: _File, chance: Random, *, drops_all: bool) -> bytes:
    content = bytearray(file.content)
    for index, step in file.writes:
        fate = 0.0 if index <= file.synced else 1.0 if drops_all else chance.random()
        if step.kind == "T":
            if fate < KEPT:
                _resize(content, step.offset)
        elif fate < KEPT:
            _write(content, step.offset, step.data)
        elif fate > MISSING and not drops_all:
            _write_torn(content, step, chance)
    return bytes(content)


def _resize(content: bytearray, size: int) -> None:
    del content[size:]
    content.extend(bytes(size - len(content)))


def _write(content: bytearray, offset: int, data: bytes) -> None:
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data


def _write_torn(content: bytearray, step: Step, chance: Random) -> None:
    for start in range(0, len(step.data), SECTOR_BYTES):
        if chance.random() < 0.5:
            _write(content, step.offset + start, step.data[start : start + SECTOR_BYTES])
