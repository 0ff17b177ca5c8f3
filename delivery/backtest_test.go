package delivery_test

import (
	"fmt"
	"math"
	"testing"

	"baogong/delivery"
)

// TestBacktest forecasts series whose errors are worked by hand.
func TestBacktest(t *testing.T) {
	t.Parallel()
	days := delivery.DaysFrom("2020-02-01", "2020-02-10") // three days are forecast: the 8th, 9th and 10th
	var rows []*delivery.DemandRow
	add := func(kind delivery.DemandKind, series, part string, building *delivery.UUID, numbers ...int) {
		for i, n := range numbers {
			if n > 0 {
				rows = append(rows, &delivery.DemandRow{Kind: kind, Series: series, Day: days[i], Part: part, BuildingUUID: building, Orders: n})
			}
		}
	}
	// Windows deliver on odd days, on which 20 are ordered, later 30.
	estate := []int{20, 10, 20, 10, 20, 10, 20, 10, 30, 10}
	b := new(delivery.UUID("b"))
	add(delivery.DemandAll, "", delivery.WholeDay, nil, estate...)
	add(delivery.DemandBuilding, "b", delivery.WholeDay, b, estate...)
	add(delivery.DemandAll, "", "window", nil, 20, 0, 20, 0, 20, 0, 20, 0, 30, 0)
	got := delivery.Backtest(days, rows, []delivery.HeldBuilding{{BuildingUUID: *b, Day: "2020-02-09"}})
	if len(got) != 2 || got[0].Kind != delivery.DemandAll || got[0].Days != 3 || got[1].Days != 2 {
		t.Fatalf("got %+v, want the estate with three days and the building with two", got)
	}
	for m, want := range []float64{
		50. / 50, // 20, 10 and 30 for 10, 30 and 10
		40. / 50, // the 1st, 2nd and 3rd: 20, 10 and 20
		10. / 50, // like days are right but for the 30
		10. / 50,
		10. / 50,
		10. / 50, // the estate is its own share
	} {
		if math.Abs(got[0].WAPE[m]-want) > 1e-9 {
			t.Errorf("%s: got WAPE %v, want %v", delivery.BacktestMethods[m].English, got[0].WAPE[m], want)
		}
	}
	if r, ok := got[0].Relative(3); !ok || math.Abs(r-0.2) > 1e-9 {
		t.Errorf("got %v of yesterday's error, want 0.2", r)
	}
	if got[1].WAPE[3] != 0 {
		t.Errorf("the building without its held day: got WAPE %v, want 0", got[1].WAPE[3])
	}
	if rows := delivery.Backtest(days[:7], rows, nil); len(rows) != 0 {
		t.Errorf("a week has nothing to forecast: got %v", fmt.Sprint(rows))
	}
}
