package export

import (
	"context"
	"math"
	"slices"
	"strconv"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// defaultShare is how much of what is expected is kept in reserve if the caller does not say.
const defaultShare = 0.1

// needsRequest is what a table of the needs analysis is about.
type needsRequest struct {
	kind   delivery.DemandKind
	day    string
	window *delivery.OrderWindow
	share  float64
}

// read reads the arguments that need no rows.
func (n *needsRequest) read(r TableRequest) *delivery.Error {
	switch r.Noun {
	case delivery.ExportDemand:
		if n.kind = delivery.DemandKind(r.Kind); n.kind == "" {
			n.kind = delivery.DemandAll
		}
		if !slices.Contains(delivery.DemandKinds, n.kind) {
			return delivery.Refuse(delivery.ReasonBadValue).At("kind")
		}
	case delivery.ExportGap:
		if n.share = defaultShare; r.Share != "" {
			var err error
			if n.share, err = strconv.ParseFloat(r.Share, 64); err != nil || !(n.share >= 0 && n.share <= 1) {
				return delivery.Refuse(delivery.ReasonBadValue).At("reserveShare")
			}
		}
	}
	return nil
}

// seeWindow returns the window with the id, if the actor may read its gaps.
func (v *Verbs) seeWindow(ctx context.Context, a delivery.Actor, text string) (*delivery.OrderWindow, error) {
	id, err := delivery.ParseID(text)
	if err != nil {
		return nil, delivery.AsError(err).At("windowId")
	}
	if id.Kind != delivery.KindWindow {
		return nil, id.WrongKind(delivery.KindWindow).At("windowId")
	}
	rows, err := v.DB.WindowsByID(ctx, a.Scope(), []delivery.ID{id})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindWindow.String()).At("windowId")
	}
	if !a.CanReadGap(rows[0]) {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	return rows[0], nil
}

// dayOf reads the day of a forecast.
func dayOf(c *delivery.Community, day string, now time.Time) (string, *delivery.Error) {
	if day == "" {
		_, tomorrow := c.Today(now)
		return c.Day(tomorrow), nil
	}
	if _, _, refusal := c.DayOf(day); refusal != nil {
		return "", refusal.At("day")
	}
	return day, nil
}

// The columns that several tables have.
var (
	dayColumn      = delivery.Bilingual{Chinese: "日期", English: "Day"}
	buildingColumn = delivery.Bilingual{Chinese: "楼栋", English: "Building"}
	itemColumn     = delivery.Bilingual{Chinese: "商品", English: "Item"}
	unitColumn     = delivery.Bilingual{Chinese: "单位", English: "Unit"}
	homesColumn    = delivery.Bilingual{Chinese: "住户", English: "Households"}
	expectedColumn = delivery.Bilingual{Chinese: "预计", English: "Expected"}
	methodColumn   = delivery.Bilingual{Chinese: "方法", English: "Method"}
)

