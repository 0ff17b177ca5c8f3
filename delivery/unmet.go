package delivery

import "time"

// UnmetKind is why something that households wanted did not reach them.
type UnmetKind string

// The kinds. The last three are outcomes of enquiries.
const (
	UnmetOutOfStock  UnmetKind = UnmetKind(MoveOutOfStock)
	UnmetNoCapacity  UnmetKind = UnmetKind(MoveNoCapacity)
	UnmetSoldOut     UnmetKind = "SOLD_OUT"
	UnmetDropped     UnmetKind = UnmetKind(RowDropped)
	UnmetPassedOn    UnmetKind = UnmetKind(OutcomePassedOn)
	UnmetUnreachable UnmetKind = UnmetKind(OutcomeUnreachable)
	UnmetNotNeeded   UnmetKind = UnmetKind(OutcomeNotNeeded)
)

// MostSoldOut is how many offers that sold out are listed.
const MostSoldOut = 500

// UnmetCount is how often one kind happened on a day.
type UnmetCount struct {
	Day   string    `db:"day"`
	Kind  UnmetKind `db:"what"`
	Count int       `db:"n"`
}

// SoldOutOffer is an offer of which nothing was left.
type SoldOutOffer struct {
	CommunityID int32     `db:"community_id"`
	WindowUUID  UUID      `db:"window_id"`
	PackageUUID UUID      `db:"package_id"`
	Item        string    `db:"item"`
	Unit        string    `db:"unit"`
	Stock       Quantity  `db:"stock"`
	At          time.Time `db:"sold_out_at"` // for the first time
}

// WindowID is the opaque id of the window.
func (o *SoldOutOffer) WindowID() ID { return ID{KindWindow, o.CommunityID, o.WindowUUID} }

// PackageID is the opaque id of the package.
func (o *SoldOutOffer) PackageID() ID { return ID{KindPackage, o.CommunityID, o.PackageUUID} }

// UnmetDay is the unmet demand of one day.
type UnmetDay struct {
	Day         string
	OutOfStock  int // orders cancelled because the goods were not there
	NoCapacity  int // orders cancelled because no one could deliver them
	SoldOut     int // offers of which nothing was left for the first time
	Dropped     int // rows of imports that a person dropped
	PassedOn    int // enquiries by outcome
	Unreachable int
	NotNeeded   int
}

// Unanswered is how many enquiries ended otherwise than answered or with an order.
func (d *UnmetDay) Unanswered() int { return d.PassedOn + d.Unreachable + d.NotNeeded }

// UnmetDemand is what households wanted and did not get on the days of a span (未满足需求).
type UnmetDemand struct {
	Days    []*UnmetDay     // each day of the span, the earliest first
	SoldOut []*SoldOutOffer // the newest first, at most MostSoldOut
}

// NewUnmetDemand returns the unmet demand of days.
func NewUnmetDemand(days []string, counts []UnmetCount, soldOut []*SoldOutOffer) *UnmetDemand {
	out := &UnmetDemand{SoldOut: soldOut}
	of := map[string]*UnmetDay{}
	for _, day := range days {
		d := &UnmetDay{Day: day}
		of[day] = d
		out.Days = append(out.Days, d)
	}
	for _, c := range counts {
		d := of[c.Day]
		if d == nil {
			continue
		}
		switch c.Kind {
		case UnmetOutOfStock:
			d.OutOfStock = c.Count
		case UnmetNoCapacity:
			d.NoCapacity = c.Count
		case UnmetSoldOut:
			d.SoldOut = c.Count
		case UnmetDropped:
			d.Dropped = c.Count
		case UnmetPassedOn:
			d.PassedOn = c.Count
		case UnmetUnreachable:
			d.Unreachable = c.Count
		case UnmetNotNeeded:
			d.NotNeeded = c.Count
		}
	}
	return out
}
