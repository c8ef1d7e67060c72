"""temporary"""
import time
from dataclasses import replace

import pytest
from playwright.sync_api import Page

from edge.messages import *
from edge.messages import RegisteredView
from tests.edge.desk.test_booth import REFERRED
from tests.edge.desk.wire import *
from tests.edge.desk.wire import alarm

pytestmark = pytest.mark.browser

def fill(gate):
    now=time.monotonic(); utc=time.time()
    gate.sync = SyncState(False, 5, 214, utc-7800, 7, utc-7800)
    gate.devices=(DeviceState("io", up=True), DeviceState("camera-in", up=False, why="no answer"))
    gate.tell(replace(gate.view((alarm("gate_crash", lane="in-1"), alarm("space_80", identity="a2", acknowledged_by="张*", detail="disk", standing=True))), weaker=("withdrawn","announced","elsewhere")))
    gate.tell(replace(REFERRED, waiting_since_mono=now-74, capture_id="c-1", obligations=(ObligationView("ask_host_first"), ObligationView("compare_picture")), arm="down"))
    gate.tell(lane_view("out-1", state="referred", outcome="refer", reason="similar", values={"shown":"粤A·D12345"}, plate="粤AD12345", colour="green", passage="p2", subject="s1", inside_since_utc=utc-20000, waiting_for_goods=True, capture_id="c-2", registered=RegisteredView("c9","plate","粤A·D12345","王*","5-902"), waiting_since_mono=now-14))
    gate.tell(lane_view("door-1", state="denied", outcome="deny", reason="unread", passage="p3", shown="0006547886", medium="card", undo_act="refuse", undo_guard=str(GUARD_ID), undo_until_mono=now+60, waiting_since_mono=now-10))
    for i in range(6):
        gate.tell(FeedLine(i, utc-60+i, "in-1", "grant", "access_ok", {"holder": "李*"}, f"粤B·1234{i}", "plate", "", "", 2.0, f"q{i}"))

def test_shots(booth: Page, gate, eyes, desk):
    fill(gate)
    for lang in ("zh","en"):
      for theme in ("light","dark"):
        for size in ((1280,800),(800,1280)):
          booth.set_viewport_size({"width": size[0], "height": size[1]})
          booth.goto(desk.url+"look/plates/usual")
          booth.goto(desk.url+f"look/theme/{theme}")
          booth.goto(desk.url+f"language/{lang}")
          tag=f"{lang}_{theme}_{size[0]}"
          booth.wait_for_timeout(700)
          booth.screenshot(path=f"/tmp/h4_lanes_{tag}.png")
          if (lang,theme,size[0]) in (("zh","light",1280),("en","dark",1280)):
            for path,name in (("alarms","alarms"),("emergency","emergency"),("devices","devices"),("patterns","patterns"),("lanes/in-1/correct?passage=p1","correct"),("display/in-1","display"),("lanes/in-1/admit?passage=p1&choice=c1","admit"),("lanes/in-1/unplated?passage=p1","unplated")):
                booth.goto(desk.url+path); booth.wait_for_timeout(200)
                booth.screenshot(path=f"/tmp/h4_{name}_{tag}.png", full_page=name=="patterns")
            booth.goto(desk.url+"look/plates/big"); booth.wait_for_timeout(400)
            booth.screenshot(path=f"/tmp/h4_big_{tag}.png")
