package delivery_test

import (
	"fmt"
	"maps"
	"math"
	"testing"
	"time"

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

// TestScoreOfYoungEstate: the days before an estate's first order are no part of the changes from day to day, by which its forecasts are judged.
func TestScoreOfYoungEstate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		first    int
		off      float64 // of each forecast of the 15th to the 28th
		mase     float64
		noBetter bool
	}{
		// 110, 100, 110 and 100 from the 11th to the 14th: changes of 10. With ten days of 0 before them these would be 140/13, and MASE 0.975.
		{11, 10.5, 1.05, true},
		// One day is no change, so the changes of 10 of the scored days count. With 13 days of 0 these would be 100/13, and MASE 1.04.
		{14, 8, 0.8, false},
		{15, 8, 0.8, false},
	} {
		var days []string
		f := &delivery.ForecastFacts{Counted: "2020-02-28", Rows: []*delivery.ForecastRow{{Kind: delivery.DemandAll, Day: "2020-02-29", Expected: new(105.0), Method: delivery.ForecastMean}}}
		for i := 1; i <= 28; i++ {
			day := fmt.Sprintf("2020-02-%02d", i)
			days = append(days, day)
			n := 100 + i%2*10
			if i >= c.first {
				f.Actual = append(f.Actual, &delivery.DemandRow{Kind: delivery.DemandAll, Day: day, Part: delivery.WholeDay, Orders: n})
			}
			if i > 14 {
				f.Past = append(f.Past, &delivery.ForecastRow{Kind: delivery.DemandAll, Day: day, Expected: new(float64(n) + c.off)})
			}
		}
		got := f.Show(1, "2020-02-29", days)
		if got.Score.MASE == nil {
			t.Errorf("first ordered on the %dth: got no MASE, want %v", c.first, c.mase)
			continue
		}
		if got.Score.Days != 14 || math.Abs(*got.Score.MASE-c.mase) > 1e-9 || got.NoBetter != c.noBetter {
			t.Errorf("first ordered on the %dth: got %d days, MASE %v, no better %v; want 14, %v, %v", c.first, got.Score.Days, *got.Score.MASE, got.NoBetter, c.mase, c.noBetter)
		}
		if method := got.Rows[0].Method; (method == delivery.ForecastYesterday) != c.noBetter {
			t.Errorf("first ordered on the %dth: got %s", c.first, method)
		}
	}
}

// TestYoungEstate: closed windows are the whole day only if enough days had no other orders. Before, their orders are a lower bound.
func TestYoungEstate(t *testing.T) {
	t.Parallel()
	days := []string{"2020-02-18", "2020-02-19", "2020-02-20"}
	for counted, want := range map[int]delivery.ForecastMethod{0: delivery.ForecastFew, 2: delivery.ForecastFew, 3: delivery.ForecastKnown} {
		p := &delivery.DemandPast{Day: "2020-02-21", Days: days[:counted], Windows: []delivery.ComingWindow{{Part: "w", Closed: true}}, Households: map[delivery.UUID]int{"b": 10}}
		for _, day := range p.Days {
			p.Rows = append(p.Rows, &delivery.DemandRow{Kind: delivery.DemandAll, Day: day, Part: "w", Orders: 50})
		}
		p.Known = []*delivery.DemandRow{{Kind: delivery.DemandAll, Part: "w", Orders: 100}, {Kind: delivery.DemandBuildingItem, Series: "b i", BuildingUUID: new(delivery.UUID("b")), Part: "w", Orders: 2, Quantity: new(delivery.Quantity(2000))}}
		rows := p.Forecast(time.Time{})
		if r := rows[0]; r.Method != want || *r.Expected != 100 || r.Low != 100 || (r.High > 100) != (want == delivery.ForecastFew && r.LikeDays == 0) {
			t.Errorf("after %d days: got %v (%v to %v) of %d days by %s, want %s", counted, *r.Expected, r.Low, r.High, r.LikeDays, r.Method, want)
		}
		if item := rows[len(rows)-1]; item.LikeDays != 2 && (item.Kind != delivery.DemandBuildingItem || item.Method != want || item.Expected == nil || *item.Expected != 2) {
			t.Errorf("after %d days: got %+v of the item", counted, item)
		}
	}
}

