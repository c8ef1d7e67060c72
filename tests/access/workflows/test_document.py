"""The document's tables are those of the code, each of them, once; its headings are the words of the workflows."""

from access.workflows.catalogue import WORKFLOWS
from access.workflows.words import WORKFLOWS as WORDS
from tests.access.workflows.write_document import DOCUMENT, TABLE, written


def test_the_tables_of_the_document_are_those_of_the_code() -> None:
    text = DOCUMENT.read_text()
    assert [found[1] for found in TABLE.findall(text)] == list(WORKFLOWS)
    assert written(text) == text


def test_each_workflow_has_its_heading() -> None:
    headings = [line.removeprefix("## ") for line in DOCUMENT.read_text().splitlines() if line.startswith("## ")]
    assert [f"{english} {chinese}" for chinese, english in WORDS.values()] == headings[1:-1]
