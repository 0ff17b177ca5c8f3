package delivery

import (
	"math"
	"strconv"
	"time"
)

// DailyReport is the numbers of one calendar day of a community (日报). They hold no personal data. Numbers that describe a state, such as open
// incidents, are those at Until.
type DailyReport struct {
	CommunityID int32     `db:"community_id"`
	Day         string    `db:"-"` // 2020-02-18
	From        time.Time `db:"-"` // the day's first instant
	Until       time.Time `db:"-"` // of the numbers: the day's end, or now

	Placed                  int      `db:"placed"`
	Delivered               int      `db:"delivered"`
	Cancelled               int      `db:"cancelled"`
	Returned                int      `db:"returned"`
	Late                    int      `db:"late"`
	MedianMinutesGateToDoor *float64 `db:"median"`
	P95MinutesGateToDoor    *float64 `db:"p95"`
	BagsAnnounced           int      `db:"bags_announced"`
	BagsReceived            int      `db:"bags_received"`
	BagsMissing             int      `db:"bags_missing"`
	IncidentsOpened         int      `db:"incidents_opened"`
	IncidentsOpen           int      `db:"incidents_open"`
	Enquiries               int      `db:"enquiries"`
	EnquiriesWithin30Min    int      `db:"enquiries_within"`
	MoneySpentFen           int64    `db:"money_spent"`
	MoneyOpenFen            int64    `db:"money_open"`
	VolunteersOnShift       int      `db:"volunteers"`
	PersonMinutes           float64  `db:"person_minutes"`
	UnreachedHouseholds     int      `db:"unreached"`
}

// EnquiryWithin is the time within which an enquiry should be taken or closed.
const EnquiryWithin = 30 * time.Minute

// CanReadReports reports whether the actor may read the daily reports of a community: its leads and commander, and administrators.
func (a Actor) CanReadReports(community int32) bool { return a.CanLeadTeam(community) }

// PersonHours is the time that volunteers were on shift, in hours with two decimals.
func (r *DailyReport) PersonHours() float64 { return hundredths(r.PersonMinutes / 60) }

// OrdersPerPersonHour is how many orders were handed over for each hour of a volunteer on shift, with two decimals; nil if no one was.
func (r *DailyReport) OrdersPerPersonHour() *float64 {
	if r.PersonMinutes == 0 {
		return nil
	}
	return new(hundredths(60 * float64(r.Delivered) / r.PersonMinutes))
}

func hundredths(x float64) float64 { return math.Round(100*x) / 100 }

// ReportColumn is a number of the daily report as tables and pages show it.
type ReportColumn struct {
	Name  string // of the field in the schema
	Words Bilingual
	Fen   bool // an amount of money
	value func(*DailyReport) string
}

// Value is the number of a report, "" if there is none. Money is in yuan.
func (c ReportColumn) Value(r *DailyReport) string { return c.value(r) }

// ReportColumns lists the numbers of the daily report in the order in which they are shown.
var ReportColumns = []ReportColumn{
	counted("placed", "下单", "Orders placed", func(r *DailyReport) int { return r.Placed }),
	counted("delivered", "入户", "Orders handed over", func(r *DailyReport) int { return r.Delivered }),
	counted("cancelled", "取消", "Orders cancelled", func(r *DailyReport) int { return r.Cancelled }),
	counted("returned", "退回", "Orders returned", func(r *DailyReport) int { return r.Returned }),
	counted("late", "超时订单", "Orders that became late", func(r *DailyReport) int { return r.Late }),
	measured("medianMinutesGateToDoor", "门口到入户中位数（分钟）", "Minutes from gate to door, median", func(r *DailyReport) *float64 { return r.MedianMinutesGateToDoor }),
	measured("p95MinutesGateToDoor", "门口到入户第95百分位（分钟）", "Minutes from gate to door, 95th percentile", func(r *DailyReport) *float64 { return r.P95MinutesGateToDoor }),
	counted("bagsAnnounced", "预告件数", "Bags announced", func(r *DailyReport) int { return r.BagsAnnounced }),
	counted("bagsReceived", "清点件数", "Bags counted", func(r *DailyReport) int { return r.BagsReceived }),
	counted("bagsMissing", "缺件", "Bags missing", func(r *DailyReport) int { return r.BagsMissing }),
	counted("incidentsOpened", "新增异常", "Incidents opened", func(r *DailyReport) int { return r.IncidentsOpened }),
	counted("incidentsOpen", "未结异常", "Incidents open", func(r *DailyReport) int { return r.IncidentsOpen }),
	counted("enquiries", "来电", "Enquiries", func(r *DailyReport) int { return r.Enquiries }),
	counted("enquiriesWithin30Min", "30分钟内处理的来电", "Enquiries taken up within 30 minutes", func(r *DailyReport) int { return r.EnquiriesWithin30Min }),
	money("moneySpentFen", "代购支出（元）", "Spent at shops (yuan)", func(r *DailyReport) int64 { return r.MoneySpentFen }),
	money("moneyOpenFen", "队员手中款项（元）", "Money in volunteers' hands (yuan)", func(r *DailyReport) int64 { return r.MoneyOpenFen }),
	counted("volunteersOnShift", "上岗人数", "Volunteers on shift", func(r *DailyReport) int { return r.VolunteersOnShift }),
	measured("personHours", "工时（小时）", "Person-hours", func(r *DailyReport) *float64 { return new(r.PersonHours()) }),
	measured("ordersPerPersonHour", "每工时入户单数", "Orders per person-hour", (*DailyReport).OrdersPerPersonHour),
	counted("unreachedHouseholds", "未触达住户", "Households not reached", func(r *DailyReport) int { return r.UnreachedHouseholds }),
}

func counted(name, chinese, english string, of func(*DailyReport) int) ReportColumn {
	return ReportColumn{name, Bilingual{chinese, english}, false, func(r *DailyReport) string { return strconv.Itoa(of(r)) }}
}

func measured(name, chinese, english string, of func(*DailyReport) *float64) ReportColumn {
	return ReportColumn{name, Bilingual{chinese, english}, false, func(r *DailyReport) string {
		n := of(r)
		if n == nil {
			return ""
		}
		return strconv.FormatFloat(*n, 'f', -1, 64)
	}}
}

func money(name, chinese, english string, of func(*DailyReport) int64) ReportColumn {
	return ReportColumn{name, Bilingual{chinese, english}, true, func(r *DailyReport) string { return strconv.FormatFloat(float64(of(r))/100, 'f', 2, 64) }}
}

// ReasonFutureDay refuses the report of a day that has not begun.
var ReasonFutureDay = NewReason("FUTURE_DAY", CodeBadUserInput,
	"The day has not begun.",
	"该日期尚未开始。")

// ReportOf returns the span of a day's report: until the day's end, or until now.
func (c *Community) ReportOf(day string, now time.Time) (from, until time.Time, refusal *Error) {
	from, until, refusal = c.DayOf(day)
	switch {
	case refusal != nil:
	case from.After(now):
		refusal = Refuse(ReasonFutureDay)
	case until.After(now):
		until = now
	}
	return from, until, refusal
}
