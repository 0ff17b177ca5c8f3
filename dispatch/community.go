package dispatch

import (
	"cmp"
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// CreateCommunities adds communities. Administrators only.
func (d *Dispatch) CreateCommunities(ctx context.Context, a delivery.Actor, in CreateCommunitiesInput) (*CommunitiesPayload, error) {
	s := saving{call: call{actor: a, mutation: "createCommunities", id: in.ClientMutationID, input: in}, list: "communities",
		count: len(in.Communities), atomic: in.Atomic, kind: delivery.KindCommunity, event: delivery.CommunitySaved, may: delivery.Actor.CanSetUp}
	var named []string
	for _, n := range in.Communities {
		named = append(named, n.TimeZone)
	}
	p, err := save[CommunitiesPayload](ctx, d, s, func(s *saving) (func() error, error) {
		zones, err := zonesKnown(ctx, s.tx, named)
		if err != nil {
			return nil, err
		}
		there, err := s.tx.LockAllCommunities(ctx)
		if err != nil {
			return nil, err
		}
		codes := namesOf(there, func(c *delivery.Community) string { return c.Code })
		rows := map[int]*delivery.Community{}
		for i, n := range in.Communities {
			c := &delivery.Community{Code: delivery.NormalCode(n.Code), Name: delivery.Trimmed(n.Name), TimeZone: n.TimeZone, Version: 1, CreatedAt: s.at}
			// Not drawn yet: a negative number stands in until then.
			c.CommunityID = int32(-1 - i)
			refusal := checkCommunity(c, "", zones)
			if refusal == nil {
				refusal = first(fieldCheck{"code", codes.claim(c.Code, "", c.ID())})
			}
			if s.item(c.ID(), &delivery.Keys{}, refusal) {
				rows[i] = c
			}
		}
		return func() error {
			for i := range in.Communities {
				c := rows[i]
				if c == nil {
					continue
				}
				if err := s.tx.InsertCommunity(ctx, c); err != nil {
					return err
				}
				if err := s.tx.InsertFeed(ctx, c.CommunityID, localDay(c, s.at)); err != nil {
					return err
				}
				id := c.ID()
				s.out.Items[i].ID = &id
				saved := delivery.NewEvent(s.event, s.actor, s.at, delivery.Keys{Community: c.CommunityID}, delivery.EventBody{})
				if err := s.tx.Append(ctx, c.CommunityID, []*delivery.Event{saved}); err != nil {
					return err
				}
			}
			return nil
		}, nil
	})
	return p, err
}

// UpdateCommunities corrects or archives communities: administrators, and the commander.
func (d *Dispatch) UpdateCommunities(ctx context.Context, a delivery.Actor, in UpdateCommunitiesInput) (*CommunitiesPayload, error) {
	s := saving{call: call{actor: a, mutation: "updateCommunities", id: in.ClientMutationID, input: in}, list: "communities",
		count: len(in.Communities), atomic: in.Atomic, kind: delivery.KindCommunity, event: delivery.CommunitySaved,
		may: func(a delivery.Actor, _ int32) bool { return a.SignedIn() }} // judged item by item
	var saved []*delivery.Community
	var named []string
	for _, n := range in.Communities {
		if n.TimeZone != nil {
			named = append(named, *n.TimeZone)
		}
	}
	p, err := save[CommunitiesPayload](ctx, d, s, func(s *saving) (func() error, error) {
		zones, err := zonesKnown(ctx, s.tx, named)
		if err != nil {
			return nil, err
		}
		there, err := s.tx.LockAllCommunities(ctx)
		if err != nil {
			return nil, err
		}
		codes := namesOf(there, func(c *delivery.Community) string { return c.Code })
		rows, seen := map[int32]*delivery.Community{}, map[int32]bool{}
		for _, c := range there {
			if a.Scope().Enters(c.CommunityID) {
				rows[c.CommunityID] = c
			}
		}
		// A placement that is under way waits for the lock above, and finds its community archived.
		busy, err := s.tx.CommunitiesWithOpenOrders(ctx)
		if err != nil {
			return nil, err
		}
		saved = nil
		for _, n := range in.Communities {
			row := rows[n.ID.Community]
			if refusal := checkID(n.ID, delivery.KindCommunity, 0); refusal != nil {
				s.item(n.ID, nil, refusal.At("id"))
				continue
			}
			if seen[n.ID.Community] {
				s.item(n.ID, nil, delivery.Refuse(delivery.ReasonRepeated).At("id"))
				continue
			}
			seen[n.ID.Community] = true
			if row != nil && !a.CanSetUp(row.CommunityID) {
				s.item(n.ID, nil, delivery.Refuse(delivery.ReasonNotYours))
				continue
			}
			next := correct(s, row, func(c *delivery.Community) *int64 { return &c.Version }, n.ExpectedVersion, n.ID,
				func(*delivery.Community) delivery.Keys { return delivery.Keys{} },
				func(c *delivery.Community) (bool, *delivery.Error) {
					setCode(&c.Code, n.Code)
					setName(&c.Name, n.Name)
					set(&c.TimeZone, n.TimeZone)
					archive(&c.ArchivedAt, n.Archived, s.at)
					if c.ArchivedAt != nil && row.ArchivedAt == nil && busy[c.CommunityID] {
						return false, delivery.Refuse(delivery.ReasonInUse).At("archived")
					}
					if refusal := n.close(c); refusal != nil {
						return false, refusal
					}
					if refusal := checkCommunity(c, row.TimeZone, zones); refusal != nil {
						return false, refusal
					}
					return false, first(fieldCheck{"code", codes.claim(c.Code, row.Code, c.ID())})
				})
			if next != nil {
				saved = append(saved, next)
			}
		}
		return func() error {
			// Feeds are locked in the order of their communities, as everywhere.
			slices.SortFunc(saved, func(a, b *delivery.Community) int { return int(a.CommunityID) - int(b.CommunityID) })
			// An event refers to its community, so whoever has bumped the feed needs the row that a new code locks: the feed first.
			for _, c := range saved {
				if _, err := s.tx.LockCommunity(ctx, c.CommunityID, true); err != nil {
					return err
				}
			}
			for _, c := range saved {
				if _, err := s.tx.LockDay(ctx, c.CommunityID); err != nil {
					return err
				}
			}
			if err := s.tx.SaveCommunities(ctx, saved); err != nil {
				return err
			}
			for _, c := range saved {
				e := delivery.NewEvent(s.event, s.actor, s.at, delivery.Keys{Community: c.CommunityID}, delivery.EventBody{})
				if err := s.tx.Append(ctx, c.CommunityID, []*delivery.Event{e}); err != nil {
					return err
				}
			}
			return nil
		}, nil
	})
	return p, err
}

// close notes when the closure ended, or that it goes on after all. What was purged stays purged; a closure that goes on
// takes personal data again, and its end is another one.
func (n *CommunityPatchInput) close(c *delivery.Community) *delivery.Error {
	if n.ClosureReopened != nil && *n.ClosureReopened {
		if n.ClosureEndedAt != nil {
			return delivery.Refuse(delivery.ReasonEndedAndReopened).At("closureReopened")
		}
		c.ClosureEndedAt, c.PurgeBeganAt, c.PurgedAt = nil, nil, nil
		return nil
	}
	at := instant(n.ClosureEndedAt)
	switch {
	case at == nil || (c.ClosureEndedAt != nil && c.ClosureEndedAt.Equal(*at)):
		return nil
	case delivery.CheckTime(*at) != nil:
		return delivery.CheckTime(*at).At("closureEndedAt")
	case c.Purged():
		return delivery.Refuse(delivery.ReasonPurged).At("closureEndedAt")
	}
	c.ClosureEndedAt = at
	return nil
}

// checkCommunity refuses a community that breaks a rule. A zone must be known to the database too, so that its calendar and the
// program's agree.
func checkCommunity(c *delivery.Community, was string, zones map[string]bool) *delivery.Error {
	zone := fieldCheck{field: "timeZone"}
	if c.TimeZone == was { // unchanged, perhaps from before zones were checked
		return checkCommunityTexts(c)
	}
	if _, zone.refusal = delivery.ParseZone(c.TimeZone); zone.refusal == nil && !zones[c.TimeZone] {
		zone.refusal = delivery.Refuse(delivery.ReasonBadTimeZone, c.TimeZone)
	}
	return cmp.Or(checkCommunityTexts(c), first(zone))
}

// zonesKnown returns which of the names the database knows as zones. It skips names that ParseZone refuses.
func zonesKnown(ctx context.Context, t *db.Tx, named []string) (map[string]bool, error) {
	return t.Zones(ctx, slices.DeleteFunc(slices.Clone(named), func(name string) bool {
		_, refusal := delivery.ParseZone(name)
		return refusal != nil
	}))
}

func checkCommunityTexts(c *delivery.Community) *delivery.Error {
	return first(fieldCheck{"code", delivery.CheckCode(c.Code)}, text("name", c.Name, delivery.MaxName, true), text("timeZone", c.TimeZone, 64, true))
}

func localDay(c *delivery.Community, at time.Time) string {
	from, _ := c.Today(at)
	return from.Format(time.DateOnly)
}
