package repository_test

import (
	"io"
	"strings"
	"testing"

	"baogong/app"
	"baogong/e2e/house"
)

func TestSettingsPageIsOfTheFlags(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := app.Run(t.Context(), []string{"settings"}, &out, &out); err != nil {
		t.Fatal(err)
	}
	if house.PageText(t, "docs/settings.md") != out.String() {
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
	if err := app.Run(t.Context(), []string{"settings"}, &out, &out); err != nil {
		t.Fatal(err)
	}
	rows := house.TableOf(t, out.String(), "flag")
	if len(rows) < 50 {
		t.Fatalf("%d settings, want 50 or more", len(rows))
	}
	for _, r := range rows {
		if len(r) != 5 || r[0] == "" || r[1] == "``" || r[3] == "" || r[4] == "" {
			t.Errorf("%q is not whole", r)
		}
	}
}

// Values that cannot be are refused in words of this program, and not in those of the library that reads flags.
func TestRefusedFlags(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"serve --cost abc": "--cost must be a whole number; got abc", "demo --days -1": "--days must be 0 or more; got -1", "demo --days=-1": "--days must be 0 or more; got -1",
		"serve --poll x": "--poll must be a duration, such as 10s or 500ms; got x", "serve --poll=1ns": "--poll must be at least 10ms", "bench --scale=x": "--scale must be a number; got x",
		"serve --dev-actors=7": "--dev-actors must be true or false; got 7", "serve -addr :1": "unknown flag -a; flags begin with two hyphens", "version --x": "unknown flag --x;",
		"demo --ring=1": "--ring must be at least", "rehearse --by noon": "--by must be a time of the day", "rehearse --held E99:16:00-18:00": "--held must be a building (E1 to E26)", "rehearse --sorters 0": "No people are at sorting", "rehearse --units 3": "an estate needs", "serve --public-url https://x.example/a//b": "--public-url has a path",
	} {
		err := app.Run(t.Context(), strings.Fields(args), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", args, err, want)
		}
	}
}