// needsColumns returns the columns of a table of the needs analysis, and what writes a page as table does; nil for other tables.
func (t *tableWriter) needsColumns() ([]delivery.Bilingual, func(context.Context, db.Range) ([]string, bool, error)) {
	switch t.Noun {
	case delivery.ExportDemand:
		return []delivery.Bilingual{dayColumn, buildingColumn, itemColumn, unitColumn, {Chinese: "渠道", English: "Channel"}, {Chinese: "订单", English: "Orders"}, homesColumn,
			{Chinese: "数量", English: "Quantity"}}, t.demand
	case delivery.ExportForecast:
		return []delivery.Bilingual{dayColumn, {Chinese: "范围", English: "Kind"}, buildingColumn, itemColumn, unitColumn, expectedColumn, {Chinese: "低", English: "Low"},
			{Chinese: "高", English: "High"}, {Chinese: "同类日数", English: "Like days"}, methodColumn}, t.forecast
	case delivery.ExportGap:
		return []delivery.Bilingual{{Chinese: "套餐", English: "Package"}, unitColumn, {Chinese: "已订", English: "Ordered"}, expectedColumn, {Chinese: "备货", English: "Reserve"},
			{Chinese: "库存", English: "Stock"}, {Chinese: "缺口", English: "Gap"}, {Chinese: "同类时段数", English: "Like windows"}, methodColumn}, t.gaps
	case delivery.ExportReach:
		return []delivery.Bilingual{buildingColumn, homesColumn, {Chinese: "下过单", English: "Ordered"}, {Chinese: "来电已答复", English: "Answered"}, {Chinese: "已通知", English: "Told"},
			{Chinese: "未触达", English: "Unreached"}, {Chinese: "未触达的独居老人", English: "Unreached, elderly alone"}, {Chinese: "未触达的无智能手机", English: "Unreached, no smartphone"}}, t.reached
	case delivery.ExportNeeds:
		return []delivery.Bilingual{buildingColumn, {Chinese: "需求", English: "Need"}, homesColumn}, t.householdNeeds
	case delivery.ExportUnmet:
		return []delivery.Bilingual{dayColumn, {Chinese: "缺货取消", English: "Cancelled, out of stock"}, {Chinese: "运力不足取消", English: "Cancelled, no capacity"}, {Chinese: "售罄", English: "Sold out"},
			{Chinese: "导入时放弃的行", English: "Import rows dropped"}, {Chinese: "来电已转交", English: "Enquiries passed on"}, {Chinese: "来电联系不上", English: "Enquiries unreachable"},
			{Chinese: "来电不再需要", English: "Enquiries not needed"}}, t.unmet
	case delivery.ExportMedicines:
		return []delivery.Bilingual{{Chinese: "订单", English: "Order"}, {Chinese: "下单时间", English: "Placed at"}, {Chinese: "应送到", English: "Due at"}, {Chinese: "已超时", English: "Overdue"}}, t.medicines
	case delivery.ExportSoldOut:
		return []delivery.Bilingual{{Chinese: "售罄时间", English: "Sold out at"}, itemColumn, unitColumn, {Chinese: "数量", English: "Stock"}}, t.soldOut
	case delivery.ExportHands:
		return []delivery.Bilingual{dayColumn, {Chinese: "岗位", English: "Post"}, {Chinese: "订单", English: "Orders"}, {Chinese: "每单分钟", English: "Minutes per order"},
			{Chinese: "工时", English: "Person-hours"}, {Chinese: "假定", English: "Assumed"}}, t.hands
	case delivery.ExportScores:
		return []delivery.Bilingual{{Chinese: "范围", English: "Kind"}, buildingColumn, itemColumn, unitColumn, {Chinese: "日数", English: "Days"}, {Chinese: "WAPE", English: "WAPE"},
			{Chinese: "最低可能的 WAPE", English: "Least possible WAPE"}, {Chinese: "MASE", English: "MASE"}, {Chinese: "偏差", English: "Bias"}}, t.scores
	}
	return nil, nil
}

// demandDays is how many days of demand a page has, so that it has a few hundred rows.
var demandDays = map[delivery.DemandKind]int{delivery.DemandAll: MostDays, delivery.DemandChannel: 60, delivery.DemandBuilding: 7, delivery.DemandItem: 1, delivery.DemandBuildingItem: 1}

// demand writes the demand of some days, the earliest first. The key of a page is its last day.
func (t *tableWriter) demand(ctx context.Context, p db.Range) ([]string, bool, error) {
	first := t.days.first
	if len(p.After) > 0 {
		after, err := time.Parse(time.DateOnly, p.After[0])
		if err != nil {
			return nil, false, err
		}
		first = after.AddDate(0, 0, 1)
	}
	last := first.AddDate(0, 0, demandDays[t.needs.kind]-1)
	if last.After(t.days.last) {
		last = t.days.last
	}
	rows, err := t.DB.Demand(ctx, t.actor.Scope(), t.CommunityID, t.needs.kind, first.Format(time.DateOnly), last.Format(time.DateOnly))
	if err != nil {
		return nil, false, err
	}
	var buildings []delivery.ID
	for _, r := range rows {
		buildings = with(buildings, r.BuildingID())
	}
	if err := t.readBuildings(ctx, buildings); err != nil {
		return nil, false, err
	}
	for _, r := range rows {
		channel, quantity := "", ""
		if r.Channel != nil {
			channel = t.word(string(*r.Channel), channelWords[*r.Channel])
		}
		if r.Quantity != nil {
			quantity = r.Quantity.String()
		}
		if err := t.add(r.Day, t.building(r.BuildingUUID), orNone(r.Item), orNone(r.Unit), channel, strconv.Itoa(r.Orders), strconv.Itoa(r.Households), quantity); err != nil {
			return nil, false, err
		}
	}
	return []string{last.Format(time.DateOnly)}, last.Before(t.days.last), nil
}

// forecast writes the forecast of a day.
func (t *tableWriter) forecast(ctx context.Context, _ db.Range) ([]string, bool, error) {
	facts, err := t.DB.Forecasts(ctx, t.actor.Scope(), t.CommunityID, t.needs.day)
	if err != nil {
		return nil, false, err
	}
	shown := facts.ShowOn(t.CommunityID, t.needs.day)
	var buildings []delivery.ID
	for _, r := range shown.Rows {
		buildings = with(buildings, r.BuildingID())
	}
	if err := t.readBuildings(ctx, buildings); err != nil {
		return nil, false, err
	}
	for _, r := range shown.Rows {
		if err := t.add(r.Day, t.word(string(r.Kind), demandKindWords[r.Kind]), t.building(r.BuildingUUID), orNone(r.Item), orNone(r.Unit), thousandths(r.Expected), thousandths(&r.Low),
			thousandths(&r.High), strconv.Itoa(r.LikeDays), t.word(string(r.Method), methodWords[r.Method])); err != nil {
			return nil, false, err
		}
	}
	return nil, false, nil
}

