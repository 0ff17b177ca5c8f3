package db

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"baogong/delivery"
)

// Times of a key's life, in machine time. A new key seals only after every replica has had time to read it. An old one opens
// as long as clients may still have cursors that it sealed.
const (
	KeyLead   = 10 * time.Minute
	KeyRetire = 30 * 24 * time.Hour
)

// UnscopedKeyring reads the secrets that seal cursors, the same for every replica, and draws the first one if there is none.
func (d *DB) UnscopedKeyring(ctx context.Context, now time.Time) (*delivery.Keyring, error) {
	type row struct {
		ID      int       `db:"id"`
		Secret  []byte    `db:"secret"`
		Created time.Time `db:"created_at"`
	}
	read := func() ([]row, error) {
		return list[row](ctx, d, "read the cursor keys", `
			select id, secret, created_at
			  from cursor_keys
			 where retires_at is null or retires_at > $1
			 order by created_at, id`, now)
	}
	rows, err := read()
	if err == nil && len(rows) == 0 {
		if err := d.InTx(ctx, func(t *Tx) error {
			_, err := t.exec(ctx, "draw a cursor key", `
				insert into cursor_keys (id, secret, created_at)
				values (1, $1, $2)
				    on conflict (id) do nothing`, newSecret(), now)
			return err
		}); err != nil {
			return nil, err
		}
		rows, err = read()
	}
	if err != nil {
		return nil, err
	}
	newest, secrets := byte(rows[0].ID), map[byte][]byte{}
	for _, r := range rows {
		secrets[byte(r.ID)] = r.Secret
		if !r.Created.Add(KeyLead).After(now) {
			newest = byte(r.ID)
		}
	}
	return delivery.NewKeyring(newest, secrets)
}

// UnscopedRotateKeys adds a key that seals from KeyLead on, and retires the earlier ones after KeyRetire. It returns the new
// key's id.
func (d *DB) UnscopedRotateKeys(ctx context.Context, now time.Time) (id int, err error) {
	return InTx(ctx, d, func(t *Tx) (int, error) {
		if _, err := t.exec(ctx, "lock the cursor keys", `lock table cursor_keys in share row exclusive mode`); err != nil {
			return 0, err
		}
		if _, err := t.exec(ctx, "delete retired cursor keys", `delete from cursor_keys where retires_at <= $1`, now); err != nil {
			return 0, err
		}
		if _, err := t.exec(ctx, "retire cursor keys", `update cursor_keys set retires_at = $1 where retires_at is null`, now.Add(KeyRetire)); err != nil {
			return 0, err
		}
		ids, err := listTx[int](ctx, t, "insert a cursor key", `
			insert into cursor_keys (id, secret, created_at)
			select min(free.id), $1, $2
			  from generate_series(1, 255) as free (id)
			 where not exists (select from cursor_keys k where k.id = free.id)
			having count(*) > 0
			returning id`, newSecret(), now)
		switch {
		case err != nil:
			return 0, err
		case len(ids) == 0:
			return 0, errors.New("there are 255 keys already; wait until one retires")
		}
		return ids[0], nil
	})
}

func newSecret() []byte {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	return secret
}
