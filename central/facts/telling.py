"""What the entries of a gate contribute to shared facts; pure but for a line in the log."""

import json

import structlog

from access.entries import EntryError
from access.sealing import Opened
from access.sharing import Contribution, contributions

log = structlog.get_logger("central.facts")


class Telling:
    """What the entries of a batch, one after another, contribute: one contribution to a fact, through the last of them."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[int, Contribution]] = {}

    def add(self, opened: Opened) -> None:
        """Take up what an entry contributes."""
        for one in told_by(opened):
            self.note(opened.seq, one)

    def note(self, seq: int, one: Contribution) -> None:
        """Take up what an entry at `seq` contributes to one fact."""
        _, earlier = self._told.get(one.name, (0, None))
        self._told[one.name] = (seq, one.following(earlier))

    def as_json(self) -> str:
        """Return it as a JSON array of objects, "" where there is nothing; the value is JSON in a text, null for none."""
        return json.dumps([_plain(seq, one) for seq, one in self._told.values()]) if self._told else ""


def _plain(seq: int, one: Contribution) -> dict[str, str | int | None]:
    value = None if one.value is None else json.dumps(one.value)
    return {"seq": seq, "name": one.name, "how": one.how, "value": value, "plate": one.plate, "at_us": one.at_us}


def told_by(opened: Opened) -> list[Contribution]:
    """Return what an entry contributes; what cannot be understood of it is told to nobody, and is in the journal."""
    if not opened.fields.get("facts"):
        return []
    try:
        return list(contributions([(opened.stamp.utc_us, opened.body())]).values())
    except (EntryError, TypeError, ValueError, AttributeError) as error:
        log.warning("facts of a form that is none of ours", edge=str(opened.edge), seq=opened.seq, why=type(error).__name__)
        return []
