package bench

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"baogong/delivery"
	"baogong/dispatch/intake"
	"baogong/dispatch/verbs"
	"baogong/reading/address"
)

// How imports are measured: files of orders with numbers of their own, for the doors of a whole estate.
const (
	importRows       = 5000
	importBuildings  = 26
	importHouseholds = 3710
	importsEach      = 2 // files in a round
	readFor          = time.Second
)

const (
	importOrders = `mutation ($in: ImportOrdersInput!) { importOrders(input: $in) { import { id finished placed } userErrors { code } } }`
	anImport     = `query ($id: ID!) { node(id: $id) { ... on Import { id finished placed } } }`
)

// importWaits is how long a call waits before it asks again how far an import is that takes longer than a call.
const importWaits = 50 * time.Millisecond

// imports measures importing a file of orders, and reading addresses.
func imports(ctx context.Context, b *bench) ([]Figure, error) {
	rows := b.scaled(importRows, 20)
	e, err := b.estateOnce(ctx, plan{code: "imports", buildings: b.scaled(importBuildings, 2), households: b.scaled(importHouseholds, 20)})
	if err != nil {
		return nil, err
	}
	b.progress.expect(3 * b.Rounds)
	files := 0
	file := func(rows int) []byte {
		files++
		return e.orderFile(files, rows)
	}
	placed := min(delivery.ImportChunk, rows) // by one transaction
	pg, sent, err := b.pgbenchImport(ctx, e, func() []byte { return file(placed) })
	if err != nil {
		return nil, err
	}
	if pg != nil {
		defer pg.close()
	}
	s, err := b.server(ctx, b.DSN, []string{"--cost", "0", "--quota", "0"})
	if err != nil {
		return nil, err
	}
	defer b.endAll()
	if _, err := s.importFile(ctx, e, file(rows), rows); err != nil {
		return nil, err
	}
	book, texts := e.addressBook()
	var got, same, read []float64
	for range b.Rounds {
		var took time.Duration
		for range importsEach {
			one, err := s.importFile(ctx, e, file(rows), rows)
			if err != nil {
				return nil, err
			}
			took += one
		}
		got = append(got, float64(importsEach*rows)/took.Seconds())
		b.progress.step()
		if pg != nil {
			took, err := pg.took(ctx, b.scaled(yardsticks, 2), sent)
			if err != nil {
				return nil, err
			}
			same = append(same, float64(placed)/took.Seconds())
		}
		b.progress.step()
		read = append(read, b.readings(book, texts))
		b.progress.step()
	}
	return append(noted(pg, figure(fmt.Sprintf("a file of %s orders sent and imported: rows", grouped(int64(rows))), "/s", Goal{MinRatio: 0.5}, got,
		fmt.Sprintf("pgbench, the same statements for %d rows", placed), same)),
		figure(fmt.Sprintf("addresses read on one core, of %s doors", grouped(int64(len(e.homes)))), "/s", Goal{Min: 20_000}, read, "", nil)), nil
}

// orderFile returns a file of orders, each with a number of its own and one good, for one door after another.
func (e *scene) orderFile(nth, rows int) []byte {
	out := bytes.NewBufferString("订单编号,收货地址,商品名称,数量,单位,单价\r\n")
	for i := range rows {
		fmt.Fprintf(out, "F%d-%05d,%s,上海青,1.5,斤,3.50\r\n", nth, i, plainAddress(e.homes[i%len(e.homes)]))
	}
	return out.Bytes()
}

// plainAddress writes E6-1-1203 as E6栋1单元1203.
func plainAddress(h *delivery.Household) string {
	p := strings.SplitN(h.Address, "-", 3)
	return p[0] + "栋" + p[1] + "单元" + p[2]
}

// importFile sends a file and imports it, and returns how long both took. It fails unless every row became an order.
func (s *server) importFile(ctx context.Context, e *scene, file []byte, rows int) (time.Duration, error) {
	c, err := s.client(ctx)
	if err != nil {
		return 0, err
	}
	defer c.conn.Close()
	began := time.Now()
	id, err := s.putSheet(ctx, e, file)
	if err != nil {
		return 0, s.failed(err)
	}
	in := map[string]any{"communityId": e.id, "kind": delivery.ImportCSV, "supplierId": e.supplier, "fileId": id, "name": "orders.csv"}
	request := s.request("C01@"+e.code, importOrders, map[string]any{"in": in})
	for {
		text, err := c.ask(request)
		if err != nil {
			return 0, s.failed(err)
		}
		var out struct {
			Data struct {
				Node         *imported
				ImportOrders struct{ Import *imported }
			}
		}
		i := &imported{}
		if json.Unmarshal(text, &out) == nil {
			i = cmp.Or(out.Data.Node, out.Data.ImportOrders.Import, i)
		}
		switch {
		case i.ID == "", i.Finished && i.Placed != rows:
			return 0, s.failed(fmt.Errorf("import %d rows: got %.300s", rows, text))
		case i.Finished:
			return time.Since(began), nil
		}
		if err := pause(ctx, importWaits); err != nil {
			return 0, err
		}
		request = s.request("C01@"+e.code, anImport, map[string]any{"id": i.ID})
	}
}

