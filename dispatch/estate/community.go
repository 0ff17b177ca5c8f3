package estate

import (
	"cmp"
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// NewCommunityInput is a community to add.
type NewCommunityInput struct {
	Code     string
	Name     string
	TimeZone string

	QuietFrom  string `json:",omitempty"`
	QuietUntil string `json:",omitempty"`
	Docks      *int   `json:",omitempty"`

	WelfareDays    *int                 `json:",omitempty"`
	AcceptedProofs []delivery.ProofKind `json:",omitempty"`
	DeskPhone      delivery.Phone       `json:",omitempty"`
}

// CreateCommunitiesInput is communities to add.
type CreateCommunitiesInput struct {
	ClientMutationID *string
	Communities      []*NewCommunityInput
	Atomic           bool
}

// CommunityPatchInput holds the corrections of one community.
type CommunityPatchInput struct {
	ID              delivery.ID
	ExpectedVersion *int64
	Code            *string
	Name            *string
	TimeZone        *string
	QuietFrom       *string              `json:",omitempty"`
	QuietUntil      *string              `json:",omitempty"`
	Docks           *int                 `json:",omitempty"`
	WelfareDays     *int                 `json:",omitempty"`
	DeskPhone       *delivery.Phone      `json:",omitempty"`
	AcceptedProofs  []delivery.ProofKind `json:",omitempty"` // nil leaves them as they are
	ClosureEndedAt  *time.Time
	ClosureReopened *bool
	Archived        *bool
}

// UpdateCommunitiesInput is communities to correct.
type UpdateCommunitiesInput struct {
	ClientMutationID *string
	Communities      []*CommunityPatchInput
	Atomic           bool
}

// defaultDocks is how many docks a gate has unless the community says otherwise.
const defaultDocks = 2

// CommunitiesPayload is the outcome of saving communities: a result per item, in the order given.
type CommunitiesPayload struct {
	dispatch.BulkOf[CommunityResult]
}

// CommunityResult is the outcome of one community.
type CommunityResult struct{ *dispatch.ItemOutcome }

var communityNoun = dispatch.Noun[*delivery.Community]{
	Kind: delivery.KindCommunity, Event: delivery.CommunitySaved, List: "communities", May: delivery.Actor.CanSetUp,
	Keys: func(*delivery.Community) delivery.Keys { return delivery.Keys{} },
	Name: func(r *delivery.Community) string { return r.Code },
}

// CreateCommunities adds communities. Administrators only.
func (v *Verbs) CreateCommunities(ctx context.Context, a delivery.Actor, in CreateCommunitiesInput) (*CommunitiesPayload, error) {
	s := communityNoun.Saving(dispatch.Call{Actor: a, Mutation: "createCommunities", ID: in.ClientMutationID, Input: in}, len(in.Communities), in.Atomic)
	var named []string
	for _, n := range in.Communities {
		named = append(named, n.TimeZone)
	}
	return dispatch.Save[CommunitiesPayload](ctx, v.Engine, s, func(s *dispatch.Saving[*delivery.Community]) error {
		zones, err := zonesKnown(ctx, s.Tx, named)
		if err != nil {
			return err
		}
		there, err := s.Tx.LockAllCommunities(ctx)
		if err != nil {
			return err
		}
		s.Known(nil, there)
		rows := map[int]*delivery.Community{}
		for i, n := range in.Communities {
			c := &delivery.Community{Code: delivery.NormalCode(n.Code), Name: delivery.Trimmed(n.Name), TimeZone: n.TimeZone, Docks: defaultDocks, WelfareDays: delivery.DefaultWelfareDays, Proofs: delivery.ProofKinds, Versioned: delivery.Versioned{Version: 1, CreatedAt: s.At}}
			dispatch.Set(&c.Docks, n.Docks)
			dispatch.Set(&c.WelfareDays, n.WelfareDays)
			setProofs(c, n.AcceptedProofs)
			setDeskPhone(c, &n.DeskPhone)
			// Not drawn yet: a negative number stands in until then.
			c.CommunityID = int32(-1 - i)
			refusal := setQuiet(c, &n.QuietFrom, &n.QuietUntil)
			if refusal == nil {
				refusal = checkCommunity(c, "", zones)
			}
			if s.Add(c, refusal) {
				rows[i] = c
			}
		}
		s.Around(func(func() error) error {
			for i := range in.Communities {
				c := rows[i]
				if c == nil {
					continue
				}
				if err := s.Tx.InsertCommunity(ctx, c); err != nil {
					return err
				}
				if err := s.Tx.InsertFeed(ctx, c.CommunityID, c.Day(s.At)); err != nil {
					return err
				}
				id := c.ID()
				s.Out.Items[i].ID = &id
				if err := s.Tx.Append(ctx, c.CommunityID, []*delivery.Event{communitySaved(s, c)}); err != nil {
					return err
				}
			}
			return nil
		})
		return nil
	})
}

// UpdateCommunities corrects or archives communities: administrators, and the commander.
func (v *Verbs) UpdateCommunities(ctx context.Context, a delivery.Actor, in UpdateCommunitiesInput) (*CommunitiesPayload, error) {
	noun := communityNoun
	noun.May = func(a delivery.Actor, _ int32) bool { return a.SignedIn() } // judged item by item
	s := noun.Saving(dispatch.Call{Actor: a, Mutation: "updateCommunities", ID: in.ClientMutationID, Input: in}, len(in.Communities), in.Atomic)
	var named []string
	for _, n := range in.Communities {
		if n.TimeZone != nil {
			named = append(named, *n.TimeZone)
		}
	}
	return dispatch.Save[CommunitiesPayload](ctx, v.Engine, s, func(s *dispatch.Saving[*delivery.Community]) error {
		zones, err := zonesKnown(ctx, s.Tx, named)
		if err != nil {
			return err
		}
		there, err := s.Tx.LockAllCommunities(ctx)
		if err != nil {
			return err
		}
		var mine []*delivery.Community
		byID, seen := map[int32]*delivery.Community{}, map[int32]bool{}
		for _, c := range there {
			if a.Scope().SeesCommunity(c.CommunityID) {
				mine, byID[c.CommunityID] = append(mine, c), c
			}
		}
		s.Known(mine, there)
		// A placement that is under way waits for the lock above, and finds its community archived.
		busy, err := s.Tx.CommunitiesWithOpenOrders(ctx)
		if err != nil {
			return err
		}
		var saved []*delivery.Community
		for _, n := range in.Communities {
			row := byID[n.ID.Community]
			if refusal := dispatch.CheckID(n.ID, delivery.KindCommunity, 0); refusal != nil {
				s.Refuse(refusal.At("id"))
				continue
			}
			if seen[n.ID.Community] {
				s.Refuse(delivery.Refuse(dispatch.ReasonRepeated).At("id"))
				continue
			}
			seen[n.ID.Community] = true
			if row != nil && !a.CanSetUp(row.CommunityID) {
				s.Refuse(delivery.Refuse(delivery.ReasonNotYours))
				continue
			}
			_, next := s.Correct(n.ID, n.ExpectedVersion, n.Archived, func(c *delivery.Community) *delivery.Error {
				dispatch.SetCode(&c.Code, n.Code)
				dispatch.SetName(&c.Name, n.Name)
				dispatch.Set(&c.TimeZone, n.TimeZone)
				dispatch.Set(&c.Docks, n.Docks)
				dispatch.Set(&c.WelfareDays, n.WelfareDays)
				setProofs(c, n.AcceptedProofs)
				setDeskPhone(c, n.DeskPhone)
				if c.Archived() && !row.Archived() && busy[c.CommunityID] {
					return delivery.Refuse(dispatch.ReasonInUse).At("archived")
				}
				if refusal := n.close(c); refusal != nil {
					return refusal
				}
				if refusal := setQuiet(c, n.QuietFrom, n.QuietUntil); refusal != nil {
					return refusal
				}
				return checkCommunity(c, row.TimeZone, zones)
			})
			if next != nil {
				saved = append(saved, next)
			}
		}
		s.Around(func(func() error) error {
			// Feeds are locked in the order of their communities, as everywhere.
			slices.SortFunc(saved, func(a, b *delivery.Community) int { return int(a.CommunityID) - int(b.CommunityID) })
			for _, c := range saved {
				if _, err := s.Tx.LockCommunity(ctx, c.CommunityID, true); err != nil {
					return err
				}
			}
			if err := s.Tx.SaveCommunities(ctx, saved); err != nil {
				return err
			}
			for _, c := range saved {
				if err := s.Tx.Append(ctx, c.CommunityID, []*delivery.Event{communitySaved(s, c)}); err != nil {
					return err
				}
			}
			return nil
		})
		return nil
	})
}

// communitySaved returns the event that the community was saved, for its own feed.
func communitySaved(s *dispatch.Saving[*delivery.Community], c *delivery.Community) *delivery.Event {
	return delivery.NewEvent(communityNoun.Event, s.Actor, s.At, delivery.Keys{Community: c.CommunityID}, nil)
}

// reasonEndedAndReopened refuses a patch that contradicts itself.
var reasonEndedAndReopened = delivery.NewReason("ENDED_AND_REOPENED", delivery.CodeBadUserInput,
	"A closure cannot be both ended and reopened.",
	"封闭不能既已结束又重新开始。")

// close notes when the closure ended, or that it goes on after all. What was purged stays purged; a closure that goes on
// takes personal data again, and its end is another one.
func (n *CommunityPatchInput) close(c *delivery.Community) *delivery.Error {
	if n.ClosureReopened != nil && *n.ClosureReopened {
		if n.ClosureEndedAt != nil {
			return delivery.Refuse(reasonEndedAndReopened).At("closureReopened")
		}
		c.ClosureEndedAt, c.PurgeBeganAt, c.PurgedAt = nil, nil, nil
		return nil
	}
	at := dispatch.Instant(n.ClosureEndedAt)
	switch {
	case at == nil || (c.ClosureEndedAt != nil && c.ClosureEndedAt.Equal(*at)):
		return nil
	case delivery.CheckTime(*at) != nil:
		return delivery.CheckTime(*at).At("closureEndedAt")
	case c.Purged():
		return delivery.Refuse(dispatch.ReasonPurged).At("closureEndedAt")
	}
	c.ClosureEndedAt = at
	return nil
}

// setProofs sets the kinds of proof that are given.
func setProofs(c *delivery.Community, kinds []delivery.ProofKind) {
	if kinds != nil {
		c.Proofs = delivery.NewProofPolicy(kinds)
	}
}

// setDeskPhone sets the number of the phone desk, if one is given. It is stored and shown whole: it is no person's.
func setDeskPhone(c *delivery.Community, number *delivery.Phone) {
	if number != nil {
		c.DeskPhone = number.Normal().Reveal()
	}
}

// setQuiet sets the quiet hours that are given; an empty time ends them.
func setQuiet(c *delivery.Community, from, until *string) *delivery.Error {
	for _, given := range []struct {
		text  *string
		to    **delivery.ClockTime
		field string
	}{{from, &c.QuietFrom, "quietFrom"}, {until, &c.QuietUntil, "quietUntil"}} {
		switch {
		case given.text == nil:
		case *given.text == "":
			*given.to = nil
		default:
			at, refusal := delivery.ParseClockTime(*given.text)
			if refusal != nil {
				return refusal.At(given.field)
			}
			*given.to = &at
		}
	}
	if refusal := c.CheckQuiet(); refusal != nil {
		return refusal.At("quietUntil")
	}
	return nil
}

// checkCommunity refuses a community that breaks a rule. A zone must be known to the database too, so that its calendar and the
// program's agree.
func checkCommunity(c *delivery.Community, was string, zones map[string]bool) *delivery.Error {
	if c.TimeZone == was { // unchanged, perhaps from before zones were checked
		return checkCommunityTexts(c)
	}
	_, refusal := delivery.ParseZone(c.TimeZone)
	if refusal == nil && !zones[c.TimeZone] {
		refusal = delivery.Refuse(delivery.ReasonBadTimeZone, c.TimeZone)
	}
	return cmp.Or(checkCommunityTexts(c), dispatch.First(dispatch.Field("timeZone", refusal)))
}

// zonesKnown returns which of the names the database knows as zones. It skips names that ParseZone refuses.
func zonesKnown(ctx context.Context, t *db.Tx, named []string) (map[string]bool, error) {
	return t.Zones(ctx, slices.DeleteFunc(slices.Clone(named), func(name string) bool {
		_, refusal := delivery.ParseZone(name)
		return refusal != nil
	}))
}

func checkCommunityTexts(c *delivery.Community) *delivery.Error {
	return dispatch.First(dispatch.Field("code", delivery.CheckCode(c.Code)), dispatch.Text("name", c.Name, delivery.MaxName, true), dispatch.Text("timeZone", c.TimeZone, 64, true),
		dispatch.Within("docks", c.Docks, 1, delivery.MaxDocks), dispatch.Within("welfareDays", c.WelfareDays, 1, delivery.MaxWelfareDays), dispatch.Field("acceptedProofs", c.Proofs.Check()),
		dispatch.Field("deskPhone", delivery.Phone(c.DeskPhone).Check()))
}
