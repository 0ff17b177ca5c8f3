package dispatch

import (
	"reflect"

	"baogong/delivery"
)

// Known sets the rows that can be corrected, and those whose names are taken. Save does it with all rows of the community, unless the noun is read in part.
func (s *Saving[P]) Known(rows, named []P) {
	s.known = make(map[delivery.ID]P, len(rows))
	for _, r := range rows {
		s.known[r.ID()] = r
	}
	if s.noun.Name != nil {
		s.names = NamesOf(named, s.noun.Name)
	}
}

// NewRow returns the first version of a row that the call adds.
func (s *Saving[P]) NewRow() delivery.Row { return delivery.NewRow(s.Community, NewUUID(), s.At) }

// Around replaces how the rows are written by a function that may call write, which writes them.
func (s *Saving[P]) Around(do func(write func() error) error) { s.around = do }

// Beside notes that with the item that is being corrected something beside its row changes.
func (s *Saving[P]) Beside() { s.beside = true }

// Refuse notes that the next item was refused.
func (s *Saving[P]) Refuse(refusal *delivery.Error) {
	s.refused = true
	i := len(s.Out.Items)
	item := &ItemOutcome{Index: i}
	item.Refuse(s.noun.List, i, refusal)
	s.Out.Items = append(s.Out.Items, item)
}

// accept notes the next item's id.
func (s *Saving[P]) accept(id delivery.ID) {
	s.Out.Items = append(s.Out.Items, &ItemOutcome{Index: len(s.Out.Items), ID: &id})
}

// keep notes that the row of the next item is to be written, and its event.
func (s *Saving[P]) keep(row P) {
	id, keys := row.ID(), s.noun.Keys(row)
	s.accept(id)
	s.rows = append(s.rows, row)
	keys.Community = id.Community
	s.Append(delivery.NewSaved(s.noun.Event, s.Actor, s.At, keys, id.UUID))
}

// Add judges the next item, a new row: unless it is refused, it takes its name and is to be written. It reports whether it is.
func (s *Saving[P]) Add(row P, refusal *delivery.Error) bool {
	if refusal == nil {
		refusal = s.noun.claim(s.names, row, "")
	}
	if refusal != nil {
		s.Refuse(refusal)
		return false
	}
	s.keep(row)
	return true
}

// Correct judges the next item, a correction of the row with the id: the row must exist and have the expected version. A copy is
// archived or brought back, unless archived is nil; change applies the rest of the patch to it and refuses what is wrong with
// it. It returns the row as it was, and as it is to be written, or nil if it is not.
func (s *Saving[P]) Correct(id delivery.ID, expected *int64, archived *bool, change func(P) *delivery.Error) (was, next P) {
	var none P
	was, known := s.known[id]
	if !known {
		s.Refuse(delivery.Refuse(delivery.ReasonNoSuch, s.noun.Kind.String()).At("id"))
		return none, none
	}
	if now := was.Versions().Version; expected != nil && *expected != now {
		s.Refuse(delivery.Refuse(delivery.ReasonVersionChanged, now).At("expectedVersion").With(delivery.Details{Version: now}))
		return was, none
	}
	next = clone(was)
	s.beside = false
	if refusal := s.correct(was, next, archived, change); refusal != nil {
		s.Refuse(refusal)
		return was, none
	}
	if !s.beside && reflect.DeepEqual(was, next) {
		s.accept(id)
		return was, none
	}
	next.Versions().Version++
	s.keep(next)
	if s.noun.SignsIn && was.Versions().Archived() != next.Versions().Archived() {
		s.AccessChanged(id.UUID)
		s.ends = append(s.ends, id.UUID)
	}
	return was, next
}

// ReasonInUse refuses to archive a row that open orders still need.
var ReasonInUse = delivery.NewReason("IN_USE", delivery.CodeConflict,
	"This still has open orders and cannot be archived.",
	"仍有未完成的订单，不能归档。")

// correct applies a correction to the copy, or refuses it.
func (s *Saving[P]) correct(was, next P, archived *bool, change func(P) *delivery.Error) *delivery.Error {
	if archives := Archive(&next.Versions().ArchivedAt, archived, s.At); archives && s.inUse[next.ID().UUID] {
		return delivery.Refuse(ReasonInUse).At("archived")
	}
	if refusal := change(next); refusal != nil || s.noun.Name == nil {
		return refusal
	}
	return s.noun.claim(s.names, next, s.noun.Name(was))
}

// clone returns a shallow copy of the row.
func clone[P any](row P) P {
	next := reflect.New(reflect.TypeOf(row).Elem())
	next.Elem().Set(reflect.ValueOf(row).Elem())
	return next.Interface().(P)
}
