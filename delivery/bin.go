package delivery

import (
	"cmp"
	"errors"
	"reflect"
	"time"
)

// Bin is where the sorted bags of one building, or of one of its units, stand (分拣格). Each building has a default bin, whose
// id is the building's own: it takes every order of the building and is never archived.
type Bin struct {
	Row
	BuildingUUID UUID   `db:"building_id"`
	UnitUUID     *UUID  `db:"unit_id"` // nil: for the whole building
	Code         string `db:"code"`    // unique in the building, printed on the bin
	Cold         bool   `db:"cold"`    // keeps goods marked COLD
}

// ID is the bin's opaque id.
func (b *Bin) ID() ID { return b.id(KindBin) }

// Default reports whether the bin is its building's default one.
func (b *Bin) Default() bool { return b.UUID == b.BuildingUUID }

// BinContents is what stands in a bin, counting the orders that a viewer may see.
type BinContents struct {
	Orders      int        `db:"orders"`
	Bags        int        `db:"bags"`
	OldestSince *time.Time `db:"oldest_since"` // when the first of them was sorted; nil if the bin is empty
}

// ReadyBin is a bin with goods that a cart can take, counting the orders in it that are not held.
type ReadyBin struct {
	CommunityID int32     `db:"community_id"`
	BinUUID     UUID      `db:"bin_id"`
	Orders      int       `db:"orders"`
	Bags        int       `db:"bags"`
	Heavy       int       `db:"heavy"`
	Cold        int       `db:"cold"`
	OldestSince time.Time `db:"oldest_since"`
	Held        int       `db:"held"` // further orders in the bin
}

// BinID is the bin's opaque id.
func (b *ReadyBin) BinID() ID { return ID{KindBin, b.CommunityID, b.BinUUID} }

// OfBins reports whether the event may change what stands in the bins, or what they are called: that of an order which is SORTED or was,
// and of a saved bin, unit or building. Those of unknown kinds may.
func (e *Event) OfBins() bool {
	if e.OrderUUID != nil {
		from := e.From()
		return e.Order == nil || e.Order.Stage == Sorted || from != nil && *from == Sorted
	}
	switch e.Kind {
	case BinSaved, UnitSaved, BuildingSaved:
		return true
	}
	return eventSpecs[e.Kind] == nil
}

// BinSaved is the kind of event of a bin that was created or changed.
const BinSaved EventKind = "BIN_SAVED"

var _ = savedKind(BinSaved, KindBin, everyBoard)

// OrderBinned is the kind of event of a SORTED order that was put into another bin of its building.
const OrderBinned EventKind = "ORDER_BINNED"

var _ = addKind(eventSpec{kind: OrderBinned, body: reflect.TypeFor[BinnedBody](), fold: foldBinned, team: true})

// BinnedBody is the body of ORDER_BINNED.
type BinnedBody struct {
	FromBin UUID `json:"fromBin,omitempty"`
}

// putInto sets where the order stands at its stage: at SORTED in the bin, or in the default bin of its building for nil; at
// other stages in none. It is on no cart and in no round then.
func (s *OrderSnapshot) putInto(bin *UUID) {
	s.BinUUID, s.RunUUID, s.RoundUUID = nil, nil, nil
	if s.Stage != Delivered {
		s.ConfirmedAt = nil
	}
	if s.Stage == Sorted {
		s.BinUUID = cmp.Or(bin, &s.BuildingUUID)
	}
}

// Rebin returns the event of a SORTED order that is put into another bin of its building, or nil if it stands there already.
func (s *OrderSnapshot) Rebin(a Actor, bin UUID, at time.Time) *Event {
	if same(s.BinUUID, &bin) {
		return nil
	}
	next := s.clone()
	next.Version++
	next.putInto(&bin)
	return newEvent(OrderBinned, a, at, next, &BinnedBody{FromBin: orEmpty(s.BinUUID)})
}

func foldBinned(before *OrderSnapshot, e *Event) (*OrderSnapshot, error) {
	if before.Stage != Sorted || before.RunUUID != nil || e.Order.BinUUID == nil {
		return nil, errors.New("put into a bin while it is not sorted")
	}
	next := before.after(e)
	next.putInto(e.Order.BinUUID)
	return next, nil
}

// FromBin is the bin in which the order stood before a move or before it was put on a cart, empty for none and other events.
func (e *Event) FromBin() UUID {
	if move := BodyOf[MoveBody](e); move != nil {
		return move.FromBin
	}
	if load := BodyOf[BinnedBody](e); load != nil && e.Kind == OrderLoaded {
		return load.FromBin
	}
	return ""
}
