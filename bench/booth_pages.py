"""From an input's bytes on the wire to the change on the booth's screen, with eight lanes; and the page after 12,000 events.

The gate is the installed program on real pseudo-terminals, the page is looked at in a real Chromium, on this machine. An event is
a loop's level in the board's reply: its time is when the reply was handed over; the change is when the page's own observer sees
it (both by this machine's clock). Beside it stands the floor: the same Chromium, and a line of text that a bare stream brings.
Afterwards cards are read at the door until the day's events are through, and the page is weighed.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import argon2
from playwright.sync_api import Page, sync_playwright

from bench.machine import machine, percentile
from bench.reading_to_barrier import CARD_KEY, NEVER_S, FarEnd
from devices.barriers.modbus_board import encode_reply
from devices.barriers.modbus_rtu import READ_INPUTS, Request
from edge.places import Places
from simulators.demo.waiting import within
from simulators.standalone import guard, prepare, small_rules

CHROMIUM: Final = "/usr/bin/chromium"
LANES: Final = 8
BADGE, PIN = "1001", "246810"
GATE_TOML: Final = """
[gate]
site = "lakeside"
name = "east"
data = "data"

[booth]
port = 0

[[device]]
id = "reader"
protocol = "em4100"
url = "serial://{reader}?baud=9600"

[[device]]
id = "io"
protocol = "modbus-rtu"
url = "serial://{board}?baud=115200"
poll_ms = 50

[[lane]]
id = "door"
kind = "pedestrian"
direction = "in"
readers = ["reader"]
barrier = {{ device = "io", open = {{ coil = 0, pulse_ms = 50 }}, closed_limit = {{ input = 0 }} }}
"""
LANE_TOML: Final = """
[[lane]]
id = "{id}"
kind = "vehicle"
direction = "in"
barrier = {{ device = "io", open = {{ coil = {n} }}, arrival_loop = {{ input = {n} }} }}
"""
# Tells when a lane's loop is seen to be as wished; the page's clock is put on this machine's.
WATCH: Final = """
([lane, wanted]) => {
  const seen = () => document.querySelector(`#lane-${lane} .loop-${wanted}`);
  window.changed = new Promise((done) => {
    const tell = () => seen() && (watcher.disconnect(), done(performance.timeOrigin + performance.now()));
    const watcher = new MutationObserver(tell);
    watcher.observe(document.body, { subtree: true, childList: true, attributes: true });
    tell();
  });
}
"""


class Board(FarEnd):
    """A board whose inputs are set; runs by itself in a thread, and tells when a new level left for the gate."""

    def __init__(self) -> None:
        super().__init__()
        self.levels = [True] + [False] * (LANES - 1)
        self._told = list(self.levels)
        self._told_at = [0.0] * LANES
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Answer polls from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._stopping.set()
        self._thread.join()

    def told_at(self, lane: int, *, level: bool) -> float:
        """Set a level, and return when (seconds of the epoch) the gate was told it."""
        self.levels[lane] = level
        if not within(lambda: self._told[lane] == level, NEVER_S):
            raise TimeoutError("the gate does not poll its board")
        return self._told_at[lane]

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.serve_for(0.1)

    def _reply(self, request: Request) -> bytes:
        if request.function != READ_INPUTS:
            return super()._reply(request)
        levels = list(self.levels)
        reply, now = encode_reply(request, tuple((levels + [False] * request.count)[: request.count])), time.time()
        for lane, level in enumerate(levels):
            if self._told[lane] != level:
                self._told_at[lane], self._told[lane] = now, level
        self.polls += 1
        return reply


@contextlib.contextmanager
def gate(folder: Path, board: Board) -> Iterator[str]:
    """Run a gate of eight lanes; gives the address of its booth."""
    reader, io = board.paths
    lanes = [f"in-{n}" for n in range(1, LANES)]
    toml = GATE_TOML.format(reader=reader, board=io) + "".join(LANE_TOML.format(id=f"in-{n}", n=n) for n in range(1, LANES))
    rules = itertools.chain(
        small_rules(CARD_KEY, ["door", *lanes], unknown="deny"), [guard(BADGE, argon2.PasswordHasher().hash(PIN))]
    )
    path, config = prepare(folder, toml, rules)
    with (folder / "edge.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "edge.cli", "run", "--config", str(path)], stderr=log)
        try:
            address = Places(config.gate.data).booth_address
            if not within(address.exists, NEVER_S):
                raise TimeoutError("the booth does not come up")
            yield address.read_text(encoding="ascii").strip()
        finally:
            process.terminate()
            process.wait(20)


def sign_in(page: Page, address: str) -> None:
    """Be a guard who looks at the lanes."""
    page.goto(address)
    page.fill("#badge", BADGE)
    page.fill("#pin", PIN)
    page.press("#pin", "Enter")
    page.wait_for_selector("#lane-in-1 .loops")


def measure(page: Page, board: Board, events: int, chance: random.Random) -> list[float]:
    """Step on and off loops at random moments; returns seconds from the wire to the screen."""
    took = []
    for _ in range(events):
        lane = chance.randrange(1, LANES)
        level = not board.levels[lane]
        page.evaluate(WATCH, [f"in-{lane}", "True" if level else "False"])
        time.sleep(chance.uniform(0, 0.1))
        told = board.told_at(lane, level=level)
        took.append(page.evaluate("window.changed") / 1000 - told)
    return took


def floor(page: Page, events: int, chance: random.Random) -> list[float]:
    """Measure a bare stream: a line that a server writes, until the page's observer has seen it."""
    lines: list[float] = []
    ready = threading.Event()
    wanted = threading.Event()
    port: list[int] = []

    async def serve() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked = await reader.readuntil(b"\r\n\r\n")
            is_stream = b"/stream" in asked.split(b"\r\n")[0]
            kind = b"text/event-stream" if is_stream else b"text/html"
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\nConnection: close\r\n\r\n")
            if not is_stream:
                script = "new EventSource('/stream').onmessage = e => document.body.textContent = e.data"
                writer.write(f"<body>none<script>{script}</script></body>".encode())
                writer.close()
                return
            for n in range(events):
                await asyncio.to_thread(wanted.wait)
                wanted.clear()
                lines.append(time.time())
                writer.write(f"data: {n}\n\n".encode())
                await writer.drain()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port.append(server.sockets[0].getsockname()[1])
        ready.set()
        await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
    ready.wait()
    page.goto(f"http://127.0.0.1:{port[0]}/")
    took = []
    for n in range(events):
        page.evaluate(
            """n => { window.changed = new Promise(done => { const tell = () => document.body.textContent == n
                && (watcher.disconnect(), done(performance.timeOrigin + performance.now()));
                const watcher = new MutationObserver(tell);
                watcher.observe(document.body, {subtree: true, childList: true, characterData: true}); }); }""",
            n,
        )
        time.sleep(chance.uniform(0, 0.05))
        wanted.set()
        seen = page.evaluate("window.changed") / 1000
        took.append(seen - lines[n])
    return took


