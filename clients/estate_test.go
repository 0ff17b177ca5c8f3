package clients_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"
)

type obj = map[string]any

// estate is one building of ten households, a shop and a commander, set up through the API.
type estate struct {
	t         testing.TB
	url       atomic.Value // string, of /graphql
	community string
	homes     []string
	shop      string
}

func newEstate(t testing.TB, p *program) *estate {
	t.Helper()
	e := &estate{t: t}
	e.at(p)
	e.community = e.create("Communities", obj{"communities": []obj{{"code": "DCXY", "name": "东辰心语"}}})[0]
	building := e.create("Buildings", obj{"communityId": e.community, "buildings": []obj{{"code": "E6"}}})[0]
	unit := e.create("Units", obj{"communityId": e.community, "units": []obj{{"buildingId": building, "number": 1, "floors": 18}}})[0]
	homes := make([]obj, 10)
	for i := range homes {
		homes[i] = obj{"unitId": unit, "room": fmt.Sprintf("%d03", i+1), "floor": i + 1}
	}
	e.homes = e.create("Households", obj{"communityId": e.community, "households": homes})
	e.shop = e.create("Suppliers", obj{"communityId": e.community, "suppliers": []obj{{"code": "caiban", "name": "菜伴", "kind": "PLATFORM"}}})[0]
	e.create("Volunteers", obj{"communityId": e.community, "volunteers": []obj{{"code": "C01", "name": "周国强", "squad": "SUPPLY", "rank": "COMMANDER"}}})
	return e
}

// at says where the server is now.
func (e *estate) at(p *program) { e.url.Store(p.url + "/graphql") }

// ask sends an operation and reads the answer's data into to. Any goroutine may call it.
func (e *estate) ask(ctx context.Context, actor, query string, variables obj, to any) error {
	body, err := json.Marshal(obj{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url.Load().(string), bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer dev:"+actor)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var answer struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s: %w", res.Status, err)
	}
	if len(answer.Errors) > 0 {
		return fmt.Errorf("%s: %v", res.Status, answer.Errors)
	}
	return json.Unmarshal(answer.Data, to)
}

// create adds nouns as the administrator and returns their ids.
func (e *estate) create(nouns string, input obj) (ids []string) {
	e.t.Helper()
	single := map[string]string{"Communities": "community", "Buildings": "building", "Units": "unit", "Households": "household", "Suppliers": "supplier", "Volunteers": "volunteer"}[nouns]
	var got struct {
		It struct {
			UserErrors []struct{ Message string }
			Results    []struct {
				It         *struct{ ID string }
				UserErrors []struct{ Message string }
			}
		}
	}
	query := fmt.Sprintf(`mutation ($in: Create%sInput!) { it: create%[1]s(input: $in) { userErrors { message } results { it: %s { id } userErrors { message } } } }`, nouns, single)
	if err := e.ask(e.t.Context(), "admin", query, obj{"in": input}, &got); err != nil {
		e.t.Fatal(err)
	}
	for _, r := range got.It.Results {
		if r.It == nil {
			e.t.Fatal(r.UserErrors)
		}
		ids = append(ids, r.It.ID)
	}
	if len(ids) == 0 {
		e.t.Fatal(got.It.UserErrors)
	}
	return ids
}

// place places n orders, several at once.
func (e *estate) place(n int) []string {
	e.t.Helper()
	ids := make([]string, n)
	var group errgroup.Group
	group.SetLimit(8)
	for i := range ids {
		group.Go(func() error {
			var got struct {
				PlaceOrder struct{ Order struct{ ID string } }
			}
			in := obj{"householdId": e.homes[i%len(e.homes)], "channel": "APP", "supplierId": e.shop, "lines": []obj{{"item": "上海青", "quantity": "1.5", "unit": "斤"}}}
			err := e.ask(e.t.Context(), "C01", `mutation ($in: PlaceOrderInput!) { placeOrder(input: $in) { order { id } } }`, obj{"in": in}, &got)
			ids[i] = got.PlaceOrder.Order.ID
			return err
		})
	}
	if err := group.Wait(); err != nil {
		e.t.Fatal(err)
	}
	return ids
}
