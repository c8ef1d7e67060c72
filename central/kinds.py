"""All kinds of plain records, for what is done with each alike: in files, in documents."""

from typing import Any

from central.access_rules.services import blocks, levels, schedules, special_days
from central.cards.services import cards
from central.duty.board import applicants, notices, whereabouts
from central.duty.log import duty_log
from central.duty.patrols import points, routes
from central.duty.services import guards
from central.people.companies import companies
from central.people.documents import documents
from central.people.residencies import residencies
from central.people.services import persons
from central.places.services import buildings, posts, units, zones
from central.records.services import Records
from central.sites.services import gates, lanes
from central.spaces.services import quotas, spaces
from central.vehicles.services import vehicles
from central.visits.denied import denied_visitors

KINDS: tuple[Records[Any, Any, Any], ...] = (
    buildings,
    units,
    zones,
    gates,
    lanes,
    posts,
    schedules,
    special_days,
    levels,
    blocks,
    denied_visitors,
    companies,
    quotas,
    persons,
    residencies,
    documents,
    vehicles,
    spaces,
    cards,
    guards,
    duty_log,
    points,
    routes,
    notices,
    whereabouts,
    applicants,
)
