"""An entry that has rotted here is fetched again from the registry."""

import cbor2
import pytest

from edge.courier.errors import SyncError
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.rotten import RottenStream
from edge.messages import EntryWanted
from tests.edge.courier.wire import Answer, Fault, WireRegistry


def test_of_an_answer_of_another_version_nothing_is_told_but_that(
    registry: Registry, progress: Progress, wire: WireRegistry
) -> None:
    answer = Answer(200, cbor2.dumps({"seq": 1, "personal": "Zhang San"}))
    stream = RottenStream(registry, progress, lambda _: None)
    stream.wanted(EntryWanted("00" * 16, 1))
    wire.faults.append(Fault(lambda handler, _: handler.respond(answer)))
    with pytest.raises(SyncError, match=r"^an entry of another version$"):
        stream.step()
