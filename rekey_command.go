package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"baogong/db"
)

// Run adds a key and retires those before it.
func (c *rekeyCommand) Run(ctx context.Context, p *program) error {
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

// followKeys takes over keys that were added and lets go of those that retired, until ctx is done.
func (h *house) followKeys(ctx context.Context) error {
	tick := time.NewTicker(reread)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		fresh, err := h.store.UnscopedKeyring(ctx, time.Now())
		if err == nil {
			h.keys.Replace(fresh)
		} else if ctx.Err() == nil {
			h.log.Warn("the keys could not be read again", "error", err)
		}
	}
}
