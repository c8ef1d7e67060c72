"""The installed program, but that its deletion job begins as soon as it serves and takes all that is due, not a fiftieth a run.

So a year goes in one run, in the process that takes entries in, as it does a fiftieth at a time in an office.
"""

from functools import partial

from central import cli, server
from central.retention import runs
from central.retention.job import retention

if __name__ == "__main__":
    runs.CAP_SHARE = 1.0  # type: ignore[misc]
    vars(server).update(retention=partial(retention, first_after_s=1.0))
    cli.main()
