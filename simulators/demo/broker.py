"""`python -m simulators.demo.broker PORT`: the embedded MQTT broker, for this machine alone and with a limit on payloads."""

import logging
import sys
from typing import Final

from iotcore import IotCoreBroker

PAYLOAD_BYTES_MAX: Final = 64 * 1024  # its own default drops what is above 20 KiB without a word


def main() -> None:
    """Serve until killed: the broker knows no orderly stop and keeps nothing that one would save."""
    logging.getLogger("rumqttd").setLevel(logging.CRITICAL)  # it reports every packet as an error
    IotCoreBroker(listen="127.0.0.1", port=int(sys.argv[1]), max_payload_size=PAYLOAD_BYTES_MAX).run_forever()


if __name__ == "__main__":
    main()
