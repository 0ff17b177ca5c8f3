//go:build soak

package program_test

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"baogong/db/dbtest"
	"baogong/e2e/house"
)

// TestKilledImportOfAnEstate kills the command with SIGKILL again and again while it saves. Started once more it goes on, and in the end each row is there once.
func TestKilledImportOfAnEstate(t *testing.T) {
	t.Parallel()
	binary, err := house.BuildBinary(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dsn, dir := dbtest.DSN(t), t.TempDir()
	file := func(name string, lines []string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	buildings, homes := []string{"楼栋,单元数,层数"}, []string{"楼栋,单元,房号,联系人,人数"}
	for b := 1; b <= 26; b++ {
		buildings = append(buildings, fmt.Sprintf("E%d,1,40", b))
		for d := range 150 {
			homes = append(homes, fmt.Sprintf("E%d,1,%d%02d,住户%d,2", b, d/4+1, d%4+1, d))
		}
	}
	args := func(path string) []string {
		return []string{"import", "estate", path, "--community", "dongchen", "--create-community", "--yes", "--database-url", dsn}
	}
	if out, err := exec.Command(string(binary), args(file("楼栋.csv", buildings))...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	direct, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer direct.Close()
	count := func() (n int) {
		t.Helper()
		if err := direct.QueryRow("select count(*) from households").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	kills, path := 0, file("住户.csv", homes)
	for tries := 0; ; tries++ {
		before := count()
		c := exec.Command(string(binary), args(path)...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- c.Wait() }()
		tick := time.NewTicker(time.Millisecond)
		killed := false
		var ended error
	wait:
		for {
			select {
			case ended = <-done:
				break wait
			case <-tick.C:
				if !killed && tries < 20 && count() > before {
					killed = true
					_ = c.Process.Kill()
				}
			}
		}
		tick.Stop()
		if !killed {
			if ended != nil {
				t.Fatal(ended)
			}
			break
		}
		kills++
	}
	if got, want := count(), 26*150; got != want || kills < 3 {
		t.Errorf("got %d households after %d kills, want %d after 3 or more", got, kills, want)
	}
}
