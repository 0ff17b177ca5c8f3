package walk

import (
	"fmt"

	"baogong/delivery"
	"baogong/dispatch/sorting"
)

func (w *Walker) bin() delivery.ID {
	id, _ := w.one(delivery.KindBin, "bins order by code, id")
	return id
}

func (w *Walker) sortOrders() *Act {
	in := &sorting.SortOrdersInput{BinID: w.bin(), Atomic: w.some(6)}
	for _, id := range w.orders(1+w.rng.IntN(5), delivery.AtGate, delivery.Sorted) {
		in.Orders = append(in.Orders, &sorting.SortItemInput{OrderID: id})
	}
	return &Act{By: w.by(choose(w, w.duty...), choose(w, w.supply...)), Input: in}
}

func (w *Walker) createBins() *Act {
	if len(w.ids(12, delivery.KindBin, "bins")) == 12 {
		return nil
	}
	return &Act{By: w.by(w.commander, choose(w, w.leads...)), Input: &sorting.CreateBinsInput{CommunityID: w.community,
		Bins: []*sorting.NewBinInput{{BuildingID: choose(w, w.buildings...), Code: fmt.Sprint("架", w.step), Cold: w.some(2)}}}}
}

func (w *Walker) updateBins() *Act {
	id, ok := w.one(delivery.KindBin, "bins where id <> building_id order by code")
	if !ok {
		return nil
	}
	return &Act{By: w.by(w.commander, choose(w, w.leads...)), Input: &sorting.UpdateBinsInput{
		Bins: []*sorting.BinPatchInput{{ID: id, Cold: new(w.some(2)), Archived: new(w.some(2))}}}}
}
