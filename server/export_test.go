package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/export"
	"baogong/server/limit"
)

// tables is a stub of what writes tables. Each has two pages; the second waits until the test lets it go.
type tables struct {
	wrote chan struct{} // the first page was written
	leave chan struct{} // lets a table end
	ended chan endedTable
}

// endedTable is what was recorded of a table.
type endedTable struct {
	noun  delivery.ExportNoun
	rows  int
	whole bool
	err   error // of Write
}

func (*tables) Begin(_ context.Context, a delivery.Actor, r export.TableRequest) (*export.Download, error) {
	return &export.Download{Export: &delivery.Export{Noun: r.Noun, Format: r.Format, ByRole: a.Role}}, nil
}

func (e *tables) Write(ctx context.Context, d *export.Download, w io.Writer, pay func(rows int) error) (rows int, err error) {
	defer func() {
		if err != nil {
			e.ended <- endedTable{noun: d.Noun, rows: rows, err: err}
		}
	}()
	for page := range 2 {
		if err := pay(delivery.MaxPage); err != nil {
			return rows, err
		}
		if _, err := io.WriteString(w, strings.Repeat("row\r\n", delivery.MaxPage)); err != nil {
			return rows, err
		}
		if rows += delivery.MaxPage; page > 0 {
			return rows, nil
		}
		e.wrote <- struct{}{}
		select {
		case <-e.leave:
		case <-ctx.Done():
			return rows, context.Cause(ctx)
		}
	}
	return rows, nil
}

func (e *tables) End(_ context.Context, d *export.Download, rows int, whole bool) error {
	e.ended <- endedTable{noun: d.Noun, rows: rows, whole: whole}
	return nil
}

// leads are accounts of leads, by name.
type leads struct{}

func (leads) Authenticate(_ context.Context, credential string) (Session, error) {
	name, _ := strings.CutPrefix(credential, "Bearer ")
	return Session{Account: name, Actor: delivery.Actor{Name: name, Role: delivery.RoleLead}}, nil
}

// exporting is a server with tables.
func exporting(t *testing.T, change ...func(*Options)) (*bench, *tables) {
	t.Helper()
	e := &tables{wrote: make(chan struct{}, 10), leave: make(chan struct{}, 10), ended: make(chan endedTable, 20)}
	return setup(t, append([]func(*Options){func(o *Options) {
		o.Exports, o.Identity = e, leads{}
		o.Schema.(*contract).tellReasons = true
	}}, change...)...), e
}

// exportPaths are the two kinds of tables.
var exportPaths = map[string]delivery.ExportNoun{"/exports/orders.csv": delivery.ExportOrders, "/imports/x/rows.csv": delivery.ExportImportRows}

// TestOneTableAtOnce has an account ask for a second table while it is sent one, and more accounts than the server serves at once.
func TestOneTableAtOnce(t *testing.T) {
	t.Parallel()
	for path, noun := range exportPaths {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			b, e := exporting(t, func(o *Options) { o.Limits.Exports = 2 })
			got := make(chan result, 10)
			ask := func(name string) {
				go func() { got <- b.do(t, "GET", "http://"+b.host+path, nil, "Authorization", "Bearer "+name) }()
				await(t, "the first page", e.wrote)
			}
			refused := func(name, what string) {
				t.Helper()
				for path := range exportPaths {
					r := b.do(t, "GET", "http://"+b.host+path, nil, "Authorization", "Bearer "+name, "Accept-Language", "zh-CN")
					if r.status != http.StatusTooManyRequests || r.reason != "TOO_MANY_EXPORTS" || r.header.Get("Retry-After") == "" || !strings.Contains(r.body, "请稍后再试") {
						t.Errorf("%s, %s: got %d %v %s, want TOO_MANY_EXPORTS", what, path, r.status, r.header, r.body)
					}
				}
			}
			ask("li")
			refused("li", "a second of one account")
			ask("wang")
			refused("sun", "one more than the server sends at once")
			for range 2 {
				e.leave <- struct{}{}
			}
			for range 2 {
				if r := await(t, "the tables", got); r.status != http.StatusOK || strings.Count(r.body, "row") != 2*delivery.MaxPage {
					t.Errorf("got %d with %d rows, want a whole table", r.status, strings.Count(r.body, "row"))
				}
				if x := await(t, "their ends", e.ended); !x.whole || x.rows != 2*delivery.MaxPage || x.noun != noun {
					t.Errorf("recorded %+v, want a whole table", x)
				}
			}
			inTime(t, "every place is given back", func() bool { return b.server.exports.All() == 0 })
			ask("li")
			e.leave <- struct{}{}
			if r := await(t, "another table", got); r.status != http.StatusOK {
				t.Errorf("a table after the first: got %d %s", r.status, r.body)
			}
		})
	}
}

