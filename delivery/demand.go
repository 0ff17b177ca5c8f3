package delivery

import (
	"cmp"
	"slices"
	"time"
)

// DemandKind says what a row of demand counts.
type DemandKind string

// The kinds of series.
const (
	DemandAll          DemandKind = "ALL"           // 全小区
	DemandBuilding     DemandKind = "BUILDING"      // 按楼栋
	DemandItem         DemandKind = "ITEM"          // 按物品
	DemandBuildingItem DemandKind = "BUILDING_ITEM" // 按楼栋和物品
	DemandChannel      DemandKind = "CHANNEL"       // 按渠道
)

// DemandKinds lists the kinds.
var DemandKinds = []DemandKind{DemandAll, DemandBuilding, DemandItem, DemandBuildingItem, DemandChannel}

// WholeDay is the part of rows that count all orders of a day. DemandRest and DemandDelivery are the parts of the orders without a window, on days
// without and with an order window that delivers.
const (
	WholeDay       = "*"
	DemandRest     = "REST"
	DemandDelivery = "DELIVERY"
)

// The bounds of what is counted and forecast. Names of goods are free text, so their number has no bound. Most of them are ordered once, and a forecast of those would say nothing.
const (
	// MostItems is how many items of a day are counted, and forecast: those in most orders.
	MostItems = 100
	// MostItemsByBuilding is how many items are forecast for each building: those in most orders of ItemDays days.
	MostItemsByBuilding = 50
	// MostByBuilding is how many forecasts of items in buildings are stored for a day: the largest.
	MostByBuilding = 1000
)

// DemandRow is what was ordered of one series on one day. An order of a window is of the day on which the window delivers, another of the day on
// which it was placed. Orders that are cancelled when the day is counted do not count.
type DemandRow struct {
	CommunityID  int32      `db:"community_id"`
	Kind         DemandKind `db:"kind"`
	Day          string     `db:"day"`
	Series       string     `db:"series"`
	Part         string     `db:"part"`
	BuildingUUID *UUID      `db:"building_id"`
	PackageUUID  *UUID      `db:"package_id"`
	Item         *string    `db:"item"` // as one of the households wrote it, or the package's name
	Unit         *string    `db:"unit"`
	Channel      *Channel   `db:"channel"`
	Orders       int        `db:"orders"`
	Households   int        `db:"households"`
	Quantity     *Quantity  `db:"quantity"` // of an item; nil for others
}

// number is the value that is forecast: the quantity of an item, the number of orders of other series.
func (r *DemandRow) number() float64 {
	if r.Quantity != nil {
		return r.Quantity.number()
	}
	return float64(r.Orders)
}

// ForecastRow is the forecast of one series for one day, as it was stored when it was made.
type ForecastRow struct {
	CommunityID  int32          `db:"community_id"`
	Kind         DemandKind     `db:"kind"`
	Day          string         `db:"day"`
	Series       string         `db:"series"`
	BuildingUUID *UUID          `db:"building_id"`
	PackageUUID  *UUID          `db:"package_id"`
	Item         *string        `db:"item"`
	Unit         *string        `db:"unit"`
	Expected     *float64       `db:"expected"` // nil: only the upper bound
	Low          float64        `db:"low"`
	High         float64        `db:"high"`
	LikeDays     int            `db:"like_days"`
	Method       ForecastMethod `db:"method"`
	MadeAt       time.Time      `db:"made_at"`
}

// atLeast reports whether the expected number is only a lower bound, see Estimate.AtLeast.
func (r *ForecastRow) atLeast() bool { return r.Method == ForecastFew && r.LikeDays == 0 }

// HeldBuilding is a day on which a building was held for HeldDay or longer.
type HeldBuilding struct {
	BuildingUUID UUID   `db:"building_id"`
	Day          string `db:"day"`
}

// ComingWindow is a part of the day to forecast: an order window that delivers on it.
type ComingWindow struct {
	Part   string `db:"part"`
	Closed bool   `db:"closed"`
}

// DemandPast holds the rows from which the forecasts of a day are made.
type DemandPast struct {
	Day        string         // to forecast
	Days       []string       // the complete days before, the earliest first
	Rows       []*DemandRow   // of these days, by part
	Known      []*DemandRow   // the orders so far of the windows of the day; those of open windows are not used
	Windows    []ComingWindow // of the day
	Held       []HeldBuilding
	Households map[UUID]int   // by building
	Forecasts  []*ForecastRow // of these days
}

// pastSeries is one series of a past.
type pastSeries struct {
	first *DemandRow
	days  map[string]map[string]float64 // part, day
	known map[string]float64            // part
}

