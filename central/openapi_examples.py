"""Examples for the OpenAPI document, composed from its schemas: what a model or field says itself, then by names, then by types."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zlib import crc32

from central.openapi_values import MODELS, VALUES

Schema = Mapping[str, Any]
DEPTH_MAX = 8
_REFERENCE = "#/components/schemas/"
_FORMATS: Mapping[str, object] = {
    "date-time": "2026-03-02T08:30:00+08:00",
    "date": "2026-03-02",
    "time": "08:30:00",
    "password": "moon-gate-7-lantern",
    "binary": "…",
    "uri": "https://example.com/",
}
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


def id_of(name: str) -> str:
    """Return the id that examples have in a field of this name; `site` and `site_id` are the same site."""
    number = crc32(name.removesuffix("_id").encode())
    return f"01954f3e-{number >> 16:04x}-7000-8000-{number:012x}"


class Composer:
    """Composes examples from the schemas of one document."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas

    def request(self, schema: Schema, name: str = "") -> Any:
        """Return what is sent: the required fields, and of the others those for which there is a fitting value."""
        return self._example(schema, name, DEPTH_MAX, is_whole=False)

    def reply(self, schema: Schema, name: str = "") -> Any:
        """Return what is replied, with every field."""
        return self._example(schema, name, DEPTH_MAX, is_whole=True)

    def _example(self, schema: Schema, name: str, depth: int, *, is_whole: bool) -> Any:
        reference = schema.get("$ref", "")
        model = reference.removeprefix(_REFERENCE)
        if reference:
            schema = self._schemas[model]
        for given in (schema.get("examples"), [schema["example"]] if "example" in schema else None):
            if given:
                return given[0]
        if model in MODELS and not is_whole:
            return MODELS[model]
        for value in _offered(schema, name):
            return value
        return self._made(schema, name, depth, is_whole=is_whole)

    def _made(self, schema: Schema, name: str, depth: int, *, is_whole: bool) -> Any:
        choices: Sequence[Schema] = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf") or ()
        wanted = [choice for choice in choices if choice.get("type") != "null"]
        if wanted:
            best = next((choice for choice in wanted for _ in _offered(choice, name)), wanted[0])
            return self._example(best, name, depth - 1, is_whole=is_whole)
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema, depth, is_whole=is_whole)
        if kind == "array":
            return self._array(schema, name, depth, is_whole=is_whole)
        return _simple(schema, name)

    def _object(self, schema: Schema, depth: int, *, is_whole: bool) -> dict[str, Any]:
        fields: Mapping[str, Schema] = schema.get("properties", {})
        required = schema.get("required", ())
        made = {}
        for name, field in fields.items():
            if name in required or (depth > 0 and (is_whole or self._is_offered(field, name))):
                made[name] = self._example(field, name, depth - 1, is_whole=is_whole)
        others = schema.get("additionalProperties")
        if not fields and isinstance(others, Mapping) and others and depth > 0:
            made[id_of("edge")] = self._example(others, "", depth - 1, is_whole=is_whole)
        return made

    def _array(self, schema: Schema, name: str, depth: int, *, is_whole: bool) -> list[Any]:
        if "prefixItems" in schema:
            return [self._example(part, name, depth - 1, is_whole=is_whole) for part in schema["prefixItems"]]
        if depth <= 0 or "items" not in schema or schema.get("maxItems") == 0:
            return []
        return [self._example(schema["items"], name.removesuffix("s"), depth - 1, is_whole=is_whole)]

    def _is_offered(self, schema: Schema, name: str) -> bool:
        """Tell whether a field that may be left out is worth showing in what is sent."""
        choices: Sequence[Schema] = schema.get("anyOf", [schema])
        return any(True for choice in choices for _ in _offered(choice, name))


def _offered(schema: Schema, name: str) -> Iterator[Any]:
    """Yield the values for fields of this name that the schema allows."""
    yield from (value for value in VALUES.get(name, ()) if fits(schema, value))


def fits(schema: Schema, value: object) -> bool:
    """Tell whether a simple value, or a list of such, is allowed by a schema without references."""
    kind = _TYPES.get(str(schema.get("type")))
    if kind is None or not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if isinstance(value, list):
        return "items" in schema and all(fits(schema["items"], each) for each in value)
    if isinstance(value, str):
        return _fits_text(schema, value)
    if isinstance(value, int | float):
        least, most = schema.get("minimum", value), schema.get("maximum", value)
        return bool(least <= value <= most)
    return True


def _fits_text(schema: Schema, value: str) -> bool:
    # Of the formats, a value by name is only for the words that people write: an id or a time goes by its own form.
    if schema.get("format") not in {None, "password", "date-time", "date"}:
        return False
    if schema.get("format") in {"date-time", "date"} and not re.match(r"\d{4}-\d\d-\d\d", value):
        return False
    if schema.get("format") == "date" and "T" in value:
        return False
    is_long_enough = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
    return is_long_enough and re.search(schema.get("pattern", ""), value) is not None


def _simple(schema: Schema, name: str) -> Any:
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return next((value for value in schema["enum"] if value != ""), schema["enum"][0])
    kind, form = schema.get("type"), schema.get("format")
    if kind in {"integer", "number"}:
        return schema.get("minimum", 1)
    if kind == "boolean":
        return schema.get("default", False)
    if kind == "null":
        return None
    if form == "uuid":
        return id_of(name)
    return _text(schema, form)


def _text(schema: Schema, form: object) -> str:
    value = str(_FORMATS.get(str(form), "无"))
    if schema.get("pattern") and not re.search(schema["pattern"], value):
        value = ""
    return value.ljust(schema.get("minLength", 0), "0")[: schema.get("maxLength")]
