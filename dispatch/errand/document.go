package errand

import (
	"cmp"
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

var reasonManyDocuments = delivery.NewReason("MANY_DOCUMENTS", delivery.CodeBadUserInput,
	"At most %d documents of an errand can be out at once; these would make %d.",
	"一个代办最多同时带出 %d 份证件，加上这些共 %d 份。")

// TakeDocuments records cards and papers that a volunteer takes along for an errand that has not ended.
func (v *Verbs) TakeDocuments(ctx context.Context, a delivery.Actor, in TakeDocumentsInput) (*TakeDocumentsPayload, error) {
	community := in.OrderID.Community
	c := dispatch.Call{Actor: a, Mutation: "takeDocuments", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, _ time.Time, out *TakeDocumentsPayload) (bool, error) {
		switch n := len(in.Kinds); {
		case n == 0:
			return false, delivery.Refuse(dispatch.ReasonEmptyList).At("kinds")
		case n > delivery.MaxDocuments:
			return false, delivery.Refuse(dispatch.ReasonTooMany, delivery.MaxDocuments, n).At("kinds").With(delivery.Details{Limit: delivery.MaxDocuments})
		}
		o, err := lock(ctx, t, a, in.OrderID)
		if err != nil {
			return false, err
		}
		if o.Stage.Final() {
			return false, delivery.Refuse(delivery.ReasonFinalStage, o.Stage).At("orderId").With(o.Where())
		}
		errands, err := t.Errands(ctx, community, []delivery.UUID{o.UUID})
		if err != nil {
			return false, err
		}
		e := cmp.Or(errands[o.UUID], delivery.NewErrand(in.OrderID))
		if n := e.Out + len(in.Kinds); n > delivery.MaxDocumentsOut {
			return false, delivery.Refuse(reasonManyDocuments, delivery.MaxDocumentsOut, n).At("kinds").With(delivery.Details{Limit: delivery.MaxDocumentsOut})
		}
		t.Spend(delivery.QuotaRows, len(in.Kinds))
		at := v.BusinessTime()
		changes := dispatch.NewErrandChanges(community)
		if errands[o.UUID] == nil {
			changes.Errand(e)
		}
		for _, kind := range in.Kinds {
			d := delivery.NewDocument(a, &o.OrderSnapshot, kind, at)
			d.UUID = dispatch.NewUUID()
			changes.Take(d)
			out.DocumentIds = append(out.DocumentIds, d.ID())
		}
		if err := changes.Save(ctx, t); err != nil {
			return false, err
		}
		out.OrderID = &in.OrderID
		return true, t.Append(ctx, community, []*delivery.Event{o.TookDocuments(a, len(in.Kinds), at)})
	})
}

// ReturnDocuments records that documents are back at their households, or lost, with a result per document. A loss opens an incident DOCUMENT_LOST
// on the order; a lost document that is found and returned closes it.
func (v *Verbs) ReturnDocuments(ctx context.Context, a delivery.Actor, in ReturnDocumentsInput) (*ReturnDocumentsPayload, error) {
	ids := dispatch.IDs(in.Documents, func(d *ReturnDocumentInput) delivery.ID { return d.DocumentID })
	community, bad := dispatch.CheckIDs(ids, "documents", "documentId", delivery.KindDocument)
	c := dispatch.Call{Actor: a, Mutation: "returnDocuments", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, _ time.Time, out *ReturnDocumentsPayload) (bool, error) {
		if bad != nil {
			return false, bad
		}
		named, err := t.OrdersOfDocuments(ctx, community, dispatch.UUIDs(ids))
		if err != nil {
			return false, err
		}
		locked, err := t.LockOrders(ctx, a.Scope(), community, named, nil)
		if err != nil {
			return false, err
		}
		r := &returning{a: a, at: v.BusinessTime(), orders: dispatch.ByUUID(locked), returned: map[delivery.UUID]int{}, lost: map[delivery.UUID]int{}, found: map[delivery.UUID]bool{},
			changes: dispatch.NewErrandChanges(community)}
		if r.documents, err = t.DocumentsOf(ctx, community, dispatch.OrderUUIDs(locked)); err != nil {
			return false, err
		}
		refused := r.judge(in.Documents, out)
		if in.Atomic && refused {
			dispatch.Undo(out.Results, "documents")
			return false, nil
		}
		if r.changes.Empty() {
			return false, nil
		}
		if err := t.Decided(); err != nil {
			return false, err
		}
		t.Spend(delivery.QuotaRows, len(r.lost))
		incidents, err := r.incidents(ctx, t, community)
		if err != nil {
			return false, err
		}
		if err := r.changes.Save(ctx, t); err != nil {
			return false, err
		}
		return true, t.Append(ctx, community, append(r.events(locked), incidents...))
	})
}

