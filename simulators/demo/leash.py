"""`python -m simulators.demo.leash PARENT PROGRAM...`: becomes PROGRAM, and is sent SIGTERM when process PARENT dies, however."""

import ctypes
import os
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def main() -> None:
    """Set the parent-death signal, which outlives exec, and become the program."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM) != 0:
        sys.exit("the system does not tell when a parent dies")
    if os.getppid() != parent:
        sys.exit("the parent is gone already")
    os.execv(program[0], program)  # noqa: S606 - becoming that program is what this is for


if __name__ == "__main__":
    main()
