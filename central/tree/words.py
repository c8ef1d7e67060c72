"""What the tree of all heads is refused with, in Chinese; see `central.problem_words`."""

from collections.abc import Mapping

TREE: Mapping[str, str] = {
    "there is no such checkpoint": "没有此检查点",
    "this checkpoint is not in the tree yet: ask again in a moment": "此检查点尚未收入日志树，请稍后再查",
    "the tree has {size} leaves: ask for a size between {least} and that": "日志树现有 {size} 条，请填 {least} 至该数之间",
    "this entry is not here": "没有此条目",
    "the tree was rewritten: nothing is signed before somebody looks (audit verify)": (
        "日志树已被改写：查明之前不再签名（请运行 audit verify）"
    ),
    "the audit was rewritten: nothing is signed before somebody looks (audit verify)": (
        "审计记录已被改写：查明之前不再签名（请运行 audit verify）"
    ),
    "nothing was published yet": "尚未对外公布",
    "no checkpoint in the tree covers this entry yet": "日志树中尚无检查点覆盖此条目",
    "between this entry and the next checkpoint entries are lost": "此条目与下一检查点之间有条目缺失",
}
