package db

import (
	"context"

	"baogong/delivery"
)

// InsertExport records a download that begins.
func (t *Tx) InsertExport(ctx context.Context, e *delivery.Export) error {
	return insertAll(ctx, t, "insert an export", `
		insert into exports (community_id, id, noun, format, contacts, row_count, by_role, by_id, at)
		values (:community_id, :id, :noun, :format, :contacts, :row_count, :by_role, :by_id, :at)`, []*delivery.Export{e})
}

// EndExport writes how many rows a download has sent, and when it ended.
func (t *Tx) EndExport(ctx context.Context, e *delivery.Export) error {
	if err := t.Decided(); err != nil {
		return err
	}
	_, err := t.exec(ctx, "end an export", `
		update exports
		   set row_count = $3, ended_at = $4
		 where id = $2 and community_id = $1`, e.CommunityID, e.UUID, e.RowCount, e.EndedAt)
	return err
}

// Exports reads a community's newest downloads. The scope must see the whole community.
func (d *DB) Exports(ctx context.Context, s delivery.Scope, community int32, limit int) ([]*delivery.Export, error) {
	var w where
	w.and("x.community_id = ?", community)
	w.scope(s, keyColumns{community: "x.community_id"})
	return list[*delivery.Export](ctx, d, "read exports", `
		select x.community_id, x.id, x.noun, x.format, x.contacts, x.row_count, x.by_role, x.by_id, x.at, x.ended_at
		  from exports x
		 `+w.String()+`
		 order by x.at desc, x.id desc
		 limit `+w.arg(limit), w.args...)
}
