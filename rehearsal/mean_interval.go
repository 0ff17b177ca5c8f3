package rehearsal

import (
	"math"
	"slices"
	"time"
)

// normal95 is the quantile of the normal distribution for intervals of 95 %.
const normal95 = 1.959964

// MeanInterval is a mean over replications with half the width of its 95 % interval.
type MeanInterval struct{ Mean, PlusMinus float64 }

func meanInterval(values []float64) MeanInterval {
	n := float64(len(values))
	if n == 0 {
		return MeanInterval{}
	}
	var sum, square float64
	for _, v := range values {
		sum += v
	}
	mean := sum / n
	for _, v := range values {
		square += float64((v - mean) * (v - mean))
	}
	if n < 2 {
		return MeanInterval{Mean: mean}
	}
	return MeanInterval{mean, normal95 * math.Sqrt(square/(n-1)/n)}
}

// Chance is a probability with its 95 % interval, after Wilson.
type Chance struct{ Share, Low, High float64 }

func chance(hits, of int) Chance {
	n := float64(of)
	p, z := float64(hits)/n, normal95*normal95/n
	middle, half := p+z/2, float64(normal95*math.Sqrt(p*(1-p)/n+z/4/n))
	return Chance{p, min(p, max(0, (middle-half)/(1+z))), max(p, min(1, (middle+half)/(1+z)))}
}

// ofSorted returns the value below which a share of the sorted values lies.
func ofSorted[T any](sorted []T, share float64) T {
	return sorted[max(0, min(len(sorted)-1, int(math.Ceil(share*float64(len(sorted))))-1))]
}

// medianOf sorts the times and returns the median.
func medianOf(times []time.Duration) time.Duration {
	slices.Sort(times)
	return ofSorted(times, 0.5)
}
