"""The pepper of the site comes once, is kept for this user alone, and is asked for again where it is lost or spoilt."""

import stat

import pytest

from edge.courier.errors import RefusalError
from edge.courier.pepper import PepperStream
from edge.courier.registry import Registry
from edge.pepper import read_pepper
from edge.places import Places
from tests.edge.courier.wire import WireRegistry, refusing


def test_it_is_asked_for_until_it_is_here(registry: Registry, wire: WireRegistry, places: Places) -> None:
    stream = PepperStream(places, registry)
    wire.faults.extend([refusing(403), refusing(404)])
    with pytest.raises(RefusalError):
        stream.step()
    assert stream.step() > 0  # a registry that knows no pepper
    assert read_pepper(places) == b""
    for spoilt in ("", "no hex", "abab"):
        places.pepper.write_text(spoilt, encoding="ascii")
        stream.step()
        assert read_pepper(places) == bytes.fromhex("ab" * 32)
    assert stat.S_IMODE(places.pepper.stat().st_mode) == 0o600
    asked = dict(wire.sequences)
    stream.step()
    assert wire.sequences == asked
