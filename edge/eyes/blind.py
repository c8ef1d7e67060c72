"""What runs in place of the eyes where OpenCV cannot be loaded, and says so in every camera's health; or where no camera is."""

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


def cameras_of(config: GateConfig) -> list[str]:
    """Return the ids of the cameras."""
    return [device.id for device in config.device if protocol_named(device.protocol).kind == "camera"]


def blind(why: str) -> Callable[[GateConfig, Places, Identity, Any], None]:
    """Return a program that reports of every camera `why` it does not see, until SIGTERM or SIGINT."""

    def run(config: GateConfig, places: Places, _identity: Identity, log: Any) -> None:
        cameras = cameras_of(config)

        def report() -> None:
            for camera in cameras:
                link.send(DeviceState(camera, up=False, why=why))

        link = LinkClient(places.gate_socket, Hello("eyes", version("gatehouse-access")), lambda _: None, report)
        signals = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        (log.error if cameras else log.info)("no_eyes", why=why)
        link.start()
        signal.sigwait(signals)
        link.stop()

    return run
