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

USERS: Mapping[str, str] = {
    "sign in first": "请先登录",
    "the role {role} may not do this": "{role}无权办理",
    "this form is not of your session: load the page again": "表单不属于当前登录，请重新打开页面",
    "this form is of another site": "表单来自其他网站",
    "there is a user of this name already": "已有同名用户",
    "there is no user {name}": "没有用户 {name}",
    "too many wrong passwords: wait a little": "密码错误次数过多，请稍后再试",
    "too many sign in at once: try again in a moment": "同时登录的人过多，请稍后再试",
    "name or password is wrong": "用户名或密码错误",
    "no guard serves under badge {badge} now": "工号 {badge} 目前没有在岗的保安",
    "a program cannot sign out: have its token revoked": "对接程序不能退出登录，请注销其令牌",
    "this link has been used or has run out": "此链接已使用或已过期",
    "a password has at least {length} characters": "密码至少 {length} 个字符",
    "the role is one of {roles}": "角色只能是：{roles}",
    "who is bound to one site lets nobody see others": "只管一个小区的用户只能授予本小区的权限",
    "a program has this name already": "已有同名对接程序",
    "somebody acts under {badge} there already": "该处已有人以 {badge} 办理业务",
    "who acts under a badge stays a guard or leader: disable this user and make another": "工号账号只限保安或班长，请停用另建",
    "a guard or shift leader of one site needs a badge, or it as the name": "小区的保安或班长须有工号，或以工号为用户名",
    "only a guard or shift leader of one site acts under a badge": "只有某一小区的保安或班长才有工号",
    "a badge is 1 to 10 digits": "工号为 1 至 10 位数字",
    "the name of a user never changes: disable this user and make another": "用户名不能更改，请停用此用户后另建",
    "the badge of a user never changes: disable this user and make another": "用户的工号不能更改，请停用此用户后另建",
    "who acts under a badge stays at its site: disable this user and make another": "有工号的用户不能换小区，请停用此用户后另建",
    "your own rights were changed meanwhile: sign in again": "您的权限刚被更改，请重新登录",
    "{name} is disabled: enable the user first": "{name} 已停用，请先启用",
    "only a user who is signed in has a password": "只有已登录的用户才有密码",
    "there is no password yet: a one-time link sets one": "尚未设置密码，请用一次性登录链接设置",
    "the old password is another": "原密码错误",
    "nobody changes the own role or site: let another do it": "不能更改自己的角色或小区，请由他人办理",
    "nobody disables himself: let another do it": "不能停用自己，请由他人办理",
    "a name is 1 to 200 characters that can be printed": "名称为 1 至 200 个可显示的字符",
    "there is no token {name}": "没有令牌 {name}",
    "several tokens are called {name}: name one by its id: {ids}": "有多个令牌名为 {name}，请用编号指明：{ids}",
}
