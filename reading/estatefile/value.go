package estatefile

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"baogong/delivery"
	"baogong/reading/amount"
)

// The refusals of cells. Those of texts, codes and phones are the same as elsewhere.
var (
	reasonBadNumber = delivery.NewReason("BAD_NUMBER", delivery.CodeBadUserInput,
		"This must be a whole number from %d to %d.",
		"此处应为 %d 至 %d 的整数。")
	reasonYesOrNo = delivery.NewReason("YES_OR_NO", delivery.CodeBadUserInput,
		"Write yes or no here.",
		"此处请填“是”或“否”、“有”或“无”。")
	reasonUnknownNeed = delivery.NewReason("UNKNOWN_NEED", delivery.CodeBadUserInput,
		"This need is not known. Use: elderly alone, disabled, chronic medicine, infant, pregnant, dialysis, quarantined, no smartphone, pet.",
		"无法识别此处的需求。可用：独居老人、残疾、慢性病用药、婴幼儿、孕妇、透析、居家隔离、无智能手机、宠物。")
	reasonUnknownSquad = delivery.NewReason("UNKNOWN_SQUAD", delivery.CodeBadUserInput,
		"This squad is not known. Use: persuasion, supply, transport, duty, patrol.",
		"无法识别此处的小分队。可用：劝导、保供、运输、值守、巡查。")
	reasonUnknownRank = delivery.NewReason("UNKNOWN_RANK", delivery.CodeBadUserInput,
		"This role is not known. Use: member, lead, commander.",
		"无法识别此处的职务。可用：队员、队长、指挥。")
	reasonUnknownSupplierKind = delivery.NewReason("UNKNOWN_SUPPLIER_KIND", delivery.CodeBadUserInput,
		"This kind of supplier is not known. Use: shop, platform, pharmacy, package.",
		"无法识别此处的类型。可用：商超、平台、药房、大礼包。")
	reasonUnknownItem = delivery.NewReason("UNKNOWN_ITEM", delivery.CodeBadUserInput,
		"This item is not known. Use: lane, other name, place, landmark, building name.",
		"无法识别此处的项目。可用：弄号、别名、地名、地标、楼栋别名。")
	reasonLane = delivery.NewReason("LANE", delivery.CodeBadUserInput,
		"A lane is a number of at most 5 digits, such as 88.",
		"弄号应为最多 5 位的数字，例如 88。")
	reasonPhoneShortened = delivery.NewReason("PHONE_SHORTENED", delivery.CodeBadUserInput,
		"The spreadsheet has shortened this number. Format the column as text and write the number again.",
		"表格软件改写了这个号码，请把该列设为文本格式后重新填写。")
	reasonBadAddress = delivery.NewReason("BAD_ADDRESS", delivery.CodeBadUserInput,
		"Write the address as building, unit and room, such as E6-1-1203.",
		"请按“楼栋-单元-房号”填写地址，例如 E6-1-1203。")
)

// nothing are the words with which people say that there is nothing.
var nothing = []string{"无", "没有", "暂无", "-", "--", "/", "none", "n/a", "na", "nil"}

// isNothing reports whether a cell says that there is nothing.
func isNothing(text string) bool { return slices.Contains(nothing, delivery.Key(text)) }

// number reads a whole number with an optional word behind it, such as 12层.
func number(text string, low, high int, words ...string) (int, *delivery.Error) {
	key := strings.TrimSuffix(delivery.Key(text), ".0")
	for _, w := range words {
		key = strings.TrimSpace(strings.TrimSuffix(key, w))
	}
	n, err := strconv.Atoi(key)
	if spoken, is := amount.Numeral(key); is && spoken <= int64(high) {
		n, err = int(spoken), nil
	}
	if err != nil || n < low || n > high {
		return 0, delivery.Refuse(reasonBadNumber, low, high)
	}
	return n, nil
}

// yesOrNo reads a yes or a no.
func yesOrNo(text string) (bool, *delivery.Error) {
	switch delivery.Key(text) {
	case "有", "是", "yes", "y", "true", "1", "√", "✓", "✔", "在", "在岗", "对":
		return true, nil
	case "无", "否", "没有", "不", "no", "n", "false", "0", "×", "x", "✗", "不在", "不在岗", "离岗":
		return false, nil
	}
	return false, delivery.Refuse(reasonYesOrNo)
}

