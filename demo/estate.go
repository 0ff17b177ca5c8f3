package demo

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/estate"
	"baogong/dispatch/sorting"
	"baogong/dispatch/supplier"
	"baogong/dispatch/verbs"
)

// Options configure the estate and how its days pass. DB, Verbs, Clock, Out and Log are required.
type Options struct {
	DB       *db.DB
	Verbs    *verbs.All
	Clock    *Clock // also the business clock of the verbs
	Seed     uint64
	Days     int // 0: until the context ends
	Out      io.Writer
	Terminal bool // show progress
	Log      *slog.Logger

	small  bool          // for tests: three buildings, few households
	orders int           // a day, for tests; 0 for the estate's own number
	lasts  time.Duration // for tests: until then, if that is before Days are over
	asleep bool          // for tests: without the early morning
}

// Code is the community's code.
const Code = "dongchen"

// The numbers of the estate. 17 buildings have one unit and 9 have two.
const (
	buildingCount    = 26
	householdsInUnit = 106
	floors           = 27 // the top one has two doors, the others four
	doorsOnFloor     = 4
)

var twoUnits = map[int]bool{1: true, 3: true, 6: true, 9: true, 12: true, 15: true, 18: true, 21: true, 24: true}

// Simulation is the demonstration estate, as it stands in the database.
type Simulation struct {
	Options
	community  delivery.ID
	commander  delivery.Actor
	squads     map[delivery.Squad][]delivery.Actor // their reachable members, who take turns
	leads      map[delivery.Squad]delivery.Actor
	desks      []delivery.Actor              // members of the persuasion squad who serve buildings
	bins       map[delivery.UUID]delivery.ID // the default bin of each building
	cold       map[delivery.UUID]delivery.ID // the bin of each building for goods marked COLD
	buildings  []delivery.ID
	households []*delivery.Household
	suppliers  map[string]delivery.Actor        // by the code they start with; those that a visitor archived are missing
	volunteers map[delivery.UUID]delivery.Actor // who serve buildings
	primary    map[delivery.UUID]delivery.UUID  // volunteer by building
	admin      delivery.Actor
	whole      bool // was loaded to its end before: what is missing or named otherwise is a visitor's doing
	random     *rand.Rand
	imports    *rand.Rand              // for what is imported, so that the rest of a day does not depend on it
	aside      *rand.Rand              // for the phone desk and notices, likewise
	agenda     *agenda                 // nil until the day begins
	empty      map[delivery.Stage]bool // stages without orders, during a look; nil between looks
	troubled   bool                    // whether an incident is open, as of the last look
	turn       int                     // of the people at the sorting tables
	rolling    bool                    // whether a run may be open, or a drop not counted yet
	counting   int                     // arrivals of which some bags were counted
	selling    map[string]*selling     // today's window of each supplier, by the supplier's code
	report     Summary
}

