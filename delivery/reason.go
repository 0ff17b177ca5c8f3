package delivery

import "strings"

// Locale is the language of a caller.
type Locale string

// The languages of messages.
const (
	English Locale = "en"
	Chinese Locale = "zh-CN"
)

// ParseLocale parses an Accept-Language header or a locale name. It returns the language with the highest weight; on a tie the
// first; a language that is not named rather than one with weight 0; else English.
func ParseLocale(s string) Locale {
	const unnamed, refused = 0, -1
	weights, rest, first := map[Locale]int{}, unnamed, English
	for p := range Preferences(s) {
		weight := p.Weight
		if weight == 0 {
			weight = refused
		}
		var l Locale
		switch language, _, _ := strings.Cut(strings.ReplaceAll(p.Value, "_", "-"), "-"); language {
		case "zh":
			l = Chinese
		case "en":
			l = English
		case "*":
			rest = weight
			continue
		default:
			continue
		}
		if len(weights) == 0 {
			first = l
		}
		if known, ok := weights[l]; !ok || weight > known { // of several regions the one with the highest weight
			weights[l] = weight
		}
	}
	of := func(l Locale) int {
		if weight, ok := weights[l]; ok {
			return weight
		}
		return rest
	}
	switch english, chinese := of(English), of(Chinese); {
	case chinese > english, chinese == english && chinese > unnamed && first == Chinese:
		return Chinese
	}
	return English
}

// Reason is the stable name of one refusal, finer than its Code. New reasons may be added.
type Reason string

