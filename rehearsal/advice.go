package rehearsal

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"baogong/delivery"
)

// Clock formats a time of the day, such as 18:10; a time of the next day is 24:00 or later.
func Clock(t time.Duration) string {
	t = t.Round(time.Minute)
	return fmt.Sprintf("%d:%02d", int(t/time.Hour), int(t%time.Hour/time.Minute))
}

// The least differences that advice mentions.
const (
	worthMinutes = 0.2 // minutes for each order
	worthChance  = 0.1 // of the chance that everything is delivered in time
)

// advice explains the numbers in sentences.
func advice(s *Scenario, r *Outlook) []delivery.Bilingual {
	var out []delivery.Bilingual
	say := func(chinese, english string, args ...any) {
		// The arguments are numbers and times, in the same order in both languages.
		out = append(out, delivery.Bilingual{Chinese: fmt.Sprintf(chinese, args...), English: fmt.Sprintf(english, args...)})
	}
	if r.Undelivered >= 0.5 {
		because := s.leaves()
		say("到次日结束仍有 %.0f 单未送到"+because.Chinese+"。", "%.0f orders are not delivered by the end of the next day"+because.English+".", r.Undelivered)
	}
	if s.LeftOut > 0 {
		out = append(out, s.leftOut())
	}
	if people, buildings := s.Doors.Hands.Without(s.Absent).Most(), s.Estate.inhabited(); people < buildings {
		say("上门只有 %d 人，有住户的楼有 %d 栋：这里每人只负责一栋，其余楼栋没有人送。请让队员兼顾几栋，或加人。",
			"There are %d people for the doors of %d buildings. Here each serves one building, so the others are not served: let people serve more than one, or add people.", people, buildings)
	}
	if r.ClearMedian != Never {
		say("在 %s 前全部送到的把握为 %.0f%%（%.0f%% 至 %.0f%%）；一半的日子 %s 前送完。",
			"The chance that everything is delivered by %s is %.0f %% (%.0f to %.0f %%). On half of the days everything is delivered by %s.",
			Clock(r.By), 100*r.Chance.Share, 100*r.Chance.Low, 100*r.Chance.High, Clock(r.ClearMedian))
	}
	if r.ClearP95 != Never {
		say("95%% 的日子 %s 前送完。", "On 95 %% of the days everything is delivered by %s.", Clock(r.ClearP95))
	}
	out = append(out, whatDecides(s, r)...)
	if l := r.Link(r.Longest); l != nil && l.Minutes > 0 {
		why := delivery.Bilingual{Chinese: "耗时最长的环节是" + r.Longest.Words().Chinese, English: r.Longest.Words().English + " take the longest"}
		switch {
		case r.Longest == Cart && l.Busy < busiest:
			why = delivery.Bilingual{Chinese: "耗时最长的环节是推车等装满", English: "carts that wait to fill are the longest link"}
		case r.Longest == Sorting || r.Longest == Gate:
			why.English = r.Longest.Words().English + " takes the longest"
		}
		fixed := delivery.Bilingual{English: strings.ToUpper(why.English[:1]) + why.English[1:], Chinese: why.Chinese}
		if s.Settle > 0 {
			fixed = delivery.Bilingual{English: "Apart from the fixed settling time, " + why.English, Chinese: "除固定的静置时间外，" + why.Chinese}
		}
		out = append(out, delivery.Bilingual{
			Chinese: fmt.Sprintf("%s（%.0f 分钟）；%s前后排队最长，约 %.0f 单。", fixed.Chinese, l.Minutes, Clock(l.QueuePeakAt), l.QueuePeak),
			English: fmt.Sprintf("%s (%.0f minutes). Its queue peaks about %s with %.0f orders.", fixed.English, l.Minutes, Clock(l.QueuePeakAt), l.QueuePeak),
		})
	}
	out = append(out, oneMoreAdvice(r)...)
	for _, w := range r.WhatIfs {
		if w.What != FewerAtOnePost || w.fewer == 0 || w.ClearMedian == Never || r.ClearMedian == Never {
			continue
		}
		cost := max(w.Later.Minutes(), -w.Saves)
		if cost >= 10 {
			continue
		}
		post, zh, en := w.post.Words(), fmt.Sprintf("只晚 %.0f 分钟", cost), fmt.Sprintf("cost %.0f minutes", cost)
		if cost < 1.5 {
			zh, en = "几乎不会更晚", "cost about a minute or less"
		}
		out = append(out, delivery.Bilingual{
			Chinese: fmt.Sprintf("%s少 %d 人，%s；这些人可以去接电话、做代办。", post.Chinese, w.fewer, zh),
			English: fmt.Sprintf("%d fewer at %s %s. They could answer the telephone or run errands.", w.fewer, post.English, en),
		})
	}
	if hour := busiestPhone(r); hour.Phone > 0 {
		say("%d 点的电话最多，需要 %d 人接听。", "The telephone is busiest at %d:00 and needs %d people.", hour.Hour, hour.Phone)
	}
	return out
}

// leftOut says how many buildings, and about how many orders, are left out.
func (s *Scenario) leftOut() delivery.Bilingual {
	zh, en := fmt.Sprintf("有 %d 栋楼一直暂停，未计入", s.LeftOut), fmt.Sprintf("%d buildings are left out, because they are held without an end", s.LeftOut)
	if s.LeftOut == 1 {
		en = "One building is left out, because it is held without an end"
	}
	switch n := s.LeftOutOrders; {
	case n == 1:
		zh, en = zh+"（约 1 单）", en+" (about 1 order)"
	case n > 1:
		zh, en = fmt.Sprintf("%s（约 %d 单）", zh, n), fmt.Sprintf("%s (about %d orders)", en, n)
	}
	return delivery.Bilingual{Chinese: zh + "。", English: en + "."}
}

