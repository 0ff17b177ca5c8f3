package intake

import (
	"context"

	"baogong/db"
	"baogong/delivery"
)

// open reads the source of an import against an address book; nil: that of the moment. placing is false for a dry run.
func (v *Verbs) open(ctx context.Context, i *delivery.Import, from db.ImportSource, book *HomeBook, placing bool) (*Entries, error) {
	if i.FileUUID == nil {
		return v.openNow(ctx, i, from, book, placing)
	}
	release, err := v.Reading.Take(ctx, i.By().Key())
	if err != nil {
		return nil, err
	}
	e, err := v.openNow(ctx, i, from, book, placing)
	if err != nil {
		release()
		return nil, err
	}
	closed := e.Close
	e.Close = func() {
		closed()
		release()
	}
	return e, nil
}

func (v *Verbs) openNow(ctx context.Context, i *delivery.Import, from db.ImportSource, book *HomeBook, placing bool) (_ *Entries, err error) {
	if book == nil {
		if book, err = v.book(ctx, i.CommunityID); err != nil {
			return nil, err
		}
	}
	v.guard(book, i.By(), placing)
	if i.WindowUUID != nil && len(from.Menu) == 0 {
		if from.Menu, err = v.menu(ctx, i); err != nil {
			return nil, err
		}
	}
	to := ToRead{Import: i, ImportSource: from, Book: book}
	if i.Kind == delivery.ImportJielong && i.Day != "" { // without its day it is only tried whether it can be read
		if to.settled, err = v.series(ctx, i, book); err != nil {
			return nil, err
		}
	}
	e, err := v.read(ctx, to)
	if err != nil {
		return nil, err
	}
	if e.Close == nil {
		e.Close = func() {}
	}
	e.book = book
	return e, nil
}

// keepFile keeps the file of an import for delivery.FileKept.
func (v *Verbs) keepFile(ctx context.Context, t *db.Tx, a delivery.Actor, file delivery.UUID, community int32) error {
	files, err := t.LockFiles(ctx, community, []delivery.UUID{file})
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return delivery.Refuse(delivery.ReasonFileGone).At("fileId")
	}
	if refusal := files[0].Import(a, v.MachineTime()); refusal != nil {
		return refusal.At("fileId")
	}
	return t.SaveFiles(ctx, community, files)
}
