"""The OpenAPI document, completed: what FastAPI knows, and areas, the gates' side, problems, headers, examples and links."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, TypeAdapter
from starlette.routing import BaseRoute

from access.contract import API_PREFIX
from access.contract.alarms import EarlyAlarms
from access.contract.checkpoints import Checkpoint
from access.contract.commands import CommandResult
from access.contract.health import Health
from access.contract.signature import EDGE_HEADER, SEQUENCE_HEADER, SIGNATURE_HEADER, STREAM_HEADER
from access.contract.sync import EntryBatch
from central.described import described
from central.openapi_examples import Composer
from central.records.openapi import EDGES, PROBLEM_JSON, READS, problems
from central.wire import ENROL_PATH

Document = dict[str, Any]
Operation = dict[str, Any]
JSON = "application/json"
_CBOR = "application/cbor"
_JPEG = "image/jpeg"
# What has no example: no JSON can show it.
BINARY = frozenset({_CBOR, _JPEG, "image/png", "application/octet-stream"})
# The bodies of what gates sign, which their routes read as the bytes that they are: by path, how they are written and as what.
_SENT_BY_GATES: Mapping[str, tuple[str, type[BaseModel] | None]] = {
    "/entries": (_CBOR, EntryBatch),
    "/alarms": (_CBOR, EarlyAlarms),
    "/checkpoints": (JSON, Checkpoint),
    "/health": (JSON, Health),
    "/commands/{command_id}/result": (JSON, CommandResult),
    "/pictures/{sha256}": (_JPEG, None),
}
_SIGNED = {
    "edge": (EDGE_HEADER, "The id of the edge."),
    "stream": (STREAM_HEADER, "The stream of requests that it is of."),
    "sequence": (SEQUENCE_HEADER, "A number that rises within the stream."),
    "signature": (SIGNATURE_HEADER, "Ed25519 over method, target, edge, stream, sequence and body; Base64."),
}
_ETAG = {
    "ETag": {
        "description": "The version of the record, for If-Match.",
        "required": True,
        "schema": {"type": "string", "pattern": r'^"\d+"$'},
        "example": '"1"',
    }
}
_REPLAYED = {
    "Idempotency-Replayed": {
        "description": "true where this is the first reply to the key, given again.",
        "schema": {"type": "string", "enum": ["true"]},
        "example": "true",
    }
}
_RETRY_AFTER = {
    "Retry-After": {"description": "After how many seconds to ask again.", "schema": {"type": "string"}, "example": "2"}
}
_ITEM = re.compile(r"(?P<collection>[^{}]+)/\{(?P<parameter>\w+)\}(?:/[^{}]+)?")


def completed(document: Document, routes: Sequence[BaseRoute]) -> Document:
    """Complete what FastAPI has made of the routes."""
    described(document, routes)
    schemas = document["components"]["schemas"]
    for path, method, operation in _operations(document):
        if path.startswith(f"{API_PREFIX}/"):
            _tell_gates_side(operation, path, schemas)
        _tell_problems(operation, path)
        _tell_headers(operation, method, schemas)
    document["components"]["securitySchemes"] |= {
        name: {"type": "apiKey", "in": "header", "name": header, "description": words}
        for name, (header, words) in _SIGNED.items()
    }
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    _link(document)
    composer = Composer(schemas)
    for _, _, operation in _operations(document):
        _exemplify(operation, composer)
    return document


def _operations(document: Document) -> Iterator[tuple[str, str, Operation]]:
    for path, methods in document["paths"].items():
        yield from ((path, method, operation) for method, operation in methods.items())


def _tell_gates_side(operation: Operation, path: str, schemas: dict[str, Any]) -> None:
    """Say how gates sign, and what they send where FastAPI does not see it."""
    if path == ENROL_PATH:
        return
    operation["security"] = [{name: [] for name in _SIGNED}]
    media, model = _SENT_BY_GATES.get(path.removeprefix(API_PREFIX), ("", None))
    if model:
        made = TypeAdapter(model).json_schema(ref_template="#/components/schemas/{model}")
        for name, schema in made.pop("$defs", {}).items():
            schemas.setdefault(name, schema)
        schemas.setdefault(model.__name__, made)
    if media:
        schema = {"$ref": f"#/components/schemas/{model.__name__}"} if model else {"type": "string", "format": "binary"}
        operation["requestBody"] = {"required": True, "content": {media: {"schema": schema}}}


def _tell_problems(operation: Operation, path: str) -> None:
    """Let every refusal be told as the problem that it is, also where a route names none."""
    responses = operation["responses"]
    if "requestBody" in operation:
        responses.setdefault("413", problems(413)[413])
    told = EDGES if path.startswith(f"{API_PREFIX}/") else READS if "security" in operation else {}
    for status, response in told.items():
        of_framework = JSON in responses.get(str(status), {}).get("content", {})
        if str(status) not in responses or of_framework:
            responses[str(status)] = response
    for status in ("429", "503"):
        if status in responses:
            responses[status] = {**responses[status], "headers": _RETRY_AFTER}


def _tell_headers(operation: Operation, method: str, schemas: Mapping[str, Any]) -> None:
    is_once = any(each["name"] == "Idempotency-Key" for each in operation.get("parameters", ()))
    for status, response in _done(operation):
        fields = _fields(response, schemas)
        headers = response.get("headers", {})
        if method != "head" and {"id", "version"} <= fields.keys():
            headers = headers | _ETAG
        if is_once and status < 300:
            headers = headers | _REPLAYED
        if headers:
            response["headers"] = headers


def _done(operation: Operation) -> Iterator[tuple[int, dict[str, Any]]]:
    yield from ((int(status), response) for status, response in operation["responses"].items() if status.startswith("2"))


def _fields(response: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the fields of what a response holds; nothing where it is no object."""
    schema = response.get("content", {}).get(JSON, {}).get("schema", {})
    found: Mapping[str, Any] = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema).get("properties", {})
    return found