// The reasons.
const (
	ReasonInternal         Reason = "INTERNAL"
	ReasonUnavailable      Reason = "UNAVAILABLE"
	ReasonSignIn           Reason = "SIGN_IN"
	ReasonTwoCredentials   Reason = "TWO_CREDENTIALS"
	ReasonBadToken         Reason = "BAD_TOKEN"
	ReasonCredentialForm   Reason = "CREDENTIAL_FORM"
	ReasonActorForm        Reason = "ACTOR_FORM"
	ReasonTokenExpired     Reason = "TOKEN_EXPIRED"
	ReasonUnknownActor     Reason = "UNKNOWN_ACTOR"
	ReasonNoSuchCommunity  Reason = "UNKNOWN_COMMUNITY"
	ReasonTokenReused      Reason = "TOKEN_REUSED"
	ReasonNoAccount        Reason = "NO_ACCOUNT"
	ReasonNotOurSignIn     Reason = "NOT_OUR_SIGN_IN"
	ReasonHasAccount       Reason = "HAS_ACCOUNT"
	ReasonOneOf            Reason = "ONE_OF"
	ReasonBadCode          Reason = "BAD_CODE"
	ReasonCodeForm         Reason = "CODE_FORM"
	ReasonHalfCharacter    Reason = "HALF_CHARACTER"
	ReasonNoOperation      Reason = "NO_OPERATION"
	ReasonWhichOperation   Reason = "WHICH_OPERATION"
	ReasonNoSuchOperation  Reason = "NO_SUCH_OPERATION"
	ReasonCodeUsed         Reason = "CODE_USED"
	ReasonCodeEnded        Reason = "CODE_ENDED"
	ReasonCodeExpired      Reason = "CODE_EXPIRED"
	ReasonTooManyGuesses   Reason = "TOO_MANY_GUESSES"
	ReasonNotYours         Reason = "NOT_YOURS"
	ReasonNotYourMove      Reason = "NOT_YOUR_MOVE"
	ReasonNoSuch           Reason = "NO_SUCH"
	ReasonMalformedID      Reason = "MALFORMED_ID"
	ReasonWrongKind        Reason = "WRONG_KIND"
	ReasonTwoCommunities   Reason = "TWO_COMMUNITIES"
	ReasonRepeated         Reason = "REPEATED"
	ReasonEmptyList        Reason = "EMPTY_LIST"
	ReasonTooMany          Reason = "TOO_MANY"
	ReasonTooLong          Reason = "TOO_LONG"
	ReasonBadText          Reason = "BAD_TEXT"
	ReasonBadValue         Reason = "BAD_VALUE"
	ReasonMissing          Reason = "MISSING"
	ReasonOutOfRange       Reason = "OUT_OF_RANGE"
	ReasonBadTime          Reason = "BAD_TIME"
	ReasonNotFuture        Reason = "NOT_FUTURE"
	ReasonTimeForm         Reason = "TIME_FORM"
	ReasonBadTimeZone      Reason = "BAD_TIME_ZONE"
	ReasonBadQuantity      Reason = "BAD_QUANTITY"
	ReasonBadPhone         Reason = "BAD_PHONE"
	ReasonBadCursor        Reason = "BAD_CURSOR"
	ReasonBadPage          Reason = "BAD_PAGE"
	ReasonFirstAndLast     Reason = "FIRST_AND_LAST"
	ReasonResync           Reason = "RESYNC"
	ReasonIllegalMove      Reason = "ILLEGAL_MOVE"
	ReasonFinalStage       Reason = "FINAL_STAGE"
	ReasonNeedsReason      Reason = "NEEDS_REASON"
	ReasonWrongReason      Reason = "WRONG_REASON"
	ReasonStageChanged     Reason = "STAGE_CHANGED"
	ReasonVersionChanged   Reason = "VERSION_CHANGED"
	ReasonHeld             Reason = "HELD"
	ReasonNothingToUndo    Reason = "NOTHING_TO_UNDO"
	ReasonUndoTooLate      Reason = "UNDO_TOO_LATE"
	ReasonUndoNotAuthor    Reason = "UNDO_NOT_AUTHOR"
	ReasonHoldEnded        Reason = "HOLD_ENDED"
	ReasonTaken            Reason = "TAKEN"
	ReasonArchived         Reason = "ARCHIVED"
	ReasonInUse            Reason = "IN_USE"
	ReasonOtherInput       Reason = "OTHER_INPUT"
	ReasonAtomic           Reason = "ATOMIC"
	ReasonNoSupplier       Reason = "NO_SUPPLIER"
	ReasonNoTaker          Reason = "NO_TAKER"
	ReasonNoTakerHere      Reason = "NO_TAKER_HERE"
	ReasonBlindTaker       Reason = "BLIND_TAKER"
	ReasonHeldOpen         Reason = "HELD_OPEN"
	ReasonManyHolds        Reason = "MANY_HOLDS"
	ReasonManyLinks        Reason = "MANY_LINKS"
	ReasonRevealsSpent     Reason = "REVEALS_SPENT"
	ReasonLastCommander    Reason = "LAST_COMMANDER"
	ReasonChannelNotYours  Reason = "CHANNEL_NOT_YOURS"
	ReasonSubscribeByPost  Reason = "SUBSCRIBE_BY_POST"
	ReasonBadBody          Reason = "BAD_BODY"
	ReasonTooLarge         Reason = "TOO_LARGE"
	ReasonTooManyStreams   Reason = "TOO_MANY_STREAMS"
	ReasonTooManyWatches   Reason = "TOO_MANY_SUBSCRIPTIONS"
	ReasonManyResumes      Reason = "MANY_RESUMES"
	ReasonTooMuchWatched   Reason = "TOO_MUCH_WATCHED"
	ReasonTooManyHere      Reason = "TOO_MANY_HERE"
	ReasonTooMuchAtOnce    Reason = "TOO_MUCH_AT_ONCE"
	ReasonContentEncoding  Reason = "CONTENT_ENCODING"
	ReasonTooManyYours     Reason = "TOO_MANY_YOURS"
	ReasonNotListed        Reason = "NOT_LISTED"
	ReasonTooSlow          Reason = "TOO_SLOW"
	ReasonTooFast          Reason = "TOO_FAST"
	ReasonQuantityDecimals Reason = "QUANTITY_DECIMALS"
	ReasonTooManyBytes     Reason = "TOO_MANY_BYTES"
	ReasonBadFeedCursor    Reason = "BAD_FEED_CURSOR"
	ReasonBadMember        Reason = "BAD_MEMBER"
	ReasonBadURL           Reason = "BAD_URL"
	ReasonNoQuery          Reason = "NO_QUERY"
	ReasonMediaType        Reason = "MEDIA_TYPE"
	ReasonHTTPMethod       Reason = "HTTP_METHOD"
	ReasonMutationByGet    Reason = "MUTATION_BY_GET"
	ReasonNotAcceptable    Reason = "NOT_ACCEPTABLE"
	ReasonBadHandshake     Reason = "BAD_HANDSHAKE"
	ReasonForeignOrigin    Reason = "FOREIGN_ORIGIN"
	ReasonForeignHost      Reason = "FOREIGN_HOST"
	ReasonDefer            Reason = "DEFER"
	ReasonOneStream        Reason = "ONE_STREAM"
	ReasonNoIntrospection  Reason = "NO_INTROSPECTION"
	ReasonTooDeep          Reason = "TOO_DEEP"
	ReasonTooManyFields    Reason = "TOO_MANY_FIELDS"
	ReasonTooCostly        Reason = "TOO_COSTLY"
	ReasonNeedsNotYours    Reason = "NEEDS_NOT_YOURS"
	ReasonNotNeededNow     Reason = "NOT_NEEDED_NOW"
	ReasonNameOrder        Reason = "NAME_ORDER"
	ReasonPurged           Reason = "PURGED"
	ReasonQuota            Reason = "QUOTA"
	ReasonEndedAndReopened Reason = "ENDED_AND_REOPENED"
)

