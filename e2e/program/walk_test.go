package program_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/lib/pq"
	"github.com/vektah/gqlparser/v2/ast"

	"baogong/db/embedded"
	"baogong/delivery"
	"baogong/dispatch/walk"
	"baogong/e2e/house"
)

// walks takes the walk of dispatch/walk by requests. On the way the server, and once PostgreSQL under it, is killed with a call under way
// and started again. The equations hold each time, every order is what its events say, every answered call is in the tables, and the call
// that was under way takes effect once, however often it is sent. BAOGONG_WALK_SEED takes the same choices, as far as they do not
// depend on the moment of a kill.
func (b built) walks(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	if s := os.Getenv("BAOGONG_WALK_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	const acts, kills = walkActs, walkKills
	w := &httpWalk{t: t, b: b, schema: house.ReadSchema(t)}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("BAOGONG_WALK_SEED=%d takes the same choices again. The last calls:\n%s", seed, strings.Join(w.recent, "\n"))
		}
		_ = w.direct.Close()
	})
	w.start(house.Folder(t))
	w.Estate("DCXY", nil).PlaceMany(12)
	// The clock cannot be moved, so a minute of the walk is short.
	w.Walker = walk.New(walk.Options{Seed: seed, Column: w.column, Now: time.Now, Minute: 10 * time.Millisecond})
	for i := 1; i <= acts; i++ {
		a := w.Next()
		between := acts / kills
		if i%between != between/2 {
			w.take(a)
			continue
		}
		for a.Verb == walk.Send || !w.Effective(a.Verb) {
			a = w.Next()
		}
		w.interrupt(a, i/between == kills/2)
	}
	for _, c := range w.answered[max(0, len(w.answered)-10):] {
		w.repeat(c, true)
	}
	w.check()
	t.Logf("%d acts, %d of which changed something; %d kills, %d during the call and %d after it", acts, len(w.answered), kills, w.unheard, kills-w.unheard)
	w.Drain()
}

// httpWalk takes a walk by requests to the running program.
type httpWalk struct {
	*process
	*walk.Walker
	t        *testing.T
	b        built
	schema   *ast.Schema
	dsn      string
	direct   *sql.DB
	answered []answeredCall // those that changed something
	unheard  int            // calls without an answer
	took     time.Duration  // by the last call
	recent   []string       // calls with their answers, the last ones
}

// answeredCall is a call with its answer.
type answeredCall struct {
	*walk.Act
	answer string
}

