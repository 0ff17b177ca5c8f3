package delivery

import "time"

// ForecastDay is the forecast of one day, with the error of the forecasts before it.
type ForecastDay struct {
	CommunityID int32
	Day         string
	Rows        []*ForecastRow
	Score       ForecastScore // of the estate's forecasts of the last ScoreDays days before the day
	NoBetter    bool          // the score covers ScoreDays days and they were no better than yesterday's number, which is shown instead of numbers that are not known
}

// ForecastFacts holds the stored forecasts of a day, and the forecasts and numbers of the days before.
type ForecastFacts struct {
	Rows    []*ForecastRow // of the day
	Past    []*ForecastRow // of days before it, with an expected number
	Actual  []*DemandRow   // of twice as many days before it, of whole days
	Counted string         // the last day whose demand is counted
	Held    []HeldBuilding // of the same days
}

// Show returns the forecast of a day as it is shown. A series whose last ScoreDays forecasts were no better than yesterday's number shows the
// number of the last counted day instead; stored rows do not change. The days are those before the day, the earliest first, twice ScoreDays.
func (f *ForecastFacts) Show(community int32, day string, days []string) *ForecastDay {
	scores := f.scorer(days)
	out := &ForecastDay{CommunityID: community, Day: day, Rows: []*ForecastRow{}}
	out.Score, _, _, _ = scores.score(DemandAll, "", nil)
	out.NoBetter = out.Score.NoBetter()
	for _, r := range f.Rows {
		shown := *r
		if r.Expected != nil && r.Kind != DemandBuildingItem { // items in buildings have no whole-day counts
			if s, _, last, known := scores.score(r.Kind, r.Series, r.BuildingUUID); known && s.NoBetter() {
				e := Estimate{*r.Expected, r.Low, r.High, r.LikeDays, r.Method}.AsYesterday(last, nil)
				shown.Expected, shown.Low, shown.High, shown.Method = &e.Expected, e.Low, e.High, e.Method
			}
		}
		out.Rows = append(out.Rows, &shown)
	}
	return out
}

// ShowOn is Show for a day whose name is valid.
func (f *ForecastFacts) ShowOn(community int32, day string) *ForecastDay {
	return f.Show(community, day, ScoredBefore(day))
}

// ScoresOn is Scores for the days before a day whose name is valid.
func (f *ForecastFacts) ScoresOn(day string) []*SeriesScore { return f.Scores(ScoredBefore(day)) }

// ScoredBefore returns the days before a day, whose name is valid, that are scored or that train the score, the earliest first.
func ScoredBefore(day string) []string {
	at, _ := time.Parse(time.DateOnly, day)
	return DaysFrom(at.AddDate(0, 0, -2*ScoreDays).Format(time.DateOnly), at.AddDate(0, 0, -1).Format(time.DateOnly))
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
