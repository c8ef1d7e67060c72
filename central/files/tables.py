"""Tables of files: the runs of imports, what was wrong with their rows, and the files until they are done."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base, Versioned


class Import(Versioned):
    """One run of an import: what of which file, for whom, and how far it is.

    `by_server`: the serving program works on it; else the command that was given at the machine does. `run_at`, `run_from`: when
    it was begun or gone on with, and at which row. `fault_zh`, `fault_en`: why it failed.
    """

    __tablename__ = "imports"
    __table_args__ = (Index(None, "state", "id"),)
    kind: Mapped[str]
    name: Mapped[str]
    sheet: Mapped[str]
    digest: Mapped[str]
    is_dry: Mapped[bool]
    stop_on_error: Mapped[bool]
    by_server: Mapped[bool]
    by_name: Mapped[str]
    by_role: Mapped[str]
    by_site: Mapped[UUID | None]
    by_badge: Mapped[str] = mapped_column(server_default="")
    origin: Mapped[str]
    reason: Mapped[str]
    state: Mapped[str]
    rows_total: Mapped[int | None]
    rows_done: Mapped[int]
    created: Mapped[int]
    changed: Mapped[int]
    unchanged: Mapped[int]
    errors: Mapped[int]
    fault_zh: Mapped[str]
    fault_en: Mapped[str]
    created_at: Mapped[datetime]
    run_at: Mapped[datetime | None]
    run_from: Mapped[int]
    beat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class ImportedRow(Base):
    """The record that a row opened, by a keyed hash of all that stood in it: the row is known again wherever it comes from.

    What a workflow moves has no key of its own by which it could be.
    """

    __tablename__ = "imported_rows"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[UUID] = mapped_column(ForeignKey("workflow_records.id"))


class ImportFile(Base):
    """The file of an import that is not done yet."""

    __tablename__ = "import_files"
    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    data: Mapped[bytes]


class ImportFault(Base):
    """What was wrong with a row: by row and column as Excel names them."""

    __tablename__ = "import_faults"
    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    row: Mapped[int | None]
    column: Mapped[str]
    header: Mapped[str]
    zh: Mapped[str]
    en: Mapped[str]
