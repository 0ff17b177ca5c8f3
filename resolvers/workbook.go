package resolvers

import (
	"context"

	"baogong/dispatch/workbook"
	"baogong/graph"
	"baogong/reading/estatefile"
)

func (r mutationResolver) ImportEstate(ctx context.Context, input workbook.ImportEstateInput) (*workbook.ImportEstatePayload, error) {
	return r.Verbs.Workbook.ImportEstate(ctx, ActorFrom(ctx), input)
}

type cellErrorResolver struct{}

// CellError returns the resolver of CellError.
func (*Resolver) CellError() graph.CellErrorResolver { return cellErrorResolver{} }

func (cellErrorResolver) Message(ctx context.Context, e *estatefile.CellError) (string, error) {
	return e.Refusal.Message(LocaleFrom(ctx)), nil
}

func (cellErrorResolver) Reason(_ context.Context, e *estatefile.CellError) (string, error) {
	return e.Refusal.Reason.String(), nil
}
