package program_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"baogong/db/dbtest"
	"baogong/e2e/house"
	"baogong/reading/sheet"
)

// ordersImported is a file of orders, of which some wait or are refused.
type ordersImported struct {
	name                   string
	text                   []byte
	good, unclear, refused int
}

// ordersFile makes a file of so many rows with numbers of its own.
func ordersFile(e *house.Estate, name string, rows int) *ordersImported {
	f := &ordersImported{name: name}
	var doors []string
	for door := range e.Homes {
		doors = append(doors, door)
	}
	var b strings.Builder
	b.WriteString("单号,地址,商品,数量,单价\n")
	for n := range rows {
		door, quantity := doors[n%len(doors)], "2斤"
		switch {
		case n%97 == 5:
			door = "E6-1-9903"
			f.unclear++
		case n%89 == 7:
			quantity = "0"
			f.refused++
		default:
			f.good++
		}
		fmt.Fprintf(&b, "%s-%d,%s,土豆,%s,2.5元\n", name, n, door, quantity)
	}
	f.text = []byte(b.String())
	return f
}

// imports kills the program with SIGKILL while a supplier and a lead import the same file at once, and then the command while it imports another. Started again, the
// imports go on where they stopped: by the same call, by the clock worker, and by the same command. Each row is placed once, and each has its outcome.
func (b built) imports(t *testing.T) {
	t.Parallel()
	dsn, dir := dbtest.DSN(t), t.TempDir()
	direct, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer direct.Close()
	w := &importWalk{t: t, b: b, direct: direct, dsn: dsn, dir: dir}
	w.start()
	w.estate = w.process.Estate("DCXY", nil)
	for n := range importKills {
		if _, err := direct.ExecContext(t.Context(), "analyze"); err != nil { // as autovacuum does, which is off in tests
			t.Fatal(err)
		}
		w.killServer(ordersFile(w.estate, fmt.Sprintf("S%d", n), importRows))
		w.killCommand(ordersFile(w.estate, fmt.Sprintf("K%d", n), importRows))
	}
	house.Equations(t, dsn)
	house.Folds(t, dsn)
	w.Drain()
}

// importWalk kills the program while it imports.
type importWalk struct {
	*process
	t        *testing.T
	b        built
	direct   *sql.DB
	dsn, dir string
	estate   *house.Estate
}

// start starts the server over the database.
func (w *importWalk) start() {
	w.t.Helper()
	w.process = w.b.start(w.t, "serve", filepath.Join(w.dir, "unused"), "--dev-actors", "--database-url", w.dsn, "--operations", "0", "--cost", "0", "--quota", "0")
	if w.estate != nil {
		w.estate.Program = &w.process.Program
	}
}

func (w *importWalk) count(query string, args ...any) (n int) {
	w.t.Helper()
	if err := w.direct.QueryRowContext(w.t.Context(), query, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// placed counts the orders of a file.
func (w *importWalk) placed(f *ordersImported) int {
	w.t.Helper()
	return w.count(`select count(*) from orders where external_number like $1 || '-%'`, f.name)
}

// until waits until some of the file's orders are placed, and then for a moment of chance: the kill may be anywhere in what follows.
func (w *importWalk) until(f *ordersImported) {
	w.t.Helper()
	some := rand.IntN(f.good * 2 / 3)
	house.WaitFor(w.t, "some orders are placed", func() bool { return w.placed(f) > some })
	time.Sleep(rand.N(20 * time.Millisecond))
}

// send sends the file as the actor, and returns its id.
func (w *importWalk) send(actor string, f *ordersImported) string {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPut, strings.TrimSuffix(w.URL, "/graphql")+"/files", bytes.NewReader(f.text))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "text/csv")
	req.Header.Set("Authorization", house.Bearer(actor))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	var kept struct{ ID string }
	if err != nil || res.StatusCode != http.StatusCreated || json.Unmarshal(text, &kept) != nil {
		w.t.Fatalf("PUT /files: %d %s, %v", res.StatusCode, text, err)
	}
	return kept.ID
}

// importState is how far an import is.
type importState struct {
	ID                                            string
	Finished                                      bool
	Rows, Total                                   int
	Placed, Changed, Unchanged, InReview, Refused int
}

// call imports a file that was sent. A call with the same key goes on with the same import.
func (w *importWalk) call(actor, fileID, key string) (*importState, error) {
	a, err := w.Try(actor, `mutation ($i: ImportOrdersInput!) { importOrders(input: $i) {
		import { id finished rows total placed changed unchanged inReview refused } userErrors { reason } } }`,
		obj{"i": obj{"clientMutationId": key, "communityId": w.estate.Community, "supplierId": w.estate.Suppliers["caiban"], "kind": "CSV", "fileId": fileID, "name": key}})
	if err != nil {
		return nil, err
	}
	var got struct {
		ImportOrders struct{ Import *importState }
	}
	if err := json.Unmarshal(a.Data, &got); err != nil || got.ImportOrders.Import == nil {
		return nil, fmt.Errorf("importOrders: %v %s", a.Errors, a.Data)
	}
	return got.ImportOrders.Import, nil
}

