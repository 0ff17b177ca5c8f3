package delivery_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"baogong/delivery"
)

// coverage returns buildings E1, E2 … with these loads, all with a lift and without open orders, and volunteers S1, S2 …, all present. services are "S1 E1" for
// a primary and "S1 E1 backup".
func coverage(loads []float64, volunteers int, services ...string) *delivery.Assignments {
	c := &delivery.Assignments{}
	for i, load := range loads {
		c.Buildings = append(c.Buildings, &delivery.CoveredBuilding{UUID: delivery.UUID(fmt.Sprint("E", i+1)), Code: fmt.Sprint("E", i+1), HasLift: true, Households: int((load - 1) * 100)})
	}
	for i := range volunteers {
		c.Volunteers = append(c.Volunteers, &delivery.CoveredVolunteer{CommunityID: community, UUID: delivery.UUID(fmt.Sprint("S", i+1)), Code: fmt.Sprint("S", i+1), Version: 7, Present: true})
	}
	for _, s := range services {
		f := strings.Fields(s)
		duty := delivery.DutyPrimary
		if len(f) > 2 {
			duty = delivery.DutyBackup
		}
		c.Services = append(c.Services, &delivery.Service{CommunityID: community, VolunteerUUID: delivery.UUID(f[0]), BuildingUUID: delivery.UUID(f[1]), Duty: duty})
	}
	return c
}

// apply returns the coverage after the changes.
func apply(c *delivery.Assignments, changes []*delivery.AssignmentChange) *delivery.Assignments {
	out := &delivery.Assignments{Buildings: c.Buildings, Volunteers: c.Volunteers}
	changed := map[delivery.UUID]bool{}
	for _, x := range changes {
		changed[x.VolunteerID.UUID] = true
		for _, s := range x.Services {
			out.Services = append(out.Services, &delivery.Service{CommunityID: community, VolunteerUUID: x.VolunteerID.UUID, BuildingUUID: s.BuildingID.UUID, Duty: s.Duty})
		}
	}
	for _, s := range c.Services {
		if !changed[s.VolunteerUUID] {
			out.Services = append(out.Services, s)
		}
	}
	return out
}

// carriers returns who holds the orders of each building, as the roster chooses, and the load of each volunteer.
func carriers(c *delivery.Assignments) (map[string]string, map[string]float64) {
	r := &delivery.Roster{Primary: map[delivery.UUID][]delivery.UUID{}, Backup: map[delivery.UUID][]delivery.UUID{}}
	for _, v := range c.Volunteers {
		for _, s := range c.Services {
			switch {
			case s.VolunteerUUID != v.UUID || !v.Present:
			case s.Duty == delivery.DutyPrimary:
				r.Primary[s.BuildingUUID] = append(r.Primary[s.BuildingUUID], v.UUID)
			default:
				r.Backup[s.BuildingUUID] = append(r.Backup[s.BuildingUUID], v.UUID)
			}
		}
	}
	by, loads := map[string]string{}, map[string]float64{}
	for _, b := range c.Buildings {
		o := standing("AT_BUILDING", "APP")
		o.BuildingUUID = b.UUID
		if v, _ := r.Holder(o); v != nil {
			by[string(b.UUID)] = string(*v)
			loads[string(*v)] += b.Load()
		}
	}
	return by, loads
}

