package delivery

import "math"

// ScoreDays is how many days are scored. A forecast is replaced only if all of them are known and it was no better than yesterday's number.
const ScoreDays = 14

// ForecastScore is how far forecasts were from the numbers of their days. Numbers that cannot be computed, because nothing was ordered or nothing
// changed, are nil.
type ForecastScore struct {
	Days  int
	WAPE  *float64 // the sum of the absolute errors divided by the sum of the numbers
	MASE  *float64 // the mean absolute error divided by the mean absolute change from day to day in training
	Bias  *float64 // the sum of the errors, forecast minus number, divided by the sum of the numbers
	Least *float64 // the least WAPE that a forecast of a Poisson series of this mean can have
}

// ScoreForecast compares forecasts with the numbers of the same days. The training is the numbers of the days before; if they are fewer than two,
// MASE divides by the changes of the numbers themselves. It never computes a percentage of single days: the series contain zeros.
func ScoreForecast(actual, forecast, training []float64) ForecastScore {
	out := ForecastScore{Days: len(actual)}
	if out.Days == 0 {
		return out
	}
	var sum, missed, over float64
	for i, a := range actual {
		sum, missed, over = sum+a, missed+math.Abs(a-forecast[i]), over+forecast[i]-a
	}
	if sum > 0 {
		out.WAPE, out.Bias, out.Least = new(missed/sum), new(over/sum), new(LeastWAPE(sum/float64(out.Days)))
	}
	if len(training) < 2 {
		training = actual
	}
	var changes float64
	for i := 1; i < len(training); i++ {
		changes += math.Abs(training[i] - training[i-1])
	}
	if changes > 0 {
		out.MASE = new(missed / float64(out.Days) / (changes / float64(len(training)-1)))
	}
	return out
}

// NoBetter reports whether the forecasts were no better than yesterday's number, over enough days to say so.
func (s ForecastScore) NoBetter() bool { return s.Days >= ScoreDays && s.MASE != nil && *s.MASE >= 1 }

// LeastWAPE returns the least WAPE that any forecast can reach for a Poisson series of the mean: that of its median. It is 0 for a mean of 0.
func LeastWAPE(m float64) float64 {
	switch {
	case m <= 0:
		return 0
	case m > manyExpected:
		return math.Sqrt(2 / (math.Pi * m))
	}
	median := poissonQuantile(m, 0.5)
	// E|X − k| = 2 Σ (k − j) P(j) over j < k, + m − k
	var below float64
	for j := poissonStart(m); j < median; j++ {
		below += (median - j) * poisson(m, j)
	}
	return (2*below + m - median) / m
}
