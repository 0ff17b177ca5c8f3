package rehearsal

import (
	"context"
	"fmt"
	"math"

	"baogong/delivery"
)

// Comparison is two days side by side. The numbers say what the second gains over the first.
type Comparison struct {
	First, Second *Outlook
	Saves         MeanInterval // minutes from the gate to the door for each order, over the same replications, of those in which both deliver something
	Gains         float64      // chance that everything is delivered by the scenario's own time
	Sentence      delivery.Bilingual
}

// Compare rehearses two scenarios. Give both the same seed and the same number of replications: the same replication then has the same random
// numbers, so that small differences show. It fails as Rehearse does.
func Compare(ctx context.Context, first, second Scenario) (*Comparison, error) {
	a, err := Rehearse(ctx, first)
	if err != nil {
		return nil, err
	}
	b, err := Rehearse(ctx, second)
	if err != nil {
		return nil, err
	}
	var minutes []float64
	for i := range min(len(a.minutesOfDays), len(b.minutesOfDays)) {
		if of, than := a.minutesOfDays[i], b.minutesOfDays[i]; of > 0 && than > 0 {
			minutes = append(minutes, of-than)
		}
	}
	c := &Comparison{First: a, Second: b, Saves: meanInterval(minutes), Gains: b.Chance.Share - a.Chance.Share}
	c.Sentence = c.sentence()
	return c, nil
}

// EarlierMinutes returns how many minutes earlier the second is clear on half of the days; nil if one of them is not.
func (c *Comparison) EarlierMinutes() *float64 {
	if c.First.ClearMedian == Never || c.Second.ClearMedian == Never {
		return nil
	}
	return new((c.First.ClearMedian - c.Second.ClearMedian).Minutes())
}

// sentence says what the second gains. Minutes for each order are of those that are delivered: where not all are, it says how many are not instead.
func (c *Comparison) sentence() delivery.Bilingual {
	var zh, en string
	switch saves := c.Saves.Mean; {
	case c.First.Undelivered > 0 || c.Second.Undelivered > 0:
		first, second := meanOrders(c.First.Undelivered), meanOrders(c.Second.Undelivered)
		zh, en = fmt.Sprintf("平均有 %s 单送不到（预案一：%s 单）", second, first), fmt.Sprintf("leaves %s orders undelivered (the first: %s)", second, first)
	case math.Abs(saves) < max(worthMinutes, c.Saves.PlusMinus):
		zh, en = "每单用时没有明显差别", "takes as long for each order"
	case saves > 0:
		zh, en = fmt.Sprintf("每单快 %.1f 分钟（±%.1f）", saves, c.Saves.PlusMinus), fmt.Sprintf("saves %.1f minutes for each order (± %.1f)", saves, c.Saves.PlusMinus)
	default:
		zh, en = fmt.Sprintf("每单慢 %.1f 分钟（±%.1f）", -saves, c.Saves.PlusMinus), fmt.Sprintf("costs %.1f minutes for each order (± %.1f)", -saves, c.Saves.PlusMinus)
	}
	earlier := c.EarlierMinutes()
	switch {
	case earlier == nil && c.Second.ClearMedian == Never:
		zh, en = zh+"，多半送不完", en+", is mostly not clear by the end of the next day"
	case earlier == nil:
		zh, en = zh+"，能送完", en+", is clear where the first is not"
	case math.Round(*earlier) > 0:
		zh, en = zh+fmt.Sprintf("，早 %.0f 分钟送完", *earlier), en+fmt.Sprintf(", is clear %.0f minutes earlier", *earlier)
	case math.Round(*earlier) < 0:
		zh, en = zh+fmt.Sprintf("，晚 %.0f 分钟送完", -*earlier), en+fmt.Sprintf(", is clear %.0f minutes later", -*earlier)
	default:
		zh, en = zh+"，送完的时间相同", en+", is clear at the same time"
	}
	first, second := 100*c.First.Chance.Share, 100*c.Second.Chance.Share
	return delivery.Bilingual{
		Chinese: fmt.Sprintf("预案二%s；100 天中 %.0f 天按时送完，预案一为 %.0f 天。", zh, second, first),
		English: fmt.Sprintf("The second %s, and is in time on %.0f of 100 days instead of %.0f.", en, second, first),
	}
}

// meanOrders writes a mean of orders: one decimal below 10, unless it is whole.
func meanOrders(n float64) string {
	if n >= 10 || n == math.Trunc(n) {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprintf("%.1f", max(n, 0.1))
}

// RehearsalComparison is a Comparison of calendar days.
type RehearsalComparison struct {
	First, Second *Rehearsal
	comparison    *Comparison
}

// NewRehearsalComparison returns the comparison with its days. First and second are as Compare answered them.
func NewRehearsalComparison(c *Comparison, first, second *Rehearsal) *RehearsalComparison {
	first.Outlook, second.Outlook = c.First, c.Second
	return &RehearsalComparison{First: first, Second: second, comparison: c}
}

// SavesMinutes is how many minutes the second saves for each order, a mean.
func (c *RehearsalComparison) SavesMinutes() float64 { return c.comparison.Saves.Mean }

// PlusMinus is half of the width of the 95 % interval of SavesMinutes.
func (c *RehearsalComparison) PlusMinus() float64 { return c.comparison.Saves.PlusMinus }

// ClearEarlierMinutes is how many minutes earlier the second is clear; nil if one of them is not.
func (c *RehearsalComparison) ClearEarlierMinutes() *float64 { return c.comparison.EarlierMinutes() }

// ChanceGain is by how much the second is likelier to be in time.
func (c *RehearsalComparison) ChanceGain() float64 { return c.comparison.Gains }

// SentenceIn says in a language what the second gains.
func (c *RehearsalComparison) SentenceIn(l delivery.Locale) string {
	return c.comparison.Sentence.In(l)
}
