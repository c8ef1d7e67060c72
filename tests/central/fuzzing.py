"""schemathesis at the registry: an estate of what the document's own examples make, and every operation asked of it."""

import json
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import Any, cast
from uuid import UUID
from zlib import crc32

import cbor2
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import FlakyStrategyDefinition
from schemathesis import Case as AnyCase
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.python.asgi import ASGIClient, get_client
from schemathesis.schemas import APIOperation as AnyOperation
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from central.app import app_of
from central.config import OFFICE_PREFIX
from central.described import AREA
from central.openapi import JSON
from central.registry import Registry
from central.users import programs
from central.users.rights import RIGHTS, Role
from central.users.schemas import ApiTokenWanted
from tests.sizes import SIZE, sized
from tests.waiting import wait_until

Case = AnyCase[Any]
APIOperation = AnyOperation[Any, Any, Any, Any]
DATABASES = sized(quick=["sqlite"], soak=["sqlite", "postgresql"])
# When the examples of the document are true.
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CHECKED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# By the fields that refer to a record: where such records are, if it is not the field's name with an s.
COLLECTIONS = {
    "host_person": "persons",
    "id": "persons",
    "company": "companies",
    "point": "patrol-points",
    "route": "patrol-routes",
    "inner_zone": "zones",
    "outer_zone": "zones",
    "work_hours_schedule": "schedules",
    "home_gate": "gates",
}
_SHEET = "姓名,房号,类别\n李小明,3-1201,业主\n,3-1202,租户\n".encode()
_OF_EXAMPLES = re.compile(r"[0-9a-f-]{36}")


@schemathesis.serializer("application/cbor")
def _cbor(ctx: Any, value: Any) -> bytes:
    return cbor2.dumps(value)


for _media in ("image/jpeg", "image/png", "text/csv", "application/octet-stream"):

    @schemathesis.serializer(_media)
    def _bytes(ctx: Any, value: Any) -> bytes:
        return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@dataclass
