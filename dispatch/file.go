package dispatch

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// Attaching attaches the files that one call names.
type Attaching struct {
	community int32
	at        time.Time
	locked    map[delivery.UUID]*delivery.File
	attached  []*delivery.File
}

// LockFiles locks the files of one community that a call names, in the order of their ids. Ids of no such file are refused by Attach.
// Lock orders before and incidents after.
func (e *Engine) LockFiles(ctx context.Context, t *db.Tx, community int32, ids []delivery.ID) (*Attaching, error) {
	var named []delivery.UUID
	for _, id := range ids {
		if id.Kind == delivery.KindFile && id.Community == community {
			named = append(named, id.UUID)
		}
	}
	out := &Attaching{community: community, at: e.MachineTime(), locked: map[delivery.UUID]*delivery.File{}}
	if len(named) == 0 {
		return out, nil
	}
	slices.Sort(named)
	files, err := t.LockFiles(ctx, community, slices.Compact(named))
	for _, f := range files {
		out.locked[f.UUID] = f
	}
	return out, err
}

// Attach attaches a file to what the keys belong to: an order, a household, a building, or the community alone. It refuses with WRONG_KIND,
// FILE_GONE, FILE_NOT_YOURS or FILE_USED, which the caller places at its field. A file that one item of the call uses is used
// for the others.
func (g *Attaching) Attach(a delivery.Actor, id delivery.ID, k delivery.Keys) *delivery.Error {
	if id.Kind != delivery.KindFile {
		return id.WrongKind(delivery.KindFile)
	}
	f := g.locked[id.UUID]
	if f == nil || id.Community != g.community {
		return delivery.Refuse(delivery.ReasonFileGone)
	}
	if refusal := f.Attach(a, k, g.at); refusal != nil {
		return refusal
	}
	g.attached = append(g.attached, f)
	return nil
}

// Save writes what Attach attached. It ends a look, unless nothing was attached.
func (g *Attaching) Save(ctx context.Context, t *db.Tx) error {
	return t.SaveFiles(ctx, g.community, g.attached)
}

// AttachFile locks, attaches and saves one file of a call that names no other.
func (e *Engine) AttachFile(ctx context.Context, t *db.Tx, a delivery.Actor, id delivery.ID, k delivery.Keys) error {
	g, err := e.LockFiles(ctx, t, k.Community, []delivery.ID{id})
	if err != nil {
		return err
	}
	if refusal := g.Attach(a, id, k); refusal != nil {
		return refusal
	}
	return g.Save(ctx, t)
}
