"""The words of privacy notices and signs, in both languages: what the law wants told (PIPL 17, GDPR 13), and no more."""

from collections.abc import Mapping, Sequence
from typing import Final

from central.privacy.schemas import Language
from central.retention.profiles import Class

Lines = Sequence[str]

TEXTS: Final[Mapping[Language, Mapping[str, str]]] = {
    "zh": {
        "title": "{site}出入管理个人信息处理告知书",
        "lead": "您进出{site}时，{controller}会处理下列个人信息。请在进入前阅读。",
        "who": "一、谁处理您的个人信息",
        "purpose": "二、处理目的",
        "basis": "三、合法性基础",
        "what": "四、处理的个人信息种类和方式",
        "how_long": "五、保存期限",
        "shared": "六、提供与公开",
        "rights": "七、您的权利",
        "complaint": "八、投诉",
        "more": "九、补充说明",
        "controller": "个人信息处理者：",
        "address": "地址：",
        "contact": "联系方式：",
        "officer": "个人信息保护负责人：",
        "nobody": "除法律、行政法规规定外，不向他人提供，不公开披露。",
        "no_transfer": "不向境外提供，不用于自动化决策的商业营销。",
        "ask": "行使权利请联系：{contact}。我们核实身份后答复。",
        "held": "因纠纷或执法需要依法保全的信息，保存至保全结束；到期删除均留有签名证明。",
        "days": "{days} 天",
        "until_chosen": "保存期限尚未设定，设定前持续保存",
        "sign_title": "您已进入图像采集区域",
        "sign_purpose": "采集车牌、图像和通行信息，用于出入管理和公共安全",
        "sign_kept": "保存期限：图像 {pictures}；车牌、姓名 {identity}",
        "sign_more": "您可查询、复制、更正、删除个人信息，告知书全文见门岗或服务中心",
    },
    "en": {
        "title": "Privacy notice: access to {site}",
        "lead": "When you enter or leave {site}, {controller} processes the personal data below. Please read this first.",
        "who": "1. Who is responsible",
        "purpose": "2. What for",
        "basis": "3. Legal basis",
        "what": "4. What data, and how",
        "how_long": "5. For how long",
        "shared": "6. Who else receives it",
        "rights": "7. Your rights",
        "complaint": "8. Complaints",
        "more": "9. Further",
        "controller": "Controller: ",
        "address": "Address: ",
        "contact": "Contact: ",
        "officer": "Responsible for data protection: ",
        "nobody": "Nobody, unless the law requires it; nothing is published.",
        "no_transfer": "Nothing is sent abroad, and nothing is used for marketing or profiling.",
        "ask": "To use them, contact: {contact}. We answer once we know that it is you.",
        "held": "What a dispute or an authority needs is kept until that is over; each deletion leaves a signed proof.",
        "days": "{days} days",
        "until_chosen": "no time is set yet: kept until one is",
        "sign_title": "Cameras record vehicles and entries here",
        "sign_purpose": "Plates, pictures and passages are recorded, for access control and public safety",
        "sign_kept": "Kept: pictures {pictures}; plates and names {identity}",
        "sign_more": "You may see, copy, correct or erase your data. The whole notice: at the gate post or the property office",
    },
}
PURPOSES: Final[Mapping[Language, Lines]] = {
    "zh": (
        "核实人员、车辆和物品的出入权限，开启道闸和门禁；",
        "维护小区公共秩序和人身、财产安全，处理通行纠纷；",
        "履行物业服务合同和安全防范标准规定的记录义务。",
    ),
    "en": (
        "to check who and what may enter or leave, and to open barriers and doors;",
        "to keep people and property safe, and to settle disputes about passages;",
        "to fulfil the service contract and the duty to keep records.",
    ),
}
WHAT: Final[Mapping[Language, Lines]] = {
    "zh": (
        "车牌号码、通行图像、通行时间与车道（由摄像机自动采集；行踪轨迹属于敏感个人信息，仅用于上述目的）；",
        "业主、住户、访客、施工人员的姓名、电话、房号、来访事由、卡号（登记时由您或被访人提供）；",
        "身份证号码不保存原文，只留后四位和加密摘要，用于核对一人一证；",
        "保安处理通行的记录和工作人员查询、修改的记录。",
    ),
    "en": (
        "plates, pictures of passages, time and lane, taken by cameras (where people go is sensitive: used for the above alone);",
        "names, telephones, homes, reasons of visits and card numbers, given by you or your host;",
        "of ID numbers only the last four characters and a keyed hash, to know one holder from another;",
        "what guards did at a passage, and who of the staff looked at or changed data.",
    ),
}
OF_LAW: Final[Mapping[Language, Mapping[str, Mapping[str, Lines]]]] = {
    "zh": {
        "pipl": {
            "basis": (
                "为订立、履行物业服务合同所必需（《个人信息保护法》第十三条第一款第二项）；",
                "公共场所图像采集为维护公共安全所必需，设有显著提示标识（第二十六条）；",
                "处理敏感个人信息的，另行取得您的单独同意（第二十九条），您可随时撤回，撤回不影响此前的处理。",
            ),
            "rights": (
                "知情、决定，限制或者拒绝处理；",
                "查阅、复制、转移您的个人信息；",
                "更正、补充、删除您的个人信息；",
                "要求解释处理规则；撤回同意。不同意的，可改用人工登记通行。",
            ),
            "authority": ("您可向当地网信部门、公安机关或者住房和城乡建设主管部门投诉、举报。",),
        },
        "gdpr": {
            "basis": ("履行合同（GDPR 第 6 条第 1 款 b 项）和控制者的正当利益：出入安全（第 6 条第 1 款 f 项）。",),
            "rights": ("访问、更正、删除、限制处理、数据可携带（第 15 至 20 条）；", "反对基于正当利益的处理（第 21 条）。"),
            "authority": ("您可向所在地的数据保护监管机构投诉（第 77 条）。",),
        },
    },
    "en": {
        "pipl": {
            "basis": (
                "needed for the property service contract (PIPL, article 13 (1) 2);",
                "pictures in public places are needed for public safety and are announced by signs (article 26);",
                "sensitive data besides by your separate consent (article 29), which you may withdraw at any time.",
            ),
            "rights": (
                "to know and decide, to restrict or refuse;",
                "to see, copy and transfer your data;",
                "to have it corrected, completed or erased;",
                "to have the rules explained, and to withdraw consent: a guard then writes you down by hand.",
            ),
            "authority": ("You may complain to the cyberspace, police or housing authority of the place.",),
        },
        "gdpr": {
            "basis": ("performance of a contract (GDPR 6(1)(b)), and the legitimate interest in safe access (GDPR 6(1)(f)).",),
            "rights": (
                "access, correction, erasure, restriction, portability (articles 15 to 20);",
                "to object to what is based on legitimate interest (article 21).",
            ),
            "authority": ("You may lodge a complaint with the supervisory authority where you live or work (article 77).",),
        },
    },
}
CLASSES: Final[Mapping[Language, Mapping[Class, str]]] = {
    "zh": {
        "events": "通行记录（时间、车道、结果）",
        "identity": "通行记录中的车牌、姓名、卡号",
        "pictures": "通行图像",
        "fragments": "身份证号后四位、证件资料、应聘者信息（自其离开起）",
        "audit": "工作人员修改的内容",
    },
    "en": {
        "events": "passages (time, lane, outcome)",
        "identity": "plates, names and card numbers in them",
        "pictures": "pictures of passages",
        "fragments": "ends of ID numbers, documents, applicants (from when they left)",
        "audit": "what staff changed",
    },
}
