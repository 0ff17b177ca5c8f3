package api_test

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"baogong/app"
	"baogong/delivery"
	"baogong/e2e/house"
)

// sentence is what a refusal says: words with a full stop.
var sentence = regexp.MustCompile(`^[A-Z0-9].* .*\.$`)

// TestHostileScenarios rehearses, plans and saves scenarios that no day has. Each is answered or refused with a sentence, in a bounded time, and none is INTERNAL.
func TestHostileScenarios(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t, func(s *app.ServerSettings) { s.Cost, s.CostBurst = 1e9, 1e9 })
	const huge = 1<<31 - 1
	at := func(hour int) string {
		return time.Date(2020, 2, 19, hour, 0, 0, 0, time.FixedZone("", 8*3600)).Format(time.RFC3339)
	}
	list := func(n int, of func(int) obj) (out []obj) {
		for i := range n {
			out = append(out, of(i))
		}
		return out
	}
	truck := func(change obj) []obj {
		out := obj{"at": at(9), "orders": 20}
		maps.Copy(out, change)
		return []obj{out}
	}
	hands := func(squad string, hour, n int) obj { return obj{"squad": squad, "from": at(hour), "hands": n} }
	held := func(from, until any) []obj {
		return []obj{{"buildingId": e.Buildings["E6"], "from": from, "until": until}}
	}
	everywhere := func(from, until any) (out []obj) {
		for _, id := range e.Buildings {
			out = append(out, obj{"buildingId": id, "from": from, "until": until})
		}
		return out
	}
	const answered, refused, either = "answered", "refused", "either"
	cases := map[string]struct {
		scenario obj
		rehearse string
	}{
		"no hands at the doors":            {obj{"hands": []obj{hands("SUPPLY", 0, 0)}}, refused},
		"no hands at all":                  {obj{"hands": []obj{hands("SUPPLY", 0, 0), hands("DUTY", 0, 0), hands("TRANSPORT", 0, 0)}}, refused},
		"no one comes":                     {obj{"absentShare": 1}, refused},
		"hands that leave at once":         {obj{"hands": []obj{hands("SUPPLY", 9, 3), hands("SUPPLY", 9, 0)}}, either},
		"negative hands":                   {obj{"hands": []obj{hands("SUPPLY", 0, -5)}}, refused},
		"huge hands":                       {obj{"hands": []obj{hands("SUPPLY", 0, huge)}}, refused},
		"the same hands 200 times":         {obj{"hands": list(200, func(int) obj { return hands("SUPPLY", 8, 3) })}, answered},
		"5,000 entries of hands":           {obj{"hands": list(5000, func(i int) obj { return hands("DUTY", i%24, i%7) })}, refused},
		"hands of the year 9999":           {obj{"hands": []obj{{"squad": "SUPPLY", "from": "9999-12-31T23:59:59Z", "hands": 3}}}, refused},
		"hands of the year 1":              {obj{"hands": []obj{{"squad": "SUPPLY", "from": "0001-01-01T00:00:00Z", "hands": 3}}}, refused},
		"no carts":                         {obj{"carts": 0}, refused},
		"negative carts":                   {obj{"carts": -1}, refused},
		"a cart without room":              {obj{"cartBags": 0}, refused},
		"a negative share":                 {obj{"absentShare": -0.1}, refused},
		"a huge share":                     {obj{"absentShare": 1e308}, refused},
		"no orders":                        {obj{"orders": 0}, refused},
		"negative orders":                  {obj{"orders": -huge}, refused},
		"huge orders":                      {obj{"orders": huge}, refused},
		"100,000 orders, once":             {obj{"orders": 100_000, "replications": 1}, answered},
		"100,000 orders, a thousand times": {obj{"orders": 100_000, "replications": 1000}, refused},
		"no trucks":                        {obj{"trucks": []obj{}}, answered},
		"a truck without orders":           {obj{"trucks": truck(obj{"orders": 0})}, refused},
		"negative orders of a truck":       {obj{"trucks": truck(obj{"orders": -20})}, refused},
		"a truck of negative bags":         {obj{"trucks": truck(obj{"bags": -1})}, refused},
		"a truck of huge bags":             {obj{"trucks": truck(obj{"bags": huge})}, refused},
		"a truck that is ever late":        {obj{"trucks": truck(obj{"lateByMinutes": huge})}, refused},
		"a truck that is ever early":       {obj{"trucks": truck(obj{"lateByMinutes": -huge})}, refused},
		"a truck of another year":          {obj{"trucks": truck(obj{"at": "2031-02-19T09:00:00+08:00"})}, refused},
		"a truck of the year 1":            {obj{"trucks": truck(obj{"at": "0001-01-01T00:00:00Z"})}, refused},
		"10,000 trucks":                    {obj{"trucks": list(10_000, func(int) obj { return truck(nil)[0] })}, refused},
		"300 trucks at once":               {obj{"trucks": list(300, func(int) obj { return truck(obj{"orders": 1})[0] })}, answered},
		"trucks with more than all orders": {obj{"trucks": list(300, func(int) obj { return truck(obj{"orders": huge})[0] })}, refused},
		"a last truck that is ever early":  {obj{"orders": 20, "lastTruckEarlierMinutes": huge}, refused},
		"a building held all day":          {obj{"heldBuildings": held(at(0), at(24))}, answered},
		"a building held twice":            {obj{"heldBuildings": append(held(at(8), at(10)), held(at(9), at(11))...)}, refused},
		"a building held at two times":     {obj{"heldBuildings": append(held(at(8), at(10)), held(at(10), at(11))...)}, answered},
		"all buildings held all day":       {obj{"heldBuildings": everywhere(at(0), at(24))}, refused},
		"a building held backwards":        {obj{"heldBuildings": held(at(18), at(6))}, refused},
		"a building held for ever":         {obj{"heldBuildings": held("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")}, refused},
		"a building held 3,000 times":      {obj{"heldBuildings": list(3_000, func(int) obj { return held(at(8), at(9))[0] })}, refused},
		"another noun that is held":        {obj{"heldBuildings": []obj{{"buildingId": e.Community, "from": at(8), "until": at(9)}}}, refused},
		"settling that never ends":         {obj{"settleMinutes": huge}, refused},
		"settling before the gate":         {obj{"settleMinutes": -1}, refused},
		"all by the year 9999":             {obj{"by": "9999-12-31T23:59:59Z"}, refused},
		"all by the year 1":                {obj{"by": "0001-01-01T00:00:00Z"}, refused},
		"no replications":                  {obj{"replications": 0}, refused},
		"negative replications":            {obj{"replications": -1}, refused},
		"huge replications":                {obj{"replications": huge}, refused},
		"a negative seed":                  {obj{"seed": -huge}, answered},
		"no day":                           {obj{"day": "2020-02-30"}, refused},
		"a day of the year 9999":           {obj{"day": "9999-12-31", "orders": 50}, either},
		"a day of the year 0":              {obj{"day": "0000-01-01", "orders": 50}, refused},
		"NaN":                              {obj{"absentShare": "NaN"}, refused},
		"infinity":                         {obj{"absentShare": "Infinity"}, refused},
		"a fraction of a person":           {obj{"hands": []obj{{"squad": "SUPPLY", "from": at(0), "hands": 0.5}}}, refused},
		"an unknown squad":                 {obj{"hands": []obj{{"squad": "TANKS", "from": at(0), "hands": 1}}}, refused},
		"nothing":                          {obj{"orders": nil}, either},
	}
	const most = 20 * time.Second // a busy machine
	for what, c := range cases {
		t.Run(what, func(t *testing.T) {
			scenario := obj{"communityId": e.Community, "orders": 50, "replications": 2, "compare": false}
			maps.Copy(scenario, c.scenario)
			for verb, operation := range map[string]string{
				"rehearse":          `query ($s: ScenarioInput!) { rehearse(scenario: $s) { orders chanceAllBy clearMedian by undelivered advice stations { queue } } }`,
				"compareRehearsals": `query ($s: ScenarioInput!) { compareRehearsals(first: $s, second: $s) { savesMinutes sentence } }`,
				"planDay":           `mutation ($c: ID!, $s: ScenarioInput!) { planDay(input: {communityId: $c, scenario: $s}) { plan { orders } userErrors { code message } } }`,
				"saveScenario":      `mutation ($c: ID!, $s: ScenarioInput!) { saveScenario(input: {communityId: $c, name: "x", scenario: $s}) { scenario { values { orders } } userErrors { code message } } }`,
			} {
				variables := obj{"s": scenario}
				if strings.HasPrefix(operation, "mutation") {
					variables["c"] = e.Community
				}
				began := time.Now()
				a := e.Ask(e.As("C01"), operation, variables)
				if took := time.Since(began); took > most {
					t.Errorf("%s took %v", verb, took)
				}
				got := answered
				if len(a.Errors) > 0 {
					got = refused
					if code, said := a.Code(), a.Errors[0].Message; code == "INTERNAL" || code == "<nil>" || code != "GRAPHQL_VALIDATION_FAILED" && !sentence.MatchString(said) {
						t.Errorf("%s: got %s, %q", verb, code, said)
					}
				}
				if strings.Contains(string(a.Data), `INTERNAL`) {
					t.Errorf("%s: got %s", verb, a.Data)
				}
				if verb == "rehearse" && c.rehearse != either && got != c.rehearse {
					t.Errorf("%s: got %.300s %v, want it %s", verb, a.Data, a.Errors, c.rehearse)
				}
			}
		})
	}
	reason := func(scenario obj) string {
		maps.Copy(scenario, obj{"communityId": e.Community, "orders": 50, "replications": 2, "compare": false})
		a := e.Ask(e.As("C01"), `query ($s: ScenarioInput!) { rehearse(scenario: $s) { orders } }`, obj{"s": scenario})
		if len(a.Errors) == 0 {
			return ""
		}
		reason, _ := a.Errors[0].Extensions["reason"].(string)
		return reason
	}
	for want, scenario := range map[string]obj{
		"SCENARIO_ALL_HELD":   {"heldBuildings": everywhere(at(0), at(24))},
		"SCENARIO_HELD_TWICE": {"heldBuildings": append(held(at(8), at(10)), held(at(9), at(11))...)},
		"SCENARIO_SHARES":     {"medicineShare": 0.6, "coldShare": 0.6},
		"SCENARIO_BUILDING":   {"heldBuildings": []obj{{"buildingId": e.Community, "from": at(8), "until": at(9)}}},
	} {
		if got := reason(scenario); got != want {
			t.Errorf("got %q, want %s", got, want)
		}
	}
	for _, value := range []string{"1e400", "-1e400", "NaN", "1e999999999", "0x1"} { // that JSON cannot hold
		a := e.Ask(e.As("C01"), fmt.Sprintf(`query ($c: ID!) { rehearse(scenario: {communityId: $c, orders: 50, replications: 2, absentShare: %s}) { orders } }`, value), obj{"c": e.Community})
		if code := a.Code(); len(a.Errors) == 0 || code == "INTERNAL" || code == "<nil>" {
			t.Errorf("%s: got %s %v, want a refusal", value, a.Data, a.Errors)
		}
	}
}

