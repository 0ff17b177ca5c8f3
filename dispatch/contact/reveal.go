package contact

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// RevealContact gives a household's name and phone whole to who needs them now, and writes who looked, when and why in
// the same transaction. Nothing of it enters the feed. A retry looks again under the permission of that moment; after
// lookSame it is another look, and written as one.
func (v *Verbs) RevealContact(ctx context.Context, a delivery.Actor, in RevealContactInput) (*RevealContactPayload, error) {
	p, err := v.revealContact(ctx, a, in, in.ClientMutationID)
	if err != nil || len(p.Looks) == 0 || p.Contact != nil {
		return p, err
	}
	if v.Machine().Sub(p.LookedAt) >= lookSame {
		if p, err = v.revealContact(ctx, a, in, nil); err == nil {
			p.ClientMutationID = in.ClientMutationID
		}
		return p, err
	}
	contacts, refusal, err := v.lookAgain(ctx, a, p.Looks)
	switch {
	case err != nil:
		return nil, err
	case len(contacts) > 0:
		p.Contact = contacts[0]
	default:
		p.Refuse(refusal)
	}
	return p, nil
}

// lookSame is for how long a retry is the look that was written.
const lookSame = 10 * time.Minute

// revealContact looks once for a clientMutationId. The outcome stored for a retry contains no contact.
func (v *Verbs) revealContact(ctx context.Context, a delivery.Actor, in RevealContactInput, id *string) (*RevealContactPayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "revealContact", Community: in.HouseholdID.Community, ID: id, Input: in}
	p, err := dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *RevealContactPayload) (bool, error) {
		if refusal := in.check(a); refusal != nil {
			return false, refusal
		}
		community, h, order, refusal, err := in.judge(ctx, t, a)
		if err != nil {
			return false, err
		}
		if refusal != nil {
			return false, refusal
		}
		fit, sum, refusal, err := spend(ctx, t, a, community, []*delivery.Reveal{delivery.NewReveal(dispatch.NewUUID(), a, h, order, in.Reason, at)}, at)
		if err != nil {
			return false, err
		}
		out.tally = sum
		if len(fit) == 0 {
			out.Refuse(refusal.At("orderId"))
			return false, nil
		}
		out.Looks, out.LookedAt, out.Contact = []RevealedHousehold{{HouseholdID: h.ID(), OrderID: in.OrderID}}, v.Machine(), h.Contact()
		return true, nil
	})
	if err == nil {
		v.count(ctx, a, p.tally)
	}
	return p, err
}

func (in *RevealContactInput) check(a delivery.Actor) *delivery.Error {
	if refusal := dispatch.CheckID(in.HouseholdID, delivery.KindHousehold, 0); refusal != nil {
		return refusal.At("householdId")
	}
	if in.OrderID != nil {
		if refusal := dispatch.CheckID(*in.OrderID, delivery.KindOrder, in.HouseholdID.Community); refusal != nil {
			return refusal.At("orderId")
		}
	}
	if refusal := delivery.CheckText(in.Reason, delivery.MaxReason, true); refusal != nil {
		return refusal.At("reason")
	}
	if !a.Scope().SeesCommunity(in.HouseholdID.Community) {
		return noHousehold()
	}
	return nil
}

// judge reads the household and the order as they are now, and asks whether the actor may look.
func (in *RevealContactInput) judge(ctx context.Context, t *db.Tx, a delivery.Actor) (*delivery.Community, *delivery.Household, *delivery.OrderSnapshot, *delivery.Error, error) {
	community, err := t.LockCommunity(ctx, in.HouseholdID.Community, false)
	if delivery.AsError(err) != nil {
		return nil, nil, nil, noHousehold(), nil
	}
	if err != nil {
		return nil, nil, nil, nil, err
	}
	homes, err := t.HouseholdsOf(ctx, community.CommunityID, []delivery.UUID{in.HouseholdID.UUID}, nil)
	if err != nil {
		return nil, nil, nil, nil, err
	}
	if len(homes) == 0 {
		return nil, nil, nil, noHousehold(), nil
	}
	var order *delivery.OrderSnapshot
	if in.OrderID != nil {
		orders, err := t.LockOrders(ctx, a.Scope(), community.CommunityID, []delivery.UUID{in.OrderID.UUID}, nil)
		if err != nil {
			return nil, nil, nil, nil, err
		}
		order = &delivery.OrderSnapshot{} // an order out of sight counts as none
		if len(orders) > 0 {
			order = &orders[0].OrderSnapshot
		}
	}
	refusal := a.CanReveal(homes[0], order)
	if refusal == nil && community.Purged() {
		refusal = delivery.Refuse(dispatch.ReasonPurged)
	}
	return community, homes[0], order, refusal, nil
}

func noHousehold() *delivery.Error {
	return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindHousehold.String()).At("householdId")
}

// lookAgain reads what a repeated call looked at before, as far as the actor may look at it today, in the order of then.
// If nothing is left, it returns the reason.
func (v *Verbs) lookAgain(ctx context.Context, a delivery.Actor, looks []RevealedHousehold) (contacts []*delivery.Contact, refusal *delivery.Error, err error) {
	scope := a.Scope()
	var homeIDs, orderIDs []delivery.ID
	for _, l := range looks {
		homeIDs = append(homeIDs, l.HouseholdID)
		if l.OrderID != nil {
			orderIDs = append(orderIDs, *l.OrderID)
		}
	}
	communities, err := v.DB.CommunitiesByID(ctx, scope, []delivery.ID{{Kind: delivery.KindCommunity, Community: looks[0].HouseholdID.Community}})
	if err != nil {
		return nil, nil, err
	}
	if len(communities) == 0 {
		return nil, noHousehold(), nil
	}
	if communities[0].Purged() {
		return nil, delivery.Refuse(dispatch.ReasonPurged), nil
	}
	homes, err := v.DB.HouseholdsByID(ctx, scope, homeIDs)
	if err != nil {
		return nil, nil, err
	}
	orders, err := v.DB.OrdersByID(ctx, scope, orderIDs)
	if err != nil {
		return nil, nil, err
	}
	homeOf, orderOf := dispatch.ByUUID(homes), dispatch.ByUUID(orders)
	for _, l := range looks {
		h := homeOf[l.HouseholdID.UUID]
		if h == nil {
			refusal = noHousehold()
			continue
		}
		var order *delivery.OrderSnapshot
		if l.OrderID != nil {
			order = &delivery.OrderSnapshot{}
			if o := orderOf[l.OrderID.UUID]; o != nil {
				order = &o.OrderSnapshot
			}
		}
		if no := a.CanReveal(h, order); no != nil {
			refusal = no
			continue
		}
		contacts = append(contacts, h.Contact())
	}
	return contacts, refusal, nil
}
