"""The log's search form: local times and empty fields to a search, or what is wrong with them."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from central.log.schemas import Search

FIELDS = (
    "since", "until", "gate", "lane", "plate", "plate_match", "alike", "card", "person", "outcome", "reason",
    "unit", "company", "category", "guard", "number", "evidence", "older", "newer",
)  # fmt: skip
# Less asked for: they lie behind a fold, which stands open where one of them is filled in.
FURTHER = frozenset({"unit", "company", "category", "guard", "number", "evidence"})
PLACES = ("gate", "lane")
TIMES = ("since", "until")
LINKS = ("older", "newer")


class FormError(Exception):
    """Fields that cannot be understood, by name."""

    def __init__(self, fields: set[str]) -> None:
        super().__init__(", ".join(sorted(fields)))
        self.fields = fields


def filled(typed: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that were filled in; a plate's manner of comparing alone says nothing."""
    given = {name: text for name in FIELDS if (text := typed.get(name, "").strip())}
    if "plate" not in given:
        given.pop("plate_match", None)
        given.pop("alike", None)
    return given


def search_of(given: Mapping[str, str], zone: ZoneInfo) -> Search:
    """Return the search; times are of the site's zone. Raises FormError."""
    wanted: dict[str, object] = {name: [text] if name in PLACES else text for name, text in given.items()}
    wrong = set()
    for name in TIMES:
        if name in given:
            try:
                wanted[name] = datetime.fromisoformat(given[name]).replace(tzinfo=zone)
            except ValueError:
                wrong.add(name)
    if wrong:
        raise FormError(wrong)
    try:
        return Search.model_validate(wanted)
    except ValidationError as error:
        raise FormError({str(fault["loc"][0]) for fault in error.errors()}) from error
