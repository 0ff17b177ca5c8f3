package rehearsal

import "time"

// PhoneDesk is the phone desk. Calls come at random, each takes a random time, and all hands serve one queue. It does not affect the chain.
type PhoneDesk struct {
	Calls  []float64     // in each hour of the day
	Talk   time.Duration // mean
	Target float64       // share of the calls to answer within Within
	Within time.Duration
}

// ErlangC returns the probability that a call waits, with a load in Erlangs and a number of hands (M/M/c). It is 1 if the hands
// are too few for the load.
func ErlangC(load float64, hands int) float64 {
	if float64(hands) <= load {
		return 1
	}
	b := 1.0 // Erlang B, by the recursion over the hands
	for n := 1; n <= hands; n++ {
		b = load * b / (float64(n) + float64(load*b))
	}
	return b / (1 - float64(load/float64(hands)*(1-b)))
}

// Answered returns the share of the calls that are answered within a time.
func (p PhoneDesk) Answered(calls float64, hands int) float64 {
	load := p.load(calls)
	if float64(hands) <= load {
		return 0
	}
	return 1 - float64(ErlangC(load, hands)*exp(-(float64(hands)-load)*p.Within.Minutes()/p.Talk.Minutes()))
}

// Hands returns the least number of hands that reach the target.
func (p PhoneDesk) Hands(calls float64) int {
	if calls <= 0 || p.Talk <= 0 {
		return 0
	}
	hands := int(min(p.load(calls), MaxHands)) + 1
	for hands < MaxHands && p.Answered(calls, hands) < p.Target {
		hands++
	}
	return hands
}

func (p PhoneDesk) load(calls float64) float64 { return calls * p.Talk.Hours() }
