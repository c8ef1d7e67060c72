"""schemathesis finds nothing in what changes something (must 1).

What only gates ask answers 401 here, for want of a signature. Of signed requests, batches of entries are tried with bits flipped,
with random bytes and in wrong forms in journal/test_ingest, a wrong form and an overheard signature in test_wire, and what a
courier sends is lost, doubled and late in tests/sync/test_sync_machine.
"""

import pytest

from central.registry import Registry
from tests.central.fuzzing import DATABASES, faults_of, settled
from tests.sizes import sized


@pytest.mark.parametrize("database_url", DATABASES, indirect=True)
@pytest.mark.timeout(sized(quick=120, soak=0))
def test_nothing_is_found_in_what_changes_something(registry: Registry) -> None:
    estate = settled(registry)
    # What the document shows of making a record, makes one.
    assert not estate.refused
    faults = faults_of(estate, lambda operation: operation.method != "get", *sized(quick=(1, 1), soak=(200, 100)))
    assert not faults, "\n".join(faults)