// leaves says why orders may never be delivered, at any time: a building that is held to the end, or a post that has no people at the end. It says
// nothing if neither is so, and the orders only run out of time.
func (s *Scenario) leaves() delivery.Bilingual {
	held := slices.ContainsFunc(s.Held, func(h Held) bool { return h.From < h.Until && h.Until >= span })
	empty := false
	for _, hands := range s.staff() {
		empty = empty || hands.At(span-1) == 0
	}
	switch {
	case held && empty:
		return delivery.Bilingual{Chinese: "：有楼栋一直暂停，且有岗位到最后无人", English: ": a building is held until then, and a post has no people then"}
	case held:
		return delivery.Bilingual{Chinese: "：有楼栋一直暂停", English: ": a building is held until then"}
	case empty:
		return delivery.Bilingual{Chinese: "：有岗位到最后无人", English: ": a post has no people then"}
	}
	return delivery.Bilingual{}
}

// whatDecides says what delivery in time depends on: the last truck, the settling time, or one more person at a post.
func whatDecides(s *Scenario, r *Outlook) []delivery.Bilingual {
	if r.Chance.Share > 0.95 || len(r.OneMore) == 0 || len(r.WhatIfs) == 0 {
		return nil
	}
	gain := func(q Question) float64 {
		for _, w := range r.WhatIfs {
			if w.What == q {
				return w.Gains
			}
		}
		return 0
	}
	best := slices.MaxFunc(r.OneMore, func(a, b OneMore) int { return sign(a.Gains - b.Gains) })
	people := best.Gains
	earlier, settleWait := gain(LastTruckEarlier), gain(NoSettling)
	by := Clock(r.By)
	var zh, en string
	switch truck, wait := earlier > max(people, worthChance), s.Settle > 0 && settleWait > max(people, worthChance); {
	case truck && wait:
		zh, en = "最后一车的时间和静置时间决定", "The hour of the last truck and the settling time decide"
	case truck:
		zh, en = "最后一车的时间决定", "The hour of the last truck decides"
	case wait:
		zh, en = "静置时间决定", "The settling time decides"
	case people > worthChance:
		return []delivery.Bilingual{{
			Chinese: fmt.Sprintf("%s多一人，在 %s 前全部送到的把握升到 %.0f%%。", best.Link.Words().Chinese, by, 100*best.Share),
			English: fmt.Sprintf("One more person at %s raises the chance that everything is delivered by %s to %.0f %%.", best.Link.Words().English, by, 100*best.Share),
		}}
	default:
		return nil
	}
	if people > worthChance {
		return []delivery.Bilingual{{
			Chinese: fmt.Sprintf("%s能否在 %s 前全部送到；%s多一人也有帮助，把握升到 %.0f%%。", zh, by, best.Link.Words().Chinese, 100*best.Share),
			English: fmt.Sprintf("%s whether everything is delivered by %s. One more person at %s helps too, and raises the chance to %.0f %%.", en, by, best.Link.Words().English, 100*best.Share),
		}}
	}
	return []delivery.Bilingual{{
		Chinese: fmt.Sprintf("%s能否在 %s 前全部送到；任一岗位多一人都帮助不大。", zh, by),
		English: fmt.Sprintf("%s whether everything is delivered by %s. One more person at any post does not.", en, by),
	}}
}

// oneMoreAdvice says where one more person helps, the best first, and where none does.
func oneMoreAdvice(r *Outlook) []delivery.Bilingual {
	sorted := slices.SortedStableFunc(slices.Values(r.OneMore), func(a, b OneMore) int { return sign(b.Saves.Mean - a.Saves.Mean) })
	var zh, en, idleZh, idleEn []string
	for _, m := range sorted {
		words := m.Link.Words()
		if m.Saves.Mean < max(worthMinutes, m.Saves.PlusMinus) {
			idleZh, idleEn = append(idleZh, words.Chinese), append(idleEn, words.English)
			continue
		}
		zh = append(zh, fmt.Sprintf("%s每单省 %.1f 分钟（±%.1f）", words.Chinese, m.Saves.Mean, m.Saves.PlusMinus))
		en = append(en, fmt.Sprintf("%.1f minutes an order at %s (± %.1f)", m.Saves.Mean, words.English, m.Saves.PlusMinus))
	}
	var out []delivery.Bilingual
	if len(zh) > 0 {
		out = append(out, delivery.Bilingual{Chinese: "多一人：" + strings.Join(zh, "，") + "。", English: "One more person saves " + strings.Join(en, ", ") + "."})
	}
	if len(idleZh) > 0 {
		out = append(out, delivery.Bilingual{Chinese: strings.Join(idleZh, "、") + "再多一人不会更快。", English: "One more person at " + strings.Join(idleEn, " or ") + " saves nothing."})
	}
	return out
}

func busiestPhone(r *Outlook) HourResult {
	var most HourResult
	for _, h := range r.Hours {
		if h.Phone > most.Phone {
			most = h
		}
	}
	return most
}

func sign(f float64) int {
	switch {
	case math.Signbit(f) && f != 0:
		return -1
	case f > 0:
		return 1
	}
	return 0
}
