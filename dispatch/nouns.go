package dispatch

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// The verbs on nouns share one shape: lock the community, judge every item against what is there, and write those
// that may be written with one event each.

// saving is one call that adds or corrects many of one noun.
type saving struct {
	call
	list   string // the input's field, for the paths of errors
	count  int
	ids    []delivery.ID // of a correction
	kind   delivery.Kind
	event  delivery.EventKind
	may    func(delivery.Actor, int32) bool
	atomic bool

	refusal *delivery.Error // of the whole call

	tx      *db.Tx
	at      time.Time
	out     *BulkOutcome
	events  []*delivery.Event
	ends    []delivery.UUID // rows whose sign-ins and codes end
	refused bool
}

// bulk is a payload of one of the verbs on nouns.
type bulk[P any] interface {
	payload[P]
	outcome() *BulkOutcome
}

func (b *BulkOutcome) outcome() *BulkOutcome { return b }

// save judges the items and then writes them: judge says of each item what came of it, with s.item, and returns what
// writes those that were not refused.
func save[P any, PP bulk[P]](ctx context.Context, d *Dispatch, s saving, judge func(*saving) (write func() error, err error)) (PP, error) {
	bad := s.check()
	return run(ctx, d, s.call, func(t *db.Tx, at time.Time, p PP) (bool, error) {
		if bad != nil {
			return false, bad
		}
		s := s
		s.tx, s.at, s.out = t, at, p.outcome()
		if s.community != 0 {
			c, err := t.LockCommunity(ctx, s.community, true)
			if delivery.CodeOf(err) == delivery.CodeNotFound {
				return false, s.nowhere()
			}
			if err != nil {
				if refusal := delivery.AsError(err); refusal != nil && len(s.ids) == 0 {
					err = refusal.At("communityId")
				}
				return false, err
			}
			if c.ArchivedAt != nil && s.kind != delivery.KindCommunity {
				return false, delivery.Refuse(delivery.ReasonArchived)
			}
			if c.Purged() { // what is written now nobody would remove
				return false, delivery.Refuse(delivery.ReasonPurged)
			}
		}
		write, err := judge(&s)
		if err != nil {
			return false, err
		}
		if s.atomic && s.refused {
			for i, item := range s.out.Items {
				if item.ID != nil {
					item.ID, item.UserErrors = nil, []*delivery.Error{delivery.Refuse(delivery.ReasonAtomic).At(s.list, strconv.Itoa(i))}
				}
			}
			return false, nil
		}
		if len(s.events) == 0 {
			return false, nil
		}
		t.Spend(delivery.QuotaRows, len(s.events))
		if err := t.Decided(); err != nil {
			return false, err
		}
		if err := write(); err != nil {
			return false, err
		}
		if err := s.endAccess(ctx, d.Machine().Truncate(time.Microsecond)); err != nil {
			return false, err
		}
		if s.community == 0 { // new communities have fed their own feeds
			return true, nil
		}
		return true, t.Append(ctx, s.community, s.events)
	})
}

// check refuses what concerns the whole call.
func (s *saving) check() *delivery.Error {
	if s.refusal != nil {
		return s.refusal
	}
	if refusal := checkCount(s.count, s.list); refusal != nil {
		return refusal
	}
	if len(s.ids) > 0 {
		community, refusal := checkIDs(s.ids, s.list, "id", s.kind)
		if refusal != nil {
			return refusal
		}
		s.community = community
	}
	if s.community != 0 && !s.actor.Scope().Enters(s.community) {
		return s.nowhere()
	}
	if !s.may(s.actor, s.community) {
		return delivery.Refuse(delivery.ReasonNotYours)
	}
	return nil
}

// nowhere says that the community is not there, or not for the actor, at the input that named it.
func (s *saving) nowhere() *delivery.Error {
	if len(s.ids) > 0 {
		return delivery.Refuse(delivery.ReasonNoSuch, s.kind.String()).At(s.list, "0", "id")
	}
	return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("communityId")
}