// gaps writes a row for each package of the window.
func (t *tableWriter) gaps(ctx context.Context, _ db.Range) ([]string, bool, error) {
	facts, err := t.DB.Gap(ctx, t.actor.Scope(), t.needs.window, t.At)
	if err != nil {
		return nil, false, err
	}
	for _, g := range delivery.NewGap(t.needs.window, facts, t.needs.share, t.At) {
		stock := ""
		if g.Stock != nil {
			stock = g.Stock.String()
		}
		if err := t.add(g.Item, g.Unit, g.Ordered.String(), thousandths(&g.Expected), thousandths(&g.Reserve), stock, thousandths(g.Gap()), strconv.Itoa(g.LikeWindows),
			t.word(string(g.Method), methodWords[g.Method])); err != nil {
			return nil, false, err
		}
	}
	return nil, false, nil
}

// reached writes a row for each building. Numbers about needs are left out for actors who do not see these.
func (t *tableWriter) reached(ctx context.Context, _ db.Range) ([]string, bool, error) {
	counts, err := t.DB.Reach(ctx, t.actor.Scope(), t.CommunityID, t.At.AddDate(0, 0, -delivery.ReachDays))
	if err != nil {
		return nil, false, err
	}
	var buildings []delivery.ID
	for _, c := range counts {
		buildings = append(buildings, delivery.ID{Kind: delivery.KindBuilding, Community: t.CommunityID, UUID: c.BuildingUUID})
	}
	if err := t.readBuildings(ctx, buildings); err != nil {
		return nil, false, err
	}
	for _, c := range counts {
		elderly, offline := "", ""
		if t.actor.SeesNeeds() {
			elderly, offline = strconv.Itoa(c.ElderlyAlone), strconv.Itoa(c.NoSmartphone)
		}
		if err := t.add(t.buildings[c.BuildingUUID], strconv.Itoa(c.Households), strconv.Itoa(c.Ordered), strconv.Itoa(c.Answered), strconv.Itoa(c.Told), strconv.Itoa(c.Unreached),
			elderly, offline); err != nil {
			return nil, false, err
		}
	}
	return nil, false, nil
}

// householdNeeds writes a row for each need in each building.
func (t *tableWriter) householdNeeds(ctx context.Context, _ db.Range) ([]string, bool, error) {
	facts, err := t.DB.HouseholdNeeds(ctx, t.actor.Scope(), t.CommunityID)
	if err != nil {
		return nil, false, err
	}
	var buildings []delivery.ID
	for _, c := range facts.Counts {
		if c.BuildingUUID != nil {
			buildings = append(buildings, delivery.ID{Kind: delivery.KindBuilding, Community: t.CommunityID, UUID: *c.BuildingUUID})
		}
	}
	if err := t.readBuildings(ctx, buildings); err != nil {
		return nil, false, err
	}
	for _, c := range facts.Counts {
		if c.BuildingUUID == nil || c.Need == nil {
			continue
		}
		if err := t.add(t.buildings[*c.BuildingUUID], t.word(string(*c.Need), needWords[*c.Need]), strconv.Itoa(c.Households)); err != nil {
			return nil, false, err
		}
	}
	return nil, false, nil
}

// unmet writes a row for each day, the earliest first.
func (t *tableWriter) unmet(ctx context.Context, _ db.Range) ([]string, bool, error) {
	from, until, err := t.unmetSpan()
	if err != nil {
		return nil, false, err
	}
	counts, soldOut, err := t.DB.Unmet(ctx, t.actor.Scope(), t.CommunityID, from, until)
	if err != nil {
		return nil, false, err
	}
	for _, d := range delivery.NewUnmetDemand(delivery.DaysFrom(t.days.first.Format(time.DateOnly), t.days.last.Format(time.DateOnly)), counts, soldOut).Days {
		cells := []string{d.Day}
		for _, n := range []int{d.OutOfStock, d.NoCapacity, d.SoldOut, d.Dropped, d.PassedOn, d.Unreachable, d.NotNeeded} {
			cells = append(cells, strconv.Itoa(n))
		}
		if err := t.add(cells...); err != nil {
			return nil, false, err
		}
	}
	return nil, false, nil
}

