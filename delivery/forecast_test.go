package delivery_test

import (
	"math"
	"testing"

	"baogong/delivery"
)

// alike returns days that are all alike.
func alike(numbers ...float64) (out []delivery.PastDay) {
	for _, n := range numbers {
		out = append(out, delivery.PastDay{Number: n})
	}
	return out
}

func TestForecast(t *testing.T) {
	t.Parallel()
	rest := func(d []delivery.PastDay) []delivery.PastDay {
		for i := range d {
			d[i].Like = "REST"
		}
		return d
	}
	held := alike(10, 0, 12, 14)
	held[1].Held = true
	estate := []delivery.ForecastPart{{Past: alike(100, 110, 120)}}
	for _, c := range []struct {
		claim  string
		parts  []delivery.ForecastPart
		estate []delivery.ForecastPart
		want   float64
		days   int
		method delivery.ForecastMethod
	}{
		{"the mean of the last seven", []delivery.ForecastPart{{Past: alike(900, 1, 2, 3, 4, 5, 6, 7)}}, nil, 4, 7, delivery.ForecastMean},
		{"rest days do not count for delivery days", []delivery.ForecastPart{{Past: append(alike(10, 20, 30), rest(alike(0, 0))...)}}, nil, 20, 3, delivery.ForecastMean},
		{"delivery days do not count for rest days", []delivery.ForecastPart{{Like: "REST", Past: append(alike(10, 20, 30), rest(alike(1, 2, 3))...)}}, nil, 2, 3, delivery.ForecastMean},
		{"a held day is no demand", []delivery.ForecastPart{{Past: held}}, nil, 12, 3, delivery.ForecastMean},
		{"a closed window's number is the number", []delivery.ForecastPart{{Past: alike(1, 2, 3), Known: new(41.0)}}, nil, 41, 0, delivery.ForecastKnown},
		{"and the rest is forecast", []delivery.ForecastPart{{Past: alike(1, 2, 3), Known: new(41.0)}, {Past: alike(4, 5, 6)}}, nil, 46, 3, delivery.ForecastMean},
		{"two like days: the estate's mean shared by households", []delivery.ForecastPart{{Past: alike(50, 60)}}, estate, 11, 2, delivery.ForecastShared},
		{"two like days and nothing to share", []delivery.ForecastPart{{Past: alike(50, 60)}}, nil, 55, 2, delivery.ForecastFew},
		{"the estate has too few itself", []delivery.ForecastPart{{Past: alike(50, 60)}}, []delivery.ForecastPart{{Past: alike(100, 110)}}, 55, 2, delivery.ForecastFew},
		{"no day at all", []delivery.ForecastPart{{}}, nil, 0, 0, delivery.ForecastFew},
		{"no part at all", nil, nil, 0, 0, delivery.ForecastKnown},
	} {
		got := delivery.ForecastByShare(c.parts, nil, c.estate, 100, 1000)
		if got.Expected != c.want || got.LikeDays != c.days || got.Method != c.method {
			t.Errorf("%s: got %v of %d days by %s, want %v of %d by %s", c.claim, got.Expected, got.LikeDays, got.Method, c.want, c.days, c.method)
		}
		if got.Low > got.Expected || got.High < got.Expected || got.Low < 0 {
			t.Errorf("%s: the range %v to %v does not contain %v", c.claim, got.Low, got.High, got.Expected)
		}
	}
}

func TestForecastRange(t *testing.T) {
	t.Parallel()
	errors := []float64{-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5}
	for _, c := range []struct {
		claim     string
		mean      float64
		errors    []float64
		low, high float64
	}{
		{"Poisson before ten errors", 10, errors[:9], 6, 14}, // P(X ≤ 5) = 0.067, P(X ≤ 6) = 0.130, P(X ≤ 13) = 0.864, P(X ≤ 14) = 0.917
		{"Poisson of a small mean", 0.5, nil, 0, 1},          // P(X ≤ 0) = 0.607, P(X ≤ 1) = 0.910
		{"own errors from ten on", 10, errors, 6, 14},
		{"own errors, never below zero", 2, errors, 0, 6},
		{"a forecast that is always too high", 10, []float64{-3, -3, -3, -3, -3, -3, -3, -3, -3, -3}, 7, 10},
		{"the last 28 errors only", 10, append(make([]float64, 40), append(make([]float64, 25), 9, 9, 9)...), 10, 12.7}, // place 24.3 of 25 zeros and 3 nines, counted from 0
	} {
		got := delivery.Forecast([]delivery.ForecastPart{{Past: alike(c.mean, c.mean, c.mean)}}, c.errors)
		if math.Abs(got.Low-c.low) > 1e-9 || math.Abs(got.High-c.high) > 1e-9 {
			t.Errorf("%s: got %v to %v, want %v to %v", c.claim, got.Low, got.High, c.low, c.high)
		}
	}
}