// creation is a call that adds count items to a community.
func creation(a delivery.Actor, mutation string, community delivery.ID, id *string, input any, list string, count int, atomic bool) saving {
	s := saving{call: call{actor: a, mutation: mutation, community: community.Community, id: id, input: input},
		list: list, count: count, atomic: atomic, may: delivery.Actor.CanSetUp}
	if refusal := checkID(community, delivery.KindCommunity, 0); refusal != nil {
		s.refusal = refusal.At("communityId")
	} else if community.Community == 0 { // well formed, and nowhere
		s.refusal = delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("communityId")
	}
	return s
}

// correction is a call that corrects items of one community, each named by an id.
func correction[T any](a delivery.Actor, mutation string, id *string, input any, list string, items []T, of func(T) delivery.ID, atomic bool) saving {
	s := saving{call: call{actor: a, mutation: mutation, id: id, input: input}, list: list, count: len(items), atomic: atomic, may: delivery.Actor.CanSetUp}
	for _, item := range items {
		s.ids = append(s.ids, of(item))
	}
	return s
}

// parent refuses the id of a row that is not there in the community or is archived.
func parent[T any](id delivery.ID, kind delivery.Kind, community int32, rows map[delivery.UUID]*T, archived func(*T) bool, field string) *delivery.Error {
	if refusal := checkID(id, kind, community); refusal != nil {
		return refusal.At(field)
	}
	switch row := rows[id.UUID]; {
	case row == nil:
		return delivery.Refuse(delivery.ReasonNoSuch, kind.String()).At(field)
	case archived(row):
		return delivery.Refuse(delivery.ReasonArchived).At(field)
	}
	return nil
}

// accessChanged says that somebody's scope is another from here on.
func (s *saving) accessChanged(who delivery.UUID) {
	s.events = append(s.events, delivery.NewEvent(delivery.AccessChanged, s.actor, s.at, delivery.Keys{Community: s.community}, delivery.EventBody{Noun: &who}))
}

// archived notes that a row is archived or brought back. Its sign-ins and codes end both times, also those that an earlier
// release left open: a member who is brought back needs a new invitation or card.
func (s *saving) archived(who delivery.UUID, was, is *time.Time) {
	if (was == nil) != (is == nil) {
		s.ends = append(s.ends, who)
	}
}

// endAccess ends the sign-ins, invitations and cards of the rows that were archived or brought back, and the links to orders of
// such households. It appends the events.
func (s *saving) endAccess(ctx context.Context, now time.Time) error {
	if len(s.ends) == 0 {
		return nil
	}
	rows := s.ends
	if s.kind == delivery.KindHousehold {
		orders, err := s.tx.LinkedOrders(ctx, s.community, s.ends)
		if err != nil {
			return err
		}
		rows = append(slices.Clone(rows), orders...)
	}
	codes, err := s.tx.EndAccess(ctx, s.community, rows, now)
	if err != nil {
		return err
	}
	for _, order := range rows[len(s.ends):] { // the rows have their events already
		s.accessChanged(order)
	}
	if codes > 0 {
		s.events = append(s.events, codesEvent(delivery.CodesEnded, s.call, s.at))
	}
	return nil
}

// item notes what came of the next item: an id, and unless it stays as it was, an event with the keys.
func (s *saving) item(id delivery.ID, keys *delivery.Keys, refusal *delivery.Error) bool {
	i := len(s.out.Items)
	result := &ItemOutcome{Index: i}
	s.out.Items = append(s.out.Items, result)
	if refusal != nil {
		s.refused = true
		result.UserErrors = []*delivery.Error{refusal.At(s.list, strconv.Itoa(i))}
		return false
	}
	result.ID = &id
	if keys != nil {
		keys.Community = id.Community
		var noun *delivery.UUID
		if id.UUID != "" {
			noun = &id.UUID
		}
		s.events = append(s.events, delivery.NewEvent(s.event, s.actor, s.at, *keys, delivery.EventBody{Noun: noun}))
	}
	return keys != nil
}

