"""What runs in place of the eyes where OpenCV cannot be loaded: it says so in every camera's health, for a person to act."""

import signal
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from devices.protocols import protocol_named
from edge.config import GateConfig
from edge.identity import Identity
from edge.link import LinkClient
from edge.messages import DeviceState, Hello
from edge.places import Places


def blind(fault: ImportError) -> Callable[[GateConfig, Places, Identity, Any], None]:
    """Return a program that reports `fault` until SIGTERM or SIGINT."""
    why = f"no pictures: {fault}; install the extra: gatehouse-access[plates]"

    def run(config: GateConfig, places: Places, _identity: Identity, log: Any) -> None:
        cameras = [device.id for device in config.device if protocol_named(device.protocol).kind == "camera"]

        def report() -> None:
            for camera in cameras:
                link.send(DeviceState(camera, up=False, why=why))

        link = LinkClient(places.gate_socket, Hello("eyes", version("gatehouse-access")), lambda _: None, report)
        signals = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        log.error("no_eyes", why=why)
        link.start()
        signal.sigwait(signals)
        link.stop()

    return run
