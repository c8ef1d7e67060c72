"""Notices for the booth."""

import math

from access.contract.booth_records import NoticeAtBooth
from edge.desk.booth import Booth
from edge.desk.heading import gate_id


def notices_now(booth: Booth) -> list[NoticeAtBooth]:
    """Return the notices for this booth that are in force, the newest first."""
    pages = booth.book.pages
    gate, utc = gate_id(booth.config, pages), booth.clock.utc()
    found = [
        notice
        for notice in pages.all(NoticeAtBooth).values()
        if notice.at_booth
        and notice.valid_from <= utc < (notice.valid_until or math.inf)
        and (not notice.gates or gate in notice.gates)
    ]
    return sorted(found, key=lambda notice: notice.valid_from, reverse=True)
