package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"baogong/rehearsal"
)

// Run rehearses a day of an estate from assumptions, and prints the answer.
func (c *rehearseCommand) Run(ctx context.Context, p *program) error {
	s, err := c.scenario()
	if err != nil {
		return err
	}
	bar := newProgressBar(os.Stderr, isTerminal(os.Stderr), "流程模拟 rehearsing")
	s.Progress = bar.set
	r, err := rehearsal.Rehearse(ctx, s)
	bar.end(err)
	if err != nil {
		return bilingual(err)
	}
	if c.JSON {
		text, err := json.MarshalIndent(rehearsalFile(r), "", "  ")
		if err != nil {
			return fmt.Errorf("write the answer: %w", err)
		}
		_, err = fmt.Fprintln(p.out, string(text))
		return err
	}
	_, err = io.WriteString(p.out, rehearsalPage(r))
	return err
}

// scenario reads the flags.
func (c *rehearseCommand) scenario() (rehearsal.Scenario, error) {
	s := rehearsal.Assumed()
	if c.Buildings < 1 || c.Units < c.Buildings || c.Units > rehearsal.MaxBuildings || c.Households < 1 || c.Households > rehearsal.MaxHouseholds/c.Units {
		return s, fmt.Errorf("an estate needs buildings, at least as many units (up to %d), and up to %d households 楼栋、单元或住户数不合适", rehearsal.MaxBuildings, rehearsal.MaxHouseholds)
	}
	s.Estate = rehearsal.Uniform(c.Buildings, c.Units, rehearsal.Staircase{Households: c.Households, Floors: c.Floors, Lift: true})
	s.SetOrders(c.Orders)
	for i := range s.Trucks {
		if s.Trucks[i].Due > 15*time.Hour {
			s.Trucks[i].Late, s.Trucks[i].Told = c.LastTrucks, true
		}
	}
	s.Lateness, s.Settle = c.Late, c.Settle
	s.Gate.Hands, s.Sort.Hands, s.Carts.Count, s.Doors.Hands = rehearsal.Always(c.GateHands), rehearsal.Always(c.Sorters), rehearsal.Always(c.Carts), rehearsal.Always(c.Volunteers)
	s.Sort.Work.Mean, s.Doors.Door.Mean = c.SortTime, c.DoorTime
	s.Carts.Room, s.Doors.LiftsOut, s.Absent = c.CartBags, c.LiftsOut, c.Absent
	s.Carts.Together, s.Doors.Together = !c.Exact, !c.Exact
	s.Medicine, s.Cold, s.FirstCome = c.Medicine, c.Cold, c.FirstCome
	if !(c.Medicine >= 0 && c.Cold >= 0 && c.Medicine+c.Cold <= 1+1e-9) { // NaN too
		return s, fmt.Errorf("--medicine and --cold must be from 0 to 1, and at most 1 together; got %g and %g 药品和冷链的比例不合适", c.Medicine, c.Cold)
	}
	s.Seed, s.Replications = c.Seed, c.Replications
	var err error
	if s.By, err = clockTime(c.By); err != nil {
		return s, fmt.Errorf("--by must be a time of the day, such as 18:00; got %s", c.By)
	}
	for _, hold := range c.Held {
		held, err := heldBuilding(&s.Estate, hold)
		if err != nil {
			return s, err
		}
		s.Held = append(s.Held, held)
	}
	return s, nil
}

// heldBuilding reads a hold such as E6:16:00-18:00.
func heldBuilding(e *rehearsal.Site, text string) (rehearsal.Held, error) {
	name, times, _ := strings.Cut(text, ":")
	from, until, _ := strings.Cut(times, "-")
	begin, err := clockTime(from)
	end, err2 := clockTime(until)
	at := slices.IndexFunc(e.Buildings, func(b rehearsal.Block) bool { return strings.EqualFold(b.Name, name) })
	if err != nil || err2 != nil || begin >= end || at < 0 {
		return rehearsal.Held{}, fmt.Errorf("--held must be a building (E1 to E%d) with its times, such as E6:16:00-18:00; got %s", len(e.Buildings), text)
	}
	return rehearsal.Held{Building: at, From: begin, Until: end}, nil
}

