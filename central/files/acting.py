"""As whom somebody at the machine acts by a sheet."""

from dataclasses import replace
from typing import Final

from central.access_rules.direct import MACHINE
from central.registry import Work
from central.users.rights import Role

# Who may do all that an office does.
OFFICE: Final[Role] = "site_manager"


def as_office(work: Work) -> Work:
    """Let who is at the machine act as the office does; everybody else as what he is."""
    return replace(work, actor=replace(work.actor, role=OFFICE)) if work.actor.role == MACHINE else work
