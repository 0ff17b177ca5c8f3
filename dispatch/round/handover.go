package round

import (
	"context"
	"crypto/subtle"
	"strconv"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// The refusals of handing over at a door.
var (
	ReasonNotOneDoor = delivery.NewReason("NOT_ONE_DOOR", delivery.CodeBadUserInput,
		"These orders are for different households; give each household as a door of its own.",
		"这些订单属于不同住户，请分户填写。")
	ReasonWrongCode = delivery.NewReason("WRONG_CODE", delivery.CodeConflict,
		"This is not the code of that household; %d attempts are left.",
		"口令不正确，还可尝试 %d 次。")
	ReasonNoPhoto = delivery.NewReason("NO_PHOTO", delivery.CodeBadUserInput,
		"Name the photo that proves the hand-over.",
		"请提供门口照片。")
	ReasonNoConfirmation = delivery.NewReason("NO_CONFIRMATION", delivery.CodeConflict,
		"The household has not confirmed yet that it received this.",
		"住户尚未确认收到。")
)

// HandOver hands orders over, door by door: all orders of a door, or none.
func (v *Verbs) HandOver(ctx context.Context, a delivery.Actor, in HandOverInput) (*HandOverPayload, error) {
	for _, d := range in.Doors {
		d.DeviceTime = dispatch.Instant(d.DeviceTime)
	}
	ids, bad := in.check()
	c := dispatch.Call{Actor: a, Mutation: "handOver", ID: in.ClientMutationID, Input: in}
	if len(ids) > 0 {
		c.Community = ids[0].Community
	}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, _ time.Time, out *HandOverPayload) (bool, error) {
		if bad != nil {
			return false, bad
		}
		l, err := lockOrders(ctx, t, a, c.Community, ids)
		if err != nil {
			return false, err
		}
		h, err := v.proofs(ctx, t, c.Community, l, in.Doors)
		if err != nil {
			return false, err
		}
		at := v.BusinessTime() // others may have moved the orders while we waited for them
		refused := false
		for i, door := range in.Doors {
			result := &DoorResult{OrderIds: door.OrderIds}
			if refusal := h.door(a, door, at); refusal != nil {
				refused = true
				result.Refuse("doors", i, refusal)
			} else {
				result.Delivered = true
			}
			out.Results = append(out.Results, result)
		}
		if in.Atomic && refused {
			dispatch.Undo(out.Results, "doors")
			h.events, h.proven, h.photos, h.errands = nil, nil, nil, dispatch.NewErrandChanges(c.Community)
		}
		if len(h.events) == 0 && len(h.wrong) == 0 {
			return false, nil
		}
		if err := t.Decided(); err != nil {
			return false, err
		}
		if err := t.NoteWrongCodes(ctx, c.Community, h.wrong); err != nil { // also when nothing else of the call is done
			return false, err
		}
		if h.photos != nil {
			if err := h.photos.Save(ctx, t); err != nil {
				return false, err
			}
		}
		if err := t.InsertProofs(ctx, h.proven); err != nil {
			return false, err
		}
		t.Spend(delivery.QuotaText, h.text)
		if err := h.errands.Save(ctx, t); err != nil {
			return false, err
		}
		return true, dispatch.Record(ctx, t, c.Community, h.events)
	})
}

// check returns all orders of the doors, or the refusal of the whole call.
func (in *HandOverInput) check() ([]delivery.ID, *delivery.Error) {
	if refusal := dispatch.CheckCount(len(in.Doors), "doors"); refusal != nil {
		return nil, refusal
	}
	var ids []delivery.ID
	for i, d := range in.Doors {
		at := func(e *delivery.Error, field ...string) *delivery.Error {
			return e.At(append([]string{"doors", strconv.Itoa(i)}, field...)...)
		}
		if len(d.OrderIds) == 0 {
			return nil, at(delivery.Refuse(dispatch.ReasonEmptyList), "orderIds")
		}
		if refusal := dispatch.CheckNote(d.Note, d.DeviceTime); refusal != nil {
			return nil, at(refusal)
		}
		if refusal := delivery.CheckText(d.Code, delivery.MaxCode, false); refusal != nil {
			return nil, at(refusal, "code")
		}
		if refusal := delivery.CheckText(d.Answer, delivery.MaxNote, false); refusal != nil {
			return nil, at(refusal, "answer")
		}
		for range d.OrderIds {
			ids = append(ids, delivery.ID{})
		}
		copy(ids[len(ids)-len(d.OrderIds):], d.OrderIds)
	}
	if _, refusal := dispatch.CheckIDs(ids, "doors", "orderIds", delivery.KindOrder); refusal != nil {
		return nil, refusal
	}
	return ids, nil
}

// handover holds what the doors of a call are judged by, and the events and wrong codes.
type handover struct {
	*locked
	photos    *dispatch.Attaching
	secret    string
	attempts  map[delivery.UUID]int
	confirmed map[delivery.UUID]bool

	documents map[delivery.UUID][]*delivery.Document // that are out, by order, where a door returns them

	events  []*delivery.Event
	proven  []*delivery.Proof
	wrong   []delivery.UUID // orders for which a wrong code was given
	errands *dispatch.ErrandChanges
	text    int // bytes of the answers
}

