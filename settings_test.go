package main

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// TestReadmeListsSettings checks that README.md lists every setting with its flag, its variable, its default and what --help
// says of it.
func TestReadmeListsSettings(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range []any{settings{}, databaseSettings{}, serverSettings{}, demoCommand{}, inviteCommand{}, purgeCommand{}, benchCommand{}} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(s)) {
			env := f.Tag.Get("env")
			if env == "" {
				continue
			}
			row := "| `" + flag(f.Name) + "` | `" + env + "` | " + shown(f.Tag.Get("default")) + " |"
			_, rest, found := strings.Cut(string(readme), row)
			if !found {
				t.Errorf("README.md does not list %s", row)
				continue
			}
			listed, _, _ := strings.Cut(rest, " |\n")
			if _, what, only := strings.Cut(listed, " only: "); only { // of one command
				listed = what
			}
			help := strings.ReplaceAll(f.Tag.Get("help"), ": ${trials}", ", by name")
			if listed = strings.TrimSpace(strings.ReplaceAll(listed, "`", "")); listed != help && !seen[env] {
				t.Errorf("%s: README.md says %q, and --help %q", flag(f.Name), listed, help)
			}
			seen[env] = true // invite and bench say it in other words
		}
	}
}

func shown(value string) string {
	if value == "" {
		return "–"
	}
	return "`" + value + "`"
}

// flag is the name that kong gives a field: a word starts at a capital after a small letter or before one.
func flag(field string) string {
	var b strings.Builder
	b.WriteString("--")
	capital := func(i int) bool { return i < len(field) && field[i] >= 'A' && field[i] <= 'Z' }
	for i, r := range field {
		if i > 0 && capital(i) && (!capital(i-1) || i+1 < len(field) && !capital(i+1)) {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}