// Forecast makes the forecasts of the day for every series that had orders before or has some in a closed window: by kind, the largest first. Of items
// it makes MostItems at most, and of items in buildings MostByBuilding. Buildings and items of which nothing is known have none. Items of one building below FewestForecast a day get an upper bound only.
func (p *DemandPast) Forecast(madeAt time.Time) []*ForecastRow {
	type key struct {
		kind   DemandKind
		series string
	}
	all := map[key]*pastSeries{}
	of := func(r *DemandRow) *pastSeries {
		k := key{r.Kind, r.Series}
		if all[k] == nil {
			all[k] = &pastSeries{first: r, days: map[string]map[string]float64{}, known: map[string]float64{}}
		}
		return all[k]
	}
	for _, r := range p.Rows {
		if r.Part == WholeDay || r.Kind == DemandChannel {
			continue
		}
		s := of(r)
		if s.days[r.Part] == nil {
			s.days[r.Part] = map[string]float64{}
		}
		s.days[r.Part][r.Day] += r.number()
		s.first = r // the newest name
	}
	for _, r := range p.Known {
		of(r).known[r.Part] += r.number()
	}
	missed := p.missed(func(kind DemandKind, series, day string) float64 {
		var sum float64
		if s := all[key{kind, series}]; s != nil {
			for _, days := range s.days {
				sum += days[day]
			}
		}
		return sum
	})
	held := map[HeldBuilding]bool{}
	for _, h := range p.Held {
		held[h] = true
	}
	estate := all[key{DemandAll, ""}]
	if estate == nil {
		return nil
	}
	var households int
	for _, n := range p.Households {
		households += n
	}
	var out []*ForecastRow
	for k, s := range all {
		parts := p.parts(s, estate, held)
		errors := missed[ForecastRow{Kind: k.kind, Series: k.series}]
		var e Estimate
		switch k.kind {
		case DemandBuilding:
			e = ForecastByShare(parts, errors, p.parts(estate, estate, nil), p.Households[*s.first.BuildingUUID], households)
		case DemandBuildingItem:
			var item []ForecastPart
			if whole := all[key{DemandItem, itemSeries(k.series)}]; whole != nil {
				item = p.parts(whole, estate, nil)
			}
			e = ForecastByShare(parts, errors, item, p.Households[*s.first.BuildingUUID], households).SmallItem()
		default:
			e = Forecast(parts, errors)
		}
		if e.High == 0 {
			continue
		}
		row := &ForecastRow{CommunityID: s.first.CommunityID, Kind: k.kind, Day: p.Day, Series: k.series, BuildingUUID: s.first.BuildingUUID, PackageUUID: s.first.PackageUUID,
			Item: s.first.Item, Unit: s.first.Unit, Expected: &e.Expected, Low: e.Low, High: e.High, LikeDays: e.LikeDays, Method: e.Method, MadeAt: madeAt}
		if e.Method == ForecastUpTo {
			row.Expected = nil
		}
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b *ForecastRow) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(b.High, a.High), cmp.Compare(a.Series, b.Series))
	})
	most := map[DemandKind]int{DemandItem: MostItems, DemandBuildingItem: MostByBuilding}
	kept := map[DemandKind]int{}
	out = slices.DeleteFunc(out, func(r *ForecastRow) bool {
		kept[r.Kind]++
		return most[r.Kind] > 0 && kept[r.Kind] > most[r.Kind]
	})
	return out
}

// itemSeries returns the item's series from that of an item in one building, which begins with the building.
func itemSeries(series string) string {
	const uuid = 36
	return series[min(uuid+1, len(series)):]
}

// parts are the parts of the day in one series: its windows, and the orders without one. A window's past is the days on which the estate
// had orders of it; a day without orders of the series counts as zero.
func (p *DemandPast) parts(s, estate *pastSeries, held map[HeldBuilding]bool) []ForecastPart {
	loose := DemandRest
	var out []ForecastPart
	add := func(part string, known *float64) {
		fp := ForecastPart{Like: part, Known: known}
		days := p.Days
		if s.first.Kind == DemandBuildingItem {
			days = days[max(0, len(days)-ItemDays):]
		}
		for _, day := range days {
			var like string
			switch {
			case part != DemandRest && part != DemandDelivery:
				if estate == nil || estate.days[part][day] == 0 {
					continue // it did not deliver
				}
				like = part
			case p.delivered(estate, day):
				like = DemandDelivery
			default:
				like = DemandRest
			}
			past := PastDay{Like: like, Number: s.days[like][day]}
			if s.first.BuildingUUID != nil {
				past.Held = held[HeldBuilding{*s.first.BuildingUUID, day}]
			}
			fp.Past = append(fp.Past, past)
		}
		out = append(out, fp)
	}
	seen := map[string]bool{}
	for _, w := range p.Windows {
		loose = DemandDelivery
		if seen[w.Part] {
			continue
		}
		seen[w.Part] = true
		if w.Closed {
			add(w.Part, new(s.known[w.Part]))
		} else {
			add(w.Part, nil)
		}
	}
	// An estate that has ordered in windows only has no such part. A young estate has too few days to say so.
	if len(p.Windows) == 0 || estate == nil || len(p.Days) < EnoughLikeDays || len(estate.days[DemandRest])+len(estate.days[DemandDelivery]) > 0 {
		add(loose, nil)
	}
	return out
}

// delivered reports whether an order window delivered on a day.
func (p *DemandPast) delivered(estate *pastSeries, day string) bool {
	if estate == nil {
		return false
	}
	for part, days := range estate.days {
		if part != DemandRest && days[day] > 0 {
			return true
		}
	}
	return false
}

// missed returns the errors of the stored forecasts of each series, actual number minus forecast, the earliest first. The keys have a kind and a
// series only.
func (p *DemandPast) missed(actual func(kind DemandKind, series, day string) float64) map[ForecastRow][]float64 {
	held := map[HeldBuilding]bool{} // a held day is no demand, and its error is none
	for _, h := range p.Held {
		held[h] = true
	}
	out := map[ForecastRow][]float64{}
	rows := slices.Clone(p.Forecasts)
	slices.SortFunc(rows, func(a, b *ForecastRow) int { return cmp.Compare(a.Day, b.Day) })
	for _, f := range rows {
		if f.Expected == nil || f.Method == ForecastKnown || f.atLeast() || f.BuildingUUID != nil && held[HeldBuilding{*f.BuildingUUID, f.Day}] {
			continue
		}
		k := ForecastRow{Kind: f.Kind, Series: f.Series}
		out[k] = append(out[k], actual(f.Kind, f.Series, f.Day)-*f.Expected)
	}
	return out
}
