"""Hostile input in every field of every body (must 5): refused with the field's name, or kept as the text that it is."""

import json
from collections.abc import Iterator
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from central.config import OFFICE_PREFIX, Settings
from central.openapi import JSON
from central.openapi_examples import Composer
from central.records.openapi import PROBLEM_JSON
from central.registry import Registry
from tests.central import apart
from tests.central.fuzzing import Estate, neighbour, settled
from tests.sizes import sized

FORMULA, SCRIPT = '=HYPERLINK("http://x")', "<script>alert(1)</script>"
HARMLESS = (FORMULA, SCRIPT)
# What no field takes, as it stands in JSON.
REFUSED = ("好" * 10_001, "a\u202eb", "a\x00b", "\ud800")
# What shows that a text is there, or a part of it; but not where it was folded, as a plate is.
PARTS = {FORMULA: r"HYPERLINK(\"http", SCRIPT: "script>alert"}
MARKS = ("\u202e", "\\u0000", "\\ud800")
RAW = (
    b"[" * 100_000,
    b'{"site":' * 50_000 + b"1" + b"}" * 50_000,
    b"\xff\xfe",
    b'{"name": NaN}',
    b"9" * 5_000,
    b'{"limit": 1e999}',
    b'"\\ud800"',
    b"null",
    b"",
)
MASS = ("role", "site_id", "status", "version", "valid_until", "id", "is_admin")
# A number, a time, an id: what a text must be of them is another's business.
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Act:
    """An operation with a body, and the body that the document shows, with ids that are there."""

    method: str
    path: str
    operation: dict[str, Any]
    body: Any

    @property
    def model(self) -> str:
        return str(self.operation["requestBody"]["content"][JSON]["schema"].get("$ref", self.path))

    def send(self, estate: Estate, body: Any) -> requests.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        collection = self.path.removeprefix(f"{OFFICE_PREFIX}/").partition("/{")[0]
        address = self.path
        for parameter in self.operation.get("parameters", ()):
            if parameter["in"] == "path":
                address = address.replace(f"{{{parameter['name']}}}", estate.ids.get(collection, str(parameter["example"])))
        headers = {"Content-Type": JSON, "If-Match": "*", **estate.headers(self.operation)}
        return estate.client.request(self.method, address, data=content, headers=headers)


