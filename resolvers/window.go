package resolvers

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/order"
	"baogong/dispatch/window"
	"baogong/graph"
	"baogong/live"
)

var (
	packageByID    = noun(delivery.KindPackage, (*db.DB).PackagesByID)
	windowByID     = noun(delivery.KindWindow, (*db.DB).WindowsByID)
	offersOfWindow = belonging((*db.DB).OffersOfWindows, (*delivery.Offer).WindowID)
)

func (r mutationResolver) SavePackages(ctx context.Context, input window.SavePackagesInput) (*window.SavePackagesPayload, error) {
	return r.Verbs.Window.SavePackages(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) OpenWindow(ctx context.Context, input window.OpenWindowInput) (*window.OpenWindowPayload, error) {
	return r.Verbs.Window.OpenWindow(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) ReleaseReserve(ctx context.Context, input window.ReleaseReserveInput) (*window.ReleaseReservePayload, error) {
	return r.Verbs.Window.ReleaseReserve(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) DecideWindow(ctx context.Context, input window.DecideWindowInput) (*window.DecideWindowPayload, error) {
	return together(ctx, func(p *window.DecideWindowPayload) []*window.CalledOffResult { return p.NotCancelled })(r.Verbs.Window.DecideWindow(ctx, ActorFrom(ctx), input))
}

func (r mutationResolver) AmendOrder(ctx context.Context, input order.AmendOrderInput) (*order.AmendOrderPayload, error) {
	return r.Verbs.Order.AmendOrder(ctx, ActorFrom(ctx), input)
}

// PackageResult returns the resolver of PackageResult.
func (r *Resolver) PackageResult() graph.PackageResultResolver { return resultResolver{r} }

func (resultResolver) Package(ctx context.Context, i *window.PackageResult) (*delivery.Package, error) {
	return maybe(ctx, packageByID.in(load(ctx)), i.ID)
}

// windowOf resolves the window of a payload.
type windowOf[P interface{ Of() *delivery.ID }] struct{}

func (windowOf[P]) Window(ctx context.Context, p P) (*delivery.OrderWindow, error) {
	return maybe(ctx, windowByID.in(load(ctx)), p.Of())
}

// OpenWindowPayload returns the resolver of OpenWindowPayload.
func (*Resolver) OpenWindowPayload() graph.OpenWindowPayloadResolver {
	return windowOf[*window.OpenWindowPayload]{}
}

// ReleaseReservePayload returns the resolver of ReleaseReservePayload.
func (*Resolver) ReleaseReservePayload() graph.ReleaseReservePayloadResolver {
	return windowOf[*window.ReleaseReservePayload]{}
}

// DecideWindowPayload returns the resolver of DecideWindowPayload.
func (*Resolver) DecideWindowPayload() graph.DecideWindowPayloadResolver {
	return windowOf[*window.DecideWindowPayload]{}
}

type calledOffResolver struct{ *Resolver }

// CalledOffResult returns the resolver of CalledOffResult.
func (r *Resolver) CalledOffResult() graph.CalledOffResultResolver { return calledOffResolver{r} }

func (calledOffResolver) Order(ctx context.Context, c *window.CalledOffResult) (*delivery.Order, error) {
	return of(ctx, orderByID.in(load(ctx)), c, func(c *window.CalledOffResult) *delivery.ID { return &c.OrderID })
}

type amendedResolver struct{ *Resolver }

// AmendOrderPayload returns the resolver of AmendOrderPayload.
func (r *Resolver) AmendOrderPayload() graph.AmendOrderPayloadResolver { return amendedResolver{r} }

func (amendedResolver) Order(ctx context.Context, p *order.AmendOrderPayload) (*delivery.Order, error) {
	return maybe(ctx, orderByID.in(load(ctx)), p.OrderID)
}

type packageResolver struct{ *Resolver }

// Package returns the resolver of Package.
func (r *Resolver) Package() graph.PackageResolver { return packageResolver{r} }

func (packageResolver) Supplier(ctx context.Context, p *delivery.Package) (*delivery.Supplier, error) {
	return of(ctx, supplierByID.in(load(ctx)), p, by((*delivery.Package).SupplierID))
}

func (packageResolver) Marks(_ context.Context, p *delivery.Package) ([]delivery.Mark, error) {
	return append([]delivery.Mark{}, p.Marks...), nil
}

type windowResolver struct{ *Resolver }

// OrderWindow returns the resolver of OrderWindow.
func (r *Resolver) OrderWindow() graph.OrderWindowResolver { return windowResolver{r} }

func (windowResolver) Supplier(ctx context.Context, w *delivery.OrderWindow) (*delivery.Supplier, error) {
	return of(ctx, supplierByID.in(load(ctx)), w, by((*delivery.OrderWindow).SupplierID))
}

func (r windowResolver) State(_ context.Context, w *delivery.OrderWindow) (delivery.WindowState, error) {
	return w.StateAt(r.now()), nil
}

func (windowResolver) Offers(ctx context.Context, w *delivery.OrderWindow) ([]*delivery.Offer, error) {
	return of(ctx, offersOfWindow.in(load(ctx)), w, by((*delivery.OrderWindow).ID))
}

type offerResolver struct{ *Resolver }

// Offer returns the resolver of Offer.
func (r *Resolver) Offer() graph.OfferResolver { return offerResolver{r} }

func (offerResolver) Package(ctx context.Context, o *delivery.Offer) (*delivery.Package, error) {
	return of(ctx, packageByID.in(load(ctx)), o, by((*delivery.Offer).PackageID))
}

type lineResolver struct{ *Resolver }

// Line returns the resolver of Line.
func (r *Resolver) Line() graph.LineResolver { return lineResolver{r} }

func (lineResolver) Package(ctx context.Context, l *delivery.Line) (*delivery.Package, error) {
	return of(ctx, packageByID.in(load(ctx)), l, (*delivery.Line).PackageID)
}

// Window is the order's window. It is null for viewers who follow a link.
func (orderResolver) Window(ctx context.Context, o *delivery.Order) (*delivery.OrderWindow, error) {
	return of(ctx, windowByID.in(load(ctx)), o, (*delivery.Order).WindowID)
}

func (r queryResolver) Packages(ctx context.Context, supplierID delivery.ID, includeArchived bool) ([]*delivery.Package, error) {
	if refusal := ofKind(supplierID, delivery.KindSupplier); refusal != nil {
		return nil, refusal.At("supplierId")
	}
	if err := r.enter(ctx, delivery.ID{Kind: delivery.KindCommunity, Community: supplierID.Community}, "supplierId"); err != nil {
		return nil, err
	}
	rows, err := r.DB.PackagesOf(ctx, ActorFrom(ctx).Scope(), supplierID, includeArchived)
	relate(load(ctx), rows)
	return rows, err
}

func (r queryResolver) OrderWindows(ctx context.Context, communityID delivery.ID, supplierID *delivery.ID, open *bool) ([]*delivery.OrderWindow, error) {
	if err := r.enter(ctx, communityID, "communityId"); err != nil {
		return nil, err
	}
	var supplier delivery.UUID
	if supplierID != nil {
		if refusal := dispatch.CheckID(*supplierID, delivery.KindSupplier, communityID.Community); refusal != nil {
			return nil, refusal.At("supplierId")
		}
		supplier = supplierID.UUID
	}
	var at *time.Time
	if open != nil && *open {
		at = new(r.now())
	}
	rows, err := r.DB.OrderWindows(ctx, ActorFrom(ctx).Scope(), communityID.Community, supplier, at)
	relate(load(ctx), rows)
	return rows, err
}

// Window streams an order window, now and after changes.
func (r subscriptionResolver) Window(ctx context.Context, id delivery.ID) (<-chan *delivery.OrderWindow, error) {
	return live.Subscribe[*delivery.OrderWindow](ctx, func() (live.Flow, error) {
		a, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		if refusal := ofKind(id, delivery.KindWindow); refusal != nil {
			return nil, refusal.At("id")
		}
		if _, err := there(single(r.DB.WindowsByID(ctx, a.Scope(), []delivery.ID{id})))(delivery.KindWindow); err != nil {
			return nil, missing(err, "id")
		}
		windows, err := watch(ctx, r.windows, a, live.Target{Community: id.Community, Row: id.UUID}, delivery.KindWindow)
		return windows, missing(err, "id")
	})
}

// loadWindow reads a window once for all its subscribers with one View.
func (r *Resolver) loadWindow(ctx context.Context, k live.StateKey) (*delivery.OrderWindow, error) {
	id := delivery.ID{Kind: delivery.KindWindow, Community: k.Community, UUID: k.Row}
	w, err := there(single(r.DB.WindowsByID(ctx, k.Scope, []delivery.ID{id})))(delivery.KindWindow)
	return w, missing(err, "id")
}

// changesWindow reports whether the event may change what is shown of the window. Everyone in the community sees all of it.
func changesWindow(e *delivery.Event, k *live.StateKey) bool { return e.OfWindow(k.Row) }
