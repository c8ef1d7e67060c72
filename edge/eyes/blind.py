"""What runs in place of the eyes where OpenCV cannot be loaded, and says so in every camera's health."""

import signal
from collections.abc import Callable
from importlib.metadata import version

from edge.config import GateConfig
from edge.identity import Identity
from edge.link import LinkClient
from edge.logs import Log
from edge.messages import DeviceState, Hello
from edge.places import Places


def blind(why: str) -> Callable[[GateConfig, Places, Identity, Log], None]:
    """Return a program that reports of every camera `why` it does not see, until SIGTERM or SIGINT."""

    def run(config: GateConfig, places: Places, _identity: Identity, log: Log) -> None:
        def report() -> None:
            for camera in config.cameras:
                link.send(DeviceState(camera.id, up=False, why=why))

        link = LinkClient(places.gate_socket, Hello("eyes", version("gatehouse-access")), lambda _: None, report)
        signals = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        log.error("no_eyes", why=why)
        link.start()
        signal.sigwait(signals)
        link.stop()

    return run
