package estatefile

import (
	"slices"
	"strings"
	"unicode"

	"baogong/delivery"
)

// heading is a column that a sheet may have: the field that it states, its name in both languages, and other names that people give it.
type heading struct {
	field  string
	name   delivery.Bilingual
	others []string
	note   delivery.Bilingual // for the template
}

// layout is the columns of one kind of sheet.
type layout struct {
	kind     SheetKind
	name     delivery.Bilingual
	others   []string
	headings []heading
	needed   [][]string // of each set one field at least must have a column
}

// The columns that several sheets have.
var (
	buildingNames = []string{"楼号", "楼栋号", "栋号", "幢号", "栋", "幢", "楼", "楼座", "座", "building code", "block"}
	phoneNames    = []string{"手机", "手机号", "手机号码", "电话号码", "联系电话", "联系方式", "mobile", "tel", "telephone", "phone number", "mobile phone"}
	floorsNote    = delivery.Bilingual{Chinese: "1 至 120", English: "1 to 120"}
	phoneNote     = delivery.Bilingual{Chinese: "先把这一列的格式设为文本", English: "format the column as text first"}
)

// layouts are the kinds of sheets in the order of the template.
var layouts = []*layout{
	{SheetBuildings, delivery.Bilingual{Chinese: "楼栋", English: "Buildings"}, []string{"楼", "楼宇", "楼号", "building", "楼栋单元"}, []heading{
		{"building", delivery.Bilingual{Chinese: "楼栋", English: "Building"}, append([]string{"编号", "code"}, buildingNames...),
			delivery.Bilingual{Chinese: "必填，不含“-”", English: "required, without -"}},
		{"name", delivery.Bilingual{Chinese: "名称", English: "Name"}, []string{"楼名", "楼栋名称", "楼栋名"}, delivery.Bilingual{Chinese: "可不填", English: "optional"}},
		{"units", delivery.Bilingual{Chinese: "单元数", English: "Units"}, []string{"单元数量", "number of units"},
			delivery.Bilingual{Chinese: "填 2 即有 1、2 单元", English: "2 makes the units 1 and 2"}},
		{"number", delivery.Bilingual{Chinese: "单元", English: "Unit"}, []string{"单元号"}, delivery.Bilingual{}},
		{"floors", delivery.Bilingual{Chinese: "层数", English: "Floors"}, []string{"楼层数", "总层数", "总楼层"}, floorsNote},
		{"hasLift", delivery.Bilingual{Chinese: "电梯", English: "Lift"}, []string{"有无电梯", "是否有电梯", "elevator"}, delivery.Bilingual{Chinese: "有或无", English: "yes or no"}},
		{"accessNote", delivery.Bilingual{Chinese: "进出说明", English: "Access note"}, []string{"通行说明", "路线", "进楼说明", "备注", "说明", "access", "note"},
			delivery.Bilingual{Chinese: "手推车怎么走", English: "how a cart gets there"}},
	}, [][]string{{"building"}}},
	{SheetUnits, delivery.Bilingual{Chinese: "单元", English: "Units"}, []string{"unit"}, []heading{
		{"building", delivery.Bilingual{Chinese: "楼栋", English: "Building"}, buildingNames, delivery.Bilingual{Chinese: "必填", English: "required"}},
		{"number", delivery.Bilingual{Chinese: "单元", English: "Unit"}, []string{"单元号", "门洞", "unit number", "number"}, delivery.Bilingual{Chinese: "必填，1 至 99", English: "required, 1 to 99"}},
		{"floors", delivery.Bilingual{Chinese: "层数", English: "Floors"}, []string{"楼层数", "总层数", "总楼层"}, floorsNote},
	}, [][]string{{"building"}, {"number"}}},
	{SheetHouseholds, delivery.Bilingual{Chinese: "住户", English: "Households"}, []string{"居民", "业主", "household", "residents"}, []heading{
		{"building", delivery.Bilingual{Chinese: "楼栋", English: "Building"}, buildingNames, delivery.Bilingual{Chinese: "必填", English: "required"}},
		{"unit", delivery.Bilingual{Chinese: "单元", English: "Unit"}, []string{"单元号", "门洞"}, delivery.Bilingual{Chinese: "只有一个单元可不填", English: "may be empty if there is only one"}},
		{"room", delivery.Bilingual{Chinese: "房号", English: "Room"}, []string{"室", "室号", "房间", "房间号", "门牌", "门牌号", "户号", "门号", "房屋"},
			delivery.Bilingual{Chinese: "必填", English: "required"}},
		{"address", delivery.Bilingual{Chinese: "地址", English: "Address"}, []string{"住址", "详细地址", "家庭住址", "门址"}, delivery.Bilingual{}},
		{"floor", delivery.Bilingual{Chinese: "楼层", English: "Floor"}, []string{"层", "所在楼层"},
			delivery.Bilingual{Chinese: "不填时取自房号：1203 在 12 层", English: "from the room if empty: 1203 is on floor 12"}},
		{"contactName", delivery.Bilingual{Chinese: "联系人", English: "Contact"}, []string{"姓名", "户主", "户主姓名", "业主", "业主姓名", "联系人姓名", "name", "contact name"},
			delivery.Bilingual{Chinese: "可不填", English: "optional"}},
		{"phone", delivery.Bilingual{Chinese: "电话", English: "Phone"}, phoneNames, phoneNote},
		{"people", delivery.Bilingual{Chinese: "人数", English: "People"}, []string{"人口", "人口数", "居住人数", "常住人数", "家庭人数", "number of people"},
			delivery.Bilingual{Chinese: "不填为 1", English: "1 if empty"}},
		{"needs", delivery.Bilingual{Chinese: "特殊需求", English: "Needs"}, []string{"需求", "特殊情况", "情况", "重点人群", "特殊人群", "need", "special needs"},
			delivery.Bilingual{Chinese: "几项用“、”隔开", English: "several separated by commas"}},
	}, [][]string{{"building", "address"}, {"room", "address"}}},
	{SheetVolunteers, delivery.Bilingual{Chinese: "队员", English: "Volunteers"}, []string{"志愿者", "队伍", "volunteer", "team"}, []heading{
		{"code", delivery.Bilingual{Chinese: "编号", English: "Code"}, []string{"工号", "队员编号", "志愿者编号"},
			delivery.Bilingual{Chinese: "不填时以电话识别", English: "if empty, the phone says who it is"}},
		{"name", delivery.Bilingual{Chinese: "姓名", English: "Name"}, []string{"队员", "队员姓名", "志愿者", "志愿者姓名"}, delivery.Bilingual{Chinese: "必填", English: "required"}},
		{"phone", delivery.Bilingual{Chinese: "电话", English: "Phone"}, phoneNames, phoneNote},
		{"homeOrganisation", delivery.Bilingual{Chinese: "单位", English: "Organisation"}, []string{"派出单位", "所属单位", "工作单位", "来源单位", "organization", "home organisation"},
			delivery.Bilingual{Chinese: "派出单位，可不填", English: "who seconded them; optional"}},
		{"squad", delivery.Bilingual{Chinese: "小分队", English: "Squad"}, []string{"分队", "队伍", "所属小分队", "所属队伍", "小队", "组别"},
			delivery.Bilingual{Chinese: "必填：劝导、保供、运输、值守、巡查", English: "required: persuasion, supply, transport, duty, patrol"}},
		{"rank", delivery.Bilingual{Chinese: "职务", English: "Role"}, []string{"角色", "身份", "rank", "position"},
			delivery.Bilingual{Chinese: "队员、队长或指挥，不填为队员", English: "member, lead or commander; member if empty"}},
		{"buildings", delivery.Bilingual{Chinese: "负责楼栋", English: "Buildings"}, []string{"楼栋", "责任楼栋", "负责楼", "包保楼栋", "building"},
			delivery.Bilingual{Chinese: "如 E6、E7", English: "such as E6, E7"}},
		{"backups", delivery.Bilingual{Chinese: "后备楼栋", English: "Backup for"}, []string{"备份楼栋", "替补楼栋", "后备", "backup buildings", "backup"},
			delivery.Bilingual{Chinese: "主责联系不上时接手", English: "takes over there"}},
		{"reachable", delivery.Bilingual{Chinese: "在岗", English: "Reachable"}, []string{"是否在岗", "可联系", "on duty"}, delivery.Bilingual{Chinese: "是或否，不填为是", English: "yes or no; yes if empty"}},
	}, [][]string{{"code", "phone"}}},
	{SheetSuppliers, delivery.Bilingual{Chinese: "商超", English: "Suppliers"}, []string{"供货商", "供应商", "商家", "平台", "supplier", "shops"}, []heading{
		{"code", delivery.Bilingual{Chinese: "编号", English: "Code"}, []string{"代码", "供货商编号", "商家编号"}, delivery.Bilingual{Chinese: "必填", English: "required"}},
		{"name", delivery.Bilingual{Chinese: "名称", English: "Name"}, []string{"商超", "商家", "店名", "平台", "供货商", "供应商", "商家名称"}, delivery.Bilingual{Chinese: "必填", English: "required"}},
		{"kind", delivery.Bilingual{Chinese: "类型", English: "Kind"}, []string{"类别", "种类", "type"},
			delivery.Bilingual{Chinese: "必填：商超、平台、药房、大礼包", English: "required: shop, platform, pharmacy, package"}},
		{"phone", delivery.Bilingual{Chinese: "电话", English: "Phone"}, phoneNames, phoneNote},
	}, [][]string{{"code"}}},
	{SheetEstate, delivery.Bilingual{Chinese: "小区", English: "Estate"}, []string{"小区资料", "小区信息", "地址用词", "community"}, []heading{
		{"kind", delivery.Bilingual{Chinese: "项目", English: "Item"}, []string{"类别", "类型", "kind"},
			delivery.Bilingual{Chinese: "必填：弄号、别名、地名、地标、楼栋别名", English: "required: lane, other name, place, landmark, building name"}},
		{"text", delivery.Bilingual{Chinese: "内容", English: "Text"}, []string{"文字", "名称", "值"},
			delivery.Bilingual{Chinese: "必填，几个用“、”隔开", English: "required; several separated by commas"}},
		{"building", delivery.Bilingual{Chinese: "楼栋", English: "Building"}, buildingNames, delivery.Bilingual{Chinese: "只用于楼栋别名", English: "of a building name only"}},
	}, [][]string{{"kind"}, {"text"}}},
}

