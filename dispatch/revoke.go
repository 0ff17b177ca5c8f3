package dispatch

import (
	"context"
	"strconv"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// RevokeCodes ends codes and every sign-in that they began: administrators and the commander. Those of administrators and
// the city, which belong to no community, are administrators' to end, and whom they made is nobody any more.
func (d *Dispatch) RevokeCodes(ctx context.Context, a delivery.Actor, in RevokeCodesInput) (*EndPayload, error) {
	r := revocation{call: call{actor: a, mutation: "revokeCodes", id: in.ClientMutationID, input: in}, list: "codeIds", ids: in.CodeIds,
		kinds: []delivery.Kind{delivery.KindCode}, atomic: in.Atomic}
	r.find = func(t *db.Tx, community int32) ([]delivery.UUID, error) {
		codes, err := t.LockCodes(ctx, community, uuids(in.CodeIds))
		return idsOf(codes), err
	}
	r.stop = func(t *db.Tx, community int32, codes []delivery.UUID, now time.Time) ([]delivery.UUID, error) {
		lost, err := t.EndCodes(ctx, codes, now)
		if err == nil && community == 0 {
			lost, err = t.EndOfficials(ctx, codes)
		}
		return lost, err
	}
	return d.revoke(ctx, r)
}

// EndSessions ends every sign-in of volunteers, suppliers or households, and unbinds an issuer's subjects from them:
// administrators and the commander.
func (d *Dispatch) EndSessions(ctx context.Context, a delivery.Actor, in EndSessionsInput) (*EndPayload, error) {
	r := revocation{call: call{actor: a, mutation: "endSessions", id: in.ClientMutationID, input: in}, list: "subjectIds", ids: in.SubjectIds,
		kinds: []delivery.Kind{delivery.KindVolunteer, delivery.KindSupplier, delivery.KindHousehold}, atomic: in.Atomic}
	r.find = func(t *db.Tx, community int32) ([]delivery.UUID, error) {
		return t.Rows(ctx, community, uuids(in.SubjectIds))
	}
	r.stop = func(t *db.Tx, community int32, there []delivery.UUID, now time.Time) ([]delivery.UUID, error) {
		return t.EndSessionsOf(ctx, community, there, now)
	}
	return d.revoke(ctx, r)
}

// revocation is codes or sign-ins to end in one call.
type revocation struct {
	call
	list   string
	ids    []delivery.ID
	kinds  []delivery.Kind
	atomic bool

	find func(*db.Tx, int32) (there []delivery.UUID, err error)                            // locks the ids that exist, and returns them
	stop func(*db.Tx, int32, []delivery.UUID, time.Time) (lost []delivery.UUID, err error) // ends them, and returns the rows that lose a sign-in
}

// revoke ends the ids that exist.
func (d *Dispatch) revoke(ctx context.Context, r revocation) (*EndPayload, error) {
	var bad *delivery.Error
	r.community, bad = checkIDs(r.ids, r.list, "", r.kinds...)
	p, err := run(ctx, d, r.call, func(t *db.Tx, at time.Time, out *EndPayload) (bool, error) {
		if bad == nil {
			bad = mayIssue(r.call)
		}
		if bad != nil {
			return false, bad
		}
		there, err := r.find(t, r.community)
		if err != nil {
			return false, err
		}
		if refused := out.fill(r, there); r.atomic && refused {
			out.undo(r.list)
			return false, errUndone
		}
		if len(there) == 0 {
			return false, nil
		}
		lost, err := r.stop(t, r.community, there, d.Machine().Truncate(time.Microsecond))
		if err != nil {
			return false, err
		}
		if r.community == 0 {
			return true, tellOfficialsLost(ctx, t, r.actor, lost, at)
		}
		return true, t.Append(ctx, r.community, append(accessLost(r.actor, r.community, lost, at), codesEvent(delivery.CodesEnded, r.call, at)))
	})
	return p, err
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
			result.UserErrors = []*delivery.Error{delivery.Refuse(delivery.ReasonNoSuch, id.Kind.String()).At(r.list, strconv.Itoa(n))}
		}
		p.Results = append(p.Results, result)
	}
	return refused
}

// undo says of those that could have been ended that they were not.
func (p *EndPayload) undo(list string) {
	for n, r := range p.Results {
		if r.Ended {
			r.Ended, r.UserErrors = false, []*delivery.Error{delivery.Refuse(delivery.ReasonAtomic).At(list, strconv.Itoa(n))}
		}
	}
}

// accessLost says of rows that somebody who acts as them may no longer.
func accessLost(by delivery.Actor, community int32, rows []delivery.UUID, at time.Time) []*delivery.Event {
	var events []*delivery.Event
	for _, row := range rows {
		events = append(events, delivery.NewEvent(delivery.AccessChanged, by, at, delivery.Keys{Community: community}, delivery.EventBody{Noun: &row}))
	}
	return events
}