// killServer kills the server while two people import a file. After the start one of them sends the same call again; the clock worker does the other's.
func (w *importWalk) killServer(f *ordersImported) {
	w.t.Helper()
	who := []string{"caiban", "S00"}
	ids := make([]string, len(who))
	for k, actor := range who {
		ids[k] = w.send(actor, f)
	}
	before := w.count(`select count(*) from imports`)
	var calls sync.WaitGroup
	for k, actor := range who {
		calls.Go(func() { _, _ = w.call(actor, ids[k], f.name) })
	}
	house.WaitFor(w.t, "both imports begin", func() bool { return w.count(`select count(*) from imports`) == before+len(who) })
	w.until(f)
	w.process.Kill()
	calls.Wait()
	middle := w.placed(f)
	w.t.Logf("the server was killed with %d of %d placed", middle, f.good)

	w.start()
	if _, err := w.direct.ExecContext(w.t.Context(), `update imports set retry_at = now() where done_at is null and by_role <> 'SUPPLIER'`); err != nil { // the moment at which the clock worker takes it for cut off
		w.t.Fatal(err)
	}
	i := &importState{}
	for !i.Finished {
		var err error
		if i, err = w.call(who[0], ids[0], f.name); err != nil {
			w.t.Fatal(err)
		}
	}
	w.finished(f, 2)
	if got := w.reported(who[0], i.ID); got != f.unclear+f.refused {
		w.t.Errorf("the sheet of the rows that wait has %d rows, want %d", got, f.unclear+f.refused)
	}
}

// killCommand kills the command while it imports a file, and runs it again.
func (w *importWalk) killCommand(f *ordersImported) {
	w.t.Helper()
	path, report := filepath.Join(w.dir, f.name+".csv"), filepath.Join(w.dir, f.name+"-report.csv")
	if err := os.WriteFile(path, f.text, 0o600); err != nil {
		w.t.Fatal(err)
	}
	args := []string{"import", "orders", path, "--community", "DCXY", "--supplier", "caiban", "--report", report, "--database-url", w.dsn}
	cmd := w.b.Command(args...)
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.until(f)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	w.t.Logf("the command was killed with %d of %d placed", w.placed(f), f.good)
	if _, err := w.direct.ExecContext(w.t.Context(), `update imports set retry_at = now() where done_at is null`); err != nil {
		w.t.Fatal(err)
	}
	_ = os.Remove(report) // of a command that was killed after it had written it
	code, out, said := w.b.Run(w.t, args...)
	if code != 1 || !strings.Contains(said, "some rows wait") || !strings.Contains(out, "已下单 placed") {
		w.t.Errorf("the command again: exit %d, %s%s, want that some rows wait", code, out, said)
	}
	w.finished(f, 2)
	text, err := os.ReadFile(report)
	if err != nil {
		w.t.Fatal(err)
	}
	if got := sheetRows(w.t, text); got != f.unclear+f.refused {
		w.t.Errorf("the report has %d rows, want %d", got, f.unclear+f.refused)
	}
}

// finished waits until all imports of a file are done, and checks that each row has its outcome and was placed once.
func (w *importWalk) finished(f *ordersImported, imports int) {
	w.t.Helper()
	house.WaitFor(w.t, "the imports are done", func() bool { return w.count(`select count(*) from imports where done_at is null`) == 0 })
	if got := w.placed(f); got != f.good {
		w.t.Errorf("%s: got %d orders, want %d", f.name, got, f.good)
	}
	if got := w.count(`select count(distinct external_number) from orders where external_number like $1 || '-%'`, f.name); got != f.good {
		w.t.Errorf("%s: got orders of %d rows, want each of %d once", f.name, got, f.good)
	}
	of := `from imports i where i.name in ($1, $1 || '.csv')`
	if got := w.count(`select count(*) `+of, f.name); got != imports {
		w.t.Errorf("%s: got %d imports, want %d", f.name, got, imports)
	}
	if got := w.count(`select sum(i.placed) `+of, f.name); got != f.good {
		w.t.Errorf("%s: its imports say that %d were placed, want %d", f.name, got, f.good)
	}
	all := f.good + f.unclear + f.refused
	if got := w.count(`select count(*) `+of+` and i.stopped = '' and i.rows = $2 and i.total = $2 and i.next = $2 and i.placed + i.unchanged = $3 and i.in_review = $4 and i.refused = $5
		and (select count(distinct r.row) from import_rows r where r.import_id = i.id and r.row between 1 and $2) = $2`, f.name, all, f.good, f.unclear, f.refused); got != imports {
		w.t.Errorf("%s: %d imports have an outcome for each row, want %d", f.name, got, imports)
	}
}

// reported returns how many rows of an import wait or were refused, as the sheet says that the actor downloads.
func (w *importWalk) reported(actor, id string) int {
	w.t.Helper()
	res, body := w.Fetch(http.MethodGet, "/imports/"+id+"/rows.csv", "Authorization", house.Bearer(actor))
	if res.StatusCode != http.StatusOK {
		w.t.Fatalf("GET rows.csv: %d %s", res.StatusCode, body)
	}
	return sheetRows(w.t, []byte(body))
}

// sheetRows counts the rows of a sheet below its header.
func sheetRows(t *testing.T, text []byte) (n int) {
	t.Helper()
	f, err := sheet.Open("rows.csv", bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, err := range f.Sheets[0].Rows() {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n - 1
}
