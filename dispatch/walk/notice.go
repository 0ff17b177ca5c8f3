package walk

import (
	"time"

	"baogong/delivery"
	"baogong/dispatch/notice"
)

func (w *Walker) publishNotice() *Act {
	in := &notice.PublishNoticeInput{CommunityID: w.community, Kind: choose(w, delivery.NoticePlain, delivery.NoticePlain, delivery.NoticeClosure, delivery.NoticeReopening),
		Title: "通知", Households: true}
	by := w.by(w.commander)
	switch {
	case in.Kind != delivery.NoticePlain:
		if in.Kind == delivery.NoticeClosure {
			in.ClosureLevel = new(choose(w, delivery.ClosureLevels...))
		}
		in.EffectiveAt = new(w.Now().Add(time.Duration(w.rng.IntN(48)-12) * time.Hour))
	default:
		switch id, ok := w.one(delivery.KindNotice, "notices order by number"); w.rng.IntN(6) {
		case 0, 1:
			in.BuildingIds = []delivery.ID{choose(w, w.buildings...)}
		case 2:
			if ok {
				in.ReplacesID = &id
			}
		case 3:
			in.Suppliers, in.Squads = true, []delivery.Squad{choose(w, delivery.Squads...)}
		case 4:
			in.Households, in.Squads = false, []delivery.Squad{delivery.SquadSupply}
			by = w.by(choose(w, w.leads...))
		}
	}
	return &Act{By: by, Input: in}
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
	return &Act{By: w.by(choose(w, w.supply...), w.desk(), w.commander), Input: &notice.MarkNoticeToldInput{NoticeID: id, HouseholdIds: w.ids(3, delivery.KindHousehold, "households order by address"), Atomic: w.some(4)}}
}
