"""All kinds of plain records, for what is done with each alike: in files, in documents."""

from typing import Any

from central.access_rules.services import blocks, levels, schedules
from central.cards.services import cards
from central.duty.services import guards
from central.people.services import persons
from central.records.services import Records
from central.sites.services import gates, lanes
from central.vehicles.services import vehicles

KINDS: tuple[Records[Any, Any, Any], ...] = (gates, lanes, schedules, levels, blocks, persons, vehicles, cards, guards)
