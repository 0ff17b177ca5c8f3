package contact

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// RevealRound gives the contacts of a volunteer's round at once: of all households that orders wait for at the building
// or on the stairs, from the top floor down. It writes a row for each in the same transaction, for the first order that
// waits there. More than delivery.MaxBulk households are refused: name a building. A retry is as one of RevealContact.
func (v *Verbs) RevealRound(ctx context.Context, a delivery.Actor, in RevealRoundInput) (*RevealRoundPayload, error) {
	p, err := v.revealRound(ctx, a, in, in.ClientMutationID)
	if err != nil || len(p.Contacts) == len(p.Looks) {
		return p, err
	}
	if v.Machine().Sub(p.LookedAt) >= lookSame {
		if p, err = v.revealRound(ctx, a, in, nil); err == nil {
			p.ClientMutationID = in.ClientMutationID
		}
		return p, err
	}
	contacts, refusal, err := v.lookAgain(ctx, a, p.Looks)
	if err != nil {
		return nil, err
	}
	if p.Contacts = contacts; len(contacts) == 0 {
		p.Refuse(refusal)
	}
	return p, nil
}

// revealRound looks once for a clientMutationId. The outcome stored for a retry contains no contacts.
func (v *Verbs) revealRound(ctx context.Context, a delivery.Actor, in RevealRoundInput, id *string) (*RevealRoundPayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "revealRound", Community: in.CommunityID.Community, ID: id, Input: in}
	p, err := dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *RevealRoundPayload) (bool, error) {
		buildings, refusal := in.buildings(a)
		if refusal != nil {
			return false, refusal
		}
		community, homes, err := in.doors(ctx, t, a, buildings)
		if err != nil {
			return false, err
		}
		reveals := make([]*delivery.Reveal, len(homes))
		for i, h := range homes {
			reveals[i] = delivery.NewReveal(dispatch.NewUUID(), a, &h.Household, h.Order(), in.Reason, at)
		}
		fit, sum, refusal, err := spend(ctx, t, a, community, reveals, at)
		if err != nil {
			return false, err
		}
		out.tally = sum
		if len(fit) == 0 && refusal != nil {
			out.Refuse(refusal)
			return false, nil
		}
		out.LookedAt, out.LeftOut = v.Machine(), len(homes)-len(fit)
		given := map[delivery.UUID]bool{}
		for _, r := range fit {
			given[r.UUID] = true
		}
		for i, h := range homes {
			if given[reveals[i].UUID] {
				order := delivery.ID{Kind: delivery.KindOrder, Community: h.CommunityID, UUID: h.OrderUUID}
				out.Looks = append(out.Looks, RevealedHousehold{HouseholdID: h.ID(), OrderID: &order})
				out.Contacts = append(out.Contacts, h.Contact())
			}
		}
		return len(fit) > 0, nil
	})
	if err == nil {
		v.count(ctx, a, p.tally)
	}
	return p, err
}

// buildings are those of the round.
func (in *RevealRoundInput) buildings(a delivery.Actor) ([]delivery.UUID, *delivery.Error) {
	if refusal := dispatch.CheckID(in.CommunityID, delivery.KindCommunity, 0); refusal != nil {
		return nil, refusal.At("communityId")
	}
	var named *delivery.UUID
	if in.BuildingID != nil {
		if refusal := dispatch.CheckID(*in.BuildingID, delivery.KindBuilding, in.CommunityID.Community); refusal != nil {
			return nil, refusal.At("buildingId")
		}
		named = &in.BuildingID.UUID
	}
	if refusal := delivery.CheckText(in.Reason, delivery.MaxReason, true); refusal != nil {
		return nil, refusal.At("reason")
	}
	return a.RoundOf(in.CommunityID.Community, named)
}

// doors are the households of the round as they are now.
func (in *RevealRoundInput) doors(ctx context.Context, t *db.Tx, a delivery.Actor, buildings []delivery.UUID) (*delivery.Community, []*db.RoundHousehold, error) {
	community, err := t.LockCommunity(ctx, in.CommunityID.Community, false)
	if err != nil {
		if refusal := delivery.AsError(err); refusal != nil {
			err = refusal.At("communityId")
		}
		return nil, nil, err
	}
	if community.Purged() {
		return nil, nil, delivery.Refuse(dispatch.ReasonPurged)
	}
	there, err := t.Buildings().All(ctx, community.CommunityID) // the community's lock keeps them unchanged
	if err != nil {
		return nil, nil, err
	}
	if !slices.ContainsFunc(there, func(b *delivery.Building) bool { return slices.Contains(buildings, b.UUID) }) {
		return nil, nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindBuilding.String()).At("buildingId")
	}
	homes, err := t.RoundHouseholds(ctx, a.Scope(), community.CommunityID, buildings, a.UUID, delivery.MaxBulk+1)
	if len(homes) > delivery.MaxBulk {
		return nil, nil, delivery.Refuse(dispatch.ReasonTooMany, delivery.MaxBulk, len(homes)).At("buildingId").With(delivery.Details{Limit: delivery.MaxBulk})
	}
	return community, homes, err
}
