package workbook

import (
	"context"
	"fmt"
	"slices"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/estate"
	"baogong/dispatch/supplier"
	"baogong/dispatch/team"
	"baogong/reading/estatefile"
)

// Options say how to import a workbook.
type Options struct {
	Write      bool // save; else only report what would be saved
	SkipErrors bool // save the rows without errors; else nothing is saved while a cell is wrong

	// Progress is called after each transaction with how many rows are saved, and how many there are to save. It may be nil.
	Progress func(done, total int)
}

// batch is how many rows are saved in one transaction.
const batch = 500

// stuckAfter is how many times an import compares with the book without coming nearer to it, because other calls change the same rows, before it
// reports these rows. An import beside another of the same file comes nearer each time.
const stuckAfter = 3

// Import saves what a file states about an estate and the community's book does not have yet: administrators and the commander. Rows that the
// file lacks stay as they are. The same file again changes nothing, and an interrupted import goes on when it is run again: each
// transaction saves up to 500 whole rows.
//
// It fails with the refusal of the whole import. What is wrong with cells is in the report.
func (v *Verbs) Import(ctx context.Context, a delivery.Actor, community delivery.ID, w *estatefile.Workbook, o Options) (*EstateReport, error) {
	if err := v.admit(a, community); err != nil {
		return nil, err
	}
	i := &importing{Verbs: v, actor: a, community: community, options: o, sums: map[estatefile.SheetKind]*SheetReport{}}
	left, stuck := 0, 0
	for pass := 1; ; pass++ {
		b, err := v.read(ctx, community.Community)
		if err != nil {
			return nil, err
		}
		p := compare(b, w)
		if !o.Write || p.report.ErrorCount > 0 && !o.SkipErrors && pass == 1 {
			return p.report, nil
		}
		differs := p.report.Differs()
		switch {
		case pass == 1:
			i.total = differs
		case differs >= left:
			stuck++
		}
		left = differs
		i.begin(b, p.report, stuck == stuckAfter)
		if err := i.save(ctx, p); err != nil {
			return nil, err
		}
		if !i.again {
			return i.end(), nil
		}
	}
}

// Preview returns what Import would save in a community without rows.
func Preview(w *estatefile.Workbook) *EstateReport {
	return compare(newBook(nil, nil, nil, nil, nil, nil), w).report
}

// admit refuses an actor who may not set up the community.
func (v *Verbs) admit(a delivery.Actor, community delivery.ID) error {
	if !a.SignedIn() {
		return delivery.Refuse(delivery.ReasonSignIn)
	}
	if refusal := dispatch.CheckID(community, delivery.KindCommunity, 0); refusal != nil {
		return refusal.At("communityId")
	}
	if !a.Scope().SeesCommunity(community.Community) {
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("communityId")
	}
	if !a.CanSetUp(community.Community) {
		return delivery.Refuse(delivery.ReasonNotYours)
	}
	return nil
}

// importing is one import that saves.
type importing struct {
	*Verbs
	actor     delivery.Actor
	community delivery.ID
	options   Options
	total     int
	done      int
	sums      map[estatefile.SheetKind]*SheetReport // rows saved in all passes, and those refused in the last

	// Of the present pass.
	book   *book
	report *EstateReport
	last   bool
	again  bool // another call changed a row that was to be saved
}

func (i *importing) begin(b *book, r *EstateReport, last bool) {
	i.book, i.report, i.last, i.again = b, r, last, false
}

// end returns the report of the last pass with what all passes saved.
func (i *importing) end() *EstateReport {
	i.report.Written = i.done > 0
	for _, s := range i.report.Sheets {
		saved := i.sums[s.Kind]
		if saved == nil {
			saved = new(SheetReport)
		}
		rows := s.New + s.Changed + s.Unchanged
		s.New, s.Changed = saved.New, saved.Changed
		s.Unchanged = max(0, rows-s.New-s.Changed-saved.Wrong)
	}
	return i.report
}

// sum returns what was saved of a sheet.
func (i *importing) sum(kind estatefile.SheetKind) *SheetReport {
	if i.sums[kind] == nil {
		i.sums[kind] = new(SheetReport)
	}
	return i.sums[kind]
}

