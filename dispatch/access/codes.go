package access

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// CreateInvitations issues a code for each member of the team or supplier: administrators and the commander. An
// invitation that is still open is ended by the new one.
func (v *Verbs) CreateInvitations(ctx context.Context, a delivery.Actor, in CreateInvitationsInput) (*CodesPayload, error) {
	community, bad := dispatch.CheckIDs(in.SubjectIds, "subjectIds", "", delivery.KindVolunteer, delivery.KindSupplier)
	return v.issue(ctx, issuance{Call: dispatch.Call{Actor: a, Mutation: "createInvitations", Community: community, ID: in.ClientMutationID, Input: in},
		purpose: delivery.AccessInvitation, life: delivery.InvitationLife, uses: 1, list: "subjectIds", subjects: in.SubjectIds, atomic: in.Atomic, bad: bad})
}

// The refusals of issuing codes and links.
var (
	reasonOneOf = delivery.NewReason("ONE_OF", delivery.CodeBadUserInput,
		"Give either %s or %s, not both.",
		"%s 与 %s 只能填写一项。")
	ReasonManyLinks = delivery.NewReason("MANY_LINKS", delivery.CodeConflict,
		"An order can have at most %d links at once; pass on an existing one.",
		"同一订单最多同时有 %d 个跟踪链接，请转发已有的链接。")
)

// IssueCards issues a card for each household, and ends the card it had and all sign-ins by that card:
// administrators and the commander.
func (v *Verbs) IssueCards(ctx context.Context, a delivery.Actor, in IssueCardsInput) (*CodesPayload, error) {
	i := issuance{Call: dispatch.Call{Actor: a, Mutation: "issueCards", ID: in.ClientMutationID, Input: in}, purpose: delivery.AccessCard,
		life: delivery.CardLife, uses: delivery.CardUses, list: "householdIds", subjects: in.HouseholdIds, building: in.BuildingID, atomic: in.Atomic}
	switch {
	case in.BuildingID != nil && len(in.HouseholdIds) > 0:
		i.bad = delivery.Refuse(reasonOneOf, "householdIds", "buildingId").At("buildingId")
	case in.BuildingID != nil:
		i.Community = in.BuildingID.Community
		if i.bad = dispatch.CheckID(*in.BuildingID, delivery.KindBuilding, 0); i.bad != nil {
			i.bad = i.bad.At("buildingId")
		}
	default:
		i.Community, i.bad = dispatch.CheckIDs(in.HouseholdIds, "householdIds", "", delivery.KindHousehold)
	}
	return v.issue(ctx, i)
}

// issuance is codes of one purpose to issue in one call.
type issuance struct {
	dispatch.Call
	purpose  delivery.AccessPurpose
	life     time.Duration
	uses     int
	list     string
	subjects []delivery.ID
	building *delivery.ID // all of its households, in place of subjects
	atomic   bool
	bad      *delivery.Error
}

func (v *Verbs) issue(ctx context.Context, i issuance) (*CodesPayload, error) {
	return dispatch.Run(ctx, v.Engine, i.Call, func(t *db.Tx, at time.Time, out *CodesPayload) (bool, error) {
		if i.bad != nil {
			return false, i.bad
		}
		if refusal := mayIssue(i.Call); refusal != nil {
			return false, refusal
		}
		community, err := t.LockCommunity(ctx, i.Community, false)
		if err != nil {
			return false, err
		}
		if community.Purged() { // no one could redeem them
			return false, delivery.Refuse(dispatch.ReasonPurged)
		}
		subjects, refusals, err := i.find(ctx, t)
		if err != nil {
			return false, err
		}
		now := v.MachineTime()
		var codes []*delivery.AccessCode
		var rows []delivery.UUID
		for n, id := range subjects {
			result := &CodeResult{SubjectID: id}
			out.Results = append(out.Results, result)
			if refusal := refusals[id]; refusal != nil {
				result.Refuse(i.list, n, refusal)
				continue
			}
			codes, rows = append(codes, i.code(v.Keys, result, now)), append(rows, id.UUID)
		}
		if i.atomic && len(codes) < len(subjects) {
			dispatch.Undo(out.Results, i.list)
			return false, nil
		}
		if len(codes) == 0 {
			return false, nil
		}
		t.Spend(delivery.QuotaCodes, len(codes))
		old, err := t.LockCodesOf(ctx, i.Community, i.purpose, rows)
		if err != nil {
			return false, err
		}
		lost, err := t.EndCodes(ctx, dispatch.CodeUUIDs(old), now)
		if err != nil {
			return false, err
		}
		if err := insertCodes(ctx, t, codes); err != nil {
			return false, err
		}
		return true, t.Append(ctx, i.Community, append(dispatch.AccessLost(i.Actor, i.Community, lost, at), dispatch.CodesEvent(delivery.CodesIssued, i.Actor, i.Community, at)))
	})
}

