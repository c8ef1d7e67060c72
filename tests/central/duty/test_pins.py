"""PINs are hashed while nobody is kept from writing, by hand and from a sheet."""

import secrets
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import httpx

from central.app import app_of
from central.hashing import SALT_BYTES
from central.registry import Registry
from tests.central.databases import ON_ONE
from tests.central.files.test_imports import Office, counts
from tests.central.serving import Switch

SHEET = "姓名,工牌号,密码\n张强,101,246810\n李明,102,246810\n王刚,103,135790\n"


@ON_ONE
def test_nobody_waits_for_a_hash(
    admin: httpx.Client, site: str, registry: Registry, server: tuple[str, Switch], tmp_path: Path
) -> None:
    salts: list[bytes] = []

    def rng(size: int) -> bytes:
        drawn = secrets.token_bytes(size)
        # The audit draws its salts within a write; those of PINs are drawn while others may write.
        with closing(sqlite3.connect(tmp_path / "registry.db", timeout=0)) as another, suppress(sqlite3.OperationalError):
            another.execute("BEGIN IMMEDIATE")
            salts.extend([drawn] if size == SALT_BYTES else [])
        return drawn

    server[1].app = app_of(replace(registry, rng=rng))
    guard = {"site": site, "name": "张强", "badge": "101", "pin": "246810"}
    made = admin.post("/guards", json=guard).raise_for_status().json()
    place = f"/guards/{made['id']}"
    assert admin.put(place, json=guard | {"name": "张小强"}).raise_for_status().json()["pin_changed_at"] == made["pin_changed_at"]
    assert len(salts) == 1
    assert admin.put(place, json=guard | {"pin": "135790"}).raise_for_status().json()["pin_changed_at"] > made["pin_changed_at"]
    assert len(salts) == 2
    office = Office(admin, site)
    assert counts(office.done(SHEET, "guards")) == ("done", 3, 3, 2, 1, 0, 0)
    assert counts(office.done(SHEET, "guards")) == ("done", 3, 3, 0, 0, 3, 0)
    assert (len(salts), len(set(salts))) == (5, 5)
