package demo

import (
	"context"
	"fmt"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// The estate's night begins at evening and ends at morning: no truck leaves, few orders are placed, and one after the other is
// carried to the gate. What is there already is sorted and delivered as by day.
const (
	morning = 7 * time.Hour
	evening = 22 * time.Hour
)

// In the community's quiet hours a run or a round begins only if its volunteer confirms it.
const (
	quietFrom  delivery.ClockTime = 23 * 60
	quietUntil delivery.ClockTime = 6 * 60
)

// quiet reports whether it is night in the estate, when volunteers confirm that they begin all the same.
func (e *Simulation) quiet() bool {
	now := e.Clock.Now().Sub(e.today())
	return now < morning || now >= evening
}

// idle is the least time until the next truck for TimeOfDay to mention it.
const idle = time.Hour

// TimeOfDay returns the estate's time of day in both languages. If no truck leaves within idle it adds when the next one does.
func (e *Simulation) TimeOfDay() (chinese, english string) {
	return timeOfDay(e.today(), e.Clock.Now(), e.Clock.Speed())
}

func timeOfDay(day, now time.Time, speed float64) (chinese, english string) {
	clock := now.In(day.Location()).Format("15:04")
	chinese, english = "小区时间 "+clock, "It is "+clock+" in the estate"
	next := nextTruck(day, now)
	if next.Sub(now) <= idle {
		return chinese, english
	}
	if now.Before(day.Add(morning)) || !now.Before(day.Add(evening)) {
		chinese, english = chinese+"，夜间没有车来", english+": at night no truck leaves"
	} else {
		chinese, english = chinese+"，此时没有车来", english+": no truck leaves at this hour"
	}
	leaves := next.Format("15:04")
	chinese += "，已到门口的订单仍会送达；下一辆车 " + leaves + " 出发"
	english += ", and what has come to the gate is still delivered; the next truck leaves at " + leaves
	if speed > 0 {
		inChinese, inEnglish := about(time.Duration(float64(next.Sub(now)) / speed))
		chinese, english = chinese+"（"+inChinese+"后）", english+", in "+inEnglish
	}
	return chinese, english
}

// nextTruck returns when the next truck leaves for the gate.
func nextTruck(day, now time.Time) time.Time {
	next := day.Add(24 * time.Hour).Add(trucks[0].at)
	for _, t := range trucks {
		if at := day.Add(t.at); at.After(now) && at.Before(next) {
			next = at
		}
	}
	return next
}

// about returns a duration as people say it, in both languages.
func about(d time.Duration) (chinese, english string) {
	minutes, hours := int(d.Round(time.Minute)/time.Minute), int(d.Round(time.Hour)/time.Hour)
	switch {
	case minutes < 1:
		return "不到 1 分钟", "less than a minute"
	case minutes == 1:
		return "约 1 分钟", "about a minute"
	case minutes < 90:
		return fmt.Sprintf("约 %d 分钟", minutes), fmt.Sprintf("about %d minutes", minutes)
	}
	return fmt.Sprintf("约 %d 小时", hours), fmt.Sprintf("about %d hours", hours)
}

// tellTime prints the time of day, unless days pass at maximum speed.
func (e *Simulation) tellTime(context.Context) error {
	if e.Clock.Speed() > 0 {
		chinese, english := e.TimeOfDay()
		fmt.Fprintf(e.Out, "%s. %s。\n", english, chinese)
	}
	return nil
}

// night moves one waiting order to the gate, so that orders move at any hour.
func (e *Simulation) night(ctx context.Context) error {
	orders, err := e.waiting(ctx, delivery.Placed, look, 1, db.OrderFilter{Channels: trucked})
	if err != nil || len(orders) == 0 {
		return err
	}
	return e.advance(ctx, e.hand(delivery.SquadDuty), orders, delivery.AtGate, "")
}
