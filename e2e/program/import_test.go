package program_test

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"baogong/app"
	"baogong/db/dbtest"
	"baogong/e2e/house"
	"baogong/reading/estatefile"
	"baogong/reading/sheet"
	"baogong/web"
)

// block is a fenced block of a page.
var block = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

// TestSettingUpPage runs the commands of docs/setting-up.md. A block of csv is the file that the line before it names. A block without a language is what the commands
// before it print. A command with "# fails" must fail.
func TestSettingUpPage(t *testing.T) {
	t.Parallel()
	dsn, dir := dbtest.DSN(t), t.TempDir()
	page := house.PageText(t, "docs/setting-up.md")
	var out, logs bytes.Buffer
	name := ""
	ran, last := 0, 0
	for _, at := range block.FindAllStringSubmatchIndex(page, -1) {
		if named := regexp.MustCompile(`\S+\.csv`).FindAllString(page[last:at[0]], -1); named != nil {
			name = strings.TrimLeft(named[len(named)-1], "（(")
		}
		last = at[1]
		switch text := page[at[4]:at[5]]; page[at[2]:at[3]] {
		case "csv":
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		case "sh":
			out.Reset()
			for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
				command, fails := strings.CutSuffix(line, " # fails")
				args := strings.Fields(strings.TrimPrefix(command, "go run . "))
				for i, a := range args {
					if ext := filepath.Ext(a); ext == ".csv" || ext == ".xlsx" {
						args[i] = filepath.Join(dir, a)
					}
				}
				err := app.Run(t.Context(), append(args, "--database-url", dsn), &out, &logs)
				if (err != nil) != fails {
					t.Fatalf("%s: got %v\n%s%s", line, err, &out, &logs)
				}
				ran++
			}
		case "":
			if got := strings.TrimSpace(out.String()); got != strings.TrimSpace(text) {
				t.Errorf("got\n%s\nwant\n%s", got, text)
			}
		}
	}
	if ran < 6 {
		t.Errorf("ran %d commands, want those of the page", ran)
	}
}

// TestImportEstateCommand tries what the page does not show.
func TestImportEstateCommand(t *testing.T) {
	t.Parallel()
	dsn, dir := dbtest.DSN(t), t.TempDir()
	run := func(args ...string) (string, error) {
		var out, logs bytes.Buffer
		err := app.Run(t.Context(), append([]string{"import", "estate", "--database-url", dsn}, args...), &out, &logs)
		return out.String(), err
	}
	file := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := file("buildings.csv", "Building,Units,Floors\nE6,1,18\n")
	for want, args := range map[string][]string{
		"name the workbook":          {},
		"--community is needed":      {good},
		"contradict each other":      {good, "--community", "x", "--yes", "--dry-run"},
		"without --create-community": {good, "--community", "x", "--name", "x"},
		"takes no FILE":              {good, "--template", filepath.Join(dir, "t.xlsx")},
		"no such file":               {filepath.Join(dir, "nowhere.xlsx"), "--community", "x"},
		`no community has the code`:  {good, "--community", "nowhere"},
		"file exists":                {"--template", good},
		"This file is not a table":   {file("page.csv", "<html><table></table></html>"), "--community", "x"},
		"add the community: ":        {good, "--community", "x", "--create-community", "--time-zone", "Nowhere/Land", "--yes"},
		"nothing was saved":          {file("车位.csv", "号\n1\n"), "--community", "x", "--create-community", "--yes"},
	} {
		if said, err := run(args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %q, %v, want %s", args, said, err, want)
		}
	}
	if said, err := run(good, "--community", "x", "--create-community"); err != nil || !strings.Contains(said, "Nothing was saved") {
		t.Errorf("without --yes: got %q, %v, want nothing saved", said, err)
	}
	if said, err := run(good, "--community", "x", "--create-community", "--write"); err != nil || !strings.Contains(said, "Saved 2 rows in x.") {
		t.Errorf("with --write: got %q, %v, want 2 rows saved", said, err)
	}
	if said, err := run(good, "--community", "x", "--create-community", "--yes"); err != nil || !strings.Contains(said, "There is nothing to save") {
		t.Errorf("again: got %q, %v, want nothing to save", said, err)
	}
}

