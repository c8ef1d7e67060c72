"""What is said no with about codes and their keys, in Chinese; see `central.problem_words`."""

from collections.abc import Mapping

CODES: Mapping[str, str] = {
    "two keys are active already: retire or revoke one of them first": "已有两个有效密钥，请先停用或吊销其中一个",
    "this is the only key: make another first (rotate)": "这是唯一的密钥，请先轮换出新密钥",
    "{count} codes under this key are still good: wait, or force it": "仍有 {count} 个通行码在此密钥下有效，请等待或强制停用",
    "there is no active key {kid}": "没有有效密钥 {kid}",
    "the private keys of this site's codes are lost: make another (pass-keys rotate)": (
        "本小区通行码的私钥已丢失，请轮换新密钥（pass-keys rotate）"
    ),
    "it has no code now: it is not approved, or over, or its gates are gone": "目前没有通行码：尚未批准、已结束，或其大门已撤销",
    "its terms are too long for a code": "内容过长，无法生成通行码",
    "it has no such part": "没有此联",
    "asked too often: wait a little": "请求过于频繁，请稍候",
}
