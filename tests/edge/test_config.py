"""A gate.toml that is good loads; one that is not is refused with file, line, key and what was expected."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.cli import app
from edge.config import ConfigError
from edge.config_file import load

GOOD = """[gate]
site = "lakeside"
name = "east"
zone = "Asia/Shanghai"

[central]
url = "https://registry.lakeside.example"
ca_file = "ca.pem"

[mqtt]
url = "mqtt://127.0.0.1:1883"

[[device]]
id = "reader-in"
protocol = "em4100"
url = "serial:///dev/serial/by-id/usb-reader-in?baud=9600"

[[device]]
id = "camera-in"
protocol = "video"
url = "rtsp://camera-in/stream1"
region = [0.1, 0.3, 0.9, 1.0]

[[device]]
id = "io"
protocol = "modbus-rtu"
url = "serial:///dev/serial/by-id/usb-rs485?baud=9600"
unit = 1

[[lane]]
id = "in-1"
kind = "vehicle"
direction = "in"
readers = ["reader-in"]
cameras = ["camera-in"]
on_store_failure = "deny"

[lane.barrier]
device = "io"
open = { coil = 0, pulse_ms = 500 }
closing = "barrier"
open_limit = { input = 0 }
closed_limit = { input = 1 }
arrival_loop = { input = 2 }
safety_loop = { input = 3 }
"""
SECOND_LANE = """
[[lane]]
id = "out-1"
kind = "vehicle"
direction = "out"
%s

