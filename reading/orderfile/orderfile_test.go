package orderfile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"baogong/reading"
	"baogong/reading/address"
	"baogong/reading/orderfile"
	"baogong/reading/sheet"
)

// expected is what a file of testdata holds.
type expected struct {
	About  string          `json:"about"`
	Orders []expectedOrder `json:"orders"`
	Passed []struct {
		Row int    `json:"row"`
		Why string `json:"why"`
	} `json:"passedOver"`
}

type expectedOrder struct {
	Rows    []int  `json:"rows"`
	Number  string `json:"externalNumber"`
	Address struct {
		Status string   `json:"status"`
		Door   string   `json:"address"`
		By     string   `json:"by"`
		Why    string   `json:"reason"`
		Doors  []string `json:"candidates"`
	} `json:"address"`
	Phone string `json:"phone"`
	Lines []struct {
		Item     string `json:"item"`
		Quantity string `json:"quantity"`
		Unit     string `json:"unit"`
		Fen      int64  `json:"unitPriceFen"`
	} `json:"lines"`
	Note     string   `json:"note"`
	Result   string   `json:"result"`
	Problems []string `json:"problems"`
}

func TestFilesAreReadAsExpected(t *testing.T) {
	t.Parallel()
	book := testEstate(t)
	names, err := filepath.Glob("testdata/*.expected.json")
	if err != nil || len(names) < 7 {
		t.Fatalf("got %d expected files, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".expected.json"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var want expected
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			files, err := filepath.Glob(strings.TrimSuffix(name, ".expected.json") + ".*sv")
			if err == nil && len(files) == 0 {
				files, err = filepath.Glob(strings.TrimSuffix(name, ".expected.json") + ".xlsx")
			}
			if err != nil || len(files) != 1 {
				t.Fatalf("got the files %v, %v", files, err)
			}
			data, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			orders := mustRead(t, string(data), book)
			var got expected
			got.About = want.About
			for e, err := range orders.Entries() {
				if err != nil {
					t.Fatal(err)
				}
				got.Orders = append(got.Orders, told(e))
			}
			for _, s := range orders.Skipped {
				got.Passed = append(got.Passed, struct {
					Row int    `json:"row"`
					Why string `json:"why"`
				}{s.Row, string(s.Why)})
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if orders.Len() != len(got.Orders) || len(orders.Remarks) > 0 {
				t.Errorf("got %d orders, counted %d; remarks %v", len(got.Orders), orders.Len(), orders.Remarks)
			}
		})
	}
}

// told returns an entry in the words of the expected files.
func told(e reading.Entry) expectedOrder {
	out := expectedOrder{Rows: e.Rows, Number: e.Number, Phone: e.Phone, Note: e.Note, Result: map[reading.Ask]string{
		reading.Place: "PLACED", reading.Review: "REVIEW", reading.Refuse: "REFUSED", reading.Cancel: "CANCEL",
	}[e.Asks]}
	out.Address.Status = string(e.Address.Status)
	if e.Address.Status == address.Match {
		out.Address.Door, out.Address.By = e.Address.Door.String(), string(e.Address.By)
	} else {
		out.Address.Why = string(e.Address.Why)
		for _, d := range e.Address.Doors {
			out.Address.Doors = append(out.Address.Doors, d.String())
		}
	}
	out.Lines = out.Lines[:0:0]
	for _, g := range e.Goods {
		out.Lines = append(out.Lines, struct {
			Item     string `json:"item"`
			Quantity string `json:"quantity"`
			Unit     string `json:"unit"`
			Fen      int64  `json:"unitPriceFen"`
		}{g.Item, g.Quantity.String(), g.Unit, g.UnitPriceFen})
	}
	out.Problems = []string{}
	for _, p := range e.Problems {
		out.Problems = append(out.Problems, string(p))
	}
	return out
}

func mustRead(t testing.TB, file string, book *address.Book) *orderfile.Orders {
	t.Helper()
	orders, err := read(t, file, book)
	if err != nil {
		t.Fatal(err)
	}
	return orders
}

func read(t testing.TB, file string, book *address.Book) (*orderfile.Orders, error) {
	t.Helper()
	f, err := sheet.Open("orders", strings.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return orderfile.Read(f, book, orderfile.Options{})
}