// TestEstateTemplate downloads the template.
func TestEstateTemplate(t *testing.T) {
	t.Parallel()
	answer := httptest.NewRecorder()
	app.Pages(web.Desk{}, false)["/templates/"+estatefile.TemplateName].ServeHTTP(answer, httptest.NewRequest("GET", "/templates/"+estatefile.TemplateName, nil))
	b := answer.Body.Bytes()
	f, err := sheet.Open("estate.xlsx", bytes.NewReader(b), int64(len(b)))
	if err != nil || len(f.Sheets) != len(estatefile.SheetKinds) || answer.Header().Get("Content-Type") != estatefile.TemplateType {
		t.Errorf("got %d, %v, %v, want the template", answer.Code, answer.Header(), err)
	}
}

// TestImportOrdersCommand imports a file and a list, again, and reports the rows that wait.
func TestImportOrdersCommand(t *testing.T) {
	t.Parallel()
	dsn, dir := dbtest.DSN(t), t.TempDir()
	run := func(args ...string) (string, error) {
		var out, logs bytes.Buffer
		err := app.Run(t.Context(), append([]string{"import", args[0], "--database-url", dsn, "--community", "dongchen"}, args[1:]...), &out, &logs)
		return out.String(), err
	}
	file := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, args := range [][]string{{file("楼栋.csv", "楼栋,单元数,楼层数\nE6,1,18\n"), "--create-community"}, {file("住户.csv", "楼栋,单元,房号,电话,人数\nE6,1,1203,,2\nE6,1,1103,,2\n")},
		{file("商超.csv", "代码,名称,类型\ncaiban,菜伴,平台\n")}} {
		if said, err := run(append([]string{"estate", "--yes"}, args...)...); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, said)
		}
	}
	orders := file("晚单.csv", "单号,地址,商品,数量\nA-1,E6-1-1203,土豆,2斤\nA-2,E6-1-9999,=1+1,1份\n")
	report := filepath.Join(dir, "wait.csv")
	for _, c := range []struct {
		want string
		args []string
	}{
		{"已下单 placed | 1", []string{orders, "--dry-run"}},
		{"已下单 placed | 1", []string{orders, "--report", report}},
		{"未变 unchanged | 1", []string{orders}},
	} {
		said, err := run(append([]string{"orders", "--supplier", "caiban"}, c.args...)...)
		if err == nil || !strings.Contains(err.Error(), "some rows wait") || !strings.Contains(strings.Join(strings.Fields(said), " "), c.want) {
			t.Errorf("%v: got %v and\n%swant rows that wait, and %q", c.args, err, said, c.want)
		}
	}
	if said, err := run("orders", orders, "--supplier", "caiban", "--report", report); err == nil || !strings.Contains(err.Error(), "name another file") || said != "" {
		t.Errorf("a report that exists: got %v and %q, want it refused before the import", err, said)
	}
	waits, err := os.ReadFile(report)
	if err != nil || !strings.Contains(string(waits), "单号,地址,商品,数量,原行号,原因") || !strings.Contains(string(waits), "A-2,E6-1-9999,'=1+1,1份,3,") {
		t.Errorf("got the report %q, %v", waits, err)
	}
	if said, err := run("orders", file("接龙.txt", "#接龙\n1. 1103 土豆 2斤\n"), "--supplier", "caiban", "--building", "E6"); err != nil {
		t.Errorf("a list: %v\n%s", err, said)
	}
	for want, args := range map[string][]string{"no supplier has the code": {orders, "--supplier", "x"}, "no building has the code": {orders, "--supplier", "caiban", "--building", "E9"},
		"open the file": {filepath.Join(dir, "nowhere.csv"), "--supplier", "caiban"}} {
		if _, err := run(append([]string{"orders"}, args...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %s", args, err, want)
		}
	}
}
