package telemetry_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"baogong/telemetry"
)

// At most one line per kind and second is written, and the next one says how many were left out.
func TestOneLineOfAKindInASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out lockedBuffer // the timer of a second writes too
		spare := telemetry.NewLimitedLog(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
		log := slog.New(spare)
		counted := func(want map[string]int) {
			t.Helper()
			synctest.Wait()
			for part, n := range want {
				if got := strings.Count(out.String(), part); got != n {
					t.Errorf("%s: got %d lines, want %d, in\n%s", part, got, n, out.String())
				}
			}
			out.Reset()
		}
		for i := range 1000 {
			log.Error("panic", "stack", i)
			log.With("by", "another").Error("panic", "stack", i)
			log.Warn("panic")
			log.Info("PostgreSQL started")
		}
		counted(map[string]int{"level=ERROR": 1, "level=WARN": 1, "level=INFO": 1000, "left_out": 0})
		time.Sleep(time.Second)
		counted(map[string]int{"level=ERROR": 1, "by=another stack=999 left_out=1998": 1, "left_out=998": 1})
		log.Error("panic")
		counted(map[string]int{"level=ERROR": 0}) // the last line was within the second
		time.Sleep(10 * time.Second)
		counted(map[string]int{"left_out=0": 1})
		log.Error("panic")
		counted(map[string]int{"level=ERROR msg=panic\n": 1})

		standard := slog.NewLogLogger(spare, slog.LevelDebug)
		for i := range 1000 {
			standard.Printf("http: TLS handshake error from 10.0.%d.%d:4000: EOF", i/250, i%250)
		}
		time.Sleep(time.Second)
		counted(map[string]int{"TLS handshake": 2, "left_out=998": 1})

		for i := range 10_000 { // of kinds without end
			log.Error(strings.Repeat("x", i%1000) + fmt.Sprint(i))
			log.Error(fmt.Sprintf("%c", rune('一'+i)))
		}
		synctest.Wait()
		if got := strings.Count(out.String(), "\n"); got > 300 {
			t.Errorf("got %d lines of kinds without end", got)
		}
		out.Reset()
		spare.Close()
		if !strings.Contains(out.String(), "left_out=") {
			t.Errorf("Close: got %q, want the suppressed line", out.String())
		}
		out.Reset()
		log.Error("after the end")
		if out.Len() == 0 {
			t.Error("nothing is written after the end")
		}
	})
}

// lockedBuffer is a buffer that several goroutines may use.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func (b *lockedBuffer) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buffer.Reset()
}

func (b *lockedBuffer) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Len()
}
