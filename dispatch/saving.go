package dispatch

import (
	"context"
	"reflect"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// The verbs on nouns share one shape: lock the community, judge every item against what is there, and write those
// that may be written with one event each.

// Noun is what the verbs that save many of one noun have in common. T is its row.
type Noun[T any] struct {
	Kind    delivery.Kind
	Event   delivery.EventKind               // says that a row was saved
	List    string                           // the input's field with the items, for the paths of errors
	May     func(delivery.Actor, int32) bool // reports whether the actor may save any in the community
	Version func(*T) *int64
	Keys    func(*T) delivery.Keys // of a row's events

	// Linked returns the rows whose codes and sign-ins end with those of the given rows when these are archived; nil: none.
	Linked func(ctx context.Context, t *db.Tx, community int32, rows []delivery.UUID) ([]delivery.UUID, error)
}

// Saving is one call that adds or corrects many of one noun.
type Saving struct {
	Call
	IDs []delivery.ID // of a correction

	Tx  *db.Tx // of this run, as At and Out
	At  time.Time
	Out *BulkOutcome

	list    string
	kind    delivery.Kind
	event   delivery.EventKind
	may     func(delivery.Actor, int32) bool
	linked  func(context.Context, *db.Tx, int32, []delivery.UUID) ([]delivery.UUID, error)
	count   int
	atomic  bool
	refusal *delivery.Error // of the whole call

	events  []*delivery.Event
	ends    []delivery.UUID // rows whose sign-ins and codes end
	refused bool
}

// Saving is a call that saves count items of the noun, in no one community.
func (n *Noun[T]) Saving(c Call, count int, atomic bool) Saving {
	return Saving{Call: c, list: n.List, kind: n.Kind, event: n.Event, may: n.May, linked: n.Linked, count: count, atomic: atomic}
}

// Creation is a call that adds count items to a community.
func (n *Noun[T]) Creation(c Call, community delivery.ID, count int, atomic bool) Saving {
	s := n.Saving(c, count, atomic)
	s.Community = community.Community
	if refusal := CheckID(community, delivery.KindCommunity, 0); refusal != nil {
		s.refusal = refusal.At("communityId")
	} else if community.Community == 0 { // well formed, and nowhere
		s.refusal = delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("communityId")
	}
	return s
}

// Correction is a call that corrects the items with the ids, which are of one community.
func (n *Noun[T]) Correction(c Call, ids []delivery.ID, atomic bool) Saving {
	s := n.Saving(c, len(ids), atomic)
	s.IDs = ids
	return s
}

// bulk is the payload of a Saving: a struct with a BulkOutcome.
type bulk[P any] interface {
	payload[P]
	bulk() *BulkOutcome
}

// Save judges the items of a call and then writes them. judge notes the outcome of each item with Create, Correct or Item, and
// returns what writes those that were not refused.
func Save[P any, PP bulk[P]](ctx context.Context, e *Engine, s Saving, judge func(*Saving) (write func() error, err error)) (PP, error) {
	bad := s.check()
	return Run(ctx, e, s.Call, func(t *db.Tx, at time.Time, p PP) (bool, error) {
		if bad != nil {
			return false, bad
		}
		s := s
		s.Tx, s.At, s.Out = t, at, p.bulk()
		if err := s.lock(ctx); err != nil {
			return false, err
		}
		write, err := judge(&s)
		if err != nil {
			return false, err
		}
		if s.atomic && s.refused {
			for i, item := range s.Out.Items {
				if item.ID != nil {
					item.ID, item.UserErrors = nil, Undone(s.list, i)
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
		if err := s.endAccess(ctx, e.MachineTime()); err != nil {
			return false, err
		}
		if s.Community == 0 { // write has appended the events to the feeds of several communities
			return true, nil
		}
		return true, t.Append(ctx, s.Community, s.events)
	})
}

// check refuses what concerns the whole call.
func (s *Saving) check() *delivery.Error {
	if s.refusal != nil {
		return s.refusal
	}
	if refusal := CheckCount(s.count, s.list); refusal != nil {
		return refusal
	}
	if len(s.IDs) > 0 {
		community, refusal := CheckIDs(s.IDs, s.list, "id", s.kind)
		if refusal != nil {
			return refusal
		}
		s.Community = community
	}
	if s.Community != 0 && !s.Actor.Scope().Enters(s.Community) {
		return s.nowhere()
	}
	if !s.may(s.Actor, s.Community) {
		return delivery.Refuse(delivery.ReasonNotYours)
	}
	return nil
}

// lock locks the community, if the call is of one, and refuses one that takes no changes.
func (s *Saving) lock(ctx context.Context) error {
	if s.Community == 0 {
		return nil
	}
	c, err := s.Tx.LockCommunity(ctx, s.Community, true)
	switch {
	case delivery.CodeOf(err) == delivery.CodeNotFound:
		return s.nowhere()
	case err != nil:
		if refusal := delivery.AsError(err); refusal != nil && len(s.IDs) == 0 {
			return refusal.At("communityId")
		}
		return err
	case c.ArchivedAt != nil:
		return delivery.Refuse(delivery.ReasonArchived)
	case c.Purged(): // nothing would remove what is written now
		return delivery.Refuse(delivery.ReasonPurged)
	}
	return nil
}

// nowhere says that the community does not exist, or not for the actor, at the input that named it.
func (s *Saving) nowhere() *delivery.Error {
	if len(s.IDs) > 0 {
		return delivery.Refuse(delivery.ReasonNoSuch, s.kind.String()).At(s.list, "0", "id")
	}
	return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("communityId")
}

// Append adds an event to those of the call.
func (s *Saving) Append(e *delivery.Event) { s.events = append(s.events, e) }

// AccessChanged says that the scope of the row's callers changes with this call.
func (s *Saving) AccessChanged(row delivery.UUID) {
	s.Append(accessChanged(s.Actor, s.Community, row, s.At))
}

// Archived notes that a row is archived or brought back, if it is. Its sign-ins and codes end both times, also those that an
// earlier release left open: a member who is brought back needs a new invitation or card.
func (s *Saving) Archived(row delivery.UUID, was, is *time.Time) {
	if (was == nil) != (is == nil) {
		s.ends = append(s.ends, row)
	}
}

// endAccess ends the sign-ins and codes of the rows that were archived or brought back, and of the rows that are linked to them.
// It appends the events.
func (s *Saving) endAccess(ctx context.Context, now time.Time) error {
	if len(s.ends) == 0 {
		return nil
	}
	rows := s.ends
	if s.linked != nil {
		linked, err := s.linked(ctx, s.Tx, s.Community, s.ends)
		if err != nil {
			return err
		}
		rows = append(slices.Clone(rows), linked...)
	}
	codes, err := s.Tx.EndAccess(ctx, s.Community, rows, now)
	if err != nil {
		return err
	}
	for _, row := range rows[len(s.ends):] { // the others have their events already
		s.AccessChanged(row)
	}
	if codes > 0 {
		s.Append(CodesEvent(delivery.CodesEnded, s.Actor, s.Community, s.At))
	}
	return nil
}

// Item notes the outcome of the next item: its id, and an event with the keys unless they are nil because the row stays as it
// was. It reports whether the row is to be written.
func (s *Saving) Item(id delivery.ID, keys *delivery.Keys, refusal *delivery.Error) bool {
	i := len(s.Out.Items)
	result := &ItemOutcome{Index: i}
	s.Out.Items = append(s.Out.Items, result)
	if refusal != nil {
		s.refused = true
		result.UserErrors = ItemErrors(s.list, i, refusal)
		return false
	}
	result.ID = &id
	if keys == nil {
		return false
	}
	var noun *delivery.UUID
	if id.UUID != "" {
		noun = &id.UUID
	}
	keys.Community = id.Community
	s.Append(delivery.NewEvent(s.event, s.Actor, s.At, *keys, delivery.EventBody{Noun: noun}))
	return true
}

// Create notes the outcome of the next item, a new row. It reports whether the row is to be written.
func (n *Noun[T]) Create(s *Saving, id delivery.ID, row *T, refusal *delivery.Error) bool {
	keys := n.Keys(row)
	return s.Item(id, &keys, refusal)
}

// Correct judges the next item, a correction: the row must exist and have the expected version; change applies the patch to a
// copy, refuses what is wrong with it, and reports whether something beside the row changes. It returns the new row, or nil if
// nothing is to be written.
func (n *Noun[T]) Correct(s *Saving, row *T, expected *int64, id delivery.ID, change func(*T) (beside bool, refusal *delivery.Error)) *T {
	if row == nil {
		s.Item(id, nil, delivery.Refuse(delivery.ReasonNoSuch, n.Kind.String()).At("id"))
		return nil
	}
	if now := *n.Version(row); expected != nil && *expected != now {
		s.Item(id, nil, delivery.Refuse(delivery.ReasonVersionChanged, now).At("expectedVersion").With(delivery.Details{Version: now}))
		return nil
	}
	next := *row
	beside, refusal := change(&next)
	if refusal != nil {
		s.Item(id, nil, refusal)
		return nil
	}
	if !beside && reflect.DeepEqual(*row, next) {
		s.Item(id, nil, nil)
		return nil
	}
	*n.Version(&next)++
	keys := n.Keys(&next)
	s.Item(id, &keys, nil)
	return &next
}
