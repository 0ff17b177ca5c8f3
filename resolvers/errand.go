package resolvers

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/errand"
	"baogong/graph"
)

var (
	errandOfOrder    = belonging((*db.DB).ErrandsOfOrders, (*delivery.Errand).OrderID)
	documentsOfOrder = belonging((*db.DB).DocumentsOfOrders, (*delivery.Document).OrderID)
)

func (r mutationResolver) TakeDocuments(ctx context.Context, input errand.TakeDocumentsInput) (*errand.TakeDocumentsPayload, error) {
	return r.Verbs.Errand.TakeDocuments(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) ReturnDocuments(ctx context.Context, input errand.ReturnDocumentsInput) (*errand.ReturnDocumentsPayload, error) {
	return r.Verbs.Errand.ReturnDocuments(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) AnswerErrand(ctx context.Context, input errand.AnswerErrandInput) (*errand.AnswerErrandPayload, error) {
	return r.Verbs.Errand.AnswerErrand(ctx, ActorFrom(ctx), input)
}

// TakeDocumentsPayload returns the resolver of TakeDocumentsPayload.
func (*Resolver) TakeDocumentsPayload() graph.TakeDocumentsPayloadResolver { return tookDocuments{} }

type tookDocuments struct{}

func (tookDocuments) Order(ctx context.Context, p *errand.TakeDocumentsPayload) (*delivery.Order, error) {
	return maybe(ctx, orderByID.in(load(ctx)), p.OrderID)
}

// AnswerErrandPayload returns the resolver of AnswerErrandPayload.
func (*Resolver) AnswerErrandPayload() graph.AnswerErrandPayloadResolver { return answeredErrand{} }

type answeredErrand struct{}

func (answeredErrand) Order(ctx context.Context, p *errand.AnswerErrandPayload) (*delivery.Order, error) {
	return maybe(ctx, orderByID.in(load(ctx)), p.OrderID)
}

// Errand is what the order has as an errand, nil for other channels and for viewers who may not see it.
func (orderResolver) Errand(ctx context.Context, o *delivery.Order) (*delivery.Errand, error) {
	if !sight(ctx).SeesErrand() || o.Channel != delivery.ChannelErrand {
		return nil, nil
	}
	found, err := of(ctx, errandOfOrder.in(load(ctx)), o, (*delivery.Order).ErrandID)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return delivery.NewErrand(o.ID()), nil
	}
	return found[0], nil
}

func (orderResolver) Documents(ctx context.Context, o *delivery.Order) ([]*delivery.Document, error) {
	if !sight(ctx).SeesErrand() || o.Channel != delivery.ChannelErrand {
		return []*delivery.Document{}, nil
	}
	return of(ctx, documentsOfOrder.in(load(ctx)), o, (*delivery.Order).ErrandID)
}

type documentResolver struct{}

// Document returns the resolver of Document.
func (*Resolver) Document() graph.DocumentResolver { return documentResolver{} }

func (documentResolver) Lost(ctx context.Context, d *delivery.Document) (*delivery.Incident, error) {
	return maybe(ctx, incidentByID.in(load(ctx)), d.IncidentID())
}
