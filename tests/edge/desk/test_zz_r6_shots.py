import os, time
from uuid import UUID, uuid4
import pytest
from access.contract.booth_records import *
from access.contract.records import PersonRecord
from access.passes import *
from tests.edge.desk.post import post
from tests.edge.desk.test_goods import *
from tests.edge.desk.wire import *
from tests.edge.desk.test_goods import running, press, CAR, NIGHT, follow, find
from tests.edge.desk.slips import *
import random
ONLY=os.environ.get("ONLY","").split(",")

def test_shots(booth, desk, gate, post, guard, eyes):
    now=int(time.time())
    names="赵钱孙李周吴郑王冯陈"
    L=LineAtBooth
    big=tuple(L(number=i+1,item=x,asked=q*1000,unit=u,remark=r) for i,(x,q,u,r) in enumerate([("双人沙发",1,"件","灰色布面,一角有破损"),("冰箱",1,"台","海尔 BCD-216"),("洗衣机",1,"台",""),("纸箱",24,"箱","书籍"),("木地板",2,"捆","")]))
    big=big[:4]+(L(number=5,item="水泥",asked=2500,unit="吨"),)
    slips=[slip_of(lines=big, plates=("粤B12045",)),
      *[slip_of(id=UUID(int=SLIP.int+10+n), number=f"S0000{20+n}", unit=f"{n}-120{n}", applicant=names[n]+"*", valid_until=now+3600*(n+1)) for n in range(6)],
      slip_of(id=UUID(int=SLIP.int+30), number="S000041", state="partly_released", lines=tuple(L(number=l.number,item=l.item,asked=l.asked,unit=l.unit,released=1000 if l.number==1 else 0) for l in big)),
      slip_of(id=UUID(int=SLIP.int+31), number="S000042", state="held"),
      slip_of(id=UUID(int=SLIP.int+32), number="S000043", state="cancelled"),
      slip_of(id=UUID(int=SLIP.int+33), number="S000044", valid_until=now-3600),
      slip_of(id=UUID(int=SLIP.int+34), number="S000045", state="corrected", replaced_by="S000046"),
      PersonRecord(id=uuid4(), name="李*", unit="3-1201", category="tenant"), PersonRecord(id=uuid4(), name="王*", unit="3-1201", category="family")]
    post.told(*slips)
    values = {"cause": "slip", "shown": "粤B·12045", "number": "S000018"}
    waits = {"state": "referred", "reason": "goods_slip", "outcome": "refer", "waiting_for_goods": True}
    gate.tell(lane_view("out-1", plate=CAR, colour="blue", passage="p1", subject="car-1", values=values, **waits))
    see(guard, "S000018", "/goods")
    at30=f"/goods/{UUID(int=SLIP.int+30)}"
    follow(guard, press(guard, at30, f"{at30}/release", carrier="王师傅 1234", vehicle="foot", line__4="6", line__5="1.5"))
    pics=f"{at30}/picture/2"
    press(guard, at30, pics, form=f"{at30}/release")
    at10=f"/goods/{UUID(int=SLIP.int+10)}"
    follow(guard, press(guard, at10, f"{at10}/release", carrier="王师傅 1234", vehicle="foot", line__1="2", line__2="12"))
    at11=f"/goods/{UUID(int=SLIP.int+11)}"
    follow(guard, press(guard, at11, f"{at11}/hold", what="多一台电视机"))
    n=press(guard, "/goods/night", **NIGHT, right="tenant", paper="同意书 7", step="save").headers["location"].partition("?")[0]
    identity, text = code_of(PAPER, with_lines=False)
    code=find(guard,text).headers["location"]
    for k in range(60):
        w=random.choice(["resident","courier","ebike","bicycle","staff","visitor"]); d=random.choice(["in","out"])
        from access.acts import CountActed
        post.write(CountActed(identity="",act="count",guard="1001",request=str(uuid4()),values={"what":w,"direction":d,"number":1}))
    pages={"first":"goods","slip":f"goods/{SLIP}","part":at30[1:],"done":at10[1:],"held":at11[1:],"cancel":f"goods/{UUID(int=SLIP.int+32)}","corr":f"goods/{UUID(int=SLIP.int+34)}","night":"goods/night","approve":n[1:],"code":code[1:],"foot":"foot","find":"goods","look":"foot","released":f"goods/{SLIP}"}
    for lang in ("zh","en"):
        booth.goto(f"{desk.url}language/{lang}")
        for scheme in ("light","dark"):
            booth.emulate_media(color_scheme=scheme)
            for w,h in ((1280,800),(800,1280)):
                if (lang,scheme,w) not in {("zh","light",1280),("en","dark",1280),("zh","dark",800),("en","light",800)}: continue
                if os.environ.get("COMBO") and os.environ["COMBO"]!=f"{lang}-{scheme}-{w}": continue
                booth.set_viewport_size({"width":w,"height":h})
                for name,path in pages.items():
                    if ONLY!=[""] and name not in ONLY: continue
                    if name=="released" and (lang,scheme,w)!=("zh","light",1280): continue
                    booth.goto("about:blank"); booth.goto(desk.url+path)
                    booth.wait_for_timeout(150)
                    if name=="find": booth.locator("#find").fill("S0000"); booth.wait_for_timeout(700)
                    if name=="look":
                        booth.locator("#look").fill("3-1201"); booth.locator("#look").press("Enter"); booth.wait_for_timeout(400)
                    if name=="slip":
                        booth.locator(".stepper [data-step='1']").nth(3).click(); booth.locator("[data-all]").nth(0).click()
                    if name=="released":
                        booth.locator("[data-all]").nth(0).click(); booth.locator("#carrier").fill("王师傅 1234"); booth.keyboard.press("Enter"); booth.wait_for_timeout(600)
                    if name=="foot": booth.keyboard.type("ci",delay=60); booth.wait_for_timeout(500)
                    booth.screenshot(path=f"/tmp/r6/{name}-{lang}-{scheme}-{w}.png", full_page=name in os.environ.get("FULL","").split(","))
