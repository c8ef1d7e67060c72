"""A registry on each database behind real HTTP, and a gate on the far side of the wire."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url

from central.app import app_of
from central.config import Settings
from central.database import Database
from central.migrations import migrate
from central.registry import Registry
from central.schema import metadata
from central.users import services as users
from central.users.rights import Role
from tests.central.gate import Gate
from tests.central.serving import Switch, serving

# In one question: one for each table takes longer than most tests.
EMPTIED = "; ".join(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables))


@pytest.fixture(scope="session")
def migrated_postgres(fresh_database: Callable[[], str]) -> str:
    """Give one migrated database for all tests: to make one for each would keep the disk busy longer than the tests."""
    url = fresh_database()
    with closing(Database(make_url(url))) as database:
        migrate(database)
    return url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a migrated file to copy from."""
    path = tmp_path_factory.mktemp("migrated") / "registry.db"
    with closing(Database(make_url(f"sqlite:///{path}"))) as database:
        migrate(database)
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a migrated, empty database."""
    if request.param == "sqlite":
        copy = shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "registry.db")
        return f"sqlite:///{copy}"
    url: str = request.getfixturevalue("migrated_postgres")
    with closing(Database(make_url(url))) as database, database.write() as session:
        session.connection().exec_driver_sql(EMPTIED)
    return url


@pytest.fixture
def registry(database_url: str, tmp_path: Path) -> Iterator[Registry]:
    with closing(Registry.open(Settings(tmp_path / "data", database_url))) as opened:
        yield opened


@pytest.fixture(scope="session")
def server() -> Iterator[tuple[str, Switch]]:
    """Give the server of this run, and the place for a test's application."""
    switch = Switch()
    with serving(switch) as base:
        yield base, switch


@pytest.fixture
def address(server: tuple[str, Switch], registry: Registry) -> Iterator[str]:
    """Give the address at which this test's registry is served."""
    base, switch = server
    app = switch.app = app_of(registry)
    yield base
    # Without a lifespan nobody else does: it may still be looking for more to do, with a connection of the registry in its hand.
    app.state.importer.stop()


@pytest.fixture
def sign_in(address: str, registry: Registry) -> Iterator[Callable[[Role], httpx.Client]]:
    clients = []

    def client_of(role: Role) -> httpx.Client:
        with registry.write() as work:
            users.add_user(work, role, role)
            token = users.sign_in_by_link(work, users.new_link(work, role)).token
        client = httpx.Client(
            base_url=f"{address}/api/v1", timeout=30, verify=False, headers={"Authorization": f"Bearer {token}", "If-Match": "*"}
        )
        clients.append(client)
        return client

    yield client_of
    for client in clients:
        client.close()


@pytest.fixture
def admin(sign_in: Callable[[Role], httpx.Client]) -> httpx.Client:
    return sign_in("site_manager")


@pytest.fixture
def site(admin: httpx.Client) -> str:
    created: str = admin.post("/sites", json={"slug": "lakeside", "name": "湖畔花园"}).raise_for_status().json()["id"]
    return created


@pytest.fixture
def gate(address: str, registry: Registry, site: str) -> Iterator[Gate]:
    """A gate with two lanes, enrolled and approved."""
    with Gate(address) as made:
        made.join(registry)
        yield made
