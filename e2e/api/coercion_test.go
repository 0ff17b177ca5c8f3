package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"baogong/e2e/house"
)

// TestCoercion sends values of wrong types, as variables and as literals, over HTTP and WebSocket. Each is refused before
// execution, with a sentence that names the place and the value.
func TestCoercion(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	e.Place("E6-1-1103")
	const (
		orders    = `query ($c: ID!, $f: OrderFilter, $n: Int) { orders(communityId: $c, filter: $f, first: $n) { totalCount } }`
		volunteer = `mutation ($in: UpdateVolunteersInput!) { updateVolunteers(input: $in) { userErrors { code } } }`
		literal   = `query ($c: ID!) { orders(communityId: $c, %s) { totalCount } }`
	)
	raw := func(text string) json.RawMessage { return json.RawMessage(text) }
	filter := func(f string) obj { return obj{"c": e.Community, "f": raw(f)} }
	place := func(change string) obj {
		in := obj{"householdId": e.Homes["E6-1-1103"], "channel": "APP", "supplierId": e.Suppliers["caiban"], "lines": house.Goods}
		var more obj
		if err := json.Unmarshal([]byte(change), &more); err != nil {
			t.Fatal(err)
		}
		for name := range more {
			var members map[string]json.RawMessage
			_ = json.Unmarshal([]byte(change), &members)
			in[name] = members[name]
		}
		return obj{"in": in}
	}
	for name, c := range map[string]struct {
		query     string
		variables obj
		want      string // part of the message, with the value sent
	}{
		"an enum in small letters":              {orders, filter(`{"stages": ["placed"]}`), `$f.stages[0] must be Stage; got "placed"`},
		"an enum in small letters for a list":   {orders, filter(`{"stages": "Placed"}`), `$f.stages must be Stage; got "Placed"`},
		"a number for an enum":                  {orders, filter(`{"stages": [1]}`), `$f.stages[0] must be Stage; got 1`},
		"a channel in small letters":            {house.PlaceOrder, place(`{"channel": "app"}`), `$in.channel must be Channel; got "app"`},
		"null in a list":                        {orders, filter(`{"stages": [null]}`), `$f.stages[0] must be Stage!; got null`},
		"null for a Boolean with a default":     {`query ($b: Boolean = true) { __typename @skip(if: $b) }`, obj{"b": nil}, `$b must be Boolean!; got null`},
		"null for include":                      {`query ($b: Boolean = true) { ... @include(if: $b) { __typename } }`, obj{"b": nil}, `$b must be Boolean!; got null`},
		"null for ids":                          {`query ($ids: [ID!] = []) { nodes(ids: $ids) { id } }`, obj{"ids": nil}, `$ids must be [ID!]!; got null`},
		"null for ids, declared so":             {`query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, obj{"ids": nil}, `$ids must be [ID!]!; got null`},
		"null for an id":                        {`query ($i: ID = "x") { order(id: $i) { id } }`, obj{"i": nil}, `$i must be ID!; got null`},
		"null for an id in a list":              {`query ($i: ID = "x") { nodes(ids: [$i]) { id } }`, obj{"i": nil}, `$i must be ID!; got null`},
		"null for atomic":                       {house.AdvanceOrders, obj{"in": raw(`{"to": "AT_GATE", "orders": [], "atomic": null}`)}, `$in.atomic must be Boolean!; got null`},
		"null for atomic inside the document":   {`mutation ($a: Boolean = false) { advanceOrders(input: {to: AT_GATE, orders: [], atomic: $a}) { moved } }`, obj{"a": nil}, `$a must be Boolean!; got null`},
		"null for includeArchived":              {`query ($c: ID!, $a: Boolean = false) { suppliers(communityId: $c, includeArchived: $a) { totalCount } }`, obj{"c": e.Community, "a": nil}, `$a must be Boolean!; got null`},
		"null for a price":                      {house.PlaceOrder, place(`{"lines": [{"item": "x", "quantity": 1, "unit": "x", "unitPriceFen": null}]}`), `$in.lines[0].unitPriceFen must be Fen!; got null`},
		"a number for a String":                 {orders, filter(`{"text": 1203.0}`), `$f.text must be String; got 1203.0`},
		"a whole number for a String":           {orders, filter(`{"text": 1}`), `$f.text must be String; got 1`},
		"a Boolean for a String":                {house.PlaceOrder, place(`{"note": true}`), `$in.note must be String; got true`},
		"a list for a String":                   {house.PlaceOrder, place(`{"note": ["x"]}`), `$in.note must be String; got a list of 1`},
		"a String for an Int":                   {orders, obj{"c": e.Community, "n": "2"}, `$n must be Int; got "2"`},
		"an Int of 33 bits":                     {orders, obj{"c": e.Community, "n": 2147483648}, `$n must be Int; got 2147483648`},
		"an Int with a fraction":                {orders, obj{"c": e.Community, "n": 2.5}, `$n must be Int; got 2.5`},
		"an Int with an exponent":               {orders, obj{"c": e.Community, "n": raw(`1e1`)}, `$n must be Int; got 1e1`},
		"an Int that is 2.0":                    {orders, obj{"c": e.Community, "n": raw(`2.0`)}, `$n must be Int; got 2.0`},
		"a Boolean for an Int":                  {orders, obj{"c": e.Community, "n": true}, `$n must be Int; got true`},
		"a String for a Boolean":                {orders, filter(`{"open": "true"}`), `$f.open must be Boolean; got "true"`},
		"a number for a Boolean":                {orders, filter(`{"open": 1}`), `$f.open must be Boolean; got 1`},
		"a fraction for an ID":                  {`query ($id: ID!) { order(id: $id) { id } }`, obj{"id": 1.5}, `$id must be ID; got 1.5`},
		"an object for an ID":                   {`query ($id: ID!) { order(id: $id) { id } }`, obj{"id": obj{"a": 1}}, `$id must be ID; got an object`},
		"a String for Fen":                      {house.PlaceOrder, place(`{"lines": [{"item": "x", "quantity": 1, "unit": "x", "unitPriceFen": "12"}]}`), `$in.lines[0].unitPriceFen must be Fen; got "12"`},
		"Fen beyond 53 bits":                    {house.PlaceOrder, place(`{"lines": [{"item": "x", "quantity": 1, "unit": "x", "unitPriceFen": 9007199254740992}]}`), `got 9007199254740992`},
		"a Boolean for a Quantity":              {house.PlaceOrder, place(`{"lines": [{"item": "x", "quantity": true, "unit": "x"}]}`), `$in.lines[0].quantity must be Quantity; got true`},
		"a list for an object":                  {house.PlaceOrder, obj{"in": []string{"x"}}, `$in must be PlaceOrderInput; got a list of 1`},
		"a member that is not there":            {house.PlaceOrder, place(`{"Note": "x"}`), `$in.Note is not a field of PlaceOrderInput`},
		"a member that is missing":              {house.PlaceOrder, obj{"in": obj{}}, `$in.householdId is missing: it must be ID!`},
		"null for an object":                    {volunteer, obj{"in": nil}, `$in must be UpdateVolunteersInput!; got null`},
		"a literal Int of 33 bits":              {fmt.Sprintf(literal, `first: 2147483648`), obj{"c": e.Community}, `2147483648`},
		"a literal String for an Int":           {fmt.Sprintf(literal, `first: "2"`), obj{"c": e.Community}, `"2"`},
		"a literal number for a String":         {fmt.Sprintf(literal, `filter: {text: 1}`), obj{"c": e.Community}, `1`},
		"a literal time that is a number":       {fmt.Sprintf(literal, `filter: {placedFrom: 5}`), obj{"c": e.Community}, `filter.placedFrom must be DateTime; got 5`},
		"a literal time that is an enum":        {fmt.Sprintf(literal, `filter: {placedFrom: [now]}`), obj{"c": e.Community}, `filter.placedFrom must be DateTime; got a list of 1`},
		"a literal null in a list":              {fmt.Sprintf(literal, `filter: {stages: [null]}`), obj{"c": e.Community}, `null`},
		"a literal number that no int holds":    {`mutation { placeOrder(input: {householdId: "x", channel: APP, lines: [{item: "x", unit: "x", quantity: 99999999999999999999}]}) { order { id } } }`, nil, `quantity`},
		"a default that is a wrong time":        {`query ($c: ID!, $t: DateTime = 5) { orders(communityId: $c, filter: {placedFrom: $t}) { totalCount } }`, obj{"c": e.Community}, `$t must be DateTime; got 5`},
		"half a surrogate pair in the document": {fmt.Sprintf(literal, `filter: {text: "a\uD83D"}`), obj{"c": e.Community}, `incomplete escape`},
		"half a surrogate pair, the other way":  {fmt.Sprintf(literal, `filter: {text: "\uDE00\uD83D"}`), obj{"c": e.Community}, `incomplete escape`},
		"half a surrogate pair in a variable":   {orders, filter(`{"text": "\ud83d"}`), `incomplete escape`},
		"two operations and no name":            {`query A { me { role } } query B { me { role } }`, nil, `holds 2 operations`},
		"no operation":                          {`fragment F on Query { me { role } }`, nil, `no operation`},
	} {
		t.Run(name, func(t *testing.T) {
			a := e.Ask("C01", c.query, c.variables)
			if len(a.Errors) == 0 || !strings.Contains(a.Errors[0].Message, c.want) || string(a.Data) != "" && string(a.Data) != "null" {
				t.Errorf("got %+v %s, want %s", a.Errors, a.Data, c.want)
			}
			if code := a.Code(); code != "GRAPHQL_VALIDATION_FAILED" && code != "BAD_USER_INPUT" && code != "GRAPHQL_PARSE_FAILED" {
				t.Errorf("got %s, want a refusal of the request", code)
			}
			chinese := e.Ask("C01", c.query, c.variables, "Accept-Language", "zh-CN")
			if len(chinese.Errors) == 0 || !hasChinese(chinese.Errors[0].Message) {
				t.Errorf("in Chinese: got %+v", chinese.Errors)
			}
		})
	}

	for name, c := range map[string]struct {
		query     string
		variables obj
	}{
		"a filter by one stage that is not a list": {orders, filter(`{"stages": "PLACED"}`)},
		"an absent variable with a default":        {`query ($c: ID!, $a: Boolean = false) { suppliers(communityId: $c, includeArchived: $a) { totalCount } }`, obj{"c": e.Community}},
		"an absent variable in an object":          {`query ($c: ID!, $o: Boolean) { orders(communityId: $c, filter: {open: $o}) { totalCount } }`, obj{"c": e.Community}},
		"null where null may be":                   {`query ($c: ID!, $f: OrderFilter) { orders(communityId: $c, filter: $f) { totalCount } }`, obj{"c": e.Community, "f": nil}},
		"a whole character in two halves":          {fmt.Sprintf(literal, `filter: {text: "a\uD83D\uDE00"}`), obj{"c": e.Community}},
		"a block string with an escape's text":     {fmt.Sprintf(literal, `filter: {text: """\uD83D"""}`), obj{"c": e.Community}},
		"a comment with an escape's text":          {fmt.Sprintf(literal, `first: 1`) + ` # "\uD83D`, obj{"c": e.Community}},
		"further members":                          {orders, obj{"c": e.Community, "unused": obj{"a": 1}}},
	} {
		t.Run("taken/"+name, func(t *testing.T) {
			if a := e.Ask("C01", c.query, c.variables); len(a.Errors) > 0 {
				t.Errorf("got %+v", a.Errors)
			}
		})
	}

	t.Run("a subscription with an enum in lower case", func(t *testing.T) {
		refused := e.Dial(t, e.As("C01"), "").Operate(`subscription ($c: ID!, $f: OrderEventFilter) { orderEvents(communityId: $c, filter: $f) { cursor } }`,
			obj{"c": e.Community, "f": obj{"kinds": []string{"order_placed"}}}).Refused()
		if !strings.Contains(refused.Message, `$f.kinds[0] must be OrderEventKind; got "order_placed"`) {
			t.Errorf("got %+v", refused)
		}
	})
	t.Run("a quantity is the same as a literal and as a variable", func(t *testing.T) {
		const asked = `mutation ($in: PlaceOrderInput!) { placeOrder(input: $in) { order { lines { quantity } } userErrors { code } } }`
		for _, quantity := range []string{`1e1`, `10`, `10.0`, `1.50`, `"10"`} {
			in := fmt.Sprintf(`householdId: %q, channel: APP, supplierId: %q, lines: [{item: "x", unit: "x", quantity: %s}]`, e.Homes["E6-1-1103"], e.Suppliers["caiban"], quantity)
			variable := e.Ask("C01", asked, place(`{"lines": [{"item": "x", "unit": "x", "quantity": `+quantity+`}]}`))
			written := e.Ask("C01", `mutation { placeOrder(input: {`+in+`}) { order { lines { quantity } } userErrors { code } } }`, nil)
			if string(variable.Data) != string(written.Data) || len(variable.Errors)+len(written.Errors) > 0 {
				t.Errorf("%s: got %s %v as a variable, %s %v as a literal", quantity, variable.Data, variable.Errors, written.Data, written.Errors)
			}
		}
	})
	t.Run("member names are case-sensitive", func(t *testing.T) {
		for _, body := range []string{`{"Query": "{ me { role } }"}`, `{"QUERY": "{ me { role } }", "operationname": "x"}`} {
			_, text, err := e.Send(t.Context(), e.As("C01"), []byte(body))
			if err != nil || !strings.Contains(string(text), `is missing`) {
				t.Errorf("%s: got %s, %v", body, text, err)
			}
		}
		_, text, err := e.Send(t.Context(), e.As("C01"), []byte(`{"query": "query ($n: Int) { me { role } }", "Variables": {"n": "x"}}`))
		if err != nil || !strings.Contains(string(text), `GRAPHQL_VALIDATION_FAILED`) && !strings.Contains(string(text), `COMMANDER`) {
			t.Errorf("got %s, %v, want the member to be passed over", text, err)
		}
	})
}

func hasChinese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r >= 0x4E00 && r <= 0x9FFF })
}