def day(page: Page, board: Board, events: int) -> dict[str, Any]:
    """Read cards at the door until the day is through; returns what the page weighs then."""
    began = time.monotonic()
    for n in range(events):
        board.present((0x02_0000_0000 + n).to_bytes(5, "big"))
        time.sleep(0.012)
    page.wait_for_timeout(3000)
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    counters = session.send("Memory.getDOMCounters")
    metrics = (
        {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]} if _enable(session) else {}
    )
    elements = page.evaluate("document.querySelectorAll('*').length")
    return {
        "events": events,
        "took_s": round(time.monotonic() - began, 1),
        "lines_shown": page.evaluate("document.querySelectorAll('#feed li').length"),
        "dom_elements": elements,
        "dom_nodes": counters["nodes"],
        "listeners": counters["jsEventListeners"],
        "js_heap_mb": round(metrics.get("JSHeapUsedSize", 0) / 1e6, 1),
        "renderer_private_mb": _renderer_mb(),
    }


def _enable(session: Any) -> bool:
    session.send("Performance.enable")
    return True


def _renderer_mb() -> float:
    """Return the private memory of the largest renderer of this machine's Chromium (MB)."""
    sizes = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if folder.name.isdigit() and b"--type=renderer" in (folder / "cmdline").read_bytes():
                rollup = (folder / "smaps_rollup").read_text(encoding="ascii").splitlines()
                kb = sum(int(line.split()[1]) for line in rollup if line.startswith(("Private_Clean", "Private_Dirty")))
                sizes.append(kb / 1000)
    return round(max(sizes, default=0.0), 1)


def _row(took: list[float], what: str) -> dict[str, Any]:
    figures = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
    return {
        "what": what,
        "events": len(took),
        **{name: round(percentile(took, share) * 1000, 1) for name, share in figures.items()},
        "max_ms": round(max(took) * 1000, 1),
    }


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=400, help="loops stepped on and off")
    parser.add_argument("--day", type=int, default=12_000, help="cards read afterwards, with the page open")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        board = Board()
        board.start()
        with gate(Path(folder), board) as address:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            sign_in(page, address)
            rows = [_row(measure(page, board, options.events, chance), "wire to screen")]
            weight = day(page, board, options.day)
            page.close()
        board.stop()
        rows.append(_row(floor(browser.new_page(), options.events, chance), "bare stream to screen"))
        browser.close()
    print(json.dumps({"rows": rows, "day": weight, "machine": machine()}, indent=1))


if __name__ == "__main__":
    main()