// save saves a plan: places before what stands in them.
func (i *importing) save(ctx context.Context, p *savePlan) error {
	for _, step := range []func(context.Context, *savePlan) error{i.saveBuildings, i.saveUnits, i.saveHouseholds, i.saveSuppliers, i.saveVolunteers, i.saveWords} {
		if err := step(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// inBatches saves rows, up to 500 in one transaction, and calls saved with each that was.
func inBatches[T any](ctx context.Context, i *importing, rows []planned[T], create bool, verb func(context.Context, []T) (*dispatch.BulkOutcome, error), saved func(planned[T], delivery.ID)) error {
	for rows := range slices.Chunk(rows, batch) {
		items := make([]T, len(rows))
		for n, r := range rows {
			items[n] = r.item
		}
		out, err := verb(ctx, items)
		if err != nil {
			return err
		}
		for _, refusal := range out.UserErrors {
			return refusal
		}
		for n, item := range out.Items {
			if len(item.UserErrors) > 0 {
				i.refused(rows[n].origin, item.UserErrors[0])
				continue
			}
			if i.done++; create {
				i.sum(rows[n].origin.Kind).New++
			} else {
				i.sum(rows[n].origin.Kind).Changed++
			}
			if saved != nil {
				saved(rows[n], *item.ID)
			}
		}
		if i.options.Progress != nil {
			i.options.Progress(i.done, max(i.total, i.done))
		}
	}
	return nil
}

// refused notes a row that a verb refused. One that another call was faster at is compared again.
func (i *importing) refused(o *estatefile.Origin, refusal *delivery.Error) {
	if !i.last && slices.Contains([]delivery.Reason{dispatch.ReasonTaken, delivery.ReasonVersionChanged, delivery.ReasonNoSuch, dispatch.ReasonArchived}, refusal.Reason) {
		i.again = true
		return
	}
	i.report.sheet(o.Kind).Wrong++
	i.sum(o.Kind).Wrong++
	i.report.refuse(o.Error(columnOf(refusal), refusal))
}

func (i *importing) saveBuildings(ctx context.Context, p *savePlan) error {
	err := inBatches(ctx, i, p.newBuildings, true, func(ctx context.Context, rows []*estate.NewBuildingInput) (*dispatch.BulkOutcome, error) {
		out, err := i.Estate.CreateBuildings(ctx, i.actor, estate.CreateBuildingsInput{CommunityID: i.community, Buildings: rows})
		return outcome(out, err)
	}, func(r planned[*estate.NewBuildingInput], id delivery.ID) {
		i.book.buildings[delivery.Key(r.item.Code)] = &delivery.Building{Row: delivery.Row{CommunityID: id.Community, UUID: id.UUID}, Code: r.item.Code}
	})
	if err != nil {
		return err
	}
	return inBatches(ctx, i, p.buildings, false, func(ctx context.Context, rows []*estate.BuildingPatchInput) (*dispatch.BulkOutcome, error) {
		out, err := i.Estate.UpdateBuildings(ctx, i.actor, estate.UpdateBuildingsInput{Buildings: rows})
		return outcome(out, err)
	}, nil)
}

func (i *importing) saveUnits(ctx context.Context, p *savePlan) error {
	rows := withParents(i, p.newUnits, func(r planned[*estate.NewUnitInput]) bool {
		b := i.book.buildings[r.unit.building]
		if b != nil {
			r.item.BuildingID = b.ID()
		}
		return b != nil
	})
	err := inBatches(ctx, i, rows, true, func(ctx context.Context, rows []*estate.NewUnitInput) (*dispatch.BulkOutcome, error) {
		out, err := i.Estate.CreateUnits(ctx, i.actor, estate.CreateUnitsInput{CommunityID: i.community, Units: rows})
		return outcome(out, err)
	}, func(r planned[*estate.NewUnitInput], id delivery.ID) {
		i.book.units[r.unit] = &delivery.Unit{Row: delivery.Row{CommunityID: id.Community, UUID: id.UUID}}
	})
	if err != nil {
		return err
	}
	return inBatches(ctx, i, p.units, false, func(ctx context.Context, rows []*estate.UnitPatchInput) (*dispatch.BulkOutcome, error) {
		out, err := i.Estate.UpdateUnits(ctx, i.actor, estate.UpdateUnitsInput{Units: rows})
		return outcome(out, err)
	}, nil)
}

func (i *importing) saveHouseholds(ctx context.Context, p *savePlan) error {
	rows := withParents(i, p.newHouseholds, func(r planned[*estate.NewHouseholdInput]) bool {
		u := i.book.units[r.unit]
		if u != nil {
			r.item.UnitID = u.ID()
		}
		return u != nil
	})
	err := inBatches(ctx, i, rows, true, func(ctx context.Context, rows []*estate.NewHouseholdInput) (*dispatch.BulkOutcome, error) {
		out, err := i.Estate.CreateHouseholds(ctx, i.actor, estate.CreateHouseholdsInput{CommunityID: i.community, Households: rows})
		return outcome(out, err)
	}, nil)
	if err != nil {
		return err
	}
	return inBatches(ctx, i, p.households, false, func(ctx context.Context, rows []*estate.HouseholdPatchInput) (*dispatch.BulkOutcome, error) {
		out, err := i.Estate.UpdateHouseholds(ctx, i.actor, estate.UpdateHouseholdsInput{Households: rows})
		return outcome(out, err)
	}, nil)
}

func (i *importing) saveSuppliers(ctx context.Context, p *savePlan) error {
	err := inBatches(ctx, i, p.newSuppliers, true, func(ctx context.Context, rows []*supplier.NewSupplierInput) (*dispatch.BulkOutcome, error) {
		out, err := i.Supplier.CreateSuppliers(ctx, i.actor, supplier.CreateSuppliersInput{CommunityID: i.community, Suppliers: rows})
		return outcome(out, err)
	}, nil)
	if err != nil {
		return err
	}
	return inBatches(ctx, i, p.suppliers, false, func(ctx context.Context, rows []*supplier.SupplierPatchInput) (*dispatch.BulkOutcome, error) {
		out, err := i.Supplier.UpdateSuppliers(ctx, i.actor, supplier.UpdateSuppliersInput{Suppliers: rows})
		return outcome(out, err)
	}, nil)
}

func (i *importing) saveVolunteers(ctx context.Context, p *savePlan) error {
	rows := withParents(i, p.newVolunteers, func(r planned[*team.NewVolunteerInput]) (ok bool) {
		r.item.Services, ok = i.serviceInputs(r.services)
		return ok
	})
	err := inBatches(ctx, i, rows, true, func(ctx context.Context, rows []*team.NewVolunteerInput) (*dispatch.BulkOutcome, error) {
		out, err := i.Team.CreateVolunteers(ctx, i.actor, team.CreateVolunteersInput{CommunityID: i.community, Volunteers: rows})
		return outcome(out, err)
	}, nil)
	if err != nil {
		return err
	}
	patches := withParents(i, p.volunteers, func(r planned[*team.VolunteerPatchInput]) (ok bool) {
		if r.item.Services == nil {
			return true
		}
		r.item.Services, ok = i.serviceInputs(r.services)
		return ok
	})
	return inBatches(ctx, i, patches, false, func(ctx context.Context, rows []*team.VolunteerPatchInput) (*dispatch.BulkOutcome, error) {
		out, err := i.Team.UpdateVolunteers(ctx, i.actor, team.UpdateVolunteersInput{Volunteers: rows})
		return outcome(out, err)
	}, nil)
}

// serviceInputs returns the buildings of a list with their ids. It reports whether all are there.
func (i *importing) serviceInputs(stated []estatefile.ServedBuilding) ([]*team.ServiceInput, bool) {
	out := make([]*team.ServiceInput, 0, len(stated))
	for _, s := range stated {
		b := i.book.buildings[i.book.key(s.Building)]
		if b == nil {
			return nil, false
		}
		out = append(out, &team.ServiceInput{BuildingID: b.ID(), Duty: s.Duty})
	}
	return out, true
}

// withParents returns the rows whose parents are saved; fill sets their ids. The others are compared again, or refused in the last pass.
func withParents[T any](i *importing, rows []planned[T], fill func(planned[T]) bool) []planned[T] {
	var out []planned[T]
	for _, r := range rows {
		if fill(r) {
			out = append(out, r)
		} else {
			i.refused(r.origin, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindBuilding.String()))
		}
	}
	return out
}

// outcome is the part that the payloads of the save verbs share.
func outcome[P interface{ Bulk() *dispatch.BulkOutcome }](out P, err error) (*dispatch.BulkOutcome, error) {
	if err != nil {
		return nil, err
	}
	return out.Bulk(), nil
}

// Community returns the community with a code, for the command: no permission is checked. It fails with NOT_FOUND if there is none.
func (v *Verbs) Community(ctx context.Context, code string) (delivery.ID, error) {
	id, err := db.InTx(ctx, v.DB, func(t *db.Tx) (int32, error) {
		called, err := t.CommunitiesCalled(ctx, []string{code})
		return called[code], err
	})
	if err != nil {
		return delivery.ID{}, fmt.Errorf("look up the community %s: %w", code, err)
	}
	if id == 0 {
		return delivery.ID{}, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	return delivery.ID{Kind: delivery.KindCommunity, Community: id}, nil
}
