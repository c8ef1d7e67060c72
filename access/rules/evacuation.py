"""Evacuation comes first: exits open and stay."""

from access.case import Case, Verdict
from access.obligations import Obligation


def evacuation(case: Case) -> Verdict:
    """Open an exit for anybody while the site is evacuated; entries go by the other rules."""
    since = case.known.value("evacuation")
    if since is None or case.enters:
        return Verdict(saw={"evacuation": since is not None})
    return Verdict("evacuation", saw={"evacuation": True}, obligations=(Obligation("stay_open"),))
