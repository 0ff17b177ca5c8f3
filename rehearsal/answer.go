package rehearsal

import (
	"time"

	"baogong/delivery"
)

// Rehearsal is an Outlook of a calendar day, with instants instead of times of the day.
type Rehearsal struct {
	*Outlook
	Day           string
	Midnight      time.Time
	MeasuredTimes []delivery.StepTime
	MeasuredCut   *time.Time // from when on events are read to measure times, if seven days have too many; else nil
	ClassShares   []ClassShare
	Hands         map[LinkName]int // the most that are planned at each post at any hour
}

// at returns the instant of a time of the day, nil for Never.
func (r *Rehearsal) at(t time.Duration) *time.Time {
	if t == Never {
		return nil
	}
	at := r.Midnight.Add(t)
	return &at
}

// ClearMedianAt is the instant by which half of the replications are clear; nil if that does not happen.
func (r *Rehearsal) ClearMedianAt() *time.Time { return r.at(r.ClearMedian) }

// ClearP95At is the instant by which 95 % of the replications are clear; nil if that does not happen.
func (r *Rehearsal) ClearP95At() *time.Time { return r.at(r.ClearP95) }

// ByAt is when everything should be delivered.
func (r *Rehearsal) ByAt() time.Time { return r.Midnight.Add(r.By) }

// ChanceAllBy is the probability that everything is delivered by then.
func (r *Rehearsal) ChanceAllBy() float64 { return r.Chance.Share }

// ChanceLow is the lower end of the interval of the probability.
func (r *Rehearsal) ChanceLow() float64 { return r.Chance.Low }

// ChanceHigh is its upper end.
func (r *Rehearsal) ChanceHigh() float64 { return r.Chance.High }

// GateToDoorMinutes is the mean time from the gate to the door.
func (r *Rehearsal) GateToDoorMinutes() float64 { return r.Minutes.Mean }

// RehearsedPost is what happens at a post.
type RehearsedPost struct {
	Post                            delivery.Post
	Hands                           int
	MeanWaitMinutes, P95WaitMinutes float64
	QueuePeak                       float64
	QueuePeakAt                     time.Time
	BusyShare                       float64
	Queue                           []float64
}

// Stations returns the posts in the order of the chain.
func (r *Rehearsal) Stations() []*RehearsedPost {
	var out []*RehearsedPost
	for _, l := range r.Links {
		if l.Link != Settling {
			out = append(out, &RehearsedPost{delivery.Post(l.Link), r.Hands[l.Link], l.Wait, l.P95Wait, l.QueuePeak, r.Midnight.Add(l.QueuePeakAt), l.Busy, l.Queue})
		}
	}
	return out
}

// OneMoreHand is what one more hand at a post saves.
type OneMoreHand struct {
	Post                    delivery.Post
	SavesMinutes, PlusMinus float64
}

// OneMoreHands returns what one more hand at each post saves.
func (r *Rehearsal) OneMoreHands() []*OneMoreHand {
	var out []*OneMoreHand
	for _, m := range r.OneMore {
		out = append(out, &OneMoreHand{delivery.Post(m.Link), m.Saves.Mean, m.Saves.PlusMinus})
	}
	return out
}

// RehearsedChange is the day with one thing changed.
type RehearsedChange struct {
	ClearMedianAt *time.Time
	ChanceAllBy   float64
	SavesMinutes  float64
	words         delivery.Bilingual
}

// What returns the words for the change.
func (c *RehearsedChange) What(l delivery.Locale) string { return c.words.In(l) }

// Changes returns the answers to what-ifs.
func (r *Rehearsal) Changes() []*RehearsedChange {
	var out []*RehearsedChange
	for _, w := range r.WhatIfs {
		out = append(out, &RehearsedChange{r.at(w.ClearMedian), w.Chance.Share, w.Saves, w.Words})
	}
	return out
}

// HandsNeeded is how many hands a squad needs.
type HandsNeeded struct {
	Squad delivery.Squad
	Hands int
}

// RehearsedHour is one hour of the day.
type RehearsedHour struct {
	Hour               int
	Arrived, Delivered float64
	HandsNeeded        []*HandsNeeded
	PhoneHandsNeeded   int
}

// ByHour returns the hours in which something happens.
func (r *Rehearsal) ByHour() []*RehearsedHour {
	var out []*RehearsedHour
	for _, h := range r.Hours {
		hour := &RehearsedHour{Hour: h.Hour, Arrived: h.Arrived, Delivered: h.Delivered, PhoneHandsNeeded: h.Phone}
		hour.HandsNeeded = []*HandsNeeded{{delivery.SquadDuty, h.Needed[Gate] + h.Needed[Sorting]}, {delivery.SquadTransport, h.Needed[Cart]}, {delivery.SquadSupply, h.Needed[Door]}}
		out = append(out, hour)
	}
	return out
}

// DeliveredBy returns the band every ten minutes.
func (r *Rehearsal) DeliveredBy() []*delivery.RehearsedBand {
	var out []*delivery.RehearsedBand
	for _, p := range r.Band {
		out = append(out, &delivery.RehearsedBand{At: r.Midnight.Add(p.At), Low: p.Low, Median: p.Median, High: p.High})
	}
	return out
}

// AdviceIn returns the advice in a language.
func (r *Rehearsal) AdviceIn(l delivery.Locale) []string {
	out := make([]string, 0, len(r.Advice))
	for _, a := range r.Advice {
		out = append(out, a.In(l))
	}
	return out
}
