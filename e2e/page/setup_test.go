package page_test

import (
	"os"
	"path/filepath"
	"testing"

	"baogong/e2e/house"
)

func TestSetupPageInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	admin, _, err := e.Verbs.Access.InviteAdmin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, text := range map[string]string{
		"楼栋.csv":   "楼栋,单元数,层数\nE6,1,18\n",
		"住户.csv":   "楼栋,单元,房号,联系人,电话,人数\nE6,1,1203,王芳,13800001203,2\nE6,1,1103,李雷,1.38E+10,2\n",
		"住户-2.csv": "楼栋,单元,房号,联系人,电话,人数\nE6,1,1203,王芳,13800001203,2\nE6,1,1103,李雷,13800001103,2\n",
		"队员.csv":   "编号,姓名,小分队,电话,楼栋\nS01,<img src=x onerror=alert(1)>,保供,13700000001,E6\nC01,赵云,值守,13700000002,\n",
		"商超.csv":   "编号,名称,类别\ncaiban,菜班<b>,商超\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	browse(t, func(string) {}, "setup.mjs", e.BaseURL(), admin, e.Invite(e.Team["S01"]), folder)
}
