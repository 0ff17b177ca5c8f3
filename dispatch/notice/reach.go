package notice

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// ReasonNotAddressed refuses to mark a household that a notice does not address.
var ReasonNotAddressed = delivery.NewReason("NOT_ADDRESSED", delivery.CodeConflict,
	"This notice does not address this household.",
	"该通知没有发给这一户。")

// MarkNoticesSeen records that the caller's household has seen notices, with a result per notice.
func (v *Verbs) MarkNoticesSeen(ctx context.Context, a delivery.Actor, in MarkNoticesSeenInput) (*MarkNoticesSeenPayload, error) {
	community, bad := dispatch.CheckIDs(in.NoticeIds, "noticeIds", "", delivery.KindNotice)
	c := dispatch.Call{Actor: a, Mutation: "markNoticesSeen", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *MarkNoticesSeenPayload) (bool, error) {
		switch {
		case bad != nil:
			return false, bad
		case !a.Scope().SeesCommunity(community):
			return false, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("noticeIds")
		case a.Role != delivery.RoleResident:
			return false, delivery.Refuse(delivery.ReasonNotYours)
		}
		rows, err := t.LockNotices(ctx, a.Scope(), community, dispatch.UUIDs(in.NoticeIds))
		if err != nil {
			return false, err
		}
		reach, err := t.ReachOf(ctx, community, dispatch.UUIDs(dispatch.IDs(rows, (*delivery.Notice).ID)), []delivery.UUID{a.UUID})
		if err != nil {
			return false, err
		}
		known, addressed := dispatch.ByUUID(rows), map[delivery.UUID]*delivery.NoticeReach{}
		for _, r := range reach {
			addressed[r.NoticeUUID] = r
		}
		var fresh []delivery.UUID
		var events []*delivery.Event
		refused := false
		for i, id := range in.NoticeIds {
			r := &SeenResult{}
			out.Results = append(out.Results, r)
			n, own := known[id.UUID], addressed[id.UUID]
			switch {
			case n == nil:
				refused = true
				r.Refuse("noticeIds", i, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindNotice.String()))
				continue
			case own == nil: // the household came after the notice
				refused = true
				r.Refuse("noticeIds", i, delivery.Refuse(ReasonNotAddressed))
				continue
			case own.SeenAt == nil:
				fresh, events = append(fresh, n.UUID), append(events, n.WasSeen(a, own.HouseholdKeys(), at))
			}
			r.NoticeID = new(n.ID())
		}
		if in.Atomic && refused {
			dispatch.Undo(out.Results, "noticeIds")
			return false, nil
		}
		if len(fresh) == 0 {
			return false, nil
		}
		t.Spend(delivery.QuotaRows, len(fresh))
		if err := t.SeeNotices(ctx, community, a.UUID, fresh, at); err != nil {
			return false, err
		}
		return true, t.Append(ctx, community, events)
	})
}

// MarkNoticeTold records that the phone desk or a visitor told households, with a result per household.
func (v *Verbs) MarkNoticeTold(ctx context.Context, a delivery.Actor, in MarkNoticeToldInput) (*MarkNoticeToldPayload, error) {
	community := in.NoticeID.Community
	c := dispatch.Call{Actor: a, Mutation: "markNoticeTold", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *MarkNoticeToldPayload) (bool, error) {
		if refusal := in.check(a); refusal != nil {
			return false, refusal
		}
		rows, err := t.LockNotices(ctx, a.Scope(), community, []delivery.UUID{in.NoticeID.UUID})
		if err != nil {
			return false, err
		}
		if len(rows) == 0 {
			return false, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindNotice.String()).At("noticeId")
		}
		n := rows[0]
		reach, err := t.ReachOf(ctx, community, []delivery.UUID{n.UUID}, dispatch.UUIDs(in.HouseholdIds))
		if err != nil {
			return false, err
		}
		addressed := map[delivery.UUID]*delivery.NoticeReach{}
		for _, r := range reach {
			addressed[r.HouseholdUUID] = r
		}
		var fresh []delivery.UUID
		refused := false
		for i, id := range in.HouseholdIds {
			r := &ToldResult{}
			out.Results = append(out.Results, r)
			of := addressed[id.UUID]
			if of == nil || !a.Scope().Sees(of.HouseholdKeys()) {
				refused = true
				r.Refuse("householdIds", i, delivery.Refuse(ReasonNotAddressed))
				continue
			}
			if of.ToldAt == nil {
				fresh = append(fresh, id.UUID)
			}
			r.HouseholdID = &id
		}
		if in.Atomic && refused {
			dispatch.Undo(out.Results, "householdIds")
			return false, nil
		}
		if !refused || len(fresh) > 0 {
			out.NoticeID = new(n.ID())
		}
		if len(fresh) == 0 {
			return false, nil
		}
		t.Spend(delivery.QuotaRows, len(fresh))
		if err := t.TellHouseholds(ctx, n, fresh, a, at); err != nil {
			return false, err
		}
		return true, t.Append(ctx, community, []*delivery.Event{n.WasTold(a, len(fresh), at)})
	})
}

// check returns the refusal of the whole call.
func (in *MarkNoticeToldInput) check(a delivery.Actor) *delivery.Error {
	if refusal := dispatch.CheckID(in.NoticeID, delivery.KindNotice, 0); refusal != nil {
		return refusal.At("noticeId")
	}
	community, refusal := dispatch.CheckIDs(in.HouseholdIds, "householdIds", "", delivery.KindHousehold)
	switch {
	case refusal != nil:
		return refusal
	case community != in.NoticeID.Community:
		return delivery.Refuse(dispatch.ReasonTwoCommunities).At("householdIds", "0")
	case !a.Scope().SeesCommunity(community):
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("noticeId")
	case !a.OfTeam():
		return delivery.Refuse(delivery.ReasonNotYours)
	}
	return nil
}
