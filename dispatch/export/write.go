package export

import (
	"context"
	"fmt"
	"io"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/reading/sheet"
)

// pageRows is how many rows are read at once.
const pageRows = delivery.MaxPage

// ReasonExportTooLong refuses a workbook with more rows than one can have.
var ReasonExportTooLong = delivery.NewReason("EXPORT_TOO_LONG", delivery.CodeBadUserInput,
	"A workbook can have at most %d rows; please export as CSV.",
	"一个工作簿最多 %d 行，请改为导出 CSV。")

// Write writes the table to w page by page and returns how many rows it wrote. Rows that change meanwhile are written as they are when their page
// is read. pay is called before each page with its number of rows, and its error ends the table. It fails with EXPORT_TOO_LONG after the rows that
// a workbook can have.
func (v *Verbs) Write(ctx context.Context, d *Download, w io.Writer, pay func(rows int) error) (rows int, err error) {
	t := &tableWriter{Verbs: v, Download: d, chinese: d.request.Locale == delivery.Chinese}
	header, page := t.table()
	if d.Format == delivery.ExportXLSX {
		if t.out, err = sheet.NewXLSX(w, t.say(nounWords[d.Noun])); err != nil {
			return 0, err
		}
	} else {
		t.out = sheet.NewCSV(w)
	}
	if err := t.out.Write(header); err != nil {
		return 0, err
	}
	p := db.Range{Limit: pageRows}
	for {
		if err := pay(pageRows); err != nil {
			return t.rows, err
		}
		last, more, err := page(ctx, p)
		if err != nil {
			return t.rows, err
		}
		if err := t.out.Flush(); err != nil {
			return t.rows, err
		}
		if !more {
			return t.rows, t.out.Close()
		}
		p.After = last
	}
}

// tableWriter is an export that is being written.
type tableWriter struct {
	*Verbs
	*Download
	chinese bool
	out     sheet.Writer
	rows    int

	suppliers map[delivery.UUID]string
	buildings map[delivery.UUID]string
	members   map[delivery.UUID]string
}

// nounWords are the names of the tables.
var nounWords = map[delivery.ExportNoun]delivery.Bilingual{
	delivery.ExportOrders: {Chinese: "订单", English: "Orders"}, delivery.ExportHouseholds: {Chinese: "住户", English: "Households"},
	delivery.ExportVolunteers: {Chinese: "队员", English: "Volunteers"}, delivery.ExportIncidents: {Chinese: "异常", English: "Incidents"},
	delivery.ExportImportRows: {Chinese: "待处理", English: "Waiting"}, delivery.ExportNotice: {Chinese: "短信", English: "Texts"},
	delivery.ExportDays: {Chinese: "日报", English: "Days"}, delivery.ExportDemand: {Chinese: "需求", English: "Demand"},
	delivery.ExportForecast: {Chinese: "预测", English: "Forecast"}, delivery.ExportGap: {Chinese: "缺口", English: "Gap"},
	delivery.ExportReach: {Chinese: "触达", English: "Reach"}, delivery.ExportNeeds: {Chinese: "住户需求", English: "Needs"},
	delivery.ExportUnmet: {Chinese: "未满足需求", English: "Unmet demand"}, delivery.ExportMedicines: {Chinese: "待送药品", English: "Medicines due"},
	delivery.ExportSoldOut: {Chinese: "售罄", English: "Sold out"}, delivery.ExportHands: {Chinese: "人手", English: "Hands"},
	delivery.ExportScores: {Chinese: "预测误差", English: "Forecast errors"},
}

func (t *tableWriter) say(words delivery.Bilingual) string {
	if t.chinese {
		return words.Chinese
	}
	return words.English
}

// add writes a row.
func (t *tableWriter) add(cells ...string) error {
	if t.rows++; t.Format == delivery.ExportXLSX && t.rows >= sheet.MaxRows {
		return delivery.Refuse(ReasonExportTooLong, sheet.MaxRows-1)
	}
	return t.out.Write(cells)
}