// insertCodes inserts the codes. If one has drawn a selector that is taken, the transaction is tried again.
func insertCodes(ctx context.Context, t *db.Tx, codes []*delivery.AccessCode) error {
	err := t.InsertCodes(ctx, codes)
	if db.Constraint(err) == "codes_selector_taken" {
		return dispatch.MarkRetryable(err)
	}
	return err
}

// mayIssue refuses an actor who may not issue and end codes in the call's community.
func mayIssue(c dispatch.Call) *delivery.Error {
	if !c.Actor.Scope().SeesCommunity(c.Community) {
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	if !c.Actor.CanIssue(c.Community) {
		return delivery.Refuse(delivery.ReasonNotYours)
	}
	return nil
}

// find lists whom the codes are for, and refuses those that are not there or archived.
func (i *issuance) find(ctx context.Context, t *db.Tx) ([]delivery.ID, map[delivery.ID]*delivery.Error, error) {
	if i.building != nil {
		subjects, err := i.homes(ctx, t)
		return subjects, nil, err
	}
	archived := map[delivery.UUID]bool{} // of those that are there
	if i.purpose == delivery.AccessCard {
		homes, err := t.HouseholdsOf(ctx, i.Community, dispatch.UUIDs(i.subjects), nil)
		if err != nil {
			return nil, nil, err
		}
		for _, h := range homes {
			archived[h.UUID] = h.ArchivedAt != nil
		}
	} else {
		team, err := t.Volunteers().All(ctx, i.Community)
		if err != nil {
			return nil, nil, err
		}
		for _, v := range team {
			archived[v.UUID] = v.ArchivedAt != nil
		}
		suppliers, err := t.Suppliers().All(ctx, i.Community)
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
			refusals[id] = delivery.Refuse(dispatch.ReasonArchived)
		}
	}
	return i.subjects, refusals, nil
}

// homes are the households of the building.
func (i *issuance) homes(ctx context.Context, t *db.Tx) (subjects []delivery.ID, err error) {
	homes, err := t.HouseholdsOfBuilding(ctx, i.Community, i.building.UUID)
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
		return nil, delivery.Refuse(dispatch.ReasonTooMany, delivery.MaxBulk, n).At("buildingId").With(delivery.Details{Limit: delivery.MaxBulk})
	}
	return subjects, nil
}

// code draws the code of a result's subject, and tells the result.
func (i *issuance) code(keys *delivery.Keyring, r *CodeResult, now time.Time) *delivery.AccessCode {
	secret, fresh := delivery.NewSecret(), dispatch.NewUUID()
	if i.ID != nil {
		secret = keys.Secret(secretFrom(i.Call, r.SubjectID, fresh)...)[0]
	}
	selector, hash, _ := delivery.SplitSecret(secret) // we wrote it
	code := &delivery.AccessCode{UUID: fresh, CommunityID: i.Community, Purpose: i.purpose, Role: roleOf(r.SubjectID.Kind), RowUUID: &r.SubjectID.UUID,
		Selector: selector, SecretHash: hash[:], UsesLeft: i.uses, CreatedAt: now, ExpiresAt: now.Add(i.life), CreatedRole: i.Actor.Role}
	if i.Actor.UUID != "" {
		code.CreatedUUID = &i.Actor.UUID
	}
	id := code.ID()
	r.CodeID, r.Selector, r.Secret, r.ExpiresAt = &id, selector, &secret, &code.ExpiresAt
	return code
}