// correct judges one correction: the row must be there and of the expected version; change fills in the patch,
// refuses what is wrong with it, and says whether something beside the row is another. It returns the new row, or nil
// where nothing is to be written.
func correct[T any](s *saving, row *T, version func(*T) *int64, expected *int64, id delivery.ID, keys func(*T) delivery.Keys, change func(*T) (beside bool, refusal *delivery.Error)) *T {
	if row == nil {
		s.item(id, nil, delivery.Refuse(delivery.ReasonNoSuch, s.kind.String()).At("id"))
		return nil
	}
	if now := *version(row); expected != nil && *expected != now {
		s.item(id, nil, delivery.Refuse(delivery.ReasonVersionChanged, now).At("expectedVersion").With(delivery.Details{Version: now}))
		return nil
	}
	next := *row
	beside, refusal := change(&next)
	if refusal != nil {
		s.item(id, nil, refusal)
		return nil
	}
	if !beside && reflect.DeepEqual(*row, next) {
		s.item(id, nil, nil)
		return nil
	}
	*version(&next)++
	k := keys(&next)
	s.item(id, &k, nil)
	return &next
}

// archive sets or clears when a row was archived.
func archive(at **time.Time, archived *bool, now time.Time) (archives bool) {
	switch {
	case archived == nil:
	case *archived && *at == nil:
		*at = &now
		return true
	case !*archived:
		*at = nil
	}
	return false
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// setCode sets a code to the input's, in its normal form; nil changes nothing.
func setCode(to *string, from *string) {
	if from != nil {
		*to = delivery.NormalCode(*from)
	}
}

// setName sets a name to the input's, trimmed; nil changes nothing.
func setName[T ~string](to *T, from *T) {
	if from != nil {
		*to = T(delivery.Trimmed(string(*from)))
	}
}

// setPhone sets a telephone number to the input's, in its normal form; nil changes nothing.
func setPhone(to *delivery.Phone, from *delivery.Phone) {
	if from != nil {
		*to = from.Normal()
	}
}

// names maps the keys of a noun's unique codes to the rows that have them.
type names map[string]delivery.ID

// claim gives a row a code instead of was. It fails with TAKEN if another row has a code with the same key. A row may always keep
// its code, even if it clashes since before keys were compared.
func (n names) claim(name, was string, id delivery.ID) *delivery.Error {
	if name == was {
		return nil
	}
	key := delivery.Key(name)
	if other, taken := n[key]; taken && other != id {
		refusal := delivery.Refuse(delivery.ReasonTaken, name)
		if other.Community > 0 { // else it is of a community of the same call, which has no id yet
			refusal = refusal.With(delivery.Details{ConflictingID: &other})
		}
		return refusal
	}
	n[key] = id
	return nil
}

func namesOf[T delivery.Node](rows []T, name func(T) string) names {
	out := make(names, len(rows))
	for _, r := range rows {
		out[delivery.Key(name(r))] = r.ID()
	}
	return out
}

func byUUID[T delivery.Node](rows []T) map[delivery.UUID]T {
	out := make(map[delivery.UUID]T, len(rows))
	for _, r := range rows {
		out[r.ID().UUID] = r
	}
	return out
}

// first is the first refusal, with the name of its field.
func first(checks ...fieldCheck) *delivery.Error {
	for _, c := range checks {
		if c.refusal != nil {
			return c.refusal.At(c.field)
		}
	}
	return nil
}

type fieldCheck struct {
	field   string
	refusal *delivery.Error
}

func text(field, s string, limit int, needed bool) fieldCheck {
	return fieldCheck{field, delivery.CheckText(s, limit, needed)}
}

func within(field string, n, low, high int) fieldCheck {
	if n < low || n > high {
		return fieldCheck{field, delivery.Refuse(delivery.ReasonOutOfRange, low, high)}
	}
	return fieldCheck{}
}
