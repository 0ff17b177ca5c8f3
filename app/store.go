package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"baogong/db"
	"baogong/db/embedded"
	"baogong/demo"
	"baogong/telemetry"
)

// program holds the parts that all commands share.
type program struct {
	out      io.Writer // for people
	log      *slog.Logger
	terminal bool
	traces   *telemetry.Traces // nil: none
}

// demoMark is the file that says that a data folder's PostgreSQL holds the demonstration estate, and no real one.
const demoMark = "DEMONSTRATION"

// minConnections is the fewest connections that a server needs: two for accounts' operations, so that one slow read does not
// block all others, and one outside the queue for sign-ins and the clock worker's writes. The feed and the lease have their own.
const minConnections = 3

// store is an open database, and the private PostgreSQL it may run in.
type store struct {
	*db.DB
	dsn    string
	listen string
	server *embedded.Postgres // nil for a PostgreSQL that this program did not start
	site   string             // file with the URL of the server over a private PostgreSQL; empty for other databases
}

// purpose is the reason for which a command opens a database.
type purpose int

const (
	toServe    purpose = iota
	toShow             // the demonstration
	toMaintain         // with any contents
)

// start returns the store of the settings' database. It starts the private PostgreSQL if no other database is given.
func (p *program) start(ctx context.Context, s databaseSettings, to purpose) (st *store, err error) {
	if s.Connections < minConnections {
		return nil, fmt.Errorf("--connections must be at least %d: one is reserved for sign-ins; got %d", minConnections, s.Connections)
	}
	if s.StatementTime < 0 {
		return nil, fmt.Errorf("--statement-time must be 0 or longer; got %v", s.StatementTime)
	}
	for _, url := range []struct{ name, dsn string }{{"--database-url (DATABASE_URL)", s.DatabaseURL}, {"--listen-url (BAOGONG_LISTEN_URL)", s.ListenURL}} {
		if err := db.CheckDSN(url.dsn); url.dsn != "" && err != nil {
			return nil, fmt.Errorf("%s %w", url.name, err)
		}
	}
	if s.DatabaseURL != "" {
		st = &store{dsn: s.DatabaseURL, listen: s.ListenURL}
		if st.listen == "" {
			st.listen = s.DatabaseURL
		}
		return st, nil
	}
	dir, err := folder(s.Data, to)
	if err != nil {
		return nil, err
	}
	if there, err := embedded.Holds(dir); to == toMaintain && err == nil && !there {
		p.log.Warn(noDatabase(s.Data))
	}
	st = &store{site: filepath.Join(filepath.Dir(dir), "site")}
	st.server, err = embedded.Start(ctx, embedded.Options{Dir: dir, BinDir: s.Postgres, Log: p.log, Progress: func(step string) { p.log.Info(step) },
		Settings: map[string]string{"max_connections": fmt.Sprint(max(200, 2*s.Connections+20))}})
	switch {
	case err == nil:
		_ = os.Remove(st.site) // left by a killed server
		st.dsn = st.server.DSN("postgres")
	case to == toMaintain && errors.Is(err, embedded.ErrInUse):
		if st.dsn, err = p.beside(ctx, dir, err); err != nil {
			return nil, err
		}
	default:
		return nil, err
	}
	st.listen = st.dsn
	return st, nil
}

// noDatabase returns the warning that a command makes a new database, which may be a mistake.
func noDatabase(data string) string {
	said := fmt.Sprintf("There is no database in %s yet; a new, empty one is made. If a server runs already, name its folder with --data. 该目录中没有数据库，现新建一个空的；若服务已在运行，请用 --data 指定其目录。", data)
	if _, err := os.Stat(filepath.Join(data, "demo", demoMark)); err == nil {
		said += fmt.Sprintf(" The demonstration's is in %s. 演示数据在此目录。", filepath.Join(data, "demo"))
	}
	return said
}

// besideWait is how long a command waits for the PostgreSQL of another program to be ready.
const besideWait = time.Minute

// beside returns the connection string of the private PostgreSQL that another program runs in the folder. It fails with inUse
// if there is none.
func (p *program) beside(ctx context.Context, dir string, inUse error) (dsn string, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, besideWait, inUse)
	defer cancel()
	running, err := embedded.Attach(ctx, dir)
	switch {
	case errors.Is(err, embedded.ErrNotRunning): // it has ended meanwhile, or it locks the folder without a PostgreSQL
		return "", inUse
	case err != nil:
		return "", err
	}
	p.log.Info("using the PostgreSQL of the program that runs in the database folder", "dir", dir)
	return running.DSN("postgres"), nil
}

// publish stores the URL of the server over the private PostgreSQL in a file, for invite.
func (st *store) publish(url string) error {
	if st.server == nil {
		return nil
	}
	if err := os.WriteFile(st.site, []byte(url+"\n"), 0o600); err != nil {
		return fmt.Errorf("write the server's URL: %w", err)
	}
	return nil
}

// published returns the URL that a server over the private PostgreSQL has published, or "".
func (st *store) published() string {
	if st.site == "" || st.server != nil {
		return ""
	}
	url, _ := os.ReadFile(st.site)
	return strings.TrimSpace(string(url))
}