// start starts the program on the data folder, and opens the database that it works on.
func (w *httpWalk) start(data string) {
	w.t.Helper()
	w.process = w.b.start(w.t, "serve", data, "--dev-actors", "--operations", "0", "--cost", "0", "--quota", "0")
	ctx, cancel := context.WithTimeout(w.t.Context(), house.Timeout)
	defer cancel()
	postgres, err := embedded.Attach(ctx, filepath.Join(data, "postgres"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.dsn = postgres.DSN("postgres")
	if w.direct, err = sql.Open("postgres", w.dsn); err != nil {
		w.t.Fatal(err)
	}
}

// column returns the first column, as text, of what a statement returns.
func (w *httpWalk) column(query string, args ...any) (out []string) {
	w.t.Helper()
	rows, err := w.direct.QueryContext(w.t.Context(), query, args...)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			w.t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// effects counts what people's calls have done. The clock's events are not among it.
func (w *httpWalk) effects() int {
	w.t.Helper()
	n, err := strconv.Atoi(w.column("select cast(count(*) as text) from events where by_role <> 'SYSTEM'")[0])
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// take sends an act, and now and then once more.
func (w *httpWalk) take(a *walk.Act) {
	w.t.Helper()
	before, began := w.effects(), time.Now()
	answer, err := w.send(a)
	if err != nil {
		w.t.Fatal(err)
	}
	if answer == "" {
		return
	}
	w.took = time.Since(began)
	changed := w.effects() > before
	w.Did(a.Verb, changed || a.Verb == walk.Send)
	if changed {
		w.answered = append(w.answered, answeredCall{a, answer})
	}
	if a.Verb != walk.Send && w.Again() {
		w.repeat(answeredCall{a, answer}, changed)
	}
}

// repeat sends a call that was answered once more. It must not take effect again. A call that did must get the same answer; one that changed
// nothing is not stored, and is judged again by what the time is now.
func (w *httpWalk) repeat(c answeredCall, effective bool) {
	w.t.Helper()
	before := w.effects()
	switch again, err := w.send(c.Act); {
	case err != nil:
		w.t.Fatal(err)
	case effective && again != c.answer && again != "":
		w.t.Errorf("%s %s again: got %s, want %s", c.Verb, c.Key(), again, c.answer)
	}
	if after := w.effects(); after != before {
		w.t.Errorf("%s %s again: it took effect once more, by %d events", c.Verb, c.Key(), after-before)
	}
}

// interrupt kills the program, or PostgreSQL under it, while a call is under way, starts it again on the same data, and sends the call
// again.
func (w *httpWalk) interrupt(a *walk.Act, postgres bool) {
	w.t.Helper()
	type outcome struct {
		answer string
		err    error
	}
	before := w.effects()
	done := make(chan outcome, 1)
	go func() {
		answer, err := w.send(a)
		done <- outcome{answer, err}
	}()
	got, heard := outcome{}, false
	select {
	case got = <-done:
		heard = true
	case <-time.After(time.Duration(w.IntN(int(w.took)))):
	}
	if postgres {
		pid, err := os.ReadFile(filepath.Join(w.Data, "postgres", "data", "postmaster.pid"))
		if err != nil {
			w.t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(pid), "\n")
		n, err := strconv.Atoi(first)
		if err != nil || n <= 1 {
			w.t.Fatalf("the postmaster is process %q", first)
		}
		if err := syscall.Kill(n, syscall.SIGKILL); err != nil {
			w.t.Fatal(err)
		}
		if err := w.Wait("the end of PostgreSQL"); err == nil {
			w.t.Error("the program ended without an error when PostgreSQL was killed")
		}
	} else {
		w.Kill()
	}
	if !heard {
		got = <-done
	}
	if got.err != nil {
		w.unheard++
	}
	_ = w.direct.Close()
	w.start(w.Data)
	w.check()

	stored := len(w.column("select mutation from calls where client_mutation_id = $1", a.Key()))
	now := w.effects()
	if (stored == 0) != (now == before) {
		w.t.Errorf("%s %s: it is stored %d times, and %d events are new", a.Verb, a.Key(), stored, now-before)
	}
	answer, err := w.send(a)
	if err != nil {
		w.t.Fatal(err)
	}
	after := w.effects()
	switch {
	case got.err == nil && stored == 1 && answer != got.answer:
		w.t.Errorf("%s %s was answered before the kill; after it: got %s, want %s", a.Verb, a.Key(), answer, got.answer)
	case (got.err == nil || stored == 1) && after != now:
		w.t.Errorf("%s %s took effect again after the kill, by %d events", a.Verb, a.Key(), after-now)
	}
	w.repeat(answeredCall{a, answer}, after > before)
	if after > before {
		w.answered = append(w.answered, answeredCall{a, answer})
	}
}

// check compares the books, the events with the rows, and the answered calls with those that are stored.
func (w *httpWalk) check() {
	w.t.Helper()
	house.Equations(w.t, w.dsn)
	house.Folds(w.t, w.dsn)
	var keys []string
	for _, c := range w.answered {
		if c.Verb != walk.Send {
			keys = append(keys, c.Key())
		}
	}
	if stored := w.column("select client_mutation_id from calls where client_mutation_id = any(string_to_array($1, ','))", strings.Join(keys, ",")); len(stored) != len(keys) {
		w.t.Errorf("%d calls were answered, and %d of them are stored", len(keys), len(stored))
	}
}

// send sends an act and returns the answer, or "" if the caller is archived and cannot sign in. It fails if no answer comes.
func (w *httpWalk) send(a *walk.Act) (string, error) {
	actor := a.By + "@DCXY"
	if a.By == "admin" {
		actor = a.By
	}
	if a.Verb == walk.Send {
		return w.put(actor, a.Photo)
	}
	field := w.schema.Mutation.Fields.ForName(a.Verb)
	in, _ := variable(w.schema, field.Arguments.ForName("input").Type, reflect.ValueOf(a.Input))
	query := fmt.Sprintf("mutation ($in: %s) { %s(input: $in) { %s } }", field.Arguments.ForName("input").Type, a.Verb, selection(w.schema, field.Type))
	answer, err := w.Try(actor, query, obj{"in": in})
	w.recent = append(w.recent, fmt.Sprintf("%s by %s: %v\n%s %v %v", a.Verb, a.By, in, answer.Data, answer.Errors, err))
	w.recent = w.recent[max(0, len(w.recent)-30):]
	switch {
	case err != nil:
		return "", err
	case answer.Code() == "UNAUTHENTICATED":
		return "", nil
	case len(answer.Errors) > 0:
		return "", fmt.Errorf("%s: %v", a.Verb, answer.Errors)
	}
	return string(answer.Data), nil
}

// put sends a photo.
func (w *httpWalk) put(actor string, photo []byte) (string, error) {
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPut, strings.TrimSuffix(w.URL, "/graphql")+"/files", bytes.NewReader(photo))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "image/png")
	req.Header.Set("Authorization", house.Bearer(actor))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 500 {
		err = fmt.Errorf("PUT /files: %d %s", res.StatusCode, text)
	}
	return string(text), err
}

// variable returns the value of an input's type as a variable. It reports false for an absent value.
func variable(s *ast.Schema, of *ast.Type, v reflect.Value) (any, bool) {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil, false
		}
		v = v.Elem()
	}
	if of.Elem != nil {
		if v.IsNil() && !of.NonNull {
			return nil, false
		}
		list := make([]any, v.Len())
		for i := range list {
			list[i], _ = variable(s, of.Elem, v.Index(i))
		}
		return list, true
	}
	switch v := v.Interface().(type) {
	case delivery.ID:
		return v.String(), true
	case delivery.Quantity:
		return v.String(), true
	case time.Time:
		return v.Format(time.RFC3339Nano), true
	}
	def := s.Types[of.NamedType]
	if def.Kind == ast.InputObject {
		fields := obj{}
		for _, f := range def.Fields {
			part := v.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, f.Name) })
			if !part.IsValid() {
				panic(fmt.Sprintf("%s has no field for %s", v.Type(), f.Name))
			}
			if value, there := variable(s, f.Type, part); there {
				fields[f.Name] = value
			}
		}
		return fields, true
	}
	if v.Kind() == reflect.String {
		return v.String(), v.Len() > 0
	}
	return v.Interface(), true
}

// selection returns the fields of a payload by which answers are compared: values, ids of objects, and refusals.
func selection(s *ast.Schema, of *ast.Type) string {
	var fields []string
	for _, f := range s.Types[of.Name()].Fields {
		def := s.Types[f.Type.Name()]
		switch {
		case f.Name == "secret": // a retry returns it only while it is current
		case def.IsLeafType():
			fields = append(fields, f.Name)
		case def.Name == "UserError":
			fields = append(fields, f.Name+" { code reason field }")
		case f.Name == "results":
			fields = append(fields, f.Name+" { "+selection(s, f.Type)+" }")
		case def.Fields.ForName("id") != nil:
			fields = append(fields, f.Name+" { id }")
		}
	}
	return strings.Join(fields, " ")
}
