package dispatch

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// The verbs on nouns share one shape: lock the community, check every item against the stored rows, and write those
// that may be written with one event each.

// Saving is one call that adds or corrects many of one noun.
type Saving[P Saved] struct {
	Call
	IDs []delivery.ID // of a correction

	Tx  *db.Tx // of this run, as At and Out
	At  time.Time
	Out *BulkOutcome

	noun    *Noun[P]
	count   int
	atomic  bool
	refusal *delivery.Error // of the whole call

	// Of this run.
	known   map[delivery.ID]P
	names   Names
	inUse   map[delivery.UUID]bool // rows with open orders
	rows    []P                    // to be written
	around  func(write func() error) error
	beside  bool // something beside the row of the current item changes
	events  []*delivery.Event
	ends    []delivery.UUID // rows whose sign-ins and codes end
	refused bool
}

// bulk is the payload of a Saving: a struct with a BulkOutcome.
type bulk[P any] interface {
	payload[P]
	Bulk() *BulkOutcome
}

// Save judges the items of a call and then writes the rows that were not refused. judge calls Add, Correct or Refuse for each
// item, in their order. It runs as often as Run's closure, each time with a Saving of its own.
func Save[Out any, PP bulk[Out], P Saved](ctx context.Context, e *Engine, call *Saving[P], judge func(*Saving[P]) error) (PP, error) {
	return SaveInto(ctx, e, call, func(s *Saving[P], _ PP) error { return judge(s) })
}

// SaveInto is Save for a verb whose payload has more than the outcome of each item: judge fills it in.
func SaveInto[Out any, PP bulk[Out], P Saved](ctx context.Context, e *Engine, call *Saving[P], judge func(*Saving[P], PP) error) (PP, error) {
	bad := call.check()
	return Run(ctx, e, call.Call, func(t *db.Tx, at time.Time, out PP) (bool, error) {
		if bad != nil {
			return false, bad
		}
		s := *call
		s.Tx, s.At, s.Out = t, at, out.Bulk()
		if err := s.lock(ctx); err != nil {
			return false, err
		}
		if err := s.read(ctx); err != nil {
			return false, err
		}
		if err := judge(&s, out); err != nil {
			return false, err
		}
		if s.atomic && s.refused {
			Undo(s.Out.Items, s.noun.List)
			return false, nil
		}
		if len(s.events) == 0 {
			return false, nil
		}
		t.Spend(delivery.QuotaRows, len(s.events))
		if err := t.Decided(); err != nil {
			return false, err
		}
		if err := s.write(ctx); err != nil {
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

// RefuseCall refuses the whole call.
func (s *Saving[P]) RefuseCall(refusal *delivery.Error) { s.refusal = refusal }

// check returns the refusal of the whole call, if there is one.
func (s *Saving[P]) check() *delivery.Error {
	if s.refusal != nil {
		return s.refusal
	}
	if refusal := CheckCount(s.count, s.noun.List); refusal != nil {
		return refusal
	}
	if len(s.IDs) > 0 {
		community, refusal := CheckIDs(s.IDs, s.noun.List, "id", s.noun.Kind)
		if refusal != nil {
			return refusal
		}
		s.Community = community
	}
	if s.Community != 0 && !s.Actor.Scope().SeesCommunity(s.Community) {
		return s.nowhere()
	}
	if !s.noun.May(s.Actor, s.Community) {
		return delivery.Refuse(delivery.ReasonNotYours)
	}
	return nil
}

// ReasonPurged refuses to store personal data after the purge of a community, when nothing would remove it.
var ReasonPurged = delivery.NewReason("PURGED", delivery.CodeConflict,
	"The closure of this community has ended and its personal data has been removed; reopen the closure to store such data again.",
	"该小区封闭已结束，个人信息已清除；重新封闭后才能再登记。")

// lock locks the community, if the call is of one, and refuses one that takes no changes.
func (s *Saving[P]) lock(ctx context.Context) error {
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
		return delivery.Refuse(ReasonArchived)
	case c.Purged(): // nothing would remove what is written now
		return delivery.Refuse(ReasonPurged)
	}
	return nil
}

// read reads the rows that the items are checked against.
func (s *Saving[P]) read(ctx context.Context) error {
	if s.noun.Table != nil && !s.noun.InPart {
		rows, err := s.noun.Table(s.Tx).All(ctx, s.Community)
		if err != nil {
			return err
		}
		s.Known(rows, rows)
	}
	if s.noun.Orders == "" || len(s.IDs) == 0 {
		return nil
	}
	var err error
	s.inUse, err = s.Tx.OpenOrdersOf(ctx, s.Community, s.noun.Orders, UUIDs(s.IDs))
	return err
}

// write writes the rows.
func (s *Saving[P]) write(ctx context.Context) error {
	write := func() error {
		if len(s.IDs) > 0 {
			return s.noun.Table(s.Tx).Save(ctx, s.rows)
		}
		return s.noun.Table(s.Tx).Insert(ctx, s.rows)
	}
	if s.around != nil {
		return s.around(write)
	}
	return write()
}

// nowhere refuses a community that does not exist or is out of the actor's scope, at the input that named it.
func (s *Saving[P]) nowhere() *delivery.Error {
	if len(s.IDs) > 0 {
		return delivery.Refuse(delivery.ReasonNoSuch, s.noun.Kind.String()).At(s.noun.List, "0", "id")
	}
	return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("communityId")
}

// Append adds an event to those of the call.
func (s *Saving[P]) Append(e *delivery.Event) { s.events = append(s.events, e) }

// AccessChanged appends the event that the scope of the row's callers changes with this call.
func (s *Saving[P]) AccessChanged(row delivery.UUID) {
	s.Append(accessChanged(s.Actor, s.Community, row, s.At))
}

// endAccess ends the sign-ins and codes of the rows that were archived or brought back, and of the rows that are linked to them.
// It appends the events.
func (s *Saving[P]) endAccess(ctx context.Context, now time.Time) error {
	if len(s.ends) == 0 {
		return nil
	}
	rows := s.ends
	if s.noun.Linked != nil {
		linked, err := s.noun.Linked(s.Tx, ctx, s.Community, s.ends)
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
