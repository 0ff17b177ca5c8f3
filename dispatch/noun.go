package dispatch

import (
	"cmp"
	"context"

	"baogong/db"
	"baogong/delivery"
)

// Saved is a row of a noun that people add, correct and archive.
type Saved interface {
	comparable
	delivery.Node
	Versions() *delivery.Versioned
}

// Noun describes one noun to the verbs that save many of it. P is the pointer to its row. What differs from noun to noun in
// other ways is in the verbs themselves.
type Noun[P Saved] struct {
	Kind  delivery.Kind
	Event delivery.EventKind               // says that a row was saved
	List  string                           // the input's field with the items, for the paths of errors
	May   func(delivery.Actor, int32) bool // reports whether the actor may save any in the community
	Keys  func(P) delivery.Keys            // of a row's events

	// Table has the rows; nil: the verb reads and writes them (Saving.Known, Saving.Around).
	Table func(*db.Tx) db.Table[P]
	// InPart says that the verb reads the rows that it needs itself, and calls Saving.Known.
	InPart bool

	// Name returns the value that must be unique in a community; nil: the verb checks it.
	Name      func(P) string
	NameField string         // the item's field that is refused; empty: code
	NameShown func(P) string // the name as people know it; nil: Name

	// Orders is the column of orders that names the row. A row with open orders cannot be archived. Empty: any row can.
	Orders db.OrderColumn
	// SignsIn says that callers act as a row. Their codes and sign-ins end when it is archived or brought back.
	SignsIn bool
	// Linked returns the rows whose codes and sign-ins end with those of the given rows; nil: none.
	Linked func(t *db.Tx, ctx context.Context, community int32, rows []delivery.UUID) ([]delivery.UUID, error)
}

// Saving is a call that saves count items of the noun, in no one community.
func (n *Noun[P]) Saving(c Call, count int, atomic bool) *Saving[P] {
	return &Saving[P]{Call: c, noun: n, count: count, atomic: atomic}
}

// Creation is a call that adds count items to a community.
func (n *Noun[P]) Creation(c Call, community delivery.ID, count int, atomic bool) *Saving[P] {
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
func (n *Noun[P]) Correction(c Call, ids []delivery.ID, atomic bool) *Saving[P] {
	s := n.Saving(c, len(ids), atomic)
	s.IDs = ids
	return s
}

// claim gives a row its name instead of was, or refuses the field of the name.
func (n *Noun[P]) claim(names Names, row P, was string) *delivery.Error {
	if n.Name == nil {
		return nil
	}
	refusal := names.Claim(n.Name(row), was, row.ID())
	if refusal == nil {
		return nil
	}
	if n.NameShown != nil {
		refusal.Args = []any{n.NameShown(row)}
	}
	return refusal.At(cmp.Or(n.NameField, "code"))
}
