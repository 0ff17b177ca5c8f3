package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"baogong/db"
	"baogong/dispatch"
	"baogong/dispatch/verbs"
)

// statement is one that PostgreSQL was sent, with its parameters as it read them; nil is null. Yardsticks send what is
// overheard, so they cannot drift from what the program does.
type statement struct {
	text   string
	params []*string
}

// loud makes a connection write all it sends into PostgreSQL's log.
const loud = " log_statement=all log_parameter_max_length=-1"

// eavesdropper is the verbs on a single connection whose statements are overheard.
type eavesdropper struct {
	*verbs.All
	journal string
	marks   int
	close   func() error
}

func (b *bench) eavesdrop(ctx context.Context) (*eavesdropper, error) {
	d, err := db.Open(ctx, b.DSN+loud, db.Options{Connections: 1})
	if err != nil {
		return nil, err
	}
	return &eavesdropper{All: verbs.New(&dispatch.Engine{DB: d, Keys: b.keys, Now: time.Now, Machine: time.Now}), journal: b.Journal, close: d.Close}, nil
}

// of returns the statements that do sends, begin and commit included. They stand between two marks: the log lags behind
// PostgreSQL's answers, so what an earlier call sent may still be written while do runs.
func (e *eavesdropper) of(ctx context.Context, do func(*verbs.All) error) ([]statement, error) {
	at, err := size(e.journal)
	if err != nil {
		return nil, err
	}
	from, err := e.mark(ctx)
	if err != nil {
		return nil, err
	}
	if err := do(e.All); err != nil {
		return nil, err
	}
	until, err := e.mark(ctx)
	if err != nil {
		return nil, err
	}
	for range 500 {
		text, err := since(e.journal, at)
		if err != nil {
			return nil, err
		}
		if sent, whole := between(statements(text), from, until); whole {
			return sent, nil
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("the statements are not in PostgreSQL's log")
}

// mark sends a statement that nothing else sends, and returns its text.
func (e *eavesdropper) mark(ctx context.Context) (string, error) {
	e.marks++
	text := fmt.Sprintf("select 'mark %d'", e.marks)
	_, err := e.DB.Pool().ExecContext(ctx, text)
	return text, err
}

// between returns the statements between two, and whether both are there.
func between(all []statement, from, until string) ([]statement, bool) {
	first := slices.IndexFunc(all, func(s statement) bool { return s.text == from })
	last := slices.IndexFunc(all, func(s statement) bool { return s.text == until })
	if first < 0 || last < first {
		return nil, false
	}
	return all[first+1 : last], true
}

// agreed records a call until it sends the statements of like or those of the time before. A single recording may differ from the
// others: a transaction that PostgreSQL ends is retried, and what the program has in memory may be read again.
func agreed(like []statement, record func() ([]statement, error)) ([]statement, error) {
	for range 5 {
		sent, err := record()
		if err != nil {
			return nil, err
		}
		if like != nil && alike(like, sent) {
			return sent, nil
		}
		like = sent
	}
	return nil, errors.New("the same call sends other statements each time")
}

// alike reports whether two lists hold the same statements, with any parameters.
func alike(a, b []statement) bool {
	return slices.EqualFunc(a, b, func(s, t statement) bool { return s.text == t.text && len(s.params) == len(t.params) })
}

func size(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, fmt.Errorf("find PostgreSQL's log: %w", err)
	}
	return info.Size(), nil
}

// since returns the text written to a log after a length. If the log was rotated meanwhile, the rest of the old file comes
// first.
func since(path string, at int64) (string, error) {
	now, err := size(path)
	if err != nil {
		return "", err
	}
	old := ""
	if now < at {
		if old, err = readFrom(path+".1", at); err != nil {
			return "", err
		}
		at = 0
	}
	text, err := readFrom(path, at)
	return old + text, err
}

func readFrom(path string, at int64) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if _, err := f.Seek(at, io.SeekStart); err != nil {
		return "", err
	}
	text, err := io.ReadAll(f)
	return string(text), err
}

var (
	entry    = regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\d \S+ \S+ \[\d+\] ([A-Z]+): +`)
	executed = regexp.MustCompile(`(?s)^(?:execute [^:]*|statement): (.*)$`)
	given    = regexp.MustCompile(`(?is)^parameters: (.*)$`)
)

// statements reads those in a piece of PostgreSQL's log. A last one that is not written whole yet is left out.
func statements(log string) (out []statement) {
	if end := strings.LastIndexByte(log, '\n'); end >= 0 {
		log = log[:end]
	}
	starts := entry.FindAllStringSubmatchIndex(log, -1)
	for i, at := range starts {
		end := len(log)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		kind := log[at[2]:at[3]]
		text := strings.TrimRight(strings.ReplaceAll(log[at[1]:end], "\n\t", "\n"), "\n")
		switch {
		case kind == "LOG":
			if m := executed.FindStringSubmatch(text); m != nil {
				out = append(out, statement{text: strings.TrimSpace(m[1])})
			}
		case kind == "DETAIL" && len(out) > 0:
			if m := given.FindStringSubmatch(text); m != nil {
				out[len(out)-1].params = parameters(m[1])
			}
		}
	}
	return out
}

// parameters reads a list such as: $1 = '5', $2 = NULL. A quote inside a value is doubled.
func parameters(text string) (out []*string) {
	for {
		_, rest, found := strings.Cut(text, " = ")
		if !found {
			return out
		}
		if after, null := strings.CutPrefix(rest, "NULL"); null {
			out, text = append(out, nil), after
			continue
		}
		var value strings.Builder
		i := 1 // behind the quote
		for ; i < len(rest); i++ {
			if rest[i] == '\'' {
				if i+1 == len(rest) || rest[i+1] != '\'' {
					break
				}
				i++
			}
			value.WriteByte(rest[i])
		}
		v := value.String()
		out, text = append(out, &v), rest[min(i+1, len(rest)):]
	}
}

// placeholder is a parameter in a statement's text.
var placeholder = regexp.MustCompile(`\$(\d+)`)

// named writes the statement with each parameter as the name gives it.
func (s statement) named(name func(n int) string) string {
	return placeholder.ReplaceAllStringFunc(s.text, func(p string) string {
		n, _ := strconv.Atoi(p[1:])
		if n > len(s.params) || s.params[n-1] == nil {
			return "null"
		}
		return name(n)
	})
}
