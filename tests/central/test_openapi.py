"""The OpenAPI document tells all of every operation, and its examples are true."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import TypeAdapter, ValidationError

from central.app import with_routes
from central.described import AREA
from central.openapi import BINARY, JSON
from central.records.openapi import PROBLEM_JSON
from central.users.rights import RIGHTS

Operation = dict[str, Any]


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return with_routes()


@pytest.fixture(scope="module")
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    for path, methods in document["paths"].items():
        yield from ((path, method, operation) for method, operation in methods.items())


def test_it_is_made_once_for_all_registries(app: FastAPI, document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert app.openapi() is document
    assert with_routes().openapi() is document


def test_every_operation_says_who_may_do_it_what_it_is_and_how_it_is_refused(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    assert [each for each in ids if not re.fullmatch(r"[a-z][a-z0-9_]*", each)] == []
    for path, method, operation in operations(document):
        what = f"{method} {path}"
        assert operation["tags"], what
        assert operation["summary"], what
        assert operation.get(AREA, "me") in RIGHTS, what
        responses = operation["responses"]
        assert any(status.startswith("2") for status in responses), what
        if path != "/health":
            assert {"401", "422", "503"} | ({"413"} if "requestBody" in operation else set()) <= responses.keys(), what
        for status, response in responses.items():
            assert status < "400" or list(response["content"]) == [PROBLEM_JSON], (what, status)


def test_all_that_is_referred_to_is_there(document: dict[str, Any]) -> None:
    named = set(re.findall(r"#/components/schemas/([^'\"]+)", str(document)))
    assert named - document["components"]["schemas"].keys() == set()
    twice = [name for name in document["components"]["schemas"] if re.search("__|-", name)]
    assert twice == [], "two models of one name, or one that reads as it is not written: give one another name, or it one shape"
    ids = {operation["operationId"] for _, _, operation in operations(document)}
    schemes = set()
    for _, _, operation in operations(document):
        schemes |= {name for needed in operation.get("security", ()) for name in needed}
        for response in operation["responses"].values():
            assert {link["operationId"] for link in response.get("links", {}).values()} <= ids
    assert schemes == document["components"]["securitySchemes"].keys()


def examples(operation: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield where an operation needs an example, and what is to have it beside its schema."""
    for parameter in operation.get("parameters", ()):
        yield f"parameter {parameter['name']}", parameter
    bodies = [("body", operation.get("requestBody", {}))]
    bodies += [(status, response) for status, response in operation["responses"].items() if status.startswith("2")]
    for where, holder in bodies:
        for media, content in holder.get("content", {}).items():
            if media not in BINARY:
                yield f"{where} {media}", content


def test_every_example_is_of_its_schema(document: dict[str, Any]) -> None:
    faults, count = [], 0
    validators: dict[str, Any] = {}
    for path, method, operation in operations(document):
        for where, holder in examples(operation):
            count += 1
            shown = holder["example"] if "example" in holder else next(iter(holder["examples"].values()))["value"]
            named = str(holder["schema"])
            if named not in validators:
                within = {"components": document["components"]} if "$ref" in named else {}
                validators[named] = jsonschema_rs.validator_for({**holder["schema"], **within}, validate_formats=True)
            error = next(iter(validators[named].iter_errors(shown)), None)
            if error is not None:
                faults.append(f"{method} {path} {where}: {error.message} at {list(error.instance_path)}: {shown}")
    assert not faults, "\n".join(faults)
    assert count > 1000


def test_every_body_shown_is_one_that_is_taken(app: FastAPI, document: dict[str, Any]) -> None:
    faults = []
    for route in iter_route_contexts(app.routes):
        for method in route.methods or ():
            operation = document["paths"].get(str(route.path_format), {}).get(method.lower(), {})
            content = operation.get("requestBody", {}).get("content", {}).get(JSON)
            if content is None or route.body_field is None:
                continue
            try:
                TypeAdapter(route.body_field.field_info.annotation).validate_python(content["example"])
            except ValidationError as error:
                faults.append(f"{method} {route.path_format}: {error.errors(include_url=False)} of {content['example']}")
    assert not faults, "\n".join(faults)


def test_what_was_made_leads_to_what_can_be_done_with_it(document: dict[str, Any]) -> None:
    made = document["paths"]["/api/v1/visits"]["post"]["responses"]["201"]
    assert made["headers"]["ETag"]["required"]
    assert made["links"]["approve_visit"] == {
        "operationId": "approve_visit",
        "parameters": {"path.record_id": "$response.body#/id", "header.If-Match": "$response.header.ETag"},
    }
    assert {"get_visit", "change_details_of_visit", "cancel_visit", "history_of_visit"} <= made["links"].keys()
    walk_in = document["paths"]["/api/v1/visits/walk-in"]["post"]["responses"]["201"]
    assert walk_in["links"].keys() == made["links"].keys()
    listed = document["paths"]["/api/v1/visits"]["get"]["responses"]["200"]
    assert listed["links"]["get_visit"]["parameters"] == {"path.record_id": "$response.body#/items/0/id"}