// clockTime reads a time of the day; 24:00 is its end.
func clockTime(text string) (time.Duration, error) {
	if text == "24:00" {
		return 24 * time.Hour, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, err
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

// rehearsalFile is the answer for programs. Times of the day are texts such as 18:10, or null if never.
func rehearsalFile(r *rehearsal.Outlook) any {
	type object = map[string]any
	at := func(t time.Duration) any {
		if t == rehearsal.Never {
			return nil
		}
		return rehearsal.Clock(t)
	}
	links, hours, band, changes := []object{}, []object{}, []object{}, []object{}
	for _, l := range r.Links {
		links = append(links, object{"link": l.Link, "minutes": l.Minutes, "waitMinutes": l.Wait, "p95WaitMinutes": l.P95Wait, "queuePeak": l.QueuePeak, "queuePeakAt": at(l.QueuePeakAt), "busyShare": l.Busy, "queueEachTenMinutes": l.Queue})
	}
	for _, h := range r.Hours {
		hours = append(hours, object{"hour": h.Hour, "arrived": h.Arrived, "delivered": h.Delivered, "handsNeeded": h.Needed, "handsPlanned": h.Planned, "phoneHandsNeeded": h.Phone})
	}
	for _, p := range r.Band {
		band = append(band, object{"at": at(p.At), "low": p.Low, "median": p.Median, "high": p.High})
	}
	for _, m := range r.OneMore {
		changes = append(changes, object{"oneMoreAt": m.Link, "savesMinutes": m.Saves.Mean, "plusMinus": m.Saves.PlusMinus, "clearMedian": at(m.ClearMedian), "chanceAllBy": m.Share})
	}
	for _, w := range r.WhatIfs {
		changes = append(changes, object{"whatIf": w.What, "savesMinutes": w.Saves, "clearMedian": at(w.ClearMedian), "chanceAllBy": w.Chance.Share})
	}
	return object{"orders": r.Orders, "replications": r.Replications, "seed": r.Seed, "clearMedian": at(r.ClearMedian), "clearP95": at(r.ClearP95),
		"by": at(r.By), "chanceAllBy": r.Chance.Share, "chanceLow": r.Chance.Low, "chanceHigh": r.Chance.High,
		"gateToDoorMinutes": r.Minutes.Mean, "gateToDoorP95Minutes": r.P95Minutes, "withinMinutes": r.Within.Minutes(), "shareWithin": r.InTime, "undelivered": r.Undelivered,
		"links": links, "hours": hours, "band": band, "changes": changes, "advice": r.Advice}
}

// rehearsalPage is the answer for a terminal, in both languages.
func rehearsalPage(r *rehearsal.Outlook) string {
	var b strings.Builder
	fmt.Fprintf(&b, "流程模拟 rehearsal: %d 单 orders, %d 次 replications, 种子 seed %d\n\n", r.Orders, r.Replications, r.Seed)
	fmt.Fprintf(&b, "全部送完 all delivered:     %s（一半的日子 half of the days）, %s（95%%）\n", clockOrNever(r.ClearMedian), clockOrNever(r.ClearP95))
	fmt.Fprintf(&b, "%s 前送完 all by %[1]s:   %.0f %% (%.0f–%.0f %%)\n", rehearsal.Clock(r.By), 100*r.Chance.Share, 100*r.Chance.Low, 100*r.Chance.High)
	fmt.Fprintf(&b, "门口到入户 gate to door:     %.0f min（平均 mean）, %.0f min（95%%）, %.0f 分钟内 within %[3]g min: %.0f %%\n\n", r.Minutes.Mean, r.P95Minutes, r.Within.Minutes(), 100*r.InTime)
	b.WriteString(deliveredChart(r))
	b.WriteString(queueChart(r))
	b.WriteString(linkTable(r) + "\n")
	b.WriteString(hourTable(r) + "\n")
	if len(r.OneMore)+len(r.WhatIfs) > 0 {
		b.WriteString(changeTable(r) + "\n")
	}
	for _, a := range r.Advice {
		fmt.Fprintf(&b, "· %s\n  %s\n", a.Chinese, a.English)
	}
	b.WriteString("\n各项时间和药品、冷链比例均为假定，未经测量。All times, and the shares of medicine and cold goods, are assumed, not measured.\n")
	return b.String()
}

func clockOrNever(t time.Duration) string {
	if t == rehearsal.Never {
		return "送不完 never"
	}
	return rehearsal.Clock(t)
}

// deliveredChart shows the delivered orders over the day, with the band of the tenth to the ninetieth percentile.
func deliveredChart(r *rehearsal.Outlook) string {
	const width, every = 50, 3 // half hours
	var b strings.Builder
	b.WriteString("已送达 delivered: █ 90% 的日子至少 at least, on 90 % of the days; ▒ 10% 的日子 on 10 %\n")
	begun := false
	for i := every - 1; i < len(r.Band); i += every {
		p := r.Band[i]
		if begun = begun || p.High > 0; !begun {
			continue
		}
		low, high := p.Low*width/max(r.Orders, 1), p.High*width/max(r.Orders, 1)
		fmt.Fprintf(&b, "%6s %s%s%s %5d\n", rehearsal.Clock(p.At), strings.Repeat("█", low), strings.Repeat("▒", high-low), strings.Repeat("·", width-high), p.Median)
		if p.Low == r.Orders {
			break
		}
	}
	return b.String() + "\n"
}

// queueChart shows the queue of each link over the day, a character for each ten minutes.
func queueChart(r *rehearsal.Outlook) string {
	levels := []rune(" ▁▂▃▄▅▆▇█")
	first, last := len(r.Band), 0
	most := 1.0
	for _, l := range r.Links {
		for i, q := range l.Queue {
			if most = max(most, q); q >= 0.5 {
				first, last = min(first, i), max(last, i+1)
			}
		}
	}
	if last <= first {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "排队 queues, %s–%s, █ = %.0f\n", rehearsal.Clock(r.Band[first].At), rehearsal.Clock(r.Band[last-1].At), most)
	for _, l := range r.Links {
		var line strings.Builder
		for _, q := range l.Queue[first:last] {
			line.WriteRune(levels[int(math.Ceil(q/most*float64(len(levels)-1)-1e-9))])
		}
		words := l.Link.Words()
		fmt.Fprintf(&b, "%s %s\n", line.String(), words.Chinese+" "+words.English)
	}
	return b.String() + "\n"
}

func linkTable(r *rehearsal.Outlook) string {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"环节 link", "用时 minutes", "等待 wait", "等待95% wait 95 %", "最长排队 longest queue", "时刻 at", "忙碌 busy"})
	for _, l := range r.Links {
		words := l.Link.Words()
		busy := "–"
		if l.Link != rehearsal.Settling {
			busy = fmt.Sprintf("%.0f %%", 100*l.Busy)
		}
		t.AppendRow(table.Row{words.Chinese + " " + words.English, fmt.Sprintf("%.1f", l.Minutes), fmt.Sprintf("%.1f", l.Wait), fmt.Sprintf("%.1f", l.P95Wait), fmt.Sprintf("%.0f", l.QueuePeak), rehearsal.Clock(l.QueuePeakAt), busy})
	}
	return t.Render() + "\n"
}

