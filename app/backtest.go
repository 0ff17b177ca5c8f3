package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/verbs"
)

// backtestCommand compares forecasting methods on a community's past.
type backtestCommand struct {
	databaseSettings
	Community string `help:"Code of the community." placeholder:"CODE" required:""`
	Days      int    `help:"How many days before today to look at; the first seven are not forecast." default:"56" placeholder:"N"`
}

// demandKindWords are the names of the series of a backtest.
var demandKindWords = map[delivery.DemandKind]delivery.Bilingual{delivery.DemandAll: {Chinese: "小区", English: "estate"}, delivery.DemandBuilding: {Chinese: "楼栋", English: "building"},
	delivery.DemandItem: {Chinese: "物品", English: "item"}, delivery.DemandBuildingItem: {Chinese: "楼栋物品", English: "item in a building"}}

// errNoHistory ends a backtest of a community in which too little was ordered.
var errNoHistory = errors.New("there are not enough days with orders: a backtest needs more than a week 历史不足：检验预测需要一周以上的订单")

// Validate refuses settings that make no sense. Kong calls it.
func (c backtestCommand) Validate() error {
	if c.Days <= delivery.BacktestWarmUp || c.Days > 366 {
		return fmt.Errorf("--days must be from %d to 366", delivery.BacktestWarmUp+1)
	}
	return nil
}

// Run forecasts each day of the past from the days before it, and prints the error of each method.
func (c *backtestCommand) Run(ctx context.Context, p *program) (err error) {
	if err := c.there(); err != nil {
		return err
	}
	st, err := p.open(ctx, c.databaseSettings, toMaintain)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.close()) }()
	v := verbs.New(&dispatch.Engine{DB: st.DB, Now: time.Now, Machine: time.Now})
	id, err := v.Workbook.Community(ctx, c.Community)
	if err != nil {
		return bilingual(err)
	}
	past, err := v.Demand.UnscopedPast(ctx, id.Community, c.Days, time.Now())
	if err != nil {
		return bilingual(err)
	}
	rows := delivery.Backtest(past.Days, past.Rows, past.Held)
	if len(rows) == 0 {
		return errNoHistory
	}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	head := table.Row{"序列 series", "n"}
	for _, m := range delivery.BacktestMethods {
		head = append(head, m.Chinese+"\n"+m.English)
	}
	t.AppendHeader(append(head, "最低可能\nleast possible"))
	for _, r := range rows {
		name := demandKindWords[r.Kind]
		line := table.Row{name.Chinese + " " + name.English, r.Series}
		for m, wape := range r.WAPE {
			cell := fmt.Sprintf("%.3f", wape)
			if relative, ok := r.Relative(m); ok {
				cell += fmt.Sprintf(" (%.2f)", relative)
			}
			line = append(line, cell)
		}
		t.AppendRow(append(line, fmt.Sprintf("%.3f", r.Least)))
	}
	_, err = fmt.Fprintf(p.out, "%s\nWAPE，括号内为误差与“同昨日”误差之比（MASE） / WAPE, in brackets the error divided by that of yesterday's number (MASE): %s – %s\n"+
		"未计入已截单的接单时段，也未按同类时段预测；有接单时段的小区，实际预测与此不同。 / Closed order windows and like windows are not part of it: the stored forecasts of an estate with windows are others.\n",
		t.Render(), past.Days[0], past.Days[len(past.Days)-1])
	return err
}