[lane.barrier]
device = "io"
open = { coil = %d }
"""
SECOND_DEVICE = """
[[device]]
id = "%s"
protocol = "%s"
url = "%s"
"""
DESIGN = Path(__file__).parents[3] / "shared" / "design.md"


def faults(folder: Path, text: str) -> list[str]:
    path = folder / "gate.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(path)
    return [fault.removeprefix(f"{path}:") for fault in refused.value.faults]


def test_paths_are_beside_the_file_and_what_is_not_said_has_its_default(tmp_path: Path) -> None:
    path = tmp_path / "gate.toml"
    path.write_text(GOOD, encoding="utf-8")
    config = load(path)
    assert config.gate.data == tmp_path / "var"
    assert config.central is not None
    assert config.central.ca_file == tmp_path / "ca.pem"
    assert (config.booth.host, config.booth.port) == ("127.0.0.1", 8600)
    assert (config.lane[0].refer_timeout_s, config.lane[0].barrier.travel_s) == (120, 8)
    assert config.devices["reader-in"].absent_after_s == 3
    assert config.digest() == load(path).digest()


def test_the_shape_of_the_design_loads(tmp_path: Path) -> None:
    if not DESIGN.exists():
        return
    found = re.search(r"```toml\n(.*?)```", DESIGN.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    path = tmp_path / "gate.toml"
    path.write_text(found.group(1), encoding="utf-8")
    assert load(path).lane[0].id == "in-1"


@pytest.mark.parametrize(
    ("good", "bad", "fault"),
    [
        ('site = "lakeside"', 'sight = "lakeside"', ["1: gate.site: is missing", "2: gate.sight: unknown key"]),
        ('name = "east"', 'name = "East Gate"', ["3: gate.name: String should match pattern"]),
        ('"Asia/Shanghai"', '"Asia/Shangai"', ["4: gate.zone: should be the name of a time zone, as Asia/Shanghai"]),
        ('"Asia/Shanghai"', '"Asia"', ["4: gate.zone: should be the name of a time zone"]),
        ('"https://reg', '"ftp://reg', ["7: central.url: String should match pattern '^https?://'"]),
        ('"em4100"', '"em4200"', ["15: device[1].protocol: no protocol 'em4200'; there are em4100, qr-line"]),
        ('"rtsp://camera', '"gopher://camera', ["21: device[2].url: of a video device should start with rtsp://"]),
        ("[0.1, 0.3, 0.9, 1.0]", "[0.9, 0.3, 0.1, 1.0]", ["22: device[2].region: should be [left, top, right, bottom]"]),
        ("unit = 1", "unit = 248", ["28: device[3].unit: Input should be less than or equal to 247 (got 248)"]),
        (
            'id = "io"',
            'id = "camera-in"',
            [
                "25: device[3].id: 'camera-in' is used twice",
                "35: lane[1].cameras[1]: 'camera-in' is no camera",
                "39: lane[1].barrier.device: 'io' is no board",
            ],
        ),
        ('direction = "in"', 'direction = "up"', ["33: lane[1].direction: Input should be 'in', 'out' or 'both' (got 'up')"]),
        (
            '["reader-in"]',
            '["camera-in"]',
            ["34: lane[1].readers[1]: 'camera-in' is no reader", "35: lane[1].cameras[1]: 'camera-in' is already"],
        ),
        ('device = "io"', 'device = "reader-in"', ["39: lane[1].barrier.device: 'reader-in' is no board among the devices"]),
        ("pulse_ms = 500", "pulse_ms = 5", ["40: lane[1].barrier.open.pulse_ms: Input should be greater than or equal to 50"]),
        ('closing = "barrier"', 'closing = "agent"', ["41: lane[1].barrier.closing: by the agent needs close"]),
        (
            'closing = "barrier"',
            'closing = "hand"',
            ["41: lane[1].barrier.closing: Input should be 'barrier' or 'agent' (got 'hand')"],
        ),
        (
            "safety_loop = { input = 3 }",
            "safety_loop = { input = 8 }",
            ["45: lane[1].barrier.safety_loop.input: the board 'io' has inputs 0 to 7"],
        ),
        ("[lane.barrier]", "[lane.barier]", ["30: lane[1].barrier: is missing", "38: lane[1].barier: unknown key"]),
        ("[gate]", "[gate", [" not TOML: "]),
        (GOOD, "", ["1: gate: is missing", "1: device: is missing", "1: lane: is missing"]),
    ],
)
def test_each_fault_is_named_where_it_is(tmp_path: Path, good: str, bad: str, fault: list[str]) -> None:
    assert good in GOOD
    found = faults(tmp_path, GOOD.replace(good, bad, 1))
    assert [line[: len(start)] for line, start in zip(found, fault, strict=True)] == fault


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (SECOND_LANE % ("", 0), "55: lane[2].barrier.open.coil: already opens lane 'in-1'"),
        (SECOND_LANE % ('readers = ["reader-in"]', 1), "51: lane[2].readers[1]: 'reader-in' is already at lane 'in-1'"),
        (
            SECOND_LANE % ('leaving = ["reader-in"]', 1),
            "51: lane[2].leaving[1]: only a lane of both directions has devices for one of them",
        ),
        (SECOND_LANE % ('cameras = ["camera-in"]', 1), "51: lane[2].cameras[1]: 'camera-in' is already at lane 'in-1'"),
        (
            SECOND_DEVICE % ("two", "qr-line", "serial:///dev/serial/by-id/usb-reader-in?baud=115200"),
            "50: device[4].url: already the line of device 'reader-in'",
        ),
    ],
)
def test_what_only_shows_between_two_sections(tmp_path: Path, more: str, fault: str) -> None:
    assert faults(tmp_path, GOOD + more) == [fault]


CLOSED_BY_AGENT = GOOD.replace('closing = "barrier"', 'closing = "agent"\nclose = { coil = 1 }')
DOOR = """
[[lane]]
id = "door-1"
kind = "pedestrian"
direction = "both"