// TestRehearsedTimesAreThoseOfTheWall rehearses days of 23 and 25 hours, also one that begins after midnight: everything is due at 18:00 on the wall, and trucks come at the time
// that clocks show.
func TestRehearsedTimesAreThoseOfTheWall(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t, func(s *app.ServerSettings) { s.Cost, s.CostBurst = 1e9, 1e9 })
	for _, c := range [][2]string{{"Europe/Berlin", "2020-03-29"}, {"Europe/Berlin", "2020-10-25"}, {"America/New_York", "2020-03-08"}, {"America/New_York", "2020-11-01"},
		{"America/Havana", "2020-03-08"}, {"America/Havana", "2020-11-01"}} {
		e.SQL(`update communities set time_zone = '` + c[0] + `'`)
		at := func(hour, minute int) time.Time {
			zone, err := time.LoadLocation(c[0])
			if err != nil {
				t.Fatal(err)
			}
			day, _ := time.Parse(time.DateOnly, c[1])
			return time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, zone)
		}
		first, _, refusal := (&delivery.Community{TimeZone: c[0]}).DayOf(c[1])
		if refusal != nil {
			t.Fatal(refusal)
		}
		for what, s := range map[string]struct {
			change obj
			truck  time.Time
		}{
			"assumed trucks":             {obj{"orders": 120}, at(8, 5)},
			"a truck at 9:30":            {obj{"trucks": []obj{{"at": at(9, 30), "orders": 20}}}, at(9, 30)},
			"a truck at the day's start": {obj{"trucks": []obj{{"at": first, "orders": 20}}}, at(7, 0)}, // none is unloaded before seven
		} {
			scenario := obj{"communityId": e.Community, "day": c[1], "replications": 10, "compare": false}
			maps.Copy(scenario, s.change)
			var got struct {
				Rehearse struct {
					By   time.Time
					Band []struct {
						At   time.Time
						High int
					}
					Advice []string
				}
			}
			e.Must(e.As("C01"), `query ($s: ScenarioInput!) { rehearse(scenario: $s) { by band { at high } advice } }`, obj{"s": scenario}, &got)
			if !got.Rehearse.By.Equal(at(18, 0)) {
				t.Errorf("%v, %s: all by %s, want 18:00", c, what, got.Rehearse.By.In(first.Location()))
			}
			for _, b := range got.Rehearse.Band {
				if b.High > 0 {
					if b.At.Before(s.truck) || b.At.After(s.truck.Add(3*time.Hour)) {
						t.Errorf("%v, %s: the first delivery is at %s", c, what, b.At.In(first.Location()))
					}
					break
				}
			}
			if !strings.Contains(strings.Join(got.Rehearse.Advice, " "), "18:00") {
				t.Errorf("%v, %s: got the advice %q", c, what, got.Rehearse.Advice)
			}
		}
	}
}
