package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"baogong/dispatch"
	"baogong/dispatch/verbs"
)

// Run makes the code of an administrator or the city and prints it.
func (c *inviteCommand) Run(ctx context.Context, p *program) (err error) {
	_, port, err := splitAddr(c.Addr, "--addr")
	if err != nil {
		return err
	}
	site, err := publicURL(c.PublicURL, c.Addr, port, false)
	if err != nil {
		return err
	}
	st, err := p.open(ctx, c.databaseSettings, toMaintain)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.close()) }()
	if url := st.published(); url != "" && c.PublicURL == "" {
		site = url
	}
	d := verbs.New(&dispatch.Engine{DB: st.DB, Now: time.Now, Machine: time.Now})
	whose, zh := "An administrator's", "管理员"
	invite := d.Access.InviteAdmin
	if c.City {
		whose, zh = "The city's", "街道与市级"
		invite = func(ctx context.Context) (string, time.Time, error) { return d.Access.InviteCity(ctx, c.Communities) }
	}
	secret, expires, err := invite(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%s\n%[4]s邀请码，一次有效，至 %[2]s。打开 %[3]s\n%[5]s code, for one use until %[2]s. Open %[3]s\n",
		secret, expires.Local().Format("2006-01-02 15:04"), site+"/sign-in#"+secret, zh, whose)
	return nil
}
