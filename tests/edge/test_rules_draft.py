"""Drafts read: what is wrong in one is said with file, line and field, before anything is judged."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from edge.rules_draft import DraftError, Key, check, laid_over, read_changes

NEW, SITE, LEVEL, LANE, OTHER_LANE, PERSON = (UUID(int=at) for at in range(1, 7))
INSTALLED: Mapping[Key, str] = {
    ("site", SITE): "",
    ("level", LEVEL): "",
    ("lane", LANE): "in-1",
    ("lane", OTHER_LANE): "out-1",
    ("person", PERSON): "",
}
WINDOW: Mapping[str, Any] = {"valid_from": 0, "valid_until": 1}
NOBODY = str(UUID(int=99))


def line(kind: str, identity: UUID = NEW, **said: Any) -> str:
    return json.dumps({"kind": kind, "id": str(identity), **said}, ensure_ascii=False)


def gone(kind: str, identity: UUID | str | int, **said: Any) -> str:
    identified = identity if isinstance(identity, int) else str(identity)
    return json.dumps({"gone": {"kind": kind, "id": identified}, **said})


def lane(identity: UUID, slug: str, **said: Any) -> str:
    return line("lane", identity, slug=slug, name="门", lane_kind="vehicle", direction="in", **said)


def site(**said: Any) -> str:
    return line("site", SITE, slug="lakeside", name="湖畔", card_key="00" * 32, **said)


def written(folder: Path, *lines: str) -> Path:
    path = folder / "draft.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        # the line itself
        ("{", "should be a rule record or what is gone, as JSON: Expecting"),
        pytest.param("[" * 100_000, "should be a rule record or what is gone, not so many brackets", id="deep"),
        ("[1]", "kind: Input should be a valid dictionary"),
        ('{"kind": "dragon"}', "kind: Input tag 'dragon'"),
        (line("person"), "person.name: Field required"),
        (line("block", reason="", plat="粤B12345"), "block.plat: Extra inputs"),
        (line("block", reason="half").replace("half", r"\ud800"), "block.reason: Input should be a valid string"),
        # what is gone
        (gone("levl", LEVEL), "gone.kind: 'levl' is no kind of record"),
        (gone("level", NEW), f"gone.id: there is no level {NEW}"),
        (gone("block", 5), "gone.id: UUID input should be a string"),
        (gone("level", "xyz"), "gone.id: Input should be a valid UUID"),
        (gone("level", LEVEL, why="old"), "why: Extra inputs"),
        (gone("site", SITE), "gone.kind: the site itself cannot go"),
        ('{"gone": {"kind": "person"}}', "gone.id: Field required"),
        ('{"gone": "x"}', "gone: Input should be a valid dictionary"),
        # whom it names
        (line("level", name="", grants=[{}, {"schedule": NOBODY}]), f"level.grants.1.schedule: there is no schedule {NOBODY}"),
        (line("level", name="", grants=[{"lanes": [str(LANE), NOBODY]}]), f"level.grants.0.lanes: there is no lane {NOBODY}"),
        (line("person", name="", levels=[str(LEVEL), NOBODY]), f"person.levels: there is no level {NOBODY}"),
        (line("person", name="", quota=NOBODY), f"person.quota: there is no quota {NOBODY}"),
        (line("visit", person=NOBODY, **WINDOW), f"visit.person: there is no person {NOBODY}"),
        (
            line("pass", number="", person=str(PERSON), permit=NOBODY, units=[], **WINDOW),
            f"pass.permit: there is no permit {NOBODY}",
        ),
        (line("permit", number="", units=[], schedule=NOBODY, **WINDOW), f"permit.schedule: there is no schedule {NOBODY}"),
        (line("card", hashes=["00" * 16], person=NOBODY), f"card.person: there is no person {NOBODY}"),
        (line("vehicle", plate="粤B12345", person=NOBODY), f"vehicle.person: there is no person {NOBODY}"),
        (lane(NEW, "in-2", inner_zone=NOBODY), f"lane.inner_zone: there is no zone {NOBODY}"),
        (lane(NEW, "in-1"), "lane.slug: another lane is called 'in-1'"),
        (lane(LANE, "out-1"), "lane.slug: another lane is called 'out-1'"),
        # what no gate could find
        (line("block", reason="", plate="粤B·12345"), "block.plate: should be in its normal form, '粤B12345'"),
        (line("vehicle", plate="粤BOI345"), "vehicle.plate: should be in its normal form, '粤B01345'"),
        (line("slip", number="", plate="ab123", **WINDOW), "slip.plate: should be in its normal form, 'AB123'"),
        (line("block", reason=""), "block.plate: a block needs a plate or a card_hash"),
        (site(zone="Mars/Base"), "site.zone: should be the name of a time zone"),
        (site(zone="../etc"), "site.zone: should be the name of a time zone"),
    ],
)
def test_a_fault_is_said_with_file_line_and_field(tmp_path: Path, said: str, fault: str) -> None:
    path = tmp_path / "draft.jsonl"
    path.write_text(f"\n{said}\n", encoding="utf-8")
    with pytest.raises(DraftError) as caught:
        check(read_changes(path), INSTALLED)
    assert str(caught.value).startswith(f"{path}:2: {fault}")


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ((gone("person", PERSON), line("card", hashes=["00" * 16], person=str(PERSON))), "2: card.person: there is no person"),
        ((gone("level", LEVEL), line("level", LEVEL, name="", grants=[])), "2: id: "),
        ((lane(NEW, "in-2"), lane(UUID(int=9), "in-2")), "2: lane.slug: another lane is called 'in-2'"),
    ],
)
def test_lines_that_contradict_each_other_are_said(tmp_path: Path, lines: Iterable[str], fault: str) -> None:
    path = written(tmp_path, *lines)
    with pytest.raises(DraftError) as caught:
        check(read_changes(path), INSTALLED)
    assert str(caught.value).startswith(f"{path}:{fault}")


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("", "  \r"),
        (line("person", name="", levels=[str(NEW)]), line("level", NEW, name="", grants=[])),  # named before it is there
        (lane(LANE, "out-1"), lane(OTHER_LANE, "in-1")),
        (gone("lane", LANE), lane(NEW, "in-1")),
        (line("block", reason="\u2028\x85", card_hash="00" * 16),),  # no end of a line to JSON
        (site(zone="Europe/Berlin"),),
    ],
)
def test_what_makes_rules_is_taken(tmp_path: Path, lines: Iterable[str]) -> None:
    check(read_changes(written(tmp_path, *lines)), INSTALLED)


def test_two_gates_of_a_site_may_each_have_a_lane_of_one_name(tmp_path: Path) -> None:
    twice = {**INSTALLED, ("lane", OTHER_LANE): "in-1"}
    check(read_changes(written(tmp_path, lane(LANE, "in-1", mode="held_open"))), twice)


def test_a_mark_of_byte_order_is_read_past_and_another_encoding_is_said(tmp_path: Path) -> None:
    path = tmp_path / "draft.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + gone("level", LEVEL).encode())
    assert read_changes(path).keys() == {("level", LEVEL)}
    path.write_bytes(b"\xef\xbb\xbf\n\n" + line("person", name="张").encode("gb18030"))
    with pytest.raises(DraftError, match=r"draft\.jsonl:3: should be UTF-8"):
        read_changes(path)


def test_what_a_draft_says_stands_in_the_place_of_what_was(tmp_path: Path) -> None:
    rows = [("level", LEVEL, {"name": "old"}), ("lane", LANE, {"slug": "in-1"}), ("person", PERSON, {"name": "李*"})]
    changes = read_changes(written(tmp_path, line("level", LEVEL, name="new", grants=[]), gone("lane", LANE)))
    laid = list(laid_over(iter(rows), changes))
    assert [(kind, identity, data["name"]) for kind, identity, data in laid] == [
        ("person", PERSON, "李*"),
        ("level", LEVEL, "new"),
    ]
