package demo

import (
	"context"
	"fmt"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// The estate's night begins at evening and ends at morning: no truck leaves, and few orders are placed.
const (
	morning = 7 * time.Hour
	evening = 22 * time.Hour
)

// TimeOfDay returns the estate's time of day in both languages. At night it adds that few orders move, and until when.
func (e *Estate) TimeOfDay() (chinese, english string) {
	return timeOfDay(e.today(), e.Clock.Now(), e.Clock.speed)
}

func timeOfDay(day, now time.Time, speed float64) (chinese, english string) {
	clock := now.In(day.Location()).Format("15:04")
	dawn := day.Add(morning)
	switch {
	case now.Before(dawn):
	case now.Before(day.Add(evening)):
		return "小区时间 " + clock, "It is " + clock + " in the estate"
	default:
		dawn = dawn.Add(24 * time.Hour)
	}
	chinese = fmt.Sprintf("小区时间 %s，夜间少有订单移动，07:00 起恢复配送", clock)
	english = fmt.Sprintf("It is %s in the estate: at night few orders move; deliveries go on at 07:00", clock)
	if speed > 0 {
		left := time.Duration(float64(dawn.Sub(now)) / speed).Round(time.Second)
		chinese += fmt.Sprintf("（约 %s 后）", left)
		english += fmt.Sprintf(", in about %s", left)
	}
	return chinese, english
}

// tellTime prints the time of day, unless days pass at maximum speed.
func (e *Estate) tellTime(context.Context) error {
	if e.Clock.speed > 0 {
		chinese, english := e.TimeOfDay()
		fmt.Fprintf(e.Out, "%s. %s。\n", english, chinese)
	}
	return nil
}

// night moves one waiting order to the gate, so that orders move at any hour.
func (e *Estate) night(ctx context.Context) error {
	orders, err := e.waiting(ctx, delivery.Placed, round, 1, db.OrderFilter{Channels: trucked})
	if err != nil || len(orders) == 0 {
		return err
	}
	return e.advance(ctx, e.hand(delivery.SquadDuty), orders, delivery.AtGate, "")
}
