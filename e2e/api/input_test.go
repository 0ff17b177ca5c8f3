package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/e2e/house"
)

// TestInput sends wrong values. Each is refused with its path, and nothing changes. Every test checks that no answer contains SQL or
// a stack.
func TestInput(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	id := e.Place("E6-1-1103")
	before, events := e.Order("C01", id), e.Events()

	const orders, byID = `query ($c: ID!, $f: OrderFilter) { orders(communityId: $c, filter: $f) { totalCount } }`, `query ($id: ID!) { order(id: $id) { id } }`
	const page = `query ($c: ID!, $first: Int, $last: Int, $after: String, $before: String) { orders(communityId: $c, first: $first, last: $last, after: $after, before: $before) { totalCount } }`
	nowhere := delivery.ID{Kind: delivery.KindCommunity, Community: 999}.String()
	nothing := func(k delivery.Kind) string {
		return delivery.ID{Kind: k, Community: 1, UUID: "0190c0de-0000-7000-8000-000000000000"}.String()
	}
	alien := *e.List("C01", obj{"first": 1, "filter": obj{"open": true}}).PageInfo.EndCursor
	paged := func(args obj) obj { args["c"] = e.Community; return args }
	list := func(filter obj) obj { return obj{"c": e.Community, "f": filter} }
	order := func(change obj) obj {
		in := obj{"householdId": e.Homes["E6-1-1103"], "channel": "APP", "supplierId": e.Suppliers["caiban"], "lines": house.Goods}
		maps.Copy(in, change)
		return obj{"in": in}
	}
	line := func(change obj) obj {
		l := obj{"item": "上海青", "quantity": 1, "unit": "斤"}
		maps.Copy(l, change)
		return order(obj{"lines": []obj{l}})
	}

	written := func(quantity string) string {
		return `mutation { placeOrder(input: {householdId: "` + e.Homes["E6-1-1103"] + `", channel: APP, lines: [{item: "x", unit: "x", quantity: 1}, {item: "x", unit: "x", quantity: ` + quantity + `}]}) { order { id } } }`
	}

	for name, c := range map[string]struct {
		query     string
		variables obj
		path      string
		field     []string // nil: the path below its first step, if there is one
		code      string
	}{
		"a malformed id in a variable":    {byID, obj{"id": "nonsense"}, "order.id", nil, "BAD_USER_INPUT"},
		"a malformed id in the document":  {`{ order(id: "nonsense") { id } }`, nil, "order.id", nil, "BAD_USER_INPUT"},
		"a number for an id":              {byID, obj{"id": 5}, "order.id", nil, "BAD_USER_INPUT"},
		"a malformed id in a list":        {`query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, obj{"ids": []string{id, "zzz"}}, "nodes.ids.1", nil, "BAD_USER_INPUT"},
		"a malformed id deep inside":      {house.AdvanceOrders, obj{"in": house.MoveTo("DISPATCHED", id, "nonsense")}, "advanceOrders.input.orders.1.orderId", nil, "BAD_USER_INPUT"},
		"a malformed id in a filter":      {orders, list(obj{"buildingIds": []string{"x"}}), "orders.filter.buildingIds.0", nil, "BAD_USER_INPUT"},
		"an id cut short":                 {byID, obj{"id": id[:20]}, "order.id", nil, "BAD_USER_INPUT"},
		"an id made long":                 {byID, obj{"id": id + strings.Repeat("A", 5000)}, "order.id", nil, "BAD_USER_INPUT"},
		"an id of another kind":           {byID, obj{"id": e.Community}, "order", []string{"id"}, "BAD_USER_INPUT"},
		"the id of nothing":               {byID, obj{"id": nothing(delivery.KindOrder)}, "order", []string{"id"}, "NOT_FOUND"},
		"a community that is an order":    {`query ($id: ID!) { community(id: $id) { id } }`, obj{"id": id}, "community", []string{"id"}, "BAD_USER_INPUT"},
		"a community that is not there":   {`query ($id: ID!) { community(id: $id) { id } }`, obj{"id": nowhere}, "community", []string{"id"}, "NOT_FOUND"},
		"a board of an order":             {`query ($c: ID!) { board(communityId: $c) { at } }`, obj{"c": id}, "board", []string{"communityId"}, "BAD_USER_INPUT"},
		"a board of nowhere":              {`query ($c: ID!) { board(communityId: $c) { at } }`, obj{"c": nowhere}, "board", []string{"communityId"}, "NOT_FOUND"},
		"orders of nowhere":               {orders, obj{"c": nowhere}, "orders", []string{"communityId"}, "NOT_FOUND"},
		"buildings of an order":           {`query ($c: ID!) { buildings(communityId: $c) { totalCount } }`, obj{"c": id}, "buildings", []string{"communityId"}, "BAD_USER_INPUT"},
		"households of nowhere":           {`query ($c: ID!) { households(communityId: $c) { totalCount } }`, obj{"c": nowhere}, "households", []string{"communityId"}, "NOT_FOUND"},
		"volunteers of nowhere":           {`query ($c: ID!) { volunteers(communityId: $c) { totalCount } }`, obj{"c": nowhere}, "volunteers", []string{"communityId"}, "NOT_FOUND"},
		"suppliers of nowhere":            {`query ($c: ID!) { suppliers(communityId: $c) { totalCount } }`, obj{"c": nowhere}, "suppliers", []string{"communityId"}, "NOT_FOUND"},
		"a page of 500":                   {page, paged(obj{"first": 500}), "orders", []string{"first"}, "BAD_USER_INPUT"},
		"a page of -1 from the end":       {page, paged(obj{"last": -1}), "orders", []string{"last"}, "BAD_USER_INPUT"},
		"a page from both ends":           {page, paged(obj{"first": 1, "last": 1}), "orders", []string{"last"}, "BAD_USER_INPUT"},
		"after another query's cursor":    {page, paged(obj{"after": alien}), "orders", []string{"after"}, "BAD_USER_INPUT"},
		"before another query's cursor":   {page, paged(obj{"before": alien}), "orders", []string{"before"}, "BAD_USER_INPUT"},
		"after a made-up cursor":          {`query ($a: String) { communities(after: $a) { totalCount } }`, obj{"a": "xxx"}, "communities", []string{"after"}, "BAD_USER_INPUT"},
		"an id of another kind in filter": {orders, list(obj{"buildingIds": []string{e.Buildings["E6"], id}}), "orders", []string{"filter", "buildingIds", "1"}, "BAD_USER_INPUT"},
		"no community's id":               {orders, obj{"c": id}, "orders", []string{"communityId"}, "BAD_USER_INPUT"},
		"the year 0":                      {orders, list(obj{"placedFrom": "0000-01-01T00:00:00Z"}), "orders", []string{"filter", "placedFrom"}, "BAD_USER_INPUT"},
		"the year 9999":                   {orders, list(obj{"movedUntil": "9999-12-31T00:00:00Z"}), "orders", []string{"filter", "movedUntil"}, "BAD_USER_INPUT"},
		"no time":                         {orders, list(obj{"placedFrom": "yesterday"}), "orders.filter.placedFrom", nil, "BAD_USER_INPUT"},
		"a number for a time":             {orders, list(obj{"placedFrom": 5}), "variable.f.placedFrom", nil, "BAD_USER_INPUT"},
		"a long text":                     {orders, list(obj{"text": strings.Repeat("长", 81)}), "orders", []string{"filter", "text"}, "BAD_USER_INPUT"},
		"a filter that is not there":      {orders, list(obj{"orderIds": []string{id}}), "variable.f.orderIds", nil, "GRAPHQL_VALIDATION_FAILED"},
		"a filter of 1,001 ids":           {orders, list(obj{"buildingIds": slices.Repeat([]string{e.Buildings["E6"]}, 1001)}), "orders", []string{"filter", "buildingIds"}, "BAD_USER_INPUT"},
		"101 nodes":                       {`query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, obj{"ids": slices.Repeat([]string{id}, 101)}, "nodes", []string{"ids"}, "BAD_USER_INPUT"},
		"a quantity of four places":       {house.PlaceOrder, line(obj{"quantity": 1.2345}), "placeOrder.input.lines.0.quantity", nil, "BAD_USER_INPUT"},
		"a quantity in words":             {house.PlaceOrder, line(obj{"quantity": "two"}), "placeOrder.input.lines.0.quantity", nil, "BAD_USER_INPUT"},
		"a price of half a fen":           {house.PlaceOrder, line(obj{"unitPriceFen": 1.5}), "variable.in.lines.0.unitPriceFen", nil, "BAD_USER_INPUT"},
		"a price out of this world":       {house.PlaceOrder, line(obj{"unitPriceFen": 1e30}), "variable.in.lines.0.unitPriceFen", nil, "BAD_USER_INPUT"},
		"an unknown stage":                {house.AdvanceOrders, obj{"in": house.MoveTo("LOST", id)}, "variable.in.to", nil, "GRAPHQL_VALIDATION_FAILED"},
		"a null order":                    {house.AdvanceOrders, obj{"in": obj{"to": "DISPATCHED", "orders": []any{nil}}}, "variable.in.orders.0", nil, "GRAPHQL_VALIDATION_FAILED"},
		"a literal number for a time":     {`{ orders(communityId: "x", filter: {placedFrom: 5}) { totalCount } }`, nil, "filter.placedFrom", []string{"filter", "placedFrom"}, "BAD_USER_INPUT"},
		"a literal that is no time":       {fmt.Sprintf(`{ orders(communityId: %q, filter: {placedFrom: "yesterday"}) { totalCount } }`, e.Community), nil, "orders.filter.placedFrom", nil, "BAD_USER_INPUT"},
		"a literal quantity deep inside":  {written(`true`), nil, "input.lines.1.quantity", []string{"input", "lines", "1", "quantity"}, "BAD_USER_INPUT"},
		"a literal quantity in words":     {written(`"two"`), nil, "placeOrder.input.lines.1.quantity", nil, "BAD_USER_INPUT"},
		"a literal text for a number":     {`query ($c: ID!) { orders(communityId: $c, first: "2") { totalCount } }`, obj{"c": e.Community}, "", []string{"first"}, "GRAPHQL_VALIDATION_FAILED"},
		"a literal stage in a list":       {`query ($c: ID!) { orders(communityId: $c, filter: {stages: [PLACED, LOST]}) { totalCount } }`, obj{"c": e.Community}, "", []string{"filter", "stages", "1"}, "GRAPHQL_VALIDATION_FAILED"},
		"an unknown literal member":       {`{ orders(communityId: "x", filter: {nonsense: 1}) { totalCount } }`, nil, "", []string{"filter", "nonsense"}, "GRAPHQL_VALIDATION_FAILED"},
		"a missing literal member":        {`mutation { advanceOrders(input: {orders: []}) { moved } }`, nil, "", []string{"input"}, "GRAPHQL_VALIDATION_FAILED"},
		"a literal for a directive":       {`{ me { role @skip(if: "no") } }`, nil, "", []string{"if"}, "GRAPHQL_VALIDATION_FAILED"},
		"a default of another type":       {`query ($c: ID!, $n: Int = "2") { orders(communityId: $c, first: $n) { totalCount } }`, obj{"c": e.Community}, "", []string{"n"}, "GRAPHQL_VALIDATION_FAILED"},
		"a missing variable":              {byID, nil, "variable.id", nil, "GRAPHQL_VALIDATION_FAILED"},
		"a field that is not there":       {`{ nonsense }`, nil, "", nil, "GRAPHQL_VALIDATION_FAILED"},
		"too costly a page":               {`query ($c: ID!) { orders(communityId: $c, first: 200) { nodes {` + strings.Repeat(` building { id } unit { id }`, 60) + ` } } }`, obj{"c": e.Community}, "", nil, "COMPLEXITY_LIMIT_EXCEEDED"},
		"broken UTF-16":                   {house.PlaceOrder, order(obj{"note": json.RawMessage(`"\ud800"`)}), "", nil, "BAD_USER_INPUT"},
		"half a document":                 {`{ order(`, nil, "", nil, "GRAPHQL_PARSE_FAILED"},
	} {
		t.Run("fault/"+name, func(t *testing.T) {
			a := e.Ask("C01", c.query, c.variables)
			if len(a.Errors) != 1 || a.Code() != c.code || a.Errors[0].Where() != c.path {
				t.Fatalf("got %+v, want %s at %q", a.Errors, c.code, c.path)
			}
			want := c.field
			if _, below, found := strings.Cut(c.path, "."); want == nil && found {
				want = strings.Split(below, ".")
			}
			if got := a.Errors[0].Extensions["field"]; fmt.Sprint(got) != fmt.Sprint(want) && (got != nil || want != nil) {
				t.Errorf("got field %v, want %v", got, want)
			}
		})
	}

	thousand := func(n int) []string {
		ids := make([]string, n)
		for i := range ids {
			ids[i] = delivery.ID{Kind: delivery.KindOrder, Community: 1, UUID: delivery.UUID(fmt.Sprintf("0190c0de-0000-7000-8000-%012d", i))}.String()
		}
		return ids
	}
	for name, c := range map[string]struct {
		query     string
		variables obj
		field     []string
		reason    string
	}{
		"no order":                {house.AdvanceOrders, obj{"in": house.MoveTo("DISPATCHED")}, []string{"orders"}, "EMPTY_LIST"},
		"1,001 orders":            {house.AdvanceOrders, obj{"in": house.MoveTo("DISPATCHED", thousand(1001)...)}, []string{"orders"}, "TOO_MANY"},
		"5,000 orders":            {house.AdvanceOrders, obj{"in": house.MoveTo("DISPATCHED", thousand(5000)...)}, []string{"orders"}, "TOO_MANY"},
		"an order twice":          {house.AdvanceOrders, obj{"in": house.MoveTo("DISPATCHED", id, id)}, []string{"orders", "1", "orderId"}, "REPEATED"},
		"a building to move":      {house.AdvanceOrders, obj{"in": house.MoveTo("DISPATCHED", e.Buildings["E6"])}, []string{"orders", "0", "orderId"}, "WRONG_KIND"},
		"a device in year 0":      {house.AdvanceOrders, obj{"in": obj{"to": "DISPATCHED", "orders": []obj{{"orderId": id}}, "deviceTime": "0000-01-01T00:00:00Z"}}, []string{"deviceTime"}, "BAD_TIME"},
		"a long note":             {house.AdvanceOrders, obj{"in": obj{"to": "DISPATCHED", "orders": []obj{{"orderId": id}}, "note": strings.Repeat("长", 501)}}, []string{"note"}, "TOO_LONG"},
		"a long call id":          {house.AdvanceOrders, obj{"in": obj{"to": "DISPATCHED", "orders": []obj{{"orderId": id}}, "clientMutationId": strings.Repeat("x", 65)}}, []string{"clientMutationId"}, "TOO_MANY_BYTES"},
		"a long call id, Chinese": {house.AdvanceOrders, obj{"in": obj{"to": "DISPATCHED", "orders": []obj{{"orderId": id}}, "clientMutationId": strings.Repeat("单", 22)}}, []string{"clientMutationId"}, "TOO_MANY_BYTES"},
		"no line":                 {house.PlaceOrder, order(obj{"lines": []obj{}}), []string{"lines"}, "EMPTY_LIST"},
		"101 lines":               {house.PlaceOrder, order(obj{"lines": slices.Repeat(house.Goods[:1], 101)}), []string{"lines"}, "TOO_MANY"},
		"a negative quantity":     {house.PlaceOrder, line(obj{"quantity": -1}), []string{"lines", "0", "quantity"}, "BAD_QUANTITY"},
		"no quantity":             {house.PlaceOrder, line(obj{"quantity": "0"}), []string{"lines", "0", "quantity"}, "BAD_QUANTITY"},
		"too large a quantity":    {house.PlaceOrder, line(obj{"quantity": 10000000}), []string{"lines", "0", "quantity"}, "BAD_QUANTITY"},
		"a negative price":        {house.PlaceOrder, line(obj{"unitPriceFen": -1}), []string{"lines", "0", "unitPriceFen"}, "OUT_OF_RANGE"},
		"a nameless item":         {house.PlaceOrder, line(obj{"item": " "}), []string{"lines", "0", "item"}, "MISSING"},
		"a NUL":                   {house.PlaceOrder, order(obj{"note": "a\x00b"}), []string{"note"}, "BAD_TEXT"},
		"no supplier":             {house.PlaceOrder, order(obj{"supplierId": nil}), []string{"supplierId"}, "NO_SUPPLIER"},
		"another noun's id":       {house.PlaceOrder, order(obj{"householdId": id}), []string{"householdId"}, "WRONG_KIND"},
	} {
		t.Run("refusal/"+name, func(t *testing.T) {
			var got map[string]struct{ UserErrors []house.UserError }
			e.Must("C01", c.query, c.variables, &got)
			for _, payload := range got {
				if len(payload.UserErrors) != 1 || payload.UserErrors[0].Reason != c.reason || payload.UserErrors[0].Code != "BAD_USER_INPUT" || !slices.Equal(payload.UserErrors[0].Field, c.field) {
					t.Errorf("got %+v, want %s at %v", payload.UserErrors, c.reason, c.field)
				}
			}
		})
	}

	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"broken UTF-8":           {"{\"query\":\"{ order(id: \\\"\xff\\\") { id } }\"}", 400},
		"no JSON":                {"\xff\xfe", 400},
		"nothing":                {"", 400},
		"a list":                 {"[]", 400},
		"no query":               {"{}", 400},
		"variables that are not": {`{"query":"{ me { role } }","variables":[]}`, 400},
		"something behind":       {`{"query":"{ me { role } }"}x`, 400},
		"two megabytes":          {`{"query":"{ me { role } }","x":"` + strings.Repeat("x", 2<<20) + `"}`, 413},
	} {
		t.Run("body/"+name, func(t *testing.T) {
			status, text, err := e.Send(t.Context(), "C01", []byte(c.body))
			var a house.Response
			if err != nil || status != c.status || json.Unmarshal(text, &a) != nil || a.Code() != "BAD_USER_INPUT" {
				t.Errorf("got %d %s %v, want %d and BAD_USER_INPUT", status, text, err, c.status)
			}
		})
	}

	t.Run("100,000 fields are answered in milliseconds", func(t *testing.T) {
		start := time.Now()
		if a := e.Ask("C01", "{ "+strings.Repeat("me { role } ", 80000)+"}", nil); len(a.Errors) == 0 {
			t.Error("answered")
		}
		if took := time.Since(start); took > house.Timeout {
			t.Errorf("took %v", took)
		}
	})

	if after := e.Order("C01", id); after.Stage != before.Stage || after.Version != before.Version || e.Events() != events {
		t.Errorf("got %+v and %d events, want nothing changed: %+v and %d", after, e.Events(), before, events)
	}
}

