package main

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// TestReadmeListsSettings checks that README.md lists every setting with its flag, its variable and its default.
func TestReadmeListsSettings(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []any{settings{}, databaseSettings{}, serverSettings{}, demoCommand{}, inviteCommand{}, purgeCommand{}, benchCommand{}} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(s)) {
			env := f.Tag.Get("env")
			if env == "" {
				continue
			}
			row := "| `" + flag(f.Name) + "` | `" + env + "` | " + shown(f.Tag.Get("default")) + " |"
			if !strings.Contains(string(readme), row) {
				t.Errorf("README.md does not list %s", row)
			}
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
