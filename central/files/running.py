"""The run of an import: in chunks, each committed together with how far the run is, so that a kill loses or doubles nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from central.actors import Actor
from central.errors import RegistryError
from central.files import repository
from central.files.catalogue import AnySheet, sheets
from central.files.errors import SheetError
from central.files.faults import Fault, Faults, fault_of
from central.files.kinds import Act, Cells, Heads, Key
from central.files.sheets import SheetRow, read_sheet
from central.files.tables import Import
from central.records import repository as records
from central.registry import Registry, Work
from central.tables import Site

FAULTS_MAX: Final = 1000
ACTS: Final[tuple[Act, ...]] = ("created", "changed", "unchanged")

Told = Callable[[Import], None]


class _TrialError(Exception):
    """Undoes what was done on trial."""


class StoppedError(Exception):
    """The import was cancelled, or somebody else goes on with it."""


@dataclass(slots=True)
class _Outcome:
    """What became of some rows."""

    acts: list[Act] = field(default_factory=list)
    faults: list[tuple[int | None, Fault]] = field(default_factory=list)
    rows: int = 0
    wrong: int = 0


def run(registry: Registry, import_id: UUID, told: Told | None = None, wanted: Callable[[], bool] = lambda: True) -> None:
    """Work on an import until it is done, or `wanted` no more; `told` hears how far it is. It may be gone on with at any time.

    StoppedError where it was cancelled, or another goes on with it.
    """
    with registry.write() as work:
        row = records.get(work, Import, import_id, changing=True)
        if row.state not in repository.UNFINISHED:
            raise StoppedError
        row.state, row.run_at, row.run_from, row.beat_at = "running", work.at, row.rows_done, None
        data = repository.file_of(work.session, row.id)
    try:
        _Run(registry, row, data or b"", told, wanted).work()
    except RegistryError as error:
        end(registry, import_id, "failed", error)


class _Run:
    """One run of one import."""

    def __init__(self, registry: Registry, row: Import, data: bytes, told: Told | None, wanted: Callable[[], bool]) -> None:
        self._registry, self._row, self._data = registry, row, data
        self._told, self._wanted = told, wanted
        self._sheet: AnySheet = sheets()[row.kind]
        self._actor = Actor(row.by_name, row.by_role, row.by_site, row.origin, row.reason, badge=row.by_badge)
        self._seen: dict[Key, int] = {}

    def work(self) -> None:
        """Do all that is left."""
        if self._row.rows_total is None:
            total = sum(1 for _ in self._rows())
            with self._registry.write() as work:
                records.get(work, Import, self._row.id, changing=True).rows_total = total
            self._row.rows_total = total
        if self._row.stop_on_error and not self._row.is_dry and not self._row.rows_done and not self._is_right():
            raise RegistryError("some rows have errors, so nothing was done", 422)
        self._seen.clear()
        at = 0
        for rows in self._chunks():
            if at < self._row.rows_done:
                self._remember(rows)
            elif not self._wanted():
                return
            else:
                self._advance(rows)
            at += len(rows)
        end(self._registry, self._row.id, "done")

    def _rows(self) -> Iterator[SheetRow]:
        with read_sheet(self._data, self._row.name, self._row.sheet or None) as sheet:
            yield from sheet.rows

    def _chunks(self) -> Iterator[list[SheetRow]]:
        with read_sheet(self._data, self._row.name, self._row.sheet or None) as sheet:
            self._heads: Heads = self._sheet.heads(sheet)
            while rows := list(islice(sheet.rows, self._sheet.rows_per_chunk)):
                yield rows

    def _is_right(self) -> bool:
        """Try all rows, and write down what is wrong with them."""
        wrong = 0
        with self._registry.write() as work:
            repository.drop_faults(work.session, self._row.id)
        for rows in self._chunks():
            outcome = self._tried(rows, is_dry=True)
            wrong += outcome.wrong
            with self._registry.write() as work:
                self._keep_faults(work, outcome)
                records.get(work, Import, self._row.id, changing=True).errors = wrong
        return not wrong

    def _remember(self, rows: Sequence[SheetRow]) -> None:
        """Know again what stood in rows that are done."""
        with self._registry.read(self._actor) as work:
            self._ready(work, self._site(work), rows, _Outcome())

    def _advance(self, rows: Sequence[SheetRow]) -> None:
        outcome = self._tried(rows, is_dry=self._row.is_dry)
        if self._row.is_dry:
            with self._registry.write(self._actor) as work:
                self._keep(work, outcome)
        for name, value in self._counts(outcome).items():
            setattr(self._row, name, value)
        if self._told is not None:
            self._told(self._row)

    def _tried(self, rows: Sequence[SheetRow], *, is_dry: bool) -> _Outcome:
        """Do these rows together; where that fails, each by itself, so that only those that are at fault are left out."""
        with self._sheet.ahead(self._registry, self._row.site_id, self._texts(rows)):
            try:
                return self._done(rows, self._together, is_dry=is_dry)
            except (RegistryError, IntegrityError) as error:
                if isinstance(error, SheetError):
                    raise
                return self._done(rows, self._one_by_one, is_dry=is_dry)

    def _done(self, rows: Sequence[SheetRow], do: Callable[..., list[Any]], *, is_dry: bool) -> _Outcome:
        outcome = _Outcome(rows=len(rows))
        try:
            with self._registry.write(self._actor) as work:
                site = self._site(work)
                ready = self._ready(work, site, rows, outcome)
                done = do(work, site, [each for _, each in ready])
                for (row, _), each in zip(ready, done, strict=True):
                    self._note(outcome, row, each)
                self._keep_or_undo(work, outcome, is_dry=is_dry)
        except _TrialError:
            pass
        return outcome

    def _keep_or_undo(self, work: Work, outcome: _Outcome, *, is_dry: bool) -> None:
        if is_dry:
            raise _TrialError
        self._keep(work, outcome)

    def _note(self, outcome: _Outcome, row: SheetRow, done: Act | Faults) -> None:
        if isinstance(done, str):
            outcome.acts.append(done)
        else:
            outcome.wrong += 1
            outcome.faults += [(row.number, fault) for fault in done]

    def _together(self, work: Work, site: Site, ready: Sequence[Any]) -> list[Act | Faults]:
        return self._sheet.put(work, site, ready)

    def _one_by_one(self, work: Work, site: Site, ready: Sequence[Any]) -> list[Act | Faults]:
        done: list[Act | Faults] = []
        for each in ready:
            try:
                with work.session.begin_nested():
                    done += self._sheet.put(work, site, [each])
            except RegistryError as error:
                done.append([fault_of(error)])
            except IntegrityError:
                words = "this conflicts with another record, or one that it refers to is gone"
                done.append([fault_of(RegistryError(words, 409))])
        return done

    def _ready(self, work: Work, site: Site, rows: Sequence[SheetRow], outcome: _Outcome) -> list[tuple[SheetRow, Any]]:
        """Return the rows that are right so far, each with what it wants."""
        right: list[tuple[SheetRow, Any]] = []
        for row, ready in zip(rows, self._sheet.ready(work, site, self._texts(rows)), strict=True):
            found = ready if isinstance(ready, list) else self._again(row, ready)
            if found:
                self._note(outcome, row, found)
            else:
                right.append((row, ready))
        return right

    def _texts(self, rows: Sequence[SheetRow]) -> list[Cells]:
        return [{name: row.cells[header] for name, header in self._heads.headers.items()} for row in rows]

    def _again(self, row: SheetRow, ready: Any) -> Faults:
        """Return what of a row stands in an earlier one already."""
        keys = list(self._sheet.keys(ready))
        faults = []
        for name, key in keys:
            if (first := self._seen.get(key, row.number)) != row.number:
                error = RegistryError("the same stands in row {row} already", 422, name, row=first)
                faults.append(fault_of(error))
        if not faults:
            self._seen.update((key, row.number) for _, key in keys)
        return list(dict.fromkeys(faults))

    def _keep(self, work: Work, outcome: _Outcome) -> None:
        """Write down how far it is; StoppedError where that is no longer ours to do."""
        values = {**self._counts(outcome), "beat_at": work.at}
        if not repository.step(work.session, self._row.id, self._row.rows_done, values):
            raise StoppedError
        self._keep_faults(work, outcome)

    def _counts(self, outcome: _Outcome) -> dict[str, int]:
        acts: dict[str, int] = {act: getattr(self._row, act) + outcome.acts.count(act) for act in ACTS}
        return {"rows_done": self._row.rows_done + outcome.rows, "errors": self._row.errors + outcome.wrong, **acts}

    def _keep_faults(self, work: Work, outcome: _Outcome) -> None:
        heads = self._heads
        told = [
            {
                "row": number,
                "column": heads.letters.get(fault.field, ""),
                "header": heads.headers.get(fault.field, fault.field),
                "zh": fault.zh,
                "en": fault.en,
            }
            for number, fault in outcome.faults
        ]
        repository.add_faults(work.session, self._row.id, told, FAULTS_MAX)

    def _site(self, work: Work) -> Site:
        return records.site(work, self._row.site_id)


def end(registry: Registry, import_id: UUID, state: str, error: RegistryError | None = None, *, keeps_file: bool = False) -> None:
    """Write down that an import has ended, and let its file go; StoppedError where it was not running any more."""
    with registry.write() as work:
        row = records.get(work, Import, import_id, changing=True)
        if row.state != "running":
            raise StoppedError
        row.state, row.finished_at = state, work.at
        row.version += 1
        if not keeps_file:
            repository.drop_file(work.session, import_id)
        if error is not None:
            row.fault_zh, row.fault_en = error.chinese, error.message
        if isinstance(error, SheetError):
            row.errors += 1
            fault = {"row": error.row, "column": error.column, "header": "", "zh": error.chinese, "en": error.message}
            repository.add_faults(work.session, import_id, [fault], FAULTS_MAX)
