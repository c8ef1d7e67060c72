"""One of each message and record of the contract, with every field filled: what the golden files hold."""

from uuid import UUID

from pydantic import BaseModel

from access.contract import alarms, checkpoints, commands, deny, facts, health, records, sync

ONE, TWO, THREE = UUID(int=1), UUID(int=2), UUID(int=3)
HASH = "ab" * 32

CHECKPOINT = checkpoints.Checkpoint(edge=ONE, epoch=TWO, seq=7, head=HASH, at_us=1_770_000_000_000_000, signature="cd" * 64)

RECORDS: tuple[records.AnyRecord, ...] = (
    records.SiteRecord(
        id=ONE,
        slug="lakeside",
        name="湖畔",
        zone="Asia/Shanghai",
        card_key=HASH,
        list_age=(records.ListAge(category="visitor", hours=12, then="deny"),),
        code_reuse="strict",
    ),
    records.PassKeyRecord(id=ONE, kid="0a1b2c3d", public_key=HASH, status="revoked"),
    records.PeerRecord(id=ONE, gate=TWO, slug="east", name="东门", public_key=HASH),
    records.LaneRecord(
        id=ONE,
        gate=TWO,
        slug="in-1",
        name="东门入口",
        lane_kind="vehicle",
        direction="in",
        mode="held_open",
        unknown="deny",
        inner_zone=TWO,
        outer_zone=THREE,
        classes=("car", "large"),
        emergency="refer",
        emergency_plates="grant",
        officers="grant",
        factors="plate+card",
        factor_window_s=45,
        two_person=True,
        first_person=True,
        inexact=("resident",),
        goods_checks=("loading", "slip"),
    ),
    records.ZoneRecord(id=ONE, name="地库", capacity=120, full="deny", anti_passback="timed", minutes=15),
    records.ScheduleRecord(id=ONE, name="hours", spans=(records.Span(days=(0, 7), start="22:00", end="06:00"),)),
    records.SpecialDayRecord(id=ONE, date="2026-02-14", counts_as=0, name="春节调休上班"),
    records.LevelRecord(id=ONE, name="all", grants=(records.LevelGrant(lanes=(TWO,), direction="in", schedule=THREE),)),
    records.PersonRecord(
        id=ONE,
        name="李*",
        unit="3-1201",
        category="tenant",
        status="frozen",
        levels=(TWO,),
        valid_from=0,
        valid_until=1,
        quota=THREE,
        escorted=True,
        first_person=True,
    ),
    records.QuotaRecord(id=ONE, name="3-1201", spaces=(records.Space(valid_from=0, valid_until=1),), over="wait"),
    records.VisitRecord(
        id=ONE,
        person=TWO,
        category="important",
        status="announced",
        host="3-1201",
        valid_from=0,
        valid_until=1,
        lanes=(THREE,),
        uses=2,
        party=3,
        obligations=("lead_in", "tell_host"),
    ),
    records.PermitRecord(
        id=ONE,
        number="2026-017",
        status="approved",
        units=("3-1201",),
        valid_from=0,
        valid_until=1,
        schedule=TWO,
        workers_max=4,
        violation="串房",
    ),
    records.PassRecord(
        id=ONE,
        number="0042",
        person=TWO,
        permit=THREE,
        status="confiscated",
        units=("3-1201",),
        lanes=(TWO,),
        valid_from=0,
        valid_until=1,
    ),
    records.SlipRecord(id=ONE, number="F-9", plate="粤B12345", unit="3-1201", status="partly", valid_from=0, valid_until=1),
    records.VehicleRecord(
        id=ONE, plate="粤B12345", colour="blue", vehicle_class="large", person=TWO, status="lost", valid_from=0, valid_until=1
    ),
    records.CardRecord(
        id=ONE, hashes=("cd" * 16,), medium="code", tail="E9AE", person=TWO, status="revoked", valid_from=0, valid_until=1
    ),
    records.BlockRecord(id=ONE, plate="粤B12345", card_hash="cd" * 16, reason="非法营运", valid_until=1),
    records.ErasureRecord(id=ONE, persons=(ONE,), credentials=(TWO,), since=1_772_438_400),
    records.GuardRecord(id=ONE, name="张*", badge="1007", pin_hash="$argon2id$v=19$…", status="active"),
)
MESSAGES: tuple[BaseModel, ...] = (
    *RECORDS,
    sync.EnrolRequest(
        token="t" * 26,
        site="lakeside",
        gate="east",
        public_key=HASH,
        lanes=(sync.LaneWiring(slug="in-1", kind="vehicle", direction="in"),),
    ),
    sync.EnrolReply(edge=ONE, gate=TWO, site=THREE, lanes={"in-1": ONE}, registry_key=HASH),
    sync.BatchAck(
        epoch=ONE, acked_through=5, head=HASH, gaps=((6, 7),), quarantined=(sync.Quarantined(seq=4, reason="no CBOR"),)
    ),
    sync.RulesPage(
        since=3,
        revision=9,
        mark="5f70bf18a086007016e948b04aed3b82",
        complete=True,
        upserts=tuple(sync.Upsert(revision=9, record=record) for record in RECORDS),
        tombstones=(sync.Tombstone(revision=8, kind="card", id=TWO),),
        more="card:2",
    ),
    sync.PictureAck(sha256=HASH),
    facts.FactsPage(
        epoch=ONE,
        after=3,
        through=9,
        more=True,
        facts=(
            facts.SharedFact(
                cursor=8, edge=TWO, epoch=THREE, seq=6, name="zone:site", how="sum", value=-2, at_us=1_770_000_000_000_000
            ),
            facts.SharedFact(
                cursor=9, edge=TWO, epoch=THREE, seq=7, name="at:car", how="set", value=["site", 7], plate="粤B12345", at_us=7
            ),
        ),
    ),
    commands.CommandsWaiting(commands=(ONE, TWO)),
    commands.RemoteCommand(
        command=ONE,
        lane="in-1",
        act="hold_open",
        issuer="wang",
        issuer_name="王芳",
        reason="delivery",
        words="搬家",
        minutes=5,
        choice="in",
        left_ms=9_500,
    ),
    commands.CommandResult(command=ONE, accepted=False, refusal="held_closed"),
    CHECKPOINT,
    checkpoints.Countersigned(checkpoint=CHECKPOINT, agrees=None, received_us=1_770_000_000_000_001, signature="ef" * 64),
    alarms.AlarmsTaken(kept=2),
    health.Health(
        edge=ONE,
        at_us=1_770_000_000_000_000,
        software="0.1.0",
        revision=9,
        rules_us=1_769_999_000_000_000,
        waiting=12,
        oldest_waiting_us=1_769_999_000_000_001,
        disk_free_bytes=5,
        disk_bytes=9,
        space="space_80",
        clock="drifting",
        devices_down=("io",),
        lanes={"in-1": "held_open"},
        alarms=("space_80",),
        error="no whole answer within 10 s",
    ),
    health.HealthTaken(received_us=1_770_000_000_000_000),
    deny.DenyList(
        site=ONE,
        serial=1_770_000_000_000_000,
        revision=9,
        complete=False,
        denied=(
            records.BlockRecord(id=TWO, plate="粤B12345", reason="欠费"),
            records.PassKeyRecord(id=THREE, kid="0a1b2c3d", public_key=HASH, status="revoked"),
        ),
        gone=(sync.Tombstone(revision=8, kind="card", id=THREE),),
    ),
)
BATCH = sync.EntryBatch(
    edge=ONE,
    epoch=TWO,
    follows=bytes(32),
    entries=(sync.SentEntry(seq=1, canonical=b"\x80", personal=b"\xa0"), sync.SentEntry(seq=2, canonical=b"\x81\x01")),
)
