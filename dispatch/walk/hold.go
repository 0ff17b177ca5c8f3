package walk

import (
	"baogong/delivery"
	"baogong/dispatch/hold"
)

func (w *Walker) placeHold() *Act {
	in := &hold.PlaceHoldInput{Reason: choose(w, delivery.HoldTesting, delivery.HoldDisinfection), Atomic: w.some(6)}
	switch w.rng.IntN(6) {
	case 0:
		in.SubjectIds = []delivery.ID{choose(w, w.buildings...)}
	case 1:
		in.SubjectIds = []delivery.ID{choose(w, w.homes...)}
	case 2:
		in.SubjectIds = []delivery.ID{w.suppliers[w.shop()]}
	default:
		in.SubjectIds = w.orders(1 + w.rng.IntN(3))
	}
	if !w.some(6) {
		in.Until = w.in(60)
	}
	return &Act{By: w.by(choose(w, w.leads...), w.commander), Input: in}
}

func (w *Walker) releaseHold() *Act {
	return &Act{By: w.by(choose(w, w.leads...), w.commander), Input: &hold.ReleaseHoldInput{
		HoldIds: w.ids(6, delivery.KindHold, "holds where ended_at is null order by placed_at, id")}}
}
