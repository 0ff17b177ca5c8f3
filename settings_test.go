package main

import (
	"strings"
	"testing"
)

func TestSettingsPageIsOfTheFlags(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(t.Context(), []string{"settings"}, &out, &out); err != nil {
		t.Fatal(err)
	}
	if pageText(t, "docs/settings.md") != out.String() {
		t.Error("docs/settings.md is not what the flags say; run go generate ./...")
	}
	for _, want := range []string{"| `--addr` | `BAOGONG_ADDR` | `localhost:8080` | demo, serve | ", "| `--log-level` | `BAOGONG_LOG_LEVEL` | `info` | all | ", "| `--after-days` |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestEverySettingHasAVariableAndHelp(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(t.Context(), []string{"settings"}, &out, &out); err != nil {
		t.Fatal(err)
	}
	rows := tableOf(t, out.String(), "flag")
	if len(rows) < 50 {
		t.Fatalf("%d settings, want 50 or more", len(rows))
	}
	for _, r := range rows {
		if len(r) != 5 || r[0] == "" || r[1] == "``" || r[3] == "" || r[4] == "" {
			t.Errorf("%q is not whole", r)
		}
	}
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