@pytest.fixture(scope="module")
def estate(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    folder = tmp_path_factory.mktemp("estate")
    (folder / "registry.db").write_bytes(migrated_sqlite.read_bytes())
    with closing(Registry.open(Settings(folder / "data", f"sqlite:///{folder}/registry.db"))) as opened:
        yield settled(opened)


@pytest.fixture(scope="module")
def here(estate: Estate) -> Estate:
    return neighbour(estate)


@pytest.fixture(scope="module")
def staffed(estate: Estate, here: Estate) -> Estate:
    apart.staffed(here, estate)
    return here


def acts(estate: Estate) -> Iterator[Act]:
    for path, methods in estate.document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get(JSON)
            if content and path.startswith(OFFICE_PREFIX):
                yield Act(method, path, operation, estate.known(deepcopy(content["example"])))


def of_each_model(estate: Estate) -> list[Act]:
    """Return one operation for each form of body: what makes a record rather than what changes it."""
    found: dict[str, Act] = {}
    for act in acts(estate):
        found.setdefault(act.model, act)
    return list(found.values())


def texts(schemas: dict[str, Any], schema: dict[str, Any], depth: int = 5) -> Iterator[Place]:
    """Yield where a body may have texts."""
    schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    for choice in schema.get("anyOf", [schema]):
        if "$ref" in choice and depth:
            yield from texts(schemas, choice, depth - 1)
        elif choice.get("type") == "string":
            yield ()
        elif choice.get("type") == "array" and depth:
            yield from ((0, *place) for place in texts(schemas, choice["items"], depth - 1))
        elif choice.get("type") == "object" and depth:
            for name, field in choice.get("properties", {}).items():
                yield from ((name, *place) for place in texts(schemas, field, depth - 1))


def with_value(body: Any, whole: Any, place: Place, value: Any) -> Any:
    """Return the body with this value at this place; what it lacks on the way there is taken from the whole body."""
    if not place:
        return value
    first, *rest = place
    if isinstance(first, int):
        return [with_value((body or whole or [None])[0], (whole or [None])[0], tuple(rest), value)]
    inner = whole.get(first) if isinstance(whole, dict) else None
    body = body if isinstance(body, dict) else (whole if isinstance(whole, dict) else {})
    return {**body, first: with_value(body.get(first), inner, tuple(rest), value)}


def problem(reply: requests.Response) -> str:
    """Return what is wrong with a refusal, or nothing."""
    if reply.status_code >= 500 or reply.headers["Content-Type"] != PROBLEM_JSON:
        return f"{reply.status_code} {reply.headers['Content-Type']}"
    facts = reply.json()
    return "" if {"zh", "en", "status"} <= facts.keys() else "lacks words"


def test_every_text_is_refused_by_its_name_or_kept_as_it_is(estate: Estate) -> None:
    schemas = estate.document["components"]["schemas"]
    composer = Composer(schemas)
    found, sent = [], 0
    for act in of_each_model(estate):
        schema = act.operation["requestBody"]["content"][JSON]["schema"]
        whole = estate.known(composer.reply(schema))
        for place in dict.fromkeys(texts(schemas, schema)):
            for text in chosen(sent):
                sent += 1
                reply = act.send(estate, with_value(act.body, whole, place, text))
                if fault := fault_of(reply, place, text):
                    found.append(f"{act.method} {act.path} {place} {text[:20]!a}: {fault}")
    assert not found, "\n".join(found)
    assert sent > sized(quick=400, soak=2000)


def chosen(turn: int) -> tuple[str, ...]:
    """Return what this field is tried with: at the quick size one of all, the fields in turn."""
    every = (*HARMLESS, *REFUSED)
    return sized(quick=(every[turn % len(every)],), soak=every)


def fault_of(reply: requests.Response, place: Place, text: str) -> str:
    """Return what is wrong with the reply to a hostile text, or nothing."""
    if reply.status_code < 300:
        # A plate is folded to its letters and digits, a secret is not shown; what is shown of a text, is all of it.
        shown = json.dumps(reply.json(), ensure_ascii=False) if reply.content else ""
        is_whole = text != REFUSED[0] and shown.count(PARTS.get(text, text)) == shown.count(json.dumps(text)[1:-1])
        return "" if is_whole and not any(mark in shown for mark in MARKS) else f"taken: {reply.status_code} {shown[:200]}"
    if fault := problem(reply):
        return f"{fault} {reply.text[:200]}"
    if reply.status_code != 422:
        return ""  # the record is not in the state for it, or there is none
    facts = reply.json()
    fields = {facts["field"], *(error["field"] for error in facts.get("errors", ()))}
    name = next(str(part) for part in reversed(place) if isinstance(part, str))
    named = any(name in field or field in ("body", *map(str, place)) for field in fields)
    return "" if named or text in HARMLESS else f"names {sorted(fields)}"


def test_what_is_no_body_is_refused(estate: Estate) -> None:
    found = []
    for turn, act in enumerate(acts(estate)):
        for raw in sized(quick=(RAW[turn % len(RAW)],), soak=RAW):
            reply = act.send(estate, raw)
            if fault := problem(reply):
                found.append(f"{act.method} {act.path} {raw[:20]!r}: {fault} {reply.text[:200]}")
    assert not found, "\n".join(found)


def test_nobody_sets_what_is_not_asked(estate: Estate) -> None:
    schemas = estate.document["components"]["schemas"]
    found = []
    for act in of_each_model(estate):
        fields = schemas.get(act.model.rpartition("/")[2], {}).get("properties", {})
        foreign = {name: "site_manager" for name in MASS if name not in fields}
        reply = act.send(estate, {**act.body, **foreign})
        told = {error["field"] for error in reply.json().get("errors", ())}
        if reply.status_code != 422 or not foreign.keys() <= told:
            found.append(f"{act.method} {act.path}: {reply.status_code} {reply.text[:200]}")
    assert not found, "\n".join(found)


def ids(body: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Yield where a body refers to records, and to which."""
    if isinstance(body, dict):
        for name, value in body.items():
            yield from ids(value, (*place, name))
    elif isinstance(body, list):
        for n, value in enumerate(body):
            yield from ids(value, (*place, n))
    elif isinstance(body, str) and len(body) == 36 and body.count("-") == 4:
        yield place, body


def test_records_of_another_site_are_out_of_reach(estate: Estate, here: Estate) -> None:
    there = {identity: collection for collection, identity in estate.ids.items()}
    theirs = {identity: estate.ids[collection] for collection, identity in here.ids.items() if collection in estate.ids}
    found, tried = [], 0
    for act in acts(here):
        if "{" in act.path:
            reply = act.send(outside(here, estate), act.body)
            tried += 1
            if reply.status_code not in {401, 403, 404, 409, 422} or problem(reply):
                found.append(f"{act.method} {act.path}: {reply.status_code} {reply.text[:200]}")
        for place, identity in ids(act.body):
            if identity not in theirs or "{" in act.path:
                continue
            tried += 1
            body = with_value(act.body, act.body, place, theirs[identity])
            reply = act.send(here, body)
            if reply.status_code == 403:
                continue
            # 404: what is asked for is named in the body.
            if reply.status_code not in {404, 422} or not any(
                part in reply.json()["field"] for part in place if isinstance(part, str)
            ):
                found.append(f"{act.method} {act.path} {place} {there.get(identity)}: {reply.status_code} {reply.text[:200]}")
    assert not found, "\n".join(found)
    assert tried > 100


def outside(here: Estate, there: Estate) -> Estate:
    """Return the other site's addresses, asked by who is at work here."""
    return Estate(there.registry, there.client, there.document, there.ids, here.tokens)


def test_every_operation_tells_of_another_sites_record_what_it_tells_of_none(estate: Estate, staffed: Estate) -> None:
    """Whoever asks for a record by the address: the same refusal, byte for byte, as for a record that nobody ever made."""
    nothing = dict.fromkeys(estate.ids, apart.MADE_UP)
    found, tried, unseeded = [], 0, set()
    for cell in apart.by_address(estate):
        if cell.collection not in estate.ids:
            unseeded.add(cell.collection)
            continue
        tried += 1
        status, text = apart.told(staffed, cell, apart.addressed(cell, estate.ids))
        if status != 404 or apart.strangers(text, estate, estate.ids[cell.collection]):
            found.append(f"{cell}: {status} {text[:300]}")
        # Each question costs; the words of a refusal are chosen where the kind of record is.
        if tried % sized(quick=4, soak=1) == 0:
            none = apart.told(staffed, cell, apart.addressed(cell, nothing))
            if none != (status, apart.without(text, *estate.ids.values())):
                found.append(f"{cell}: {text[:300]}, but of none {none}")
    assert not found, "\n".join(found)
    assert unseeded == apart.NAMED.keys(), "each kind of record is made at the other site, or named with where it is asked for"
    assert tried > 250


def test_every_list_leaves_out_another_sites_records_by_whatever_filter(estate: Estate, staffed: Estate) -> None:
    found, tried = [], 0
    for cell in apart.by_filter(estate):
        if (
            cell.parameter in apart.UNSEEDED
            or cell.collection == apart.OF_ONESELF
            or (cell.collection not in estate.ids and "{" in cell.path)
        ):
            continue
        tried += 1
        asked = estate.ids[apart.collection_of(cell.parameter)] if cell.parameter else ""
        address = apart.addressed(cell, staffed.ids) if "{" in cell.path else cell.path
        required = {
            p["name"]: str(p["example"]) for p in cell.operation.get("parameters", ()) if p["in"] == "query" and p["required"]
        }
        query = required | ({cell.parameter: asked} if asked else {})
        status, text = apart.told(staffed, cell, address, query)
        if status not in {200, 404, 422} or apart.strangers(text, estate, asked):
            found.append(f"{cell}: {status} {apart.strangers(text, estate, asked)} {text[:300]}")
    assert not found, "\n".join(found)
    assert tried > 150