// proofs reads what the proofs of the doors are compared with.
func (v *Verbs) proofs(ctx context.Context, t *db.Tx, community int32, l *locked, doors []*HandOverDoorInput) (*handover, error) {
	h := &handover{locked: l, errands: dispatch.NewErrandChanges(community)}
	var coded, confirmed, returned []delivery.UUID
	var photos []delivery.ID
	for _, d := range doors {
		if d.DocumentsReturned {
			returned = append(returned, l.errandsAmong(d.OrderIds)...)
		}
		switch d.Proof {
		case delivery.ProofPhoto:
			if d.PhotoID != nil {
				photos = append(photos, *d.PhotoID)
			}
		case delivery.ProofCode:
			coded = append(coded, dispatch.UUIDs(d.OrderIds)...)
		case delivery.ProofResident:
			confirmed = append(confirmed, dispatch.UUIDs(d.OrderIds)...)
		}
	}
	var err error
	if h.photos, err = v.LockFiles(ctx, t, community, photos); err != nil {
		return nil, err
	}
	if len(coded) > 0 {
		if h.secret, err = t.DoorSecret(ctx, community); err != nil {
			return nil, err
		}
		if h.attempts, err = t.WrongCodes(ctx, community, coded); err != nil {
			return nil, err
		}
	}
	if h.documents, err = documentsOut(ctx, t, community, returned); err != nil {
		return nil, err
	}
	if len(confirmed) > 0 {
		h.confirmed, err = t.ResidentProofs(ctx, community, confirmed)
	}
	return h, err
}

// door hands over all orders of a door, or refuses it. Permission comes before the proof: callers who may not hand over learn nothing of
// codes.
func (h *handover) door(a delivery.Actor, d *HandOverDoorInput, at time.Time) *delivery.Error {
	move := delivery.Move{To: delivery.Delivered, Proven: true, Note: d.Note, DeviceTime: d.DeviceTime}
	ends := h.endErrands(a, d, at)
	var events []*delivery.Event
	for j, id := range d.OrderIds {
		move.Errand = ends.errand(h, id)
		e, refusal := h.step(a, id, move, at)
		if refusal != nil {
			return refusal.At("orderIds", strconv.Itoa(j))
		}
		if e.Order.HouseholdUUID != h.orders[d.OrderIds[0].UUID].HouseholdUUID {
			return delivery.Refuse(ReasonNotOneDoor).At("orderIds", strconv.Itoa(j))
		}
		if refusal := e.Order.CheckProof(d.Proof, h.Roster.Proofs); refusal != nil {
			return refusal.At("proof")
		}
		events = append(events, e)
	}
	if d.Answer != "" && len(ends.errands) == 0 {
		return delivery.Refuse(delivery.ReasonNotAnErrand).At("answer")
	}
	if refusal := h.prove(a, d); refusal != nil {
		return refusal
	}
	h.take(ends, a, at)
	for _, e := range events {
		if proved := h.orders[e.Order.UUID].Prove(a, d.Proof, at); proved != nil {
			h.events = append(h.events, proved)
			var refusal *delivery.Error
			move.Errand = ends.errand(h, e.Order.OrderID())
			if e, refusal = proved.Order.Advance(a, move, at, nil, h.Roster); refusal != nil { // it was judged above
				return refusal
			}
		}
		h.events = append(h.events, e)
		proof := delivery.NewProof(e, d.Proof)
		if d.Proof == delivery.ProofPhoto {
			proof.FileUUID = &d.PhotoID.UUID
		}
		h.proven = append(h.proven, proof)
	}
	return nil
}

// prove checks the proof of a door.
func (h *handover) prove(a delivery.Actor, d *HandOverDoorInput) *delivery.Error {
	switch d.Proof {
	case delivery.ProofPhoto:
		if d.PhotoID == nil {
			return delivery.Refuse(ReasonNoPhoto).At("photoId")
		}
		o := h.orders[d.OrderIds[0].UUID]
		seen := delivery.Keys{Community: o.CommunityID, Building: o.BuildingUUID, Household: o.HouseholdUUID}
		if refusal := h.photos.Attach(a, *d.PhotoID, seen); refusal != nil {
			return refusal.At("photoId")
		}
	case delivery.ProofCode:
		return h.checkCode(d)
	case delivery.ProofResident:
		for j, id := range d.OrderIds {
			if !h.confirmed[id.UUID] {
				return delivery.Refuse(ReasonNoConfirmation).At("orderIds", strconv.Itoa(j))
			}
		}
	}
	return nil
}

// checkCode compares the code with those of the door's orders: any one will do. After MaxCodeAttempts wrong ones for an order another
// kind of proof is needed.
func (h *handover) checkCode(d *HandOverDoorInput) *delivery.Error {
	most := 0
	for _, id := range d.OrderIds {
		most = max(most, h.attempts[id.UUID])
	}
	if most >= delivery.MaxCodeAttempts {
		return h.orders[d.OrderIds[0].UUID].WithoutCode(h.Roster.Proofs).At("proof")
	}
	for _, id := range d.OrderIds {
		if subtle.ConstantTimeCompare([]byte(delivery.DoorCode(h.secret, id.UUID)), []byte(delivery.NormalCode(d.Code))) == 1 {
			return nil
		}
	}
	h.wrong = append(h.wrong, dispatch.UUIDs(d.OrderIds)...)
	left := delivery.MaxCodeAttempts - most - 1
	return delivery.Refuse(ReasonWrongCode, left).At("code").With(delivery.Details{Left: &left})
}
