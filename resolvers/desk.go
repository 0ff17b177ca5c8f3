package resolvers

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/desk"
	"baogong/graph"
	"baogong/live"
)

var enquiryByID = noun(delivery.KindEnquiry, (*db.DB).EnquiriesByID)

func (r mutationResolver) LogEnquiry(ctx context.Context, input desk.LogEnquiryInput) (*desk.LogEnquiryPayload, error) {
	return r.Verbs.Desk.LogEnquiry(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) TakeEnquiry(ctx context.Context, input desk.TakeEnquiryInput) (*desk.TakeEnquiryPayload, error) {
	return r.Verbs.Desk.TakeEnquiry(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) PostponeEnquiry(ctx context.Context, input desk.PostponeEnquiryInput) (*desk.PostponeEnquiryPayload, error) {
	return r.Verbs.Desk.PostponeEnquiry(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) CloseEnquiry(ctx context.Context, input desk.CloseEnquiryInput) (*desk.CloseEnquiryPayload, error) {
	return r.Verbs.Desk.CloseEnquiry(ctx, ActorFrom(ctx), input)
}

// enquiryOf resolves the enquiry of a payload.
type enquiryOf[P interface {
	Enquired() *delivery.ID
	Saved() *delivery.Enquiry
}] struct{}

func (enquiryOf[P]) Enquiry(ctx context.Context, p P) (*delivery.Enquiry, error) {
	if e := p.Saved(); e != nil {
		return e, nil
	}
	return maybe(ctx, enquiryByID.in(load(ctx)), p.Enquired())
}

// LogEnquiryPayload returns the resolver of LogEnquiryPayload.
func (*Resolver) LogEnquiryPayload() graph.LogEnquiryPayloadResolver {
	return enquiryOf[*desk.LogEnquiryPayload]{}
}

// PostponeEnquiryPayload returns the resolver of PostponeEnquiryPayload.
func (*Resolver) PostponeEnquiryPayload() graph.PostponeEnquiryPayloadResolver {
	return enquiryOf[*desk.PostponeEnquiryPayload]{}
}

// TakeEnquiryPayload returns the resolver of TakeEnquiryPayload.
func (*Resolver) TakeEnquiryPayload() graph.TakeEnquiryPayloadResolver { return takenResolver{} }

type takenResolver struct {
	enquiryOf[*desk.TakeEnquiryPayload]
}

// CallBack is the number to call back, whole, for the member who has the enquiry now.
func (r takenResolver) CallBack(ctx context.Context, p *desk.TakeEnquiryPayload) (*string, error) {
	e, err := r.Enquiry(ctx, p)
	if err != nil || e == nil || e.Phone == "" || !e.TakenByActor(ActorFrom(ctx)) {
		return nil, err
	}
	return new(e.Phone.Reveal()), nil
}

// CloseEnquiryPayload returns the resolver of CloseEnquiryPayload.
func (*Resolver) CloseEnquiryPayload() graph.CloseEnquiryPayloadResolver { return closedResolver{} }

type closedResolver struct {
	enquiryOf[*desk.CloseEnquiryPayload]
}

func (closedResolver) Incident(ctx context.Context, p *desk.CloseEnquiryPayload) (*delivery.Incident, error) {
	return maybe(ctx, incidentByID.in(load(ctx)), p.IncidentID)
}

type enquiryResolver struct{ *Resolver }

// Enquiry returns the resolver of Enquiry.
func (r *Resolver) Enquiry() graph.EnquiryResolver { return enquiryResolver{r} }

func (enquiryResolver) Household(ctx context.Context, e *delivery.Enquiry) (*delivery.Household, error) {
	return of(ctx, householdByID.in(load(ctx)), e, (*delivery.Enquiry).HouseholdID)
}

func (enquiryResolver) TakenBy(ctx context.Context, e *delivery.Enquiry) (*delivery.Volunteer, error) {
	return of(ctx, volunteerByID.in(load(ctx)), e, (*delivery.Enquiry).TakenByID)
}

func (enquiryResolver) Order(ctx context.Context, e *delivery.Enquiry) (*delivery.Order, error) {
	return of(ctx, orderByID.in(load(ctx)), e, (*delivery.Enquiry).OrderID)
}

func (enquiryResolver) Phone(ctx context.Context, e *delivery.Enquiry) (delivery.Phone, error) {
	if !load(ctx).actor.ReadsEnquiry(e) {
		return "", nil
	}
	return e.Phone, nil
}

func (enquiryResolver) Text(ctx context.Context, e *delivery.Enquiry) (string, error) {
	if !load(ctx).actor.ReadsEnquiry(e) {
		return "", nil
	}
	return e.Text, nil
}

func (enquiryResolver) Answer(ctx context.Context, e *delivery.Enquiry) (string, error) {
	if !load(ctx).actor.ReadsEnquiry(e) {
		return "", nil
	}
	return e.Answer, nil
}

func (enquiryResolver) Script(ctx context.Context, e *delivery.Enquiry) (string, error) {
	return e.Script().In(LocaleFrom(ctx)), nil
}

func (r queryResolver) Enquiries(ctx context.Context, communityID delivery.ID, filter *graph.EnquiryFilter, first *int, after *string, last *int, before *string) (*graph.EnquiryConnection, error) {
	rows, err := listed[graph.EnquiryEdge](ctx, r.Resolver, communityID, paging{first, last, after, before}, boundTo("enquiries", communityID, filter),
		func(s delivery.Scope, p db.Range) (*db.Rows[delivery.Enquiry], error) {
			f, err := enquiryFilter(filter, communityID.Community)
			if err != nil {
				return nil, err
			}
			return r.DB.Enquiries(ctx, s, communityID.Community, f, p)
		})
	return (*graph.EnquiryConnection)(rows), err
}

func enquiryFilter(f *graph.EnquiryFilter, community int32) (out db.EnquiryFilter, err error) {
	if f == nil {
		return out, nil
	}
	out = db.EnquiryFilter{States: f.States, Kinds: f.Kinds, Outcomes: f.Outcomes}
	if out.Households, err = named(f.HouseholdIds, community, "householdIds", delivery.KindHousehold); err != nil {
		return out, err
	}
	out.Takers, err = named(f.TakerIds, community, "takerIds", delivery.KindVolunteer)
	return out, err
}

func (r queryResolver) Unheard(ctx context.Context, communityID delivery.ID, since time.Time, first *int, after *string, last *int, before *string) (*graph.HouseholdConnection, error) {
	rows, err := listed[graph.HouseholdEdge](ctx, r.Resolver, communityID, paging{first, last, after, before}, boundTo("unheard", communityID, since),
		func(s delivery.Scope, p db.Range) (*db.Rows[delivery.Household], error) {
			if a := ActorFrom(ctx); !a.AtDesk(communityID.Community) && a.Role != delivery.RoleLead {
				return nil, delivery.Refuse(delivery.ReasonNotYours)
			}
			return r.DB.Unheard(ctx, s, communityID.Community, since, p)
		})
	return (*graph.HouseholdConnection)(rows), err
}

// CallQueue streams the queue of the phone desk, now and after changes.
func (r subscriptionResolver) CallQueue(ctx context.Context, communityID delivery.ID) (<-chan *delivery.CallQueue, error) {
	return live.Subscribe[*delivery.CallQueue](ctx, func() (live.Flow, error) {
		if err := r.enter(ctx, communityID, "communityId"); err != nil {
			return nil, err
		}
		a := ActorFrom(ctx)
		if !a.AtDesk(communityID.Community) {
			return nil, delivery.Refuse(delivery.ReasonNotYours)
		}
		queues, err := watch(ctx, r.queues, a, live.Target{Community: communityID.Community}, delivery.KindCommunity)
		return queues, missing(err, "communityId")
	})
}

// loadQueue reads the queue once for all its subscribers with one View.
func (r *Resolver) loadQueue(ctx context.Context, k live.StateKey) (*delivery.CallQueue, error) {
	return r.DB.CallQueue(ctx, k.Scope, k.Community, r.now().Truncate(time.Microsecond))
}

// changesQueue reports whether the event may change the queue of the phone desk.
func changesQueue(e *delivery.Event, k *live.StateKey) bool { return e.ChangesQueue(&k.Scope) }

// ReadBack is the sentence to read aloud to the person who orders. It is empty for viewers who follow a link.
func (r orderResolver) ReadBack(ctx context.Context, o *delivery.Order) (string, error) {
	if !sight(ctx).Whole {
		return "", nil
	}
	lines, err := r.Lines(ctx, o)
	if err != nil {
		return "", err
	}
	supplier, err := r.Supplier(ctx, o)
	if err != nil {
		return "", err
	}
	return o.ReadBack(lines, supplier).In(LocaleFrom(ctx)), nil
}

func (orderResolver) ConsentBy(ctx context.Context, o *delivery.Order) (*delivery.ConsentBy, error) {
	if !sight(ctx).Whole {
		return nil, nil
	}
	return o.ConsentBy, nil
}

func (orderResolver) ConsentNote(ctx context.Context, o *delivery.Order) (*string, error) {
	if !sight(ctx).Whole {
		return nil, nil
	}
	return o.ConsentNote, nil
}

type detailsResolver struct{}

// RefusalDetails returns the resolver of RefusalDetails.
func (*Resolver) RefusalDetails() graph.RefusalDetailsResolver { return detailsResolver{} }

func (detailsResolver) ReadBack(ctx context.Context, d *delivery.Details) (*string, error) {
	if d.ReadBack == nil {
		return nil, nil
	}
	return new(d.ReadBack.In(LocaleFrom(ctx))), nil
}
