"""The demonstration's registry: filled in place, then served by the installed program."""

import json
from contextlib import closing
from pathlib import Path
from typing import Final
from uuid import UUID

from central.codes.keys import rotate
from central.config import Settings
from central.database import Database
from central.edges import trust
from central.edges.services import new_enrolment_token
from central.migrations import migrate
from central.registry import Registry
from central.seeds import put_seed, read_seed
from central.sites.repository import sites
from central.users.services import add_user
from simulators.estate import GATE, SITE, Estate, seed_document

OFFICE_USER: Final = "admin"
GOODS_USER: Final = "goods"  # who issues a slip is not who asked for it


def fill(data: Path, seed_file: Path, estate: Estate, password: str, *, new: bool) -> str:
    """Put the estate in, and the office user if `new`; returns a token that enrols the gate."""
    seed_file.write_text(json.dumps(seed_document(estate), ensure_ascii=False, indent=1), encoding="utf-8")
    with closing(Registry.open(Settings(data))) as registry:
        migrate(registry.database)
        with registry.write() as work:
            put_seed(work, read_seed(seed_file))
            if new:
                add_user(work, OFFICE_USER, "site_manager", password)
                add_user(work, GOODS_USER, "goods_clerk", password)
                # Else the key would come with the first code, and the gate be shown that before it has heard of the key.
                rotate(work, next(site.id for site in sites(work.session, None, 1)))
            return new_enrolment_token(work, SITE, GATE, f"{GATE} gate")


def approve(data: Path, edge: UUID, shown: str) -> None:
    """Let the gate speak, as an administrator does who has compared the fingerprint `shown` by the box."""
    with closing(Registry.open(Settings(data), visiting=True)) as registry, registry.write() as work:
        trust.approve(work, edge, shown, OFFICE_USER)


def visiting(data: Path) -> Database:
    """Open the registry's database to look at it beside the running registry."""
    return Database(Settings(data).database_url(), visiting=True)
