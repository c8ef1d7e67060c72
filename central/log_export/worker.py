"""`python -m central.log_export.worker DATA`: work on the exports that wait, as a process of its own, and end.

So the serving program keeps its memory and its turns for those who wait for it. Database and replica stand in the environment.
"""

import os
import signal
import sys
import threading
from contextlib import closing
from pathlib import Path
from types import FrameType

from central.config import Settings
from central.log_export.running import DATABASE, LAG, REPLICA, work_on_next
from central.logs import configure_logs
from central.registry import Registry


def main() -> None:
    """Work until nothing waits, or this is to end: what is not done then waits again."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)
    configure_logs()
    settings = Settings(Path(sys.argv[1]), os.environ[DATABASE], os.environ[REPLICA], float(os.environ[LAG]))
    with closing(Registry.open(settings, visiting=True)) as registry:
        while work_on_next(registry, stopping.is_set):
            pass


if __name__ == "__main__":
    main()
