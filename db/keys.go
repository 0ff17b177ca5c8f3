package db

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"baogong/delivery"
)

// UnscopedKeyring reads the secrets that seal cursors, the same for every replica, and draws the first one if there is none.
func (d *DB) UnscopedKeyring(ctx context.Context, now time.Time) (*delivery.Keyring, error) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	if err := d.InTx(ctx, func(t *Tx) error {
		_, err := t.exec(ctx, `
			insert into cursor_keys (id, secret, created_at)
			values (1, $1, $2)
			    on conflict (id) do nothing`, secret, now)
		return err
	}); err != nil {
		return nil, fmt.Errorf("draw a cursor key: %w", err)
	}
	rows, err := list[struct {
		ID     int    `db:"id"`
		Secret []byte `db:"secret"`
	}](ctx, d, `select id, secret from cursor_keys order by id`)
	if err != nil {
		return nil, fmt.Errorf("read the cursor keys: %w", err)
	}
	secrets := map[byte][]byte{}
	for _, r := range rows {
		secrets[byte(r.ID)] = r.Secret
	}
	return delivery.NewKeyring(byte(rows[len(rows)-1].ID), secrets)
}
