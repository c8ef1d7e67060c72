"""What stands on a printed slip, in both languages."""

from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from access.plate import shown
from access.words import Words
from access.workflows.release_slip import lines_digest
from access.workflows.words import STATES, WORDS
from central.goods.schemas import CodeShown, PaperPrinted, SlipDetails, SlipPartPrinted, SlipPrinted, standing
from central.goods.services import slips
from central.records.schemas import WordsShown
from central.registry import Work
from central.tables import Site
from central.workflows.repository import get

TITLE: Final = WordsShown(zh="物品放行条", en="Goods-release slip")
PAPERS: Words = {**WORDS, "other": ("其他", "other")}
PARTS: Words = {"1": ("客户联", "customer's part"), "2": ("门岗联", "guard's part")}
RIGHTS: Words = {
    "owner": ("业主", "owner"),
    "tenant": ("租户", "tenant"),
    "third_party": ("受托人", "authorised person"),
    "company": ("单位", "company"),
    "decoration": ("装修施工方", "decoration contractor"),
}
REASONS: Words = {
    "": ("", ""),
    "move_out": ("搬出", "move-out"),
    "furniture": ("家具搬运", "furniture"),
    "decoration": ("装修材料", "decoration materials"),
    "company_goods": ("单位物品", "company goods"),
    "other": ("其他", "other"),
}
LABELS: Words = {
    "site": ("小区", "site"),
    "number": ("编号", "number"),
    "state": ("状态", "state"),
    "unit": ("单元", "unit"),
    "applicant": ("申请人", "applicant"),
    "phone": ("联系电话", "telephone"),
    "right": ("申请人身份", "right to apply"),
    "papers": ("证明材料", "papers"),
    "reason": ("事由", "reason"),
    "remark": ("备注", "remark"),
    "line": ("序号", "line"),
    "item": ("物品名称", "item"),
    "asked": ("数量", "quantity"),
    "line_unit": ("单位", "unit of measure"),
    "released": ("已放行", "released"),
    "left": ("剩余", "left"),
    "plates": ("车牌", "plates"),
    "made_out": ("开具时间", "made out"),
    "valid_until": ("有效期至", "valid until"),
    "approved_by": ("批准人", "approved by"),
    "approved_at_night": ("班长夜间批准", "approved at night by the shift leader"),
    "only_gate": ("仅限大门", "valid only at gate"),
    "replaces": ("代替编号", "replaces"),
    "replaced_by": ("已由此单代替", "replaced by"),
    "carrier": ("搬运人", "carrier"),
    "guard": ("核对保安", "checked by guard"),
    "time": ("放行时间", "time of release"),
    "signature": ("签字", "signature"),
    "digest": ("物品校验码", "digest of the lines"),
}


def printed(work: Work, record_id: UUID, code: str) -> SlipPrinted:
    """Return all that is to be printed of a slip, both parts with its code; RegistryError 404."""
    row = get(work, slips.workflow.name, record_id)
    site = work.session.get_one(Site, row.site_id)
    record, details = slips.workflow.ripened(slips.record(row), work.at), SlipDetails.model_validate(row.details)
    terms = record.terms
    return SlipPrinted(
        id=row.id,
        title=TITLE,
        site=site.name,
        zone=site.zone,
        number=row.number,
        state=_coded(STATES[slips.workflow.name], record.state),
        **details.model_dump(exclude={"reason"}),
        reason=_coded(REASONS, details.reason),
        applicant=terms.applicant,
        right=_coded(RIGHTS, terms.right),
        papers=[
            PaperPrinted(kind=_coded(PAPERS, paper.kind), reference=paper.reference, person=paper.person)
            for paper in terms.papers
        ],
        lines=standing(record),
        plates=[shown(plate) for plate in terms.plates],
        made_out=_local(row.opened_at, site),
        valid_until=_local(terms.valid_until, site),
        approved_by=record.approved_by,
        approved_at_night=record.at_night,
        only_gate=record.only_gate,
        replaces=terms.replaces,
        replaced_by=record.replaced_by,
        parts=[
            SlipPartPrinted(part=int(part), zh=zh, en=en, number=f"{site.slug}/{row.number}/{part}", code=code)
            for part, (zh, en) in PARTS.items()
        ],
        digest=lines_digest(terms.lines),
        labels={name: WordsShown(zh=zh, en=en) for name, (zh, en) in LABELS.items()},
    )


def _coded(words: Words, code: str) -> CodeShown:
    zh, en = words[code]
    return CodeShown(code=code, zh=zh, en=en)


def _local(at: datetime, site: Site) -> str:
    """Return a time on the site's own clock."""
    return f"{at.astimezone(ZoneInfo(site.zone)):%Y-%m-%d %H:%M}"
