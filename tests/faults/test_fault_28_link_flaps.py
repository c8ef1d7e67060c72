"""The link flaps: every few moments it is another kind of broken, for many gates at once."""

import threading
from contextlib import ExitStack
from pathlib import Path

from edge.courier.runner import Runner
from edge.courier.surroundings import Surroundings
from simulators.wires.fault_proxy import FAIR, FaultProxy, swizzled
from tests.faults.linked_box import Box, Sender, all_there_once, lakeside
from tests.sizes import sized
from tests.waiting import wait_until

GATES = sized(quick=4, soak=20)
FLAPS = sized(quick=10, soak=60)
FLAP_S = sized(quick=0.4, soak=2.0)


def test_fault_28_all_gates_arrive_once_and_nobody_storms(tmp_path: Path, migrated_sqlite: Path) -> None:
    names = [f"gate-{index}" for index in range(GATES)]
    stopping = threading.Event()
    with ExitStack() as undo:
        central = undo.enter_context(lakeside(tmp_path / "registry", migrated_sqlite, names))
        link = undo.enter_context(FaultProxy(central.target, seed=28))
        boxes = [undo.enter_context(Box(tmp_path / name, central, link.url, name)) for name in names]
        runners = [_runner(undo, box, stopping) for box in boxes]
        crowded: list[int] = []
        flaps = iter(range(FLAPS))

        def during(seconds: float) -> bool:
            for box in boxes:
                box.write_many(5)
            stopping.wait(seconds)
            crowded.append(link.open_connections)
            return next(flaps, None) is not None

        link.follow(swizzled(28, FLAP_S), during)
        link.become(FAIR)
        link.cut()
        wait_until(lambda: all(all_there_once(central, box) for box in boxes), 90, "all gates to have sent all")
        stopping.set()
        for runner in runners:
            runner.stop()
            runner.join(10)
    assert max(crowded) <= GATES, "one request in flight for each gate"
    # Full jitter from half a second up: a gate that fails all the time tries less than twice a flap.
    assert link.connections <= GATES * (FLAPS * 4 + 20)


def _runner(undo: ExitStack, box: Box, stopping: threading.Event) -> Runner:
    sender = Sender(box, Surroundings())
    undo.callback(sender.forget)
    runner = Runner(sender.stream, sender.asking, sender.progress, Surroundings().jitter, stopping)
    runner.start()
    return runner
