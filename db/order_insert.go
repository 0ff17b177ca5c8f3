package db

import (
	"context"
	"strings"

	"baogong/delivery"
)

// insertedOrder is an order in the form that the driver can write.
type insertedOrder struct {
	*delivery.Order
	MarkArray string `db:"mark_array"`
}

// InsertOrder inserts an order with its lines.
func (t *Tx) InsertOrder(ctx context.Context, o *delivery.Order, lines []*delivery.Line) error {
	return t.InsertOrders(ctx, []*delivery.Order{o}, lines)
}

// InsertOrders inserts orders with their lines.
func (t *Tx) InsertOrders(ctx context.Context, orders []*delivery.Order, lines []*delivery.Line) error {
	switch {
	case len(orders) == 0:
		return nil
	case len(orders) > 1:
		if err := t.insertManyOrders(ctx, orders); err != nil {
			return err
		}
		return t.insertManyLines(ctx, lines)
	}
	o := orders[0]
	if err := insertAll(ctx, t, "insert orders", `
		insert into orders (community_id, id, number, building_id, unit_id, household_id, supplier_id, taker_id, channel, stage,
			stage_since, version, open_holds, holder_volunteer_id, holder_supplier_id, placed_at, placed_by_role, placed_by_id,
			moved_at, moved_by_role, moved_by_id, delivered_at, total_fen, window_id, note, external_number, bags, bags_in, marks, arrival_id, bin_id, run_id, round_id, confirmed_at, consent_by, consent_note)
		values (:community_id, :id, :number, :building_id, :unit_id, :household_id, :supplier_id, :taker_id, :channel, :stage,
			:stage_since, :version, :open_holds, :holder_volunteer_id, :holder_supplier_id, :placed_at, :placed_by_role, :placed_by_id,
			:moved_at, :moved_by_role, :moved_by_id, :delivered_at, :total_fen, :window_id, :note, :external_number, :bags, :bags_in,
			cast(:mark_array as text[]), :arrival_id, :bin_id, :run_id, :round_id, :confirmed_at, :consent_by, :consent_note)`, []insertedOrder{{o, o.Marks.Array()}}); err != nil {
		return err
	}
	return t.insertLines(ctx, lines)
}

// insertLines inserts lines of orders of one community.
func (t *Tx) insertLines(ctx context.Context, lines []*delivery.Line) error {
	if len(lines) > 1 {
		return t.insertManyLines(ctx, lines)
	}
	return insertAll(ctx, t, "insert the lines of orders", `
		insert into order_lines (community_id, id, order_id, position, item, quantity, unit, unit_price_fen, package_id, substitute)
		values (:community_id, :id, :order_id, :position, :item, cast(:quantity as numeric) / 1000, :unit, :unit_price_fen, :package_id,
			coalesce(nullif(:substitute, ''), 'ASK'))`, lines)
}

// arrayColumn is a column of rows that a statement inserts from arrays: its name, its type, and its values as the text of an array.
type arrayColumn struct{ name, as, values string }

// columnOf makes a column of rows.
func columnOf[T any, V given](rows []T, name, as string, of func(T) V) arrayColumn {
	values := make([]V, len(rows))
	for k, r := range rows {
		values[k] = of(r)
	}
	return arrayColumn{name, as, arrayText(values)}
}

// insertColumns inserts rows of one community from arrays, in one statement whose text does not depend on their number. into names the
// columns of the table after community_id, and values what they are set to, with the columns as n.name.
func (t *Tx) insertColumns(ctx context.Context, purpose, table, into, values string, community int32, columns []arrayColumn) error {
	args, casts, names := []any{community}, make([]string, len(columns)), make([]string, len(columns))
	for k, c := range columns {
		var w where
		w.args = args
		casts[k], names[k] = "cast("+w.arg(c.values)+" as "+c.as+"[])", c.name
		args = w.args
	}
	_, err := t.exec(ctx, purpose, "insert into "+table+" (community_id, "+into+")\nselect $1, "+values+"\n  from unnest("+strings.Join(casts, ", ")+")\n       as n ("+
		strings.Join(names, ", ")+")", args...)
	return err
}

const manyOrderColumns = `id, number, building_id, unit_id, household_id, supplier_id, taker_id, channel, stage, stage_since, version, open_holds,
	holder_volunteer_id, holder_supplier_id, placed_at, placed_by_role, placed_by_id, moved_at, moved_by_role, moved_by_id, delivered_at, total_fen, window_id, note,
	external_number, bags, bags_in, marks, arrival_id, bin_id, run_id, round_id, confirmed_at, consent_by, consent_note`

const manyOrderValues = `n.id, n.number, n.building_id, n.unit_id, n.household_id, n.supplier_id, n.taker_id, n.channel, n.stage, n.stage_since, n.version, n.open_holds,
	n.holder_volunteer_id, n.holder_supplier_id, n.placed_at, n.placed_by_role, n.placed_by_id, n.moved_at, n.moved_by_role, n.moved_by_id, n.delivered_at, n.total_fen, n.window_id, n.note,
	n.external_number, n.bags, n.bags_in, string_to_array(n.marks, ','), n.arrival_id, n.bin_id, n.run_id, n.round_id, n.confirmed_at, n.consent_by, n.consent_note`

