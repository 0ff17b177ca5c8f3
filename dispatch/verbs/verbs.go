// Package verbs puts the verbs of all areas over one engine.
package verbs

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/access"
	"baogong/dispatch/city"
	"baogong/dispatch/contact"
	"baogong/dispatch/demand"
	"baogong/dispatch/desk"
	"baogong/dispatch/errand"
	"baogong/dispatch/estate"
	"baogong/dispatch/export"
	"baogong/dispatch/file"
	"baogong/dispatch/gate"
	"baogong/dispatch/hold"
	"baogong/dispatch/incident"
	"baogong/dispatch/intake"
	"baogong/dispatch/money"
	"baogong/dispatch/notice"
	"baogong/dispatch/order"
	"baogong/dispatch/plan"
	"baogong/dispatch/purge"
	"baogong/dispatch/round"
	"baogong/dispatch/shift"
	"baogong/dispatch/sorting"
	"baogong/dispatch/supplier"
	"baogong/dispatch/task"
	"baogong/dispatch/team"
	"baogong/dispatch/transport"
	"baogong/dispatch/webhook"
	"baogong/dispatch/window"
	"baogong/dispatch/workbook"
)

// All is the verbs of every area.
type All struct {
	*dispatch.Engine
	Access    *access.Verbs
	City      *city.Verbs
	Contact   *contact.Verbs
	Demand    *demand.Verbs
	Desk      *desk.Verbs
	Errand    *errand.Verbs
	Estate    *estate.Verbs
	Export    *export.Verbs
	File      *file.Verbs
	Gate      *gate.Verbs
	Hold      *hold.Verbs
	Intake    *intake.Verbs
	Money     *money.Verbs
	Notice    *notice.Verbs
	Order     *order.Verbs
	Plan      *plan.Verbs
	Purge     *purge.Verbs
	Round     *round.Verbs
	Shift     *shift.Verbs
	Sorting   *sorting.Verbs
	Supplier  *supplier.Verbs
	Task      *task.Verbs
	Team      *team.Verbs
	Transport *transport.Verbs
	Incident  *incident.Verbs
	Webhook   *webhook.Verbs
	Window    *window.Verbs
	Workbook  *workbook.Verbs // over the verbs of Estate, Team and Supplier
}

// filesAtOnce is how many imported files are read at once.
const filesAtOnce = 2

// New returns the verbs over the engine.
func New(e *dispatch.Engine) *All {
	reading := dispatch.NewSlots(filesAtOnce)
	a := &All{
		Engine:    e,
		Access:    &access.Verbs{Engine: e},
		City:      &city.Verbs{Engine: e},
		Contact:   &contact.Verbs{Engine: e},
		Demand:    &demand.Verbs{Engine: e},
		Desk:      &desk.Verbs{Engine: e},
		Errand:    &errand.Verbs{Engine: e},
		Estate:    &estate.Verbs{Engine: e},
		Export:    &export.Verbs{Engine: e},
		File:      &file.Verbs{Engine: e},
		Gate:      &gate.Verbs{Engine: e},
		Hold:      &hold.Verbs{Engine: e},
		Intake:    &intake.Verbs{Engine: e, Reading: reading},
		Money:     &money.Verbs{Engine: e},
		Notice:    &notice.Verbs{Engine: e},
		Order:     &order.Verbs{Engine: e},
		Plan:      &plan.Verbs{Engine: e, Turn: make(chan struct{}, 1), Asked: make(chan struct{}, 1)},
		Purge:     &purge.Verbs{Engine: e},
		Round:     &round.Verbs{Engine: e},
		Shift:     &shift.Verbs{Engine: e},
		Sorting:   &sorting.Verbs{Engine: e},
		Supplier:  &supplier.Verbs{Engine: e},
		Task:      &task.Verbs{Engine: e},
		Team:      &team.Verbs{Engine: e},
		Transport: &transport.Verbs{Engine: e},
		Incident:  &incident.Verbs{Engine: e},
		Webhook:   &webhook.Verbs{Engine: e},
		Window:    &window.Verbs{Engine: e},
	}
	a.Export.Waiting = func(ctx context.Context, actor delivery.Actor, importID delivery.ID, l delivery.Locale) (export.SheetSource, error) {
		return a.Intake.WaitingSheet(ctx, actor, importID, l)
	}
	a.Export.Hands = func(ctx context.Context, actor delivery.Actor, c *delivery.Community, day string) (rows []export.PostHands, err error) {
		hands, err := a.Plan.Hands(ctx, actor, c, day)
		if err != nil || len(hands.Links) == 0 {
			return nil, err
		}
		for _, l := range hands.Links {
			rows = append(rows, export.PostHands{Day: hands.Day, Post: l.Post, Orders: hands.Orders, MinutesPerOrder: &l.MinutesPerOrder, PersonHours: l.PersonHours, Assumed: l.Assumed})
		}
		return append(rows, export.PostHands{Day: hands.Day, Orders: hands.Orders, PersonHours: hands.PhoneHours, Assumed: true}), nil
	}
	a.Workbook = &workbook.Verbs{Engine: e, Estate: a.Estate, Team: a.Team, Supplier: a.Supplier, Reading: reading}
	return a
}

// Clock returns the clock worker with the work of every area.
func (a *All) Clock(every time.Duration, log *slog.Logger) *dispatch.ClockWorker {
	return &dispatch.ClockWorker{Engine: a.Engine, Jobs: []dispatch.Job{a.Hold.EndDue, a.Estate.StartDay, a.Gate.NoteLate, a.Incident.Rise, a.Incident.Late, a.Incident.Cover, a.Window.Pass, a.Shift.Pass, a.Money.Unsettled, a.City.Release, a.Desk.Pass, a.Desk.Welfare, a.Demand.Count, a.Demand.Forecast}, Aside: []dispatch.Job{a.Plan.Days(log)}, Upkeep: slices.Concat(a.Access.Upkeep(), a.File.Upkeep(), a.Intake.Upkeep()), Every: every, Log: log}
}

// Tick does once what the clock worker does at every look.
func (a *All) Tick(ctx context.Context) error {
	return a.Clock(0, nil).Tick(ctx)
}
