"""Visits: window, gates, uses, party; and what the visit's category asks of the guard."""

from access.case import PASSES, Case, Verdict
from access.claims import is_counted
from access.obligations import Obligation
from access.on_record import Visit
from access.presence import OUTSIDE


def visit(case: Case) -> Verdict:
    """Judge a visitor by the visit that fits best; whoever is inside may always leave."""
    found = case.papers.visit
    if found is None:
        return PASSES
    verdict = _entering(case, found) if case.enters else _leaving(case, found)
    saw = {"visit": str(found.id), "visit_category": found.category, "visits": len(case.papers.visits)}
    return Verdict(verdict.reason, {"uses": found.uses, "party": found.party, **verdict.values}, saw, verdict.obligations)


def _entering(case: Case, found: Visit) -> Verdict:
    since, until = found.window.valid_from, found.window.valid_until
    if found.status == "announced":
        return Verdict("visit_announced", obligations=(Obligation("ask_host_first"),))
    if found.status != "approved":
        return Verdict("visit_refused", {"status": found.status})
    if found.lanes and case.lane.id not in found.lanes:
        return Verdict("visit_elsewhere")
    if since is not None and case.at + case.skew < since:
        return Verdict("visit_not_yet", {"from": case.local(since)})
    if until is not None and case.at - case.skew >= until:
        return Verdict("visit_over", {"until": case.local(until)})
    return _coming(case, found) if case.lane.outer == OUTSIDE else PASSES  # on the site already: this is not another use


def _coming(case: Case, found: Visit) -> Verdict:
    counted = is_counted(case.known, found, case.presented.direction, case.lane, case.snapshot)  # this very use may be heard of
    if case.known.count(f"uses:{found.id}") - counted >= found.uses * found.party:
        return Verdict("visit_used_up")
    if case.known.count(f"party:{found.id}") >= found.party:
        return Verdict("party_full")
    return Verdict(obligations=tuple(map(Obligation, found.obligations)))


def _leaving(case: Case, found: Visit) -> Verdict:
    stayed = found.window.valid_until is not None and case.at >= found.window.valid_until
    lent = case.presented.medium == "card" and case.lane.outer == OUTSIDE
    due = [code for code, applies in (("note_overstay", stayed), ("take_visitor_card", lent)) if applies]
    return Verdict(obligations=tuple(map(Obligation, due)))
