package demo

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strings"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/intake"
)

// When in the day orders are imported: the supermarket sends the file of its own shop before its first truck leaves, and a volunteer pastes the list
// of a building's chat group shortly before visitors come. In the evening the phone desk decides what waits.
const (
	fileSentAt   = 8*time.Hour + 5*time.Minute
	listPastedAt = 9*time.Hour + 20*time.Minute
	rowsAskedAt  = 19*time.Hour + 30*time.Minute
)

const (
	fileOrders = 24             // in the supermarket's file
	rowWaits   = 24 * time.Hour // after which the phone desk drops a row that it could not explain
	strangers  = "13800000217"  // a telephone number that no household has: theirs end in 1000 to 9999
)

// planImports puts the day's imports on the agenda.
func (e *Simulation) planImports(plan func(time.Time, func(context.Context) error), day time.Time) {
	plan(day.Add(fileSentAt), e.sendFile)
	plan(day.Add(listPastedAt), e.pasteList)
	plan(day.Add(rowsAskedAt), e.settleRows)
}

// sendFile has the supermarket send the orders of its own shop as a file.
func (e *Simulation) sendFile(ctx context.Context) error {
	shop, there := e.suppliers[market]
	if !there || len(e.households) == 0 { // a visitor archived them
		return nil
	}
	f, err := e.Verbs.File.Receive(ctx, shop, e.community.Community, "text/csv", bytes.NewReader(e.orderFile()))
	if err != nil {
		return fmt.Errorf("send a file of orders: %w", err)
	}
	id := f.ID()
	return e.importOrders(ctx, shop, intake.ImportOrdersInput{CommunityID: e.community, Kind: delivery.ImportCSV, SupplierID: *shop.Ref().ID(), FileID: &id,
		Name: "江城超市小程序订单 " + e.today().Format("01-02") + ".csv"})
}

// orderFile is a file as a shop's own platform exports it. Most orders are clear. One names a building that does not exist, one names two doors,
// one does not say how much, and one wants nothing.
func (e *Simulation) orderFile() []byte {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	write := func(cells ...string) { _ = w.Write(cells) } // a buffer does not fail
	write("订单号", "收货人", "手机号", "收货地址", "商品名称", "数量", "单位", "单价", "备注")
	number := func(n int) string { return fmt.Sprintf("JC%s%03d", e.today().Format("0102"), n) }
	for n := 1; n <= fileOrders; n++ {
		h := pick(e.imports, e.households)
		note := ""
		if e.imports.IntN(5) == 0 {
			note = pick(e.imports, []string{"放门口", "缺货请电话联系", "鸡蛋轻放"})
		}
		for _, l := range basket(e.imports, groceries, 1, 4) {
			write(number(n), h.ContactName.Mask(), h.Phone.Reveal(), e.written(h), l.Item, l.Quantity.String(), l.Unit, yuan(l.UnitPriceFen), note)
		}
	}
	one, other := pick(e.imports, e.households), pick(e.imports, e.households)
	write(number(fileOrders+1), "", "", "E36栋1单元502", "大白菜", "2", "棵", "6.00", "")
	write(number(fileOrders+2), "", "", one.Address, "土豆", "3", "斤", "2.80", "")
	write(number(fileOrders+2), "", "", other.Address, "鸡蛋", "1", "板", "26.80", "")
	write(number(fileOrders+3), "", "", one.Address, "五花肉", "两三斤", "", "32.80", "")
	write(number(fileOrders+4), "", "", other.Address, "草鱼", "0", "条", "29.80", "")
	w.Flush()
	return out.Bytes()
}

// written is a household's address in one of the styles in which people write it.
func (e *Simulation) written(h *delivery.Household) string {
	parts := strings.Split(h.Address, "-")
	if len(parts) != 3 {
		return h.Address
	}
	return strings.NewReplacer("B", parts[0], "U", parts[1], "R", parts[2]).Replace(pick(e.imports, []string{"B-U-R", "东辰心语B栋U单元R", "B栋U单元R室", "BU单元R"}))
}

func yuan(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }

// pasteList has the first building's volunteer paste the list of its chat group for packages of the fresh-food platform.
func (e *Simulation) pasteList(ctx context.Context) error {
	sold, there := e.selling[fresh]
	if !there || len(e.buildings) == 0 {
		return nil
	}
	building := e.buildings[min(5, len(e.buildings)-1)] // as in assign
	text := e.list(building)
	if text == "" {
		return nil
	}
	shop := e.suppliers[fresh]
	return e.importOrders(ctx, e.volunteer(building.UUID), intake.ImportOrdersInput{CommunityID: e.community, Kind: delivery.ImportJielong, SupplierID: *shop.Ref().ID(),
		WindowID: &sold.window, BuildingID: &building, Text: &text, Name: "楼栋群接龙"})
}

