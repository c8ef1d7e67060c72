"""Two sites of one registry: what who is bound to one is told of the other's records, operation by operation of the document."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID
from zlib import crc32

from PIL import Image

from central.config import OFFICE_PREFIX
from central.described import AREA
from central.openapi import JSON
from central.users import programs
from central.users import services as users
from central.users.rights import RIGHTS, ROLES
from central.users.schemas import ApiTokenWanted, SessionsAsked
from central.users.sessions import page as sessions_of
from tests.central.fuzzing import COLLECTIONS, Estate


def _picture() -> bytes:
    made = BytesIO()
    Image.new("RGB", (8, 8)).save(made, "PNG")
    return made.getvalue()


MADE_UP = "01890000-0000-7000-8000-000000000000"
BY_GATES = "a gate brings it: users/test_bounds asks for it by real HTTP"
# What no example of the document makes, and where it is asked for instead.
NAMED = {
    "commands": BY_GATES,
    "edges": BY_GATES,
    "entries": BY_GATES,
    "pictures": BY_GATES,
    "quarantine": BY_GATES,
    "passages": "a gate brings it: dispute/test_dispute asks for it",
    "conflicts": "gates bring both sides of it: ledger/test_ledger asks for it",
    "retention/runs": "a job makes it: retention/test_keeping asks for it",
    "exports": "a kind of sheet and no record: its site is a filter, and is asked for below",
    "me/sessions": "of oneself alone, whatever the site",
}
# Filters whose records are none of the examples', as `NAMED`.
UNSEEDED = {"edge", "epoch", "record", "subject", "replaced_by_id", "corrects_id", "lane", "after"}
# Of whom nobody else has one.
OF_ONESELF = "me/sessions"
PICTURE = _picture()
_IDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Cell:
    """One operation, and where of it another site's record is named."""

    method: str
    path: str
    operation: dict[str, Any]
    parameter: str = ""

    @property
    def collection(self) -> str:
        return self.path.removeprefix(f"{OFFICE_PREFIX}/").partition("/{")[0]

    @property
    def roles(self) -> list[str]:
        """Return who may, whoever's turn it is first."""
        area: Any = self.operation[AREA]
        right = RIGHTS[area]
        may = sorted(right.read if self.method == "get" else right.write)
        turn = crc32(f"{self.method} {self.path}".encode()) % len(may)
        return [*may[turn:], *may[:turn]]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path} {self.parameter}".strip()


def staffed(here: Estate, there: Estate) -> None:
    """Put somebody of each role to work at this site alone, and what the examples leave out into the other."""
    with here.registry.write() as work:
        for role in ROLES:
            wanted = ApiTokenWanted(name=f"{role} here", role=role, site=UUID(here.ids["sites"]), expires_in_days=None)
            here.tokens[role] = programs.make(work, wanted).token
        user = users.add_user(work, "somebody there", "registrar", site=UUID(there.ids["sites"]))
        users.sign_in_by_link(work, users.link_for(work, user))
        there.ids["users"] = str(user.id)
    with here.registry.read() as work:
        there.ids["session_id"] = str(sessions_of(work, user.id, "", SessionsAsked()).items[0].id)
    headers = {"Authorization": f"Bearer {there.tokens['site_manager']}"}
    hold = {"site": there.ids["sites"], "what": "person", "subject": there.ids["persons"], "reason": "案件"}
    made = there.client.post(f"{OFFICE_PREFIX}/legal-holds", json=hold, headers=headers)
    assert made.status_code == 201, made.text
    there.ids["legal-holds"] = made.json()["id"]
    there.ids["host/visits"] = there.ids["visits"]


def by_address(estate: Estate) -> Iterator[Cell]:
    """Yield each operation that names a record in its address."""
    for path, methods in estate.document["paths"].items():
        if path.startswith(OFFICE_PREFIX) and "{" in path:
            yield from (Cell(method, path, operation) for method, operation in methods.items())


def by_filter(estate: Estate) -> Iterator[Cell]:
    """Yield each operation that may be asked for what belongs to a record, by each such filter; and once by none."""
    for path, methods in estate.document["paths"].items():
        operation = methods.get("get", {})
        if not path.startswith(OFFICE_PREFIX) or AREA not in operation:
            continue
        if "{" not in path:
            yield Cell("get", path, operation)
        for parameter in operation.get("parameters", ()):
            schema = parameter["schema"]
            forms = [schema, *schema.get("anyOf", ())]
            if parameter["in"] == "query" and any(form.get("format") == "uuid" for form in forms):
                yield Cell("get", path, operation, parameter["name"])


def addressed(cell: Cell, ids: dict[str, str]) -> str:
    """Return the address of an operation with this record in it, the rest as in the document."""
    address = cell.path
    for n, parameter in enumerate(p for p in cell.operation.get("parameters", ()) if p["in"] == "path"):
        name = parameter["name"]
        known = ids[cell.collection] if n == 0 else ids.get(name, str(parameter["example"]))
        address = address.replace(f"{{{name}}}", known)
    return address


def told(here: Estate, cell: Cell, address: str, query: dict[str, str] | None = None) -> tuple[int, str]:
    """Ask as each who may at this site until somebody is not refused for his role; returns status and body."""
    content = cell.operation.get("requestBody", {}).get("content", {})
    body: dict[str, Any] = {}
    if JSON in content:
        body = {"json": here.known(deepcopy(content[JSON]["example"]))}
    elif content:
        body = {"data": PICTURE}
    status, text = 403, ""
    for role in cell.roles:
        headers = {"Authorization": f"Bearer {here.tokens[role]}", "If-Match": "*"}
        headers |= {"Content-Type": JSON if JSON in content else "image/png"}
        reply = here.client.request(cell.method, address, params=query, headers=headers, **body)
        status, text = reply.status_code, reply.text
        if status != 403:
            break
    return status, text


def collection_of(parameter: str) -> str:
    """Return where the records are that a filter refers to."""
    name = parameter.removesuffix("_id")
    return COLLECTIONS.get(name, f"{name}s")


def without(text: str, *ids: str) -> str:
    """Return a reply as if it had been asked with an id that nobody has."""
    for each in ids:
        text = text.replace(each, MADE_UP)
    return text


def strangers(text: str, there: Estate, *asked: str) -> set[str]:
    """Return which of the other site's ids a reply tells, but for those it was asked with."""
    return set(_IDS.findall(text)) & (set(there.ids.values()) - set(asked))
