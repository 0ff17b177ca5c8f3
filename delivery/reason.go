package delivery

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Reason is the stable name of one refusal, finer than its Code. New reasons may be added. Only NewReason and NewWordedReason
// make one, and reading a stored refusal, which may name a reason of another release.
type Reason struct{ name string }

// sentence is what a reason says: its kind, and one full sentence in each language.
type sentence struct {
	code   Code
	en, zh string
	worded bool // the arguments are translated with words
}

// sentences are the declared reasons. They are written only while packages are initialised, and so read without a lock.
var sentences = map[Reason]sentence{}

// NewReason declares a refusal: its name on the wire, its code, and its sentence in English and Chinese, with the same verbs of
// fmt in the same order. Arguments fill in the sentence as they are. Declare a refusal as a package variable beside the rule that
// raises it. NewReason panics if the name is taken or anything is missing.
func NewReason(name string, code Code, english, chinese string) Reason {
	return declare(name, sentence{code, english, chinese, false})
}

// NewWordedReason is NewReason for a sentence whose arguments are words of ours, such as stages and kinds: the Chinese sentence
// has them in Chinese. Texts of users need NewReason, since one may equal a word.
func NewWordedReason(name string, code Code, english, chinese string) Reason {
	return declare(name, sentence{code, english, chinese, true})
}

func declare(name string, s sentence) Reason {
	r := Reason{name}
	if _, taken := sentences[r]; taken {
		panic("delivery: the reason " + name + " is declared twice")
	}
	if name == "" || s.code == "" || s.en == "" || s.zh == "" {
		panic(fmt.Sprintf("delivery: the reason %q needs a name, a code and two sentences", name))
	}
	sentences[r] = s
	return r
}

// Reasons returns every reason that the program declares, sorted by name.
func Reasons() []Reason {
	return slices.SortedFunc(maps.Keys(sentences), func(a, b Reason) int { return strings.Compare(a.name, b.name) })
}

// String returns the name of the reason, empty for the zero Reason.
func (r Reason) String() string { return r.name }

// MarshalText returns the name of the reason.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.name), nil }

// UnmarshalText takes any name: another release may have stored a reason that this one does not know.
func (r *Reason) UnmarshalText(b []byte) error {
	r.name = string(b)
	return nil
}