// TestFeedCursors subscribes after invalid cursors.
func TestFeedCursors(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	e.Place("E6-1-1103")
	other := e.Program.Estate("XILING", e.Clock)
	other.Place("E6-1-1103")
	at := e.Feed()
	seal := func(change func(*delivery.Position)) string {
		p := at
		change(&p)
		return e.Root.Keys.FeedCursor(p)
	}
	page := *e.List("C01@DCXY", obj{"first": 1}).PageInfo.EndCursor
	good := e.Cursor()
	p := e.Dial(t, "C01@DCXY", "")
	for name, c := range map[string]struct{ cursor, code string }{
		"of another community":  {other.Cursor(), "BAD_USER_INPUT"},
		"past the head":         {seal(func(p *delivery.Position) { p.Seq += 2 }), "RESYNC_REQUIRED"},
		"of another epoch":      {seal(func(p *delivery.Position) { p.Epoch++ }), "RESYNC_REQUIRED"},
		"before the first":      {seal(func(p *delivery.Position) { p.Seq = -1 }), "RESYNC_REQUIRED"},
		"tampered with":         {tampered(good), "BAD_USER_INPUT"},
		"of a page":             {page, "BAD_USER_INPUT"},
		"made up":               {"c0", "BAD_USER_INPUT"},
		"empty":                 {"", "BAD_USER_INPUT"},
		"cut short":             {good[:len(good)-4], "BAD_USER_INPUT"},
		"of an unknown key":     {"_" + good[1:], "BAD_USER_INPUT"},
		"longer than any other": {strings.Repeat("A", 5000), "BAD_USER_INPUT"},
	} {
		reason := map[string]string{"BAD_USER_INPUT": "BAD_FEED_CURSOR", "RESYNC_REQUIRED": "RESYNC"}[c.code]
		if f := p.Operate(house.OrderEvents, obj{"c": e.Community, "a": c.cursor}).Refused(); f.Extensions["code"] != c.code || f.Extensions["reason"] != reason || fmt.Sprint(f.Extensions["field"]) != "[after]" {
			t.Errorf("%s: got %v, want %s, %s at after", name, f, c.code, reason)
		}
		// An event stream gives the same refusal, whether the cursor is an argument or the Last-Event-ID.
		if c.cursor == "" || len(c.cursor) > 4000 {
			continue
		}
		s, ok := e.Listen(t, "C01@DCXY", c.cursor, house.OrderEvents, obj{"c": e.Community}).Next()
		if !ok || s.Answer.Code() != c.code || s.Answer.Errors[0].Extensions["reason"] != reason || s.Answer.Errors[0].Extensions["field"] != nil {
			t.Errorf("%s as Last-Event-ID: got %v, want %s", name, s, c.code)
		}
	}
	t.Run("of what is not there", func(t *testing.T) {
		nowhere := delivery.ID{Kind: delivery.KindCommunity, Community: 999}.String()
		gone := delivery.ID{Kind: delivery.KindOrder, Community: 1, UUID: "0190c0de-0000-7000-8000-000000000000"}.String()
		const order, board = `subscription ($id: ID!) { order(id: $id) { id } }`, `subscription ($id: ID!) { board(communityId: $id) { at } }`
		for name, c := range map[string]struct{ query, id, code, field string }{
			"no order's id":        {order, e.Community, "BAD_USER_INPUT", "id"},
			"no order":             {order, gone, "NOT_FOUND", "id"},
			"no community's id":    {board, gone, "BAD_USER_INPUT", "communityId"},
			"no community":         {board, nowhere, "NOT_FOUND", "communityId"},
			"events of nowhere":    {`subscription ($id: ID!) { orderEvents(communityId: $id) { cursor } }`, nowhere, "NOT_FOUND", "communityId"},
			"another's order's id": {order, other.Community, "BAD_USER_INPUT", "id"},
			"events of an order":   {`subscription ($id: ID!) { orderEvents(communityId: $id) { cursor } }`, gone, "BAD_USER_INPUT", "communityId"},
			"another community's":  {board, other.Community, "NOT_FOUND", "communityId"},
		} {
			if f := p.Operate(c.query, obj{"id": c.id}).Refused(); f.Extensions["code"] != c.code || fmt.Sprint(f.Extensions["field"]) != "["+c.field+"]" {
				t.Errorf("%s: got %v, want %s at %s", name, f, c.code, c.field)
			}
		}
	})
	t.Run("bad filters", func(t *testing.T) {
		for name, f := range map[string]obj{"an empty list": {"stages": []string{}}, "another kind": {"orderIds": []string{e.Community}}, "another community": {"buildingIds": []string{other.Buildings["E6"]}}} {
			if got := p.Operate(house.OrderEvents, obj{"c": e.Community, "f": f}).Refused(); got.Extensions["code"] != "BAD_USER_INPUT" {
				t.Errorf("%s: got %v, want BAD_USER_INPUT", name, got)
			}
		}
	})
	t.Run("from the very first", func(t *testing.T) {
		if got := p.After(e, seal(func(p *delivery.Position) { p.Seq = 0 }), nil).Next(); got.Kind != "ORDER_PLACED" {
			t.Errorf("got %v, want the first event", got)
		}
	})
}

