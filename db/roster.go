package db

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"baogong/delivery"
)

// rosters keep the last roster read of each community. A move needs the whole team to choose a holder, and the team changes
// a few times a day: a stamp tells whether it has changed.
type rosters struct {
	mu sync.Mutex
	by map[int32]stamped
}

// stamp is a number that grows with every change that the roster can show (rosterStamp).
type stamp int64

type stamped struct {
	stamp
	roster *delivery.Roster
}

// rosterSource is a table that the roster is read from, and how a change of its rows reaches the stamp: its rows are never
// deleted, and each change increases the version of the row; or, if through names another source, each change goes with a
// change of a row of that source in the same transaction.
type rosterSource struct {
	table   string
	through string
}

// rosterSources are the tables that decide who can be reached, and by when. A table that feeds selectRoster needs a line here, and the
// methods that write it call Tx.touch.
var rosterSources = []rosterSource{
	{table: "volunteers"},
	{table: "services", through: "volunteers"}, // ReplaceServices
	{table: "targets"},
	{table: "communities"}, // for its time zone, and the proofs that it accepts
}

// rosterStamp reads the stamp of a community: the rows and versions of all sources, in one statement. Rows are only added and
// versions only grow, so no two states of a community have the same stamp.
var rosterStamp = func() string {
	var terms []string
	for _, s := range rosterSources {
		if s.through == "" {
			terms = append(terms, "(select count(*) + coalesce(sum(version), 0) from "+s.table+" where community_id = $1)")
		}
	}
	return "select cast(" + strings.Join(terms, "\n          + ") + " as bigint)"
}()

// Forget empties the cache of rosters. Tests call it after they have changed rows with statements of their own.
func Forget(d *DB) {
	d.rosters.mu.Lock()
	defer d.rosters.mu.Unlock()
	d.rosters.by = nil
}

// touch notes that the transaction writes a table. If the roster is read from it, the transaction reads its own roster from
// then on: a change that may be rolled back must not reach other callers.
func (t *Tx) touch(table string) {
	t.team = t.team || slices.ContainsFunc(rosterSources, func(s rosterSource) bool { return s.table == table })
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

// Roster returns the team members that can hold the community's orders now, and its targets. It contains no personal data.
func (d *DB) Roster(ctx context.Context, s delivery.Scope, community int32) (*delivery.Roster, error) {
	if !s.SeesCommunity(community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	return rosterOf(list[rosterRow](ctx, d, "read a roster", selectRoster, community))
}

// KnownRoster returns the roster that this program read last, which may be outdated, or nil if there is none. AppendIfKnown says
// whether it still is, once the orders are locked.
func (t *Tx) KnownRoster(community int32) *delivery.Roster {
	if t.team {
		return nil
	}
	t.db.rosters.mu.Lock()
	defer t.db.rosters.mu.Unlock()
	return t.db.rosters.by[community].roster
}

// Roster returns the team members that can hold the community's orders, and its targets, as of after the orders were locked. The roster is
// shared: callers must not change it.
func (t *Tx) Roster(ctx context.Context, community int32) (*delivery.Roster, error) {
	if t.team {
		return rosterOf(listTx[rosterRow](ctx, t, "read a roster", selectRoster, community))
	}
	stamps, err := listTx[stamp](ctx, t, "read a roster's stamp", rosterStamp, community)
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

const selectRoster = `
	select c.time_zone, c.accepted_proofs, n.targets, v.id, coalesce(v.squad, '') as squad, coalesce(v.rank, '') as rank, x.building_id, x.duty
	  from communities c
	 cross join lateral (
		select coalesce(cast(json_agg(json_build_object('stage', t.stage, 'mark', t.mark, 'minutes', t.minutes, 'timeOfDay', t.time_of_day)) as text), '[]') as targets
		  from targets t
		 where t.community_id = c.community_id) n
	  left join volunteers v on v.community_id = c.community_id and v.reachable and v.archived_at is null
	  left join services x on x.community_id = v.community_id and x.volunteer_id = v.id
	 where c.community_id = $1
	 order by length(v.code), v.code`

type rosterRow struct {
	TimeZone   string               `db:"time_zone"` // of the community, in each row
	Proofs     delivery.ProofPolicy `db:"accepted_proofs"`
	Targets    string               `db:"targets"` // that it has set, as JSON, in each row
	ID         *delivery.UUID       `db:"id"`      // nil in the only row of a community without a reachable volunteer
	Squad      delivery.Squad       `db:"squad"`
	Rank       delivery.Rank        `db:"rank"`
	BuildingID *delivery.UUID       `db:"building_id"`
	Duty       *delivery.Duty       `db:"duty"`
}

func rosterOf(rows []rosterRow, err error) (*delivery.Roster, error) {
	if err != nil {
		return nil, err
	}
	r := &delivery.Roster{Primary: map[delivery.UUID][]delivery.UUID{}, Backup: map[delivery.UUID][]delivery.UUID{},
		Leads: map[delivery.Squad]delivery.UUID{}, Reachable: map[delivery.UUID]bool{},
		Anywhere: map[delivery.UUID]bool{}, Serves: map[delivery.UUID][]delivery.UUID{}}
	if len(rows) > 0 {
		var set []*delivery.StageTarget
		if err := json.Unmarshal([]byte(rows[0].Targets), &set); err != nil {
			return nil, fmt.Errorf("read the targets of a roster: %w", err)
		}
		r.Proofs, r.Targets = rows[0].Proofs, delivery.NewTargets(rows[0].TimeZone, set)
	}
	lead := false // whether r.AnyMember is a lead
	for _, v := range rows {
		if v.ID == nil {
			continue
		}
		id := *v.ID
		r.Reachable[id] = true
		if r.AnyMember == "" || (v.Rank != delivery.RankMember && !lead) {
			r.AnyMember, lead = id, v.Rank != delivery.RankMember
		}
		r.Anywhere[id] = v.Rank != delivery.RankMember || v.Squad == delivery.SquadDuty || v.Squad == delivery.SquadTransport
		if v.BuildingID != nil {
			r.Serves[id] = append(r.Serves[id], *v.BuildingID)
		}
		switch {
		case v.Rank == delivery.RankCommander && r.Commander == "":
			r.Commander = id
		case v.Rank == delivery.RankLead && r.Leads[v.Squad] == "":
			r.Leads[v.Squad] = id
		}
		// Only supply volunteers deliver to doors.
		if v.BuildingID == nil || v.Squad != delivery.SquadSupply {
			continue
		}
		of := r.Backup
		if *v.Duty == delivery.DutyPrimary {
			of = r.Primary
		}
		of[*v.BuildingID] = append(of[*v.BuildingID], id)
	}
	return r, nil
}
