package cpu

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// idle is what the computation of Slowdown took on two idle cores (Intel Xeon, 2026-11-29), on which the limits of CPU in the tests hold with
// a factor of 1: the tenth percentile of 150 runs in a process of its own. The median under the load of other tests was 22 ms.
const idle = 20 * time.Millisecond

// Slowdown returns by how much to multiply a limit of CPU time now, from 1 to 2: how much longer a fixed computation takes than it did on an idle
// machine. The same instructions take longer while caches and memory are shared, also with other virtual machines. The computation is none of the
// program's, so a program that costs twice as much exceeds its limit on a slow machine too.
func Slowdown(t testing.TB) float64 {
	t.Helper()
	text := []byte("[" + strings.Repeat(`{"item":"上海青","quantity":"1.5","unit":"斤"},`, 3000) + "1]")
	least := time.Duration(1<<63 - 1)
	for range 3 { // a slow moment is not a slow machine
		before := Spent(t)
		for range 4 {
			var list []any
			if err := json.Unmarshal(text, &list); err != nil {
				t.Fatal(err)
			}
		}
		least = min(least, Spent(t)-before)
	}
	return slowdown(least)
}

func slowdown(took time.Duration) float64 {
	return min(max(float64(took)/float64(Dearer*idle), 1), 2)
}