// TestLanguage checks that messages are in the client's language, for each way to choose it.
func TestLanguage(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	missing := obj{"id": delivery.ID{Kind: delivery.KindOrder, Community: 1, UUID: "0190c0de-0000-7000-8000-000000000000"}.String()}
	const query, subscription = `query ($id: ID!) { order(id: $id) { id } }`, `subscription ($id: ID!) { order(id: $id) { id } }`
	for header, want := range map[string]string{"zh-CN,zh;q=0.9,en;q=0.8": "找不到", "zh-TW": "找不到", "en-GB,en;q=0.9": "There is no such", "": "There is no such", "fr, zh-CN": "找不到"} {
		if a := e.Ask("C01", query, missing, "Accept-Language", header); !strings.Contains(a.Errors[0].Message, want) {
			t.Errorf("%q: got %q, want %q", header, a.Errors[0].Message, want)
		}
	}
	for _, locale := range []string{"zh-CN", "en"} {
		want := map[string]string{"zh-CN": "找不到", "en": "There is no such"}[locale]
		p := e.Dial(t, "C01", locale)
		if f := p.Operate(subscription, missing).Refused(); !strings.Contains(f.Message, want) {
			t.Errorf("%s: got %q, want %q", locale, f.Message, want)
		}
	}
	t.Run("refusals that are data", func(t *testing.T) {
		var got struct {
			AdvanceOrders house.MoveAnswer
		}
		a := e.Ask("C01", house.AdvanceOrders, obj{"in": house.MoveTo("DISPATCHED")}, "Accept-Language", "zh-CN")
		if err := json.Unmarshal(a.Data, &got); err != nil || got.AdvanceOrders.UserErrors[0].Message != "列表为空，请至少填写一项。" {
			t.Errorf("got %s, want it in Chinese", a.Data)
		}
	})
	t.Run("values of no use", func(t *testing.T) {
		for _, v := range []obj{{"placedFrom": "yesterday"}, {"buildingIds": []string{"x"}}} {
			a := e.Ask("C01", `query ($c: ID!, $f: OrderFilter) { orders(communityId: $c, filter: $f) { totalCount } }`, obj{"c": e.Community, "f": v}, "Accept-Language", "zh-CN")
			if !strings.ContainsAny(a.Errors[0].Message, "时编") {
				t.Errorf("got %q, want it in Chinese", a.Errors[0].Message)
			}
		}
	})
}

