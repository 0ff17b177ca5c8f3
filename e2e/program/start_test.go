package program_test

import (
	"bytes"
	"context"
	"database/sql"
	"strings"
	"testing"

	"baogong/app"
	"baogong/db/dbtest"
)

func TestStartingOnUnfitDatabases(t *testing.T) {
	t.Parallel()
	start := func(ctx context.Context, command, dsn string) string {
		var out, logs bytes.Buffer
		err := app.Run(ctx, []string{command, "--database-url", dsn}, &out, &logs)
		if err == nil {
			t.Fatalf("%s has started", command)
		}
		return err.Error()
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	foreign, newer := dbtest.Empty(t), dbtest.DSN(t)
	for dsn, statement := range map[string]string{foreign: `create table communities (id int)`, newer: `update schema_contract set oldest = 99999`} {
		d, err := sql.Open("postgres", dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		if _, err := d.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for _, command := range []string{"serve", "demo", "migrate", "epoch", "invite", "purge", "rekey"} {
		for want, got := range map[string]string{
			"stopped before the start was complete": start(stopped, command, dbtest.Empty(t)),
			"holds tables of another program":       start(t.Context(), command, foreign),
			"was migrated by a newer release":       start(t.Context(), command, newer),
			"there is no database nowhere; make i":  start(t.Context(), command, foreign+" dbname=nowhere"),
		} {
			if !strings.Contains(got, want) || strings.Contains(got, "pq:") {
				t.Errorf("%s: got %q, want a sentence with %q", command, got, want)
			}
		}
	}
}
