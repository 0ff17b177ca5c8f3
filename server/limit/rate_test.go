package limit

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

// The waiting told is the waiting needed.
func TestTake(t *testing.T) {
	t.Parallel()
	now := time.Now()
	m := newBucketTable(Rate{}, Rate{PerSecond: 10, Burst: 100}, 10)
	defer m.close()
	a, b := m.of("a").cost, m.of("b").cost
	for i, c := range []struct {
		after time.Duration
		n     int
		want  time.Duration
	}{
		{0, 60, 0},
		{0, 60, 2 * time.Second},
		{time.Second, 60, time.Second},
		{2*time.Second - time.Millisecond, 60, time.Millisecond},
		{2 * time.Second, 60, 0},
		{2 * time.Second, 1, 100 * time.Millisecond},
		{time.Hour, 1000, 0},
		{time.Hour, 1, 100 * time.Millisecond},
	} {
		if got := take(now.Add(c.after), c.n, a, nil, b); got.Round(time.Microsecond) != c.want {
			t.Errorf("%d: got %v, want %v", i+1, got, c.want)
		}
	}
	take(now.Add(2*time.Hour), 100, a)
	if take(now.Add(2*time.Hour), 1, b, a) == 0 || b.TokensAt(now.Add(2*time.Hour)) != 100 {
		t.Error("one bucket was charged although the other could not pay")
	}
	if m.of("").cost != nil || m.of("c").operations != nil || m.of("a").cost != a {
		t.Error("got a meter without a key, a bucket without a limit, or another bucket for a key that had one")
	}
}

func TestMetersForget(t *testing.T) {
	t.Parallel()
	m := newBucketTable(Rate{PerSecond: 1}, Rate{}, 100)
	defer m.close()
	for i := range 2000 {
		m.of(strconv.Itoa(i))
	}
	m.kept.CleanUp()
	if n := m.kept.EstimatedSize(); n > 100 {
		t.Errorf("remembers %d, want at most 100", n)
	}
}

// However many callers take from the same buckets at once, one that is refused takes from none of them.
func TestTakesFromAllBucketsOrFromNone(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for range 200 {
		large, small := rate.NewLimiter(1, 1000), rate.NewLimiter(1, 1)
		var took atomic.Int64
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if take(now, 1, large, small) == 0 {
					took.Add(1)
				}
			})
		}
		all.Wait()
		if got, want := 1000-large.TokensAt(now), float64(took.Load()); got != want || want != 1 {
			t.Fatalf("got %v tokens taken, want %v, and 1", got, want)
		}
	}
}