// TestForecastsAreBounded forecasts more items than are stored: the largest stay.
func TestForecastsAreBounded(t *testing.T) {
	t.Parallel()
	p := &delivery.DemandPast{Day: "2020-02-21", Days: []string{"2020-02-18", "2020-02-19", "2020-02-20"}, Households: map[delivery.UUID]int{"b": 10}}
	add := func(kind delivery.DemandKind, series string, n int) {
		for _, day := range p.Days {
			r := &delivery.DemandRow{Kind: kind, Day: day, Series: series, Part: delivery.DemandRest, Orders: n}
			if kind != delivery.DemandAll {
				r.Quantity = new(delivery.Quantity(1000 * n))
			}
			if kind == delivery.DemandBuildingItem {
				r.BuildingUUID = new(delivery.UUID("b"))
			}
			p.Rows = append(p.Rows, r)
		}
	}
	add(delivery.DemandAll, "", 9)
	for i := range delivery.MostByBuilding + 50 {
		if i < delivery.MostItems+50 {
			add(delivery.DemandItem, fmt.Sprint("i", i), 1+i)
		}
		add(delivery.DemandBuildingItem, fmt.Sprint("b", i), 1+i)
	}
	got := map[delivery.DemandKind]int{}
	least := map[delivery.DemandKind]float64{}
	for _, r := range p.Forecast(time.Time{}) {
		got[r.Kind]++
		least[r.Kind] = r.High // the largest are first
	}
	if want := map[delivery.DemandKind]int{delivery.DemandAll: 1, delivery.DemandItem: delivery.MostItems, delivery.DemandBuildingItem: delivery.MostByBuilding}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if least[delivery.DemandItem] < 50 || least[delivery.DemandBuildingItem] < 50 {
		t.Errorf("got least upper bounds of %v, want those of the largest series", least)
	}
}

// TestHeldDaysAreNotScored: on two of the scored days the building was held and almost nothing was ordered. Only the building's score leaves them out.
func TestHeldDaysAreNotScored(t *testing.T) {
	t.Parallel()
	var days []string
	building := delivery.UUID("b")
	f := &delivery.ForecastFacts{Counted: "2020-02-28", Held: []delivery.HeldBuilding{{BuildingUUID: building, Day: "2020-02-20"}, {BuildingUUID: building, Day: "2020-02-28"}}}
	for i := 1; i <= 28; i++ {
		day := fmt.Sprintf("2020-02-%02d", i)
		days = append(days, day)
		n := 10
		if i == 20 || i == 28 {
			n = 1
		}
		f.Actual = append(f.Actual, &delivery.DemandRow{Kind: delivery.DemandAll, Day: day, Part: delivery.WholeDay, Orders: n},
			&delivery.DemandRow{Kind: delivery.DemandBuilding, Series: "b", BuildingUUID: &building, Day: day, Part: delivery.WholeDay, Orders: n})
		f.Past = append(f.Past, &delivery.ForecastRow{Kind: delivery.DemandBuilding, Series: "b", BuildingUUID: &building, Day: day, Expected: new(11.0)},
			&delivery.ForecastRow{Kind: delivery.DemandAll, Day: day, Expected: new(11.0)})
	}
	got := f.Scores(days)
	if len(got) != 2 || got[0].Kind != delivery.DemandAll || got[1].Kind != delivery.DemandBuilding {
		t.Fatalf("got %d scores, want the estate's and the building's", len(got))
	}
	if s := got[0]; s.Days != 14 || *s.WAPE != float64(12+20)/122 {
		t.Errorf("the estate: got %d days with WAPE %v, want 14 with 32 of 122", s.Days, *s.WAPE)
	}
	if s := got[1]; s.Days != 12 || *s.WAPE != 0.1 || *s.Bias != 0.1 || *s.Least <= 0 {
		t.Errorf("the building: got %d days with WAPE %v and bias %v, want 12 with 0.1 and 0.1", s.Days, *s.WAPE, *s.Bias)
	}
}
