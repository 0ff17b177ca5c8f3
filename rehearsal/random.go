package rehearsal

import (
	"math"
	"math/rand/v2"
	"time"
)

// stream is one source of random numbers, such as one truck of one replication. Scenarios that differ elsewhere draw the same
// numbers from it, so that their difference is not noise (common random numbers).
type stream struct{ pcg rand.PCG }

// newStream returns the stream of a source in a replication.
func newStream(seed uint64, replication int, source uint64) stream {
	var s stream
	a := mix(seed + mix(uint64(replication)))
	s.pcg.Seed(a, mix(a^source))
	return s
}

// mix is the finaliser of SplitMix64: neighbouring seeds give unrelated streams.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// uniform returns a number between 0 and 1, both excluded.
func (s *stream) uniform() float64 { return (float64(s.pcg.Uint64()>>11) + 0.5) / (1 << 53) }

// below returns a whole number from 0 to n-1.
func (s *stream) below(n int) int { return min(int(s.uniform()*float64(n)), n-1) }

// normal returns a number of the standard normal distribution, from one uniform number.
func (s *stream) normal() float64 { return quantile(s.uniform()) }

// WorkTime is how long a step takes: lognormal with this mean and coefficient of variation, and fixed if CV is 0.
type WorkTime struct {
	Mean time.Duration
	CV   float64

	exponential bool // for what has a closed form; CV is then not read
}

// sampler draws times of a WorkTime.
type sampler struct {
	mean, sigma, shift float64 // mean in milliseconds
	exponential        bool
}

func (w WorkTime) sampler() sampler {
	variance := ln(1 + float64(w.CV*w.CV))
	return sampler{mean: float64(w.Mean.Milliseconds()), sigma: math.Sqrt(variance), shift: variance / 2, exponential: w.exponential}
}

// draw always uses one number of the stream.
func (p sampler) draw(s *stream) time.Duration {
	u := s.uniform()
	switch {
	case p.exponential:
		return milliseconds(-p.mean * ln(u))
	case p.sigma == 0:
		return milliseconds(p.mean)
	}
	return milliseconds(p.mean * exp(float64(p.sigma*quantile(u))-p.shift))
}

// milliseconds rounds, so that all times of the simulation add up without an error.
func milliseconds(ms float64) time.Duration {
	return time.Duration(math.Round(ms)) * time.Millisecond
}

// exp, ln and quantile are of our own because those of package math differ in the last bit between machines, and because a
// conversion such as float64(a*b) keeps the compiler from fusing a product with a sum.

// exp returns e to the power of x.
func exp(x float64) float64 {
	const (
		high = 6.93147180369123816490e-01 // the first bits of ln 2, so that k × high is exact
		low  = 1.90821492927058770002e-10
	)
	k := math.Floor(float64(x/math.Ln2) + 0.5)
	r := float64(x-float64(k*high)) - float64(k*low)
	p := horner(r, 1./6227020800, 1./479001600, 1./39916800, 1./3628800, 1./362880, 1./40320, 1./5040, 1./720, 1./120, 1./24, 1./6, 1./2, 1, 1) // Taylor: |r| < 0.35
	return math.Ldexp(p, int(k))
}

// ln returns the natural logarithm of a positive number.
func ln(x float64) float64 {
	f, e := math.Frexp(x)
	if f < math.Sqrt2/2 {
		f, e = 2*f, e-1
	}
	s := (f - 1) / (f + 1) // ln f = 2 artanh s, and |s| < 0.172
	q := float64(s * s)
	p := horner(q, 1./23, 1./21, 1./19, 1./17, 1./15, 1./13, 1./11, 1./9, 1./7, 1./5, 1./3, 1)
	return float64(float64(e)*math.Ln2) + float64(2*float64(s*p))
}

// quantile is the inverse of the standard normal distribution, after Acklam, with a relative error below 1.2e-9.
func quantile(p float64) float64 {
	const tail = 0.02425
	switch {
	case p < tail:
		return tailQuantile(math.Sqrt(-2 * ln(p)))
	case p > 1-tail:
		return -tailQuantile(math.Sqrt(-2 * ln(1-p)))
	}
	q := p - 0.5
	r := float64(q * q)
	a := horner(r, -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239e+00)
	b := horner(r, -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01, -1.328068155288572e+01, 1)
	return float64(a*q) / b
}

func tailQuantile(q float64) float64 {
	c := horner(q, -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00, 4.374664141464968e+00, 2.938163982698783e+00)
	d := horner(q, 7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00, 1)
	return c / d
}

// horner evaluates a polynomial, the highest power first.
func horner(x float64, coefficients ...float64) float64 {
	sum := 0.0
	for _, c := range coefficients {
		sum = float64(sum*x) + c
	}
	return sum
}
