package delivery_test

import (
	"fmt"
	"testing"

	"baogong/delivery"
)

// TestForecastIsShownUnlessNoBetter: the forecasts of two series are wrong by different amounts, and yesterday's number replaces one.
func TestForecastIsShownUnlessNoBetter(t *testing.T) {
	t.Parallel()
	var days []string
	f := &delivery.ForecastFacts{Counted: "2020-02-27"} // the day before the day is not over
	for i := 1; i <= 28; i++ {
		day := fmt.Sprintf("2020-02-%02d", i)
		days = append(days, day)
		n := 10 + i%2*4 // 14, 10, 14 …: yesterday's number is wrong by 4
		f.Actual = append(f.Actual, &delivery.DemandRow{Kind: delivery.DemandAll, Day: day, Part: delivery.WholeDay, Orders: n},
			&delivery.DemandRow{Kind: delivery.DemandBuilding, Series: "b", Day: day, Part: delivery.WholeDay, Orders: n})
		f.Past = append(f.Past, &delivery.ForecastRow{Kind: delivery.DemandAll, Day: day, Expected: new(12.0)}, // by 2
			&delivery.ForecastRow{Kind: delivery.DemandBuilding, Series: "b", Day: day, Expected: new(float64(n + 4))})
	}
	for _, kind := range []delivery.DemandKind{delivery.DemandAll, delivery.DemandBuilding} {
		r := &delivery.ForecastRow{Kind: kind, Day: "2020-02-29", Expected: new(12.0), Low: 8, High: 16, Method: delivery.ForecastMean}
		if kind == delivery.DemandBuilding {
			r.Series = "b"
		}
		f.Rows = append(f.Rows, r)
	}
	got := f.Show(1, "2020-02-29", days)
	if got.NoBetter || got.Score.Days != 14 || *got.Score.MASE != 0.5 {
		t.Errorf("the estate: got %+v with MASE %v, want 14 days with 0.5", got.Score, *got.Score.MASE)
	}
	if r := got.Rows[1]; *r.Expected != 14 || r.Method != delivery.ForecastYesterday {
		t.Errorf("the building on the evening before: got %v by %s, want 14, the number of the last day that is counted", *r.Expected, r.Method)
	}
	f.Counted = "2020-02-28"
	got = f.Show(1, "2020-02-29", days)
	if r := got.Rows[0]; *r.Expected != 12 || r.Method != delivery.ForecastMean {
		t.Errorf("the estate: got %v by %s, want its mean", *r.Expected, r.Method)
	}
	if r := got.Rows[1]; *r.Expected != 10 || r.Method != delivery.ForecastYesterday || r.Low >= 10 || r.High <= 10 {
		t.Errorf("the building: got %v (%v to %v) by %s, want yesterday's 10", *r.Expected, r.Low, r.High, r.Method)
	}
	if r := f.Rows[1]; *r.Expected != 12 || r.Method != delivery.ForecastMean {
		t.Errorf("what is stored was changed: %v by %s", *r.Expected, r.Method)
	}
}