// secretFrom returns the input from which the secret of a call's subject is derived. The code's id makes every issue another, so that a
// clientMutationId that comes again after KeepCalls does not bring an ended secret back.
func secretFrom(c dispatch.Call, subject delivery.ID, code delivery.UUID) []string {
	return []string{c.Mutation, c.Actor.Ref().Key(), *c.ID, subject.String(), string(code)}
}

// Restore derives the secrets again for a retry, if the actor may still issue them.
func (p *CodesPayload) Restore(ctx context.Context, t *db.Tx, keys *delivery.Keyring, c dispatch.Call) error {
	if in, ok := c.Input.(ShareOrderInput); ok {
		if _, err := orderToShare(ctx, t, c.Actor, in.OrderID); err != nil {
			return err
		}
	} else if refusal := mayIssue(c); refusal != nil {
		return refusal
	}
	for _, r := range p.Results {
		if r.CodeID == nil {
			continue
		}
		for _, secret := range keys.Secret(secretFrom(c, r.SubjectID, r.CodeID.UUID)...) {
			if selector, _, _ := delivery.SplitSecret(secret); selector == r.Selector {
				r.Secret = &secret
			}
		}
	}
	return nil
}

// roleOf returns the role that redeeming a code for a row of the kind gives.
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
func (v *Verbs) ShareOrder(ctx context.Context, a delivery.Actor, in ShareOrderInput) (*CodesPayload, error) {
	i := issuance{Call: dispatch.Call{Actor: a, Mutation: "shareOrder", Community: in.OrderID.Community, ID: in.ClientMutationID, Input: in},
		purpose: delivery.AccessLink, life: delivery.LinkLife, uses: delivery.LinkUses}
	return dispatch.Run(ctx, v.Engine, i.Call, func(t *db.Tx, at time.Time, out *CodesPayload) (bool, error) {
		o, err := orderToShare(ctx, t, a, in.OrderID)
		if err != nil {
			return false, err
		}
		if o.Stage.Final() && at.Sub(o.StageSince) >= delivery.LinkAfter {
			return false, delivery.Refuse(delivery.ReasonFinalStage, o.Stage).At("orderId").With(o.Where())
		}
		now := v.MachineTime()
		links, err := t.LockCodesOf(ctx, i.Community, delivery.AccessLink, []delivery.UUID{o.UUID})
		if err != nil {
			return false, err
		}
		if open := slices.DeleteFunc(links, func(c *delivery.AccessCode) bool { return !c.Redeemable(now) }); len(open) >= delivery.MaxLinks {
			return false, delivery.Refuse(ReasonManyLinks, delivery.MaxLinks).At("orderId").With(delivery.Details{Limit: delivery.MaxLinks})
		}
		t.Spend(delivery.QuotaCodes, 1)
		result := &CodeResult{SubjectID: in.OrderID}
		if err := insertCodes(ctx, t, []*delivery.AccessCode{i.code(v.Keys, result, now)}); err != nil {
			return false, err
		}
		out.Results = []*CodeResult{result}
		return true, t.Append(ctx, i.Community, []*delivery.Event{dispatch.CodesEvent(delivery.CodesIssued, i.Actor, i.Community, at)})
	})
}

// orderToShare locks an order that the actor may share, or refuses.
func orderToShare(ctx context.Context, t *db.Tx, a delivery.Actor, id delivery.ID) (*delivery.Order, error) {
	if refusal := dispatch.CheckID(id, delivery.KindOrder, 0); refusal != nil {
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
