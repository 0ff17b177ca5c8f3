package export

import (
	"context"
	"slices"
	"strconv"

	"baogong/db"
	"baogong/delivery"
)

// orders writes a row for each line of each order, so that the table can be summed; an order without lines has one row.
func (t *tableWriter) orders(ctx context.Context, p db.Range) ([]string, bool, error) {
	s := t.actor.Scope()
	rows, err := t.DB.Orders(ctx, s, t.CommunityID, db.OrderFilter{}, db.SortNumber, false, p)
	if err != nil {
		return nil, false, err
	}
	var ids, suppliers []delivery.ID
	for _, o := range rows.Items {
		ids = append(ids, o.ID())
		suppliers = with(suppliers, o.SupplierID())
	}
	lines, err := t.DB.LinesOfOrders(ctx, s, ids)
	if err != nil {
		return nil, false, err
	}
	of := map[delivery.UUID][]*delivery.Line{}
	for _, l := range lines {
		of[l.OrderUUID] = append(of[l.OrderUUID], l)
	}
	if err := named(ctx, &t.suppliers, suppliers, t.DB.SuppliersByID, s, func(s *delivery.Supplier) (delivery.UUID, string) { return s.UUID, s.Name }); err != nil {
		return nil, false, err
	}
	stages := delivery.StageWords()
	for _, o := range rows.Items {
		supplier := ""
		if o.SupplierUUID != nil {
			supplier = t.suppliers[*o.SupplierUUID]
		}
		cells := []string{strconv.FormatInt(o.Number, 10), o.ExternalNumber, o.Address, t.say(stages[o.Stage]), t.word(string(o.Channel), channelWords[o.Channel]), supplier,
			t.time(&o.PlacedAt), t.time(&o.StageSince)}
		if len(of[o.UUID]) == 0 {
			if err := t.add(append(cells, "", "", "", "", "", "", o.Note)...); err != nil {
				return nil, false, err
			}
		}
		for _, l := range of[o.UUID] {
			if err := t.add(append(slices.Clone(cells), l.Item, l.Quantity.String(), l.Unit, yuan(l.UnitPriceFen), yuan(l.TotalFen()),
				t.word(string(l.Substitute), substituteWords[l.Substitute].Chinese), o.Note)...); err != nil {
				return nil, false, err
			}
		}
	}
	return lastKey(rows.Rows)
}
