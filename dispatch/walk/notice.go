package walk

import (
	"time"

	"baogong/delivery"
	"baogong/dispatch/notice"
)

func (w *Walker) publishNotice() *Act {
	in := &notice.PublishNoticeInput{CommunityID: w.community, Kind: choose(w, delivery.NoticePlain, delivery.NoticePlain, delivery.NoticeClosure), Title: "通知", Households: true}
	switch {
	case in.Kind == delivery.NoticeClosure:
		in.ClosureLevel = new(choose(w, delivery.ClosureLevels...))
		in.EffectiveAt = new(w.Now().Add(time.Duration(w.rng.IntN(48)-12) * time.Hour))
	case w.some(2):
		in.BuildingIds = []delivery.ID{choose(w, w.buildings...)}
	case w.some(3):
		if id, ok := w.one(delivery.KindNotice, "notices order by number"); ok {
			in.ReplacesID = &id
		}
	}
	return &Act{By: w.by(w.commander), Input: in}
}

func (w *Walker) markNoticesSeen() *Act {
	ids := w.ids(2, delivery.KindNotice, "notices order by number")
	if len(ids) == 0 {
		return nil
	}
	return &Act{By: w.by(w.residents[choose(w, w.homes...).UUID]), Input: &notice.MarkNoticesSeenInput{NoticeIds: ids, Atomic: w.some(4)}}
}

func (w *Walker) markNoticeTold() *Act {
	id, ok := w.one(delivery.KindNotice, "notices order by number")
	if !ok {
		return nil
	}
	return &Act{By: w.by(choose(w, w.supply...), w.commander), Input: &notice.MarkNoticeToldInput{NoticeID: id, HouseholdIds: w.ids(3, delivery.KindHousehold, "households order by address"), Atomic: w.some(4)}}
}
