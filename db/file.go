package db

import (
	"context"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

const fileColumns = `f.community_id, f.id, f.purpose, f.media_type, f.bytes, f.hash, f.by_role, f.by_id, f.created_at, f.expires_at, f.attached_at,
	f.seen_building_id, f.seen_household_id`

// UnscopedFile returns a file without its bytes; delivery.File.Seen decides who may see it. It fails with NOT_FOUND if there is none.
func (d *DB) UnscopedFile(ctx context.Context, id delivery.ID) (*delivery.File, error) {
	rows, err := list[*delivery.File](ctx, d, "read a file", `
		select `+fileColumns+`
		  from files f
		 where f.community_id = $1 and f.id = cast($2 as uuid)`, id.Community, id.UUID)
	return one(rows, err, delivery.KindFile)
}

// UnscopedFileData returns the bytes of a file. It fails with NOT_FOUND if there is none.
func (d *DB) UnscopedFileData(ctx context.Context, id delivery.ID) ([]byte, error) {
	rows, err := list[[]byte](ctx, d, "read a file's bytes", `
		select data
		  from files
		 where community_id = $1 and id = cast($2 as uuid)`, id.Community, id.UUID)
	return one(rows, err, delivery.KindFile)
}

// LockFiles locks files in id order and returns those that exist.
func (t *Tx) LockFiles(ctx context.Context, community int32, ids []delivery.UUID) ([]*delivery.File, error) {
	return listTx[*delivery.File](ctx, t, "lock files", `
		select `+fileColumns+`
		  from files f
		 where f.community_id = $1 and f.id = any(cast($2 as uuid[]))
		 order by f.id`+t.locking("for no key update"), community, pq.StringArray(texts(ids)))
}

// LockSameFile locks the file with the same bytes that the same person sent before, if it is kept at an instant. It returns none
// or one.
func (t *Tx) LockSameFile(ctx context.Context, f *delivery.File, at time.Time) ([]*delivery.File, error) {
	return listTx[*delivery.File](ctx, t, "lock the file with the same bytes", `
		select `+fileColumns+`
		  from files f
		 where f.community_id = $1 and f.hash = $2 and coalesce(f.by_id, `+noUUID+`) = coalesce(cast($3 as uuid), `+noUUID+`) and f.expires_at > $4
		 order by f.id`+t.locking("for no key update"), f.CommunityID, f.Hash, f.ByUUID, at)
}

// noUUID stands for the missing id of an administrator, in the form that the index serves.
const noUUID = `'00000000-0000-0000-0000-000000000000'`

// InsertFile inserts a file with its bytes. One with the same bytes of the same person that expired is replaced; one that another transaction
// inserted meanwhile stays, and the result is false.
func (t *Tx) InsertFile(ctx context.Context, f *delivery.File, data []byte) (inserted bool, err error) {
	if _, err := t.exec(ctx, "delete the expired file with the same bytes", `
		delete from files
		 where community_id = $1 and hash = $2 and coalesce(by_id, `+noUUID+`) = coalesce(cast($3 as uuid), `+noUUID+`) and expires_at <= $4`,
		f.CommunityID, f.Hash, f.ByUUID, f.CreatedAt); err != nil {
		return false, err
	}
	n, err := t.exec(ctx, "insert a file", `
		insert into files (community_id, id, purpose, media_type, bytes, hash, data, by_role, by_id, created_at, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		    on conflict do nothing`,
		f.CommunityID, f.UUID, f.Purpose, f.MediaType, f.Bytes, f.Hash, data, f.ByRole, f.ByUUID, f.CreatedAt, f.ExpiresAt)
	return n == 1, err
}

// SaveFiles writes when locked files expire and what they are attached to.
func (t *Tx) SaveFiles(ctx context.Context, community int32, files []*delivery.File) error {
	if len(files) == 0 {
		return nil
	}
	n := len(files)
	ids, expires, attached := make([]string, n), make([]string, n), make([]*string, n)
	buildings, households := make([]*string, n), make([]*string, n)
	for k, f := range files {
		ids[k], expires[k], attached[k] = string(f.UUID), instant(f.ExpiresAt), instantOrNil(f.AttachedAt)
		buildings[k], households[k] = (*string)(f.SeenBuilding), (*string)(f.SeenHousehold)
	}
	_, err := t.exec(ctx, "save files", `
		update files f
		   set expires_at = n.expires_at, attached_at = n.attached_at, seen_building_id = n.building, seen_household_id = n.household
		  from unnest(cast($2 as uuid[]), cast($3 as timestamptz[]), cast($4 as timestamptz[]), cast($5 as uuid[]), cast($6 as uuid[]))
		       as n (id, expires_at, attached_at, building, household)
		 where f.community_id = $1 and f.id = n.id`,
		community, pq.StringArray(ids), pq.StringArray(expires), pq.Array(attached), pq.Array(buildings), pq.Array(households))
	return err
}

// InsertFilePart inserts a part of a sheet, unless the community's personal data is purged.
func (t *Tx) InsertFilePart(ctx context.Context, id delivery.ID, part int, data []byte, at time.Time) error {
	_, err := t.exec(ctx, "insert a part of a file", `
		insert into file_parts (community_id, file_id, part, data, at)
		select $1, cast($2 as uuid), cast($3 as int), cast($4 as bytea), cast($5 as timestamptz)
		 where `+notPurged, id.Community, id.UUID, part, data, at)
	return err
}

// DeleteFileParts deletes the parts of a sheet that is not kept. No other transaction knows them.
func (t *Tx) DeleteFileParts(ctx context.Context, id delivery.ID) error {
	_, err := t.exec(ctx, "delete the parts of a file", `delete from file_parts where community_id = $1 and file_id = cast($2 as uuid)`, id.Community, id.UUID)
	return err
}

// UnscopedFilePart reads a part of a sheet. It fails with NOT_FOUND if there is none.
func (d *DB) UnscopedFilePart(ctx context.Context, id delivery.ID, part int) ([]byte, error) {
	rows, err := list[[]byte](ctx, d, "read a part of a file", `
		select data
		  from file_parts
		 where community_id = $1 and file_id = cast($2 as uuid) and part = $3`, id.Community, id.UUID, part)
	return one(rows, err, delivery.KindFile)
}

// UnscopedForgetFileParts deletes parts that were written before an instant and have no file, and returns their number.
func (d *DB) UnscopedForgetFileParts(ctx context.Context, before time.Time) (int64, error) {
	return d.forget(ctx, func(t *Tx) (int64, error) {
		return t.exec(ctx, "delete parts without a file", `
			delete from file_parts
			 where (community_id, file_id, part) in (
				select p.community_id, p.file_id, p.part
				  from file_parts p
				 where p.at < $1 and not exists (select from files f where f.community_id = p.community_id and f.id = p.file_id)
				 order by p.community_id, p.file_id, p.part
				 limit $2
				   for update skip locked)`, before, purgeBatch)
	})
}

// UnscopedForgetFiles deletes files that expired at or before an instant and returns their number.
func (d *DB) UnscopedForgetFiles(ctx context.Context, at time.Time) (int64, error) {
	return d.forget(ctx, func(t *Tx) (int64, error) {
		return t.exec(ctx, "delete expired files", `
			delete from files
			 where (community_id, id) in (
				select f.community_id, f.id
				  from files f
				 where f.expires_at <= $1
				 order by f.community_id, f.id
				 limit $2
				   for update skip locked)`, at, purgeBatch)
	})
}