class Estate:
    """A registry in process with one site, made by sending the examples of the document."""

    registry: Registry
    client: ASGIClient
    document: dict[str, Any]
    ids: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    slug: str = ""

    def schema(self) -> BaseSchema:
        """Return what schemathesis makes of the document."""
        schema = schemathesis.openapi.from_asgi(f"{OFFICE_PREFIX}/openapi.json", self.client.app)
        # Who asks is ours to say: a made-up token is refused before anything else is looked at.
        schema.config.generation.update(with_security_parameters=False)
        return schema

    def headers(self, operation: Mapping[str, Any]) -> dict[str, str]:
        """Return the headers of who may do this: the site manager, or the first of whom it is the business."""
        if AREA not in operation:
            return {}
        may = RIGHTS[operation[AREA]].write & self.tokens.keys()
        role = "site_manager" if "site_manager" in may or not may else min(may)
        return {"Authorization": f"Bearer {self.tokens[role]}"}

    def settle(self) -> None:
        """Send every example of what can be made, until no more can be made of it; the rest is in `refused`."""
        self._settle()
        person = {"site": self.ids["sites"], "name": "王芳", "unit": "3-1201"}
        headers = {"Authorization": f"Bearer {self.tokens['site_manager']}"}
        host = self.client.post(f"{OFFICE_PREFIX}/persons", json=person, headers=headers).json()["id"]
        link = self.client.post(f"{OFFICE_PREFIX}/persons/{host}/host-link", json={}, headers=headers)
        self.tokens["host"] = link.json()["token"]
        self._begin_permit()
        self._settle()
        # Of these no example makes one: a roster plans shifts, and a sheet is no JSON.
        self.ids["shifts"] = self._ask("GET", "shifts", params={"site": self.ids["sites"]}).json()["items"][0]["id"]
        asked = {"kind": "residents", "site": self.ids["sites"]}
        self.ids["imports"] = self._ask("POST", "imports", params=asked, data=_SHEET, content="text/csv").json()["id"]
        self._erase(person | {"unit": "3-1202"})

    def _erase(self, person: Mapping[str, str]) -> None:
        """Erase somebody made for it: the person of the examples is needed, and another request has brought in."""
        whom = self._ask("POST", "persons", json=person).json()["id"]
        erased = {"subject": "person", "record": whom, "purpose": "本人要求删除"}
        self.ids["erasures"] = self._ask("POST", "erasures", json=erased).json()["id"]
        self.refused.pop(f"{OFFICE_PREFIX}/erasures", None)

    def end_import(self) -> None:
        """Wait for the end of the import, with a row of it done and a row refused."""
        place = f"imports/{self.ids['imports']}"
        wait_until(lambda: self._ask("GET", place).json()["state"] == "done", what="the end of the import")

    def _begin_permit(self) -> None:
        """Lead the permit to where work has begun: passes are issued for no other."""
        papers = {"papers": ["proof_of_title", "firm_licence", "firm_qualification"]}
        fees = {"fees": "已缴", "deposit": "无"}
        for act, body in {"submit": None, "check-papers": papers, "note-fees": fees, "approve": None, "begin": None}.items():
            self._ask("POST", f"permits/{self.ids['permits']}/{act}", json=body)

    def _ask(self, method: str, place: str, content: str = JSON, **request: Any) -> Any:
        """Ask as the site manager what must be granted."""
        headers = {"Authorization": f"Bearer {self.tokens['site_manager']}", "Content-Type": content}
        reply = self.client.request(method, f"{OFFICE_PREFIX}/{place}", headers=headers, **request)
        assert reply.status_code < 300, f"{place}: {reply.status_code} {reply.text}"
        return reply

    def _settle(self) -> None:
        waiting = {path: operation for path, operation in self._makings() if path not in self.made}
        while True:
            made = [path for path, operation in waiting.items() if self._make(path, operation)]
            if not made:
                return
            self.made |= set(made)
            waiting = {path: operation for path, operation in waiting.items() if path not in self.made}

    def _makings(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for path, methods in self.document["paths"].items():
            operation = methods.get("post", {})
            is_making = path.startswith(OFFICE_PREFIX) and "{" not in path and "201" in operation.get("responses", {})
            if is_making and JSON in operation.get("requestBody", {}).get("content", {}):
                yield path, operation

    def _make(self, path: str, operation: dict[str, Any]) -> bool:
        body = self.known(operation["requestBody"]["content"][JSON]["example"])
        if self.slug and path == f"{OFFICE_PREFIX}/sites":
            body |= {"slug": self.slug, "name": self.slug}
        reply = self.client.post(path, json=body, headers=self.headers(operation))
        if reply.status_code == 201:
            self.refused.pop(path, None)
            if "id" in reply.json():
                self.ids.setdefault(path.removeprefix(f"{OFFICE_PREFIX}/"), reply.json()["id"])
            return True
        self.refused[path] = f"{reply.status_code} {reply.text}"
        return False

    def known(self, value: Any, name: str = "") -> Any:
        """Return a body with the ids of this estate's records in the fields that refer to records."""
        if isinstance(value, dict):
            return {key: self.known(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [self.known(each, name.removesuffix("s")) for each in value]
        is_id = isinstance(value, str) and _OF_EXAMPLES.fullmatch(value)
        return self.ids.get(COLLECTIONS.get(name, f"{name}s"), value) if is_id else value


class _Answering:
    """An application whose faults are seen by its replies alone: a fault is one finding among others."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        with suppress(Exception):
            await self._app(scope, receive, send)


def settled(registry: Registry) -> Estate:
    """Return a new estate in this registry, on the day of the document's examples."""
    # At the quick size all of it is the same each time, ids too.
    chance = Random(1).randbytes if SIZE == "quick" else registry.rng
    registry = replace(registry, calendar=lambda: NOW, rng=chance)
    app = app_of(registry)
    estate = Estate(registry, get_client(_Answering(app)), app.openapi())
    roles: tuple[Role, ...] = ("security_officer", "site_manager", "system_admin")
    with registry.write() as work:
        for role in roles:
            estate.tokens[role] = programs.make(work, ApiTokenWanted(name=role, role=role, expires_in_days=None)).token
    estate.settle()
    estate.end_import()
    # Imports that are asked for later stay in the queue: none is at work when its registry closes.
    app.state.importer.stop()
    return estate


def neighbour(estate: Estate) -> Estate:
    """Return another site of the same registry, where everybody who is at work may do nothing outside it."""
    other = Estate(estate.registry, estate.client, estate.document, tokens=dict(estate.tokens), slug="hillside")
    other.settle()
    roles: tuple[Role, ...] = ("security_officer", "site_manager")
    with estate.registry.write() as work:
        for role in roles:
            wanted = ApiTokenWanted(name=f"{role} hillside", role=role, site=UUID(other.ids["sites"]), expires_in_days=None)
            other.tokens[role] = programs.make(work, wanted).token
        del other.tokens["system_admin"]
    return other


def faults_of(estate: Estate, labels: Callable[[APIOperation], bool], positive: int, negative: int) -> list[str]:
    """Ask each of these operations its example and as many others, and return what schemathesis finds."""
    found: list[str] = []
    for operation in operations(estate.schema(), labels):
        for case in cases(estate, operation, positive, negative):
            found += fault_of(estate, case)
    # Else all that came after was asked by nobody.
    tokens = [each for role, each in estate.tokens.items() if role != "host"]
    assert [_me(estate, token) for token in tokens] == [200] * len(tokens)
    return found


def _me(estate: Estate, token: str) -> int:
    return estate.client.get(f"{OFFICE_PREFIX}/me", headers={"Authorization": f"Bearer {token}"}).status_code


def walk(estate: Estate, path: str, rounds: int, examples: int, steps: int) -> tuple[Counter[str], list[str]]:
    """Follow the links of the document among the paths of this pattern.

    Returns how often each operation was done (2xx), and what schemathesis finds.
    """
    done: Counter[str] = Counter()
    found: list[str] = []

    class Walk(estate.schema().include(path_regex=path).as_state_machine()):  # type: ignore[misc] # a class made of the document
        def before_call(self, case: Case) -> None:
            content = case.operation.definition.raw.get("requestBody", {}).get("content", {})
            if JSON in content and "{" not in case.operation.path:
                # What others begin with is as the document shows it: of what chance makes, nearly all is refused.
                case.body = content[JSON]["example"]
            if isinstance(case.body, dict):
                case.body = estate.known(case.body)

        def get_call_kwargs(self, case: Case) -> dict[str, Any]:
            return {"session": estate.client, "headers": estate.headers(case.operation.definition.raw)}

        def validate_response(self, response: Response, case: Case, **_: Any) -> None:
            if response.status_code < 300:
                done[case.operation.definition.raw["operationId"]] += 1
            found.extend(_faults(case, response))

    how = settings(
        derandomize=False,
        database=None,
        max_examples=examples,
        stateful_step_count=steps,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for turn in range(rounds):
        seed(turn if SIZE == "quick" else secrets.randbits(32))(Walk)
        # A registry remembers: the same steps may lead elsewhere the next time, and that ends a round.
        with suppress(FlakyStrategyDefinition):
            Walk.run(settings=how)
    return done, found


def operations(schema: BaseSchema, wanted: Callable[[APIOperation], bool]) -> Iterable[APIOperation]:
    """Return these operations, those that delete last: others need what is there."""
    found = [cast("APIOperation", each.ok()) for each in schema.get_all_operations()]  # type: ignore[union-attr] # a fault has no ok(), and fails
    return sorted(filter(wanted, found), key=lambda operation: operation.method == "delete")


def cases(estate: Estate, operation: APIOperation, positive: int, negative: int) -> Iterator[Case]:
    """Yield what is asked of an operation: its example and what chance draws, at the quick size of good or of bad in turn."""
    yield _filled(estate, _example(operation))
    counts = {GenerationMode.POSITIVE: positive, GenerationMode.NEGATIVE: negative}
    turn = list(counts)[crc32(operation.label.encode()) % 2]
    for mode in sized(quick=[turn], soak=list(counts)):
        for case in _drawn(operation, mode, counts[mode]):
            yield _filled(estate, case) if mode is GenerationMode.POSITIVE else case


def _example(operation: APIOperation) -> Case:
    """Return the case that the document shows."""
    shown: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
    for parameter in operation.definition.raw.get("parameters", ()):
        if parameter["required"]:
            shown[parameter["in"]][parameter["name"]] = str(parameter["example"])
    content = operation.definition.raw.get("requestBody", {}).get("content", {})
    body = {"body": content[JSON]["example"], "media_type": JSON} if JSON in content else {}
    return operation.Case(path_parameters=shown["path"], query=shown["query"], headers=shown["header"], **body)


def _drawn(operation: APIOperation, mode: GenerationMode, count: int) -> list[Case]:
    if not operation.definition.raw.get("parameters") and "requestBody" not in operation.definition.raw:
        return []
    drawn: list[Case] = []
    start = crc32(operation.label.encode()) if SIZE == "quick" else secrets.randbits(32)

    @seed(start)
    @settings(
        derandomize=False,
        max_examples=count,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def draw(case: Case) -> None:
        drawn.append(case)

    draw()
    return drawn


def _filled(estate: Estate, case: Case) -> Case:
    """Put the ids of records that are there into what refers to records."""
    prefix, *rest = case.operation.path.removeprefix(f"{OFFICE_PREFIX}/").split("/{")
    if rest:
        parameter = rest[0].partition("}")[0]
        if prefix in estate.ids:
            case.path_parameters[parameter] = estate.ids[prefix]
    if case.query:
        case.query.update(estate.known(dict(case.query)))
    if case.headers and "If-Match" in case.headers:
        case.headers["If-Match"] = "*"
    if isinstance(case.body, dict):
        case.body = estate.known(case.body)
    return case


def fault_of(estate: Estate, case: Case) -> list[str]:
    """Ask, and return what is wrong with the reply."""
    return _faults(case, case.call(session=estate.client, headers=estate.headers(case.operation.definition.raw)))


def _faults(case: Case, response: Response) -> list[str]:
    try:
        case.validate_response(response, checks=CHECKED)
    except FailureGroup as failures:
        body = json.dumps(case.body) if isinstance(case.body, dict | list) else repr(case.body)
        sent = f"{case.method} {case.formatted_path} {dict(case.query)} {dict(case.headers)} {body[:500]}"
        told = [str(failure)[:300] for failure in failures.exceptions]
        return [f"{case.operation.label}: {response.status_code} {response.text[:300]}\n  {told}\n  {sent}"]
    return []
