package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"baogong/db"
	"baogong/delivery"
)

// Summary is the result of a run.
type Summary struct {
	From, To time.Time // business time
	Took     time.Duration
	Placed   int
	Moves    int
	Refused  int                    // moves that a visitor or a hold forestalled
	Stages   map[delivery.Stage]int // of the orders that were not final before it
	Events   int64
	Day      []*db.DayCount // what happened meanwhile

	began time.Time
}

// String is the report for people.
func (r Summary) String() string {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"环节 stage", "订单 orders"})
	total := 0
	for _, s := range delivery.Stages {
		t.AppendRow(table.Row{s, r.Stages[s]})
		total += r.Stages[s]
	}
	t.AppendFooter(table.Row{"合计 all", total})
	return fmt.Sprintf("%s\n%s\n%d 个订单、%d 次移动，用时 %.1f 秒（每秒 %.0f 次移动）；全部核对，无一丢失，各项数目相符。\n"+
		"%d orders placed and %d moves in %.1f s (%.0f moves per second); all checked: nothing is lost, and every equation of the chain holds.\n",
		t.Render(), r.day(), r.Placed, r.Moves, r.Took.Seconds(), float64(r.Moves)/r.Took.Seconds(),
		r.Placed, r.Moves, r.Took.Seconds(), float64(r.Moves)/r.Took.Seconds())
}

// day is the table of what happened.
func (r Summary) day() string {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"这段时间 meanwhile", "", ""})
	sum := func(noun, kind, how string) (count, bags int) {
		for _, n := range r.Day {
			if n.Noun == noun && (kind == "" || n.Kind == kind) && (how == "" || n.How == how) {
				count, bags = count+n.Count, bags+n.Bags
			}
		}
		return count, bags
	}
	number := func(noun, kind, how string) int {
		count, _ := sum(noun, kind, how)
		return count
	}
	trucks, bags := sum("arrival", "", "")
	t.AppendRow(table.Row{"到货车辆 trucks", trucks, fmt.Sprintf("%d 件 bags, 晚到 late %d", bags, number("arrival", "LATE", ""))})
	t.AppendRow(table.Row{"无主件 strays", number("stray", "", ""), r.kinds("stray")})
	moved := func(to delivery.Stage) int { return number("event", string(delivery.OrderMoved), string(to)) }
	t.AppendRow(table.Row{"已分拣 sorted", moved(delivery.Sorted), ""})
	stops, left := sum("drop", "", "")
	t.AppendRow(table.Row{"车次 runs", number("run", "", ""), fmt.Sprintf("%d 次卸货 stops, %d 件 bags, 件数不符 counts that differ %d", stops, left, number("drop", "DIFFERS", ""))})
	t.AppendRow(table.Row{"投递轮次 rounds", number("round", "", ""), ""})
	t.AppendRow(table.Row{"户门 doors", number("door", "DELIVERED", ""), fmt.Sprintf("未投成 failed %d", number("door", "FAILED", ""))})
	t.AppendRow(table.Row{"已入户 delivered", moved(delivery.Delivered), fmt.Sprintf("撤销 undone %d", number("event", string(delivery.MoveUndone), ""))})
	t.AppendRow(table.Row{"签收凭证 proofs", number("proof", "", ""), r.kinds("proof")})
	t.AppendRow(table.Row{"异常 incidents", number("incident", "", ""), fmt.Sprintf("升级 raised %d", number("event", string(delivery.IncidentRisen), ""))})
	for _, n := range r.Day {
		if n.Noun == "incident" {
			t.AppendRow(table.Row{"", n.Count, n.Kind + " " + n.How})
		}
	}
	return t.Render()
}

// kinds lists how many of each kind a noun has.
func (r Summary) kinds(noun string) string {
	var out []string
	for _, n := range r.Day {
		if n.Noun == noun {
			out = append(out, fmt.Sprintf("%s %d", n.Kind, n.Count))
		}
	}
	return strings.Join(out, ", ")
}

// tally counts the result of the run; the feed ended at since before it.
func (e *Simulation) tally(ctx context.Context, since int64) error {
	e.report.Stages = map[delivery.Stage]int{}
	err := e.each(ctx, func(orders []*delivery.Order) error {
		for _, o := range orders {
			if !o.Stage.Final() || !o.StageSince.Before(e.report.From) {
				e.report.Stages[o.Stage]++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	end, err := e.DB.FeedEnd(ctx, e.commander.Scope(), e.community.Community)
	if err != nil {
		return err
	}
	e.report.Events = end.Seq - since
	e.report.Day, err = e.DB.UnscopedDay(ctx, e.community.Community, since, e.report.From)
	return err
}

// Check returns an error for the first lost order, and for an equation of the chain that does not hold (db/equations.sql). An order is
// not lost if it is final, or a role acts next and can be contacted. In both cases the fold of its events must give exactly its row.
func (e *Simulation) Check(ctx context.Context) error {
	broken, err := e.DB.UnscopedBroken(ctx)
	if err != nil {
		return err
	}
	for name, row := range broken {
		return fmt.Errorf("the equation %s is broken by %s", name, row)
	}
	scope := e.commander.Scope()
	return e.each(ctx, func(orders []*delivery.Order) error {
		ids := make([]delivery.ID, len(orders))
		for i, o := range orders {
			ids[i] = o.ID()
		}
		// Rows first, then events: an order that moves in between is checked again.
		events, err := e.DB.EventsOfOrders(ctx, scope, ids, db.WholeHistory)
		if err != nil {
			return err
		}
		roster, err := e.DB.Roster(ctx, scope, e.community.Community)
		if err != nil {
			return err
		}
		of := map[delivery.UUID][]*delivery.Event{}
		for _, event := range events {
			of[*event.OrderUUID] = append(of[*event.OrderUUID], event)
		}
		for _, o := range orders {
			if err := lost(o, of[o.UUID], roster); err != nil {
				return fmt.Errorf("order %d is lost: %w", o.Number, err)
			}
		}
		return nil
	})
}

func lost(o *delivery.Order, events []*delivery.Event, roster *delivery.Roster) error {
	if int64(len(events)) > o.Version {
		events = events[:o.Version]
	}
	folded, err := delivery.Fold(events)
	if err != nil {
		return err
	}
	if !folded.Equal(&o.OrderSnapshot) {
		return fmt.Errorf("its row says %+v, its events say %+v", o.OrderSnapshot, *folded)
	}
	if o.Stage.Final() {
		return nil
	}
	if o.ActsNext() == delivery.PostNone {
		return fmt.Errorf("no role acts next at %s", o.Stage)
	}
	if v, s := roster.Reach(&o.OrderSnapshot); v == nil && s == nil {
		return fmt.Errorf("its contact cannot be reached at %s", o.Stage)
	}
	return nil
}

// each reads all orders, page by page.
func (e *Simulation) each(ctx context.Context, do func([]*delivery.Order) error) error {
	page := db.Range{Limit: 500}
	for {
		rows, err := e.DB.Orders(ctx, e.commander.Scope(), e.community.Community, db.OrderFilter{}, db.SortNumber, false, page)
		if err != nil {
			return err
		}
		if err := do(rows.Items); err != nil || !rows.More {
			return err
		}
		page.After = rows.Keys[len(rows.Keys)-1]
	}
}