// The refusals of other packages.
var (
	ReasonUnknownActor = NewReason("UNKNOWN_ACTOR", CodeUnauthenticated,
		"No person is known by the name %q.",
		"没有名为“%s”的人员。")
	ReasonNoSuchCommunity = NewReason("UNKNOWN_COMMUNITY", CodeUnauthenticated,
		"No community is known by the code %q.",
		"没有代码为“%s”的小区。")
	ReasonTokenReused = NewReason("TOKEN_REUSED", CodeUnauthenticated,
		"This token was replaced and then used again; sign in again.",
		"该凭证已被替换却再次使用，请重新登录。")
	ReasonNotOurSignIn = NewReason("NOT_OUR_SIGN_IN", CodeConflict,
		"This sign-in is managed by your identity provider; sign out there.",
		"该登录由您的身份提供方管理，请在那里退出。")
	ReasonHasAccount = NewReason("HAS_ACCOUNT", CodeConflict,
		"Your sign-in already belongs to another account.",
		"您的登录身份已绑定到其他账户。")
	ReasonOneOf = NewReason("ONE_OF", CodeBadUserInput,
		"Give either %s or %s, not both.",
		"%s 与 %s 只能填写一项。")
	ReasonBadCode = NewReason("BAD_CODE", CodeNotFound,
		"This code is not valid or no longer valid; ask for a new one.",
		"该码无效或已失效，请重新索取。")
	ReasonCodeForm = NewReason("CODE_FORM", CodeBadUserInput,
		"This is not a whole code: a code has 20 letters and digits, such as 7K2QM-0XH4D-R9TAE-5WBNC. Type all of them, or open the whole link.",
		"这不是完整的码：码由 20 个字母和数字组成，例如 7K2QM-0XH4D-R9TAE-5WBNC。请完整填写，或打开完整的链接。")
	ReasonTwoCommunities = NewReason("TWO_COMMUNITIES", CodeBadUserInput,
		"A call can concern only one community; this id belongs to another.",
		"一次操作只能针对一个小区，该编号属于另一个小区。")
	ReasonRepeated = NewReason("REPEATED", CodeBadUserInput,
		"This item is already in the same call.",
		"同一次操作中已包含该项。")
	ReasonEmptyList = NewReason("EMPTY_LIST", CodeBadUserInput,
		"The list is empty; give at least one item.",
		"列表为空，请至少填写一项。")
	ReasonTooMany = NewReason("TOO_MANY", CodeBadUserInput,
		"At most %d are allowed in one call; this has %d.",
		"一次最多 %d 项，现有 %d 项。")
	ReasonOutOfRange = NewReason("OUT_OF_RANGE", CodeBadUserInput,
		"This must be between %v and %v.",
		"此处必须在 %v 与 %v 之间。")
	ReasonBadQuantity = NewReason("BAD_QUANTITY", CodeBadUserInput,
		"A quantity must be more than 0 and at most 9,999,999.",
		"数量必须大于 0 且不超过 9,999,999。")
	ReasonBadCursor = NewReason("BAD_CURSOR", CodeBadUserInput,
		"This cursor does not belong to this list with this sorting and filter.",
		"该游标不属于当前列表、排序和筛选条件。")
	ReasonBadPage = NewReason("BAD_PAGE", CodeBadUserInput,
		"%s must be from 0 to %d; got %d.",
		"%s 必须在 0 至 %d 之间，收到的是 %d。")
	ReasonFirstAndLast = NewReason("FIRST_AND_LAST", CodeBadUserInput,
		"Give first or last, not both.",
		"请只用 first 或 last 之一。")
	ReasonHoldEnded = NewReason("HOLD_ENDED", CodeConflict,
		"This hold has already ended.",
		"该暂停已经结束。")
	ReasonTaken = NewReason("TAKEN", CodeConflict,
		"%s is already taken.",
		"“%s”已被使用。")
	ReasonArchived = NewReason("ARCHIVED", CodeConflict,
		"This is archived and cannot be used any more.",
		"该对象已归档，不能再使用。")
	ReasonInUse = NewReason("IN_USE", CodeConflict,
		"This still has open orders and cannot be archived.",
		"仍有未完成的订单，不能归档。")
	ReasonOtherInput = NewReason("OTHER_INPUT", CodeBadUserInput,
		"This clientMutationId was used before with another input.",
		"该 clientMutationId 已用于其他内容。")
	ReasonAtomic = NewReason("ATOMIC", CodeConflict,
		"Nothing was done because another item of the same call was refused.",
		"同一次操作中有其他项被拒绝，因此全部未执行。")
	ReasonNoSupplier = NewReason("NO_SUPPLIER", CodeBadUserInput,
		"Name the supplier that provides these goods.",
		"请指明供货商。")
	ReasonNoTaker = NewReason("NO_TAKER", CodeBadUserInput,
		"An order of this kind needs a volunteer who takes it.",
		"此类订单需要一名负责的队员。")
	ReasonNoTakerHere = NewReason("NO_TAKER_HERE", CodeBadUserInput,
		"Only BUY_FOR and ERRAND orders are taken by a volunteer.",
		"只有代购和代办订单才由队员承接。")
	ReasonBlindTaker = NewReason("BLIND_TAKER", CodeBadUserInput,
		"This volunteer does not serve the household's building and could not see the order.",
		"该队员不负责该住户所在楼栋，看不到这个订单。")
	ReasonManyHolds = NewReason("MANY_HOLDS", CodeConflict,
		"An order or building can have at most %d holds at once.",
		"同一订单或楼栋最多同时有 %d 个暂停。")
	ReasonQuota = NewWordedReason("QUOTA", CodeRateLimited,
		"This account has used up its quota for today: %d %s. It may continue when the next day begins.",
		"该账号今天的额度（%d %s）已用完，次日即可继续。")
	ReasonManyLinks = NewReason("MANY_LINKS", CodeConflict,
		"An order can have at most %d links at once; pass on an existing one.",
		"同一订单最多同时有 %d 个跟踪链接，请转发已有的链接。")
	ReasonRevealsSpent = NewReason("REVEALS_SPENT", CodeRateLimited,
		"For orders that you or a colleague placed, and without an order, you can see the contacts of at most %d households a day; the commander can raise that.",
		"为自己或同事代下的订单（或没有订单时）每天最多查看 %d 户的联系方式，指挥可以提高上限。")
	ReasonLastCommander = NewReason("LAST_COMMANDER", CodeConflict,
		"This is the community's last commander; make another first, or ask an administrator.",
		"这是小区唯一的指挥，请先任命另一名指挥，或联系管理员。")
	ReasonNeedsNotYours = NewReason("NEEDS_NOT_YOURS", CodeForbidden,
		"Only the phone desk and the command centre may filter households by needs.",
		"只有话务和指挥可以按住户需求筛选。")
	ReasonPurged = NewReason("PURGED", CodeConflict,
		"The closure of this community has ended and its personal data has been removed; reopen the closure to store such data again.",
		"该小区封闭已结束，个人信息已清除；重新封闭后才能再登记。")
	ReasonEndedAndReopened = NewReason("ENDED_AND_REOPENED", CodeBadUserInput,
		"A closure cannot be both ended and reopened.",
		"封闭不能既已结束又重新开始。")
	ReasonTooManyBytes = NewReason("TOO_MANY_BYTES", CodeBadUserInput,
		"At most %d bytes are allowed here; this has %d.",
		"最多 %d 字节，现有 %d 字节。")
)
