package demo

import (
	"context"
	"time"

	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/notice"
)

// planNotices puts the notices of a day on the agenda: one in the morning to everyone, which households see, the phone desk tells those that have no
// smartphone, and others are not reached.
func (e *Simulation) planNotices(plan onceAt, soon onceBy, day time.Time) {
	soon(day.Add(7*time.Hour+50*time.Minute), day.Add(18*time.Hour), func(ctx context.Context) error { return e.seal(ctx, day) })
	soon(day.Add(8*time.Hour), day.Add(18*time.Hour), func(ctx context.Context) error {
		return e.publish(ctx, notice.PublishNoticeInput{ClientMutationID: new("notice " + day.Format(time.DateOnly)), Kind: delivery.NoticePlain, Title: "今晚六点停水",
			Body: "请提前蓄水，明早六点恢复。", Households: true})
	})
	for at := 8*time.Hour + 10*time.Minute; at < 20*time.Hour; at += 20 * time.Minute {
		plan(day.Add(at), e.reach)
	}
}

// seal publishes the closure on the first day.
func (e *Simulation) seal(ctx context.Context, day time.Time) error {
	known, err := e.DB.NoticesInForce(ctx, e.commander.Scope(), e.community.Community, e.Clock.Now())
	if err != nil || len(known) > 0 {
		return err
	}
	return e.publish(ctx, notice.PublishNoticeInput{ClientMutationID: new("closure " + day.Format(time.DateOnly)), Kind: delivery.NoticeClosure, ClosureLevel: new(delivery.ClosureSealed), Title: "全面封闭管理",
		Body: "所有住户居家，物资由志愿者送到门口。", Households: true})
}

func (e *Simulation) publish(ctx context.Context, in notice.PublishNoticeInput) error {
	in.CommunityID = e.community
	p, err := e.Verbs.Notice.PublishNotice(ctx, e.commander, in)
	if err == nil {
		e.count(false, len(p.UserErrors) > 0)
	}
	return err
}

// reach has some households see the notices in force, and the phone desk tell one of them the newest.
func (e *Simulation) reach(ctx context.Context) error {
	notices, err := e.DB.NoticesInForce(ctx, e.commander.Scope(), e.community.Community, e.Clock.Now())
	if err != nil || len(notices) == 0 || len(e.households) == 0 {
		return err
	}
	ids := dispatch.IDs(notices, (*delivery.Notice).ID)
	for range 4 {
		h := pick(e.aside, e.households)
		if h.Address == Door { // the visitors' own
			continue
		}
		by := delivery.Actor{Name: h.Address, Role: delivery.RoleResident, Community: h.CommunityID, UUID: h.UUID, Buildings: []delivery.UUID{h.BuildingUUID}}
		if _, err := e.Verbs.Notice.MarkNoticesSeen(ctx, by, notice.MarkNoticesSeenInput{NoticeIds: ids}); err != nil {
			return err
		}
	}
	_, err = e.Verbs.Notice.MarkNoticeTold(ctx, e.lead(delivery.SquadPersuasion), notice.MarkNoticeToldInput{NoticeID: ids[0], HouseholdIds: []delivery.ID{pick(e.aside, e.households).ID()}})
	return err
}
