package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"baogong/db"
)

// Run adds a key and retires those before it.
func (c *rekeyCommand) Run(ctx context.Context, p *program) error {
	if err := c.there(); err != nil {
		return err
	}
	st, err := p.open(ctx, c.databaseSettings, toMaintain)
	if err != nil {
		return err
	}
	id, err := st.UnscopedRotateKeys(ctx, time.Now())
	if err == nil {
		fmt.Fprintf(p.out, "Key %d seals from %[2]s on; those before it open until %[3]s. 密钥 %[1]d 自 %[2]s 起启用，旧密钥可用至 %[3]s。\n", id,
			time.Now().Add(db.KeyLead).Format("15:04"), time.Now().Add(db.KeyRetire).Format(time.DateOnly))
	}
	return errors.Join(err, st.close())
}

// reread is how often a running program reads the keys again: well within db.KeyLead.
const reread = time.Minute

// rereadLimit is the timeout of reading the keys, and the pause before a retry.
const rereadLimit = 3 * time.Second

// followKeys takes over keys that were added and lets go of those that retired, until ctx is done.
func (h *System) followKeys(ctx context.Context) error {
	due := time.NewTimer(reread)
	defer due.Stop()
	for {
		select {
		case <-due.C:
		case <-ctx.Done():
			return nil
		}
		within, cancel := context.WithTimeout(ctx, rereadLimit)
		fresh, err := h.Store.UnscopedKeyring(within, time.Now())
		cancel()
		due.Reset(reread)
		if err == nil {
			h.keys.Replace(fresh)
		} else if due.Reset(rereadLimit); ctx.Err() == nil {
			h.log.Warn("the keys could not be read again", "err", err)
		}
	}
}
