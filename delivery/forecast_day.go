package delivery

// ForecastDay is the forecast of one day with its error so far.
type ForecastDay struct {
	CommunityID int32
	Day         string
	Rows        []*ForecastRow
	Score       ForecastScore // of the estate's forecasts of the last ScoreDays days before the day
	NoBetter    bool          // they were no better than yesterday's number, which is shown instead
}

// ForecastFacts is what is stored of a day's forecast and of the days before.
type ForecastFacts struct {
	Rows    []*ForecastRow // of the day
	Past    []*ForecastRow // of ScoreDays days before it, with an expected number
	Actual  []*DemandRow   // of twice as many days before it, of whole days
	Counted string         // the last day whose demand is counted
}

// Show returns the forecast of a day as it is shown: where the forecasts of a series were no better than yesterday's number, that of the last day
// that is counted. What is stored stays. The days are those before the day, the earliest first, twice ScoreDays.
func (f *ForecastFacts) Show(community int32, day string, days []string) *ForecastDay {
	type key struct {
		kind   DemandKind
		series string
		day    string
	}
	actual, past := map[key]float64{}, map[key]float64{}
	for _, r := range f.Actual {
		actual[key{r.Kind, r.Series, r.Day}] = r.number()
	}
	for _, r := range f.Past {
		past[key{r.Kind, r.Series, r.Day}] = *r.Expected
	}
	score := func(kind DemandKind, series string) (s ForecastScore, last float64, known bool) {
		var numbers, forecasts, training []float64
		for i, d := range days {
			if d > f.Counted {
				break
			}
			k := key{kind, series, d}
			last, known = actual[k], true
			switch expected, ok := past[k]; {
			case i >= len(days)-ScoreDays && ok:
				numbers, forecasts = append(numbers, last), append(forecasts, expected)
			case len(numbers) == 0:
				training = append(training, last)
			}
		}
		return ScoreForecast(numbers, forecasts, training), last, known
	}
	out := &ForecastDay{CommunityID: community, Day: day, Rows: []*ForecastRow{}}
	out.Score, _, _ = score(DemandAll, "")
	out.NoBetter = out.Score.NoBetter()
	for _, r := range f.Rows {
		shown := *r
		if r.Expected != nil && r.Kind != DemandBuildingItem { // whose whole days are not counted
			if s, last, known := score(r.Kind, r.Series); known && s.NoBetter() {
				e := Estimate{*r.Expected, r.Low, r.High, r.LikeDays, r.Method}.AsYesterday(last, nil)
				shown.Expected, shown.Low, shown.High, shown.Method = &e.Expected, e.Low, e.High, e.Method
			}
		}
		out.Rows = append(out.Rows, &shown)
	}
	return out
}

// BuildingID is the building's opaque id, nil for series of the whole estate.
func (r *ForecastRow) BuildingID() *ID { return buildingOf(r.CommunityID, r.BuildingUUID) }

// BuildingID is the building's opaque id, nil for series of the whole estate.
func (r *DemandRow) BuildingID() *ID { return buildingOf(r.CommunityID, r.BuildingUUID) }

func buildingOf(community int32, building *UUID) *ID {
	if building == nil {
		return nil
	}
	return &ID{KindBuilding, community, *building}
}
