"""Routes of persons."""

from central.people.schemas import PersonsAsked
from central.people.services import persons
from central.records.routes import record_routes

router = record_routes(persons, "people", one="person", asked=PersonsAsked)
