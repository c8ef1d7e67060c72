"""`python -m edge.courier --config gate.toml`: started by the supervisor."""

import sys

from edge.courier.program import run
from edge.programs import start

if __name__ == "__main__":
    sys.exit(start("courier", run))
