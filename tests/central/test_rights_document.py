"""The tables of the documents of rights and records are those of the code, each of them, once."""

from tests.access.workflows.write_document import TABLE
from tests.central.write_documents import DOCUMENTS, tables, written


def test_the_tables_of_the_documents_are_those_of_the_code() -> None:
    texts = [document.read_text() for document in DOCUMENTS]
    assert sorted(found[1] for text in texts for found in TABLE.findall(text)) == sorted(tables())
    assert [written(text) for text in texts] == texts
