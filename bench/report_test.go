package bench

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func report() *Report {
	return &Report{At: time.Date(2026, 11, 25, 7, 0, 0, 0, time.UTC), Machine: Machine{CPU: "a CPU", Cores: 2, MemoryMiB: 24105, System: "Linux", Go: "go1.26", PostgreSQL: "15.18"}, Rounds: 3, Scale: 1, Took: time.Minute, Figures: []Figure{
		figure("per delivery", "µs CPU", Goal{MaxRatio: 1}, []float64{9, 1, 5}, "bare", []float64{10, 20, 8}),
		figure("resident", "KiB", Goal{MaxRatio: 0.5, Max: 12}, []float64{13}, "bare", []float64{30}),
		figure("moves", "/s", Goal{MinRatio: 0.5}, []float64{12345}, "pgbench", nil),
		figure("lost", "", Goal{Zero: true}, []float64{0}, "", nil),
		figure("read", "/s", Goal{Min: 20_000}, []float64{19_999}, "", nil),
	}}
}

func TestReport(t *testing.T) {
	t.Parallel()
	want := `
+--------------+-----------+----------------+-----------+----------+------------------+---+
| 指标 FIGURE  | 测得 GOT  | 标尺 YARDSTICK | 测得 GOT  | 比 RATIO | 要求 TO REACH    |   |
+--------------+-----------+----------------+-----------+----------+------------------+---+
| per delivery | 5 µs CPU  | bare           | 10 µs CPU | 0.5×     | ≤ 1×             | ✓ |
| resident     | 13 KiB    | bare           | 30 KiB    | 0.433×   | ≤ 0.5×, ≤ 12 KiB | ✗ |
| moves        | 12,345 /s | pgbench        |           |          | ≥ 0.5×           |   |
| lost         | 0         | –              |           |          | 0                | ✓ |
| read         | 19,999 /s | –              |           |          | ≥ 20,000 /s      | ✗ |
+--------------+-----------+----------------+-----------+----------+------------------+---+
2026-11-25 07:00 UTC, a CPU, 2 cores, 24,105 MiB, Linux, go1.26, PostgreSQL 15.18, medians of 3, in 1m0s.
`
	if diff := cmp.Diff(want, "\n"+report().String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReportAsJSON(t *testing.T) {
	t.Parallel()
	text, err := report().JSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	var got Report
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if f := got.Figures[0]; f.Value != 5 || f.Yardstick.Value != 10 || f.Ratio != 0.5 || f.Reached == nil || !*f.Reached {
		t.Errorf("got %+v", f)
	}
	if f := got.Figures[2]; f.Reached != nil {
		t.Errorf("without a yardstick: got %v, want no judgement", *f.Reached)
	}
}

func TestPageKeepsTheLastTable(t *testing.T) {
	t.Parallel()
	r := report()
	once, err := r.Page([]byte("# Performance\n"))
	if err != nil {
		t.Fatal(err)
	}
	r.Figures = r.Figures[:1]
	twice, err := r.Page(append(once, "\nHow.\n"...))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(twice); !strings.HasPrefix(got, "# Performance\n\n"+tableBegins) || !strings.HasSuffix(got, tableEnds+"\nHow.\n") ||
		strings.Count(got, "per delivery") != 1 || strings.Contains(got, "resident") {
		t.Errorf("got\n%s", got)
	}
	if _, err := r.Page([]byte(tableBegins)); err == nil {
		t.Error("a page without the table's end was taken")
	}
}
