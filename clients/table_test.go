package clients_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	_ "github.com/lib/pq" // the driver

	"baogong/db/embedded"
	"baogong/delivery"
)

// table reads the event table of a data folder that no program uses: every event of an order, in order, as
// "order version".
func table(t testing.TB, data string) (events []string) {
	t.Helper()
	server, err := embedded.Start(t.Context(), embedded.Options{Dir: filepath.Join(data, "postgres"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	conn, err := sql.Open("postgres", server.DSN("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	rows, err := conn.Query(`
		select community_id, order_id, body -> 'order' ->> 'version'
		  from events
		 where order_id is not null
		 order by community_id, seq`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		id, version := delivery.ID{Kind: delivery.KindOrder}, 0
		if err := rows.Scan(&id.Community, &id.UUID, &version); err != nil {
			t.Fatal(err)
		}
		events = append(events, fmt.Sprintf("%s %d", id, version))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return events
}