// insertManyOrders inserts orders of one community from arrays. A text of a thousand rows of parameters takes longer to parse than the rows
// take to insert.
func (t *Tx) insertManyOrders(ctx context.Context, orders []*delivery.Order) error {
	type o = *delivery.Order
	uuid := func(name string, of func(o) *delivery.UUID) arrayColumn {
		return columnOf(orders, name, "uuid", func(r o) *string { return (*string)(of(r)) })
	}
	return t.insertColumns(ctx, "insert orders", "orders", manyOrderColumns,
		manyOrderValues,
		orders[0].CommunityID, []arrayColumn{
			columnOf(orders, "id", "uuid", func(r o) string { return string(r.UUID) }),
			columnOf(orders, "number", "bigint", func(r o) int64 { return r.Number }),
			columnOf(orders, "building_id", "uuid", func(r o) string { return string(r.BuildingUUID) }),
			columnOf(orders, "unit_id", "uuid", func(r o) string { return string(r.UnitUUID) }),
			columnOf(orders, "household_id", "uuid", func(r o) string { return string(r.HouseholdUUID) }),
			uuid("supplier_id", func(r o) *delivery.UUID { return r.SupplierUUID }),
			uuid("taker_id", func(r o) *delivery.UUID { return r.TakerUUID }),
			columnOf(orders, "channel", "text", func(r o) string { return string(r.Channel) }),
			columnOf(orders, "stage", "text", func(r o) string { return string(r.Stage) }),
			columnOf(orders, "stage_since", "timestamptz", func(r o) string { return instant(r.StageSince) }),
			columnOf(orders, "version", "bigint", func(r o) int64 { return r.Version }),
			columnOf(orders, "open_holds", "int", func(r o) int64 { return int64(r.OpenHolds) }),
			uuid("holder_volunteer_id", func(r o) *delivery.UUID { return r.HolderVolunteer }),
			uuid("holder_supplier_id", func(r o) *delivery.UUID { return r.HolderSupplier }),
			columnOf(orders, "placed_at", "timestamptz", func(r o) string { return instant(r.PlacedAt) }),
			columnOf(orders, "placed_by_role", "text", func(r o) string { return string(r.PlacedByRole) }),
			uuid("placed_by_id", func(r o) *delivery.UUID { return r.PlacedByUUID }),
			columnOf(orders, "moved_at", "timestamptz", func(r o) string { return instant(r.MovedAt) }),
			columnOf(orders, "moved_by_role", "text", func(r o) string { return string(r.MovedByRole) }),
			uuid("moved_by_id", func(r o) *delivery.UUID { return r.MovedByUUID }),
			columnOf(orders, "delivered_at", "timestamptz", func(r o) *string { return instantOrNil(r.DeliveredAt) }),
			columnOf(orders, "total_fen", "bigint", func(r o) int64 { return r.TotalFen }),
			uuid("window_id", func(r o) *delivery.UUID { return r.WindowUUID }),
			columnOf(orders, "note", "text", func(r o) string { return r.Note }),
			columnOf(orders, "external_number", "text", func(r o) string { return r.ExternalNumber }),
			columnOf(orders, "bags", "int", func(r o) int64 { return int64(r.BagCount) }),
			columnOf(orders, "bags_in", "int", func(r o) int64 { return int64(r.BagsIn) }),
			columnOf(orders, "marks", "text", func(r o) string { return r.Marks.String() }),
			uuid("arrival_id", func(r o) *delivery.UUID { return r.ArrivalUUID }),
			uuid("bin_id", func(r o) *delivery.UUID { return r.BinUUID }),
			uuid("run_id", func(r o) *delivery.UUID { return r.RunUUID }),
			uuid("round_id", func(r o) *delivery.UUID { return r.RoundUUID }),
			columnOf(orders, "confirmed_at", "timestamptz", func(r o) *string { return instantOrNil(r.ConfirmedAt) }),
			columnOf(orders, "consent_by", "text", func(r o) *string { return (*string)(r.ConsentBy) }),
			columnOf(orders, "consent_note", "text", func(r o) *string { return r.ConsentNote }),
		})
}

// insertManyLines inserts lines of orders of one community from arrays.
func (t *Tx) insertManyLines(ctx context.Context, lines []*delivery.Line) error {
	if len(lines) == 0 {
		return nil
	}
	type l = *delivery.Line
	return t.insertColumns(ctx, "insert the lines of orders", "order_lines", "id, order_id, position, item, quantity, unit, unit_price_fen, package_id, substitute",
		"n.id, n.order_id, n.position, n.item, cast(n.quantity as numeric) / 1000, n.unit, n.unit_price_fen, n.package_id, coalesce(nullif(n.substitute, ''), 'ASK')", lines[0].CommunityID, []arrayColumn{
			columnOf(lines, "id", "uuid", func(r l) string { return string(r.UUID) }),
			columnOf(lines, "order_id", "uuid", func(r l) string { return string(r.OrderUUID) }),
			columnOf(lines, "position", "int", func(r l) int64 { return int64(r.Position) }),
			columnOf(lines, "item", "text", func(r l) string { return r.Item }),
			columnOf(lines, "quantity", "bigint", func(r l) int64 { return int64(r.Quantity) }),
			columnOf(lines, "unit", "text", func(r l) string { return r.Unit }),
			columnOf(lines, "unit_price_fen", "bigint", func(r l) int64 { return r.UnitPriceFen }),
			columnOf(lines, "package_id", "uuid", func(r l) *string { return (*string)(r.PackageUUID) }),
			columnOf(lines, "substitute", "text", func(r l) string { return string(r.Substitute) }),
		})
}
