package program_test

import (
	"testing"
	"time"

	"baogong/db/dbtest"
	"baogong/e2e/house"
	"baogong/internal/proxy"
)

// terminates ends the built program while every connection to PostgreSQL is silent.
func (b built) terminates(t *testing.T) {
	t.Parallel()
	const drain = time.Second
	line, dsn := proxy.Postgres(t, dbtest.Empty(t))
	r := b.start(t, "serve", t.TempDir(), "--dev-actors", "--database-url", dsn, "--drain", drain.String())
	e := r.Estate("DCXY", nil)
	peer := r.Dial(t, "C01", "")
	peer.Operate(house.OrderEvents, obj{"c": e.Community})
	line.All(proxy.Silent)
	for range 30 {
		peer.Operate(`{ me { role community { code } } }`, nil)
	}
	l := r.Listen(t, "C01", "", house.OrderEvents, obj{"c": e.Community})
	began := time.Now()
	r.Drain()
	if took := time.Since(began); took > drain+6*time.Second {
		t.Errorf("took %v with a drain of %v", took, drain)
	}
	for ok := true; ok; {
		_, ok = l.Next()
	}
}
