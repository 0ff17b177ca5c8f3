package delivery

import (
	"strings"
	"time"
)

// Sorting is a request to put one order into a bin.
type Sorting struct {
	Bin        *Bin
	Bags       int // how many bags the caller puts there; 0: not said
	DeviceTime *time.Time
}

// The refusals of sorting.
var (
	ReasonWrongBin = NewReason("WRONG_BIN", CodeConflict,
		"This order goes to building %s: put it into bin %s.",
		"此订单属于 %s 栋，应放入分拣格 %s。")
	ReasonNotHere = NewWordedReason("NOT_HERE", CodeConflict,
		"This order is at %s and cannot be sorted now.",
		"订单处于“%s”环节，不在待分拣之列。")
	ReasonBagsDiffer = NewReason("BAGS_DIFFER", CodeConflict,
		"%d bags of this order were counted at the gate, not %d.",
		"此订单在门口清点为 %d 件，而非 %d 件。")
)

// Sort puts the order into the bin, from the gate or from another bin, and returns the event to record; nil if it stands there
// already. Goods marked COLD may be put into a bin that is not cold: a cold one may be full. It fails with CONFLICT if the
// order is not here, the bin is not one of its building and unit (WrongBin says which is), or fewer or more bags were
// counted at the gate; with HELD while a hold is open, and FORBIDDEN if the actor may not sort.
func (s *OrderSnapshot) Sort(a Actor, to Sorting, at time.Time, holds []*Hold, roster *Roster) (*Event, *Error) {
	atGate, inBin := s.Stage == AtGate, s.Stage == Sorted && s.BinUUID != nil
	if !atGate && !inBin {
		return nil, Refuse(ReasonNotHere, s.Stage).With(s.Where())
	}
	if edge, ok := EdgeOf(AtGate, Sorted, s.Channel); !ok || !a.CanMove(s, edge) {
		return nil, Refuse(ReasonNotYourMove, AtGate, Sorted).With(s.Where())
	}
	switch {
	case !to.Bin.Takes(s):
		return nil, Refuse(ReasonWrongBin, "", "") // Order.WrongBin names the right one
	case s.Held():
		return nil, Refusal(holds, s.Where())
	case to.Bags != 0 && s.ArrivalUUID != nil && to.Bags != s.BagsIn:
		return nil, Refuse(ReasonBagsDiffer, s.BagsIn, to.Bags).At("bags").With(Details{BagsIn: s.BagsIn})
	}
	if inBin {
		e := s.Rebin(a, to.Bin.UUID, at)
		if e != nil {
			e.DeviceTime = to.DeviceTime
		}
		return e, nil
	}
	return s.Advance(a, Move{To: Sorted, Bin: &to.Bin.UUID, DeviceTime: to.DeviceTime}, at, holds, roster)
}

// Takes reports whether the bin is one for the order: of its building, and of its unit if the bin is of one.
func (b *Bin) Takes(s *OrderSnapshot) bool {
	return b.BuildingUUID == s.BuildingUUID && (b.UnitUUID == nil || *b.UnitUUID == s.UnitUUID)
}

// RightBin returns the bin that suits the order best, or nil if none of the bins takes it: a cold one for goods marked COLD and
// no cold one for others, if there is one; of those one of its unit before one of the whole building.
func (s *OrderSnapshot) RightBin(bins []*Bin) *Bin {
	suits := func(b *Bin) int {
		n := 0
		if b.Cold == s.Marks.Has(MarkCold) {
			n += 4
		}
		if b.UnitUUID != nil {
			n += 2
		}
		if b.Default() {
			n++
		}
		return n
	}
	var best *Bin
	for _, b := range bins {
		if b.Archived() || !b.Takes(s) {
			continue
		}
		if best == nil || suits(b) > suits(best) || suits(b) == suits(best) && b.Code < best.Code {
			best = b
		}
	}
	return best
}

// WrongBin refuses a bin that does not take the order, and names the right one among the bins of its building and of others.
func (o *Order) WrongBin(bins []*Bin) *Error {
	in := o.BuildingID()
	building, _, _ := strings.Cut(o.Address, "-")
	right := o.RightBin(bins)
	if right == nil { // each building has a default bin
		return Refuse(ReasonWrongBin, building, building).With(Details{BuildingID: &in})
	}
	id := right.ID()
	return Refuse(ReasonWrongBin, building, right.Code).With(Details{BuildingID: &in, BinID: &id, BinCode: right.Code})
}