func hourTable(r *rehearsal.Outlook) string {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"时 hour", "到货 arrived", "送达 delivered", "需要人手 hands needed: 门口 gate", "分拣 sorting", "推车 carts", "入户 doors", "电话 phone"})
	for _, h := range r.Hours {
		t.AppendRow(table.Row{fmt.Sprintf("%d:00", h.Hour), fmt.Sprintf("%.0f", h.Arrived), fmt.Sprintf("%.0f", h.Delivered), h.Needed[rehearsal.Gate], h.Needed[rehearsal.Sorting], h.Needed[rehearsal.Cart], h.Needed[rehearsal.Door], h.Phone})
	}
	return t.Render() + "\n"
}

func changeTable(r *rehearsal.Outlook) string {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"如果 what if", "每单省 saves, min an order", "送完 all delivered", rehearsal.Clock(r.By) + " 前 by then"})
	t.AppendRow(table.Row{"现状 as it is", "", clockOrNever(r.ClearMedian), fmt.Sprintf("%.0f %%", 100*r.Chance.Share)})
	for _, m := range r.OneMore {
		words := m.Link.Words()
		t.AppendRow(table.Row{"多一人 one more: " + words.Chinese + " " + words.English, fmt.Sprintf("%.2f ± %.2f", m.Saves.Mean, m.Saves.PlusMinus), clockOrNever(m.ClearMedian), fmt.Sprintf("%.0f %%", 100*m.Share)})
	}
	for _, w := range r.WhatIfs {
		t.AppendRow(table.Row{w.Words.Chinese + " " + w.Words.English, fmt.Sprintf("%.2f", w.Saves), clockOrNever(w.ClearMedian), fmt.Sprintf("%.0f %%", 100*w.Chance.Share)})
	}
	return t.Render() + "\n"
}
