package intake

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// GoOn places the rows that an import still lacks, until machine time passes until or it is done. It tells progress of each transaction. The
// same import may be worked on by several callers: each row is placed once.
func (v *Verbs) GoOn(ctx context.Context, id delivery.ID, until time.Time, progress func(*delivery.Import)) (*delivery.Import, error) {
	return v.goOn(ctx, id, until, progress, nil)
}

// goOn is GoOn against an address book that the caller has just read; nil: it reads one.
func (v *Verbs) goOn(ctx context.Context, id delivery.ID, until time.Time, progress func(*delivery.Import), book *HomeBook) (*delivery.Import, error) {
	i, err := v.DB.UnscopedImport(ctx, id)
	if err != nil || i.Finished() {
		return i, err
	}
	a, err := v.DB.UnscopedActor(ctx, delivery.Actor{Role: i.ByRole, Community: i.CommunityID, UUID: i.By().UUID}, v.BusinessTime())
	if delivery.CodeOf(err) == delivery.CodeNotFound {
		return v.giveUp(ctx, i, delivery.Refuse(delivery.ReasonNotYours))
	}
	if err != nil {
		return i, err
	}
	if refusal := a.CanImport(i.CommunityID, i.SupplierUUID); refusal != nil {
		return v.giveUp(ctx, i, refusal)
	}
	from, err := v.DB.UnscopedImportSource(ctx, id)
	if err != nil {
		return i, err
	}
	source, err := v.open(ctx, i, *from, book, true)
	if refusal := delivery.AsError(err); refusal != nil {
		return v.giveUp(ctx, i, refusal)
	} else if err != nil {
		return i, err
	}
	defer source.Close()
	w := &placement{verbs: v, actor: a, id: id, judge: newJudge(a, i, source.book), imp: i, until: until, progress: progress}
	i, err = w.all(ctx, source)
	if refusal := delivery.AsError(err); refusal != nil {
		if refusal.Code() == delivery.CodeRateLimited { // the quota of today is used up
			return v.pause(ctx, i, v.MachineTime().Add(pauseFor))
		}
		return v.giveUp(ctx, i, refusal)
	}
	return i, err
}

// placement is one run over the entries of an import.
type placement struct {
	verbs    *Verbs
	actor    delivery.Actor
	id       delivery.ID
	judge    *judge
	imp      *delivery.Import // as it was saved last
	until    time.Time
	progress func(*delivery.Import)

	first int // how many entries come before items
	items []*judged
}

func (w *placement) all(ctx context.Context, source *Entries) (*delivery.Import, error) {
	for e, err := range source.All {
		if err != nil {
			return w.imp, err
		}
		x := w.judge.judge(&e)
		if x.row.Row <= w.imp.Next { // placed already; the judge has to know it
			continue
		}
		if len(w.items) == 0 {
			w.first = x.row.Row - 1
		}
		if w.items = append(w.items, x); len(w.items) < delivery.ImportChunk {
			continue
		}
		if err := w.place(ctx); err != nil || w.imp.Finished() {
			return w.imp, err
		}
		if !w.verbs.Machine().Before(w.until) {
			return w.verbs.pause(ctx, w.imp, w.verbs.MachineTime())
		}
	}
	if err := w.place(ctx); err != nil || w.imp.Finished() {
		return w.imp, err
	}
	return w.finish(ctx)
}

// place places the items in one transaction.
func (w *placement) place(ctx context.Context) error {
	if len(w.items) == 0 {
		return nil
	}
	saved, err := dispatch.InTxLocked(ctx, w.verbs.Engine, func(t *db.Tx) (*delivery.Import, error) { return w.chunk(ctx, t) })
	if err != nil {
		return err
	}
	w.imp, w.items = saved, nil
	if w.progress != nil {
		w.progress(saved)
	}
	return nil
}

