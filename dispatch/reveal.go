package dispatch

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// RevealContact gives a household's name and phone whole to who needs them now, and writes who looked, when and why in
// the same transaction. Nothing of it enters the feed. A retry looks again under the permission of that moment; after
// lookSame it is another look, and written as one.
func (d *Dispatch) RevealContact(ctx context.Context, a delivery.Actor, in RevealContactInput) (*RevealContactPayload, error) {
	p, err := d.revealContact(ctx, a, in, in.ClientMutationID)
	if err != nil || len(p.Looks) == 0 || p.Contact != nil {
		return p, err
	}
	if d.Machine().Sub(p.LookedAt) >= lookSame {
		if p, err = d.revealContact(ctx, a, in, nil); err == nil {
			p.echo(in.ClientMutationID)
		}
		return p, err
	}
	contacts, refusal, err := d.lookAgain(ctx, a, p.Looks)
	switch {
	case err != nil:
		return nil, err
	case len(contacts) > 0:
		p.Contact = contacts[0]
	default:
		p.refuse(refusal)
	}
	return p, nil
}

// lookSame is for how long a retry is the look that was written.
const lookSame = 10 * time.Minute

// revealContact looks once for a clientMutationId; what is repeated has no contact.
func (d *Dispatch) revealContact(ctx context.Context, a delivery.Actor, in RevealContactInput, id *string) (*RevealContactPayload, error) {
	c := call{actor: a, mutation: "revealContact", community: in.HouseholdID.Community, id: id, input: in}
	looks := looking{d: d, actor: a}
	p, err := run(ctx, d, c, func(t *db.Tx, at time.Time, out *RevealContactPayload) (bool, error) {
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
		fit, refusal, err := looks.spend(ctx, t, community, []*delivery.Reveal{delivery.NewReveal(newUUID(), a, h, order, in.Reason, at)}, at)
		if err != nil {
			return false, err
		}
		if len(fit) == 0 {
			return false, refusal.At("orderId")
		}
		out.Looks, out.LookedAt, out.Contact = []Look{{HouseholdID: h.ID(), OrderID: in.OrderID}}, d.Machine(), h.Contact()
		return true, nil
	})
	if err == nil {
		looks.committed(ctx)
	}
	return p, err
}

func (in *RevealContactInput) check(a delivery.Actor) *delivery.Error {
	if refusal := checkID(in.HouseholdID, delivery.KindHousehold, 0); refusal != nil {
		return refusal.At("householdId")
	}
	if in.OrderID != nil {
		if refusal := checkID(*in.OrderID, delivery.KindOrder, in.HouseholdID.Community); refusal != nil {
			return refusal.At("orderId")
		}
	}
	if refusal := delivery.CheckText(in.Reason, delivery.MaxReason, true); refusal != nil {
		return refusal.At("reason")
	}
	if !a.Scope().Enters(in.HouseholdID.Community) {
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
	homes, err := t.Households(ctx, community.CommunityID, []delivery.UUID{in.HouseholdID.UUID}, nil)
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
		order = &delivery.OrderSnapshot{} // out of sight is as good as nobody's
		if len(orders) > 0 {
			order = &orders[0].OrderSnapshot
		}
	}
	refusal := a.CanReveal(homes[0], order)
	if refusal == nil && community.Purged() {
		refusal = delivery.Refuse(delivery.ReasonPurged)
	}
	return community, homes[0], order, refusal, nil
}

func noHousehold() *delivery.Error {
	return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindHousehold.String()).At("householdId")
}

// lookAgain reads what a repeated call looked at before, as far as the actor may look at it today, in the order of then.
// If that is nothing at all, it says why.
func (d *Dispatch) lookAgain(ctx context.Context, a delivery.Actor, looks []Look) (contacts []*delivery.Contact, refusal *delivery.Error, err error) {
	scope := a.Scope()
	var homeIDs, orderIDs []delivery.ID
	for _, l := range looks {
		homeIDs = append(homeIDs, l.HouseholdID)
		if l.OrderID != nil {
			orderIDs = append(orderIDs, *l.OrderID)
		}
	}
	communities, err := d.DB.CommunitiesByID(ctx, scope, []delivery.ID{{Kind: delivery.KindCommunity, Community: looks[0].HouseholdID.Community}})
	if err != nil {
		return nil, nil, err
	}
	if len(communities) == 0 {
		return nil, noHousehold(), nil
	}
	if communities[0].Purged() {
		return nil, delivery.Refuse(delivery.ReasonPurged), nil
	}
	homes, err := d.DB.HouseholdsByID(ctx, scope, homeIDs)
	if err != nil {
		return nil, nil, err
	}
	orders, err := d.DB.OrdersByID(ctx, scope, orderIDs)
	if err != nil {
		return nil, nil, err
	}
	homeOf, orderOf := byUUID(homes), byUUID(orders)
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
