"""Guards that several workflows ask: who may do something at all."""

from typing import Any

from access.workflows.events import Event
from access.workflows.machine import Guard
from access.workflows.refusals import Refusal


def _by_role(refusal: str, *roles: str) -> Guard:
    """Return the guard that lets only these roles act, and refuses all others for the reason given."""

    def guard(_record: Any, event: Event) -> Refusal | None:
        return None if event.by.role in roles else Refusal(refusal)

    return guard


by_office = _by_role("office_only", "registrar", "site_manager")
by_goods_office = _by_role("office_only", "goods_clerk", "site_manager")
by_leader = _by_role("leader_only", "shift_leader")