type sentence struct {
	code   Code
	en, zh string
}

// sentences holds one full sentence per reason and language. A test checks that none is missing.
var sentences = map[Reason]sentence{
	ReasonInternal:         {CodeInternal, "Something went wrong.", "系统出了点问题。"},
	ReasonUnavailable:      {CodeUnavailable, "This is not available right now; please try again shortly.", "暂时无法提供服务，请稍后再试。"},
	ReasonSignIn:           {CodeUnauthenticated, "Please sign in first.", "请先登录。"},
	ReasonTwoCredentials:   {CodeUnauthenticated, "Two different credentials were sent; send one Authorization.", "收到两个不同的登录凭证，请只发送一个。"},
	ReasonBadToken:         {CodeUnauthenticated, "This token is not known or no longer valid; sign in again.", "登录凭证无效或已失效，请重新登录。"},
	ReasonCredentialForm:   {CodeUnauthenticated, `Send the token as "Authorization: Bearer …": the word Bearer, a space and the token.`, "请按“Authorization: Bearer …”的格式发送登录凭证：先写 Bearer，空一格，再写凭证。"},
	ReasonActorForm:        {CodeUnauthenticated, `This is not a token. Name a development actor as "Bearer dev:NAME", such as "Bearer dev:C01".`, "这不是登录凭证。开发身份请写作“Bearer dev:NAME”，例如“Bearer dev:C01”。"},
	ReasonTokenExpired:     {CodeUnauthenticated, "This token has expired; sign in again.", "登录已过期，请重新登录。"},
	ReasonUnknownActor:     {CodeUnauthenticated, "No person is known by the name %q.", "没有名为“%s”的人员。"},
	ReasonNoSuchCommunity:  {CodeUnauthenticated, "No community is known by the code %q.", "没有代码为“%s”的小区。"},
	ReasonTokenReused:      {CodeUnauthenticated, "This token was replaced and then used again; sign in again.", "该凭证已被替换却再次使用，请重新登录。"},
	ReasonNoAccount:        {CodeUnauthenticated, "You are signed in but belong to no community yet; redeem the code of your invitation.", "您尚未加入任何小区，请先使用邀请码。"},
	ReasonNotOurSignIn:     {CodeConflict, "This sign-in is managed by your identity provider; sign out there.", "该登录由您的身份提供方管理，请在那里退出。"},
	ReasonHasAccount:       {CodeConflict, "Your sign-in already belongs to another account.", "您的登录身份已绑定到其他账户。"},
	ReasonOneOf:            {CodeBadUserInput, "Give either %s or %s, not both.", "%s 与 %s 只能填写一项。"},
	ReasonCodeUsed:         {CodeConflict, "This code was already used; ask for a new one.", "该码已被使用，请重新索取。"},
	ReasonCodeEnded:        {CodeConflict, "This code was withdrawn or replaced by a newer one; use that, or ask for a new one.", "该码已被撤销或被新码取代，请使用新码或重新索取。"},
	ReasonCodeExpired:      {CodeConflict, "This code has expired; ask for a new one.", "该码已过期，请重新索取。"},
	ReasonHalfCharacter:    {CodeBadUserInput, "A text contains an incomplete escape, such as \\uD83D without its other half.", "文本中含有不完整的转义字符，例如缺少另一半的 \\uD83D。"},
	ReasonNoOperation:      {CodeBadUserInput, "The document holds no operation.", "文档中没有任何操作。"},
	ReasonWhichOperation:   {CodeBadUserInput, "The document holds %d operations; name one in operationName.", "文档中有 %d 个操作，请用 operationName 指明其中一个。"},
	ReasonNoSuchOperation:  {CodeBadUserInput, "The document holds no operation named %s.", "文档中没有名为 %s 的操作。"},
	ReasonBadCode:          {CodeNotFound, "This code is not valid or no longer valid; ask for a new one.", "该码无效或已失效，请重新索取。"},
	ReasonCodeForm:         {CodeBadUserInput, "This is not a whole code: a code has 20 letters and digits, such as 7K2QM-0XH4D-R9TAE-5WBNC. Type all of them, or open the whole link.", "这不是完整的码：码由 20 个字母和数字组成，例如 7K2QM-0XH4D-R9TAE-5WBNC。请完整填写，或打开完整的链接。"},
	ReasonTooManyGuesses:   {CodeRateLimited, "Too many wrong codes; please try again in %d minutes.", "错误次数过多，请 %d 分钟后再试。"},
	ReasonNotYours:         {CodeForbidden, "You may not do this.", "您没有权限进行此操作。"},
	ReasonNotYourMove:      {CodeForbidden, "You may not move this order from %s to %s.", "您不能把这个订单从“%s”移到“%s”。"},
	ReasonNoSuch:           {CodeNotFound, "There is no such %s.", "找不到该%s。"},
	ReasonMalformedID:      {CodeBadUserInput, "%q is not an id.", "“%s”不是有效的编号。"},
	ReasonWrongKind:        {CodeBadUserInput, "This is the id of %s; %s's id is needed here.", "这是%s的编号，此处需要%s的编号。"},
	ReasonTwoCommunities:   {CodeBadUserInput, "A call can concern only one community; this id belongs to another.", "一次操作只能针对一个小区，该编号属于另一个小区。"},
	ReasonRepeated:         {CodeBadUserInput, "This item is already in the same call.", "同一次操作中已包含该项。"},
	ReasonEmptyList:        {CodeBadUserInput, "The list is empty; give at least one item.", "列表为空，请至少填写一项。"},
	ReasonTooMany:          {CodeBadUserInput, "At most %d are allowed in one call; this has %d.", "一次最多 %d 项，现有 %d 项。"},
	ReasonTooLong:          {CodeBadUserInput, "At most %d characters are allowed here; this has %d.", "最多 %d 个字，现有 %d 个字。"},
	ReasonBadText:          {CodeBadUserInput, "The text contains characters that cannot be stored.", "文字中含有无法保存的字符。"},
	ReasonBadValue:         {CodeBadUserInput, "This value does not have the required form.", "此处的值格式不正确。"},
	ReasonMissing:          {CodeBadUserInput, "This must not be empty.", "此处不能为空。"},
	ReasonOutOfRange:       {CodeBadUserInput, "This must be between %v and %v.", "此处必须在 %v 与 %v 之间。"},
	ReasonBadTime:          {CodeBadUserInput, "This time is out of range; it must be between the years 2000 and 2100.", "时间不合理，必须在 2000 年至 2100 年之间。"},
	ReasonNotFuture:        {CodeBadUserInput, "This time must be in the future.", "时间必须在将来。"},
	ReasonTimeForm:         {CodeBadUserInput, "%q is not a time in the form of RFC 3339, such as 2020-02-18T09:30:00+08:00.", "“%s”不是有效的时间，请按 RFC 3339 填写，例如 2020-02-18T09:30:00+08:00。"},
	ReasonBadTimeZone:      {CodeBadUserInput, "%q is not a time zone such as Asia/Shanghai.", "“%s”不是有效的时区（例如 Asia/Shanghai）。"},
	ReasonBadQuantity:      {CodeBadUserInput, "A quantity must be more than 0 and at most 9,999,999.", "数量必须大于 0 且不超过 9,999,999。"},
	ReasonQuantityDecimals: {CodeBadUserInput, "%q is not a quantity: write a decimal with at most three places, such as 1.5.", "“%s”不是有效的数量：请填写最多三位小数的数字，例如 1.5。"},
	ReasonBadPhone:         {CodeBadUserInput, "A phone number has 5 to 20 digits, and may have spaces, hyphens and a leading +.", "电话号码应为 5 至 20 位数字，可含空格、连字符和开头的 +。"},
	ReasonBadCursor:        {CodeBadUserInput, "This cursor does not belong to this list with this sorting and filter.", "该游标不属于当前列表、排序和筛选条件。"},
	ReasonBadPage:          {CodeBadUserInput, "%s must be from 0 to %d; got %d.", "%s 必须在 0 至 %d 之间，收到的是 %d。"},
	ReasonFirstAndLast:     {CodeBadUserInput, "Give first or last, not both.", "请只用 first 或 last 之一。"},
	ReasonResync:           {CodeResyncRequired, "The events after this cursor are no longer available; read the list again and subscribe after its feedCursor.", "无法从该游标继续，请重新读取列表，并从其 feedCursor 之后订阅。"},
	ReasonIllegalMove:      {CodeConflict, "This order is at %s and cannot go from there to %s.", "订单处于“%s”环节，不能移到“%s”。"},
	ReasonFinalStage:       {CodeConflict, "This order is at %s, which is final.", "订单已处于“%s”环节，流程已结束。"},
	ReasonNeedsReason:      {CodeBadUserInput, "This move needs a reason: %s.", "此操作必须填写原因：%s。"},
	ReasonWrongReason:      {CodeBadUserInput, "%s is not a reason for this move.", "“%s”不是此操作可用的原因。"},
	ReasonStageChanged:     {CodeConflict, "This order is at %s now.", "订单现处于“%s”环节。"},
	ReasonVersionChanged:   {CodeConflict, "This changed in the meantime; it is at version %d now.", "内容已被更新，当前版本为 %d。"},
	ReasonHeld:             {CodeHeld, "This order is held until %s and cannot move now.", "订单暂停至 %s，现在不能移动。"},
	ReasonNothingToUndo:    {CodeConflict, "The last event of this order is not a move that can be taken back.", "该订单最近的记录不是可以撤销的移动。"},
	ReasonUndoTooLate:      {CodeForbidden, "A move can be taken back by its author within 30 minutes; after that a lead or the commander can.", "移动者可在 30 分钟内撤销，之后只能由队长或指挥撤销。"},
	ReasonUndoNotAuthor:    {CodeForbidden, "A move can be taken back only by its author, a lead or the commander.", "只有移动者本人、队长或指挥可以撤销。"},
	ReasonHoldEnded:        {CodeConflict, "This hold has already ended.", "该暂停已经结束。"},
	ReasonTaken:            {CodeConflict, "%s is already taken.", "“%s”已被使用。"},
	ReasonArchived:         {CodeConflict, "This is archived and cannot be used any more.", "该对象已归档，不能再使用。"},
	ReasonInUse:            {CodeConflict, "This still has open orders and cannot be archived.", "仍有未完成的订单，不能归档。"},
	ReasonOtherInput:       {CodeBadUserInput, "This clientMutationId was used before with another input.", "该 clientMutationId 已用于其他内容。"},
	ReasonAtomic:           {CodeConflict, "Nothing was done because another item of the same call was refused.", "同一次操作中有其他项被拒绝，因此全部未执行。"},
	ReasonNoSupplier:       {CodeBadUserInput, "Name the supplier that provides these goods.", "请指明供货商。"},
	ReasonNoTaker:          {CodeBadUserInput, "An order of this kind needs a volunteer who takes it.", "此类订单需要一名负责的队员。"},
	ReasonNoTakerHere:      {CodeBadUserInput, "Only BUY_FOR and ERRAND orders are taken by a volunteer.", "只有代购和代办订单才由队员承接。"},
	ReasonBlindTaker:       {CodeBadUserInput, "This volunteer does not serve the household's building and could not see the order.", "该队员不负责该住户所在楼栋，看不到这个订单。"},
	ReasonHeldOpen:         {CodeHeld, "This order is held until it is released, and cannot move now.", "订单已暂停，解除后才能移动。"},
	ReasonManyHolds:        {CodeConflict, "An order or building can have at most %d holds at once.", "同一订单或楼栋最多同时有 %d 个暂停。"},
	ReasonQuota:            {CodeRateLimited, "This account has used up its quota for today: %d %s. It may continue when the next day begins.", "该账号今天的额度（%d %s）已用完，次日即可继续。"},
	ReasonManyLinks:        {CodeConflict, "An order can have at most %d links at once; pass on an existing one.", "同一订单最多同时有 %d 个跟踪链接，请转发已有的链接。"},
	ReasonRevealsSpent:     {CodeRateLimited, "For orders that you or a colleague placed, and without an order, you can see the contacts of at most %d households a day; the commander can raise that.", "为自己或同事代下的订单（或没有订单时）每天最多查看 %d 户的联系方式，指挥可以提高上限。"},
	ReasonLastCommander:    {CodeConflict, "This is the community's last commander; make another first, or ask an administrator.", "这是小区唯一的指挥，请先任命另一名指挥，或联系管理员。"},
	ReasonChannelNotYours:  {CodeForbidden, "You may not place orders through this channel.", "您不能使用该渠道下单。"},
	ReasonSubscribeByPost:  {CodeBadUserInput, "Subscriptions need a WebSocket (graphql-transport-ws) or a POST that accepts text/event-stream.", "订阅请使用 WebSocket（graphql-transport-ws）或接受 text/event-stream 的 POST。"},
	ReasonBadBody:          {CodeBadUserInput, "The request body could not be read: %s.", "无法读取请求内容：%s。"},
	ReasonTooLarge:         {CodeBadUserInput, "The request is larger than the limit of %d bytes.", "请求超过 %d 字节的上限。"},
	ReasonTooManyStreams:   {CodeRateLimited, "At most %d subscriptions are allowed on one connection.", "每个连接最多 %d 个订阅。"},
	ReasonTooFast:          {CodeRateLimited, "Too many or too costly requests; please try again in %d s.", "请求过于频繁，请在 %d 秒后再试。"},
	ReasonManyResumes:      {CodeUnavailable, "Too many of your streams are catching up at once; please try again shortly.", "您有过多的订阅正在补收动态，请稍后再试。"},
	ReasonTooManyWatches:   {CodeRateLimited, "You have %d subscriptions open, the most for one account; end some first.", "您已打开 %d 个订阅，达到上限，请先关闭一些。"},
	ReasonTooMuchWatched:   {CodeRateLimited, "The filters of your subscriptions are too long in total (the limit is %d bytes); watch whole buildings rather than lists, or end some subscriptions.", "您的订阅筛选条件总长超过上限（%d 字节），请按楼栋订阅，或先关闭一些订阅。"},
	ReasonTooManyHere:      {CodeRateLimited, "Too many connections are open from your network; please close one or try again later.", "您所在网络的连接过多，请关闭一些或稍后再试。"},
	ReasonTooMuchAtOnce:    {CodeRateLimited, "Too much data is being sent from your network; please try again shortly.", "您所在网络正在发送的数据过多，请稍后再试。"},
	ReasonContentEncoding:  {CodeBadUserInput, "Please send the body uncompressed; Content-Encoding may only be identity.", "请勿压缩请求内容；Content-Encoding 只能是 identity。"},
	ReasonTooManyYours:     {CodeRateLimited, "You have %d connections open, which is the most allowed; please close one first.", "您已打开 %d 个连接，达到上限，请先关闭一个。"},
	ReasonForeignOrigin:    {CodeForbidden, "Pages of other sites may not send requests here.", "不允许其他网站的页面访问。"},
	ReasonForeignHost:      {CodeForbidden, "Development actors are on, so only this machine is served: as localhost, and not through a proxy.", "此服务已启用开发身份，只接受本机以 localhost 直接访问，不接受代理转发。"},
	ReasonNotListed:        {CodeForbidden, "This operation is not in the list of allowed operations.", "此操作不在允许的操作列表中。"},
	ReasonNeedsNotYours:    {CodeForbidden, "Only the phone desk and the command centre may filter households by needs.", "只有话务和指挥可以按住户需求筛选。"},
	ReasonNotNeededNow:     {CodeForbidden, "A name and phone are shown only where they are needed now: for an open order at the building or on the stairs, to the building's volunteers; for an open errand, to the volunteer who runs it; and to the phone desk and the command centre.", "只有当前需要的人才能查看姓名和电话：订单已到楼栋或投递中时的本楼队员、正在办理的代购代办队员、话务和指挥。"},
	ReasonNameOrder:        {CodeBadUserInput, "Name the order that the contact is needed for.", "请指明因哪个订单需要联系。"},
	ReasonPurged:           {CodeConflict, "The closure of this community has ended and its personal data has been removed; reopen the closure to store such data again.", "该小区封闭已结束，个人信息已清除；重新封闭后才能再登记。"},
	ReasonEndedAndReopened: {CodeBadUserInput, "A closure cannot be both ended and reopened.", "封闭不能既已结束又重新开始。"},
	ReasonTooSlow:          {CodeUnavailable, "This took longer than the limit of %d seconds.", "处理超过 %d 秒上限。"},
	ReasonTooManyBytes:     {CodeBadUserInput, "At most %d bytes are allowed here; this has %d.", "最多 %d 字节，现有 %d 字节。"},
	ReasonBadFeedCursor:    {CodeBadUserInput, "This is not a cursor of this community's feed.", "这不是该小区动态的游标。"},
	ReasonBadMember:        {CodeBadUserInput, "%q in the request is of the wrong JSON type.", "请求中“%s”的 JSON 类型不正确。"},
	ReasonBadURL:           {CodeBadUserInput, "The URL is malformed: its parameters must be percent-encoded UTF-8, at most 50 of them.", "网址格式不正确：参数须为百分号编码的 UTF-8，最多 50 个。"},
	ReasonNoQuery:          {CodeBadUserInput, `Send an operation: by POST, as JSON with "query", or in the URL, as ?query=….`, "请发送操作：用 POST 发送含“query”的 JSON，或写在网址的 ?query=… 中。"},
	ReasonMediaType:        {CodeBadUserInput, "Send application/json in UTF-8.", "请发送 UTF-8 编码的 application/json。"},
	ReasonHTTPMethod:       {CodeBadUserInput, "Send operations by POST, or queries by GET.", "请用 POST 发送操作，或用 GET 发送查询。"},
	ReasonMutationByGet:    {CodeBadUserInput, "A mutation needs a POST.", "变更操作请使用 POST。"},
	ReasonNotAcceptable:    {CodeBadUserInput, "Accept application/graphql-response+json, application/json or text/event-stream.", "请接受 application/graphql-response+json、application/json 或 text/event-stream。"},
	ReasonBadHandshake:     {CodeBadUserInput, "The WebSocket handshake was refused because it is malformed.", "WebSocket 握手格式不正确，已被拒绝。"},
	ReasonOneStream:        {CodeInvalid, "A subscription must select exactly one field.", "一个订阅必须且只能选择一个字段。"},
	ReasonNoIntrospection:  {CodeForbidden, "Introspection is turned off here; ask for schema.graphql instead.", "此处已关闭内省，请索取接口说明文件。"},
	ReasonDefer:            {CodeInvalid, "@defer is not supported; leave it out.", "不支持 @defer，请去掉。"},
	ReasonTooDeep:          {CodeInvalid, "This operation is %d levels deep; at most %d are allowed.", "此操作嵌套 %d 层，最多允许 %d 层。"},
	ReasonTooManyFields:    {CodeInvalid, "This operation has more than %d root fields.", "此操作的根字段超过 %d 个。"},
	ReasonTooCostly:        {CodeTooCostly, "This operation costs at least %d; at most %d is allowed. Ask for smaller pages or fewer nested lists.", "此操作的开销至少为 %d，最多允许 %d；请减小每页数量或减少嵌套的列表。"},
}
