import pytest

from devices.errors import UsageError
from devices.protocols import PROTOCOLS, protocol_named


def test_the_names_of_gate_toml() -> None:
    assert set(PROTOCOLS) == {"em4100", "qr-line", "card-json", "modbus-rtu", "video"}


@pytest.mark.parametrize("name", PROTOCOLS)
def test_each_makes_its_codec(name: str) -> None:
    protocol = protocol_named(name)
    makers = [make for make in (protocol.byte_codec, protocol.message_codec) if make is not None]
    assert len(makers) == (name != "video")
    assert all(make().counters.frames == 0 for make in makers)


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="em4100, qr-line"):
        protocol_named("em4102")
