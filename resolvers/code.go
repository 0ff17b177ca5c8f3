package resolvers

import (
	"context"
	"strings"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/access"
	"baogong/graph"
)

var codeByID = guardedNoun(delivery.KindCode, (*db.DB).CodesByID, func(a delivery.Actor, id delivery.ID) bool { return a.CanIssue(id.Community) })

func (r mutationResolver) CreateInvitations(ctx context.Context, input access.CreateInvitationsInput) (*access.CodesPayload, error) {
	return together(ctx, issued)(r.Verbs.Access.CreateInvitations(ctx, ActorFrom(ctx), input))
}

func (r mutationResolver) IssueCards(ctx context.Context, input access.IssueCardsInput) (*access.CodesPayload, error) {
	return together(ctx, issued)(r.Verbs.Access.IssueCards(ctx, ActorFrom(ctx), input))
}

func (r mutationResolver) ShareOrder(ctx context.Context, input access.ShareOrderInput) (*access.CodesPayload, error) {
	return together(ctx, issued)(r.Verbs.Access.ShareOrder(ctx, ActorFrom(ctx), input))
}

func (r mutationResolver) RevokeCodes(ctx context.Context, input access.RevokeCodesInput) (*access.EndPayload, error) {
	return r.Verbs.Access.RevokeCodes(ctx, ActorFrom(ctx), input)
}

func issued(p *access.CodesPayload) []*access.CodeResult { return p.Results }

type codeResultResolver struct{ *Resolver }

// CodeResult returns the resolver of CodeResult.
func (r *Resolver) CodeResult() graph.CodeResultResolver { return codeResultResolver{r} }

// Code resolves the issued code. It is null for links: most callers who may pass a link on may not list codes.
func (codeResultResolver) Code(ctx context.Context, c *access.CodeResult) (*delivery.AccessCode, error) {
	if c.SubjectID.Kind == delivery.KindOrder {
		return nil, nil
	}
	return of(ctx, codeByID.in(load(ctx)), c, func(c *access.CodeResult) *delivery.ID { return c.CodeID })
}

// URL is the address at which the secret can be redeemed or the order watched. Secrets other than a link's are in the
// fragment, which browsers do not send to a server.
func (r codeResultResolver) URL(_ context.Context, c *access.CodeResult) (*string, error) {
	if c.Secret == nil {
		return nil, nil
	}
	url := strings.TrimSuffix(r.PublicURL, "/")
	if c.SubjectID.Kind == delivery.KindOrder {
		url += "/track/" + *c.Secret
	} else {
		url += "/sign-in#" + *c.Secret
	}
	return &url, nil
}

func (r queryResolver) Codes(ctx context.Context, communityID *delivery.ID, filter *graph.AccessCodeFilter, first *int, after *string, last *int, before *string) (*graph.AccessCodeConnection, error) {
	of := delivery.ID{Kind: delivery.KindCommunity} // administrators and the city
	if communityID != nil {
		of = *communityID
		if err := r.enter(ctx, of, "communityId"); err != nil {
			return nil, err
		}
	}
	a, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	if !a.CanIssue(of.Community) {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	args, bound := paging{first, last, after, before}, boundTo("codes", of, filter)
	p, err := r.page(ctx, args, bound)
	if err != nil {
		return nil, err
	}
	f, err := codeFilter(filter, of.Community)
	if err != nil {
		return nil, err
	}
	rows, err := r.DB.Codes(ctx, a.Scope(), of.Community, f, r.Verbs.Machine(), p)
	if err != nil {
		return nil, err
	}
	return (*graph.AccessCodeConnection)(connection[graph.AccessCodeEdge](ctx, r.Resolver, args, rows, bound)), nil
}

func codeFilter(f *graph.AccessCodeFilter, community int32) (out db.CodeFilter, err error) {
	if f == nil {
		return out, nil
	}
	out.Purposes, out.Ended = f.Purposes, f.IncludeEnded
	out.Rows, err = named(f.SubjectIds, community, "subjectIds", delivery.KindVolunteer, delivery.KindSupplier, delivery.KindHousehold, delivery.KindOrder)
	return out, err
}
