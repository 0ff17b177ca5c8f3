package resolvers

import (
	"context"

	"github.com/graph-gophers/dataloader/v7"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/contact"
	"baogong/graph"
)

func (r mutationResolver) RevealContact(ctx context.Context, input contact.RevealContactInput) (*contact.RevealContactPayload, error) {
	return r.Verbs.Contact.RevealContact(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) RevealRound(ctx context.Context, input contact.RevealRoundInput) (*contact.RevealRoundPayload, error) {
	p, err := r.Verbs.Contact.RevealRound(ctx, ActorFrom(ctx), input)
	if err != nil {
		return nil, err
	}
	homes := make([]*delivery.Household, len(p.Contacts))
	for i, c := range p.Contacts {
		homes[i] = c.Household
	}
	relate(load(ctx), homes)
	return p, nil
}

// RevealCounts resolves how many contacts each member of the team was given today.
func (r queryResolver) RevealCounts(ctx context.Context, communityID delivery.ID) ([]*delivery.RevealCount, error) {
	if err := r.enter(ctx, communityID, "communityId"); err != nil {
		return nil, err
	}
	counts, err := r.Verbs.Contact.RevealCountsOf(ctx, ActorFrom(ctx), communityID)
	if err != nil {
		return nil, missing(err, "communityId")
	}
	members := make([]*delivery.Volunteer, len(counts))
	for i, c := range counts {
		members[i] = c.Volunteer
	}
	relate(load(ctx), members)
	return counts, nil
}

// Exports resolves the newest downloads of tables.
func (r queryResolver) Exports(ctx context.Context, communityID delivery.ID) ([]*delivery.Export, error) {
	if err := r.enter(ctx, communityID, "communityId"); err != nil {
		return nil, err
	}
	exports, err := r.Verbs.Export.List(ctx, ActorFrom(ctx), communityID)
	return exports, missing(err, "communityId")
}

// Reveals resolves the reveals of the household. It loads those of all households of a page at once.
func (r householdResolver) Reveals(ctx context.Context, h *delivery.Household, first *int, after *string, last *int, before *string) (*graph.RevealConnection, error) {
	l := load(ctx)
	if !l.actor.SeesReveals() {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	args, bound := paging{first, last, after, before}, boundTo("reveals", h.ID())
	p, err := r.page(ctx, args, bound)
	if err != nil {
		return nil, err
	}
	rows, err := of(ctx, revealsOf(l, p, boundTo("", first, after, last, before, p.Count)), h, by((*delivery.Household).ID))
	if err != nil {
		return nil, err
	}
	return (*graph.RevealConnection)(connection[graph.RevealEdge](ctx, r.Resolver, args, rows, bound)), nil
}

// revealsOf loads one page of each household's reveals. Fields of the response with equal arguments share the loader.
func revealsOf(l *loaders, p db.Range, alike string) *dataloader.Loader[delivery.ID, *db.Rows[delivery.Reveal]] {
	type key struct{ alike string }
	return made(l, key{alike}, func(ctx context.Context, l *loaders, ids []delivery.ID) (map[delivery.ID]*db.Rows[delivery.Reveal], error) {
		return l.db.RevealsOfHouseholds(ctx, l.actor.Scope(), ids, p)
	})
}

type revealResolver struct{ *Resolver }

// Reveal returns the resolver of Reveal.
func (r *Resolver) Reveal() graph.RevealResolver { return revealResolver{r} }

func (revealResolver) Order(ctx context.Context, r *delivery.Reveal) (*delivery.Order, error) {
	return of(ctx, orderByID.in(load(ctx)), r, (*delivery.Reveal).OrderID)
}
