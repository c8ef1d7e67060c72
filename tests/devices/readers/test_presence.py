from devices.readers.presence import REMEMBERED_MAX, Presence


def test_a_thing_still_there_does_not_begin_again() -> None:
    presence = Presence(absent_after_s=3)
    assert presence.begins(b"a", 0)
    assert not presence.begins(b"a", 2.9)
    assert not presence.begins(b"a", 5.8)
    assert presence.begins(b"a", 8.9)


def test_another_thing_begins_at_once_and_does_not_end_the_first() -> None:
    presence = Presence(absent_after_s=3)
    assert presence.begins(b"a", 0)
    assert presence.begins(b"b", 0.1)
    assert not presence.begins(b"a", 0.2)


def test_memory_is_bounded() -> None:
    presence = Presence(absent_after_s=3)
    for number in range(1000):
        presence.begins(number.to_bytes(2), 0)
    assert len(presence._last_seen) == REMEMBERED_MAX
