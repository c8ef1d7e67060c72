"""Tables of people: companies, residencies, documents; what the office keeps of a person besides name and unit."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

UtcTime = sa.DateTime(timezone=True)
Bytewise = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TEXTS = ("relation", "namesake", "staff_number", "department", "phone", "phone_tail", "vip_note", "remark", "id_tail")
MARKS = ("vip", "escorted", "first_person")


def upgrade() -> None:
    """Add them."""
    _companies()
    _persons()
    _residencies()
    _documents()


def _of_site() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False, index=True),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
    )


def _texts(*names: str) -> tuple[sa.Column[str], ...]:
    return tuple(sa.Column(name, sa.Text, nullable=False) for name in names)


def _companies() -> None:
    op.create_table(
        "companies",
        *_of_site(),
        *_texts("status", "name", "company_kind", "unit", "licence_number", "qualification_number", "responsible", "phone"),
        *_texts("remark"),
        sa.Column("valid_from", UtcTime),
        sa.Column("valid_until", UtcTime),
        sa.UniqueConstraint("site_id", "name", name="uq_companies_site_id_name"),
    )


def _persons() -> None:
    for name in TEXTS:
        op.add_column("persons", sa.Column(name, sa.Text, nullable=False, server_default=""))
    for name in MARKS:
        op.add_column("persons", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("persons", sa.Column("id_hash", sa.LargeBinary))
    if op.get_bind().dialect.name == "sqlite":
        # SQLite takes a reference only within the column's own definition, which Alembic does not write.
        op.execute(
            "ALTER TABLE persons ADD COLUMN company_id CHAR(32) CONSTRAINT fk_persons_company_id REFERENCES companies (id)"
        )
    else:
        op.add_column("persons", sa.Column("company_id", sa.Uuid))
        op.create_foreign_key("fk_persons_company_id", "persons", "companies", ["company_id"], ["id"])
    given = sa.text("staff_number <> ''")
    op.create_index(
        "ix_persons_staff_number",
        "persons",
        ["site_id", "staff_number"],
        unique=True,
        sqlite_where=given,
        postgresql_where=given,
    )
    for columns in (["company_id"], ["site_id", "phone_tail"], ["site_id", "id_hash"]):
        op.create_index(f"ix_persons_{'_'.join(columns)}", "persons", columns)


def _residencies() -> None:
    op.create_table(
        "residencies",
        *_of_site(),
        sa.Column("person_id", sa.Uuid, sa.ForeignKey("persons.id"), nullable=False, index=True),
        *_texts("unit", "relation", "slip", "reason"),
        sa.Column("moved_in", UtcTime),
        sa.Column("moved_out", UtcTime),
    )
    living = sa.text("moved_out IS NULL")
    op.create_index(
        "ix_residencies_living",
        "residencies",
        ["person_id", "unit"],
        unique=True,
        sqlite_where=living,
        postgresql_where=living,
    )
    op.create_index("ix_residencies_site_id_unit", "residencies", ["site_id", "unit"])


def _documents() -> None:
    op.create_table(
        "documents",
        *_of_site(),
        sa.Column("subject", Bytewise, nullable=False),
        *_texts("subject_kind", "document_kind", "number", "place", "file_name", "sha256", "remark"),
        sa.Column("valid_until", UtcTime),
        sa.UniqueConstraint(
            *("site_id", "subject_kind", "subject", "document_kind", "number"),
            name="uq_documents_site_id_subject_kind_subject_document_kind_number",
        ),
    )
    op.create_index("ix_documents_site_id_valid_until", "documents", ["site_id", "valid_until"])