// placeWords end the names of buildings.
var placeWords = regexp.MustCompile(`(?i)^(.*?[0-9a-z一二三四五六七八九十])\s*(?:号楼|号栋|号|栋|幢|座|楼)$`)

// placeName reads a building.
func placeName(text string) PlaceName {
	written := delivery.NormalCode(delivery.Trimmed(text))
	if m := placeWords.FindStringSubmatch(written); m != nil {
		return PlaceName{written, m[1]}
	}
	return PlaceName{written, written}
}

// roomWords end the names of rooms.
var roomWords = regexp.MustCompile(`^(.*?[0-9A-Za-z])\s*(?:号房|房间|房|室|号|户)$`)

// roomName reads a room.
func roomName(text string) string {
	written := delivery.NormalCode(delivery.Trimmed(text))
	if m := roomWords.FindStringSubmatch(written); m != nil {
		written = m[1]
	}
	return strings.TrimSuffix(written, ".0")
}

// unitNumber reads a unit: 1, 1单元, 一单元.
func unitNumber(text string) (int, *delivery.Error) {
	return number(text, 1, delivery.MaxUnitNumber, "单元", "门洞", "门")
}

// roomDigits are rooms that say their floor: 302, 1203, 1203A.
var roomDigits = regexp.MustCompile(`^([0-9]{1,3})[0-9]{2}[A-Za-z]?$`)

// floorOf returns the floor that a room says, 0 if it says none.
func floorOf(room string) int {
	m := roomDigits.FindStringSubmatch(room)
	if m == nil {
		return 0
	}
	floor, err := strconv.Atoi(m[1])
	if err != nil || floor > delivery.MaxFloors {
		return 0
	}
	return floor
}

// addressForm is an address of a building, a unit and a room.
var addressForm = regexp.MustCompile(`^(.+?)\s*(?:号楼|栋|幢|座|-)\s*([0-9]{1,2}|[一二三四五六七八九十])\s*(?:单元|-)\s*([0-9A-Za-z]+)\s*(?:室|号|房)?$`)

// splitAddress reads an address such as E6-1-1203 or 6栋1单元1203室.
func splitAddress(text string) (building PlaceName, unit int, room string, refusal *delivery.Error) {
	written := strings.Map(func(r rune) rune {
		if r != '-' && delivery.Key(string(r)) == "-" {
			return '-'
		}
		return r
	}, delivery.NormalCode(delivery.Trimmed(text)))
	m := addressForm.FindStringSubmatch(written)
	if m == nil {
		return PlaceName{}, 0, "", delivery.Refuse(reasonBadAddress)
	}
	if unit, refusal = unitNumber(m[2]); refusal != nil {
		return PlaceName{}, 0, "", delivery.Refuse(reasonBadAddress)
	}
	return placeName(m[1]), unit, m[3], nil
}

// scientific is a number as spreadsheets shorten it: 1.38E+10.
var scientific = regexp.MustCompile(`(?i)^[0-9](?:\.[0-9]*)?e\+?[0-9]{1,2}$`)

// phoneNumber reads the one phone of a cell. It takes a shortened number only if no digit is lost.
func phoneNumber(text string) (delivery.Phone, *delivery.Error) {
	if isNothing(text) {
		return "", nil
	}
	digits := amount.Phone(text)
	if scientific.MatchString(delivery.Key(text)) {
		if digits == "" {
			return "", delivery.Refuse(reasonPhoneShortened)
		}
		return delivery.Phone(digits), nil
	}
	phone := delivery.Phone(delivery.Trimmed(text)).Normal()
	if refusal := phone.Check(); refusal != nil {
		return "", refusal
	}
	if digits != "" && !strings.HasPrefix(digits, "*") {
		phone = delivery.Phone(digits)
	}
	return phone, nil
}

// term is a value of ours, with its name and other words that people write for it.
type term[T ~string] struct {
	value T
	name  delivery.Bilingual
	other []string
}

// vocabulary is what people write for values of ours.
type vocabulary[T ~string] struct {
	byKey   map[string]T
	unknown delivery.Reason // refuses other words
}

