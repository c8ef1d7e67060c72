"""Words of sheets: every column and every value of a list has its own in Chinese, and what is written is read back."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel, TypeAdapter

from access.workflows.machine import NEW
from central.app import OFFICE_ROUTERS
from central.errors import RegistryError
from central.files.catalogue import sheets
from central.files.columns import SheetColumn, column_of
from central.files.exports import exported
from central.files.marks import marked, steps
from central.files.notes import notes_of
from central.files.sheets import read_sheet
from central.files.value_words import code_of, codes_of
from central.files.values import bare, fields_of, item_of
from central.files.words import header_of, plain
from central.files.writing import Note, write_xlsx
from central.flows import FLOWS
from central.records.offers import OFFERS
from central.records.schemas import Moment

LANGUAGES = ("zh", "en")
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def columns() -> list[tuple[str, tuple[SheetColumn, ...], Any]]:
    assert OFFICE_ROUTERS, "what the API offers has sheets"
    names = {*sheets(), *(flow.kind for flow in FLOWS if flow.kind in OFFERS), "patrol_rounds"}
    found = [(name, exported(name, "machine")) for name in sorted(names)]
    return [(name, tuple(getattr(sheet, "columns", ())), sheet) for name, sheet in found]


def test_every_column_has_its_own_header_in_both_languages_that_is_read_back(columns: Any) -> None:
    for kind, own, sheet in columns:
        fields = [column.field for column in own]
        for language in LANGUAGES:
            headers = sheet.headers(language)
            assert len(set(headers)) == len(headers)
            for field, header in zip(fields, headers, strict=True):
                assert language == "en" or header.isascii() is False, (kind, field)
                assert [each.field for each in own if plain(header) in each.names] == [field], (kind, field, header)
        # No header that is read is that of two columns, in whatever language.
        read = [(name, column.field) for column in own for name in column.names]
        twice = {name for name, field in read if any(name == other and field != also for other, also in read)}
        assert not twice, (kind, twice)
        for column in own:
            for part in column.parts.names if column.parts else ():
                assert not header_of(part, "zh", column.field).isascii(), (kind, column.field, part)


def test_every_value_of_a_list_has_its_own_word_in_both_languages_that_is_read_back(columns: Any) -> None:
    listed = [(kind, column.field, column.annotation) for kind, own, _ in columns for column in own]
    listed += [(column.field, name, annotation) for _, own, _ in columns for column in own for name, annotation in parts(column)]
    assert len(listed) > 200
    for kind, field, annotation in listed:
        type_ = item_of(annotation) or bare(annotation)
        for code in [each for each in codes_of(type_) or () if each] + [True, False] * (type_ is bool):
            given = [code] if item_of(annotation) else code
            column = column_of(kind, field, annotation)
            for language in LANGUAGES:
                text = str(column.write(given, SHANGHAI, language))
                assert (language == "zh") != text.isascii() or code == "desfire_aes", (kind, field, code)
                assert column.read(text, SHANGHAI) == given
            assert column.read(f" {code} ".strip().upper(), SHANGHAI) == given
        known = code_of(kind, field, codes_of(type_))
        if known is not None:
            assert all(len(set(words.values())) == len(words) for words in known.written.values()), (kind, field)


def test_every_state_of_a_workflow_has_its_word() -> None:
    for flow in FLOWS:
        known = code_of(flow.kind, "state", None)
        assert known is not None
        assert {state for state in flow.workflow.moves if state != NEW} <= known.written["zh"].keys(), flow.kind


def parts(column: SheetColumn) -> Iterator[tuple[str, Any]]:
    if column.parts is not None:
        yield from fields_of(item_of(column.annotation)).items()


@pytest.mark.parametrize(
    ("kind", "field", "word", "code"),
    [
        ("persons", "category", "业主", "resident"),
        ("persons", "relation", "业主", "owner"),
        ("vehicles", "vehicle_class", "电动自行车", "bicycle"),
        ("parking_spaces", "space_kind", "访客", "visitor"),
        ("lanes", "mode", "held open", "held_open"),
        ("special_days", "counts_as", "星期天", "6"),
        ("special_days", "counts_as", "Sunday", "6"),
        ("persons", "category", "邻居", "邻居"),
    ],
)
def test_a_word_means_what_its_field_has(columns: Any, kind: str, field: str, word: str, code: str) -> None:
    [column] = [each for name, own, _ in columns if name == kind for each in own if each.field == field]
    assert column.read(word, SHANGHAI) == code


TIMES = [
    ("2027-01-01 00:00:00", "Asia/Shanghai", "2027-01-01", "2026-12-31"),
    ("2026-11-22 08:30:00", "Asia/Shanghai", "2026-11-22 08:30:00", "2026-11-22 08:30:00"),
    ("2026-11-22 08:30:00.25", "Asia/Shanghai", "2026-11-22T08:30:00.250000+08:00", "2026-11-22T08:30:00.250000+08:00"),
    ("2026-11-22 00:00:00.25", "Asia/Shanghai", "2026-11-22T00:00:00.250000+08:00", "2026-11-22T00:00:00.250000+08:00"),
    # The hour that the clock shows twice: the first is meant, the second is said with its offset.
    ("2026-10-25 02:30:00", "Europe/Berlin", "2026-10-25 02:30:00", "2026-10-25 02:30:00"),
    ("2026-10-25 02:30:00 again", "Europe/Berlin", "2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+01:00"),
    # A midnight that the clock leaves out: 1 o'clock is the first of that day, and no end of the day before.
    ("2026-03-29 01:00:00", "Asia/Beirut", "2026-03-29 01:00:00", "2026-03-29 01:00:00"),
]


@pytest.mark.parametrize(("clock", "zone_name", "begins", "ends"), TIMES)
def test_a_time_is_written_as_spreadsheets_know_it_and_read_back_the_same(
    clock: str, zone_name: str, begins: str, ends: str
) -> None:
    zone = ZoneInfo(zone_name)
    at = datetime.fromisoformat(clock.removesuffix(" again")).replace(tzinfo=zone, fold=int(clock.endswith("again")))
    for field, text in (("valid_from", begins), ("valid_until", ends)):
        column = column_of("persons", field, Moment | None)
        assert column.write(at.astimezone(UTC).isoformat(), zone, "zh") == text
        read = TypeAdapter(Moment).validate_python(column.read(text, zone))
        assert read == at.astimezone(UTC)


class Line(BaseModel):
    """What may stand in a cell of lines."""

    item: str
    quantity: Decimal
    lanes: tuple[UUID, ...] = ()
    pictures: tuple[str, ...] = ()
    direction: Literal["in", "out"] | None = None
    at: Moment | None = None


LINES = column_of("release_slip", "lines", tuple[Line, ...])
HARD = ["电脑", "a|b", "a;b；c", "a,b，c、d", "a\\", "\\", "[x]", "{", "a/b", "/", "a\nb", "-", "=1"]


def test_lists_of_parts_are_written_for_a_clerk_and_read_back() -> None:
    line = {"item": "电脑", "quantity": "10", "lanes": [], "pictures": ["a.jpg", "b.jpg"], "direction": "in", "at": None}
    assert LINES.write([line, {"item": "屏", "quantity": "2"}], SHANGHAI, "zh") == "电脑 | 10 |  | a.jpg, b.jpg | 进; 屏 | 2"
    assert LINES.read("电脑｜10||a.jpg、b.jpg |进；\n 屏 | 2 |;", SHANGHAI) == [
        {"item": "电脑", "quantity": "10", "pictures": ["a.jpg", "b.jpg"], "direction": "in"},
        {"item": "屏", "quantity": "2"},
    ]
    assert LINES.read('[{"item": "x"}]', SHANGHAI) == [{"item": "x"}]
    assert (LINES.read("[]", SHANGHAI), LINES.read("[旧]x | 1", SHANGHAI)) == ([], [{"item": "[旧]x", "quantity": "1"}])
    for language in LANGUAGES:
        for text in HARD:
            given: list[dict[str, Any]] = [
                {"item": text, "quantity": "1", "pictures": [text, text], "at": "2026-11-22T00:30:00Z"},
                {"item": "x", "quantity": "1", "lanes": ["/".join(map(marked, ("东门", text)))] * 2},
                {},
                {"item": text, "quantity": "2"},
            ]
            written = LINES.write(given, SHANGHAI, language)
            read = LINES.read(str(written), SHANGHAI)
            assert read[0].pop("at").isoformat() == "2026-11-22T08:30:00+08:00"
            assert [steps(name) for name in read[1].pop("lanes")] == [["东门", text]] * 2
            assert read == [{name: item[name] for name in item.keys() - {"at", "lanes"}} for item in given]
    for wrong, place in (("a | 1 | | | | | x", "lines.0"), ("a | 1; b | 1 | | | 进 | | x", "lines.1"), ("[{", "lines")):
        with pytest.raises(RegistryError) as refused:
            LINES.read(wrong, SHANGHAI)
        assert (refused.value.status_code, refused.value.field) == (422, place)
        assert refused.value.chinese != refused.value.message


def test_a_list_whose_values_have_marks_is_read_back() -> None:
    column = column_of("cards", "floors", tuple[str, ...])
    for language in LANGUAGES:
        given = [text.strip() for text in HARD]
        assert column.read(str(column.write(given, SHANGHAI, language)), SHANGHAI) == given


def test_a_workbook_tells_at_its_headers_what_the_columns_take(columns: Any) -> None:
    for each, own, _ in columns:
        assert all(len(note.text) < 500 for language in LANGUAGES for note in notes_of(each, own, language)), each
    [(kind, own, sheet)] = [each for each in columns if each[0] == "lanes"]
    file = io.BytesIO()
    write_xlsx(sheet.headers("zh"), [["x"] * len(own)] * 2, file, kind, notes_of(kind, own, "zh"))
    with zipfile.ZipFile(file) as archive:
        told = re.findall("<t[^>]*>([^<]*)</t>", archive.read("xl/comments1.xml").decode())
        table = archive.read("xl/worksheets/sheet1.xml").decode()
    by_field = dict(zip((column.field for column in own), notes_of(kind, own, "zh"), strict=True))
    assert by_field["direction"] == Note("必填\n只能填：进、出、双向", ["进", "出", "双向"], is_required=True)
    assert by_field["slug"] == Note("必填", (), is_required=True)
    assert by_field["classes"].choices == ()
    assert told == [by_field[column.field].text for column in own]
    assert '"进,出,双向"' in table
    assert read_first(file.getvalue()) == dict.fromkeys(sheet.headers("zh"), "x")


def read_first(data: bytes) -> dict[str, str]:
    with read_sheet(data, "x.xlsx") as sheet:
        return next(sheet.rows).cells
