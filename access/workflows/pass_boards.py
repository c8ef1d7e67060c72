"""What the posts see of all passes: the board of a post, and who is inside for too long."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

from access.workflows.contractor_pass import ContractorPass


def board(passes: Iterable[ContractorPass], post: str) -> list[ContractorPass]:
    """Return the passes whose duplicates hang at `post`, longest first: who is inside through it, and what is in transfer."""
    return sorted((held for held in passes if held.held_at == post), key=lambda held: (held.entered_at, held.terms.number))


def overdue(
    passes: Iterable[ContractorPass], at: datetime, in_hours: Callable[[str], bool], in_force: Callable[[str], bool]
) -> dict[tuple[str, str, str], list[ContractorPass]]:
    """Return who is still inside though validity or hours are over, by (post, firm, permit), each with its responsible person.

    `in_hours` tells of a schedule whether it allows work at `at`, `in_force` of a permit whether it is in force then.
    """
    listed: dict[tuple[str, str, str], list[ContractorPass]] = defaultdict(list)
    for held in passes:
        terms = held.terms
        in_time = at < terms.valid_until and in_hours(terms.schedule) and in_force(terms.permit)
        if held.is_inside and not in_time:
            listed[held.held_at, terms.firm, terms.permit].append(held)
    return dict(listed)