func (w *placement) chunk(ctx context.Context, t *db.Tx) (*delivery.Import, error) {
	i, err := t.LockImport(ctx, w.actor.Scope(), w.id.Community, w.id.UUID)
	if err != nil {
		return nil, err
	}
	skip := i.Next - w.first // another caller placed them meanwhile
	if i.Finished() || skip >= len(w.items) {
		return i, nil
	}
	v := w.verbs
	t.Writes(i.CommunityID, w.actor.Ref().Key(), delivery.AllowanceOf(w.actor.Role, v.Quota))
	b := &batch{actor: w.actor, imp: i, at: v.BusinessTime()}
	for _, x := range w.items[max(0, skip):] {
		b.items = append(b.items, x.clone())
	}
	if err := b.judge(ctx, t); err != nil {
		return nil, err
	}
	b.spend(t)
	events, err := b.save(ctx, t)
	if err != nil {
		return nil, err
	}
	rows, kept := make([]*delivery.ImportRow, len(b.items)), 0
	for k, x := range b.items {
		rows[k] = x.row
		i.Add(x.row.Outcome)
		if x.row.Outcome != delivery.RowPlaced {
			kept += x.row.Kept()
		}
	}
	retry := v.MachineTime().Add(cutOffAfter)
	i.Next, i.RetryAt, i.Version = i.Next+len(rows), &retry, i.Version+1
	i.Total = max(i.Total, i.Next)
	if err := t.InsertImportRows(ctx, i.CommunityID, rows); err != nil {
		return nil, err
	}
	if err := t.SaveImport(ctx, i); err != nil {
		return i, err
	}
	if len(events) == 0 {
		return i, v.chargeText(ctx, t, w.actor, i.CommunityID, kept)
	}
	t.Spend(delivery.QuotaText, kept)
	return i, dispatch.Record(ctx, t, i.CommunityID, events)
}

// chargeText counts bytes of text that an actor keeps without an event.
func (v *Verbs) chargeText(ctx context.Context, t *db.Tx, a delivery.Actor, community int32, n int) error {
	if most := delivery.AllowanceOf(a.Role, v.Quota)[delivery.QuotaText]; most > 0 && n > 0 {
		return t.Charge(ctx, community, a.Ref().Key(), delivery.QuotaText, int64(n), most)
	}
	return nil
}

// finish ends an import whose entries all have their outcome. Entries of an earlier posting of the same list that it lacks become rows that a
// person decides.
func (w *placement) finish(ctx context.Context) (*delivery.Import, error) {
	saved, err := dispatch.InTxLocked(ctx, w.verbs.Engine, func(t *db.Tx) (*delivery.Import, error) {
		i, err := t.LockImport(ctx, w.actor.Scope(), w.id.Community, w.id.UUID)
		if err != nil || i.Finished() || i.Next < w.judge.row {
			return i, err
		}
		if i.Kind == delivery.ImportJielong {
			gone, err := t.GoneFrom(ctx, i)
			if err != nil {
				return nil, err
			}
			var rows []*delivery.ImportRow
			for k, g := range gone {
				rows = append(rows, &delivery.ImportRow{CommunityID: i.CommunityID, UUID: dispatch.NewUUID(), ImportUUID: i.UUID, Row: i.Next + k + 1, Key: g.Key,
					Outcome: delivery.RowInReview, Reason: reasonGone, BuildingUUID: &g.Building, HouseholdUUID: &g.Household, OrderUUID: &g.Order})
				i.Add(delivery.RowInReview)
			}
			if err := t.InsertImportRows(ctx, i.CommunityID, rows); err != nil {
				return nil, err
			}
		}
		return i, end(ctx, t, i, "", w.verbs.BusinessTime())
	})
	if err == nil && w.progress != nil {
		w.progress(saved)
	}
	return saved, err
}

// end saves that a locked import is done. stopped is the reason for which it was given up.
func end(ctx context.Context, t *db.Tx, i *delivery.Import, stopped string, at time.Time) error {
	if at.Before(i.StartedAt) {
		at = i.StartedAt
	}
	i.DoneAt, i.RetryAt, i.Stopped, i.Version = &at, nil, stopped, i.Version+1
	return t.SaveImport(ctx, i)
}

// giveUp ends an import that cannot go on.
func (v *Verbs) giveUp(ctx context.Context, i *delivery.Import, why *delivery.Error) (*delivery.Import, error) {
	return v.change(ctx, i, func(t *db.Tx, i *delivery.Import) error { return end(ctx, t, i, why.Reason.String(), v.BusinessTime()) })
}

// pause notes when the clock worker may go on with an import.
func (v *Verbs) pause(ctx context.Context, i *delivery.Import, until time.Time) (*delivery.Import, error) {
	return v.change(ctx, i, func(t *db.Tx, i *delivery.Import) error {
		i.RetryAt, i.Version = &until, i.Version+1
		return t.SaveImport(ctx, i)
	})
}

func (v *Verbs) change(ctx context.Context, i *delivery.Import, do func(*db.Tx, *delivery.Import) error) (*delivery.Import, error) {
	return dispatch.InTxLocked(ctx, v.Engine, func(t *db.Tx) (*delivery.Import, error) {
		now, err := t.LockImport(ctx, delivery.Scope{Class: delivery.SeesAll, Community: i.CommunityID}, i.CommunityID, i.UUID)
		if err != nil || now.Finished() {
			return now, err
		}
		return now, do(t, now)
	})
}
