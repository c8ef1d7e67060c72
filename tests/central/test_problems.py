"""Every refusal is told in Chinese and English, names the field, and repeats nothing of what was sent."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, NamedTuple

import httpx
import pytest
from fastapi import FastAPI, Header
from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime, BaseModel
from pydantic_core._pydantic_core import list_all_errors

import central
from central import problems
from central.errors import RegistryError
from central.form_words import FORM, NOT_VALID, fault_in_words
from central.problem_words import CHINESE, WORDED
from central.tables import Base, OfSite
from tests.central.serving import Switch

ROOT = Path(central.__file__).parent
SECRET = "S3cr3t-粤B12345"
NOBODY = "01890000-0000-7000-8000-000000000000"


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def told(reply: httpx.Response, status: int, field: str = "") -> dict[str, Any]:
    """Return the problem, once all is there that every problem has."""
    assert (reply.status_code, reply.headers["Content-Type"]) == (status, problems.MEDIA_TYPE), reply.text
    facts: dict[str, Any] = reply.json()
    assert facts.keys() >= {"type", "title", "status", "detail", "zh", "en"}
    assert (facts["type"], facts["status"], facts.get("field", "")) == ("about:blank", status, field), facts
    for said in (facts, *facts.get("errors", ())):
        assert said["detail"] in {said["zh"], said["en"]}
        assert is_chinese(said["zh"]), said
        assert said["en"].isascii(), said
    return facts


class Thing(BaseModel):
    name: str
    at: AwareDatetime


@pytest.fixture
def small(server: tuple[str, Switch]) -> Iterator[httpx.Client]:
    """A small application whose form and refusals are known here."""
    app = FastAPI()
    problems.install(app)
    app.add_exception_handler(RequestValidationError, problems.invalid)

    @app.put("/things/{thing_id}")
    def change(thing_id: int, thing: Thing, if_match: Annotated[str, Header()], limit: int = 1) -> None:
        raise RegistryError("there is no such record in {table}", 404, "id", {"thing": thing_id}, table="lanes")

    @app.delete("/things/{thing_id}")
    def delete(thing_id: int, if_match: Annotated[str, Header(pattern="^.$")]) -> None:
        raise RegistryError("words that nobody has {put} into Chinese", 409)

    base, switch = server
    switch.app = app
    with httpx.Client(base_url=base, trust_env=False) as client:
        yield client


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB, zh;q=0.9", "en"),
        ("en;q=0.2, zh-Hans-CN;q=0.3", "zh"),
        ("fr, zh ; q=0.5", "zh"),
        ("ZH", "zh"),
        ("zh;q=0", "en"),
        ("de, *", "en"),
        ("zh;q=x,;;,", "en"),
    ],
)
def test_the_detail_is_in_the_language_that_is_preferred(small: httpx.Client, accepted: str | None, language: str) -> None:
    reply = small.get("/nothing", headers={"Accept-Language": accepted} if accepted else {})
    facts = told(reply, 404)
    assert facts["detail"] == facts[language]


def test_a_refusal_is_told_in_both_languages_with_its_facts(small: httpx.Client) -> None:
    thing = {"name": "x", "at": "2026-03-01T08:00:00Z"}
    facts = told(small.put("/things/7", json=thing, headers={"If-Match": "x"}), 404, "id")
    assert (facts["en"], facts["zh"]) == ("there is no such record in lanes", "没有此车道记录")
    assert (facts["title"], facts["thing"]) == ("Not Found", 7)
    unknown = small.delete("/things/7", headers={"If-Match": "x", "Accept-Language": "zh"}).json()
    assert unknown["detail"] == unknown["zh"] == unknown["en"] == "words that nobody has {put} into Chinese"


def test_faults_of_the_form_name_their_fields_as_they_were_sent(small: httpx.Client) -> None:
    def put(body: Any, query: str = "", headers: dict[str, str] | None = None) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **({"If-Match": "x"} if headers is None else headers)}
        return small.put(f"/things/7{query}", content=content, headers=sent)

    facts = told(put({"at": "2026-03-01T08:00:00"}, "?limit=many"), 422, "limit")
    assert [error["field"] for error in facts["errors"]] == ["limit", "name", "at"]
    assert (facts["en"], facts["zh"]) == ("limit: must be a whole number", "limit：应为整数")
    told(put(b"[1,"), 422, "body")
    told(put([]), 422, "body")
    told(put(b"\xff"), 422, "body")
    assert SECRET not in put({"name": [SECRET], "at": SECRET}, f"?limit={SECRET}").text
    bad = small.delete("/things/7", headers={"If-Match": "xx"})
    told(bad, 422, "If-Match")


def test_who_changes_a_record_must_say_which_version_was_read(small: httpx.Client) -> None:
    facts = told(small.put("/things/x", json={}), 428, "If-Match")
    assert [error["field"] for error in facts["errors"]] == ["thing_id", "If-Match", "name", "at"]
    assert "ETag" in facts["zh"]


def test_what_an_address_does_not_take_is_told_with_what_it_takes(small: httpx.Client) -> None:
    reply = small.post("/things/7")
    assert told(reply, 405)["title"] == "Method Not Allowed"
    assert reply.headers["Allow"] == "PUT, DELETE"


def test_names_that_nobody_knows_are_told_short_and_plain() -> None:
    for name, shown in (("n" * 2000, "n" * problems.NAME_MAX), ("a\u202eb\ud800", "a?b?")):
        assert problems.field_of({"type": "extra_forbidden", "loc": ("body", name)}) == shown


def test_the_office_tells_its_refusals_in_both_languages(admin: httpx.Client, site: str) -> None:
    """Over the whole registry, on each database."""
    with httpx.Client(base_url=admin.base_url, trust_env=False) as stranger:
        told(stranger.get("/persons"), 401)
        told(stranger.post("/sign-in", json={"name": "x", "password": SECRET}), 401, "password")
        told(stranger.get("/nothing"), 404)
    reply = admin.patch(f"/persons/{NOBODY}")
    told(reply, 405)
    assert reply.headers["Allow"] == "GET, PUT, DELETE"
    told(admin.get(f"/persons/{NOBODY}"), 404, "id")
    told(admin.get("/persons/x"), 422, "record_id")
    told(admin.get("/persons?limit=0&x=1"), 422, "limit")
    facts = told(admin.post("/cards", json={"site": site, "raw": "0A", "bits": 9}), 422, "body")
    assert facts["en"] == "body: a card number has 1..16 bytes and at most 8 bits a byte"
    told(admin.post("/vehicles", json={"site": site, "plate": "··"}), 422, "plate")
    card = {"site": site, "raw": "0A0B"}
    assert admin.post("/cards", json=card).status_code == 201
    told(admin.post("/cards", json=card), 409, "raw")
    crowd = told(admin.post("/persons", json={f"x{n}": SECRET for n in range(1000)}), 422, "site")
    assert len(crowd["errors"]) == problems.FAULTS_MAX
    assert SECRET not in str(crowd)
    half = admin.post("/sign-in", content=rb'{"name": "y", "password": "\ud800"}', headers={"Content-Type": "application/json"})
    told(half, 422)
    assert admin.get("/log?person=%00").status_code in {200, 422}


# --- the catalogues ------------------------------------------------------------------------------


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_every_fault_of_a_form_has_words_that_can_be_filled() -> None:
    examples = {fault["type"]: fault["example_context"] or {} for fault in list_all_errors()}
    assert FORM.keys() <= examples.keys()
    for kind, values in examples.items():
        chinese, english = fault_in_words(kind, {**values, "place": 7})
        assert is_chinese(chinese), kind
        assert "{" not in chinese + english, kind
    for chinese, english in FORM.values():
        assert places(chinese) == places(english)
        # Of these pydantic repeats what was sent.
        assert not {"error", "tag", "input_value", "tz_actual", "actual_length"} & places(english)


def test_only_our_own_values_errors_are_told() -> None:
    assert fault_in_words("value_error", {"error": ValueError("is no plate")}) == ("不是车牌号", "is no plate")
    assert fault_in_words("value_error", {"error": ValueError(f"Invalid isoformat string: {SECRET!r}")}) == NOT_VALID


def test_chinese_has_the_same_places_as_english() -> None:
    assert [english for english, chinese in CHINESE.items() if places(english) != places(chinese)] == []
    assert [english for english, chinese in CHINESE.items() if not is_chinese(chinese)] == []


def test_every_kind_of_record_has_a_word() -> None:
    tables = {mapper.class_.__tablename__ for mapper in Base.registry.mappers if issubclass(mapper.class_, OfSite)}
    assert sorted(tables - WORDED["table"].keys()) == []


# What only gates are told, in English: their own words, or those of a fault in what they sent.
TO_GATES = {
    "access_rules/stream.py",
    "checkpoints/services.py",
    "early/routes.py",
    "early/services.py",
    "edges/requests.py",
    "edges/turns.py",
    "facts/routes.py",
    "facts/services.py",
    "health/services.py",
    "journal/batches.py",
    "journal/pictures.py",
    "journal/routes.py",
    "journal/services.py",
}
# Messages that are made elsewhere and only handed on.
HANDED_ON = {
    ("edges/services.py", "why"),
    ("problems.py", "_OF_HTTP.get(status, str(error.detail))"),
    ("records/repository.py", "conflict"),
    ("records/services.py", "self.taken"),
    ("records/services.py", "self.in_use"),
}
# What takes a message, and as which of its arguments.
TAKES = {"RegistryError": 0, "SheetError": 0, "flush": 1}
TAKES_IN_SCHEMAS = {"ValueError": 0}
OWN_VALUES = {"message", "status_code", "field", "facts", "retry_after_s"}
NAMED = {"taken", "in_use"}


class Message(NamedTuple):
    file: str
    line: int
    node: ast.expr
    values: set[str] | None


def called(call: ast.Call) -> str:
    function = call.func
    return function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""


def messages(path: Path) -> Iterator[Message]:
    """Yield what may be told by this file: what is given to refusals, and the names under which records keep theirs."""
    file = str(path.relative_to(ROOT))
    tree = ast.parse(path.read_text(encoding="utf-8"))
    takes = TAKES | (TAKES_IN_SCHEMAS if path.name == "schemas.py" else {})
    named: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            named.setdefault(node.targets[0].id, []).append(node.value)
    for name in NAMED & named.keys():
        texts = [node for node in named[name] if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        yield from (Message(file, text.lineno, text, set()) for text in texts)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and len(node.args) > (at := takes.get(called(node), len(node.args))):
            given = {keyword.arg or "" for keyword in node.keywords} - OWN_VALUES
            told = node.args[at]
            for each in named.get(told.id, [told]) if isinstance(told, ast.Name) else [told]:
                for text in (each.body, each.orelse) if isinstance(each, ast.IfExp) else (each,):
                    yield Message(file, node.lineno, text, None if "" in given else given)


def lack(message: Message) -> str:
    """Return what is wrong with a message, or nothing."""
    if (message.file, ast.unparse(message.node)) in HANDED_ON:
        return ""
    if not isinstance(message.node, ast.Constant) or not isinstance(message.node.value, str):
        return "no literal: put its values beside it"
    text = message.node.value
    if text not in CHINESE:
        return f"no Chinese: {text!r}"
    if message.values is not None and message.values != places(text):
        return f"its places are not its values {sorted(message.values)}: {text!r}"
    return ""


def test_every_refusal_of_the_office_is_in_chinese() -> None:
    files = [path for path in sorted(ROOT.rglob("*.py")) if str(path.relative_to(ROOT)) not in TO_GATES]
    found = [message for path in files for message in messages(path)]
    assert len(found) > 50
    lacking = [f"{message.file}:{message.line}: {lacks}" for message in found if (lacks := lack(message))]
    assert not lacking, "\n".join(["", *lacking])
