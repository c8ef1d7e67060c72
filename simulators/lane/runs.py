"""Many small worlds one after another, each with its own seed, so that one that fails can be played again alone."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from simulators.lane.layout import Closing
from simulators.lane.oracle import PropertyFailedError
from simulators.lane.world import Outcome, World

WORLD_OF = 20  # vehicles
FAILURES_KEPT = 20


@dataclass(slots=True)
class Failure:
    """A property that did not hold: where, how to play it again, and the last that happened."""

    seed: int
    what: str
    command: str
    trace: list[str]

    def __str__(self) -> str:
        return "\n".join([*self.trace, f"FAILED: {self.what}", f"play it again: {self.command}"])


@dataclass(slots=True)
class Report:
    """What became of all worlds together."""

    worlds: int = 0
    vehicles: int = 0
    through: int = 0
    hours: float = 0.0
    openings: int = 0
    closings: int = 0
    crashes: int = 0
    longest_wait_s: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    results: Counter[str] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    failures: list[Failure] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """Return them as plain values, for a program."""
        return {
            one.name: dict(value) if isinstance(value := getattr(self, one.name), Counter) else value
            for one in fields(self)
            if one.name != "failures"
        } | {"failures": [asdict(failure) for failure in self.failures]}

    def add(self, told: Outcome) -> None:
        """Add one world that went well."""
        self.worlds += 1
        self.vehicles += told.vehicles
        self.through += told.through
        self.hours += told.seconds / 3600
        self.openings += told.openings
        self.closings += told.closings
        self.crashes += told.crashes
        self.longest_wait_s = max(self.longest_wait_s, told.longest_wait_s)
        self.faults.update(told.faults)
        self.results.update(told.results)
        self.alarms.update(told.alarms)


def play(seed: int, closing: Closing, vehicles: int, *, with_faults: bool) -> Outcome | Failure:
    """Play one world."""
    world = World(seed, closing, vehicles, with_faults=with_faults)
    try:
        return world.run()
    except PropertyFailedError as error:
        flag = " --faults" if with_faults else ""
        command = f"gatehouse-sim lane --vehicles {vehicles} --seed {seed} --closing {closing}{flag}"
        return Failure(seed, str(error), command, world.trace.lines())


def play_many(
    seed: int, closing: Closing, vehicles: int, *, with_faults: bool, progress: Callable[[int], None] = lambda _: None
) -> Report:
    """Play worlds of `WORLD_OF` vehicles, of consecutive seeds, until so many have come."""
    report = Report()
    while report.vehicles < vehicles:
        count = min(WORLD_OF, vehicles - report.vehicles)
        outcome = play(seed, closing, count, with_faults=with_faults)
        if isinstance(outcome, Outcome):
            report.add(outcome)
        else:
            report.worlds, report.vehicles, report.failed = report.worlds + 1, report.vehicles + count, report.failed + 1
            report.failures = [*report.failures, outcome][:FAILURES_KEPT]
        progress(count)
        seed += 1
    return report


def in_words(report: Report) -> str:
    """Say what became of them all, for a person."""
    lines = [
        f"{report.vehicles} vehicles at {report.worlds} lanes in {report.hours:.1f} hours; {report.through} went through.",
        f"The arm was raised {report.openings} times and lowered by the agent {report.closings} times.",
        f"{report.crashes} vehicles crashed the arm on purpose; no other was touched.",
        f"With nothing wrong, nobody who may pass waited longer than {report.longest_wait_s:.0f} s.",
        *_counted("Faults", report.faults),
        *_counted("Passages ended", report.results),
        *_counted("Lanes with alarm", report.alarms),
    ]
    if not report.failed:
        return "\n".join([*lines, "Every property held."])
    told = "\n\n".join(map(str, report.failures))
    return f"{told}\n\nA property failed at {report.failed} of {report.worlds} lanes."


def _counted(what: str, counter: Counter[str]) -> list[str]:
    return [f"{what}: {', '.join(f'{name} {count}' for name, count in counter.most_common())}"] if counter else []
