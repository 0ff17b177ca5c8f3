package delivery

import (
	"math"
	"slices"
	"time"
)

// The limits of forecasts (docs/decisions/0067).
const (
	// ForecastLikeDays is how many of the last like days a forecast is the mean of.
	ForecastLikeDays = 7
	// EnoughLikeDays is how many like days a series needs for a forecast of its own.
	EnoughLikeDays = 3
	// EnoughErrors is how many errors of its own a series needs for its range; with fewer, the range is that of a Poisson distribution.
	EnoughErrors = 10
	// LastErrors is how many of the last errors the range uses.
	LastErrors = 28
	// FewestForecast is the least expected number a day for which an item in one building has a forecast; below, only the upper bound is shown.
	FewestForecast = 5
	// ForecastHour is when the forecast of the next day is made, in the community's zone.
	ForecastHour = 20
	// ItemDays is how many complete days a forecast of an item in one building uses: reading more takes too long.
	ItemDays = 28
	// HeldDay is how long a building must have been held on a day for the day to be left out of its series.
	HeldDay = 6 * time.Hour
)

// ForecastMethod says where the number of a forecast comes from.
type ForecastMethod string

// The methods, from the surest to the least sure.
const (
	ForecastKnown     ForecastMethod = "KNOWN"     // 已截单: all order windows of the day are closed; their numbers count
	ForecastMean      ForecastMethod = "MEAN"      // 均值: of the last like days
	ForecastYesterday ForecastMethod = "YESTERDAY" // 同昨日: the mean was no better than yesterday's number
	ForecastShared    ForecastMethod = "SHARED"    // 按户分摊: too few like days, so the share by households of the estate's mean
	ForecastFew       ForecastMethod = "FEW"       // 历史不足: too few like days, and nothing to share; the mean of those there are, see Estimate.AtLeast
	ForecastUpTo      ForecastMethod = "UP_TO"     // 至多: too small for a forecast; High is the upper bound
)

// ForecastMethods lists the methods.
var ForecastMethods = []ForecastMethod{ForecastKnown, ForecastMean, ForecastYesterday, ForecastShared, ForecastFew, ForecastUpTo}

// PastDay is one day of a series.
type PastDay struct {
	Like   string // days with the same word are alike: rest days, delivery days, the days of one window
	Number float64
	Held   bool // the building was held, so the number is not its demand
}

// ForecastPart is a part of a day that is forecast by itself: the orders of one order window, or those without a window.
type ForecastPart struct {
	Like  string
	Past  []PastDay // complete days, the earliest first
	Known *float64  // of a closed window; it replaces the forecast
}

// Estimate is the expected number of one day of a series. With the method UP_TO only High counts.
type Estimate struct {
	Expected float64
	Low      float64 // on nine of ten days the number is not below it
	High     float64 // on nine of ten days it is not above it
	LikeDays int     // of the part that has the fewest; 0 if all is known
	Method   ForecastMethod
}

// AtLeast reports whether a part of the day has no like day and nothing to share, so that the expected number is only a lower bound.
func (e Estimate) AtLeast() bool { return e.Method == ForecastFew && e.LikeDays == 0 }

// likeDays returns the numbers of the last like days that were not held.
func (p ForecastPart) likeDays() []float64 {
	var out []float64
	for _, d := range slices.Backward(p.Past) {
		if d.Like == p.Like && !d.Held && len(out) < ForecastLikeDays {
			out = append(out, d.Number)
		}
	}
	return out
}

// estateShare gives a series with too few like days its share of the mean of the estate, or of an item.
type estateShare struct {
	of   func(like string) []float64
	part float64
}

// Forecast returns the forecast of a day that consists of parts. The errors are those of the series' own earlier forecasts, actual number minus
// forecast, the earliest first.
func Forecast(parts []ForecastPart, errors []float64) Estimate { return forecast(parts, errors, nil) }

// ForecastByShare is Forecast for a series that gets its share of the estate's mean for each part of which it has too few like days itself: the
// households of the series divided by the estate's. The estate's parts are found by Like.
func ForecastByShare(parts []ForecastPart, errors []float64, estate []ForecastPart, households, all int) Estimate {
	if all <= 0 {
		return forecast(parts, errors, nil)
	}
	return forecast(parts, errors, &estateShare{part: float64(households) / float64(all), of: func(like string) []float64 {
		for _, p := range estate {
			if p.Like == like {
				return p.likeDays()
			}
		}
		return nil
	}})
}