// folder is where the private PostgreSQL lives. The demonstration keeps its own, which nothing else serves.
func folder(data string, to purpose) (string, error) {
	mark := filepath.Join(data, demoMark)
	_, err := os.Stat(mark)
	demonstration := err == nil
	switch {
	case to == toServe && demonstration:
		return "", fmt.Errorf("%s holds the demonstration estate; choose another folder with --data", data)
	case to != toShow:
		return filepath.Join(data, "postgres"), nil
	case filepath.Base(data) != "demo":
		return folder(filepath.Join(data, "demo"), to)
	}
	dir := filepath.Join(data, "postgres")
	if there, err := embedded.Holds(dir); err != nil || there && !demonstration {
		return "", cmp.Or(err, fmt.Errorf("%s holds a database that is not the demonstration's; choose another folder with --data", data))
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return "", fmt.Errorf("create the data folder: %w", err)
	}
	if err := os.WriteFile(mark, []byte("This folder holds the demonstration estate.\n"), 0o600); err != nil {
		return "", fmt.Errorf("mark the data folder: %w", err)
	}
	return dir, nil
}

// open starts, migrates and opens the database. Close it.
func (p *program) open(ctx context.Context, s databaseSettings, to purpose) (*store, error) {
	st, err := p.start(ctx, s, to)
	if err != nil {
		return nil, starting(ctx, err)
	}
	st.DB, err = db.Open(ctx, st.dsn, db.Options{Connections: s.Connections, Statement: s.StatementTime, Unprepared: s.Pooler, Traces: p.traces.Provider()})
	if err == nil && to == toShow && st.server == nil {
		if err = db.CheckSchema(ctx, st.listen); err == nil {
			err = st.showable(ctx)
		}
	}
	if err == nil {
		var applied []string
		applied, err = db.Migrate(ctx, st.listen) // the migrator's lock belongs to a connection, as LISTEN does
		for _, name := range applied {
			p.log.Info("migrated", "migration", name)
		}
		if err == nil && len(applied) > 0 {
			err = p.nameClashes(ctx, st)
		}
	}
	if err != nil {
		return nil, errors.Join(starting(ctx, db.Explain(err, st.dsn)), st.close())
	}
	return st, nil
}

// starting replaces the error of a start that a signal interrupted.
func starting(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errors.New("stopped before the start was complete")
	}
	return err
}

// nameClashes logs a warning for each row whose normalised code equals another row's.
func (p *program) nameClashes(ctx context.Context, st *store) error {
	clashes, err := st.UnscopedClashes(ctx)
	for _, c := range clashes {
		p.log.Warn("a code differs from another one only in width, case or composition; change one of them", "table", c.Table, "community", c.Community, "code", c.Code)
	}
	return err
}

// showable fails if a database that was given holds a real community: in the demonstration every visitor can act as any
// actor.
func (st *store) showable(ctx context.Context) error {
	codes, err := st.UnscopedCommunityCodes(ctx)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(codes, func(code string) bool { return code != demo.Code }); i >= 0 {
		return fmt.Errorf("the database holds the community %s, and in the demonstration every visitor can act as any actor; give it a database of its own with --database-url", codes[i])
	}
	return nil
}

// close closes the connections and stops the private PostgreSQL.
func (st *store) close() (err error) {
	if st.DB != nil {
		err = st.DB.Close()
	}
	if st.server != nil {
		_ = os.Remove(st.site)
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		err = errors.Join(err, st.server.Stop(ctx))
	}
	return err
}

// gone returns a channel that is closed when the private PostgreSQL ends by itself. For a database that was given it
// never closes.
func (st *store) gone() <-chan struct{} {
	if st.server == nil {
		return nil
	}
	return st.server.Done()
}

// Run brings the schema up to date.
func (c *migrateCommand) Run(ctx context.Context, p *program) error {
	st, err := p.open(ctx, c.databaseSettings, toMaintain)
	if err != nil {
		return err
	}
	fmt.Fprintln(p.out, "The schema is up to date. 数据库结构已是最新。")
	return st.close()
}

// Run starts a new epoch of every feed.
func (c *epochCommand) Run(ctx context.Context, p *program) error {
	if err := c.there(); err != nil {
		return err
	}
	st, err := p.open(ctx, c.databaseSettings, toMaintain)
	if err != nil {
		return err
	}
	feeds, err := st.UnscopedRerollEpochs(ctx)
	if err == nil {
		fmt.Fprintln(p.out, renewed(feeds))
	}
	return errors.Join(err, st.close())
}

// there fails if the folder holds no database, since a mistyped --data must not look like a success.
func (s databaseSettings) there() error {
	if s.DatabaseURL != "" {
		return nil
	}
	data := s.Data
	dir, err := folder(data, toMaintain)
	if err != nil {
		return err
	}
	there, err := embedded.Holds(dir)
	if err != nil || there {
		return err
	}
	if there, _ := embedded.Holds(filepath.Join(data, "demo", "postgres")); there {
		return fmt.Errorf("%s holds no database but the demonstration's; name that with --data %s", data, filepath.Join(data, "demo"))
	}
	return fmt.Errorf("%s holds no database; name its folder with --data", data)
}

// renewed returns a sentence with the number of feeds that have a new epoch.
func renewed(feeds int) string {
	switch feeds {
	case 0:
		return "There are no feeds, so none has a new epoch. 还没有小区，动态无需重新编号。"
	case 1:
		return "1 feed has a new epoch; its subscribers read their lists again. 已为 1 个小区的动态重新编号，订阅者会重新读取列表。"
	}
	return fmt.Sprintf("%d feeds have a new epoch; their subscribers read their lists again. 已为 %d 个小区的动态重新编号，订阅者会重新读取列表。", feeds, feeds)
}
