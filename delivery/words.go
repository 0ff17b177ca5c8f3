package delivery

import (
	"cmp"
	"fmt"
	"maps"
	"strings"
)

// words translates the nouns, enums and phrases in sentences into Chinese. Stored refusals are read back with plain strings,
// so the English texts are the keys.
var words = withKinds(map[string]string{
	"unknown": "未知类型",

	string(Placed): stageWords[Placed].Chinese, string(Dispatched): stageWords[Dispatched].Chinese, string(AtGate): stageWords[AtGate].Chinese, string(Sorted): stageWords[Sorted].Chinese,
	string(AtBuilding): stageWords[AtBuilding].Chinese, string(OutForDelivery): stageWords[OutForDelivery].Chinese, string(Delivered): stageWords[Delivered].Chinese, string(Cancelled): stageWords[Cancelled].Chinese,
	string(Returned): stageWords[Returned].Chinese,

	string(LevelVolunteer): levelWords[LevelVolunteer].Chinese, string(LevelLead): levelWords[LevelLead].Chinese, string(LevelCommand): levelWords[LevelCommand].Chinese,

	string(MoveAbsent): "家中无人", string(MoveNoAccess): "无法进入", string(MoveRefused): "住户拒收", string(MoveUnreachable): "联系不上", string(MoveNotReached): "没来得及",
	string(MoveHouseholdAsked): "住户要求", string(MoveOutOfStock): "缺货", string(MoveNoCapacity): "无力配送", string(MoveDuplicate): "重复下单",
	string(MoveUnpaid): "未付款", string(MoveDamaged): "货物损坏", string(MoveWrongGoods): "货物有误", string(MoveUnsafe): "存在安全隐患",

	string(HoldTesting): "核酸检测", string(HoldSealed): "封控", string(HoldDisinfection): "消杀", string(HoldInvestigate): "核查",
	string(HoldSettling): "静置", string(HoldOther): "其他原因",

	string(ArrivalAnnounced): "已预告", string(ArrivalArrived): "已到门口", string(ArrivalReceived): "已清点", string(StrayMatched): "已认领",

	string(WindowConfirmed): "已确认", string(WindowCalledOff): "未成团",

	string(TaskDone): "已办", string(TaskProblem): "有问题",

	string(ProofAttested): "队员确认", string(ProofPhoto): "门口照片", string(ProofCode): "四位口令", string(ProofUnitCount): "单元清点",
	string(ProofResident): "住户确认",

	string(MoneyIn): "收款", string(MoneyBack): "退还", string(MoneySpent): "支出", string(MoneyRefund): "商家退款", string(MoneyWaived): "减免",
	string(PartyHousehold): "住户", string(PartyFund): "队内资金", string(PartyShop): "商家",

	string(ChannelApp): "手机下单", string(ChannelPhone): "电话下单", string(ChannelBuyFor): "代购", string(ChannelErrand): "代办",
	string(ChannelGroupBuy): "团购", string(ChannelPackage): "大礼包",

	string(QuotaOrders): "个订单", string(QuotaLines): "行商品", string(QuotaText): "字节文字", string(QuotaEvents): "次操作", string(QuotaHolds): "次暂停",
	string(QuotaCodes): "个码", string(QuotaRows): "条资料", string(QuotaSignIns): "次登录", string(QuotaFiles): "张照片", string(QuotaEnquiries): "个来电",
})

// withKinds adds the nouns of ids to words.
func withKinds(words map[string]string) map[string]string {
	for _, noun := range kindWords {
		words[noun.English] = noun.Chinese
	}
	return words
}

// NewWord declares a noun or phrase for the sentences of NewWordedReason, and returns the English. Declare it as a package
// variable beside what says it. NewWord panics if the word is declared already.
func NewWord(english, chinese string) string {
	if _, taken := words[english]; taken || english == "" || chinese == "" {
		panic(fmt.Sprintf("delivery: the word %q is declared twice or lacks a language", english))
	}
	words[english] = chinese
	return english
}

// roleWords are the names of the roles.
var roleWords = map[Role]Bilingual{
	RoleAdmin: {"管理员", "Administrator"}, RoleCity: {"街道与市级", "Sub-district and city"}, RoleCommander: {"指挥", "Commander"},
	RoleLead: {"队长", "Squad lead"}, RoleVolunteer: {"队员", "Volunteer"}, RoleSupplier: {"商超/平台", "Supplier"},
	RoleResident: {"住户", "Resident"}, RoleLink: {"跟踪链接", "Tracking link"}, RoleSystem: {"系统", "The system"},
}

// stageWords are the names of the stages, as pages say them to residents.
var stageWords = map[Stage]Bilingual{
	Placed: {"已下单", "Placed"}, Dispatched: {"配送中", "On its way"}, AtGate: {"已到小区门口", "At the gate"}, Sorted: {"已分拣", "Sorted"},
	AtBuilding: {"已到楼栋", "At the building"}, OutForDelivery: {"投递中", "Coming up the stairs"}, Delivered: {"已入户", "Delivered"},
	Cancelled: {"已取消", "Cancelled"}, Returned: {"已退回", "Returned"},
}

// Bilingual is a text in both languages.
type Bilingual struct{ Chinese, English string }

// RoleWords returns the name of every role.
func RoleWords() map[Role]Bilingual { return maps.Clone(roleWords) }

// StageWords returns the name of every stage.
func StageWords() map[Stage]Bilingual { return maps.Clone(stageWords) }

// listed stands between several words of ours that fill in one place of a sentence.
const listed = ", "

// inEnglish is what fills in a reason's English sentence: nouns with their articles where the sentence needs them.
func inEnglish(reason Reason, args []any) []any {
	if reason != ReasonWrongKind {
		return args
	}
	out := make([]any, len(args))
	for i, arg := range args {
		noun := fmt.Sprint(arg)
		if out[i] = "a " + noun; noun != "" && strings.ContainsAny(noun[:1], "aeio") { // unit has none
			out[i] = "an " + noun
		}
	}
	return out
}

// inChinese returns the arguments of a reason's Chinese sentence.
func inChinese(reason Reason, args []any) []any {
	if !sentences[reason].worded {
		return args
	}
	out := make([]any, len(args))
	for i, arg := range args {
		out[i] = arg
		if word, ok := words[fmt.Sprint(arg)]; ok {
			out[i] = word
		} else if list := strings.Split(fmt.Sprint(arg), listed); len(list) > 1 {
			for j, word := range list {
				list[j] = cmp.Or(words[word], word)
			}
			out[i] = strings.Join(list, "、")
		}
	}
	return out
}
