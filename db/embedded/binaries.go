package embedded

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// oldest is the least major version that a new folder is made with.
const oldest = 15

// build is one installed PostgreSQL.
type build struct {
	dir          string // of postgres and initdb
	version      string
	major, minor int
}

func (b build) path(program string) string { return filepath.Join(b.dir, program) }

// host describes the machine.
type host struct {
	folders     []string // patterns of folders that may hold PostgreSQL
	npm         string   // path of npm; empty when there is none
	noNamespace bool     // as on machines that forbid user namespaces
}

func thisHost() host {
	h := host{folders: []string{
		"/usr/lib/postgresql/*/bin",         // Debian, PGDG for Debian
		"/usr/pgsql-*/bin",                  // PGDG for Red Hat
		"/usr/lib/postgresql*/bin",          // openSUSE
		"/usr/libexec/postgresql*",          // Alpine
		"/opt/homebrew/opt/postgresql*/bin", // Homebrew
		"/usr/local/opt/postgresql*/bin",
		"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
		"/usr/local/pgsql/bin", // from source
	}}
	if path, err := exec.LookPath("postgres"); err == nil {
		h.folders = append(h.folders, filepath.Dir(path)) // last: it may be a version manager's wrapper
	}
	h.npm, _ = exec.LookPath("npm")
	return h
}

// NewestVersion returns the version of the PostgreSQL that Start uses for a new folder, like "15.18". It fails with
// ErrNoBinaries if none is installed: unlike Start, it fetches none.
func NewestVersion(ctx context.Context) (string, error) {
	h := thisHost()
	h.npm = ""
	b, err := h.find(ctx, Options{}, 0)
	return b.version, err
}

// find returns the PostgreSQL for a folder of the major version, or the highest for a new folder (major 0). It fetches one
// only if no installed one is suitable.
func (h host) find(ctx context.Context, o Options, major int) (build, error) {
	if o.BinDir != "" {
		b, ok := inspect(ctx, o.BinDir)
		switch {
		case ctx.Err() != nil:
			return build{}, context.Cause(ctx)
		case !ok:
			return build{}, refuse(ErrNoBinaries, "The folder %s holds no working PostgreSQL: it must contain postgres and initdb.", o.BinDir)
		case major != 0 && b.major != major:
			return build{}, refuse(ErrNoBinaries, "The database in %s was made by PostgreSQL %d, but %s holds PostgreSQL %s.", o.Dir, major, o.BinDir, b.version)
		}
		return b, nil
	}
	store := o.store()
	var best build
	for _, pattern := range append(h.folders, filepath.Join(store, "*", "native", "bin")) {
		dirs, _ := filepath.Glob(pattern)
		for _, dir := range dirs {
			b, ok := inspect(ctx, dir)
			if !ok || (major != 0 && b.major != major) || (major == 0 && b.major < oldest) {
				continue
			}
			if b.major > best.major || (b.major == best.major && b.minor > best.minor) {
				best = b
			}
		}
	}
	switch {
	case ctx.Err() != nil:
		return build{}, context.Cause(ctx)
	case best.major != 0:
		return best, nil
	case major != 0 && (major != pinnedMajor || h.npm == ""):
		return build{}, otherMajor(o.Dir, major)
	case h.npm == "":
		return build{}, refuse(ErrNoBinaries, "PostgreSQL was not found; install it with %s.", installCommand(major))
	}
	b, err := h.fetch(ctx, o, store)
	if ctx.Err() != nil {
		return build{}, context.Cause(ctx)
	}
	if err != nil {
		return build{}, refuse(ErrNoBinaries, "PostgreSQL was not found and could not be fetched through npm (%v); install it with %s.", err, installCommand(major))
	}
	return b, nil
}

// store is the folder of fetched builds.
func (o Options) store() string {
	cache := o.Cache
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil { // a service without a home folder
			user = o.Dir
		}
		cache = filepath.Join(user, "baogong")
	}
	return filepath.Join(cache, "postgresql")
}

var released = regexp.MustCompile(`^postgres \(PostgreSQL\) ((\d+)\.(\d+))`)

// inspect asks the programs in dir for their version. It skips betas and programs that do not run.
func inspect(ctx context.Context, dir string) (build, bool) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return build{}, false
	}
	if _, err := exec.LookPath(filepath.Join(dir, "initdb")); err != nil {
		return build{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var out bytes.Buffer
	cmd := command(ctx, filepath.Join(dir, "postgres"), "--version")
	cmd.Stdout = &out
	if err := run(cmd); err != nil {
		return build{}, false
	}
	match := released.FindStringSubmatch(out.String())
	if match == nil {
		return build{}, false
	}
	major, _ := strconv.Atoi(match[2])
	minor, _ := strconv.Atoi(match[3])
	return build{dir: dir, version: match[1], major: major, minor: minor}, true
}

func otherMajor(dir string, major int) error {
	return refuse(ErrNoBinaries, "The database in %s was made by PostgreSQL %d, which is not installed; install it with %s, or choose another folder.",
		dir, major, installCommand(major))
}

// installCommand returns the command that installs PostgreSQL on this system; major 0 is the system's default version.
func installCommand(major int) string {
	for _, c := range []struct{ program, any, exact string }{
		{"apt-get", "apt-get install postgresql", "apt-get install postgresql-%d"},
		{"dnf", "dnf install postgresql-server", "dnf install postgresql%d-server"},
		{"apk", "apk add postgresql", "apk add postgresql%d"},
		{"zypper", "zypper install postgresql-server", "zypper install postgresql%d-server"},
		{"brew", "brew install postgresql", "brew install postgresql@%d"},
	} {
		if _, err := exec.LookPath(c.program); err != nil {
			continue
		}
		if major == 0 {
			return c.any
		}
		return fmt.Sprintf(c.exact, major)
	}
	if major == 0 {
		return "your package manager (the package is mostly called postgresql)"
	}
	return fmt.Sprintf("your package manager (the package is mostly called postgresql-%d)", major)
}
