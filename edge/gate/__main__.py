"""`python -m edge.gate --config gate.toml`: started by the supervisor."""

import sys

from edge.gate.precedence import take_precedence

if __name__ == "__main__":
    take_precedence()  # first: what follows is most of a start, and on a busy machine a gate would be away for many seconds
    from edge.gate.program import run
    from edge.programs import start

    sys.exit(start("gate", run))
