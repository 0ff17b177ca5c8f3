package walk

import (
	"baogong/delivery"
	"baogong/dispatch/round"
)

func (w *Walker) startRound() *Act {
	in := &round.StartRoundInput{Most: 1 + w.rng.IntN(12), ConfirmQuietHours: w.some(2)}
	if w.some(2) {
		in.UnitIds = []delivery.ID{choose(w, w.units...)}
	}
	in.OrderIds = w.orders(w.rng.IntN(min(4, in.Most+1)), delivery.AtBuilding)
	if len(in.OrderIds) == 0 && len(in.UnitIds) == 0 && !w.some(8) {
		return nil
	}
	return &Act{By: w.by(w.supply...), Input: in}
}

func (w *Walker) handOver() *Act {
	in := &round.HandOverInput{Atomic: w.some(5)}
	by := w.by(choose(w, w.supply...), w.commander)
	for _, id := range w.orders(1+w.rng.IntN(3), delivery.OutForDelivery, delivery.AtBuilding) {
		d := &round.HandOverDoorInput{OrderIds: []delivery.ID{id}, Proof: choose(w, delivery.ProofAttested, delivery.ProofCode, delivery.ProofPhoto, delivery.ProofResident, delivery.ProofUnitCount)}
		if channel := w.Column("select channel from orders where id = $1", string(id.UUID))[0]; channel == string(delivery.ChannelErrand) && !w.some(4) {
			d.Answer, d.DocumentsReturned = "已办好", !w.some(4)
		}
		switch d.Proof {
		case delivery.ProofCode:
			d.Code = delivery.DoorCode(w.secret, id.UUID)
			if w.some(3) {
				d.Code = "0000"
			}
		case delivery.ProofPhoto:
			d.PhotoID = w.photo(by)
		}
		in.Doors = append(in.Doors, d)
	}
	return &Act{By: by, Input: in}
}

func (w *Walker) endRound() *Act {
	id, ok := w.one(delivery.KindRound, "rounds where ended_at is null order by number")
	if !ok {
		return nil
	}
	return &Act{By: w.by(choose(w, w.supply...), choose(w, w.leads...), w.commander), Input: &round.EndRoundInput{RoundID: id}}
}

// household returns the resident whose order it is.
func (w *Walker) household(id delivery.ID) string {
	return w.by(w.Column("select h.address from orders o join households h on h.id = o.household_id where o.id = $1", string(id.UUID))[0])
}

func (w *Walker) confirmReceipt() *Act {
	ids := w.orders(1, delivery.Delivered, delivery.OutForDelivery, delivery.AtBuilding)
	if len(ids) == 0 {
		return nil
	}
	return &Act{By: w.household(ids[0]), Input: &round.ConfirmReceiptInput{OrderIds: ids}}
}

func (w *Walker) dispute() *Act {
	ids := w.orders(1, delivery.Delivered)
	if len(ids) == 0 {
		return nil
	}
	return &Act{By: w.household(ids[0]), Input: &round.DisputeInput{OrderID: ids[0], Kind: choose(w, delivery.IncidentNotReceived, delivery.IncidentShort), Text: "少了一袋"}}
}