// table returns the first row of the table, and what writes a page of it: it returns the last row's key, and whether more follow.
func (t *tableWriter) table() ([]string, func(context.Context, db.Range) ([]string, bool, error)) {
	if t.source != nil {
		return t.source.Header(), t.copied
	}
	columns, page := t.columns()
	header := make([]string, len(columns))
	for i, c := range columns {
		header[i] = t.say(c)
	}
	return header, page
}

// copied writes a page of a table that another area reads.
func (t *tableWriter) copied(ctx context.Context, p db.Range) ([]string, bool, error) {
	rows, last, more, err := t.source.Page(ctx, p)
	if err != nil {
		return nil, false, err
	}
	for _, row := range rows {
		if err := t.add(row...); err != nil {
			return nil, false, err
		}
	}
	return last, more, nil
}

// columns returns the columns of the area's own tables, and what writes a page as table does.
func (t *tableWriter) columns() ([]delivery.Bilingual, func(context.Context, db.Range) ([]string, bool, error)) {
	switch t.Noun {
	case delivery.ExportHouseholds:
		return []delivery.Bilingual{{Chinese: "楼栋", English: "Building"}, {Chinese: "单元", English: "Unit"}, {Chinese: "楼层", English: "Floor"}, {Chinese: "房号", English: "Room"},
			{Chinese: "地址", English: "Address"}, {Chinese: "联系人", English: "Contact"}, {Chinese: "电话", English: "Phone"}, {Chinese: "人数", English: "People"}, {Chinese: "需求", English: "Needs"}}, t.households
	case delivery.ExportNotice:
		return []delivery.Bilingual{{Chinese: "电话", English: "Phone"}, {Chinese: "内容", English: "Text"}}, t.texts
	case delivery.ExportVolunteers:
		return []delivery.Bilingual{{Chinese: "编号", English: "Code"}, {Chinese: "姓名", English: "Name"}, {Chinese: "电话", English: "Phone"}, {Chinese: "队", English: "Squad"},
			{Chinese: "职务", English: "Rank"}, {Chinese: "楼栋", English: "Buildings"}, {Chinese: "单位", English: "Organisation"}, {Chinese: "可联系", English: "Reachable"}}, t.volunteers
	case delivery.ExportIncidents:
		return []delivery.Bilingual{{Chinese: "编号", English: "Number"}, {Chinese: "类型", English: "Kind"}, {Chinese: "轻重", English: "Severity"}, {Chinese: "层级", English: "Level"},
			{Chinese: "状态", English: "State"}, {Chinese: "楼栋", English: "Building"}, {Chinese: "订单", English: "Order"}, {Chinese: "件数", English: "Bags"}, {Chinese: "提出时间", English: "Opened at"},
			{Chinese: "说明", English: "Note"}, {Chinese: "接手时间", English: "Taken at"}, {Chinese: "负责人", English: "Owner"}, {Chinese: "解决时间", English: "Resolved at"},
			{Chinese: "结果", English: "Resolution"}, {Chinese: "结果说明", English: "Resolution note"}}, t.incidents
	}
	if columns, page := t.needsColumns(); page != nil {
		return columns, page
	}
	if t.Noun == delivery.ExportDays {
		columns := []delivery.Bilingual{{Chinese: "日期", English: "Day"}}
		for _, c := range delivery.ReportColumns {
			columns = append(columns, c.Words)
		}
		return columns, t.reports
	}
	return []delivery.Bilingual{{Chinese: "编号", English: "Number"}, {Chinese: "订单号", English: "Platform number"}, {Chinese: "地址", English: "Address"}, {Chinese: "环节", English: "Stage"},
		{Chinese: "渠道", English: "Channel"}, {Chinese: "供应商", English: "Supplier"}, {Chinese: "下单时间", English: "Placed at"}, {Chinese: "到环节时间", English: "Stage since"},
		{Chinese: "商品", English: "Item"}, {Chinese: "数量", English: "Quantity"}, {Chinese: "单位", English: "Unit"}, {Chinese: "单价（元）", English: "Unit price (yuan)"}, {Chinese: "金额（元）", English: "Amount (yuan)"},
		{Chinese: "缺货处理", English: "Substitute"}, {Chinese: "备注", English: "Note"}}, t.orders
}