func newVocabulary[T ~string](unknown delivery.Reason, terms ...term[T]) vocabulary[T] {
	v := vocabulary[T]{map[string]T{}, unknown}
	for _, t := range terms {
		for _, name := range append([]string{string(t.value), t.name.Chinese, t.name.English}, t.other...) {
			v.byKey[headingKey(name)] = t.value
		}
	}
	return v
}

// find returns the value of a word, also of one with some of the endings.
func (v vocabulary[T]) find(text string, endings ...string) (T, *delivery.Error) {
	for key := headingKey(text); ; {
		if value, known := v.byKey[key]; known {
			return value, nil
		}
		i := slices.IndexFunc(endings, func(e string) bool { return strings.HasSuffix(key, e) && key != e })
		if i < 0 {
			var none T
			return none, delivery.Refuse(v.unknown)
		}
		key = strings.TrimSuffix(key, endings[i])
	}
}

var needWords = newVocabulary(reasonUnknownNeed,
	term[delivery.Need]{delivery.NeedElderlyAlone, delivery.Bilingual{Chinese: "独居老人", English: "elderly alone"}, []string{"独居", "孤寡老人", "空巢老人", "老人独居", "lives alone"}},
	term[delivery.Need]{delivery.NeedDisabled, delivery.Bilingual{Chinese: "残疾", English: "disabled"}, []string{"残疾人", "残障", "行动不便", "disability"}},
	term[delivery.Need]{delivery.NeedChronicMedicine, delivery.Bilingual{Chinese: "慢性病用药", English: "chronic medicine"}, []string{"慢性病", "慢病", "长期用药", "长期服药", "medicine"}},
	term[delivery.Need]{delivery.NeedInfant, delivery.Bilingual{Chinese: "婴幼儿", English: "infant"}, []string{"婴儿", "幼儿", "有婴儿", "有婴幼儿", "baby", "small child"}},
	term[delivery.Need]{delivery.NeedPregnant, delivery.Bilingual{Chinese: "孕妇", English: "pregnant"}, []string{"孕产妇", "怀孕", "有孕妇"}},
	term[delivery.Need]{delivery.NeedDialysis, delivery.Bilingual{Chinese: "透析", English: "dialysis"}, []string{"血透", "透析病人", "定期就诊", "透析或定期就诊"}},
	term[delivery.Need]{delivery.NeedQuarantined, delivery.Bilingual{Chinese: "居家隔离", English: "quarantined"}, []string{"隔离", "隔离户", "quarantine"}},
	term[delivery.Need]{delivery.NeedNoSmartphone, delivery.Bilingual{Chinese: "无智能手机", English: "no smartphone"}, []string{"没有智能手机", "不会用智能手机", "老年机", "不用智能手机"}},
	term[delivery.Need]{delivery.NeedPet, delivery.Bilingual{Chinese: "宠物", English: "pet"}, []string{"养宠物", "有宠物", "养狗", "有狗", "养猫", "有猫", "dog", "cat"}},
	term[delivery.Need]{delivery.NeedWelfareCall, delivery.Bilingual{Chinese: "关怀回访", English: "welfare call"}, []string{"回访", "定期问候", "需要回访"}},
)

var squadWords = newVocabulary(reasonUnknownSquad,
	term[delivery.Squad]{delivery.SquadPersuasion, delivery.Bilingual{Chinese: "劝导", English: "persuasion"}, nil},
	term[delivery.Squad]{delivery.SquadSupply, delivery.Bilingual{Chinese: "保供", English: "supply"}, []string{"供应", "物资保供"}},
	term[delivery.Squad]{delivery.SquadTransport, delivery.Bilingual{Chinese: "运输", English: "transport"}, []string{"转运"}},
	term[delivery.Squad]{delivery.SquadDuty, delivery.Bilingual{Chinese: "值守", English: "duty"}, []string{"门岗", "卡口", "值班", "gate"}},
	term[delivery.Squad]{delivery.SquadPatrol, delivery.Bilingual{Chinese: "巡查", English: "patrol"}, []string{"巡逻"}},
)

