package delivery

import (
	"cmp"
	"slices"
)

// SeriesScore is how far the stored forecasts of one series were from the numbers of the last ScoreDays days that are counted.
type SeriesScore struct {
	CommunityID  int32
	Kind         DemandKind // ALL, BUILDING or ITEM
	BuildingUUID *UUID
	Item         *string
	Unit         *string
	ForecastScore

	series  string
	numbers float64 // the sum of the numbers that were scored
}

// BuildingID is the building's opaque id, nil for series of the whole estate.
func (s *SeriesScore) BuildingID() *ID { return buildingOf(s.CommunityID, s.BuildingUUID) }

// scorer compares stored forecasts with the numbers of their days.
type scorer struct {
	days         []string // that are counted, the earliest first
	actual, past map[seriesDay]float64
	held         map[HeldBuilding]bool
	first        string // the first day with an order, "" for none
}

// seriesDay is one day of a series.
type seriesDay struct {
	kind   DemandKind
	series string
	day    string
}

// scorer returns what compares the forecasts. On the evening before the day the present day is not counted yet, so the last ScoreDays days that are counted
// are scored.
func (f *ForecastFacts) scorer(days []string) *scorer {
	counted := 0
	for counted < len(days) && days[counted] <= f.Counted {
		counted++
	}
	out := &scorer{days: days[:counted], actual: map[seriesDay]float64{}, past: map[seriesDay]float64{}, held: map[HeldBuilding]bool{}}
	for _, r := range f.Actual {
		out.actual[seriesDay{r.Kind, r.Series, r.Day}] = r.number()
		if out.first == "" || r.Day < out.first {
			out.first = r.Day
		}
	}
	for _, r := range f.Past {
		out.past[seriesDay{r.Kind, r.Series, r.Day}] = *r.Expected
	}
	for _, h := range f.Held {
		out.held[h] = true
	}
	return out
}

// score returns the score of a series, the sum of the numbers that were scored, and the last number that is known. Days on which the building was held are
// no demand and are left out. The days before the first order of a young community are no days without orders.
func (s *scorer) score(kind DemandKind, series string, building *UUID) (out ForecastScore, sum, last float64, known bool) {
	var numbers, forecasts, training []float64
	for i, day := range s.days {
		if building != nil && s.held[HeldBuilding{*building, day}] {
			continue
		}
		of := seriesDay{kind, series, day}
		last, known = s.actual[of], true
		switch expected, ok := s.past[of]; {
		case i >= len(s.days)-ScoreDays && ok:
			numbers, forecasts = append(numbers, last), append(forecasts, expected)
			sum += last
		case len(numbers) == 0 && day >= s.first:
			training = append(training, last)
		}
	}
	return ScoreForecast(numbers, forecasts, training), sum, last, known
}

// Scores returns the score of each series that had a forecast on a scored day: the estate's, the buildings' and the items', the largest first. The days
// are those of Show.
func (f *ForecastFacts) Scores(days []string) []*SeriesScore {
	s := f.scorer(days)
	seen := map[seriesDay]bool{}
	var out []*SeriesScore
	for _, r := range f.Past {
		of := seriesDay{kind: r.Kind, series: r.Series}
		if seen[of] {
			continue
		}
		seen[of] = true
		if score, sum, _, _ := s.score(r.Kind, r.Series, r.BuildingUUID); score.Days > 0 {
			out = append(out, &SeriesScore{CommunityID: r.CommunityID, Kind: r.Kind, BuildingUUID: r.BuildingUUID, Item: r.Item, Unit: r.Unit, ForecastScore: score, series: r.Series, numbers: sum})
		}
	}
	slices.SortFunc(out, func(a, b *SeriesScore) int {
		return cmp.Or(cmp.Compare(slices.Index(DemandKinds, a.Kind), slices.Index(DemandKinds, b.Kind)), cmp.Compare(b.numbers, a.numbers), cmp.Compare(a.series, b.series))
	})
	return out
}
