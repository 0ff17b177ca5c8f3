package delivery

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// BacktestWarmUp is how many days at the beginning of a history are not forecast in a backtest: the same weekday needs a week.
const BacktestWarmUp = 7

// BacktestMethods are the methods that a backtest compares, in the order of its columns. The fourth is what is stored of an estate without order windows,
// but for the day directly before, which is not complete when a forecast is stored. A stored forecast takes the numbers of closed windows, and compares each window with windows alike.
var BacktestMethods = []Bilingual{{"同昨日", "Yesterday"}, {"同星期", "Same weekday"}, {"近3个同类日均值", "Mean of 3"}, {"近7个同类日均值", "Mean of 7"}, {"平滑0.3", "Smoothing 0.3"}, {"总量×占比", "Total × shares"}}

// BacktestRow is how far each method was from the numbers of one kind of series, one day ahead.
type BacktestRow struct {
	Kind   DemandKind
	Series int
	Days   int       // days and series that were forecast
	WAPE   []float64 // by method
	Least  float64   // the least WAPE that any forecast of Poisson series of these means can have
}

// Relative is the mean absolute error of a method divided by that of yesterday's number on the same days: MASE against "as yesterday". It reports
// false if yesterday's number was always right.
func (r *BacktestRow) Relative(method int) (float64, bool) {
	return r.WAPE[method] / r.WAPE[0], r.WAPE[0] > 0
}

// history is one series of a backtest.
type history struct {
	numbers []float64
	held    []bool
}

// Backtest forecasts each day of a history from the days before it with each method, and compares the forecasts with what was ordered. Like days
// are those on which an order window delivered, or none did; windows are not forecast by themselves. The rows are the counts of complete days, those
// of parts included. It returns no rows of kinds of which nothing was ordered after the warm-up.
func Backtest(days []string, rows []*DemandRow, held []HeldBuilding) []*BacktestRow {
	at := map[string]int{}
	for i, day := range days {
		at[day] = i
	}
	deliveries := make([]bool, len(days))
	type key struct {
		kind   DemandKind
		series string
	}
	all := map[key]*history{}
	buildings := map[key]UUID{}
	for _, r := range rows {
		i, known := at[r.Day]
		if !known || r.Kind == DemandChannel {
			continue
		}
		if r.Kind == DemandAll && r.Part != WholeDay && r.Part != DemandRest {
			deliveries[i] = true
		}
		if (r.Part == WholeDay) == (r.Kind == DemandBuildingItem) { // items in buildings are stored by part only
			continue
		}
		k := key{r.Kind, r.Series}
		if all[k] == nil {
			all[k] = &history{make([]float64, len(days)), make([]bool, len(days))}
		}
		if r.BuildingUUID != nil {
			buildings[k] = *r.BuildingUUID
		}
		all[k].numbers[i] += r.number()
	}
	for _, h := range held {
		if i, known := at[h.Day]; known {
			for k, building := range buildings {
				if building == h.BuildingUUID {
					all[k].held[i] = true
				}
			}
		}
	}
	estate := all[key{DemandAll, ""}]
	if estate == nil {
		return nil
	}
	var out []*BacktestRow
	for _, kind := range []DemandKind{DemandAll, DemandBuilding, DemandItem, DemandBuildingItem} {
		row := &BacktestRow{Kind: kind, WAPE: make([]float64, len(BacktestMethods))}
		var sum, least float64
		keys := []key{}
		for k := range all {
			if k.kind == kind {
				keys = append(keys, k)
			}
		}
		slices.SortFunc(keys, func(a, b key) int { return cmp.Compare(a.series, b.series) }) // sums of floats depend on the order
		for _, k := range keys {
			h := all[k]
			var own float64
			var tested int
			for i := BacktestWarmUp; i < len(days); i++ {
				if h.held[i] {
					continue
				}
				for m, f := range h.forecasts(i, estate, deliveries) {
					row.WAPE[m] += math.Abs(h.numbers[i] - f)
				}
				own += h.numbers[i]
				tested++
			}
			row.Series++
			row.Days += tested
			if own > 0 {
				sum += own
				least += LeastWAPE(own/float64(tested)) * own
			}
		}
		if sum == 0 {
			continue
		}
		for m := range row.WAPE {
			row.WAPE[m] /= sum
		}
		row.Least = least / sum
		out = append(out, row)
	}
	return out
}

// forecasts are the forecasts of day i by each method.
func (h *history) forecasts(i int, estate *history, deliveries []bool) []float64 {
	like := h.like(i, deliveries)
	yesterday := h.numbers[i-1]
	of := func(n int) float64 {
		if len(like) == 0 {
			return yesterday
		}
		return mean(like[max(0, len(like)-n):])
	}
	smooth := yesterday
	for j, x := range like {
		if j == 0 {
			smooth = x
		}
		smooth += 0.3 * (x - smooth)
	}
	var own, whole float64
	for j := range i {
		own, whole = own+h.numbers[j], whole+estate.numbers[j]
	}
	shared := 0.0
	if total := estate.like(i, deliveries); whole > 0 && len(total) > 0 {
		shared = mean(total[max(0, len(total)-ForecastLikeDays):]) * own / whole
	}
	return []float64{yesterday, h.numbers[i-7], of(3), of(ForecastLikeDays), smooth, shared}
}

// like are the numbers of the days before i that are like it and were not held, the earliest first.
func (h *history) like(i int, deliveries []bool) (out []float64) {
	for j := range i {
		if deliveries[j] == deliveries[i] && !h.held[j] {
			out = append(out, h.numbers[j])
		}
	}
	return out
}

// DaysFrom are the names of the days from the first to the last, both included; none if one of them is no day.
func DaysFrom(first, last string) (out []string) {
	at, err := time.Parse(time.DateOnly, first)
	until, bad := time.Parse(time.DateOnly, last)
	if err != nil || bad != nil {
		return nil
	}
	for ; !at.After(until); at = at.AddDate(0, 0, 1) {
		out = append(out, at.Format(time.DateOnly))
	}
	return out
}
