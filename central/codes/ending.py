"""Codes whose window is over: gates need not know of them any more."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from access.workflows.visit import WORKFLOW as VISIT
from central.codes import services
from central.codes.tables import IssuedCode
from central.contractors.passes import is_told as is_pass_told
from central.contractors.passes import passes
from central.records.turns import take_turns
from central.registry import Work
from central.tables import Site
from central.visits.services import visits
from central.visits.telling import is_told as is_visit_told
from central.workflows.clock import each_apart
from central.workflows.tables import WorkflowRecord

KIND: Final = "issued_codes"
PER_TURN: Final = 200
# Somebody is still inside, or a pass is still told as one that has run out: they leave by their code.
LOOKED_AT_AGAIN: Final = timedelta(hours=1)


class EndedCodes:
    """Codes that have had their time, as the clock of workflows asks for what is due."""

    def is_due(self, work: Work) -> bool:
        """Tell whether the window of a code that gates know of is over."""
        return (
            work.session.scalars(select(IssuedCode.record_id).where(IssuedCode.forget_at <= work.at).limit(1)).first() is not None
        )

    def ripen(self, work: Work) -> int:
        """Let gates forget codes whose windows are over; returns how many records those were of."""

        def move(row: WorkflowRecord) -> None:
            again = work.at + LOOKED_AT_AGAIN if _is_told(row) else None
            site = work.session.get_one(Site, row.site_id)
            before = services.told_now(site, row)
            for code in work.session.scalars(select(IssuedCode).where(IssuedCode.record_id == row.id)):
                if code.forget_at is not None and code.forget_at <= work.at:
                    code.forget_at = again
            work.session.flush()
            services.tell(work, site, row, before)

        return each_apart(work, KIND, _due(work), move)


ended_codes = EndedCodes()


def _due(work: Work) -> Sequence[WorkflowRecord]:
    due = IssuedCode.forget_at <= work.at
    take_turns(work.session, select(IssuedCode.site_id).where(due).distinct())
    ids = select(IssuedCode.record_id).where(due).order_by(IssuedCode.forget_at).limit(PER_TURN)
    return work.session.scalars(select(WorkflowRecord).where(WorkflowRecord.id.in_(ids))).all()


def _is_told(row: WorkflowRecord) -> bool:
    return is_visit_told(visits.record(row)) if row.workflow == VISIT.name else is_pass_told(passes.record(row))