func TestLoadOfABuilding(t *testing.T) {
	t.Parallel()
	for want, b := range map[float64]delivery.CoveredBuilding{
		1:   {HasLift: true},
		3.5: {},
		4:   {HasLift: true, Households: 100, Orders: 40},
	} {
		if got := b.Load(); got != want {
			t.Errorf("%+v: got %v, want %v", b, got, want)
		}
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		coverage *delivery.Assignments
		away     string
		want     []string // the sentences
	}{
		"balanced":                           {coverage([]float64{2, 2}, 2, "S1 E1", "S2 E2"), "", nil},
		"a small gain is not worth a change": {coverage([]float64{2, 2, 2.4}, 2, "S1 E1", "S1 E2", "S2 E3"), "", nil},
		"one has it all": {coverage([]float64{2, 3}, 2, "S1 E1", "S1 E2"), "", []string{
			"S1 hands E1 to S2 and stays its backup: a load of 3.0 instead of 5.0.", "S2 takes E1 from S1: a load of 2.0 instead of 0.0."}},
		"a volunteer who knows the building": {coverage([]float64{2, 3, 1.2}, 3, "S1 E1", "S1 E2", "S2 E3", "S3 E2 backup"), "", []string{
			"S1 hands E2 to S3 and stays its backup: a load of 2.0 instead of 5.0.", "S3 takes E2 from S1: a load of 3.0 instead of 0.0."}},
		"uncovered buildings first, the heaviest first": {coverage([]float64{2, 4, 3}, 2, "S1 E1"), "", []string{
			"S1 takes E3, which no volunteer on duty serves: a load of 5.0 instead of 2.0.", "S2 takes E2, which no volunteer on duty serves: a load of 4.0 instead of 0.0."}},
		"the primary is away": {coverage([]float64{2, 2}, 2, "S1 E1", "S2 E2"), "S2", []string{
			"S1 takes E2, which no volunteer on duty serves: a load of 4.0 instead of 2.0."}},
		"no volunteer is there": {coverage([]float64{2}, 1), "S1", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, v := range c.coverage.Volunteers {
				v.Present = v.Code != c.away
			}
			var got []string
			for _, x := range c.coverage.Suggest() {
				got = append(got, x.Why(delivery.English))
				if x.ExpectedVersion != 7 || !strings.HasSuffix(x.Why(delivery.Chinese), "。") {
					t.Errorf("got %+v, %s", x, x.Why(delivery.Chinese))
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	t.Run("the commander gets no building, and may hand one on", func(t *testing.T) {
		t.Parallel()
		for name, c := range map[string]struct {
			coverage *delivery.Assignments
			want     []string
		}{
			"uncovered, and no one else is there": {coverage([]float64{2}, 1), nil},
			"one uncovered, and the commander serves the other": {coverage([]float64{2, 2}, 2, "S1 E1"), []string{
				"S2 takes E2, which no volunteer on duty serves: a load of 2.0 instead of 0.0."}},
			"another volunteer has it all": {coverage([]float64{2, 3}, 2, "S2 E1", "S2 E2", "S1 E1 backup"), nil},
			"the commander has it all": {coverage([]float64{2, 3}, 2, "S1 E1", "S1 E2"), []string{
				"S1 hands E1 to S2 and stays its backup: a load of 3.0 instead of 5.0.", "S2 takes E1 from S1: a load of 2.0 instead of 0.0."}},
		} {
			c.coverage.Volunteers[0].Commands = true
			var got []string
			for _, x := range c.coverage.Suggest() {
				got = append(got, x.Why(delivery.English))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: got %q, want %q", name, got, c.want)
			}
		}
	})
	t.Run("a building of a volunteer who is away gets a backup", func(t *testing.T) {
		t.Parallel()
		c := coverage([]float64{2, 2}, 2, "S1 E1", "S2 E2")
		c.Volunteers[1].Present = false
		changes := c.Suggest()
		if len(changes) != 1 || changes[0].Services[1].Duty != delivery.DutyBackup {
			t.Fatalf("got %+v", changes)
		}
		after := apply(c, changes)
		after.Volunteers[1].Present = true
		if by, _ := carriers(after); by["E2"] != "S2" {
			t.Errorf("got %v, want E2 to go back to S2", by)
		}
	})
}

// TestSuggestNeverMakesItWorse tries random estates: every building gets a volunteer if one is present, none loses one, the highest load rises by covering
// only, and the same estate gets the same answer.
func TestSuggestNeverMakesItWorse(t *testing.T) {
	t.Parallel()
	changed := 0
	for seed := range uint64(400) {
		d := rand.New(rand.NewPCG(seed, 1))
		loads := make([]float64, 1+d.IntN(20))
		for i := range loads {
			loads[i] = 1 + float64(d.IntN(60))/10
		}
		volunteers := 1 + d.IntN(8)
		services := map[string]bool{}
		for range d.IntN(40) {
			s := fmt.Sprintf("S%d E%d", 1+d.IntN(volunteers), 1+d.IntN(len(loads)))
			if !services[s] && !services[s+" backup"] {
				services[s+[]string{"", " backup"}[d.IntN(2)]] = true
			}
		}
		var names []string
		for s := range services {
			names = append(names, s)
		}
		slices.Sort(names)
		c := coverage(loads, volunteers, names...)
		for _, v := range c.Volunteers {
			v.Present = d.IntN(4) > 0
		}
		c.Volunteers[0].Commands = seed%4 == 0
		changes := c.Suggest()
		if again := c.Suggest(); !reflect.DeepEqual(changes, again) {
			t.Fatalf("seed %d: got %v and then %v", seed, changes, again)
		}
		changed += len(changes)
		after := apply(c, changes)
		byWas, loadsWas := carriers(c)
		by, loadsNow := carriers(after)
		present := slices.ContainsFunc(c.Volunteers, func(v *delivery.CoveredVolunteer) bool { return v.Present && !v.Commands })
		if present && len(by) != len(c.Buildings) {
			t.Fatalf("seed %d: got %d of %d buildings covered", seed, len(by), len(c.Buildings))
		}
		if was, now := highest(loadsWas), highest(loadsNow); len(byWas) == len(c.Buildings) && now > was {
			t.Errorf("seed %d: got the highest load %v, which was %v", seed, now, was)
		}
		for building, code := range by {
			if code == "S1" && byWas[building] != "S1" && c.Volunteers[0].Commands {
				t.Errorf("seed %d: the commander gets %s", seed, building)
			}
		}
		for _, s := range c.Services {
			if !slices.ContainsFunc(after.Services, func(o *delivery.Service) bool {
				return o.VolunteerUUID == s.VolunteerUUID && o.BuildingUUID == s.BuildingUUID
			}) {
				t.Errorf("seed %d: %s serves %s no more", seed, s.VolunteerUUID, s.BuildingUUID)
			}
		}
		for _, x := range changes {
			code := string(x.VolunteerID.UUID)
			if d := loadsWas[code] - x.LoadBefore; d > 0.01 || d < -0.01 {
				t.Errorf("seed %d: %s had the load %v, got %v", seed, code, loadsWas[code], x.LoadBefore)
			}
			if d := loadsNow[code] - x.LoadAfter; d > 0.01 || d < -0.01 {
				t.Errorf("seed %d: %s would have the load %v, got %v", seed, code, loadsNow[code], x.LoadAfter)
			}
		}
		if more := after.Suggest(); len(byWas) == len(c.Buildings) && len(changes) == 0 && len(more) != 0 {
			t.Errorf("seed %d: got %v after no change", seed, more)
		}
	}
	if changed < 400 {
		t.Errorf("got %d changes, want at least 400", changed)
	}
}

func highest(loads map[string]float64) (most float64) {
	for _, load := range loads {
		most = max(most, load)
	}
	return most
}
