package telemetry

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// LimitedLog is a log handler that writes at most one line per kind and second, since clients can provoke warnings and
// errors, with stack traces, as often as they call. At the end of the second it writes the latest suppressed line, whose
// attribute left_out counts the other suppressed ones.
//
// It limits warnings, errors, and net/http's lines about connections. All other lines pass: clients cannot provoke Info
// lines, and an operator who sets the level to debug wants all of them.
type LimitedLog struct {
	next  slog.Handler
	kinds *kinds
}

// NewLimitedLog limits the lines that reach next. The caller must call Close at the end.
func NewLimitedLog(next slog.Handler) *LimitedLog {
	return &LimitedLog{next, &kinds{met: map[kind]*recentKind{}}}
}

const (
	limitedLogEvery = time.Second
	mostKinds       = 256 // later ones count as one kind
	kindLength      = 80  // bytes of a message that identify its kind
)

// kind groups lines by level and message. The message counts up to its first digit, since net/http's contain addresses.
type kind struct {
	level   slog.Level
	message string
}

// kinds holds the lines written lately, by kind.
type kinds struct {
	mu     sync.Mutex
	met    map[kind]*recentKind
	closed bool
}

// recentKind is a kind with a line written lately.
type recentKind struct {
	end   *time.Timer // end of the second; runs while a line is suppressed
	until time.Time
	last  slog.Record // latest suppressed line, for next
	next  slog.Handler
	kept  int // suppressed lines
}

// Enabled reports whether the next handler is enabled.
func (s *LimitedLog) Enabled(ctx context.Context, l slog.Level) bool { return s.next.Enabled(ctx, l) }

// WithAttrs returns a handler with the attributes that shares this one's limits.
func (s *LimitedLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &LimitedLog{s.next.WithAttrs(attrs), s.kinds}
}

// WithGroup returns a handler with the group that shares this one's limits.
func (s *LimitedLog) WithGroup(name string) slog.Handler {
	return &LimitedLog{s.next.WithGroup(name), s.kinds}
}

// Handle writes a line or suppresses it.
func (s *LimitedLog) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelWarn && !strings.HasPrefix(r.Message, "http: ") && !strings.HasPrefix(r.Message, "http2: ") {
		return s.next.Handle(ctx, r)
	}
	if s.kinds.keep(s.next, r) {
		return nil
	}
	return s.next.Handle(ctx, r)
}

// Close writes the suppressed lines. Later lines pass without a limit.
func (s *LimitedLog) Close() {
	s.kinds.mu.Lock()
	defer s.kinds.mu.Unlock()
	s.kinds.closed = true
	for _, r := range s.kinds.met {
		r.write()
	}
}

// keep suppresses a line and returns true if a line of its kind was written within the last second.
func (k *kinds) keep(next slog.Handler, r slog.Record) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return false
	}
	now, of := time.Now(), kindOf(r)
	was := k.met[of]
	if was == nil && len(k.met) >= mostKinds {
		of = kind{level: slog.LevelError}
		was = k.met[of]
	}
	if was == nil {
		was = &recentKind{}
		k.met[of] = was
	}
	if was.kept == 0 && !now.Before(was.until) {
		was.until = now.Add(limitedLogEvery)
		return false
	}
	was.last, was.next = r.Clone(), next
	if was.kept++; was.kept == 1 {
		was.end = time.AfterFunc(was.until.Sub(now), func() {
			k.mu.Lock()
			defer k.mu.Unlock()
			was.write()
		})
	}
	return true
}

// write writes the latest suppressed line. Must hold the mu of its kinds.
func (r *recentKind) write() {
	if r.kept == 0 {
		return
	}
	r.end.Stop()
	line, next := r.last, r.next
	line.AddAttrs(slog.Int("left_out", r.kept-1))
	r.last, r.next, r.kept, r.until = slog.Record{}, nil, 0, time.Now().Add(limitedLogEvery)
	_ = next.Handle(context.Background(), line)
}

func kindOf(r slog.Record) kind {
	message := r.Message
	if i := strings.IndexAny(message, "0123456789"); i >= 0 {
		message = message[:i]
	}
	return kind{r.Level, strings.Clone(message[:min(len(message), kindLength)])}
}
