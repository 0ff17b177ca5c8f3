package resolvers

import (
	"context"
	"slices"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/intake"
	"baogong/graph"
)

var importByID = noun(delivery.KindImport, (*db.DB).ImportsByID)

func (r queryResolver) Imports(ctx context.Context, communityID delivery.ID, first *int, after *string, last *int, before *string) (*graph.ImportConnection, error) {
	rows, err := listed[graph.ImportEdge](ctx, r.Resolver, communityID, paging{first, last, after, before}, boundTo("imports", communityID),
		func(s delivery.Scope, p db.Range) (*db.Rows[delivery.Import], error) {
			return r.DB.Imports(ctx, s, communityID.Community, p)
		})
	return (*graph.ImportConnection)(rows), err
}

func (r queryResolver) ImportRows(ctx context.Context, communityID delivery.ID, importID *delivery.ID, outcomes []delivery.ImportOutcome, first *int, after *string, last *int, before *string) (*graph.ImportRowConnection, error) {
	if err := r.enter(ctx, communityID, "communityId"); err != nil {
		return nil, err
	}
	if a := ActorFrom(ctx); a.Role != delivery.RoleSupplier && !a.CanSettle(communityID.Community) {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	f := db.ImportRowFilter{Outcomes: outcomes}
	if importID != nil {
		if refusal := ofKind(*importID, delivery.KindImport); refusal != nil {
			return nil, refusal.At("importId")
		}
		f.Import = &importID.UUID
	}
	rows, err := listed[graph.ImportRowEdge](ctx, r.Resolver, communityID, paging{first, last, after, before}, boundTo("importRows", communityID, importID, outcomes),
		func(s delivery.Scope, p db.Range) (*db.Rows[delivery.ImportRow], error) {
			return r.DB.ImportRows(ctx, s, communityID.Community, f, p)
		})
	return (*graph.ImportRowConnection)(rows), err
}

func (r mutationResolver) ImportOrders(ctx context.Context, input intake.ImportOrdersInput) (*intake.ImportOrdersPayload, error) {
	return r.Verbs.Intake.ImportOrders(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) SettleImportRows(ctx context.Context, input intake.SettleImportRowsInput) (*intake.SettleImportRowsPayload, error) {
	return together(ctx, func(p *intake.SettleImportRowsPayload) []*intake.SettleRowResult { return p.Results })(r.Verbs.Intake.SettleImportRows(ctx, ActorFrom(ctx), input))
}

type importPayloadResolver struct{ *Resolver }

// ImportOrdersPayload returns the resolver of ImportOrdersPayload.
func (r *Resolver) ImportOrdersPayload() graph.ImportOrdersPayloadResolver {
	return importPayloadResolver{r}
}

func (importPayloadResolver) Import(ctx context.Context, p *intake.ImportOrdersPayload) (*delivery.Import, error) {
	return maybe(ctx, importByID.in(load(ctx)), p.ImportID)
}

type settlePayloadResolver struct{ *Resolver }

// SettleImportRowsPayload returns the resolver of SettleImportRowsPayload.
func (r *Resolver) SettleImportRowsPayload() graph.SettleImportRowsPayloadResolver {
	return settlePayloadResolver{r}
}

func (settlePayloadResolver) Import(ctx context.Context, p *intake.SettleImportRowsPayload) (*delivery.Import, error) {
	return maybe(ctx, importByID.in(load(ctx)), p.ImportID)
}

type settleRowResultResolver struct{ *Resolver }

// SettleRowResult returns the resolver of SettleRowResult.
func (r *Resolver) SettleRowResult() graph.SettleRowResultResolver { return settleRowResultResolver{r} }

func (settleRowResultResolver) Order(ctx context.Context, p *intake.SettleRowResult) (*delivery.Order, error) {
	return of(ctx, orderByID.in(load(ctx)), p, func(p *intake.SettleRowResult) *delivery.ID { return p.OrderID })
}

type importResolver struct{ *Resolver }

// Import returns the resolver of Import.
func (r *Resolver) Import() graph.ImportResolver { return importResolver{r} }

func (importResolver) Supplier(ctx context.Context, i *delivery.Import) (*delivery.Supplier, error) {
	return of(ctx, supplierByID.in(load(ctx)), i, by((*delivery.Import).SupplierID))
}

func (importResolver) Window(ctx context.Context, i *delivery.Import) (*delivery.OrderWindow, error) {
	return of(ctx, windowByID.in(load(ctx)), i, (*delivery.Import).WindowID)
}

func (importResolver) Building(ctx context.Context, i *delivery.Import) (*delivery.Building, error) {
	return of(ctx, buildingByID.in(load(ctx)), i, (*delivery.Import).BuildingID)
}

type importReportResolver struct{ *Resolver }

// ImportReport returns the resolver of ImportReport.
func (r *Resolver) ImportReport() graph.ImportReportResolver { return importReportResolver{r} }

func (importReportResolver) Details(ctx context.Context, p *intake.ImportReport, outcomes []delivery.ImportOutcome) ([]*delivery.ImportRow, error) {
	rows := slices.DeleteFunc(slices.Clone(p.Listed), func(r *delivery.ImportRow) bool { return outcomes != nil && !slices.Contains(outcomes, r.Outcome) })
	relate(load(ctx), rows)
	return rows, nil
}

type importRowResolver struct{ *Resolver }

// ImportRow returns the resolver of ImportRow.
func (r *Resolver) ImportRow() graph.ImportRowResolver { return importRowResolver{r} }

func (importRowResolver) Import(ctx context.Context, row *delivery.ImportRow) (*delivery.Import, error) {
	return of(ctx, importByID.in(load(ctx)), row, func(row *delivery.ImportRow) *delivery.ID {
		if row.ImportUUID == "" {
			return nil
		}
		id := row.ImportID()
		return &id
	})
}

func (importRowResolver) Message(ctx context.Context, row *delivery.ImportRow) (string, error) {
	return intake.Sentence(row.Reason, LocaleFrom(ctx)), nil
}

func (importRowResolver) Order(ctx context.Context, row *delivery.ImportRow) (*delivery.Order, error) {
	return of(ctx, orderByID.in(load(ctx)), row, (*delivery.ImportRow).OrderID)
}

// Guesses are the doors that a row could mean, as far as the viewer sees households.
func (importRowResolver) Guesses(ctx context.Context, row *delivery.ImportRow) ([]*graph.AddressGuess, error) {
	l := householdByID.in(load(ctx))
	want(ctx, l, row, (*delivery.ImportRow).GuessIDs)
	out := []*graph.AddressGuess{}
	for _, id := range row.GuessIDs() {
		h, err := get(ctx, l, *id)
		if err != nil {
			return nil, err
		}
		if h != nil {
			out = append(out, &graph.AddressGuess{Household: h, Address: h.Address, Why: row.Reason})
		}
	}
	return out, nil
}
