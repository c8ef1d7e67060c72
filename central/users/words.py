"""What signing in and tokens are refused with, in Chinese; see `central.problem_words`."""

from collections.abc import Mapping

SIGN_IN: Mapping[str, str] = {
    "this token is not for {area}": "此令牌不适用于 {area}",
    "only a user who is signed in has sessions": "只有已登录的用户才有登录会话",
    "this token has ended: make another": "此令牌已到期，请另建",
    "{area} leads to all that the role may do: a token for it has no scopes": (
        "{area} 涉及该角色的全部权限，含此范围的令牌不能限定范围"
    ),
    "the role {role} may not do this in {area}": "{role} 角色在 {area} 没有此权限",
    "who vouches for users cannot be asked now: sign in otherwise, or try again": (
        "单位账户登录暂不可用，请用其他方式登录或稍后再试"
    ),
    "what came back from who vouches for users cannot be believed: begin again": "单位账户登录结果无法核实，请重新登录",
    "this way of signing in was begun elsewhere, ended already, or took too long: begin again": (
        "本次登录并非由此处发起、已经完成或超时，请重新登录"
    ),
    "no user here belongs to your account there: an administrator links them": "没有与您的单位账户关联的用户，请联系管理员关联",
    "your account there may not sign in here": "您的单位账户不能在此登录",
    "a user belongs to this account already": "该单位账户已关联用户",
    "there is no such page": "没有此页面",
    "say how long it lasts: --days, or --no-end": "请指明有效期：--days 或 --no-end",
    "a scope is an area with read or write, as log:read": "范围应为区域加 read 或 write，例如 log:read",
}
