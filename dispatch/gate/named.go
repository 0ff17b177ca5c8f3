package gate

import (
	"context"
	"slices"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// ordersNamed returns for each item the order that it names, by its id or by what was read from a bag, or the refusal if it names none.
func ordersNamed[T any](ctx context.Context, t *db.Tx, community int32, items []T, of func(T) (*delivery.ID, *string)) ([]delivery.UUID, []*delivery.Error, error) {
	named, refused := make([]delivery.UUID, len(items)), make([]*delivery.Error, len(items))
	numbers := make([]int64, len(items))
	for i, item := range items {
		id, text := of(item)
		field := "orderId"
		switch {
		case (id == nil) == (text == nil):
			refused[i] = delivery.Refuse(reasonIDOrLabel)
			continue
		case text != nil:
			field = "label"
			label, refusal := delivery.ParseLabel(*text)
			if refusal != nil {
				refused[i] = refusal.At(field)
				continue
			}
			id, numbers[i] = label.OrderID, label.Number
		}
		if id == nil {
			continue
		}
		if refusal := dispatch.CheckID(*id, delivery.KindOrder, community); refusal != nil {
			refused[i] = refusal.At(field)
			continue
		}
		named[i] = id.UUID
	}
	wanted := slices.DeleteFunc(slices.Clone(numbers), func(number int64) bool { return number == 0 })
	if len(wanted) == 0 {
		return named, refused, nil
	}
	byNumber, err := t.OrdersNumbered(ctx, community, wanted)
	for i, number := range numbers {
		if number != 0 {
			named[i] = byNumber[number]
		}
	}
	return named, refused, err
}

// reasonIDOrLabel refuses an item that names its order twice or not at all.
var reasonIDOrLabel = delivery.NewReason("ID_OR_LABEL", delivery.CodeBadUserInput,
	"Name the order either by its id or by a label.",
	"请用编号或标签之一指明订单。")
