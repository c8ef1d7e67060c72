"""A real gate on a small disk, with pictures on it as the eyes lay them."""

import os
import time
from functools import partial

from edge.booth_messages import AlarmView, RecordAct
from edge.eyes.evidence import EvidenceStore
from edge.link import LinkClient
from edge.messages import EvidenceStored, GateView, Hello
from tests.edge.gate.rig import RESIDENTS_CARD, Rig
from tests.waiting import wait_until

PICTURES = 30
SPACE = """
[space]
ballast_mib = 1
pictures_mib = 8
"""


def alarms(rig: Rig) -> set[str]:
    """The alarms that the booth shows as lasting; one that is over stays in its list until somebody has seen it."""
    return {alarm.code for alarm in listed(rig) if alarm.standing}


def listed(rig: Rig) -> tuple[AlarmView, ...]:
    """All alarms that the booth lists."""
    shown = next((message for message in reversed(rig.said) if isinstance(message, GateView)), None)
    return shown.alarms if shown else ()


def seen_after(rig: Rig, *codes: str) -> None:
    """Wait until none lasts; these are listed still, not seen, until a guard has: then the top bar counts them no more."""
    # What is written down is shown a moment later: until then none lasts either.
    wait_until(lambda: {alarm.code for alarm in listed(rig)} >= set(codes), what="the booth to list them")
    wait_until(lambda: not alarms(rig), timeout_s=15, what="all to be well again")
    over = [alarm for alarm in listed(rig) if alarm.code in codes]
    assert {alarm.code for alarm in over} == set(codes)
    assert not any(alarm.acknowledged_by for alarm in over), "nobody has seen them"
    for alarm in over:
        act = RecordAct(f"seen-{alarm.id}", "acknowledgement", alarm.id, "acknowledge", "g7", "张*", time.monotonic() + 10)
        wait_until(partial(rig.desk.send, act), what="the desk's link")
    wait_until(lambda: not codes_to_see(rig) & set(codes), what="the booth to show who has seen them")
    assert {alarm.code for alarm in listed(rig)} >= set(codes), "what was seen is listed still"


def codes_to_see(rig: Rig) -> set[str]:
    """What the top bar counts: alarms that nobody has seen."""
    return {alarm.code for alarm in listed(rig) if not alarm.acknowledged_by}


def small_box(rig: Rig) -> Rig:
    """Set quotas that fit a disk of some megabytes."""
    rig.config.write_text(rig.config.read_text(encoding="utf-8") + SPACE, encoding="utf-8")
    return rig


def lay_pictures(rig: Rig, size: int = 100_000) -> None:
    """Store pictures as the eyes do, and have the gate write them down."""
    store = EvidenceStore(rig.places.evidence)
    eyes = LinkClient(rig.places.gate_socket, Hello("eyes", "test"), lambda _message: None)
    eyes.start()
    for number in range(PICTURES):
        jpeg = os.urandom(size)
        stored = EvidenceStored(f"c-{number}", store.keep(jpeg), len(jpeg), "camera-in", f"p-{number}", "in-1")
        wait_until(partial(eyes.send, stored), what="the eyes' link")
    wait_until(lambda: rig.count("evidence") == PICTURES, what="the pictures to be written down")
    eyes.stop()


def pass_once(rig: Rig, opened: int) -> None:
    """Let a resident through; `opened` is how often the arm has risen then."""
    rig.wait_for_state("idle")
    rig.reader.present(RESIDENTS_CARD)
    wait_until(lambda: rig.arm.openings == opened, what="the arm to rise")
