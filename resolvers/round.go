package resolvers

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/round"
	"baogong/graph"
	"baogong/live"
)

var (
	roundByID     = noun(delivery.KindRound, (*db.DB).RoundsByID)
	ordersOfRound = belonging((*db.DB).OrdersOfRounds, (*db.OrderOfRound).RoundID)
	proofsOfOrder = belonging((*db.DB).ProofsOfOrders, (*delivery.Proof).OrderID)
	doorSecretOf  = belonging((*db.DB).DoorSecrets, (*db.DoorSecret).OrderID)
)

func (r queryResolver) Rounds(ctx context.Context, communityID delivery.ID, open bool, buildingID *delivery.ID, first *int, after *string, last *int, before *string) (*graph.RoundConnection, error) {
	var building delivery.UUID
	if buildingID != nil {
		if buildingID.Kind != delivery.KindBuilding || buildingID.Community != communityID.Community {
			return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindBuilding.String()).At("buildingId")
		}
		building = buildingID.UUID
	}
	rows, err := listed[graph.RoundEdge](ctx, r.Resolver, communityID, paging{first, last, after, before}, boundTo("rounds", communityID, open, building),
		func(s delivery.Scope, p db.Range) (*db.Rows[delivery.Round], error) {
			return r.DB.Rounds(ctx, s, communityID.Community, open, building, p)
		})
	return (*graph.RoundConnection)(rows), err
}

