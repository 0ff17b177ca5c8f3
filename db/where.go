package db

import (
	"slices"
	"strconv"
	"strings"

	"github.com/lib/pq"

	"baogong/delivery"
)

// where collects the conditions of one read. A ? stands for the next argument.
type where struct {
	clauses []string
	args    []any
}

// clone returns an independent copy.
func (w *where) clone() where { return where{slices.Clone(w.clauses), slices.Clone(w.args)} }

// arg adds an argument and returns its placeholder.
func (w *where) arg(v any) string {
	w.args = append(w.args, v)
	return "$" + strconv.Itoa(len(w.args))
}

// and adds a condition.
func (w *where) and(clause string, args ...any) {
	for _, a := range args {
		clause = strings.Replace(clause, "?", w.arg(a), 1)
	}
	w.clauses = append(w.clauses, clause)
}

// in restricts a column to a list. An absent list does not restrict; an empty one excludes every row.
func (w *where) in(column, as string, list []string) {
	if list != nil {
		w.and(column+" = any(cast(? as "+as+"[]))", pq.StringArray(list))
	}
}

// String returns the where clause.
func (w *where) String() string {
	if len(w.clauses) == 0 {
		return "where true"
	}
	return "where " + strings.Join(w.clauses, "\n   and ")
}

// keyColumns are the columns with a row's delivery.Keys. An empty name means that the row has no such key.
type keyColumns struct{ community, building, household, supplier, order string }

// scope adds the condition for rows that the scope sees. It must agree with Scope.Sees row by row.
func (w *where) scope(s delivery.Scope, c keyColumns) {
	if s.Class == delivery.SeesAll && s.Community == 0 {
		return
	}
	if s.Community == 0 {
		w.and("false")
		return
	}
	w.and(c.community+" = ?", s.Community)
	key := ""
	switch s.Class {
	case delivery.SeesAll:
		return
	case delivery.SeesBuildings:
		if c.building == "" || len(s.Buildings) == 0 {
			w.and("false")
			return
		}
		w.in(c.building, "uuid", texts(s.Buildings))
		return
	case delivery.SeesHousehold:
		key = c.household
	case delivery.SeesSupplier:
		key = c.supplier
	case delivery.SeesOrder:
		key = c.order
	}
	if key == "" || s.UUID == "" {
		w.and("false")
		return
	}
	w.and(key+" = cast(? as uuid)", s.UUID)
}

// seesCommunity adds the condition for a community itself. It must agree with Scope.SeesCommunity.
func (w *where) seesCommunity(s delivery.Scope, community string) {
	switch {
	case s.Class == delivery.SeesNothing, s.Class == delivery.SeesNumbers:
		w.and("false")
	case s.Class == delivery.SeesAll && s.Community == 0:
	default:
		w.and(community+" = ?", s.Community)
	}
}

// seesDirectory adds the condition for a community's directory. It must agree with Scope.SeesDirectory.
func (w *where) seesDirectory(s delivery.Scope, community string) {
	if s.Class == delivery.SeesOrder {
		w.and("false")
		return
	}
	w.seesCommunity(s, community)
}

// seesTeam adds the condition for rows that only the team sees. Keep it in step with Sight.Team.
func (w *where) seesTeam(s delivery.Scope, community string) {
	if !s.Sight().Team {
		w.and("false")
		return
	}
	w.seesCommunity(s, community)
}

// counts adds the condition for communities whose numbers may be shown. It must agree with Scope.SeesNumbersOf.
func (w *where) counts(s delivery.Scope, community string) {
	if s.Class != delivery.SeesNumbers {
		w.seesCommunity(s, community)
		return
	}
	if !slices.Contains(s.Communities, 0) {
		list := make([]int64, len(s.Communities))
		for i, c := range s.Communities {
			list[i] = int64(c)
		}
		w.and(community+" = any(cast(? as int[]))", int64s(list))
	}
}

// ids restricts to rows with the ids, of any communities.
func (w *where) ids(alias string, ids []delivery.ID) {
	communities, uuids := make([]int64, len(ids)), make([]string, len(ids))
	for i, id := range ids {
		communities[i], uuids[i] = int64(id.Community), string(id.UUID)
	}
	w.and("("+alias+") in (select * from unnest(cast(? as int[]), cast(? as uuid[])))",
		pq.Int64Array(communities), pq.StringArray(uuids))
}

func texts[T ~string](list []T) []string {
	if list == nil {
		return nil
	}
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

func int64s(list []int64) pq.Int64Array { return pq.Int64Array(list) }
