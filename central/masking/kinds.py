"""The kinds of personal values, and the one table of which role sees them in full, masked or not at all. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from central.users.rights import RIGHTS, Area

# `credential`: a plate or a card, whichever it is; `tail`: the end of a telephone, by which gates tell people apart; `note`:
# words about one person; `report`: words of a log, of which only what looks like a number of somebody goes; `staff`: who works
# here; `facts`: the fields of a record as the audit has them, each of its own kind.
Kind = Literal[
    "name", "phone", "tail", "id", "plate", "card", "credential", "address", "photo", "note", "report", "staff", "facts"
]
KINDS: tuple[Kind, ...] = get_args(Kind)

# In full; masked, and in full again for a purpose that is written down (`reveal`); masked; not at all.
Level = Literal["full", "reveal", "masked", "none"]
X_PERSONAL: Final = "x-personal"


@dataclass(frozen=True, slots=True)
class Personal:
    """The mark of a field that holds personal values; `area`: whoever may change what is in it sees the field in full."""

    kind: Kind
    area: Area | None = None

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Tell programs too of what kind the values are, so that they know a mask when they see one."""
        return {**handler(schema), X_PERSONAL: self.kind}


def _all(level: Level, **others: Level) -> Mapping[str, Level]:
    return {kind: others.get(kind, level) for kind in KINDS}


_LOOKS_ON = _all("reveal", tail="full", photo="full", report="masked", staff="full", facts="masked")
# Whoever is not named here sees nothing: a role that is new is put down here first.
SEES: Final[Mapping[str, Mapping[str, Level]]] = {
    "site_manager": _all("full"),
    "registrar": _all("full"),
    "front_desk": _all("full"),
    # They see who stands before them, and call nobody.
    "guard": _all("full", phone="masked", id="masked", facts="masked"),
    "shift_leader": _all("full", phone="reveal", id="masked", facts="masked"),
    "goods_clerk": _all("full", id="none", photo="none", facts="masked"),
    "goods_checker": _all("full", phone="masked", id="none", photo="none", facts="masked"),
    "security_officer": _LOOKS_ON,
    "auditor": _LOOKS_ON,
    # A booth's program shows the duty log and who is on duty, which guards ask for by their badges.
    "integration": _all("none", staff="full", report="full"),
    "system_admin": _all("none"),
    # A resident sees the visitors who were announced in his own name.
    "host": _all("full", staff="none", facts="none"),
    # The registry itself, and whoever works at its machine.
    "registry": _all("full"),
    "machine": _all("full"),
}
_NOTHING: Final = _all("none")


@dataclass(frozen=True, slots=True)
class Sight:
    """What one role sees."""

    role: str

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing is masked."""
        return set(SEES.get(self.role, _NOTHING).values()) == {"full"}

    def level(self, mark: Personal) -> Level:
        """Return how a field that is so marked is seen."""
        if mark.area is not None and self.role in RIGHTS[mark.area].write:
            return "full"
        return SEES.get(self.role, _NOTHING)[mark.kind]


def mark_of(metadata: list[Any]) -> Personal | None:
    """Return the mark among what is said of a field; None where it holds nothing personal."""
    return next((each for each in metadata if isinstance(each, Personal)), None)
