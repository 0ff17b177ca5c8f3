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
	ReasonSignIn = NewReason("SIGN_IN", CodeUnauthenticated,
		"Please sign in first.",
		"请先登录。")
	ReasonTwoCredentials = NewReason("TWO_CREDENTIALS", CodeUnauthenticated,
		"Two different credentials were sent; send one Authorization.",
		"收到两个不同的登录凭证，请只发送一个。")
	ReasonCredentialForm = NewReason("CREDENTIAL_FORM", CodeUnauthenticated,
		`Send the token as "Authorization: Bearer …": the word Bearer, a space and the token.`,
		"请按“Authorization: Bearer …”的格式发送登录凭证：先写 Bearer，空一格，再写凭证。")
	ReasonActorForm = NewReason("ACTOR_FORM", CodeUnauthenticated,
		`This is not a token. Name a development actor as "Bearer dev:NAME", such as "Bearer dev:C01".`,
		"这不是登录凭证。开发身份请写作“Bearer dev:NAME”，例如“Bearer dev:C01”。")
	ReasonUnknownActor = NewReason("UNKNOWN_ACTOR", CodeUnauthenticated,
		"No person is known by the name %q.",
		"没有名为“%s”的人员。")
	ReasonNoSuchCommunity = NewReason("UNKNOWN_COMMUNITY", CodeUnauthenticated,
		"No community is known by the code %q.",
		"没有代码为“%s”的小区。")
	ReasonTokenReused = NewReason("TOKEN_REUSED", CodeUnauthenticated,
		"This token was replaced and then used again; sign in again.",
		"该凭证已被替换却再次使用，请重新登录。")
	ReasonNoAccount = NewReason("NO_ACCOUNT", CodeUnauthenticated,
		"You are signed in but belong to no community yet; redeem the code of your invitation.",
		"您尚未加入任何小区，请先使用邀请码。")
	ReasonNotOurSignIn = NewReason("NOT_OUR_SIGN_IN", CodeConflict,
		"This sign-in is managed by your identity provider; sign out there.",
		"该登录由您的身份提供方管理，请在那里退出。")
	ReasonHasAccount = NewReason("HAS_ACCOUNT", CodeConflict,
		"Your sign-in already belongs to another account.",
		"您的登录身份已绑定到其他账户。")
	ReasonOneOf = NewReason("ONE_OF", CodeBadUserInput,
		"Give either %s or %s, not both.",
		"%s 与 %s 只能填写一项。")
	ReasonHalfCharacter = NewReason("HALF_CHARACTER", CodeBadUserInput,
		"A text contains an incomplete escape, such as \\uD83D without its other half.",
		"文本中含有不完整的转义字符，例如缺少另一半的 \\uD83D。")
	ReasonNoOperation = NewReason("NO_OPERATION", CodeBadUserInput,
		"The document holds no operation.",
		"文档中没有任何操作。")
	ReasonWhichOperation = NewReason("WHICH_OPERATION", CodeBadUserInput,
		"The document holds %d operations; name one in operationName.",
		"文档中有 %d 个操作，请用 operationName 指明其中一个。")
	ReasonNoSuchOperation = NewReason("NO_SUCH_OPERATION", CodeBadUserInput,
		"The document holds no operation named %s.",
		"文档中没有名为 %s 的操作。")
	ReasonBadCode = NewReason("BAD_CODE", CodeNotFound,
		"This code is not valid or no longer valid; ask for a new one.",
		"该码无效或已失效，请重新索取。")
	ReasonCodeForm = NewReason("CODE_FORM", CodeBadUserInput,
		"This is not a whole code: a code has 20 letters and digits, such as 7K2QM-0XH4D-R9TAE-5WBNC. Type all of them, or open the whole link.",
		"这不是完整的码：码由 20 个字母和数字组成，例如 7K2QM-0XH4D-R9TAE-5WBNC。请完整填写，或打开完整的链接。")
	ReasonTooManyGuesses = NewReason("TOO_MANY_GUESSES", CodeRateLimited,
		"Too many wrong codes; please try again in %d minutes.",
		"错误次数过多，请 %d 分钟后再试。")
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
	ReasonResync = NewReason("RESYNC", CodeResyncRequired,
		"The events after this cursor are no longer available; read the list again and subscribe after its feedCursor.",
		"无法从该游标继续，请重新读取列表，并从其 feedCursor 之后订阅。")
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
	ReasonSubscribeByPost = NewReason("SUBSCRIBE_BY_POST", CodeBadUserInput,
		"Subscriptions need a WebSocket (graphql-transport-ws) or a POST that accepts text/event-stream.",
		"订阅请使用 WebSocket（graphql-transport-ws）或接受 text/event-stream 的 POST。")
	ReasonBadBody = NewWordedReason("BAD_BODY", CodeBadUserInput,
		"The request body could not be read: %s.",
		"无法读取请求内容：%s。")
	ReasonTooLarge = NewReason("TOO_LARGE", CodeBadUserInput,
		"The request is larger than the limit of %d bytes.",
		"请求超过 %d 字节的上限。")
	ReasonTooManyStreams = NewReason("TOO_MANY_STREAMS", CodeRateLimited,
		"At most %d subscriptions are allowed on one connection.",
		"每个连接最多 %d 个订阅。")
	ReasonManyResumes = NewReason("MANY_RESUMES", CodeUnavailable,
		"Too many of your streams are catching up at once; please try again shortly.",
		"您有过多的订阅正在补收动态，请稍后再试。")
	ReasonTooManyWatches = NewReason("TOO_MANY_SUBSCRIPTIONS", CodeRateLimited,
		"You have %d subscriptions open, the most for one account; end some first.",
		"您已打开 %d 个订阅，达到上限，请先关闭一些。")
	ReasonTooMuchWatched = NewReason("TOO_MUCH_WATCHED", CodeRateLimited,
		"The filters of your subscriptions are too long in total (the limit is %d bytes); watch whole buildings rather than lists, or end some subscriptions.",
		"您的订阅筛选条件总长超过上限（%d 字节），请按楼栋订阅，或先关闭一些订阅。")
	ReasonTooManyHere = NewReason("TOO_MANY_HERE", CodeRateLimited,
		"Too many connections are open from your network; please close one or try again later.",
		"您所在网络的连接过多，请关闭一些或稍后再试。")
	ReasonTooMuchAtOnce = NewReason("TOO_MUCH_AT_ONCE", CodeRateLimited,
		"Too much data is being sent from your network; please try again shortly.",
		"您所在网络正在发送的数据过多，请稍后再试。")
	ReasonContentEncoding = NewReason("CONTENT_ENCODING", CodeBadUserInput,
		"Please send the body uncompressed; Content-Encoding may only be identity.",
		"请勿压缩请求内容；Content-Encoding 只能是 identity。")
	ReasonTooManyYours = NewReason("TOO_MANY_YOURS", CodeRateLimited,
		"You have %d connections open, which is the most allowed; please close one first.",
		"您已打开 %d 个连接，达到上限，请先关闭一个。")
	ReasonForeignOrigin = NewReason("FOREIGN_ORIGIN", CodeForbidden,
		"Pages of other sites may not send requests here.",
		"不允许其他网站的页面访问。")
	ReasonForeignHost = NewReason("FOREIGN_HOST", CodeForbidden,
		"Development actors are on, so only this machine is served: as localhost, and not through a proxy.",
		"此服务已启用开发身份，只接受本机以 localhost 直接访问，不接受代理转发。")
	ReasonNotListed = NewReason("NOT_LISTED", CodeForbidden,
		"This operation is not in the list of allowed operations.",
		"此操作不在允许的操作列表中。")
	ReasonNeedsNotYours = NewReason("NEEDS_NOT_YOURS", CodeForbidden,
		"Only the phone desk and the command centre may filter households by needs.",
		"只有话务和指挥可以按住户需求筛选。")
	ReasonPurged = NewReason("PURGED", CodeConflict,
		"The closure of this community has ended and its personal data has been removed; reopen the closure to store such data again.",
		"该小区封闭已结束，个人信息已清除；重新封闭后才能再登记。")
	ReasonEndedAndReopened = NewReason("ENDED_AND_REOPENED", CodeBadUserInput,
		"A closure cannot be both ended and reopened.",
		"封闭不能既已结束又重新开始。")
	ReasonTooSlow = NewReason("TOO_SLOW", CodeUnavailable,
		"This took longer than the limit of %d seconds.",
		"处理超过 %d 秒上限。")
	ReasonTooManyBytes = NewReason("TOO_MANY_BYTES", CodeBadUserInput,
		"At most %d bytes are allowed here; this has %d.",
		"最多 %d 字节，现有 %d 字节。")
	ReasonBadMember = NewReason("BAD_MEMBER", CodeBadUserInput,
		"%q in the request is of the wrong JSON type.",
		"请求中“%s”的 JSON 类型不正确。")
	ReasonBadURL = NewReason("BAD_URL", CodeBadUserInput,
		"The URL is malformed: its parameters must be percent-encoded UTF-8, at most 50 of them.",
		"网址格式不正确：参数须为百分号编码的 UTF-8，最多 50 个。")
	ReasonNoQuery = NewReason("NO_QUERY", CodeBadUserInput,
		`Send an operation: by POST, as JSON with "query", or in the URL, as ?query=….`,
		"请发送操作：用 POST 发送含“query”的 JSON，或写在网址的 ?query=… 中。")
	ReasonMediaType = NewReason("MEDIA_TYPE", CodeBadUserInput,
		"Send application/json in UTF-8.",
		"请发送 UTF-8 编码的 application/json。")
	ReasonHTTPMethod = NewReason("HTTP_METHOD", CodeBadUserInput,
		"Send operations by POST, or queries by GET.",
		"请用 POST 发送操作，或用 GET 发送查询。")
	ReasonMutationByGet = NewReason("MUTATION_BY_GET", CodeBadUserInput,
		"A mutation needs a POST.",
		"变更操作请使用 POST。")
	ReasonNotAcceptable = NewReason("NOT_ACCEPTABLE", CodeBadUserInput,
		"Accept application/graphql-response+json, application/json or text/event-stream.",
		"请接受 application/graphql-response+json、application/json 或 text/event-stream。")
	ReasonBadHandshake = NewReason("BAD_HANDSHAKE", CodeBadUserInput,
		"The WebSocket handshake was refused because it is malformed.",
		"WebSocket 握手格式不正确，已被拒绝。")
	ReasonOneStream = NewReason("ONE_STREAM", CodeInvalid,
		"A subscription must select exactly one field.",
		"一个订阅必须且只能选择一个字段。")
	ReasonNoIntrospection = NewReason("NO_INTROSPECTION", CodeForbidden,
		"Introspection is turned off here; ask for schema.graphql instead.",
		"此处已关闭内省，请索取接口说明文件。")
	ReasonDefer = NewReason("DEFER", CodeInvalid,
		"@defer is not supported; leave it out.",
		"不支持 @defer，请去掉。")
	ReasonTooDeep = NewReason("TOO_DEEP", CodeInvalid,
		"This operation is %d levels deep; at most %d are allowed.",
		"此操作嵌套 %d 层，最多允许 %d 层。")
	ReasonTooManyFields = NewReason("TOO_MANY_FIELDS", CodeInvalid,
		"This operation has more than %d root fields.",
		"此操作的根字段超过 %d 个。")
	ReasonTooCostly = NewReason("TOO_COSTLY", CodeTooCostly,
		"This operation costs at least %d; at most %d is allowed. Ask for smaller pages or fewer nested lists.",
		"此操作的开销至少为 %d，最多允许 %d；请减小每页数量或减少嵌套的列表。")
)
