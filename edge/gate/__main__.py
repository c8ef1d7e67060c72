"""`python -m edge.gate --config gate.toml`: started by the supervisor."""

import sys

from edge.gate.program import run
from edge.programs import start

if __name__ == "__main__":
    sys.exit(start("gate", run))