[lane.barrier]
device = "io"
open = { coil = 7 }
"""
INTERLOCK = """
[[interlock]]
lanes = [%s]
"""
EVACUATION = 'zone = "Asia/Shanghai"\nevacuation = { device = "%s", input = %d }'


@pytest.mark.parametrize(
    "text",
    [
        CLOSED_BY_AGENT,
        CLOSED_BY_AGENT.replace("safety_loop", "photocell"),
        GOOD.replace('direction = "in"', 'direction = "both"'),
        GOOD + "far_loop = { input = 4, check = 5 }\nphotocell = { input = 6 }\nremote = { input = 7, active = 'low' }\n",
        GOOD.replace("pulse_ms = 500", 'pulse_ms = 500, by = "board"'),
        GOOD + SECOND_LANE % ("", 1) + "safety_loop = { input = 3 }\n",
        GOOD + DOOR + "exit_button = { input = 4 }\npassage_signal = { input = 5 }\npush_button = { input = 6 }\n",
        GOOD + DOOR + INTERLOCK % '"in-1", "door-1"',
        GOOD.replace('zone = "Asia/Shanghai"', EVACUATION % ("io", 7)),
        GOOD.replace('zone = "Asia/Shanghai"', EVACUATION % ("io", 3)),
        GOOD.replace('zone = "Asia/Shanghai"', EVACUATION % ("alarms", 2))
        + SECOND_DEVICE % ("alarms", "modbus-rtu", "serial:///dev/serial/by-id/usb-alarms"),
    ],
)
def test_all_that_can_be_wired_loads(tmp_path: Path, text: str) -> None:
    path = tmp_path / "gate.toml"
    path.write_text(text, encoding="utf-8")
    assert load(path).lane[0].id == "in-1"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            CLOSED_BY_AGENT.replace("safety_loop = { input = 3 }\n", ""),
            ["41: lane[1].barrier.closing: by the agent needs safety_loop or photocell"],
        ),
        (
            CLOSED_BY_AGENT.replace("close = { coil = 1 }\nopen_limit = { input = 0 }\nclosed_limit = { input = 1 }\n", ""),
            ["41: lane[1].barrier.closing: by the agent needs close, closed_limit"],
        ),
        (GOOD + "close = { coil = 1 }\n", ['46: lane[1].barrier.close: is only for closing = "agent"']),
        (
            GOOD + DOOR + 'closing = "agent"\nclose = { coil = 6 }\nclosed_limit = { input = 5 }\n',
            ["55: lane[2].barrier.closing: the agent closes arms of vehicle lanes only"],
        ),
        (CLOSED_BY_AGENT.replace("coil = 1", "coil = 0"), ["42: lane[1].barrier.close.coil: already opens lane 'in-1'"]),
        (
            CLOSED_BY_AGENT + SECOND_LANE % ("", 1),
            ["56: lane[2].barrier.open.coil: already closes lane 'in-1'"],
        ),
        (
            GOOD.replace("pulse_ms = 500", 'pulse_ms = 250, by = "board"'),
            ["40: lane[1].barrier.open.pulse_ms: should be a multiple of 100 where the board ends it (got 250)"],
        ),
        (GOOD + "far_loop = { input = 9 }\n", ["46: lane[1].barrier.far_loop.input: the board 'io' has inputs 0 to 7"]),
        (
            GOOD + "far_loop = { input = 4, check = 8 }\n",
            ["46: lane[1].barrier.far_loop.check: the board 'io' has inputs 0 to 7"],
        ),
        (
            GOOD + "photocell = { input = 3 }\n",
            ["46: lane[1].barrier.photocell.input: input 3 is already safety_loop.input"],
        ),
        (
            GOOD + "far_loop = { input = 4, check = 4 }\n",
            ["46: lane[1].barrier.far_loop.check: input 4 is already far_loop.input"],
        ),
        (
            GOOD.replace("safety_loop = { input = 3 }", "safety_loop = { input = 3, check = 2 }"),
            ["45: lane[1].barrier.safety_loop.check: input 2 is already arrival_loop.input"],
        ),
        (GOOD + "exit_button = { input = 4 }\n", ["46: lane[1].barrier.exit_button: is only for pedestrian lanes"]),
        (GOOD + "passage_signal = { input = 4 }\n", ["46: lane[1].barrier.passage_signal: is only for pedestrian lanes"]),
        (GOOD + DOOR + "far_loop = { input = 4 }\n", ["55: lane[2].barrier.far_loop: is only for vehicle lanes"]),
        (GOOD + DOOR + "photocell = { input = 4 }\n", ["55: lane[2].barrier.photocell: is only for vehicle lanes"]),
        (GOOD + DOOR + "arrival_loop = { input = 4 }\n", ["55: lane[2].barrier.arrival_loop: is only for vehicle lanes"]),
        (GOOD + DOOR + "safety_loop = { input = 4 }\n", ["55: lane[2].barrier.safety_loop: is only for vehicle lanes"]),
        (
            GOOD + DOOR + INTERLOCK % '"in-1", "door-2", "in-1"',
            [
                "57: interlock[1].lanes[2]: 'door-2' is no lane of this gate",
                "57: interlock[1].lanes[3]: 'in-1' is named twice",
            ],
        ),
        (
            GOOD.replace('zone = "Asia/Shanghai"', EVACUATION % ("reader-in", 7)),
            ["5: gate.evacuation.device: 'reader-in' is no board among the devices"],
        ),
        (
            GOOD.replace('zone = "Asia/Shanghai"', EVACUATION % ("alarms", 7)),
            ["5: gate.evacuation.device: 'alarms' is no board among the devices"],
        ),
        (
            GOOD.replace('zone = "Asia/Shanghai"', EVACUATION % ("io", 8)),
            ["5: gate.evacuation.input: the board 'io' has inputs 0 to 7"],
        ),
    ],
)
def test_wiring_that_makes_no_sense_is_refused(tmp_path: Path, text: str, fault: list[str]) -> None:
    assert faults(tmp_path, text) == fault


def test_a_reader_on_a_broker_needs_the_broker(tmp_path: Path) -> None:
    text = GOOD.replace('[mqtt]\nurl = "mqtt://127.0.0.1:1883"\n', "") + SECOND_DEVICE % (
        "two",
        "card-json",
        "mqtt:///gate/reader",
    )
    assert faults(tmp_path, text) == ["48: device[4].url: needs an [mqtt] section that names the broker"]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for make in (lambda: None, lambda: (tmp_path / "gate.toml").write_bytes(b"\xff")):
        make()
        with pytest.raises(ConfigError, match="cannot be read"):
            load(tmp_path / "gate.toml")


def test_check_config_answers_people_and_programs(tmp_path: Path) -> None:
    path = tmp_path / "gate.toml"
    path.write_text(GOOD, encoding="utf-8")
    good = CliRunner().invoke(app, ["check-config", "--config", str(path)])
    assert (good.exit_code, good.stdout) == (0, f"{path}: good\n")
    path.write_text(GOOD.replace("unit = 1", "unit = 0"), encoding="utf-8")
    bad = CliRunner().invoke(app, ["check-config", "--config", str(path), "--json"])
    assert bad.exit_code == 1
    said = json.loads(bad.stdout)
    assert said["ok"] is False
    assert said["faults"] == [f"{path}:28: device[3].unit: Input should be greater than or equal to 1 (got 0)"]


def test_who_leaves_by_a_lane_of_both_directions_presents_at_its_own_devices(tmp_path: Path) -> None:
    both = GOOD.replace('direction = "in"', 'direction = "both"', 1)
    readers = 'readers = ["reader-in"]'
    right = tmp_path / "right.toml"
    right.write_text(both.replace(readers, f'{readers}\nleaving = ["reader-in"]', 1), encoding="utf-8")
    assert load(right).lane[0].leaving == ("reader-in",)
    wrong = faults(tmp_path, both.replace(readers, f'{readers}\nleaving = ["io"]', 1))
    assert [line.partition(": ")[2] for line in wrong] == [
        "lane[1].leaving[1]: 'io' is not among the readers and cameras of this lane"
    ]