// TestFaultsAreHidden breaks a table under the program: clients get INTERNAL, and the log gets the cause.
func TestFaultsAreHidden(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	id := e.Place("E6-1-1103")
	p := e.Dial(t, "C01", "zh-CN")
	e.SQL("alter table suppliers rename column phone to tel; alter table events rename column body to corpus")
	t.Cleanup(func() {
		e.SQL("alter table suppliers rename column tel to phone; alter table events rename column corpus to body")
	}) // for the equations
	for name, query := range map[string]string{"a list": `{ suppliers(communityId: $c) { totalCount nodes { id } } }`, "a nested object": `{ orders(communityId: $c) { nodes { supplier { id } } } }`} {
		if a := e.Ask("admin", "query ($c: ID!) "+query, obj{"c": e.Community}); a.Code() != "INTERNAL" || a.Errors[0].Message != "Something went wrong." {
			t.Errorf("%s: got %v, want INTERNAL", name, a.Errors)
		}
	}
	if a := e.Ask("admin", house.AdvanceOrders, obj{"in": house.MoveTo("DISPATCHED", id)}); a.Code() != "INTERNAL" {
		t.Errorf("a mutation: got %v, want INTERNAL", a.Errors)
	}
	var a house.Response
	m := p.Operate(`query ($c: ID!) { suppliers(communityId: $c) { nodes { id } } }`, obj{"c": e.Community}).Take()
	if err := json.Unmarshal(m.Payload, &a); err != nil || a.Code() != "INTERNAL" || a.Errors[0].Message != "系统出了点问题。" {
		t.Errorf("over a WebSocket: got %s, want INTERNAL in Chinese", m.Payload)
	}
}
