package desk

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

const (
	mostPassed = 100 // the most enquiries that Pass changes in one transaction
	mostCalls  = 200 // the most welfare calls that Welfare logs in one transaction
)

// Pass is a dispatch.Job: it releases the enquiries whose lease has ended, and records which have come due.
func (v *Verbs) Pass(c db.CommunityClock, now time.Time) func(context.Context) error {
	if c.Enquiry == nil || c.Enquiry.After(now) {
		return nil
	}
	return func(ctx context.Context) error {
		ids, err := v.DB.UnscopedPassingEnquiries(ctx, c.Community, now, mostPassed)
		if err != nil || len(ids) == 0 {
			return err
		}
		return dispatch.UnlessNothing(v.InTx(ctx, func(t *db.Tx) error {
			rows, err := t.LockEnquiries(ctx, c.Community, ids)
			if err != nil {
				return err
			}
			var events []*delivery.Event
			for _, e := range rows {
				event := e.Pass(delivery.System(c.Community), now)
				if event == nil { // finished or renewed meanwhile
					continue
				}
				if err := t.SaveEnquiry(ctx, e); err != nil {
					return err
				}
				events = append(events, event)
			}
			if len(events) == 0 {
				return dispatch.ErrNothing
			}
			return t.Append(ctx, c.Community, events)
		}))
	}
}

// Welfare is a dispatch.Job: from nine o'clock in the community's zone it logs the day's welfare calls, at most mostCalls in each transaction. The
// day is done when no household is left to be called; until then each further run continues, even after a crash.
func (v *Verbs) Welfare(c db.CommunityClock, now time.Time) func(context.Context) error {
	zone := &delivery.Community{TimeZone: c.TimeZone}
	day, from := zone.Day(now), zone.ThisMorning(now)
	if now.Before(from) || c.Welfare != nil && *c.Welfare >= day {
		return nil
	}
	return func(ctx context.Context) error {
		return dispatch.UnlessNothing(v.InTx(ctx, func(t *db.Tx) error { return logWelfare(ctx, t, c.Community, day, from, now) }))
	}
}

// logWelfare logs at most mostCalls welfare calls of a day, whose calls begin at from, and marks the day as done if none are left.
func logWelfare(ctx context.Context, t *db.Tx, community int32, day string, from, now time.Time) error {
	estate, err := t.LockCommunity(ctx, community, false)
	if err != nil {
		return err
	}
	last, err := t.LockWelfareDay(ctx, community)
	if err != nil {
		return err
	}
	if last >= day {
		return dispatch.ErrNothing
	}
	var lonely []db.LonelyHousehold
	if !estate.Archived() && !estate.Purged() && !estate.Ended(now) {
		if lonely, err = t.LonelyHouseholds(ctx, community, from.AddDate(0, 0, -estate.WelfareDays), day, mostCalls); err != nil {
			return err
		}
	}
	if err := t.Decided(); err != nil {
		return err
	}
	if len(lonely) < mostCalls {
		if err := t.SaveWelfareDay(ctx, community, day); err != nil || len(lonely) == 0 {
			return err
		}
	}
	number, err := t.NextNumbers(ctx, community, db.NumberEnquiry, len(lonely))
	if err != nil {
		return err
	}
	calls, events := make([]*delivery.Enquiry, len(lonely)), make([]*delivery.Event, len(lonely))
	for i, h := range lonely {
		calls[i] = &delivery.Enquiry{CommunityID: community, UUID: dispatch.NewUUID(), Number: number + int64(i), Kind: delivery.EnquiryWelfare, Way: delivery.WayPhone,
			HouseholdUUID: &h.UUID, BuildingUUID: &h.Building}
		events[i] = calls[i].Log(delivery.System(community), now, now)
	}
	if err := t.InsertEnquiries(ctx, calls, day); err != nil {
		return err
	}
	return t.Append(ctx, community, events)
}
