"""Every operation of the office asks for the right of its area, before it looks at anything else of the request."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.routing import iter_route_contexts

from central.actors import Actor
from central.app import app_of, with_routes
from central.config import OFFICE_PREFIX, Settings
from central.described import AREA
from central.errors import RegistryError
from central.hashing import token_hash
from central.registry import Registry
from central.tables import Person, Site
from central.users import programs
from central.users import services as users
from central.users.access import SAFE_METHODS, Allowed, Visitor
from central.users.rights import RIGHTS, ROLES
from central.users.schemas import ApiTokenWanted
from central.users.tables import HostLink
from tests.sizes import sized

NOTHING = UUID("01890000-0000-7000-8000-000000000000")
OPEN = {("POST", "/sign-in"), ("POST", "/sign-in/link")}
HOST = "host"
BARE = {method: Request({"type": "http", "method": method, "headers": []}) for method in ("GET", "POST", "PUT", "DELETE")}


@pytest.fixture
def registry(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Registry]:
    """Give SQLite alone: rights are asked for before any record is."""
    path = tmp_path / "registry.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    with closing(Registry.open(Settings(tmp_path / "data", f"sqlite:///{path}"))) as opened:
        yield opened


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    area: str

    async def status(self, client: httpx.AsyncClient, token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        reply = await client.request(self.method, self.address, headers=headers)
        return reply.status_code

    @property
    def address(self) -> str:
        return re.sub(r"\{\w+\}", str(NOTHING), self.path)

    def is_for(self, role: str) -> bool:
        right = RIGHTS[self.area]  # type: ignore[index]  # that it is an area is what is tested
        return role in (right.read if self.method in SAFE_METHODS else right.write)


def operations(app: FastAPI) -> list[Operation]:
    """Return the operations of the office as the OpenAPI file tells them, but those for whom nobody is signed in yet."""
    found = []
    for path, methods in app.openapi()["paths"].items():
        short = path.removeprefix(OFFICE_PREFIX)
        for method, operation in methods.items():
            if short != path and (method.upper(), short) not in OPEN:
                found.append(Operation(method.upper(), path, operation.get(AREA, "")))
    return found


def tokens_of_roles(registry: Registry) -> dict[str, str]:
    """Return a token of each role, and of a host."""
    tokens = {}
    with registry.write() as work:
        for role in ROLES:
            user = users.add_user(work, role, role)
            tokens[role] = users.sign_in_by_link(work, users.link_for(work, user)).token
        site = Site(id=work.new_id(), slug="s", name="s", zone="Asia/Shanghai", card_key=bytes(32))
        work.session.add(site)
        work.session.flush()
        facts: dict[str, Any] = {"name": "x", "unit": "", "category": "resident", "status": "active"}
        person = Person(id=work.new_id(), site_id=site.id, **facts)
        work.session.add(person)
        work.session.flush()
        ends = work.at + timedelta(days=1)
        kept = HostLink(token_hash=token_hash(HOST), site_id=site.id, person_id=person.id, created_at=work.at, expires_at=ends)
        work.session.add(kept)
    return tokens | {HOST: HOST}


def ended_tokens(registry: Registry) -> list[str]:
    """Return what holds no more: a token that was revoked, one that ran out, a session that ran out, and nonsense."""
    earlier = replace(registry, calendar=lambda: registry.calendar() - timedelta(days=2))
    with registry.write() as work:
        revoked = programs.make(work, ApiTokenWanted(name="revoked", role="site_manager", expires_in_days=None))
        programs.revoke(work, revoked.id)
    with earlier.write() as work:
        ended = programs.make(work, ApiTokenWanted(name="ended", role="site_manager", expires_in_days=1))
        user = users.add_user(work, "earlier", "site_manager")
        session = users.sign_in_by_link(work, users.link_for(work, user)).token
    return ["", revoked.token, ended.token, session, "nonsense"]


def checks(app: FastAPI) -> dict[tuple[str, str], Allowed]:
    """Return the very check that each route of the office makes before anything else."""
    found: dict[tuple[str, str], Allowed] = {}
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        for each in dependant.dependencies if dependant else ():
            if isinstance(each.call, Allowed):
                found |= {(method, str(route.path_format)): each.call for method in route.methods or ()}
    return found


async def is_let_in(check: Allowed, method: str, actor: Actor, *, by_cookie: bool = False) -> bool:
    """Ask the check itself."""
    try:
        await check(BARE[method], Visitor(actor, "token", by_cookie))
    except RegistryError:
        return False
    return True


async def wrong_cells(known: list[Operation], check_of: dict[tuple[str, str], Allowed]) -> list[tuple[Operation, Actor, bool]]:
    """Return in which cells of all roles and operations the check says something else than the rights."""
    actors = [Actor(role, role) for role in (*ROLES, HOST, "nobody's role", "")]
    wrong = []
    for operation in known:
        check, reads = check_of[operation.method, operation.path], operation.method in SAFE_METHODS
        for actor in actors:
            should = operation.is_for(actor.role)
            if await is_let_in(check, operation.method, actor) is not should:
                wrong.append((operation, actor, False))
            # A page of another site sends the cookie too, but never the session's value.
            if await is_let_in(check, operation.method, actor, by_cookie=True) is not (should and reads):
                wrong.append((operation, actor, True))
    return wrong


async def wrong_scopes(known: list[Operation], check_of: dict[tuple[str, str], Allowed]) -> list[tuple[Operation, Actor]]:
    """Return where a token that is for one area alone, to read or to write, is let in or kept out wrongly."""
    wrong = []
    for area, right in RIGHTS.items():
        for scope, roles in (("read", right.read), ("write", right.write)):
            for actor in (Actor(role, role, scopes=((area, scope),)) for role in sorted(roles)):
                for operation in known:
                    covered = operation.area == area and (scope == "write" or operation.method in SAFE_METHODS)
                    should = covered and operation.is_for(actor.role)
                    if await is_let_in(check_of[operation.method, operation.path], operation.method, actor) is not should:
                        wrong.append((operation, actor))
    return wrong


def test_every_cell_of_roles_and_operations_is_as_the_rights_say() -> None:
    app = with_routes()
    known, check_of = operations(app), checks(app)
    check_document(app, known)
    assert {(operation.method, operation.path) for operation in known} == check_of.keys(), "what has no check is denied nobody"
    assert {(each.method, each.path): each.area for each in known} == {key: check.area for key, check in check_of.items()}
    assert asyncio.run(wrong_cells(known, check_of)) == []
    assert asyncio.run(wrong_scopes(known, check_of)) == []
    assert len(known) * len(ROLES) > 4000


def tries(known: list[Operation]) -> Iterator[tuple[Operation, str]]:
    """Yield which operation is tried by which role: in each area, to read and to write, by some that may and some that may not.

    All roles at all operations are asked of the check itself, above; here by real requests, that the route makes it.
    """
    kinds: dict[tuple[str, bool], list[Operation]] = {}
    for operation in known:
        kinds.setdefault((operation.area, operation.method in SAFE_METHODS), []).append(operation)
    for of_kind in kinds.values():
        denied = [role for role in (*ROLES, HOST) if not of_kind[0].is_for(role)]
        allowed = [role for role in (*ROLES, HOST) if of_kind[0].is_for(role)]
        for turn, role in enumerate(sized(quick=denied[::4], soak=denied)):
            yield of_kind[turn % len(of_kind)], role
        yield from ((of_kind[turn % len(of_kind)], role) for turn, role in enumerate(sized(quick=allowed[::2], soak=allowed)))


def check_document(app: FastAPI, known: list[Operation]) -> None:
    """Check that the document leaves nothing out, and that each operation is of an area."""
    assert [operation for operation in known if operation.area not in RIGHTS] == []
    told = {(operation.method, operation.path) for operation in known} | {(m, OFFICE_PREFIX + p) for m, p in OPEN}
    served = {
        (method, str(route.path_format))
        for route in iter_route_contexts(app.routes)
        if str(route.path_format).startswith(OFFICE_PREFIX)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert served - told == {("GET", f"{OFFICE_PREFIX}/openapi.json")}
    ids = [each["operationId"] for methods in app.openapi()["paths"].values() for each in methods.values()]
    assert len(ids) == len(set(ids))


async def statuses(app: FastAPI, asked: list[tuple[Operation, str]]) -> list[int]:
    """Return what each operation replies to each token; several at a time."""
    at_once = asyncio.Semaphore(8)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://office", trust_env=False) as client:

        async def status(operation: Operation, token: str) -> int:
            async with at_once:
                return await operation.status(client, token)

        return await asyncio.gather(*(status(operation, token) for operation, token in asked))


def test_every_role_may_do_what_its_rights_say_and_nothing_else(registry: Registry) -> None:
    app, tokens, ended = app_of(registry), tokens_of_roles(registry), ended_tokens(registry)
    known = operations(app)
    # Who is signed in is looked up in one place: each kind of ended token is tried on a share of the operations.
    strangers = [(operation, ended[n % len(ended)]) for n, operation in enumerate(known)]
    replies = asyncio.run(statuses(app, strangers))
    assert [each for each in zip(strangers, replies, strict=True) if each[1] != 401] == []
    tried = [(operation, role) for operation, role in tries(known) if "/sign-out" not in operation.path]
    met = list(zip(tried, asyncio.run(statuses(app, [(operation, tokens[role]) for operation, role in tried])), strict=True))
    assert [each for each in met if each[1] in {401, 500} or (each[1] != 403 and not each[0][0].is_for(each[0][1]))] == []
    # An operation may be for some of its area's roles alone: which, is tested where it is; but it is for somebody.
    narrow = {operation for (operation, role), status in met if status == 403 and operation.is_for(role)}
    again = [(operation, role) for operation in narrow for role in tokens if operation.is_for(role)]
    replies = asyncio.run(statuses(app, [(operation, tokens[role]) for operation, role in again]))
    assert narrow == {operation for (operation, _), status in zip(again, replies, strict=True) if status != 403}


def test_of_a_body_nothing_is_told_to_who_may_not_send_it(registry: Registry) -> None:
    tokens, transport = tokens_of_roles(registry), httpx.ASGITransport(app_of(registry))
    body: dict[str, Any] = {"json": {"site": str(NOTHING), "x": 1}}

    async def statuses() -> list[int]:
        async with httpx.AsyncClient(transport=transport, base_url="http://office", trust_env=False) as client:
            replies = []
            for token in ("", tokens["guard"], tokens["registrar"]):
                headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": " ", "Content-Type": "application/json"}
                replies.append(await client.post(f"{OFFICE_PREFIX}/persons", headers=headers, **body))
            return [reply.status_code for reply in replies]

    assert asyncio.run(statuses()) == [401, 403, 422]
