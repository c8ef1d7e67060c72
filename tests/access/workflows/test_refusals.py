"""Every code has its two sentences, every state, event and value its words; and nothing is kept that nobody says."""

import re
import string
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

import access.workflows
from access.words import LANGUAGES
from access.workflows.catalogue import WORKFLOWS
from access.workflows.contractor_pass import CERTIFIED_TRADES
from access.workflows.permit import PermitTerms, papers_needed
from access.workflows.refusals import FINDINGS, REFUSALS, Finding, Refusal, finding_sentence, refusal_sentence
from access.workflows.release_slip import RIGHTS
from access.workflows.visit import CATEGORIES
from access.workflows.words import EVENTS, STATES, WORDS
from access.workflows.words import WORKFLOWS as WORKFLOW_WORDS
from tests.access.workflows.cast import at

SOURCES = "".join(path.read_text() for path in Path(access.workflows.__path__[0]).glob("*.py") if path.stem != "refusals")
SAID = set(re.findall(r'(?:Refusal\(|\bno\(|_ended\(|_by_role\(|return )"([a-z_]+)"', SOURCES))
FOUND = {code for workflow in WORKFLOWS.values() for code in workflow.findings.values()} | {"out_of_order"}


def test_every_refusal_has_sentences_and_every_sentence_is_said() -> None:
    assert REFUSALS.keys() == SAID


def test_every_finding_has_sentences_and_every_sentence_is_said() -> None:
    assert FINDINGS.keys() == FOUND


def test_what_findings_start_from_are_refusals() -> None:
    assert {code for workflow in WORKFLOWS.values() for _, code in workflow.findings} <= REFUSALS.keys()


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("code", [*REFUSALS, *FINDINGS])
def test_both_languages_name_the_same_values(code: str) -> None:
    chinese, english = {**REFUSALS, **FINDINGS}[code]
    assert fields(chinese) == fields(english)
    assert re.search("[\u4e00-\u9fff]", chinese)
    assert not re.search("[\u4e00-\u9fff]", english)


def test_states_and_events_have_words() -> None:
    assert {name: tuple(words) for name, words in STATES.items()} == {name: flow.states for name, flow in WORKFLOWS.items()}
    assert EVENTS.keys() == {event.__name__ for workflow in WORKFLOWS.values() for event in workflow.events}
    assert WORKFLOW_WORDS.keys() == WORKFLOWS.keys()


def test_codes_that_stand_in_sentences_have_words() -> None:
    papers = papers_needed(PermitTerms(firm="f")) | papers_needed(PermitTerms(tenant=True)) | (set(RIGHTS.values()) - {""})
    duties = {duty for category in CATEGORIES for duty in category.obligations} | {category.code for category in CATEGORIES}
    assert papers | duties <= WORDS.keys()
    assert CERTIFIED_TRADES


@pytest.mark.parametrize(
    ("code", "values", "chinese", "english"),
    [
        (
            "not_now",
            {"workflow": "visit", "state": "refused", "event": "CardLent"},
            "当前状态为“已拒绝”，不能办理“借出访客卡”",
            "lending a visitor card is not possible while it is refused",
        ),
        ("obligations_open", {"missing": ("lead_in", "escort")}, "还须：引导入内、全程陪同", "still to do: lead in, escort"),
        ("visit_over", {"until": at(18)}, "预约已于 2026-03-03 02:00 结束", "the visit ended at 2026-03-03 02:00"),
        (
            "permit_not_in_force",
            {"permit_state": "revoked"},
            "装修许可已注销，不能进场",
            "the renovation permit is not in force: revoked",
        ),
        ("party_full", {"party": 3}, "同行 3 人，已有 — 人在场", "— of the party of 3 are inside already"),
        ("of_a_later_version", {}, "of_a_later_version", "of_a_later_version"),
    ],
)
def test_sentences(code: str, values: dict[str, Any], chinese: str, english: str) -> None:
    said = [refusal_sentence(Refusal(code, values), language, ZoneInfo("Asia/Shanghai")) for language in LANGUAGES]
    assert said == [chinese, english]


@pytest.mark.parametrize(
    ("finding", "chinese", "english"),
    [
        (
            Finding("admitted_after_revocation", {}, UUID(int=1), "visit_cancelled"),
            "注销或取消之后仍被放行：预约已取消",
            "admitted after revocation: the visit was cancelled",
        ),
        (Finding("over_released", {"line": 2}, UUID(int=1), "over_released"), "放行数量超出", "over-released"),
        (
            Finding("out_of_order", {"workflow": "card", "state": "stock", "event": "CardLost"}, UUID(int=1), "not_now"),
            "状态为“库存”时记录了“挂失”",
            "a report of loss was recorded while it was in stock",
        ),
    ],
)
def test_findings_in_words(finding: Finding, chinese: str, english: str) -> None:
    assert [finding_sentence(finding, language) for language in LANGUAGES] == [chinese, english]
