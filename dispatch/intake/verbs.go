// Package intake is the verbs on imports: files and pasted lists whose rows become orders. Package reading turns the bytes into entries; this
// package decides what comes of each entry, places orders in transactions of delivery.ImportChunk rows, and keeps what a person must decide.
package intake

import (
	"context"
	"errors"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// Verbs are the mutations of the area.
type Verbs struct {
	*dispatch.Engine

	// Reading bounds the files that are read at once. The estate's workbooks share it.
	Reading *dispatch.Slots
	// Read reads the source of an import; nil: reads it with package reading. Tests set it.
	Read func(context.Context, ToRead) (*Entries, error)

	phones phoneLookups

	// Progress is told of each transaction of a call; may be nil.
	Progress func(*delivery.Import)
}

// How the clock worker goes on with imports whose call has ended or was cut off.
const (
	resumeEvery  = 2 * time.Second
	resumeAtMost = 4                // imports in one turn, besides those that wait for another day
	resumeLooks  = 200              // imports that are looked at in one turn
	resumeFor    = 10 * time.Second // of one import in one turn
	forgetEvery  = time.Hour
)

// Upkeep lists the clock worker's tasks for the area.
func (v *Verbs) Upkeep() []dispatch.Upkeep {
	return []dispatch.Upkeep{{Every: forgetEvery, Do: v.Forget}, {Every: resumeEvery, Do: v.Resume}} // Resume may take all that is left of the time
}

// Resume goes on with imports whose call has ended or was cut off. One that fails is tried again later, and holds up no other.
func (v *Verbs) Resume(ctx context.Context) error {
	waiting, err := v.DB.UnscopedUnfinishedImports(ctx, v.MachineTime(), resumeLooks)
	if err != nil {
		return err
	}
	var errs []error
	tried := 0
	for _, i := range waiting {
		if tried >= resumeAtMost {
			break
		}
		refusal, err := v.quotaLeft(ctx, i)
		if refusal != nil {
			_, err = v.pause(ctx, i, v.MachineTime().Add(pauseFor))
			errs = append(errs, err)
			continue
		}
		if tried++; err != nil {
			errs = append(errs, err)
			continue
		}
		if _, err := v.GoOn(ctx, i.ID(), v.Machine().Add(resumeFor), nil); err != nil {
			_, late := v.pause(ctx, i, v.MachineTime().Add(cutOffAfter))
			errs = append(errs, err, late)
		}
	}
	return errors.Join(errs...)
}

// Forget removes the texts of rows that have waited for a decision for delivery.ImportKept.
func (v *Verbs) Forget(ctx context.Context) error {
	_, err := v.DB.UnscopedForgetImportTexts(ctx, v.BusinessTime().Add(-delivery.ImportKept))
	return err
}

// quotaLeft refuses an import whose account has used up a quota of the day, before its file is read again.
func (v *Verbs) quotaLeft(ctx context.Context, i *delivery.Import) (*delivery.Error, error) {
	err := v.DB.InTx(ctx, func(t *db.Tx) error {
		t.Writes(i.CommunityID, i.By().Key(), delivery.AllowanceOf(i.ByRole, v.Quota))
		rows := max(1, min(delivery.ImportChunk, i.Total-i.Next))
		t.Spend(delivery.QuotaText, rows*delivery.RowBytes)
		return t.LookQuotas(ctx)
	})
	if refusal := delivery.AsError(err); refusal != nil && refusal.Code() == delivery.CodeRateLimited {
		return refusal, nil
	}
	return nil, err
}
