package sheet_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"baogong/reading/sheet"
)

// readInChild names the file that a child process of this test reads.
const readInChild = "BAOGONG_TEST_READ_SHEET"

func TestMain(m *testing.M) {
	if name := os.Getenv(readInChild); name != "" {
		if err := readNamed(name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Fprintln(os.Stdout, peakKB())
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func readNamed(name string) error {
	in, err := os.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	f, err := sheet.Open(name, in, info.Size())
	if err != nil {
		return err
	}
	defer f.Close()
	for _, err := range f.Sheets[0].Rows() {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestAWorkbookIsReadWithinItsMemory(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "orders.xlsx")
	if err := os.WriteFile(name, []byte(largeWorkbook(t, workbookCells)), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := childMemory(t, name); got > workbookMB {
		t.Errorf("a workbook of %d cells took %d MB, want at most %d", workbookCells, got, workbookMB)
	} else {
		t.Logf("a workbook of %d cells took %d MB", workbookCells, got)
	}
}

// childMemory returns the most megabytes that a process took that reads a file.
func childMemory(t *testing.T, name string) int64 {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), readInChild+"="+name)
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	kb, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	if err != nil || kb == 0 {
		t.Logf("this system does not tell the memory of a process: %s", out)
	}
	return kb >> 10
}

// peakKB returns the most memory that this process has taken, 0 if the system does not tell.
func peakKB() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	figure, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	kb, err := strconv.ParseInt(figure, 10, 64)
	if err != nil {
		return 0
	}
	return kb
}

// largeWorkbook returns a workbook whose cells are shared texts, numbers, dates, formulas and merged ranges.
func largeWorkbook(t *testing.T, cells int) string {
	t.Helper()
	const columns = 10
	var rows, texts, merges strings.Builder
	out := bufio.NewWriter(&rows)
	for row := 1; row <= cells/columns; row++ {
		fmt.Fprintf(out, `<row r="%d">`, row)
		for column := range columns {
			at := fmt.Sprintf("%c%d", 'A'+column, row)
			switch column {
			case 0, 1, 2, 3:
				fmt.Fprintf(out, `<c r="%s" t="s"><v>%d</v></c>`, at, row*4+column-4)
				fmt.Fprintf(&texts, `<si><t>东辰心语E6栋1单元%d-%d</t></si>`, row, column)
			case 4:
				fmt.Fprintf(out, `<c r="%s"><f>A%d*2</f><v>1</v></c>`, at, row)
			default:
				fmt.Fprintf(out, `<c r="%s"><v>%d</v></c>`, at, 13800000000+row)
			}
		}
		out.WriteString(`</row>`)
		if row%20 == 0 {
			fmt.Fprintf(&merges, `<mergeCell ref="A%d:A%d"/>`, row-2, row)
		}
	}
	_ = out.Flush()
	const namespace = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	return repacked(t, emptyWorkbook(t), map[string]io.Reader{
		"xl/worksheets/sheet1.xml": strings.NewReader(`<worksheet ` + namespace + `><sheetData>` + rows.String() + `</sheetData><mergeCells>` + merges.String() + `</mergeCells></worksheet>`),
		"xl/sharedStrings.xml":     strings.NewReader(`<sst ` + namespace + `>` + texts.String() + `</sst>`),
	})
}
