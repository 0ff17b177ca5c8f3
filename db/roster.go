package db

import (
	"context"
	"sync"

	"baogong/delivery"
)

// rosters keep the last roster read of each community. A move needs the whole team to choose a holder, and the team changes
// a few times a day: a stamp tells whether it has changed.
type rosters struct {
	mu sync.Mutex
	by map[int32]stamped
}

// stamp differs for every state of a community's team: volunteers are never deleted, and every change of a volunteer or of
// the buildings it serves increases its version.
type stamp struct {
	Volunteers int64 `db:"volunteers"`
	Versions   int64 `db:"versions"`
}

type stamped struct {
	stamp
	roster *delivery.Roster
}

func (r *rosters) get(community int32, at stamp) *delivery.Roster {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.by[community]; ok && known.stamp == at {
		return known.roster
	}
	return nil
}

func (r *rosters) put(community int32, at stamp, roster *delivery.Roster) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil {
		r.by = map[int32]stamped{}
	}
	r.by[community] = stamped{at, roster}
}

// Roster returns the team members that can hold the community's orders now. It contains ids only.
func (d *DB) Roster(ctx context.Context, s delivery.Scope, community int32) (*delivery.Roster, error) {
	if !s.Enters(community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	return rosterOf(list[rosterRow](ctx, d, "read a roster", selectRoster, community))
}

// KnownRoster returns the roster that this program read last, which may be outdated, or nil if there is none. Compare it
// with Roster once the orders are locked.
func (t *Tx) KnownRoster(community int32) *delivery.Roster {
	if t.team {
		return nil
	}
	t.db.rosters.mu.Lock()
	defer t.db.rosters.mu.Unlock()
	return t.db.rosters.by[community].roster
}

// Roster returns the team members that can hold the community's orders, as of after the orders were locked. The roster is
// shared: callers must not change it.
func (t *Tx) Roster(ctx context.Context, community int32) (*delivery.Roster, error) {
	if t.team { // a change that may be rolled back must not reach other callers
		return rosterOf(listTx[rosterRow](ctx, t, "read a roster", selectRoster, community))
	}
	stamps, err := listTx[stamp](ctx, t, "read a roster's stamp", `
		select count(*) as volunteers, coalesce(sum(version), 0) as versions
		  from volunteers
		 where community_id = $1`, community)
	at, err := one(stamps, err, delivery.KindCommunity)
	if err != nil {
		return nil, err
	}
	if known := t.db.rosters.get(community, at); known != nil {
		return known, nil
	}
	// Read after the stamp, so it is at least as new. A caller with a newer stamp reads again.
	roster, err := rosterOf(listTx[rosterRow](ctx, t, "read a roster", selectRoster, community))
	if err == nil {
		t.db.rosters.put(community, at, roster)
	}
	return roster, err
}