func TestForecastShown(t *testing.T) {
	t.Parallel()
	small := delivery.Forecast([]delivery.ForecastPart{{Past: alike(4, 5, 5)}}, nil)
	if got := small.SmallItem(); got.Method != delivery.ForecastUpTo || got.Expected != 0 || got.High != 8 { // P(X ≤ 8) = 0.95, P(X ≤ 7) = 0.89 of a mean of 4.67
		t.Errorf("an item below five a day: got %+v, want up to 8", got)
	}
	for claim, e := range map[string]delivery.Estimate{
		"five a day":      delivery.Forecast([]delivery.ForecastPart{{Past: alike(5, 5, 5)}}, nil),
		"a closed window": delivery.Forecast([]delivery.ForecastPart{{Known: new(2.0)}}, nil),
	} {
		if got := e.SmallItem(); got != e {
			t.Errorf("%s: got %+v, want it unchanged: %+v", claim, got, e)
		}
	}
	if got := small.AsYesterday(30, nil); got.Method != delivery.ForecastYesterday || got.Expected != 30 || got.Low >= 30 || got.High <= 30 {
		t.Errorf("got %+v, want yesterday's 30 with a range", got)
	}
}

func TestScoreForecast(t *testing.T) {
	t.Parallel()
	same := func(x *float64, want float64) bool { return x != nil && math.Abs(*x-want) < 5e-8 }
	a, f := []float64{10, 0, 4, 6}, []float64{8, 1, 4, 9}
	if got := delivery.ScoreForecast(a, f, []float64{5, 9, 6, 10}); !same(got.WAPE, 0.30) || !same(got.Bias, 0.10) || !same(got.MASE, 4.5/11) || got.Days != 4 {
		t.Errorf("the worked example: got %v, want WAPE 0.30, bias 0.10, MASE 0.4091", got)
	}
	// The example of mase() in the package Metrics of CRAN, whose training is the series itself.
	metrics := delivery.ScoreForecast([]float64{1.1, 1.9, 3.0, 4.4, 5.0, 5.6}, []float64{0.9, 1.8, 2.5, 4.5, 5.0, 6.2}, nil)
	if !same(metrics.MASE, 0.2777778) {
		t.Errorf("the example of Metrics: got MASE %v, want 0.2777778", *metrics.MASE)
	}
	if got := delivery.ScoreForecast([]float64{0, 0}, []float64{1, 2}, []float64{3, 3}); got.WAPE != nil || got.Bias != nil || got.Least != nil || got.MASE != nil {
		t.Errorf("nothing ordered and nothing changed: got %+v, want no numbers", got)
	}
	if got := delivery.ScoreForecast(nil, nil, nil); got.Days != 0 || got.MASE != nil {
		t.Errorf("no days: got %+v", got)
	}
}

func TestForecastNoBetter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		claim string
		days  int
		mase  *float64
		want  bool
	}{
		{"as bad as yesterday's number over 14 days", 14, new(1.0), true},
		{"better", 14, new(0.99), false},
		{"too few days to say so", 13, new(3.0), false},
		{"not known", 20, nil, false},
	} {
		if got := (delivery.ForecastScore{Days: c.days, MASE: c.mase}).NoBetter(); got != c.want {
			t.Errorf("%s: got %v, want %v", c.claim, got, c.want)
		}
	}
}

func TestLeastWAPE(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ mean, want, within float64 }{
		{0.5, 1.00, 0.005}, {1, 0.74, 0.005}, {2, 0.54, 0.005}, {5, 0.35, 0.005}, {10, 0.25, 0.005}, {30, 0.145, 0.0005}, {100, 0.08, 0.005}, {1000, 0.025, 0.0005},
		{1, 2 / math.E, 1e-12}, {9_999, 0.00798, 1e-5}, {10_001, 0.00798, 1e-5}, {0, 0, 0},
	} {
		if got := delivery.LeastWAPE(c.mean); math.Abs(got-c.want) > c.within {
			t.Errorf("a mean of %v: got %v, want %v", c.mean, got, c.want)
		}
	}
}

func TestItemsAreJoinedByTheirNormalForm(t *testing.T) {
	t.Parallel()
	line := func(item, unit string, pack *delivery.UUID) *delivery.Line {
		return &delivery.Line{Item: item, Unit: unit, PackageUUID: pack}
	}
	pack := new(delivery.UUID("6c9f7d6e-0d0b-4a53-9a1a-0b6f6d0c2a11"))
	for _, c := range []struct {
		claim string
		a, b  *delivery.Line
		same  bool
	}{
		{"full width", line("蒙牛纯牛奶　２５０ｍＬ", "箱", nil), line("蒙牛纯牛奶 250ml", "箱", nil), true},
		{"size words are kept", line("牛奶 250ml", "箱", nil), line("牛奶 1L", "箱", nil), false},
		{"brand words are kept", line("蒙牛 牛奶", "箱", nil), line("伊利 牛奶", "箱", nil), false},
		{"quantities of two units are not added", line("鸡蛋", "个", nil), line("鸡蛋", "斤", nil), false},
		{"one package under two names", line("蔬菜包", "份", pack), line("蔬菜包（大）", "份", pack), true},
		{"a package and a name", line("蔬菜包", "份", pack), line("蔬菜包", "份", nil), false},
	} {
		if got := c.a.ItemKey() == c.b.ItemKey(); got != c.same {
			t.Errorf("%s: got one item %v, want %v: %q and %q", c.claim, got, c.same, c.a.ItemKey(), c.b.ItemKey())
		}
	}
}
