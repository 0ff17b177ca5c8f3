package dispatch

import (
	"context"
	"slices"
	"strconv"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// CreateInvitations issues a code for each member of the team or supplier: administrators and the commander. An
// invitation that is still open is ended by the new one.
func (d *Dispatch) CreateInvitations(ctx context.Context, a delivery.Actor, in CreateInvitationsInput) (*CodesPayload, error) {
	community, bad := checkIDs(in.SubjectIds, "subjectIds", "", delivery.KindVolunteer, delivery.KindSupplier)
	return d.issue(ctx, issue{call: call{actor: a, mutation: "createInvitations", community: community, id: in.ClientMutationID, input: in},
		purpose: delivery.AccessInvitation, life: delivery.InvitationLife, uses: 1, list: "subjectIds", subjects: in.SubjectIds, atomic: in.Atomic, bad: bad})
}

// IssueCards issues a card for each household, and ends the card it had and whatever was signed in by that:
// administrators and the commander.
func (d *Dispatch) IssueCards(ctx context.Context, a delivery.Actor, in IssueCardsInput) (*CodesPayload, error) {
	i := issue{call: call{actor: a, mutation: "issueCards", id: in.ClientMutationID, input: in}, purpose: delivery.AccessCard,
		life: delivery.CardLife, uses: delivery.CardUses, list: "householdIds", subjects: in.HouseholdIds, building: in.BuildingID, atomic: in.Atomic}
	switch {
	case in.BuildingID != nil && len(in.HouseholdIds) > 0:
		i.bad = delivery.Refuse(delivery.ReasonOneOf, "householdIds", "buildingId").At("buildingId")
	case in.BuildingID != nil:
		i.community = in.BuildingID.Community
		if i.bad = checkID(*in.BuildingID, delivery.KindBuilding, 0); i.bad != nil {
			i.bad = i.bad.At("buildingId")
		}
	default:
		i.community, i.bad = checkIDs(in.HouseholdIds, "householdIds", "", delivery.KindHousehold)
	}
	return d.issue(ctx, i)
}

// issue is codes of one purpose to issue in one call.
type issue struct {
	call
	purpose  delivery.AccessPurpose
	life     time.Duration
	uses     int
	list     string
	subjects []delivery.ID
	building *delivery.ID // all of its households, in place of subjects
	atomic   bool
	bad      *delivery.Error
}

func (d *Dispatch) issue(ctx context.Context, i issue) (*CodesPayload, error) {
	return run(ctx, d, i.call, func(t *db.Tx, at time.Time, out *CodesPayload) (bool, error) {
		if i.bad == nil {
			i.bad = mayIssue(i.call)
		}
		if i.bad != nil {
			return false, i.bad
		}
		community, err := t.LockCommunity(ctx, i.community, false)
		if err != nil {
			return false, err
		}
		if community.Purged() { // nobody could redeem them
			return false, delivery.Refuse(delivery.ReasonPurged)
		}
		subjects, refusals, err := i.find(ctx, t)
		if err != nil {
			return false, err
		}
		now := d.Machine().Truncate(time.Microsecond)
		var codes []*delivery.AccessCode
		var rows []delivery.UUID
		for n, id := range subjects {
			result := &CodeResult{SubjectID: id}
			out.Results = append(out.Results, result)
			if refusal := refusals[id]; refusal != nil {
				result.UserErrors = []*delivery.Error{refusal.At(i.list, strconv.Itoa(n))}
				continue
			}
			codes, rows = append(codes, i.code(d.Keys, result, now)), append(rows, id.UUID)
		}
		if i.atomic && len(codes) < len(subjects) {
			out.undo(i.list)
			return false, nil
		}
		if len(codes) == 0 {
			return false, nil
		}
		t.Spend(delivery.QuotaCodes, len(codes))
		old, err := t.LockCodesOf(ctx, i.community, i.purpose, rows)
		if err != nil {
			return false, err
		}
		lost, err := t.EndCodes(ctx, idsOf(old), now)
		if err != nil {
			return false, err
		}
		if err := t.InsertCodes(ctx, codes); err != nil {
			return false, err
		}
		return true, t.Append(ctx, i.community, append(accessLost(i.actor, i.community, lost, at), codesEvent(delivery.CodesIssued, i.call, at)))
	})
}

// mayIssue refuses whoever may not issue and end codes in the call's community.
func mayIssue(c call) *delivery.Error {
	if !c.actor.Scope().Enters(c.community) {
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	if !c.actor.CanIssue(c.community) {
		return delivery.Refuse(delivery.ReasonNotYours)
	}
	return nil
}

// find lists whom the codes are for, and refuses those that are not there or archived.
func (i *issue) find(ctx context.Context, t *db.Tx) ([]delivery.ID, map[delivery.ID]*delivery.Error, error) {
	if i.building != nil {
		subjects, err := i.homes(ctx, t)
		return subjects, nil, err
	}
	archived := map[delivery.UUID]bool{} // of those that are there
	if i.purpose == delivery.AccessCard {
		homes, err := t.Households(ctx, i.community, uuids(i.subjects), nil)
		if err != nil {
			return nil, nil, err
		}
		for _, h := range homes {
			archived[h.UUID] = h.ArchivedAt != nil
		}
	} else {
		team, err := t.Volunteers(ctx, i.community)
		if err != nil {
			return nil, nil, err
		}
		for _, v := range team {
			archived[v.UUID] = v.ArchivedAt != nil
		}
		suppliers, err := t.Suppliers(ctx, i.community)
		if err != nil {
			return nil, nil, err
		}
		for _, s := range suppliers {
			archived[s.UUID] = s.ArchivedAt != nil
		}
	}
	refusals := map[delivery.ID]*delivery.Error{}
	for _, id := range i.subjects {
		if gone, there := archived[id.UUID]; !there {
			refusals[id] = delivery.Refuse(delivery.ReasonNoSuch, id.Kind.String())
		} else if gone {
			refusals[id] = delivery.Refuse(delivery.ReasonArchived)
		}
	}
	return i.subjects, refusals, nil
}

// homes are the households of the building.
func (i *issue) homes(ctx context.Context, t *db.Tx) (subjects []delivery.ID, err error) {
	homes, err := t.HouseholdsOfBuilding(ctx, i.community, i.building.UUID)
	if err != nil {
		return nil, err
	}
	for _, h := range homes {
		if h.ArchivedAt == nil {
			subjects = append(subjects, h.ID())
		}
	}
	switch n := len(subjects); {
	case n == 0:
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindBuilding.String()).At("buildingId")
	case n > delivery.MaxBulk:
		return nil, delivery.Refuse(delivery.ReasonTooMany, delivery.MaxBulk, n).At("buildingId").With(delivery.Details{Limit: delivery.MaxBulk})
	}
	return subjects, nil
}

// code draws the code of a result's subject, and tells the result.
func (i *issue) code(keys *delivery.Keyring, r *CodeResult, now time.Time) *delivery.AccessCode {
	secret, fresh := delivery.NewSecret(), newUUID()
	if i.id != nil {
		secret = keys.Secret(i.from(r.SubjectID, fresh)...)[0]
	}
	selector, hash, _ := delivery.SplitSecret(secret) // we wrote it
	code := &delivery.AccessCode{UUID: fresh, CommunityID: i.community, Purpose: i.purpose, Role: roleOf(r.SubjectID.Kind), RowUUID: &r.SubjectID.UUID,
		Selector: selector, SecretHash: hash[:], UsesLeft: i.uses, CreatedAt: now, ExpiresAt: now.Add(i.life), CreatedRole: i.actor.Role}
	if i.actor.UUID != "" {
		code.CreatedUUID = &i.actor.UUID
	}
	id := code.ID()
	r.CodeID, r.Selector, r.Secret, r.ExpiresAt = &id, selector, &secret, &code.ExpiresAt
	return code
}

// from is what the secret of a call's subject is derived from. The code's id makes every issue another, so that a
// clientMutationId that comes again after KeepCalls does not bring an ended secret back.
func (c call) from(subject delivery.ID, code delivery.UUID) []string {
	return []string{c.mutation, c.actor.Ref().Key(), *c.id, subject.String(), string(code)}
}

// restore derives the secrets again, for a retry of whoever may still issue them.
func (p *CodesPayload) restore(ctx context.Context, t *db.Tx, keys *delivery.Keyring, c call) error {
	if in, ok := c.input.(ShareOrderInput); ok {
		if _, err := shared(ctx, t, c.actor, in.OrderID); err != nil {
			return err
		}
	} else if refusal := mayIssue(c); refusal != nil {
		return refusal
	}
	for _, r := range p.Results {
		if r.CodeID == nil {
			continue
		}
		for _, secret := range keys.Secret(c.from(r.SubjectID, r.CodeID.UUID)...) {
			if selector, _, _ := delivery.SplitSecret(secret); selector == r.Selector {
				r.Secret = &secret
			}
		}
	}
	return nil
}

// undo says of the subjects that could have had a code that they did not get one.
func (p *CodesPayload) undo(list string) {
	for n, r := range p.Results {
		if r.CodeID != nil {
			*r = CodeResult{SubjectID: r.SubjectID, UserErrors: []*delivery.Error{delivery.Refuse(delivery.ReasonAtomic).At(list, strconv.Itoa(n))}}
		}
	}
}

// roleOf is what redeeming a code for a row of the kind makes somebody.
func roleOf(k delivery.Kind) delivery.Role {
	switch k {
	case delivery.KindSupplier:
		return delivery.RoleSupplier
	case delivery.KindHousehold:
		return delivery.RoleResident
	case delivery.KindOrder:
		return delivery.RoleLink
	}
	return delivery.RoleVolunteer
}

// ShareOrder issues a link to one order, for the household to pass on. Links that were issued before stay; more than
// delivery.MaxLinks at once are refused.
func (d *Dispatch) ShareOrder(ctx context.Context, a delivery.Actor, in ShareOrderInput) (*CodesPayload, error) {
	i := issue{call: call{actor: a, mutation: "shareOrder", community: in.OrderID.Community, id: in.ClientMutationID, input: in},
		purpose: delivery.AccessLink, life: delivery.LinkLife, uses: delivery.LinkUses}
	return run(ctx, d, i.call, func(t *db.Tx, at time.Time, out *CodesPayload) (bool, error) {
		o, err := shared(ctx, t, a, in.OrderID)
		if err != nil {
			return false, err
		}
		if o.Stage.Final() && at.Sub(o.StageSince) >= delivery.LinkAfter {
			return false, delivery.Refuse(delivery.ReasonFinalStage, o.Stage).At("orderId").With(o.Where())
		}
		now := d.Machine().Truncate(time.Microsecond)
		links, err := t.LockCodesOf(ctx, i.community, delivery.AccessLink, []delivery.UUID{o.UUID})
		if err != nil {
			return false, err
		}
		if open := slices.DeleteFunc(links, func(c *delivery.AccessCode) bool { return !c.Live(now) }); len(open) >= delivery.MaxLinks {
			return false, delivery.Refuse(delivery.ReasonManyLinks, delivery.MaxLinks).At("orderId").With(delivery.Details{Limit: delivery.MaxLinks})
		}
		t.Spend(delivery.QuotaCodes, 1)
		result := &CodeResult{SubjectID: in.OrderID}
		if err := t.InsertCodes(ctx, []*delivery.AccessCode{i.code(d.Keys, result, now)}); err != nil {
			return false, err
		}
		out.Results = []*CodeResult{result}
		return true, t.Append(ctx, i.community, []*delivery.Event{codesEvent(delivery.CodesIssued, i.call, at)})
	})
}

// shared locks an order that the actor may share, or refuses.
func shared(ctx context.Context, t *db.Tx, a delivery.Actor, id delivery.ID) (*delivery.Order, error) {
	if refusal := checkID(id, delivery.KindOrder, 0); refusal != nil {
		return nil, refusal.At("orderId")
	}
	orders, err := t.LockOrders(ctx, a.Scope(), id.Community, []delivery.UUID{id.UUID}, nil)
	if err != nil {
		return nil, err
	}
	if len(orders) == 0 {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindOrder.String()).At("orderId")
	}
	if refusal := a.CanShare(orders[0].Keys()); refusal != nil {
		return nil, refusal.At("orderId")
	}
	return orders[0], nil
}

// codesEvent says that codes were issued or ended.
func codesEvent(kind delivery.EventKind, c call, at time.Time) *delivery.Event {
	return delivery.NewEvent(kind, c.actor, at, delivery.Keys{Community: c.community}, delivery.EventBody{})
}

func idsOf(codes []*delivery.AccessCode) []delivery.UUID {
	out := make([]delivery.UUID, len(codes))
	for i, c := range codes {
		out[i] = c.UUID
	}
	return out
}