// list is a list as neighbours write it below each other. Its fourth entry leaves the unit out and its fifth the door, the seventh takes back
// what was never ordered, and the eighth wants nothing. It is empty for a building with few households.
func (e *Simulation) list(building delivery.ID) string {
	var doors []*delivery.Household
	for _, h := range e.households {
		if h.BuildingUUID == building.UUID {
			doors = append(doors, h)
		}
	}
	if len(doors) < 8 {
		return ""
	}
	at := func(h *delivery.Household) string {
		_, door, _ := strings.Cut(h.Address, "-")
		return door
	}
	order := e.imports.Perm(len(doors))
	door := func(k int) *delivery.Household { return doors[order[k]] }
	lines := []string{
		at(door(0)) + " A1份", at(door(1)) + " B1份 麻烦放门口", at(door(2)) + " A2份 C1份", door(3).Room + " A1份", strangers + " A1份", at(door(4)) + " C2份",
		at(door(5)) + " 不要了", at(door(6)) + " B0份", at(door(7)) + " A1份",
	}
	var out strings.Builder
	out.WriteString("#接龙\n明早生鲜套餐，今晚8点截单，写 单元-房号 + 套餐和份数\n")
	for k, line := range lines {
		fmt.Fprintf(&out, "\n%d. %s", k+1, line)
	}
	return out.String()
}

// importOrders imports, and counts what was placed. A refusal comes from a visitor's change.
func (e *Simulation) importOrders(ctx context.Context, a delivery.Actor, in intake.ImportOrdersInput) error {
	p, err := e.Verbs.Intake.ImportOrders(ctx, a, in)
	if err != nil {
		return err
	}
	if len(p.UserErrors) > 0 {
		e.report.Refused++
		return nil
	}
	rows, err := e.DB.ImportsByID(ctx, e.commander.Scope(), []delivery.ID{*p.ImportID})
	for _, i := range rows {
		e.report.Placed += i.Placed
	}
	return err
}

// settleRows has the lead of the phone desk decide rows that wait: it calls the first door that could be meant, and drops a row that has waited
// for rowWaits.
func (e *Simulation) settleRows(ctx context.Context) error {
	desk := e.lead(delivery.SquadPersuasion)
	imports, err := e.DB.Imports(ctx, desk.Scope(), e.community.Community, db.Range{Limit: 20})
	if err != nil {
		return err
	}
	for _, i := range imports.Items {
		if i.InReview == 0 || !i.Finished() {
			continue
		}
		if err := e.settle(ctx, desk, i); err != nil {
			return err
		}
	}
	return nil
}

// settle decides the rows of one import.
func (e *Simulation) settle(ctx context.Context, desk delivery.Actor, i *delivery.Import) error {
	rows, err := e.waitingRows(ctx, desk, i)
	if err != nil {
		return err
	}
	in := intake.SettleImportRowsInput{ImportID: i.ID()}
	for _, r := range rows {
		s := &intake.SettleRowInput{Row: r.Row}
		switch {
		case e.Clock.Now().Sub(i.StartedAt) > rowWaits:
			s.Drop = new("电话联系不上")
		case len(r.Guesses) > 0 && len(r.Goods) > 0:
			s.HouseholdID = &delivery.ID{Kind: delivery.KindHousehold, Community: i.CommunityID, UUID: r.Guesses[0]}
		default:
			continue
		}
		in.Rows = append(in.Rows, s)
	}
	if len(in.Rows) == 0 {
		return nil
	}
	p, err := e.Verbs.Intake.SettleImportRows(ctx, desk, in)
	if err != nil {
		return err
	}
	e.report.Refused += len(p.UserErrors)
	for _, r := range p.Results {
		switch {
		case r.Outcome == nil:
			e.report.Refused++
		case *r.Outcome == delivery.RowPlaced:
			e.report.Placed++
		}
	}
	return nil
}

// waitingRows reads the rows of an import that wait.
func (e *Simulation) waitingRows(ctx context.Context, a delivery.Actor, i *delivery.Import) ([]*delivery.ImportRow, error) {
	rows, err := e.DB.ImportRows(ctx, a.Scope(), i.CommunityID, db.ImportRowFilter{Import: &i.UUID, Outcomes: []delivery.ImportOutcome{delivery.RowInReview}}, db.Range{Limit: delivery.MaxPage})
	if err != nil {
		return nil, err
	}
	return rows.Items, nil
}

// listExample adds the newest list with rows that wait, and a door that its first unclear row could mean.
func (e *Simulation) listExample(ctx context.Context, out map[string]string) error {
	imports, err := e.DB.Imports(ctx, e.admin.Scope(), e.community.Community, db.Range{Limit: 20})
	if err != nil {
		return err
	}
	for _, i := range imports.Items {
		if i.Kind != delivery.ImportJielong {
			continue
		}
		if out["IMPORT_ID"] == "" {
			out["IMPORT_ID"], out["MEANT_HOUSEHOLD_ID"] = i.ID().String(), out["HOUSEHOLD_ID"]
		}
		rows, err := e.waitingRows(ctx, e.admin, i)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if len(r.Guesses) > 0 && len(r.Goods) > 0 {
				out["IMPORT_ID"] = i.ID().String()
				out["MEANT_HOUSEHOLD_ID"] = delivery.ID{Kind: delivery.KindHousehold, Community: i.CommunityID, UUID: r.Guesses[0]}.String()
				return nil
			}
		}
	}
	return nil
}
