package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/bench"
	"baogong/db"
	"baogong/db/embedded"
	"baogong/resolvers"
)

// Run measures on a private PostgreSQL of its own, which is gone afterwards.
func (c *benchCommand) Run(ctx context.Context, p *program) (err error) {
	o := bench.Options{Only: c.Only, Full: c.Full, Rounds: c.Rounds, Scale: c.Scale, Out: p.out, Terminal: p.terminal}
	if err := o.Check(); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program: %w", err)
	}
	dir, err := os.MkdirTemp("", "baogong-bench-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	server, err := embedded.Start(ctx, embedded.Options{Dir: filepath.Join(dir, "postgres"), BinDir: c.Postgres, Log: p.log,
		Progress: func(step string) { p.log.Info(step) }, Settings: map[string]string{"max_connections": "300", "autovacuum_naptime": "10s"}})
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		err = errors.Join(err, server.Stop(ctx))
	}()
	if _, err := db.Migrate(ctx, server.DSN("postgres")); err != nil {
		return err
	}
	o.Program, o.DSN, o.Version, o.Journal, o.Postmaster = self, server.DSN("postgres"), server.Version(), server.Journal(), server.PID()
	o.Pgbench, o.Env = server.Tool("pgbench"), server.Environ("postgres")
	report, err := bench.Run(ctx, o)
	if err != nil {
		return err
	}
	fmt.Fprint(p.out, report.String())
	return errors.Join(c.save(c.JSON, report.JSON), c.save(c.Write, report.Page))
}

// Run is one of the processes that bench starts.
func (c *benchPartCommand) Run(ctx context.Context, p *program) error {
	switch c.Part {
	case "sockets":
		return bench.Sockets(ctx, os.Stdin, p.out)
	case "bare":
		return bench.Bare(ctx, os.Stdin, p.out)
	}
	return c.stock(ctx, p)
}

// stock is the yardstick of gqlgen's own transport, over the same rooms below the edge.
func (c *benchPartCommand) stock(ctx context.Context, p *program) (err error) {
	st, err := p.open(ctx, c.databaseSettings, toServe)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.close()) }()
	h, err := p.build(ctx, st, ServerSettings{DevActors: true, SlowAfter: time.Minute}, time.Now)
	if err != nil {
		return err
	}
	identity := h.Identity()
	yardstick := bench.Stock{Schema: h.Root.Schema(), ErrorPresenter: h.Root.Present, AroundOperations: h.Root.AroundOperations, AroundResponses: h.Root.AroundResponses,
		Authenticate: func(ctx context.Context, credential string) (context.Context, error) {
			session, err := identity.Authenticate(ctx, credential)
			return resolvers.WithActor(ctx, session.Actor), err
		}}
	rooms, ctx := errgroup.WithContext(ctx)
	rooms.Go(func() error { return h.Hub.Run(ctx) })
	rooms.Go(func() error { return h.listen(ctx) })
	rooms.Go(func() error { return cmp.Or(yardstick.Serve(ctx, os.Stdin, p.out), errDone) })
	if err := rooms.Wait(); !errors.Is(err, errDone) {
		return err
	}
	return nil
}

// save rewrites the file at path with text, which gets its present contents. It does nothing if path is empty.
func (c *benchCommand) save(path string, text func(before []byte) ([]byte, error)) error {
	if path == "" {
		return nil
	}
	before, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	after, err := text(before)
	if err != nil {
		return err
	}
	return os.WriteFile(path, after, 0o644)
}
