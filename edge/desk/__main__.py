"""`python -m edge.desk --config gate.toml`: started by the supervisor."""

import sys

from edge.desk.program import run
from edge.programs import start

if __name__ == "__main__":
    sys.exit(start("desk", run))
