package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"baogong/db"
	"baogong/db/embedded"
)

// program is what every command has.
type program struct {
	out      io.Writer // for people
	log      *slog.Logger
	terminal bool
}

// demoMark is the file that says that a data folder's PostgreSQL holds the demonstration estate, and no real one.
const demoMark = "demo"

// store is an open database, and the private PostgreSQL it may run in.
type store struct {
	*db.DB
	dsn    string
	listen string
	server *embedded.Server // nil for a PostgreSQL of one's own
}

// dsn says where the rows are, after it has started the private PostgreSQL if there is no other.
func (p *program) start(ctx context.Context, s databaseSettings, demo bool) (st *store, err error) {
	if s.DatabaseURL != "" {
		st = &store{dsn: s.DatabaseURL, listen: s.ListenURL}
		if st.listen == "" {
			st.listen = s.DatabaseURL
		}
		return st, nil
	}
	dir, err := p.folder(s.Data, demo)
	if err != nil {
		return nil, err
	}
	server, err := embedded.Start(ctx, embedded.Options{Dir: dir, BinDir: s.Postgres, Log: p.log, Progress: func(step string) { p.log.Info(step) },
		Settings: map[string]string{"max_connections": fmt.Sprint(max(200, 2*s.Connections+20))}})
	if err != nil {
		return nil, err
	}
	return &store{dsn: server.DSN("postgres"), listen: server.DSN("postgres"), server: server}, nil
}

// folder is where the private PostgreSQL lives. The demonstration keeps its own, which nothing else opens.
func (p *program) folder(data string, demo bool) (string, error) {
	if _, err := os.Stat(filepath.Join(data, demoMark)); err == nil && !demo {
		return "", fmt.Errorf("%s holds the demonstration estate; choose another folder with --data", data)
	}
	if !demo {
		return filepath.Join(data, "postgres"), nil
	}
	if filepath.Base(data) != "demo" {
		data = filepath.Join(data, "demo")
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return "", fmt.Errorf("create the data folder: %w", err)
	}
	if err := os.WriteFile(filepath.Join(data, demoMark), []byte("This folder holds the demonstration estate.\n"), 0o600); err != nil {
		return "", fmt.Errorf("mark the data folder: %w", err)
	}
	return filepath.Join(data, "postgres"), nil
}

// open starts, migrates and opens the database. Close it.
func (p *program) open(ctx context.Context, s databaseSettings, demo bool) (*store, error) {
	st, err := p.start(ctx, s, demo)
	if err != nil {
		return nil, err
	}
	applied, err := db.Migrate(ctx, st.dsn)
	for _, name := range applied {
		p.log.Info("migrated", "migration", name)
	}
	if err == nil {
		st.DB, err = db.Open(ctx, st.dsn, db.Options{Connections: s.Connections, Statement: s.StatementTime, Unprepared: s.Pooler})
	}
	if err != nil {
		return nil, errors.Join(err, st.close())
	}
	return st, nil
}

// close closes the connections and stops the private PostgreSQL.
func (st *store) close() (err error) {
	if st.DB != nil {
		err = st.DB.Close()
	}
	if st.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		err = errors.Join(err, st.server.Stop(ctx))
	}
	return err
}

// gone is closed when the private PostgreSQL has ended by itself; never for one of one's own.
func (st *store) gone() <-chan struct{} {
	if st.server == nil {
		return nil
	}
	return st.server.Done()
}

// Run brings the schema up to date.
func (c *migrateCommand) Run(ctx context.Context, p *program) error {
	st, err := p.open(ctx, c.databaseSettings, false)
	if err != nil {
		return err
	}
	fmt.Fprintln(p.out, "The schema is up to date. 数据库结构已是最新。")
	return st.close()
}

// Run starts a new epoch of every feed.
func (c *epochCommand) Run(ctx context.Context, p *program) error {
	st, err := p.open(ctx, c.databaseSettings, false)
	if err != nil {
		return err
	}
	feeds, err := st.UnscopedRerollEpochs(ctx)
	if err == nil {
		fmt.Fprintf(p.out, "%d feeds have a new epoch; subscribers read their lists again. 已为 %d 个小区重新编号动态。\n", feeds, feeds)
	}
	return errors.Join(err, st.close())
}