// unmetSpan returns the instants between which the unmet demand of the days was.
func (t *tableWriter) unmetSpan() (from, until time.Time, err error) {
	from, _, refusal := t.Community.DayOf(t.days.first.Format(time.DateOnly))
	if refusal != nil {
		return from, until, refusal
	}
	_, until, refusal = t.Community.DayOf(t.days.last.Format(time.DateOnly))
	if refusal != nil {
		return from, until, refusal
	}
	return from, until, nil
}

// medicines writes a row for each medicine that is due, those that wait longest first.
func (t *tableWriter) medicines(ctx context.Context, _ db.Range) ([]string, bool, error) {
	targets, err := t.DB.TargetsOf(ctx, t.actor.Scope(), []delivery.ID{t.Community.ID()})
	if err != nil {
		return nil, false, err
	}
	facts, err := t.DB.HouseholdNeeds(ctx, t.actor.Scope(), t.CommunityID)
	if err != nil {
		return nil, false, err
	}
	for _, m := range delivery.NewHouseholdNeeds(t.CommunityID, facts, delivery.NewTargets(t.Community.TimeZone, targets), t.At).Medicines {
		if err := t.add(strconv.FormatInt(m.Number, 10), t.time(&m.PlacedAt), t.time(m.DueAt), t.yes(m.Overdue)); err != nil {
			return nil, false, err
		}
	}
	return nil, false, nil
}

// soldOut writes a row for each offer that sold out on the days.
func (t *tableWriter) soldOut(ctx context.Context, _ db.Range) ([]string, bool, error) {
	from, until, err := t.unmetSpan()
	if err != nil {
		return nil, false, err
	}
	_, offers, err := t.DB.Unmet(ctx, t.actor.Scope(), t.CommunityID, from, until)
	if err != nil {
		return nil, false, err
	}
	for _, o := range offers {
		if err := t.add(t.time(&o.At), o.Item, o.Unit, o.Stock.String()); err != nil {
			return nil, false, err
		}
	}
	return nil, false, nil
}

// hands writes a row for each post, and one for the telephone.
func (t *tableWriter) hands(ctx context.Context, _ db.Range) ([]string, bool, error) {
	rows, err := t.Hands(ctx, t.actor, t.Community, t.needs.day)
	if err != nil {
		return nil, false, err
	}
	for _, r := range rows {
		post := t.say(delivery.Bilingual{Chinese: "电话台", English: "PHONE_DESK"})
		if r.Post != "" {
			post = t.word(string(r.Post), postWords[r.Post])
		}
		if err := t.add(r.Day, post, strconv.Itoa(r.Orders), thousandths(r.MinutesPerOrder), thousandths(&r.PersonHours), t.yes(r.Assumed)); err != nil {
			return nil, false, err
		}
	}
	return nil, false, nil
}

// scores writes a row for each series that was forecast.
func (t *tableWriter) scores(ctx context.Context, _ db.Range) ([]string, bool, error) {
	facts, err := t.DB.Forecasts(ctx, t.actor.Scope(), t.CommunityID, t.needs.day)
	if err != nil {
		return nil, false, err
	}
	scores := facts.ScoresOn(t.needs.day)
	var buildings []delivery.ID
	for _, s := range scores {
		buildings = with(buildings, s.BuildingID())
	}
	if err := t.readBuildings(ctx, buildings); err != nil {
		return nil, false, err
	}
	for _, s := range scores {
		if err := t.add(t.word(string(s.Kind), demandKindWords[s.Kind]), t.building(s.BuildingUUID), orNone(s.Item), orNone(s.Unit), strconv.Itoa(s.Days), thousandths(s.WAPE),
			thousandths(s.Least), thousandths(s.MASE), thousandths(s.Bias)); err != nil {
			return nil, false, err
		}
	}
	return nil, false, nil
}

// building is the code of a building that readBuildings has read, "" without one.
func (t *tableWriter) building(id *delivery.UUID) string {
	if id == nil {
		return ""
	}
	return t.buildings[*id]
}

func orNone(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// thousandths writes a number with at most three decimals, "" for none.
func thousandths(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(math.Round(1000**x)/1000, 'f', -1, 64)
}

var (
	demandKindWords = map[delivery.DemandKind]string{delivery.DemandAll: "全小区", delivery.DemandBuilding: "楼栋", delivery.DemandItem: "商品", delivery.DemandBuildingItem: "楼栋商品"}
	postWords       = map[delivery.Post]string{delivery.PostGate: "门口", delivery.PostSorting: "分拣", delivery.PostTransport: "推车", delivery.PostBuilding: "上楼入户"}
	methodWords     = map[delivery.ForecastMethod]string{delivery.ForecastKnown: "已截单", delivery.ForecastMean: "同类日均值", delivery.ForecastYesterday: "同昨日", delivery.ForecastShared: "按户分摊",
		delivery.ForecastFew: "历史不足", delivery.ForecastUpTo: "至多"}
)