func (r mutationResolver) StartRound(ctx context.Context, input round.StartRoundInput) (*round.StartRoundPayload, error) {
	return r.Verbs.Round.StartRound(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) HandOver(ctx context.Context, input round.HandOverInput) (*round.HandOverPayload, error) {
	return r.Verbs.Round.HandOver(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) EndRound(ctx context.Context, input round.EndRoundInput) (*round.EndRoundPayload, error) {
	return r.Verbs.Round.EndRound(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) ConfirmReceipt(ctx context.Context, input round.ConfirmReceiptInput) (*round.ConfirmReceiptPayload, error) {
	return r.Verbs.Round.ConfirmReceipt(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) Dispute(ctx context.Context, input round.DisputeInput) (*round.DisputePayload, error) {
	return r.Verbs.Round.Dispute(ctx, ActorFrom(ctx), input)
}

// StartRoundPayload returns the resolver of StartRoundPayload.
func (*Resolver) StartRoundPayload() graph.StartRoundPayloadResolver { return startedRound{} }

type startedRound struct{}

func (startedRound) Round(ctx context.Context, p *round.StartRoundPayload) (*delivery.Round, error) {
	return maybe(ctx, roundByID.in(load(ctx)), p.RoundID)
}

// EndRoundPayload returns the resolver of EndRoundPayload.
func (*Resolver) EndRoundPayload() graph.EndRoundPayloadResolver { return endedRound{} }

type endedRound struct{}

func (endedRound) Round(ctx context.Context, p *round.EndRoundPayload) (*delivery.Round, error) {
	return maybe(ctx, roundByID.in(load(ctx)), p.RoundID)
}

type roundResolver struct{ *Resolver }

// Round returns the resolver of Round.
func (r *Resolver) Round() graph.RoundResolver { return roundResolver{r} }

func (roundResolver) Carrier(ctx context.Context, r *delivery.Round) (*delivery.Volunteer, error) {
	return maybe(ctx, volunteerByID.in(load(ctx)), r.VolunteerID())
}

// Doors groups the orders that are out by household. They come in the order of the doors.
func (roundResolver) Doors(ctx context.Context, r *delivery.Round) ([]*graph.RoundDoor, error) {
	rows, err := of(ctx, ordersOfRound.in(load(ctx)), r, by((*delivery.Round).ID))
	if err != nil {
		return nil, err
	}
	doors := []*graph.RoundDoor{}
	if len(rows) == 0 {
		return doors, nil
	}
	c, err := there(get(ctx, communityByID.in(load(ctx)), delivery.ID{Kind: delivery.KindCommunity, Community: r.CommunityID}))(delivery.KindCommunity)
	if err != nil {
		return nil, err
	}
	for i, o := range rows {
		if i == 0 || rows[i-1].HouseholdUUID != o.HouseholdUUID {
			doors = append(doors, &graph.RoundDoor{Address: o.Address, Floor: o.Floor, Instructions: o.Needs.Instructions(), Proofs: delivery.ProofKinds})
		}
		door := doors[len(doors)-1]
		door.Orders = append(door.Orders, &o.Order)
		door.Bags += o.CarriedBags()
		door.Proofs = slices.DeleteFunc(slices.Clone(door.Proofs), func(k delivery.ProofKind) bool { return !slices.Contains(o.AcceptedProofs(c.Proofs), k) })
	}
	return doors, nil
}

func (orderResolver) Round(ctx context.Context, o *delivery.Order) (*delivery.Round, error) {
	if !sight(ctx).Team {
		return nil, nil
	}
	return maybe(ctx, roundByID.in(load(ctx)), refOf(delivery.KindRound, o.CommunityID, o.RoundUUID))
}

func (orderResolver) Proofs(ctx context.Context, o *delivery.Order) ([]*delivery.Proof, error) {
	if !sight(ctx).Whole {
		return []*delivery.Proof{}, nil
	}
	return of(ctx, proofsOfOrder.in(load(ctx)), o, by((*delivery.Order).ID))
}

func (orderResolver) ConfirmedAt(ctx context.Context, o *delivery.Order) (*time.Time, error) {
	if !sight(ctx).Whole {
		return nil, nil
	}
	return o.ConfirmedAt, nil
}

func (orderResolver) DoorCode(ctx context.Context, o *delivery.Order) (*string, error) {
	if !ActorFrom(ctx).SeesCode(&o.OrderSnapshot) || o.Stage.Final() {
		return nil, nil
	}
	found, err := get(ctx, doorSecretOf.in(load(ctx)), o.ID())
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return new(delivery.DoorCode(found[0].Secret, o.UUID)), nil
}

// The field of an event that is of a proof.
var _ = eventParts.add(parts{
	"proof": func(b []byte, p *part) []byte { return maybeText(b, p.event.Proof()) },
})

// Proof returns the resolver of Proof.
func (r *Resolver) Proof() graph.ProofResolver { return proofResolver{r} }

type proofResolver struct{ *Resolver }

func (r proofResolver) PhotoURL(_ context.Context, p *delivery.Proof) (*string, error) {
	return r.photoURL(p.CommunityID, p.FileUUID), nil
}

// photoURL is the path at which a file is shown, nil for none.
func (r *Resolver) photoURL(community int32, file *delivery.UUID) *string {
	if file == nil {
		return nil
	}
	return new(r.Root + "/files/" + delivery.ID{Kind: delivery.KindFile, Community: community, UUID: *file}.String())
}

// MyRound streams a volunteer's open round and what waits for the next, now and after changes.
func (r subscriptionResolver) MyRound(ctx context.Context, communityID delivery.ID, volunteerID *delivery.ID) (<-chan *delivery.MyRound, error) {
	return live.Subscribe[*delivery.MyRound](ctx, func() (live.Flow, error) {
		if _, err := r.inTeam(ctx, communityID); err != nil {
			return nil, err
		}
		a := ActorFrom(ctx)
		if volunteerID != nil {
			if refusal := dispatch.CheckID(*volunteerID, delivery.KindVolunteer, communityID.Community); refusal != nil {
				return nil, refusal.At("volunteerId")
			}
		} else if own := a.Volunteer(); own != nil {
			volunteerID = &delivery.ID{Kind: delivery.KindVolunteer, Community: a.Community, UUID: *own}
		}
		if volunteerID == nil || !a.CanWatchRound(communityID.Community, volunteerID.UUID) {
			return nil, delivery.Refuse(delivery.ReasonNotYours)
		}
		if _, err := there(single(r.DB.VolunteersByID(ctx, a.Scope(), []delivery.ID{*volunteerID})))(delivery.KindVolunteer); err != nil {
			return nil, missing(err, "volunteerId")
		}
		mine, err := watch(ctx, r.mine, a, live.Target{Community: communityID.Community, Row: volunteerID.UUID}, delivery.KindCommunity)
		return mine, missing(err, "communityId")
	})
}

// loadMine reads a volunteer's round once for all its subscribers with one View. The volunteer is the target: two volunteers may have one View.
func (r *Resolver) loadMine(ctx context.Context, k live.StateKey) (*delivery.MyRound, error) {
	round, err := r.DB.RoundOf(ctx, k.Scope, k.Community, k.Row)
	if err != nil {
		return nil, err
	}
	waiting, err := r.DB.OrdersToTake(ctx, k.Scope, k.Community, k.Row)
	return &delivery.MyRound{Round: round, Waiting: waiting}, err
}

// changesMine reports whether the event may change a volunteer's round or what waits for the next. Events do not name the volunteers of a round,
// so it does not look at the target.
func changesMine(e *delivery.Event, k *live.StateKey) bool {
	return e.OfRounds() && e.MayChange(&k.Scope)
}
