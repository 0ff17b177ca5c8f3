package round

import (
	"cmp"
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// errandsAmong returns the orders of the channel ERRAND among the ids.
func (l *locked) errandsAmong(ids []delivery.ID) (out []delivery.UUID) {
	for _, id := range ids {
		if o := l.orders[id.UUID]; o != nil && o.Channel == delivery.ChannelErrand {
			out = append(out, o.UUID)
		}
	}
	return out
}

// documentsOut reads the documents of locked orders that are out, by order.
func documentsOut(ctx context.Context, t *db.Tx, community int32, orders []delivery.UUID) (map[delivery.UUID][]*delivery.Document, error) {
	rows, err := t.DocumentsOf(ctx, community, orders)
	out := map[delivery.UUID][]*delivery.Document{}
	for _, d := range rows {
		if d.Out() {
			out[d.OrderUUID] = append(out[d.OrderUUID], d)
		}
	}
	return out, err
}

// errandEnds holds what the input says about the errands of a door, until the door is handed over.
type errandEnds struct {
	errands   map[delivery.UUID]*delivery.Errand // as the door leaves them
	answered  []*delivery.Errand
	documents []*delivery.Document
	events    []*delivery.Event
	text      int
}

// errand returns the errand of an order as the door leaves it.
func (n *errandEnds) errand(h *handover, id delivery.ID) *delivery.Errand {
	return cmp.Or(n.errands[id.UUID], h.Errands[id.UUID])
}

// endErrands judges the answer and the returned documents of a door. It changes nothing yet: the door may still be refused.
func (h *handover) endErrands(a delivery.Actor, d *HandOverDoorInput, at time.Time) *errandEnds {
	n := &errandEnds{errands: map[delivery.UUID]*delivery.Errand{}}
	if d.Answer == "" && !d.DocumentsReturned {
		return n
	}
	for _, id := range h.errandsAmong(d.OrderIds) {
		o := &h.orders[id].OrderSnapshot
		e := *cmp.Or(h.Errands[id], delivery.NewErrand(o.OrderID()))
		n.errands[id] = &e
		if d.Answer != "" {
			if event := e.Record(a, o, d.Answer, at); event != nil {
				n.answered, n.events, n.text = append(n.answered, &e), append(n.events, event), n.text+len(d.Answer)
			}
		}
		if out := h.documents[id]; d.DocumentsReturned && len(out) > 0 {
			e.Out = 0
			n.documents = append(n.documents, out...)
			n.events = append(n.events, o.BroughtDocuments(a, len(out), at))
		}
	}
	return n
}

// take keeps the answers and returned documents of a door that is handed over.
func (h *handover) take(n *errandEnds, a delivery.Actor, at time.Time) {
	for _, e := range n.answered {
		h.errands.Errand(e)
	}
	for _, d := range n.documents {
		if d.Return(a, at) == nil { // they are out, and each is of one door
			h.errands.Document(d)
		}
	}
	h.events, h.text = append(h.events, n.events...), h.text+n.text
}
