"""`python -m tests.access.workflows.write_document`: write the tables of docs/workflows.md anew."""

import re
from pathlib import Path

from access.workflows.catalogue import WORKFLOWS, state_table

DOCUMENT = Path(__file__).parents[3] / "docs" / "workflows.md"
TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def written(text: str) -> str:
    """Return the document with the tables that the code says."""
    return TABLE.sub(lambda found: found[1] + state_table(WORKFLOWS[found[2]]) + found[3], text)


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text()))
