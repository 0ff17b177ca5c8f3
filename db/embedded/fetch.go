package embedded

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// The build that is fetched when none is installed: @embedded-postgres of this exact version.
const (
	pinnedMajor   = 17
	pinnedVersion = "17.10.0-beta.17"
	unpackedMax   = 1 << 30
	fetchTime     = 10 * time.Minute
)

// pinned holds the sha512 of each package, as npm publishes them.
var pinned = map[string]string{
	"linux-x64":    "hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==",
	"linux-arm64":  "mC+bQvaBEf0WDD0nPWW3eGUXDUVzoyCzMtgl+Fw6Jy9DkQFK+jcPtzkzqhhrS/fGzn5telNpKInl8xPqDh71Ig==",
	"darwin-x64":   "gXk65MIyttD/PWo6NDSmu/n4vzPcqZQmxVWjEKuecwlyGmWO984AZ3Ljb7F0bwPvXhqcovH4FGN4ydr0fGeJxg==",
	"darwin-arm64": "E2dxhSllrcyAJBHuvgTrBTx2BaPlX2vvjXClPKHxfwBezk+nTZ01uAEraKiRJMpzHSCyN8J1dTjKh4q/uTsBLQ==",
}

// fetch gets the pinned build through npm, checks it and keeps it in the store. Any number of programs may
// fetch at once; one result stays.
func (h host) fetch(ctx context.Context, o Options, store string) (build, error) {
	platform := runtime.GOOS + "-" + strings.Replace(runtime.GOARCH, "amd64", "x64", 1)
	sum, ok := pinned[platform]
	if !ok {
		return build{}, fmt.Errorf("there is no package for %s", platform)
	}
	store, err := filepath.Abs(store)
	if err != nil {
		return build{}, err
	}
	o.Progress("fetching PostgreSQL 17 through npm (23 MB)")
	if err := os.MkdirAll(store, 0o755); err != nil {
		return build{}, err
	}
	sweepFetches(store)
	temp, err := os.MkdirTemp(store, ".fetch-")
	if err != nil {
		return build{}, err
	}
	defer os.RemoveAll(temp)

	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	var out tail
	cmd := command(ctx, h.npm, "pack", "--silent", "--ignore-scripts", "@embedded-postgres/"+platform+"@"+pinnedVersion)
	cmd.Env = os.Environ() // the user's registry and proxy
	cmd.Dir = temp         // not a folder whose .npmrc decides
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := run(cmd); err != nil {
		return build{}, fmt.Errorf("npm pack: %w: %s", err, out.last())
	}
	packs, _ := filepath.Glob(filepath.Join(temp, "*.tgz"))
	if len(packs) != 1 {
		return build{}, fmt.Errorf("npm pack left %d files", len(packs))
	}
	if err := check(packs[0], sum); err != nil {
		return build{}, err
	}
	whole := filepath.Join(temp, "whole")
	if err := unpack(packs[0], whole); err != nil {
		return build{}, fmt.Errorf("unpack PostgreSQL: %w", err)
	}
	if _, ok := inspect(ctx, filepath.Join(whole, "native", "bin")); !ok {
		return build{}, errors.New("the fetched PostgreSQL does not run on this system")
	}
	kept := filepath.Join(store, pinnedVersion+"-"+platform)
	renameErr := os.Rename(whole, kept) // fails where another program was faster
	b, ok := inspect(ctx, filepath.Join(kept, "native", "bin"))
	if !ok {
		return build{}, fmt.Errorf("keep fetched PostgreSQL: %w", errors.Join(renameErr, ctx.Err()))
	}
	return b, nil
}

// sweepFetches removes what killed programs left.
func sweepFetches(store string) {
	temps, _ := filepath.Glob(filepath.Join(store, ".fetch-*"))
	for _, temp := range temps {
		if info, err := os.Lstat(temp); err == nil && time.Since(info.ModTime()) > 6*fetchTime {
			_ = os.RemoveAll(temp)
		}
	}
}

func check(pack, want string) error {
	file, err := os.Open(pack)
	if err != nil {
		return err
	}
	defer file.Close()
	hash := sha512.New()
	if _, err := io.Copy(hash, file); err != nil {
		return err
	}
	if got := base64.StdEncoding.EncodeToString(hash.Sum(nil)); got != want {
		return fmt.Errorf("the package npm fetched is not the one expected: its sha512 is %s", got)
	}
	return nil
}

// unpack writes the parts that a server needs to a folder, and makes the links that npm packages cannot hold.
func unpack(pack, to string) error {
	file, err := os.Open(pack)
	if err != nil {
		return err
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	if err := os.Mkdir(to, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(to) // nothing is written outside it
	if err != nil {
		return err
	}
	defer root.Close()
	archive := tar.NewReader(io.LimitReader(plain, unpackedMax))
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return link(root)
		}
		if err != nil {
			return err
		}
		name, inside := strings.CutPrefix(header.Name, "package/")
		if !inside || header.Typeflag != tar.TypeReg || path.Ext(name) == ".a" || strings.Contains(name, "/pgxs/") {
			continue
		}
		if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
			return err
		}
		if err := write(root, name, header.FileInfo().Mode().Perm()|0o644, archive); err != nil {
			return err
		}
	}
}

func write(root *os.Root, name string, mode fs.FileMode, content io.Reader) error {
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, content); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

// link makes the links that native/pg-symlinks.json lists; initdb does not run without them.
func link(root *os.Root) error {
	content, err := root.ReadFile("native/pg-symlinks.json")
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(content, &links); err != nil {
		return fmt.Errorf("read pg-symlinks.json: %w", err)
	}
	for _, l := range links {
		source, err := filepath.Rel(path.Dir(l.Target), l.Source)
		if err != nil {
			return err
		}
		if _, err := root.Stat(l.Source); err != nil {
			continue // one of the parts that were left out
		}
		if err := root.Symlink(source, l.Target); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}
