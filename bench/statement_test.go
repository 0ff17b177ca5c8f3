package bench

import (
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

func TestRepeated(t *testing.T) {
	t.Parallel()
	a, b, c := statement{text: "a"}, statement{text: "b"}, statement{text: "c"}
	got, err := repeated([]statement{c, b, a, b, a}, 2)
	if diff := cmp.Diff([]statement{b, a}, got, cmp.AllowUnexported(statement{})); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := repeated([]statement{a, b}, 2); err == nil {
		t.Error("statements that do not repeat were taken")
	}
}
