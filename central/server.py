"""The registry as it serves: its application behind the server, and the jobs that run beside it."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import uvicorn

from central.app import app_of
from central.at_machine import NO_STANDBY, Standby, opened
from central.booth.job import following_booths
from central.cards.services import cards
from central.codes.anew import tell_anew
from central.codes.ending import ended_codes
from central.duty.services import guards
from central.echoes import echoes
from central.erasure.job import erasures
from central.flows import FLOWS
from central.journal.months import months_ahead
from central.journal.reader import Readers, cores
from central.journal.reading import read_here
from central.ledger.job import ledger
from central.log.statistics import taken_daily
from central.log_export.running import log_exports
from central.logs import configure_logs
from central.oidc.provider import Provider
from central.oidc.settings import OidcSettings
from central.registry import Registry
from central.retention.job import retention
from central.sites.at_booths import at_booths
from central.tree.job import growing_tree
from central.tree.outlets import outlets_of
from central.visits.denied import denied_visitors
from central.workflows.clock import clock

STOP_WAITS_S: Final = 3
GC_THRESHOLD: Final = 20_000  # a batch is made of about so many objects, and all of them go with it
TURN_S: Final = 0.001


def serve(
    database: str,
    data: Path,
    host: str,
    port: int,
    keep: timedelta,
    standby: Standby = NO_STANDBY,
    oidc: OidcSettings | None = None,
) -> None:
    """Serve until stopped, the schema up to date; let go of what has been kept so long."""
    configure_logs()
    with (
        _brought_up(database, data, standby) as registry,
        closing(Readers()) as readers,
        retention(registry, keep),
        growing_tree(registry, outlets_of(os.environ)),
        erasures(registry),
        clock(registry, (*FLOWS, guards, cards, denied_visitors, ended_codes, at_booths)),
        following_booths(registry),
        ledger(registry),
        months_ahead(registry),
        taken_daily(registry),
        log_exports(registry),
        echoes(registry),
    ):
        provider = None if oidc is None else Provider(oidc)
        served = app_of(registry, readers.read if cores() > 1 else read_here, provider)
        _settle()
        with served.state.importer.working():
            uvicorn.run(
                served,
                host=host,
                port=port,
                http="h11",  # httptools, which uvicorn would take where it is installed, sets no limit to headers
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=STOP_WAITS_S,
            )


@contextmanager
def _brought_up(database: str, data: Path, standby: Standby) -> Iterator[Registry]:
    """Open the registry, its schema up to date, and let gates hear what a former version did not tell them."""
    with opened(database, data, visiting=False, standby=standby) as registry:
        tell_anew(registry)
        yield registry


def _settle() -> None:
    """Suit Python to batches: what lives as long as the program is never looked through again, and threads take shorter turns."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 20)
    sys.setswitchinterval(TURN_S)
