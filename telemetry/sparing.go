package telemetry

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// Sparing is a log handler that writes at most one line of a kind in a second: clients can provoke warnings and errors as
// often as they call, each with a stack trace. The line that ends such a second is the latest that was kept back, and
// its attribute left_out counts the others.
//
// It limits warnings, errors, and what net/http says of its connections. All other lines pass: no client provokes an Info
// line, and who logs at the level debug wants each.
type Sparing struct {
	next  slog.Handler
	kinds *kinds
}

// NewSparing limits what next gets. Close must be called at the end.
func NewSparing(next slog.Handler) *Sparing {
	return &Sparing{next, &kinds{met: map[kind]*recent{}}}
}

const (
	sparingEvery = time.Second
	mostKinds    = 256 // later ones count as one kind
	kindLength   = 80  // bytes of a message that tell its kind
)

// kind is what lines have in common. The message counts up to its first digit: net/http puts addresses into messages.
type kind struct {
	level   slog.Level
	message string
}

// kinds is what was written lately, by kind.
type kinds struct {
	mu     sync.Mutex
	met    map[kind]*recent
	closed bool
}

// recent is a kind that was written within the last second.
type recent struct {
	end   *time.Timer // of the second, once a line was kept back
	until time.Time
	last  slog.Record // the latest that was kept back, for next
	next  slog.Handler
	kept  int // lines that were kept back
}

// Enabled reports what the handler behind it writes.
func (s *Sparing) Enabled(ctx context.Context, l slog.Level) bool { return s.next.Enabled(ctx, l) }

// WithAttrs returns a handler with the attributes that counts lines together with this one.
func (s *Sparing) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &Sparing{s.next.WithAttrs(attrs), s.kinds}
}

// WithGroup returns a handler with the group that counts lines together with this one.
func (s *Sparing) WithGroup(name string) slog.Handler {
	return &Sparing{s.next.WithGroup(name), s.kinds}
}

// Handle writes a line, or keeps it back.
func (s *Sparing) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelWarn && !strings.HasPrefix(r.Message, "http: ") && !strings.HasPrefix(r.Message, "http2: ") {
		return s.next.Handle(ctx, r)
	}
	if s.kinds.keep(s.next, r) {
		return nil
	}
	return s.next.Handle(ctx, r)
}

// Close writes what is kept back. Later lines pass as they come.
func (s *Sparing) Close() {
	s.kinds.mu.Lock()
	defer s.kinds.mu.Unlock()
	s.kinds.closed = true
	for _, r := range s.kinds.met {
		r.write()
	}
}

// keep keeps a line back if another of its kind was written within the last second.
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
		was = &recent{}
		k.met[of] = was
	}
	if was.kept == 0 && !now.Before(was.until) {
		was.until = now.Add(sparingEvery)
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

// write writes the latest line that was kept back. Must hold the mu of its kinds.
func (r *recent) write() {
	if r.kept == 0 {
		return
	}
	r.end.Stop()
	line, next := r.last, r.next
	line.AddAttrs(slog.Int("left_out", r.kept-1))
	r.last, r.next, r.kept, r.until = slog.Record{}, nil, 0, time.Now().Add(sparingEvery)
	_ = next.Handle(context.Background(), line)
}

func kindOf(r slog.Record) kind {
	message := r.Message
	if i := strings.IndexAny(message, "0123456789"); i >= 0 {
		message = message[:i]
	}
	return kind{r.Level, strings.Clone(message[:min(len(message), kindLength)])}
}