// imported is how far an import is.
type imported struct {
	ID       string
	Finished bool
	Placed   int
}

// putSheet sends a file, and returns its id.
func (s *server) putSheet(ctx context.Context, e *scene, file []byte) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, "http://"+s.host()+"/files", bytes.NewReader(file))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "text/csv")
	r.Header.Set("Authorization", "Bearer dev:C01@"+e.code)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	var kept struct{ ID string }
	if res.StatusCode != http.StatusCreated || json.Unmarshal(text, &kept) != nil {
		return "", fmt.Errorf("send a file: got %d %.300s", res.StatusCode, text)
	}
	return kept.ID, nil
}

// pgbenchImport makes pgbench ready to send what the only transaction of an import sends, and returns how many statements these are; nil where
// there is no pgbench.
func (b *bench) pgbenchImport(ctx context.Context, e *scene, file func() []byte) (_ *pgbenchRun, sent int, err error) {
	if b.Pgbench == "" {
		return nil, 0, nil
	}
	heard, err := b.eavesdrop(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, heard.close()) }()
	// pgbench leaves the import unfinished. A day later no clock worker goes on with it meanwhile.
	heard.Machine = func() time.Time { return time.Now().Add(24 * time.Hour) }
	var id delivery.ID
	all, err := agreed(nil, func() ([]statement, error) {
		f, err := heard.File.Receive(ctx, e.commander, e.id.Community, "text/csv", bytes.NewReader(file()))
		if err != nil {
			return nil, err
		}
		some, err := heard.of(ctx, func(d *verbs.All) error {
			p, err := d.Intake.ImportOrders(ctx, e.commander, intake.ImportOrdersInput{CommunityID: e.id, Kind: delivery.ImportCSV, SupplierID: e.supplier,
				FileID: new(f.ID()), Name: "orders.csv"})
			if err := firstRefusal(err, func() []*delivery.Error { return p.UserErrors }); err != nil {
				return err
			}
			id = *p.ImportID
			return nil
		})
		if err != nil {
			return nil, err
		}
		return transactionWith(some, "insert into orders")
	})
	if err != nil {
		return nil, 0, err
	}
	before, err := b.takeBack(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	pg, err := b.preparePgbench(ctx, script{clients: [][]statement{append(before, all...)}})
	return pg, len(all), err
}

// transactionWith returns the statements of the first transaction that sends one with the beginning.
func transactionWith(all []statement, mark string) ([]statement, error) {
	at := slices.IndexFunc(all, func(s statement) bool { return strings.HasPrefix(s.text, mark) })
	if at < 0 {
		return nil, fmt.Errorf("no statement begins with %q", mark)
	}
	from, until := at, at
	for from > 0 && !strings.HasPrefix(strings.ToUpper(all[from].text), "BEGIN") {
		from--
	}
	for until < len(all)-1 && !strings.HasPrefix(strings.ToUpper(all[until].text), "COMMIT") {
		until++
	}
	return all[from : until+1], nil
}

// takeBack returns the statements that remove what the rows of an import became. They are not part of what is measured.
func (b *bench) takeBack(ctx context.Context, id delivery.ID) ([]statement, error) {
	if _, err := b.db.Pool().ExecContext(ctx, fmt.Sprintf(`
		drop schema if exists remembered cascade;
		create schema remembered;
		create table remembered.orders as select community_id, order_id as id from import_rows where community_id = %d and import_id = '%s';
		alter table remembered.orders add primary key (community_id, id);
		analyze`, id.Community, id.UUID)); err != nil {
		return nil, err
	}
	var out []statement
	for _, t := range []string{"events", "order_lines", "order_texts", "import_rows"} {
		out = append(out, statement{text: "delete from " + t + " x using remembered.orders b where x.community_id = b.community_id and x.order_id = b.id"})
	}
	return append(out, statement{text: "delete from orders x using remembered.orders b where x.community_id = b.community_id and x.id = b.id"}), nil
}

// addressBook returns the address book of an estate, and addresses as people write them.
func (e *scene) addressBook() (*address.Book, []string) {
	doors := make([]address.Door, len(e.homes))
	var texts []string
	for i, h := range e.homes {
		p := strings.SplitN(h.Address, "-", 3)
		doors[i] = address.Door{Building: p[0], Unit: p[1], Room: p[2]}
		texts = append(texts, []string{h.Address, plainAddress(h), e.code + plainAddress(h) + "室", p[0] + "-" + p[2]}[i%4])
	}
	return address.NewBook(address.Words{Name: e.code}, doors, nil, nil), texts
}

// readings returns how many addresses one goroutine reads in a second.
func (b *bench) readings(book *address.Book, texts []string) float64 {
	began, n := time.Now(), 0
	for lasting := b.lasting(readFor); time.Since(began) < lasting; n++ {
		book.Read(texts[n%len(texts)], address.Context{})
	}
	return float64(n) / time.Since(began).Seconds()
}