// TestTablesArePaid has an account that can pay for one page, and waits for the second.
func TestTablesArePaid(t *testing.T) {
	t.Parallel()
	const page = exportPointsPerRow * delivery.MaxPage
	for path := range exportPaths {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			b, e := exporting(t, func(o *Options) { o.Limits.AccountCost = limit.Rate{PerSecond: 4 * page, Burst: page} })
			e.leave <- struct{}{}
			began := time.Now()
			r := b.do(t, "GET", "http://"+b.host+path, nil, "Authorization", "Bearer li")
			if took := time.Since(began); r.status != http.StatusOK || strings.Count(r.body, "row") != 2*delivery.MaxPage || took < 200*time.Millisecond {
				t.Errorf("got %d with %d rows after %v, want the second page a quarter of a second after the first", r.status, strings.Count(r.body, "row"), took)
			}
			if x := await(t, "the end", e.ended); !x.whole {
				t.Errorf("recorded %+v, want a whole table", x)
			}
		})
	}
}

// TestABrokenDownloadIsGivenUp has clients go away: while the table is made, and while it waits for points.
func TestABrokenDownloadIsGivenUp(t *testing.T) {
	t.Parallel()
	for what, rate := range map[string]limit.Rate{"while it is made": {}, "while it waits for points": {PerSecond: 1, Burst: exportPointsPerRow * delivery.MaxPage}} {
		for path, noun := range exportPaths {
			t.Run(what+" "+path, func(t *testing.T) {
				t.Parallel()
				b, e := exporting(t, func(o *Options) { o.Limits.AccountCost = rate })
				ctx, leave := context.WithCancel(t.Context())
				q, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+b.host+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				q.Header.Set("Authorization", "Bearer li")
				gone := make(chan error, 1)
				go func() {
					answer, err := b.http.Do(q)
					if err == nil {
						_, err = io.Copy(io.Discard, answer.Body)
						_ = answer.Body.Close()
					}
					gone <- err
				}()
				await(t, "the first page", e.wrote)
				if rate.PerSecond > 0 {
					e.leave <- struct{}{}
				}
				leave()
				if err := await(t, "the client", gone); !errors.Is(err, context.Canceled) {
					t.Errorf("the client got %v", err)
				}
				if x := await(t, "the end of writing", e.ended); !errors.Is(x.err, context.Canceled) {
					t.Errorf("the table ended with %v, want that it was cancelled", x.err)
				}
				if x := await(t, "the record", e.ended); x.whole || x.rows != delivery.MaxPage || x.noun != noun {
					t.Errorf("recorded %+v, want one page and not whole", x)
				}
				inTime(t, "the place is given back", func() bool { return b.server.exports.All() == 0 })
				if rate.PerSecond == 0 {
					return
				}
				again := b.do(t, "GET", "http://"+b.host+path, nil, "Authorization", "Bearer li")
				if again.status != http.StatusTooManyRequests || again.code != "RATE_LIMITED" || again.header.Get("Retry-After") == "" || b.server.exports.All() != 0 {
					t.Errorf("without points: got %d %v %s, want RATE_LIMITED and no place taken", again.status, again.header, again.body)
				}
			})
		}
	}
}
