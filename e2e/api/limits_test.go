package api_test

import (
	"encoding/json"
	"testing"
	"time"

	"baogong/app"
	"baogong/db/dbtest"
	"baogong/e2e/house"
	"baogong/web"
)

func TestRateLimit(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	limited := house.Start(t, dsn, func(s *app.ServerSettings) {
		s.Operations, s.OperationsBurst, s.Cost, s.CostBurst, s.AddressFactor = 50, 200, 1, 500, 2
	})
	const ask = `{ rateLimit { limit cost remaining resetAt } }`
	type standing struct {
		RateLimit *struct {
			Limit, Cost, Remaining int
			ResetAt                time.Time
		}
	}
	for _, c := range []struct {
		who   string
		limit int
	}{{"admin", 500}, {"", 1000}} {
		var got standing
		limited.Must(c.who, ask, nil, &got)
		if r := got.RateLimit; r == nil || r.Limit != c.limit || r.Cost != 7 || r.Remaining > c.limit-7 || r.Remaining < c.limit-20 || r.ResetAt.Before(time.Now()) {
			t.Errorf("%q: got %+v, want %d less 7", c.who, r, c.limit)
		}
	}
	const dear = `{ communities(first: 30) { nodes { id code name } } }`
	if a := limited.Ask("admin", dear, nil); len(a.Errors) > 0 {
		t.Errorf("the first time: got %v", a.Errors)
	}
	if a := limited.Ask("admin", dear, nil, "Accept-Language", "zh"); a.Code() != "RATE_LIMITED" || a.Errors[0].Extensions["reason"] != "TOO_FAST" || a.Errors[0].Extensions["retryAfterSeconds"] == nil {
		t.Errorf("got %v, want RATE_LIMITED", a.Errors)
	}
	var off standing
	if house.Start(t, dsn).Must("admin", ask, nil, &off); off.RateLimit != nil {
		t.Errorf("without limits: got %+v", off.RateLimit)
	}
}

// The queries that GraphiQL offers cost little enough to be run again and again. Subscriptions, and documents with
// several operations, tell no cost here.
func TestOperationsOfThePageAreCheap(t *testing.T) {
	t.Parallel()
	h := house.Start(t, dbtest.DSN(t), func(s *app.ServerSettings) { s.Cost, s.CostBurst = 20_000, 100_000 })
	told := 0
	for _, op := range web.Filled(web.Operations(), map[string]string{"COMMUNITY_ID": "AQEAAAAB"}) {
		var variables map[string]any
		if op.Variables != "" {
			if err := json.Unmarshal([]byte(op.Variables), &variables); err != nil {
				t.Fatal(err)
			}
		}
		body, _ := json.Marshal(obj{"query": op.Query, "variables": variables})
		_, text, err := h.Send(t.Context(), "admin", body)
		var got struct {
			Errors     []house.GraphQLError
			Extensions struct{ Cost struct{ Requested int } }
		}
		if err == nil {
			err = json.Unmarshal(text, &got)
		}
		if err != nil || got.Extensions.Cost.Requested > 10_000 || len(got.Errors) > 0 && got.Errors[0].Extensions["code"] == "COMPLEXITY_LIMIT_EXCEEDED" {
			t.Errorf("%s: %v %.300s", op.Name, err, text)
		}
		if cost := got.Extensions.Cost.Requested; cost > 0 {
			told++
			t.Logf("%s costs %d", op.Name, cost)
		}
	}
	if told < 4 {
		t.Errorf("only %d operations told what they cost", told)
	}
}