// kindOf returns the layout that a sheet's name means, nil if it means none or several.
func kindOf(name string) *layout {
	key := headingKey(name)
	if key == "" {
		return nil
	}
	var within []*layout
	for _, l := range layouts {
		names := append([]string{l.name.Chinese, l.name.English}, l.others...)
		if slices.ContainsFunc(names, func(n string) bool { return headingKey(n) == key }) || key == headingKey(l.name.Chinese+l.name.English) {
			return l
		}
		if l.kind == SheetEstate { // other sheets name the estate too
			continue
		}
		if slices.ContainsFunc(names, func(n string) bool { return len([]rune(n)) > 1 && strings.Contains(key, headingKey(n)) }) {
			within = append(within, l)
		}
	}
	if len(within) == 1 {
		return within[0]
	}
	return nil
}

// field returns the field that a header states, "" if the sheet has no such column.
func (l *layout) field(header string) string {
	key := headingKey(header)
	if key == "" {
		return ""
	}
	han := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Han, r) {
			return r
		}
		return -1
	}, key)
	for _, try := range []string{key, han} {
		if field := fields[l.kind][try]; field != "" {
			return field
		}
	}
	return ""
}

// fields are the fields of each kind of sheet, by the keys of the names of their columns.
var fields = func() map[SheetKind]map[string]string {
	out := map[SheetKind]map[string]string{}
	for _, l := range layouts {
		of := map[string]string{}
		for _, h := range l.headings {
			for _, name := range append([]string{h.name.Chinese, h.name.English}, h.others...) {
				if key := headingKey(name); of[key] == "" {
					of[key] = h.field
				}
			}
		}
		out[l.kind] = of
	}
	return out
}()

// heading returns the column of a field.
func (l *layout) heading(field string) heading {
	return l.headings[slices.IndexFunc(l.headings, func(h heading) bool { return h.field == field })]
}

// headingKey is the normal form by which names of sheets and columns are compared: without spaces and signs, and without what stands in brackets.
func headingKey(s string) string {
	key, _, _ := strings.Cut(strings.NewReplacer("（", "(", "【", "(", "[", "(").Replace(s), "(")
	if strings.TrimSpace(key) == "" {
		key = s
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, delivery.Key(key))
}
