package bench

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// heardLog is a piece of PostgreSQL's log as it writes it.
const heardLog = `2026-11-25 07:00:00.000 UTC [12] LOG:  statement: BEGIN READ WRITE
2026-11-25 07:00:00.001 UTC [12] LOG:  execute 3: 
		update orders
		   set stage = $2
		 where id = $1
2026-11-25 07:00:00.001 UTC [12] DETAIL:  parameters: $1 = '{"a":1}', $2 = NULL, $3 = 'it''s = $4', $4 = ''
2026-11-25 07:00:00.002 UTC [9] LOG:  checkpoint starting: time
2026-11-25 07:00:00.003 UTC [12] LOG:  statement: COMMIT
2026-11-25 07:00:00.003 UTC [12] LOG:  statement: ;
2026-11-25 07:00:00.004 UTC [12] LOG:  sta`

func list(list ...string) (out []*string) {
	for _, s := range list {
		out = append(out, &s)
	}
	return out
}

func TestStatements(t *testing.T) {
	t.Parallel()
	params := list(`{"a":1}`, "", "it's = $4", "")
	params[1] = nil
	want := []statement{{text: "BEGIN READ WRITE"}, {"update orders\n\t   set stage = $2\n\t where id = $1", params}, {text: "COMMIT"}, {text: ";"}}
	if diff := cmp.Diff(want, statements(heardLog), cmp.AllowUnexported(statement{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestScript(t *testing.T) {
	t.Parallel()
	one := statement{"select $1, $2, $1", list("5", "12:30")}
	two := statement{"select $1, $2, $1", list("6", `it's a \`)}
	s := script{clients: [][]statement{{{text: "BEGIN"}, one}, {{text: "BEGIN"}, two}}}
	got, err := s.text(3)
	if err != nil {
		t.Fatal(err)
	}
	want := `\if :ready3 = 0
select v[1] as "1", v[2] as "2" from yardstick.parameters where script = 3 and client = :client_id \gset s3_
\set ready3 1
\endif
BEGIN;
select :s3_1, :s3_2, :s3_1;
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := s.insert(3); strings.Contains(got, ":") || !strings.Contains(got, `values (3, 1, cast(array[E'6', E'it''s a \\'] as text[]))`) {
		t.Errorf("got %s", got)
	}
	s.clients[1] = s.clients[1][:1]
	if _, err := s.text(3); err == nil {
		t.Error("clients with other statements were taken")
	}
}

// The server's clock sends as many statements as the boards have, some of them while one is recorded.
func TestStatementsOfABoardAreThoseOfEachRecording(t *testing.T) {
	t.Parallel()
	const times = 20
	var log strings.Builder
	heard := func(pid int, text string) {
		fmt.Fprintf(&log, "2026-11-25 07:00:00.000 UTC [%d] LOG:  statement: %s\n", pid, text)
	}
	for i := range times {
		heard(7, fmt.Sprintf("select 'mark %d'", 2*i))
		heard(12, "select board")
		for range i % 3 * 2 { // more than once for each board, but not during each
			for _, text := range []string{"begin", "select clock for update", "commit"} {
				heard(9, text)
			}
		}
		heard(12, "select buildings")
		heard(12, "select buildings")
		if i > 0 {
			heard(12, "select what is kept")
		}
		heard(7, fmt.Sprintf("select 'mark %d'", 2*i+1))
		heard(9, "select between boards")
	}
	log.WriteString("2026-11-25 07:00:00.001 UTC [12] LOG:  statement: ;\n")
	all := statements(log.String())
	var recordings [][]statement
	for i := range times {
		sent, whole := between(all, fmt.Sprintf("select 'mark %d'", 2*i), fmt.Sprintf("select 'mark %d'", 2*i+1))
		if !whole {
			t.Fatalf("recording %d is not whole", i)
		}
		recordings = append(recordings, sent)
	}
	slices.Reverse(recordings) // so that the first has the clock's
	got, err := common(recordings)
	if want := []statement{{text: "select board"}, {text: "select buildings"}, {text: "select buildings"}}; err != nil || !alike(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if got, err := common([][]statement{{{text: "a"}}, {{text: "b"}}}); err == nil {
		t.Errorf("got %v of recordings with nothing in common", got)
	}
}

// The end of what was sent before, which the log shows late, is no part of the call.
func TestStatementsOfACallStandBetweenItsMarks(t *testing.T) {
	t.Parallel()
	log := []statement{{text: "COMMIT"}, {text: "select 'mark 1'"}, {text: "BEGIN"}, {text: "COMMIT"}}
	if got, whole := between(log, "select 'mark 1'", "select 'mark 2'"); whole {
		t.Errorf("got %v of a call whose end is not written", got)
	}
	got, whole := between(append(log, statement{text: "select 'mark 2'"}), "select 'mark 1'", "select 'mark 2'")
	if want := log[2:]; !whole || !alike(got, want) {
		t.Errorf("got %v, %t, want %v", got, whole, want)
	}
}

func TestTransactionWith(t *testing.T) {
	t.Parallel()
	one := []statement{{text: "BEGIN READ WRITE"}, {text: "select 1"}, {text: "insert into orders (a)"}, {text: "COMMIT"}}
	before, after := []statement{{text: "BEGIN READ WRITE"}, {text: "insert into imports (a)"}, {text: "COMMIT"}}, []statement{{text: "select 2"}}
	if got, err := transactionWith(slices.Concat(before, one, after), "insert into orders"); err != nil || !alike(got, one) {
		t.Errorf("got %v, %v, want %v", got, err, one)
	}
	if _, err := transactionWith(before, "insert into orders"); err == nil {
		t.Error("a transaction without the statement was taken")
	}
}

// A transaction that was retried once does not end a measurement; a call that always sends something else does.
func TestCallIsRecordedUntilItIsLikeTheOthers(t *testing.T) {
	t.Parallel()
	usual, odd := []statement{{text: "BEGIN"}, {text: "COMMIT"}}, []statement{{text: "BEGIN"}, {text: "ROLLBACK"}, {text: "BEGIN"}, {text: "COMMIT"}}
	for name, c := range map[string]struct {
		like []statement
		sent [][]statement
		want []statement // nil: an error
	}{
		"the first":         {nil, [][]statement{usual, usual}, usual},
		"the first, odd":    {nil, [][]statement{odd, usual, usual}, usual},
		"another":           {usual, [][]statement{usual}, usual},
		"another, odd once": {usual, [][]statement{odd, usual, usual}, usual},
		"always odd":        {usual, [][]statement{odd, odd}, odd},
		"always another":    {usual, [][]statement{odd, usual[:1], odd, usual[:1], odd}, nil},
	} {
		n := 0
		got, err := agreed(c.like, func() ([]statement, error) { n++; return c.sent[n-1], nil })
		if (err == nil) != (c.want != nil) || !alike(got, c.want) || n != len(c.sent) {
			t.Errorf("%s: got %v, %v after %d recordings, want %v after %d", name, got, err, n, c.want, len(c.sent))
		}
	}
}
