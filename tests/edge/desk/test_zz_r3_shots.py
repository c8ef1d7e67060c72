import io, base64, time, os
from uuid import UUID, uuid4
import pytest
from PIL import Image, ImageDraw
from access.contract.booth_records import *
from access.acts import VisitActed
from tests.edge.desk.post import post
from tests.edge.desk.test_visitors import SETTINGS, UNITS, PERSONS, CARDS, visit, take_down, do, CARD_A
from tests.edge.desk.contractors import *
from tests.edge.desk.wire import *
HOLES=int(os.environ.get("HOLES","60")); ONLY=os.environ.get("ONLY","").split(",")

@pytest.fixture(scope="module")
def running(folder, places):
    g = Gate(places.gate_socket, str(write_snapshot(places.snapshots / "7.snapshot", [guard_record(), second_record()])))
    g.start()
    d = start_desk(folder, CONFIG.replace("port = 0", 'port = 0\ncamera = "camera-in"', 1))
    yield g, d
    assert stop_desk(d) == 0
    g.stop()

def face_n(n):
    out = io.BytesIO(); im=Image.new("RGB",(60,80),(90+n*37%120,120+n*53%100,140)); ImageDraw.Draw(im).ellipse((15,10,45,50),fill=(230,190,160)); ImageDraw.Draw(im).rectangle((8,52,52,80),fill=(n*91%200,n*17%200,90)); im.save(out,"JPEG"); return base64.b64encode(out.getvalue()).decode()

def test_shots(booth, desk, gate, post, guard, eyes):
    now=int(time.time()); names="赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张"; firms=["宏达装饰","金螳螂","东易日盛","个人"]
    visits=[visit(number=f"V-2026-0{n:04}", name=names[n%24]+"*", party=1+n%3, plates=("粤B%05d"%(10000+n*37),) if n%2 else (), category=["appointment","unannounced","courier"][n%3], valid_until=now+600*n+300, unit=f"海棠苑{n%5+1}-{1201+n}") for n in range(40)]
    late=[visit(state="in",name="孙*",valid_until=now-3600*n-60,party=1) for n in (1,2,3)]
    exp=[visit(number=f"V-2026-1{n:04}", name=names[n%24]+"*", valid_from=now+600*n) for n in range(12)]
    passes=[pass_told(UUID(int=0x5000+n), f"2026-{n:04}", name=names[n%24]+"*", firm=firms[n%4], units=(f"{n%9+1}-{n%30+1:02}01",), photo=face_n(n) if n%7 else "", valid_until=now-600 if n%20==3 else now+DAY_S, workers_max=100) for n in range(HOLES)]
    post.told(SETTINGS.model_copy(update={"categories": SETTINGS.categories+(CategoryAtBooth(code="vip",zh="贵宾",en="VIP",obligations=("lead_in","tell_leaders")),CategoryAtBooth(code="service",zh="办事人员",en="applicant / service",obligations=("department_confirms",)),CategoryAtBooth(code="staff",zh="员工",en="staff",obligations=("confirm_staff",)))}), *UNITS,*PERSONS,*CARDS,*visits,*late,*exp,*passes,permit_told(workers_max=100), pass_told(), pass_told(OTHER,"P-0043",name="周*",violations=("串房 3-1202",)))
    facts=[]
    for n,v in enumerate(visits[:30]+late):
        facts+=[("set",f"uses:{v.id}",1),("set",f"party:{v.id}",1)]
        from uuid import uuid5
        facts+=[("set",f"at:{uuid5(v.id,'visitor')}",["inside" if False else "z",now-300*n-60])]
    for n,p in enumerate(passes): facts.append(("set",f"held:{p.id}",["in-1" if n%15!=14 else "elsewhere",now-400*n-60,f"permit:{PERMIT}"]))
    if passes:
        facts[-1]=("set",f"transfer:{passes[-1].id}",["in-1",now-900,"elsewhere"])
    for i in range(0,len(facts),40): post.change(*facts[i:i+40])
    gate.tell(lane_view("in-1", state="referred", outcome="refer", reason="unknown", plate="粤B7X230", passage="p1"))
    see(guard, "/lanes/in-1/admit?passage=p1")
    _, asked = take_down(guard, do="waits", category="appointment", people="2", name="钱多多", phone_tail="1234", purpose="探访")
    _, inn = take_down(guard, do="agreed", means="phone", people="2", name="孔夫子", answered_by="李*")
    do(guard, inn, "lend", card=str(CARD_A))
    pages={"v-first":"visitors","v-new":"visitors/new","v-lane":"visitors/new?lane=in-1&passage=p1","v-asked":f"visitors/{asked}","v-in":f"visitors/{inn}","v-exp":f"visitors/{exp[0].id}","v-late":f"visitors/{late[0].id}","p-board":"passes","p-turned":f"passes#hole-{passes[5].id}","p-one":f"passes/{PASS}?original=true","p-ref":f"passes/{OTHER}","p-in":f"passes/{passes[6].id}","p-exp":f"passes/{passes[3].id}","p-count":"passes/count","p-scan":"scan/unknown","p-find":"passes","v-find":"visitors","v-typed":"visitors/new"}
    for lang in ("zh","en"):
        booth.goto(f"{desk.url}language/{lang}")
        for scheme in ("light","dark"):
            booth.goto(f"{desk.url}look/theme/{scheme}?back=/") if False else booth.emulate_media(color_scheme=scheme)
            for w,h in ((1280,800),(800,1280)):
                if (lang,scheme,w) not in {("zh","light",1280),("en","dark",1280),("zh","dark",800),("en","light",800)}: continue
                if os.environ.get("COMBO") and os.environ["COMBO"]!=f"{lang}-{scheme}-{w}": continue
                booth.set_viewport_size({"width":w,"height":h})
                for name,path in pages.items():
                    if ONLY!=[""] and name not in ONLY: continue
                    booth.goto("about:blank"); booth.goto(desk.url+path)
                    booth.wait_for_timeout(200)
                    if name=="p-find": booth.locator("#find").fill("宏达"); booth.wait_for_timeout(700)
                    if name=="v-find": booth.locator("#asked").fill("海棠 1201"); booth.wait_for_timeout(700)
                    if name=="v-typed": booth.get_by_text("已预约访客" if lang=="zh" else "with appointment").click(); booth.locator("#to").press_sequentially("hty1201",delay=60); booth.wait_for_timeout(700)
                    booth.screenshot(path=f"/tmp/r3shots/{name}-{lang}-{scheme}-{w}.png", full_page=name in os.environ.get("FULL","").split(","))