# --- links ---------------------------------------------------------------------------------------


def _link(document: Document) -> None:
    """Lead from what was made or listed to all that can be done with it."""
    schemas = document["components"]["schemas"]
    targets: dict[str, list[tuple[str, str, Operation]]] = {}
    for path, method, operation in _operations(document):
        found = _ITEM.fullmatch(path)
        if found and _is_id(operation, found["parameter"]):
            targets.setdefault(found["collection"], []).append((found["parameter"], method, operation))
    for path, _, operation in _operations(document):
        for status, response in _done(operation):
            fields = _fields(response, schemas)
            if status == 201 and "id" in fields:
                links = _links(targets.get(_collection(path, targets), ()), "$response.body#/id", response)
            elif "items" in fields:
                reads = [target for target in targets.get(path, ()) if target[1] == "get"]
                links = _links(reads, "$response.body#/items/0/id", response)
            else:
                continue
            if links:
                response["links"] = links


def _is_id(operation: Operation, parameter: str) -> bool:
    return any(each["name"] == parameter and each["schema"].get("format") == "uuid" for each in operation["parameters"])


def _collection(path: str, collections: Mapping[str, object]) -> str:
    """Return where the records are that are made at this path: there, above it, or at the top under its last name."""
    names = path.split("/")
    above = ["/".join(names[:end]) for end in range(len(names), 3, -1)]
    return next((each for each in [*above, "/".join([*names[:3], names[-1]])] if each in collections), "")


def _links(
    targets: Sequence[tuple[str, str, Operation]], identity: str, response: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    made = {}
    for parameter, _, operation in targets:
        parameters = {f"path.{parameter}": identity}
        if "ETag" in response.get("headers", {}) and any(each["name"] == "If-Match" for each in operation["parameters"]):
            parameters["header.If-Match"] = "$response.header.ETag"
        made[operation["operationId"]] = {"operationId": operation["operationId"], "parameters": parameters}
    return made


# --- examples ------------------------------------------------------------------------------------


def _exemplify(operation: Operation, composer: Composer) -> None:
    for parameter in operation.get("parameters", ()):
        parameter.setdefault("example", composer.request(parameter["schema"], parameter["name"]))
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        if _lacks(media, content):
            content["example"] = composer.request(content["schema"])
    for _, response in _done(operation):
        for media, content in response.get("content", {}).items():
            if _lacks(media, content):
                content["example"] = composer.reply(content["schema"])


def _lacks(media: str, content: Mapping[str, Any]) -> bool:
    return media != PROBLEM_JSON and media not in BINARY and not {"example", "examples"} & content.keys()