// returning holds what the documents of a call are judged by, and by order what was decided about them.
type returning struct {
	a         delivery.Actor
	at        time.Time
	orders    map[delivery.UUID]*delivery.Order
	documents []*delivery.Document // all of the orders
	returned  map[delivery.UUID]int
	lost      map[delivery.UUID]int
	found     map[delivery.UUID]bool
	changes   *dispatch.ErrandChanges
}

// judge judges the documents and reports whether one was refused.
func (r *returning) judge(items []*ReturnDocumentInput, out *ReturnDocumentsPayload) (refused bool) {
	known := make(map[delivery.UUID]*delivery.Document, len(r.documents))
	for _, d := range r.documents {
		known[d.UUID] = d
	}
	for i, item := range items {
		result := &DocumentResult{DocumentID: item.DocumentID}
		if refusal := r.one(known[item.DocumentID.UUID], item.Lost); refusal != nil {
			refused = true
			result.Refuse("documents", i, refusal)
		} else {
			result.Done = true
		}
		out.Results = append(out.Results, result)
	}
	return refused
}

func (r *returning) one(d *delivery.Document, lost bool) *delivery.Error {
	if d == nil {
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindDocument.String()).At("documentId")
	}
	if refusal := r.a.CheckErrand(&r.orders[d.OrderUUID].OrderSnapshot); refusal != nil {
		return refusal.At("documentId")
	}
	found := d.LostAt != nil
	if lost {
		if refusal := d.Lose(r.at); refusal != nil {
			return refusal.At("documentId")
		}
		r.lost[d.OrderUUID]++
	} else {
		if refusal := d.Return(r.a, r.at); refusal != nil {
			return refusal.At("documentId")
		}
		r.returned[d.OrderUUID]++
		r.found[d.OrderUUID] = r.found[d.OrderUUID] || found
	}
	r.changes.Document(d)
	return nil
}

// incidents opens the incidents of what is lost and names them in the documents, and resolves those of what is found.
func (r *returning) incidents(ctx context.Context, t *db.Tx, community int32) ([]*delivery.Event, error) {
	var orders, found []delivery.UUID
	for id := range r.lost {
		orders = append(orders, id)
	}
	for id, yes := range r.found {
		if yes {
			found = append(found, id)
		}
	}
	events, err := dispatch.FoundDocuments(ctx, t, r.a, r.at, community, found, r.documents)
	if err != nil || len(orders) == 0 {
		return events, err
	}
	kinds := []delivery.IncidentKind{delivery.IncidentDocumentLost}
	open, err := t.LockOpenIncidents(ctx, community, kinds, orders)
	if err != nil {
		return nil, err
	}
	about := map[delivery.UUID]*delivery.Incident{}
	for _, i := range open {
		about[*i.OrderUUID] = i
	}
	var fresh []*delivery.Incident
	for _, d := range r.documents { // in the order of their orders
		if r.lost[d.OrderUUID] > 0 && about[d.OrderUUID] == nil {
			i := r.orders[d.OrderUUID].NewDocumentLost()
			i.UUID = dispatch.NewUUID()
			about[d.OrderUUID] = i
			fresh = append(fresh, i)
		}
	}
	opened, err := dispatch.OpenIncidents(ctx, t, r.a, r.at, fresh)
	for _, d := range r.documents {
		if d.LostAt != nil && d.IncidentUUID == nil {
			d.IncidentUUID = &about[d.OrderUUID].UUID
		}
	}
	return append(events, opened...), err
}

// events returns what happened to the documents of each order.
func (r *returning) events(orders []*delivery.Order) (events []*delivery.Event) {
	for _, o := range orders {
		if n := r.returned[o.UUID]; n > 0 {
			events = append(events, o.BroughtDocuments(r.a, n, r.at))
		}
		if n := r.lost[o.UUID]; n > 0 {
			events = append(events, o.LostDocuments(r.a, n, r.at))
		}
	}
	return events
}