// Load makes the estate, or completes one whose loading was interrupted. A loaded estate is read with the changes of its
// visitors: archived or renamed rows are not made again.
// A new estate is left in the middle of its morning.
func Load(ctx context.Context, o Options) (*Simulation, error) {
	e := &Simulation{Options: o, rolling: true, admin: delivery.Actor{Name: "admin", Role: delivery.RoleAdmin}, random: rand.New(rand.NewPCG(o.Seed, 0xBA060006)),
		imports: rand.New(rand.NewPCG(o.Seed, 0xBA060007)), aside: rand.New(rand.NewPCG(o.Seed, 0xBA060008))}
	type step struct {
		name string
		do   func(context.Context, *bar) error
	}
	steps := []step{{"小区 community", e.loadCommunity}, {"楼栋 buildings", e.loadBuildings}, {"住户 households", e.loadHouseholds}, {"商超 suppliers", e.loadSuppliers},
		{"队员 volunteers", e.loadVolunteers}, {"订单 orders", e.loadBacklog}}
	load := func(step step) error {
		b := newBar(o.Out, o.Terminal, step.name)
		err := step.do(ctx, b)
		b.end(err)
		if err != nil {
			return fmt.Errorf("load the estate, %s: %w", step.name, err)
		}
		return nil
	}
	for _, step := range steps {
		if err := load(step); err != nil {
			return nil, err
		}
	}
	switch {
	case e.whole:
		at := e.Clock.Now().In(e.today().Location()).Format("2006-01-02 15:04")
		fmt.Fprintf(e.Out, "接着 %s 继续 · goes on at %s\n", at, at)
	case !e.asleep:
		if err := load(step{"清晨（分钟） minutes of the early morning", e.playMorning}); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// Community is the community's id.
func (e *Simulation) Community() delivery.ID { return e.community }

func (e *Simulation) loadCommunity(ctx context.Context, b *bar) error {
	rows, err := e.DB.Communities(ctx, e.admin.Scope(), db.Range{Limit: 10_000})
	if err != nil {
		return err
	}
	for _, c := range rows.Items {
		if c.Code == Code {
			e.community = c.ID()
			b.add(1)
			// Orders are loaded last: if there are any, the rest is complete.
			orders, err := e.DB.Orders(ctx, e.admin.Scope(), c.CommunityID, db.OrderFilter{}, db.SortNumber, false, db.Range{Limit: 1})
			e.whole = err == nil && len(orders.Items) > 0
			return err
		}
	}
	if !e.asleep {
		e.Clock.set(e.today().Add(dawn), e.Clock.Speed())
	}
	p, err := e.Verbs.Estate.CreateCommunities(ctx, e.admin, estate.CreateCommunitiesInput{Communities: []*estate.NewCommunityInput{{Code: Code, Name: "东辰心语",
		TimeZone: "Asia/Shanghai", DeskPhone: "0717-6688110", QuietFrom: quietFrom.String(), QuietUntil: quietUntil.String()}}})
	if err != nil {
		return err
	}
	if err := complain(&p.BulkOutcome); err != nil {
		return err
	}
	e.community = *p.Items[0].ID
	b.add(1)
	return nil
}

// buildingsHere is how many buildings the estate has.
func (e *Simulation) buildingsHere() int {
	if e.small {
		return 3
	}
	return buildingCount
}

func (e *Simulation) householdsHere() int {
	if e.small {
		return 12
	}
	return householdsInUnit
}

func (e *Simulation) loadBuildings(ctx context.Context, b *bar) error {
	scope, n := e.admin.Scope(), e.buildingsHere()
	there := func() (map[string]*delivery.Building, error) {
		rows, err := e.DB.Buildings(ctx, scope, e.community.Community, true, db.Range{Limit: 1000})
		out := map[string]*delivery.Building{}
		if err == nil {
			for _, row := range rows.Items {
				out[row.Code] = row
			}
		}
		return out, err
	}
	have, err := there()
	if err != nil {
		return err
	}
	if e.whole {
		for _, code := range slices.SortedFunc(maps.Keys(have), naturally) {
			if have[code].ArchivedAt == nil {
				e.buildings = append(e.buildings, have[code].ID())
			}
		}
		b.total(len(e.buildings))
		b.add(len(e.buildings))
		return nil
	}
	in := estate.CreateBuildingsInput{CommunityID: e.community}
	for i := 1; i <= n; i++ {
		if code := buildingCode(i); have[code] == nil {
			in.Buildings = append(in.Buildings, &estate.NewBuildingInput{Code: code, Name: code + "栋", HasLift: true, AccessNote: "从东门进，沿环路走。"})
		}
	}
	if len(in.Buildings) > 0 {
		p, err := e.Verbs.Estate.CreateBuildings(ctx, e.admin, in)
		if err != nil {
			return err
		}
		if err := complain(&p.BulkOutcome); err != nil {
			return err
		}
		if have, err = there(); err != nil {
			return err
		}
	}
	b.total(n)
	units := estate.CreateUnitsInput{CommunityID: e.community}
	ids := make([]delivery.ID, 0, n)
	for i := 1; i <= n; i++ {
		ids = append(ids, have[buildingCode(i)].ID())
	}
	e.buildings = ids
	old, err := e.DB.UnitsOfBuildings(ctx, scope, ids)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, u := range old {
		known[string(u.BuildingUUID)+strconv.Itoa(u.Number)] = true
	}
	for i, id := range ids {
		for number := 1; number <= unitsOf(i+1); number++ {
			if !known[string(id.UUID)+strconv.Itoa(number)] {
				units.Units = append(units.Units, &estate.NewUnitInput{BuildingID: id, Number: number, Floors: floors})
			}
		}
	}
	b.add(n)
	if len(units.Units) > 0 {
		p, err := e.Verbs.Estate.CreateUnits(ctx, e.admin, units)
		if err == nil {
			err = complain(&p.BulkOutcome)
		}
		if err != nil {
			return err
		}
	}
	return e.loadColdBins(ctx)
}

// loadColdBins gives each building a bin for goods marked COLD beside its default bin.
func (e *Simulation) loadColdBins(ctx context.Context) error {
	rows, err := e.DB.BinsOfBuildings(ctx, e.admin.Scope(), e.buildings)
	if err != nil {
		return err
	}
	cold := map[delivery.UUID]bool{}
	for _, b := range rows {
		cold[b.BuildingUUID] = cold[b.BuildingUUID] || b.Cold
	}
	in := sorting.CreateBinsInput{CommunityID: e.community}
	for i, id := range e.buildings {
		if !cold[id.UUID] {
			in.Bins = append(in.Bins, &sorting.NewBinInput{BuildingID: id, Code: buildingCode(i+1) + "-冷", Cold: true})
		}
	}
	if len(in.Bins) == 0 {
		return nil
	}
	p, err := e.Verbs.Sorting.CreateBins(ctx, e.admin, in)
	if err != nil {
		return err
	}
	return complain(&p.BulkOutcome)
}

// naturally compares codes by their numbers: E2 comes before E10.
func naturally(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) }

func buildingCode(i int) string { return "E" + strconv.Itoa(i) }

func unitsOf(building int) int {
	if twoUnits[building] {
		return 2
	}
	return 1
}

func (e *Simulation) loadHouseholds(ctx context.Context, b *bar) error {
	scope := e.admin.Scope()
	read := func() (map[string]bool, error) {
		rows, err := e.DB.Households(ctx, scope, e.community.Community, db.HouseholdFilter{Archived: true}, db.Range{Limit: 100_000})
		if err != nil {
			return nil, err
		}
		e.households = nil
		have := make(map[string]bool, len(rows.Items))
		for _, h := range rows.Items {
			if h.ArchivedAt == nil {
				e.households = append(e.households, h)
			}
			have[string(h.UnitUUID)+h.Room] = true
		}
		return have, nil
	}
	have, err := read()
	if err != nil {
		return err
	}
	if e.whole {
		b.total(len(e.households))
		b.add(len(e.households))
		return nil
	}
	units, err := e.DB.UnitsOfBuildings(ctx, scope, e.buildings)
	if err != nil {
		return err
	}
	b.total(len(units) * e.householdsHere())
	b.add(len(have))
	in := estate.CreateHouseholdsInput{CommunityID: e.community}
	flush := func() error {
		if len(in.Households) == 0 {
			return nil
		}
		p, err := e.Verbs.Estate.CreateHouseholds(ctx, e.admin, in)
		if err != nil {
			return err
		}
		b.add(len(in.Households))
		in.Households = nil
		return complain(&p.BulkOutcome)
	}
	missing := false
	for _, u := range units {
		for i := range e.householdsHere() {
			floor := i/doorsOnFloor + 1
			room := fmt.Sprintf("%d%02d", floor, i%doorsOnFloor+1)
			if have[string(u.UUID)+room] {
				continue
			}
			missing = true
			in.Households = append(in.Households, &estate.NewHouseholdInput{
				UnitID: delivery.ID{Kind: delivery.KindUnit, Community: u.CommunityID, UUID: u.UUID}, Room: room, Floor: floor,
				ContactName: person(e.random), Phone: phone(e.random), People: 1 + e.random.IntN(5), Needs: needsOf(e.random)})
			if len(in.Households) == delivery.MaxBulk {
				if err := flush(); err != nil {
					return err
				}
			}
		}
	}
	if err := flush(); err != nil || !missing {
		return err
	}
	_, err = read()
	return err
}

func (e *Simulation) loadSuppliers(ctx context.Context, b *bar) error {
	all := []*supplier.NewSupplierInput{
		{Code: fresh, Name: "鲜到家生鲜平台", Kind: delivery.SupplierPlatform, Phone: "4000000001"},
		{Code: group, Name: "邻里团购平台", Kind: delivery.SupplierPlatform, Phone: "4000000002"},
		{Code: market, Name: "江城超市东山店", Kind: delivery.SupplierShop, Phone: "07170000003"},
		{Code: pharmacy, Name: "康民大药房", Kind: delivery.SupplierPharmacy, Phone: "07170000004"},
	}
	read := func() (n int, err error) {
		rows, err := e.DB.Suppliers(ctx, e.admin.Scope(), e.community.Community, false, db.Range{Limit: 1000})
		if err != nil {
			return 0, err
		}
		e.suppliers = map[string]delivery.Actor{}
		for _, s := range all {
			// A visitor may have changed some of these, so any one match is enough.
			for _, same := range []func(*delivery.Supplier) bool{
				func(row *delivery.Supplier) bool { return row.Code == s.Code },
				func(row *delivery.Supplier) bool { return row.Name == s.Name },
				func(row *delivery.Supplier) bool { return row.Phone == s.Phone },
			} {
				if i := slices.IndexFunc(rows.Items, same); i >= 0 {
					e.suppliers[s.Code] = supplierActor(rows.Items[i])
					break
				}
			}
		}
		return len(rows.Items), nil
	}
	n, err := read()
	if err != nil || e.whole {
		b.total(n)
		b.add(n)
		return err
	}
	b.total(len(all))
	in := supplier.CreateSuppliersInput{CommunityID: e.community}
	for _, s := range all {
		if _, known := e.suppliers[s.Code]; !known {
			in.Suppliers = append(in.Suppliers, s)
		}
	}
	if len(in.Suppliers) > 0 {
		p, err := e.Verbs.Supplier.CreateSuppliers(ctx, e.admin, in)
		if err != nil {
			return err
		}
		if err := complain(&p.BulkOutcome); err != nil {
			return err
		}
	}
	b.add(len(all))
	if _, err = read(); err != nil {
		return err
	}
	return e.loadPackages(ctx)
}

func supplierActor(s *delivery.Supplier) delivery.Actor {
	return delivery.Actor{Name: s.Code, Role: delivery.RoleSupplier, Community: s.CommunityID, UUID: s.UUID}
}

// The suppliers' codes.
const (
	fresh    = "xiandaojia"
	group    = "linlituan"
	market   = "jiangcheng"
	pharmacy = "yiyao"
)

// complain turns the first refusal of a bulk call into an error.
func complain(b *dispatch.BulkOutcome) error {
	for _, refusal := range b.UserErrors {
		return refusal
	}
	for _, item := range b.Items {
		for _, refusal := range item.UserErrors {
			return refusal
		}
	}
	return nil
}

// today returns the start of the community's day on the clock.
func (e *Simulation) today() time.Time {
	from, _ := (&delivery.Community{TimeZone: "Asia/Shanghai"}).Today(e.Clock.Now())
	return from
}