func forecast(parts []ForecastPart, errors []float64, s *estateShare) Estimate {
	out := Estimate{Method: ForecastKnown}
	var known float64
	first := true
	for _, p := range parts {
		if p.Known != nil {
			known += *p.Known
			continue
		}
		days, method := p.likeDays(), ForecastMean
		own := len(days)
		expected := mean(days)
		if own < EnoughLikeDays {
			method = ForecastFew
			if s != nil {
				if whole := s.of(p.Like); len(whole) >= EnoughLikeDays {
					expected, method = mean(whole)*s.part, ForecastShared
				}
			}
		}
		out.Expected += expected
		if first || own < out.LikeDays {
			out.LikeDays = own
		}
		first = false
		out.Method = ForecastMethods[max(slices.Index(ForecastMethods, out.Method), slices.Index(ForecastMethods, method))]
	}
	if first { // nothing to forecast
		out.Expected, out.Low, out.High = known, known, known
		return out
	}
	out.Low, out.High = interval(out.Expected, errors)
	if out.AtLeast() { // the range is no surer than that of all that is expected
		_, high := interval(out.Expected+known, nil)
		out.High = max(out.High, high-known)
	}
	out.Expected, out.Low, out.High = out.Expected+known, out.Low+known, out.High+known
	return out
}

// SmallItem returns the estimate of an item in one building. Below FewestForecast a day it has only an upper bound. Known numbers and lower bounds
// stay as they are.
func (e Estimate) SmallItem() Estimate {
	if e.Method == ForecastKnown || e.AtLeast() || e.Expected >= FewestForecast {
		return e
	}
	return Estimate{High: math.Ceil(e.High), LikeDays: e.LikeDays, Method: ForecastUpTo}
}

// AsYesterday returns the estimate that is shown while the forecast is no better than yesterday's number. Known numbers stay.
func (e Estimate) AsYesterday(number float64, errors []float64) Estimate {
	if e.Method == ForecastKnown {
		return e
	}
	low, high := interval(number, errors)
	return Estimate{number, low, high, e.LikeDays, ForecastYesterday}
}

// interval returns the range that holds eight of ten days: from the 10th to the 90th percentile of the last errors, or of a Poisson distribution
// if there are too few. It is never below zero and contains the expected number.
func interval(expected float64, errors []float64) (low, high float64) {
	if len(errors) < EnoughErrors {
		low, high = poissonQuantile(expected, 0.1), poissonQuantile(expected, 0.9)
	} else {
		last := slices.Sorted(slices.Values(errors[max(0, len(errors)-LastErrors):]))
		low, high = expected+percentile(last, 0.1), expected+percentile(last, 0.9)
	}
	return min(max(low, 0), expected), max(high, expected)
}

func mean(xs []float64) float64 {
	if len(xs) == 0 {
		return 0
	}
	var sum float64
	for _, x := range xs {
		sum += x
	}
	return sum / float64(len(xs))
}

// percentile returns a percentile of sorted numbers, between two of them in proportion, as percentile_cont of SQL does.
func percentile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// manyExpected is the mean from which a Poisson distribution is computed as a normal one.
const manyExpected = 10_000

// poissonQuantile returns the smallest whole number that a Poisson distribution with the mean does not exceed with the probability p.
func poissonQuantile(m, p float64) float64 {
	if m <= 0 {
		return 0
	}
	if m > manyExpected {
		return math.Max(0, math.Round(m+math.Sqrt(2*m)*math.Erfinv(2*p-1)))
	}
	var sum float64
	for k := poissonStart(m); ; k++ {
		if sum += poisson(m, k); sum >= p || k > m+20*math.Sqrt(m)+40 {
			return k
		}
	}
}

// poissonStart is a number below which a Poisson distribution has no weight.
func poissonStart(m float64) float64 { return math.Max(0, math.Floor(m-12*math.Sqrt(m))) }

func poisson(m, k float64) float64 {
	lgamma, _ := math.Lgamma(k + 1)
	return math.Exp(k*math.Log(m) - m - lgamma)
}

// ItemKey returns the form by which lines of one item are counted together: the package if there is one, and otherwise the normal form of the
// name with the unit, because quantities of two units cannot be added. Words for size and brand stay, so that nothing is guessed. The database's
// item_key is the same.
func (l *Line) ItemKey() string {
	if l.PackageUUID != nil {
		return string(*l.PackageUUID)
	}
	return Key(l.Item) + "\x1f" + Key(l.Unit)
}