func (t *tableWriter) readBuildings(ctx context.Context, ids []delivery.ID) error {
	return named(ctx, &t.buildings, ids, t.DB.BuildingsByID, t.actor.Scope(), func(b *delivery.Building) (delivery.UUID, string) { return b.UUID, b.Code })
}

// named reads the names of the rows with the ids that are not known yet.
func named[T any](ctx context.Context, names *map[delivery.UUID]string, ids []delivery.ID, read func(context.Context, delivery.Scope, []delivery.ID) ([]*T, error),
	s delivery.Scope, of func(*T) (delivery.UUID, string)) error {
	if *names == nil {
		*names = map[delivery.UUID]string{}
	}
	var missing []delivery.ID
	for _, id := range ids {
		if _, known := (*names)[id.UUID]; !known {
			(*names)[id.UUID] = "" // one that the caller does not see stays without a name
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	rows, err := read(ctx, s, missing)
	if err != nil {
		return fmt.Errorf("name the rows of an export: %w", err)
	}
	for _, row := range rows {
		id, name := of(row)
		(*names)[id] = name
	}
	return nil
}

// with adds an id, if there is one.
func with(ids []delivery.ID, id *delivery.ID) []delivery.ID {
	if id == nil {
		return ids
	}
	return append(ids, *id)
}

func lastKey[T any](rows *db.Rows[T]) ([]string, bool, error) {
	if len(rows.Keys) == 0 {
		return nil, false, nil
	}
	return rows.Keys[len(rows.Keys)-1], rows.More, nil
}

// time writes an instant in the community's zone, as spreadsheet programs read it.
func (t *tableWriter) time(at *time.Time) string {
	if at == nil {
		return ""
	}
	return t.Community.Local(*at).Format("2006-01-02 15:04")
}

func (t *tableWriter) yes(b bool) string {
	if b {
		return t.say(delivery.Bilingual{Chinese: "是", English: "yes"})
	}
	return t.say(delivery.Bilingual{Chinese: "否", English: "no"})
}

// word says a value of an enum: in English as the API has it.
func (t *tableWriter) word(value, chinese string) string {
	if t.chinese && chinese != "" {
		return chinese
	}
	return value
}

// yuan writes a price, "" for one that is not known.
func yuan(fen int64) string {
	if fen == 0 {
		return ""
	}
	return fmt.Sprintf("%d.%02d", fen/100, fen%100)
}

var substituteWords = delivery.SubstituteWords()

// The Chinese names of values, as the sheets of an estate have them.
var (
	channelWords = map[delivery.Channel]string{delivery.ChannelApp: "手机下单", delivery.ChannelPhone: "电话下单", delivery.ChannelBuyFor: "代购", delivery.ChannelErrand: "代办",
		delivery.ChannelGroupBuy: "团购", delivery.ChannelPackage: "大礼包"}
	squadWords = map[delivery.Squad]string{delivery.SquadPersuasion: "劝导队", delivery.SquadSupply: "保供队", delivery.SquadTransport: "运输队", delivery.SquadDuty: "值守队", delivery.SquadPatrol: "巡查队"}
	rankWords  = map[delivery.Rank]string{delivery.RankMember: "队员", delivery.RankLead: "队长", delivery.RankCommander: "指挥"}
	needWords  = map[delivery.Need]string{delivery.NeedElderlyAlone: "独居老人", delivery.NeedDisabled: "残疾", delivery.NeedChronicMedicine: "慢性病用药", delivery.NeedInfant: "婴幼儿",
		delivery.NeedPregnant: "孕妇", delivery.NeedDialysis: "透析", delivery.NeedQuarantined: "居家隔离", delivery.NeedNoSmartphone: "无智能手机", delivery.NeedPet: "宠物", delivery.NeedWelfareCall: "关怀回访"}
)
