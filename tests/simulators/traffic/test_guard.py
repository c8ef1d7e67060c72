"""The simulated guard goes off duty when told, whoever still waits."""

import threading

from simulators.estate import make_estate
from simulators.traffic.booth_pages import BoothPages
from simulators.traffic.guard import SimulatedGuard
from tests.ports import free_port


def test_going_off_duty_does_not_wait_for_a_call_that_is_never_answered() -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    guard = SimulatedGuard(make_estate(1).guards[0], BoothPages(lambda: nobody))
    guard.start()
    guard.call("in-1", "admit", after_s=0.0)
    guard.call("in-1", "admit", after_s=3600.0)
    off_duty = threading.Thread(target=guard.stop)
    off_duty.start()
    off_duty.join(timeout=20)
    assert not off_duty.is_alive()
