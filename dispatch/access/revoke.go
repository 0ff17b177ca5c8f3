package access

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// RevokeCodes ends codes and every sign-in that they began: administrators and the commander. Those of administrators and
// the city, which belong to no community, are administrators' to end, and the accounts they made lose their role.
func (v *Verbs) RevokeCodes(ctx context.Context, a delivery.Actor, in RevokeCodesInput) (*EndPayload, error) {
	r := revocation{Call: dispatch.Call{Actor: a, Mutation: "revokeCodes", ID: in.ClientMutationID, Input: in}, list: "codeIds", ids: in.CodeIds,
		kinds: []delivery.Kind{delivery.KindCode}, atomic: in.Atomic}
	r.find = func(t *db.Tx, community int32) ([]delivery.UUID, error) {
		codes, err := t.LockCodes(ctx, community, dispatch.UUIDs(in.CodeIds))
		return dispatch.CodeUUIDs(codes), err
	}
	r.stop = func(t *db.Tx, community int32, codes []delivery.UUID, now time.Time) ([]delivery.UUID, error) {
		lost, err := t.EndCodes(ctx, codes, now)
		if err == nil && community == 0 {
			lost, err = t.EndOfficials(ctx, codes)
		}
		return lost, err
	}
	return v.revoke(ctx, r)
}

// EndSessions ends every sign-in of volunteers, suppliers or households, and unbinds an issuer's subjects from them:
// administrators and the commander.
func (v *Verbs) EndSessions(ctx context.Context, a delivery.Actor, in EndSessionsInput) (*EndPayload, error) {
	r := revocation{Call: dispatch.Call{Actor: a, Mutation: "endSessions", ID: in.ClientMutationID, Input: in}, list: "subjectIds", ids: in.SubjectIds,
		kinds: []delivery.Kind{delivery.KindVolunteer, delivery.KindSupplier, delivery.KindHousehold}, atomic: in.Atomic}
	r.find = func(t *db.Tx, community int32) ([]delivery.UUID, error) {
		return t.Rows(ctx, community, dispatch.UUIDs(in.SubjectIds))
	}
	r.stop = func(t *db.Tx, community int32, there []delivery.UUID, now time.Time) ([]delivery.UUID, error) {
		return t.EndSessionsOf(ctx, community, there, now)
	}
	return v.revoke(ctx, r)
}

// revocation is codes or sign-ins to end in one call.
type revocation struct {
	dispatch.Call
	list   string
	ids    []delivery.ID
	kinds  []delivery.Kind
	atomic bool

	find func(*db.Tx, int32) (there []delivery.UUID, err error)                            // locks the ids that exist, and returns them
	stop func(*db.Tx, int32, []delivery.UUID, time.Time) (lost []delivery.UUID, err error) // ends them, and returns the rows that lose a sign-in
}

// revoke ends the ids that exist.
func (v *Verbs) revoke(ctx context.Context, r revocation) (*EndPayload, error) {
	var bad *delivery.Error
	r.Community, bad = dispatch.CheckIDs(r.ids, r.list, "", r.kinds...)
	return dispatch.Run(ctx, v.Engine, r.Call, func(t *db.Tx, at time.Time, out *EndPayload) (bool, error) {
		if bad != nil {
			return false, bad
		}
		if refusal := mayIssue(r.Call); refusal != nil {
			return false, refusal
		}
		there, err := r.find(t, r.Community)
		if err != nil {
			return false, err
		}
		if refused := out.fill(r, there); r.atomic && refused {
			dispatch.Undo(out.Results, r.list)
			return false, nil
		}
		if len(there) == 0 {
			return false, nil
		}
		lost, err := r.stop(t, r.Community, there, v.MachineTime())
		if err != nil {
			return false, err
		}
		if r.Community == 0 {
			return true, tellOfficialsLost(ctx, t, r.Actor, lost, at)
		}
		return true, t.Append(ctx, r.Community, append(dispatch.AccessLost(r.Actor, r.Community, lost, at), dispatch.CodesEvent(delivery.CodesEnded, r.Actor, r.Community, at)))
	})
}

// fill tells of each id whether it was there, and reports that one was not.
func (p *EndPayload) fill(r revocation, there []delivery.UUID) (refused bool) {
	found := map[delivery.UUID]bool{}
	for _, id := range there {
		found[id] = true
	}
	for n, id := range r.ids {
		result := &EndResult{SubjectID: id, Ended: found[id.UUID]}
		if !result.Ended {
			refused = true
			result.Refuse(r.list, n, delivery.Refuse(delivery.ReasonNoSuch, id.Kind.String()))
		}
		p.Results = append(p.Results, result)
	}
	return refused
}
