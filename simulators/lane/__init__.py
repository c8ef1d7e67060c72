"""One vehicle lane in virtual time: road, arm, detectors and faults, with the real automaton at work on them."""
