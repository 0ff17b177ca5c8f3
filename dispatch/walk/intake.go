package walk

import (
	"fmt"
	"strconv"
	"strings"

	"baogong/delivery"
	"baogong/dispatch/intake"
)

// importOrders posts a list of a few doors, of which now and then one does not exist.
func (w *Walker) importOrders() *Act {
	if len(w.orders(70, delivery.Placed, delivery.Dispatched, delivery.AtGate, delivery.Sorted, delivery.AtBuilding)) == 70 {
		return nil
	}
	text := "#接龙\n"
	for n := range 1 + w.rng.IntN(3) {
		door := w.residents[choose(w, w.homes...).UUID]
		if w.some(4) {
			door = "E99-1-101"
		}
		text += fmt.Sprintf("%d. %s 土豆 %d斤\n", n+1, door, 1+w.rng.IntN(3))
	}
	shop := w.shop()
	return &Act{By: w.by(shop, w.commander, choose(w, w.supply...)), Input: &intake.ImportOrdersInput{CommunityID: w.community, Kind: delivery.ImportJielong,
		SupplierID: w.suppliers[shop], Text: &text, DryRun: w.some(6)}}
}

// settleImportRows decides a row that waits.
func (w *Walker) settleImportRows() *Act {
	waits := w.Column("select import_id || ' ' || row || ' ' || reason from import_rows where outcome = 'REVIEW' order by import_id, row limit 20")
	if len(waits) == 0 {
		return nil
	}
	row := strings.Fields(choose(w, waits...))
	n, err := strconv.Atoi(row[1])
	if err != nil {
		return nil
	}
	in := &intake.SettleRowInput{Row: n}
	switch {
	case w.some(4):
		in.Drop = new("不要了")
	case row[2] == "GONE":
		in.Cancel = true
	default:
		home := choose(w, w.homes...)
		in.HouseholdID, in.Remember = &home, w.some(8)
	}
	return &Act{By: w.by(w.commander, choose(w, w.leads...)), Input: &intake.SettleImportRowsInput{
		ImportID: delivery.ID{Kind: delivery.KindImport, Community: w.community.Community, UUID: delivery.UUID(row[0])}, Rows: []*intake.SettleRowInput{in}}}
}
