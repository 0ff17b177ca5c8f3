package rehearsal

import "baogong/delivery"

// The assumed shares of the orders that go first.
const (
	assumedMedicine = 0.1
	assumedCold     = 0.2
)

// ClassShare is the share of the orders with a mark, which go before those without: MEDICINE, then COLD. An order with both is MEDICINE.
type ClassShare struct {
	Mark    delivery.Mark
	Share   float64
	Sample  int  // orders of the last seven days that came to the gate
	Assumed bool // or given by the caller
}

// ClassShares returns the shares of the classes in their order: the caller's, else those of the community's orders where there are delivery.MeasuredSample, else as
// assumed. Together they are at most 1: a share that the caller gave is kept, else that of MEDICINE. It returns nil if orders are served first come, first served.
func ClassShares(facts *delivery.DayFacts, in *ScenarioInput) []ClassShare {
	if in.FirstComeFirstServed {
		return nil
	}
	of := facts.Marked
	out := []ClassShare{{delivery.MarkMedicine, assumedMedicine, of.Orders, true}, {delivery.MarkCold, assumedCold, of.Orders, true}}
	for i, c := range []struct {
		given  *float64
		orders int
	}{{in.MedicineShare, of.Medicine}, {in.ColdShare, of.Cold}} {
		switch {
		case c.given != nil:
			out[i].Share = *c.given
		case of.Orders >= delivery.MeasuredSample:
			out[i].Share, out[i].Assumed = float64(c.orders)/float64(of.Orders), false
		}
	}
	if medicine, cold := &out[0], &out[1]; in.ColdShare != nil && in.MedicineShare == nil {
		medicine.Share = min(medicine.Share, 1-cold.Share)
	} else {
		cold.Share = min(cold.Share, 1-medicine.Share)
	}
	return out
}