var rankWords = newVocabulary(reasonUnknownRank,
	term[delivery.Rank]{delivery.RankMember, delivery.Bilingual{Chinese: "队员", English: "member"}, []string{"成员", "组员", "志愿者", "volunteer"}},
	term[delivery.Rank]{delivery.RankLead, delivery.Bilingual{Chinese: "队长", English: "lead"}, []string{"组长", "分队长", "小分队长", "小队长", "负责人", "leader", "squad lead"}},
	term[delivery.Rank]{delivery.RankCommander, delivery.Bilingual{Chinese: "指挥", English: "commander"}, []string{"指挥长", "总指挥"}},
)

var supplierWords = newVocabulary(reasonUnknownSupplierKind,
	term[delivery.SupplierKind]{delivery.SupplierShop, delivery.Bilingual{Chinese: "商超", English: "shop"}, []string{"超市", "商店", "便利店", "菜店", "生鲜店", "supermarket", "store"}},
	term[delivery.SupplierKind]{delivery.SupplierPlatform, delivery.Bilingual{Chinese: "平台", English: "platform"}, []string{"电商", "电商平台"}},
	term[delivery.SupplierKind]{delivery.SupplierPharmacy, delivery.Bilingual{Chinese: "药房", English: "pharmacy"}, []string{"药店", "大药房"}},
	term[delivery.SupplierKind]{delivery.SupplierPackage, delivery.Bilingual{Chinese: "大礼包", English: "package"}, []string{"礼包", "政府礼包", "保供包"}},
)

var itemWords = newVocabulary(reasonUnknownItem,
	term[WordKind]{LaneWord, delivery.Bilingual{Chinese: "弄号", English: "lane"}, []string{"弄", "几弄"}},
	term[WordKind]{EstateWord, delivery.Bilingual{Chinese: "别名", English: "other name"}, []string{"小区别名", "其他名称", "又名", "俗称"}},
	term[WordKind]{NoiseWord, delivery.Bilingual{Chinese: "地名", English: "place"}, []string{"城市", "区", "街道", "道路", "路名", "无用词"}},
	term[WordKind]{LandmarkWord, delivery.Bilingual{Chinese: "地标", English: "landmark"}, []string{"公共地点", "非住户"}},
	term[WordKind]{BuildingWord, delivery.Bilingual{Chinese: "楼栋别名", English: "building name"}, []string{"楼名", "楼栋俗称"}},
)

// laneForm is a lane: 88, 88弄.
var laneForm = regexp.MustCompile(`^([0-9]{1,5})\s*弄?$`)

// laneNumber reads a lane.
func laneNumber(text string) (string, *delivery.Error) {
	m := laneForm.FindStringSubmatch(delivery.NormalCode(text))
	if m == nil {
		return "", delivery.Refuse(reasonLane)
	}
	return m[1], nil
}

// listed cuts a cell that lists several things.
func listed(text string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("、,，;；/|＋+\n", r) }) {
		if part = delivery.Trimmed(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// needs reads a list of needs.
func needs(text string) (delivery.Needs, *delivery.Error) {
	out := delivery.Needs{}
	if isNothing(text) {
		return out, nil
	}
	for _, word := range listed(text) {
		need, refusal := needWords.find(word)
		if refusal != nil {
			return nil, refusal
		}
		if !slices.Contains(out, need) {
			out = append(out, need)
		}
	}
	return out, nil
}

// backupMark is how a list of buildings says that the volunteer is the backup there.
var backupMark = regexp.MustCompile(`(?i)\s*[(（](?:后备|备|替补|backup)[)）]$`)

// served reads a list of buildings.
func served(text string, duty delivery.Duty) []ServedBuilding {
	var out []ServedBuilding
	if isNothing(text) {
		return out
	}
	for _, word := range listed(text) {
		for name := range strings.FieldsFuncSeq(word, unicode.IsSpace) {
			as := duty
			if backupMark.MatchString(name) {
				name, as = backupMark.ReplaceAllString(name, ""), delivery.DutyBackup
			}
			out = append(out, ServedBuilding{placeName(name), as})
		}
	}
	return out
}

// cellName is the name of a cell: C7 is the third of row 7.
func cellName(column, row int) string {
	letters := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		letters = string(rune('A'+(n-1)%26)) + letters
	}
	return letters + strconv.Itoa(row)
}
