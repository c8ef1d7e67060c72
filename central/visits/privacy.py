"""What of visitors is kept from whom: whole telephones are the office's, and so are the reasons why somebody is not let in."""

from access.workflows.visit import OFFICE_ROLES
from central.audit.schemas import AuditShown
from central.records.schemas import Page
from central.registry import Work


def sees_phones(work: Work) -> bool:
    """Tell whether the actor is shown whole telephone numbers."""
    return work.actor.role in OFFICE_ROLES


def without(found: Page[AuditShown], field: str) -> Page[AuditShown]:
    """Return a page of changes with nothing of this field, neither as it was nor as it became."""
    return found.model_copy(update={"items": [_without(entry, field) for entry in found.items]})


def _without(entry: AuditShown, field: str) -> AuditShown:
    sides = {"before": entry.before, "after": entry.after}
    kept = {side: values and {name: value for name, value in values.items() if name != field} for side, values in sides.items()}
    return entry.model_copy(update=kept)
