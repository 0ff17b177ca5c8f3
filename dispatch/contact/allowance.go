package contact

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// RevealCounts counts the contacts that this process has given, or refused because of an allowance, since it started.
type RevealCounts struct {
	Given   int64
	Charged int64 // of these, those that count against an allowance
	Refused int64 // because an allowance was used up
	Unusual int64 // actors per day who reached delivery.UnusualReveals or used up an allowance
}

// RevealCounts returns the counts.
func (v *Verbs) RevealCounts() RevealCounts {
	w := &v.watch
	return RevealCounts{w.given.Load(), w.charged.Load(), w.refused.Load(), w.unusual.Load()}
}

// UnusualReveals reports an actor who was given many contacts in one day, or asked for more than an allowance.
type UnusualReveals struct {
	By         delivery.Ref
	Households int  // given to them today
	Spent      bool // an allowance was used up
}

// revealMonitor counts reveals and reports unusual ones once per actor and day.
type revealMonitor struct {
	given, charged, refused, unusual atomic.Int64

	mu       sync.Mutex
	reported map[delivery.UUID]time.Time // the start of the day for which an actor's spent allowance was reported
}

// maxReported bounds the actors in reported; above it some are reported twice.
const maxReported = 10_000

// once reports whether this is the actor's first report of the day.
func (w *revealMonitor) once(actor delivery.UUID, day time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if last, ok := w.reported[actor]; ok && last.Equal(day) {
		return false
	}
	if w.reported == nil || len(w.reported) >= maxReported {
		w.reported = map[delivery.UUID]time.Time{}
	}
	w.reported[actor] = day
	return true
}

// revealSum counts the reveals of one transaction.
type revealSum struct {
	day time.Time // its first instant

	given, charged, refused, today int
	crossed                        bool // the actor reached delivery.UnusualReveals
}

// spend counts the actor's reveals against the day's allowances, stores those that fit, and returns them. Once an allowance is
// used up it leaves out the reveals that count against it, in the order given; refusal is nil if all fit. A household counts once
// a day. Transactions that count against the same allowance wait for each other.
func spend(ctx context.Context, t *db.Tx, a delivery.Actor, c *delivery.Community, looks []*delivery.Reveal, at time.Time) (fit []*delivery.Reveal, sum revealSum, refusal *delivery.Error, err error) {
	from, to := c.Today(at)
	sum.day = from
	left, refusal, err := judge(ctx, t, c.CommunityID, looks, at, from, to)
	if err != nil {
		return nil, sum, nil, err
	}
	for i, r := range looks {
		if left[i] {
			sum.refused++
			continue
		}
		if fit = append(fit, r); r.ChargedTo != nil {
			sum.charged++
		}
	}
	sum.given = len(fit)
	if a.UUID != "" && (sum.given > 0 || sum.refused > 0) {
		before, err := t.RevealedTo(ctx, c.CommunityID, a.UUID, from, to)
		if err != nil {
			return nil, sum, nil, err
		}
		all := append([]delivery.UUID(nil), before...)
		for _, r := range fit {
			all = append(all, r.HouseholdUUID)
		}
		slices.Sort(all)
		sum.today = len(slices.Compact(all))
		sum.crossed = len(before) < delivery.UnusualReveals && sum.today >= delivery.UnusualReveals
	}
	return fit, sum, refusal, t.InsertReveals(ctx, fit)
}

// ReasonRevealsSpent refuses to show another household's contact today.
var ReasonRevealsSpent = delivery.NewReason("REVEALS_SPENT", delivery.CodeRateLimited,
	"For orders that you or a colleague placed, and without an order, you can see the contacts of at most %d households a day; the commander can raise that.",
	"为自己或同事代下的订单（或没有订单时）每天最多查看 %d 户的联系方式，指挥可以提高上限。")

// judge returns the indexes of the reveals that do not fit an allowance.
func judge(ctx context.Context, t *db.Tx, community int32, looks []*delivery.Reveal, at, from, to time.Time) (map[int]bool, *delivery.Error, error) {
	var charged []delivery.UUID
	for _, r := range looks {
		if r.ChargedTo != nil && !slices.Contains(charged, *r.ChargedTo) {
			charged = append(charged, *r.ChargedTo)
		}
	}
	if len(charged) == 0 {
		return nil, nil, nil
	}
	if err := t.LockAllowances(ctx, charged); err != nil {
		return nil, nil, err
	}
	members, err := t.VolunteersNamed(ctx, community, charged)
	if err != nil {
		return nil, nil, err
	}
	counted, err := t.ChargedReveals(ctx, community, charged, from, to)
	if err != nil {
		return nil, nil, err
	}
	used, byID := map[delivery.UUID]map[delivery.UUID]bool{}, dispatch.ByUUID(members)
	for _, id := range charged {
		used[id] = map[delivery.UUID]bool{}
	}
	for _, c := range counted {
		used[c.Volunteer][c.Household] = true
	}
	left, refusal := map[int]bool{}, (*delivery.Error)(nil)
	for i, r := range looks {
		if r.ChargedTo == nil || used[*r.ChargedTo][r.HouseholdUUID] {
			continue
		}
		allowed := 0
		if v := byID[*r.ChargedTo]; v != nil {
			allowed, _ = v.RevealsPerDay(at)
		}
		if len(used[*r.ChargedTo]) >= allowed {
			left[i] = true
			refusal = delivery.Refuse(ReasonRevealsSpent, allowed).With(delivery.Details{Limit: int64(allowed)})
			continue
		}
		used[*r.ChargedTo][r.HouseholdUUID] = true
	}
	return left, refusal, nil
}

// count counts the actor's reveals of a transaction that was committed or refused, and reports unusual ones.
func (v *Verbs) count(ctx context.Context, a delivery.Actor, sum revealSum) {
	w := &v.watch
	w.given.Add(int64(sum.given))
	w.charged.Add(int64(sum.charged))
	w.refused.Add(int64(sum.refused))
	spent := sum.refused > 0 && w.once(a.UUID, sum.day)
	if !sum.crossed && !spent {
		return
	}
	w.unusual.Add(1)
	if v.Unusual != nil {
		v.Unusual(ctx, UnusualReveals{By: a.Ref(), Households: sum.today, Spent: spent})
	}
}

// RevealCountsOf lists how many households' contacts each member of the team was given today, the highest first, at most
// delivery.MaxBulk. Administrators and the commander may call it. It fails with NOT_FOUND or FORBIDDEN for other actors.
func (v *Verbs) RevealCountsOf(ctx context.Context, a delivery.Actor, community delivery.ID) ([]*delivery.RevealCount, error) {
	if !a.Scope().SeesCommunity(community.Community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	if !a.CanCountReveals(community.Community) {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	communities, err := v.DB.CommunitiesByID(ctx, a.Scope(), []delivery.ID{community})
	if err != nil {
		return nil, err
	}
	if len(communities) == 0 {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	now := v.Now()
	from, to := communities[0].Today(now)
	counts, err := v.DB.RevealCounts(ctx, a.Scope(), community.Community, from, to, delivery.MaxBulk)
	for _, c := range counts {
		c.Allowance, c.RaisedUntil = c.Volunteer.RevealsPerDay(now)
	}
	return counts, err
}
