package dispatch

import (
	"context"

	"baogong/db"
	"baogong/delivery"
)

// AttachFile attaches the file that a mutation names to what the keys belong to: delivery.Keys of an order, a household or a
// building, or of the community alone. It fails with FILE_GONE, FILE_NOT_YOURS, FILE_USED or WRONG_KIND, which the caller places
// at its field. Lock orders before and incidents after. Files of one call are attached in the order of their ids, or by
// LockFiles first.
func (e *Engine) AttachFile(ctx context.Context, t *db.Tx, a delivery.Actor, id delivery.ID, k delivery.Keys) error {
	if id.Kind != delivery.KindFile {
		return id.WrongKind(delivery.KindFile)
	}
	files, err := t.LockFiles(ctx, k.Community, []delivery.UUID{id.UUID})
	switch {
	case err != nil:
		return err
	case len(files) == 0 || id.Community != k.Community:
		return delivery.Refuse(delivery.ReasonFileGone)
	}
	if refusal := files[0].Attach(a, k, e.MachineTime()); refusal != nil {
		return refusal
	}
	return t.SaveFile(ctx, files[0])
}
