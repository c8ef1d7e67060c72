"""Examples for the OpenAPI document, composed from its schemas: what these say themselves, else by names, else by types."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from central.openapi_values import BY_MODEL, LEFT_OUT, VALUES, id_of

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
# What a value must look like in these formats; of others none is taken.
_FORMS: Mapping[str, re.Pattern[str]] = {
    "": re.compile(r".*", re.DOTALL),
    "password": re.compile(r".*"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT.*"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "uuid": re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
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
                return self._whole(given[0], schema, depth)
        for value in _offered(schema, name):
            return value
        return self._made(schema, name, model, depth, is_whole=is_whole)

    def _whole(self, given: Any, schema: Schema, depth: int) -> Any:
        """Return a model's own example, whole: nulls are left out where the document is written, and heirs have more fields."""
        missing = [name for name in schema.get("required", ()) if isinstance(given, Mapping) and name not in given]
        made: dict[str, Any] = {}
        for name in missing:
            field = schema["properties"][name]
            is_null = any(choice.get("type") == "null" for choice in field.get("anyOf", ()))
            made[name] = None if is_null else self._example(field, name, depth - 1, is_whole=True)
        return {**given, **made} if made else given

    def _made(self, schema: Schema, name: str, model: str, depth: int, *, is_whole: bool) -> Any:
        choices: Sequence[Schema] = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf") or ()
        wanted = [choice for choice in choices if choice.get("type") != "null"]
        if wanted:
            best = next((choice for choice in wanted for _ in _offered(choice, name)), wanted[0])
            return self._example(best, name, depth - 1, is_whole=is_whole)
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema, model, depth, is_whole=is_whole)
        if kind == "array":
            return self._array(schema, name, depth, is_whole=is_whole)
        return _simple(schema, name)

    def _object(self, schema: Schema, model: str, depth: int, *, is_whole: bool) -> dict[str, Any]:
        fields: Mapping[str, Schema] = schema.get("properties", {})
        left_out = () if is_whole else LEFT_OUT.get(model, ())
        required = schema.get("required", ())
        made = {}
        for name, field in fields.items():
            known = _of_model(model, field, name)
            is_wanted = name in required or (depth > 0 and (is_whole or known is not None or self._is_offered(field, name)))
            if is_wanted and name not in left_out:
                made[name] = self._example(field, name, depth - 1, is_whole=is_whole) if known is None else known
        others = schema.get("additionalProperties")
        if not fields and isinstance(others, Mapping) and others and depth > 0:
            made[id_of("edge")] = self._example(others, "", depth - 1, is_whole=is_whole)
        return made

    def _array(self, schema: Schema, name: str, depth: int, *, is_whole: bool) -> list[Any]:
        if "prefixItems" in schema:
            return [self._example(part, name, depth - 1, is_whole=is_whole) for part in schema["prefixItems"]]
        if depth <= 0 or "items" not in schema or schema.get("maxItems") == 0:
            return []
        part = self._example(schema["items"], name.removesuffix("s"), depth - 1, is_whole=is_whole)
        return [] if part == "" and not schema.get("minItems") else [part]

    def _is_offered(self, schema: Schema, name: str) -> bool:
        """Tell whether a field that may be left out is worth showing in what is sent."""
        choices: Sequence[Schema] = schema.get("anyOf", [schema])
        return any(True for choice in choices for _ in _offered(choice, name))


def _of_model(model: str, schema: Schema, name: str) -> Any:
    """Return the value that this model has for the field, where the table knows one that fits."""
    value = BY_MODEL.get(model.removesuffix("Wanted").removesuffix("Shown"), {}).get(name)
    return value if any(fits(choice, value) for choice in schema.get("anyOf", [schema])) else None


def _offered(schema: Schema, name: str) -> Iterator[Any]:
    """Yield the values for fields of this name that the schema allows."""
    yield from (value for value in VALUES.get(name, ()) if fits(schema, value))


def fits(schema: Schema, value: object) -> bool:
    """Tell whether a simple value, or a list of such, is allowed by a schema without references."""
    kind = _TYPES.get(str(schema.get("type")))
    if kind is None or not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        return False
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        return False
    if isinstance(value, dict):
        return "properties" not in schema
    if isinstance(value, list):
        return "items" in schema and all(fits(schema["items"], each) for each in value)
    if isinstance(value, str):
        return _fits_text(schema, value)
    if isinstance(value, int | float):
        least, most = schema.get("minimum", value), schema.get("maximum", value)
        return bool(least <= value <= most)
    return True


def _fits_text(schema: Schema, value: str) -> bool:
    form = _FORMS.get(str(schema.get("format", "")))
    if form is None or not form.fullmatch(value):
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
        least = schema.get("minimum", 1)
        return int(least) if kind == "integer" else least
    if kind == "boolean":
        return schema.get("default", False)
    if kind == "null":
        return None
    if form == "uuid":
        return id_of(name)
    return _text(schema, form)


def _text(schema: Schema, form: object) -> str:
    value = str(_FORMATS.get(str(form), ""))
    if schema.get("pattern") and not re.search(schema["pattern"], value):
        value = ""
    return value.ljust(schema.get("minLength", 0), "无")[: schema.get("maxLength")]
