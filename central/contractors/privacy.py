"""What of workers and owners is kept from whom: telephones from all but the office, whom a pass is known by from the audit."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from access.workflows.events import Event
from access.workflows.visit import OFFICE_ROLES
from central.contractors.schemas import ID_NUMBER
from central.errors import RegistryError
from central.people.identity import tail
from central.registry import Work


def sees_all(work: Work) -> bool:
    """Tell whether the actor is shown whole telephone numbers and the references of persons."""
    return work.actor.role in OFFICE_ROLES


def without_phone(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return facts with the end of a telephone number in the place of the whole."""
    return {**facts, "phone": f"…{tail(facts['phone'])}"} if facts.get("phone") else facts


def without_person(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a pass or of its issue without what its person is known by."""
    terms = facts.get("terms")
    return {**facts, "terms": {**terms, "person": ""}} if terms else dict(facts)


def check_texts(event: Event) -> None:
    """Raise RegistryError 422 naming the field in which somebody wrote a whole ID number."""
    for field in fields(event):
        value = getattr(event, field.name)
        texts = value if isinstance(value, tuple) else (value,)
        if any(isinstance(text, str) and ID_NUMBER.search(text) for text in texts):
            raise RegistryError("holds a whole ID number", 422, field.name)
