package delivery

import (
	"math"
	"time"
)

// LikeWindows is the most windows alike from which the expected quantity of a package is computed.
const LikeWindows = ForecastLikeDays

// GapFact is one package of an order window, with what the windows alike before it sold of the package.
type GapFact struct {
	CommunityID int32     `db:"community_id"`
	PackageUUID UUID      `db:"package_id"`
	Item        string    `db:"item"`
	Unit        string    `db:"unit"`
	Ordered     Quantity  `db:"ordered"`
	Stock       *Quantity `db:"stock"`
	LikeWindows int       `db:"like_windows"`
	Mean        float64   `db:"mean"` // quantity of the package in these windows
}

// GapRow says how much of a package may be missing in an order window (缺口).
type GapRow struct {
	*GapFact
	Expected float64
	Reserve  float64
	Method   ForecastMethod // KNOWN, MEAN, or FEW
}

// NewGap returns the gaps of a window's packages. The share is how much of the expected quantity is kept in reserve, from 0 to 1.
//
// The expected quantity of a window that still takes orders is the mean of the last windows alike, and at least what is ordered. That of a window that is
// closed is what was ordered.
func NewGap(w *OrderWindow, facts []*GapFact, share float64, at time.Time) []*GapRow {
	out := make([]*GapRow, len(facts))
	for i, f := range facts {
		row := &GapRow{GapFact: f, Expected: f.Ordered.number(), Method: ForecastKnown}
		if state := w.StateAt(at); state == WindowUpcoming || state == WindowOpen {
			row.Expected, row.Method = max(f.Mean, row.Expected), ForecastMean
			if f.LikeWindows < EnoughLikeDays {
				row.Method = ForecastFew
			}
		}
		row.Reserve = share * row.Expected
		out[i] = row
	}
	return out
}

// Gap is how much is missing: what is expected and the reserve, less the stock. It is 0 if the stock suffices, and nil without a limit.
func (g *GapRow) Gap() *float64 {
	if g.Stock == nil {
		return nil
	}
	// Rounded to thousandths, as quantities are, so that 4.4 − 4.4 is nothing.
	return new(max(0, math.Round(1000*(g.Expected+g.Reserve-g.Stock.number()))/1000))
}

// PackageID is the package's opaque id.
func (g *GapRow) PackageID() ID { return ID{KindPackage, g.CommunityID, g.PackageUUID} }

// number is the quantity as a number.
func (q Quantity) number() float64 { return float64(q) / 1000 }

// CanReadGap reports whether the actor may read the gaps of a window: leads of the community, its commander, administrators, and the window's supplier.
func (a Actor) CanReadGap(w *OrderWindow) bool {
	return a.CanReadReports(w.CommunityID) || a.Role == RoleSupplier && a.Community == w.CommunityID && a.UUID == w.SupplierUUID
}
