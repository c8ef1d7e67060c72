"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UtcTime = sa.DateTime(timezone=True)
Bytewise = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Go to this schema from none."""
    _places()
    _access_rules()
    _rules_stream()
    _holders()
    _guards()
    _users()
    _edges()
    _journal()
    _journal_indexes()
    _evidence()


def _places() -> None:
    op.create_table(
        "sites",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("card_key", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("slug", name=op.f("uq_sites_slug")),
    )

    op.create_table(
        "gates",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_gates_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gates")),
        sa.UniqueConstraint("site_id", "slug", name=op.f("uq_gates_site_id_slug")),
    )
    op.create_index(op.f("ix_gates_site_id"), "gates", ["site_id"], unique=False)

    op.create_table(
        "lanes",
        sa.Column("gate_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lane_kind", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("unknown", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["gate_id"], ["gates.id"], name=op.f("fk_lanes_gate_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_lanes_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lanes")),
        sa.UniqueConstraint("gate_id", "slug", name=op.f("uq_lanes_gate_id_slug")),
    )
    op.create_index(op.f("ix_lanes_site_id"), "lanes", ["site_id"], unique=False)


def _access_rules() -> None:
    op.create_table(
        "schedules",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_schedules_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_schedules_site_id_name")),
    )
    op.create_index(op.f("ix_schedules_site_id"), "schedules", ["site_id"], unique=False)

    op.create_table(
        "levels",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_levels_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_levels")),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_levels_site_id_name")),
    )
    op.create_index(op.f("ix_levels_site_id"), "levels", ["site_id"], unique=False)

    op.create_table(
        "grants",
        sa.Column("level_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["level_id"], ["levels.id"], name=op.f("fk_grants_level_id")),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedules.id"], name=op.f("fk_grants_schedule_id")),
        sa.PrimaryKeyConstraint("level_id", "position", name=op.f("pk_grants")),
    )

    op.create_table(
        "grant_lanes",
        sa.Column("level_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("lane_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["lane_id"], ["lanes.id"], name=op.f("fk_grant_lanes_lane_id")),
        sa.ForeignKeyConstraint(
            ["level_id", "position"], ["grants.level_id", "grants.position"], name=op.f("fk_grant_lanes_level_id")
        ),
        sa.PrimaryKeyConstraint("level_id", "position", "lane_id", name=op.f("pk_grant_lanes")),
    )

    op.create_table(
        "blocks",
        sa.Column("plate", Bytewise, nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("bits", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("valid_until", UtcTime, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_blocks_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
        sa.UniqueConstraint("site_id", "plate", name=op.f("uq_blocks_site_id_plate")),
        sa.UniqueConstraint("site_id", "raw", "bits", name=op.f("uq_blocks_site_id_raw_bits")),
    )
    op.create_index(op.f("ix_blocks_site_id"), "blocks", ["site_id"], unique=False)


def _rules_stream() -> None:
    op.create_table(
        "rule_changes",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("kind", Bytewise, nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("to_revision", sa.BigInteger(), nullable=True),
        sa.Column("gate_id", sa.Uuid(), nullable=True),
        sa.Column("data", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_rule_changes_site_id")),
        sa.PrimaryKeyConstraint("site_id", "kind", "record_id", "from_revision", name=op.f("pk_rule_changes")),
    )
    op.create_index(op.f("ix_rule_changes_site_id_from_revision"), "rule_changes", ["site_id", "from_revision"], unique=False)


def _holders() -> None:
    op.create_table(
        "persons",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("valid_from", UtcTime, nullable=True),
        sa.Column("valid_until", UtcTime, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_persons_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
    )
    op.create_index(op.f("ix_persons_site_id"), "persons", ["site_id"], unique=False)
    op.create_index(op.f("ix_persons_site_id_unit"), "persons", ["site_id", "unit"], unique=False)

    op.create_table(
        "person_levels",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("level_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["level_id"], ["levels.id"], name=op.f("fk_person_levels_level_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_person_levels_person_id")),
        sa.PrimaryKeyConstraint("person_id", "level_id", name=op.f("pk_person_levels")),
    )

    op.create_table(
        "vehicles",
        sa.Column("plate", Bytewise, nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("vehicle_class", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("valid_from", UtcTime, nullable=True),
        sa.Column("valid_until", UtcTime, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_vehicles_person_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_vehicles_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicles")),
        sa.UniqueConstraint("site_id", "plate", name=op.f("uq_vehicles_site_id_plate")),
    )
    op.create_index(op.f("ix_vehicles_person_id"), "vehicles", ["person_id"], unique=False)
    op.create_index(op.f("ix_vehicles_site_id"), "vehicles", ["site_id"], unique=False)

    op.create_table(
        "cards",
        sa.Column("medium", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("bits", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("tail", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("valid_from", UtcTime, nullable=True),
        sa.Column("valid_until", UtcTime, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_cards_person_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_cards_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cards")),
        sa.UniqueConstraint("site_id", "code", name=op.f("uq_cards_site_id_code")),
        sa.UniqueConstraint("site_id", "raw", "bits", name=op.f("uq_cards_site_id_raw_bits")),
    )
    op.create_index(op.f("ix_cards_person_id"), "cards", ["person_id"], unique=False)
    op.create_index(op.f("ix_cards_site_id"), "cards", ["site_id"], unique=False)


def _guards() -> None:
    op.create_table(
        "guards",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("badge", sa.Text(), nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_guards_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guards")),
        sa.UniqueConstraint("site_id", "badge", name=op.f("uq_guards_site_id_badge")),
    )
    op.create_index(op.f("ix_guards_site_id"), "guards", ["site_id"], unique=False)


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("link_hash", sa.LargeBinary(), nullable=True),
        sa.Column("link_expires_at", UtcTime, nullable=True),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_users_link_hash")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )

    op.create_table(
        "user_sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_user_sessions")),
    )
    op.create_index(op.f("ix_user_sessions_user_id"), "user_sessions", ["user_id"], unique=False)


def _edges() -> None:
    op.create_table(
        "edges",
        sa.Column("gate_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("enrolled_at", UtcTime, nullable=False),
        sa.Column("last_seen_at", UtcTime, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["gate_id"], ["gates.id"], name=op.f("fk_edges_gate_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_edges_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edges")),
    )
    op.create_index(op.f("ix_edges_gate_id"), "edges", ["gate_id"], unique=False)
    op.create_index(op.f("ix_edges_site_id"), "edges", ["site_id"], unique=False)

    op.create_table(
        "edge_streams",
        sa.Column("edge_id", sa.Uuid(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["edge_id"], ["edges.id"], name=op.f("fk_edge_streams_edge_id")),
        sa.PrimaryKeyConstraint("edge_id", "stream", name=op.f("pk_edge_streams")),
    )

    op.create_table(
        "enrolment_tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False),
        sa.Column("used_at", UtcTime, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_enrolment_tokens_site_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_enrolment_tokens")),
    )

    op.create_table(
        "edge_heads",
        sa.Column("edge_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("acked_through", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["edge_id"], ["edges.id"], name=op.f("fk_edge_heads_edge_id")),
        sa.PrimaryKeyConstraint("edge_id", "epoch", name=op.f("pk_edge_heads")),
    )


def _journal() -> None:
    op.create_table(
        "journal_entries",
        sa.Column("edge_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("gate_id", sa.Uuid(), nullable=False),
        sa.Column("lane_id", sa.Uuid(), nullable=True),
        sa.Column("canonical", sa.LargeBinary(), nullable=False),
        sa.Column("personal", sa.LargeBinary(), nullable=False),
        sa.Column("chain_hash", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UtcTime, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("passage", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("medium", sa.Text(), nullable=True),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("plate", Bytewise, nullable=True),
        sa.Column("plate_reversed", Bytewise, nullable=True),
        sa.Column("card", Bytewise, nullable=True),
        sa.Column("card_low", Bytewise, nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["edge_id"], ["edges.id"], name=op.f("fk_journal_entries_edge_id")),
        sa.PrimaryKeyConstraint("edge_id", "epoch", "seq", name=op.f("pk_journal_entries")),
        sa.UniqueConstraint("id", name=op.f("uq_journal_entries_id")),
    )


def _journal_indexes() -> None:
    logged = "kind IN ('decision', 'guard', 'observation')"
    newest: tuple[sa.ColumnElement[int], ...] = (sa.literal_column("at_us DESC"), sa.literal_column("id DESC"))
    indexes: tuple[tuple[str, tuple[str | sa.ColumnElement[int], ...], str], ...] = (
        ("log", newest, logged),
        ("gate", ("gate_id", *newest), logged),
        ("lane", ("lane_id", *newest), logged),
        ("outcome", ("outcome", "reason", *newest), logged),
        ("reason", ("reason", *newest), logged),
        ("plate", ("plate", *newest), "plate IS NOT NULL"),
        ("plate_reversed", ("plate_reversed",), "plate_reversed IS NOT NULL"),
        ("card", ("card", *newest), "card IS NOT NULL"),
        ("card_low", ("card_low", *newest), "card_low IS NOT NULL"),
        ("person", ("person_id", *newest), "person_id IS NOT NULL"),
        ("passage", ("passage", "edge_id"), "passage IS NOT NULL"),
    )
    for name, columns, where in indexes:
        condition = sa.text(where)
        op.create_index(f"ix_journal_{name}", "journal_entries", columns, sqlite_where=condition, postgresql_where=condition)


def _evidence() -> None:
    op.create_table(
        "quarantined_entries",
        sa.Column("edge_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("canonical", sa.LargeBinary(), nullable=False),
        sa.Column("personal", sa.LargeBinary(), nullable=False),
        sa.Column("chain_hash", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UtcTime, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["edge_id"], ["edges.id"], name=op.f("fk_quarantined_entries_edge_id")),
        sa.PrimaryKeyConstraint("edge_id", "epoch", "seq", name=op.f("pk_quarantined_entries")),
    )

    op.create_table(
        "pictures",
        sa.Column("edge_id", sa.Uuid(), nullable=False),
        sa.Column("capture", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received_at", UtcTime, nullable=False),
        sa.ForeignKeyConstraint(["edge_id"], ["edges.id"], name=op.f("fk_pictures_edge_id")),
        sa.PrimaryKeyConstraint("edge_id", "capture", "sha256", name=op.f("pk_pictures")),
    )
    op.create_index(op.f("ix_pictures_sha256"), "pictures", ["sha256"], unique=False)
