package orderfile_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"baogong/reading/orderfile"
	"baogong/reading/sheet"
)

// readInChild names the file that a child process of this test reads.
const readInChild = "BAOGONG_TEST_READ_ORDERS"

func TestMain(m *testing.M) {
	name := os.Getenv(readInChild)
	if name == "" {
		os.Exit(m.Run())
	}
	if err := readNamed(name); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// readNamed reads a file of orders, and prints how many it has and the kilobytes that the process took.
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
	orders, err := orderfile.Read(f, testEstate(new(testing.T)), orderfile.Options{})
	if err != nil {
		return err
	}
	n := 0
	for e, err := range orders.Entries() {
		if err != nil {
			return err
		}
		if len(e.Rows) != 2 || e.Asks == "" {
			return fmt.Errorf("an order has the rows %v and asks for %q", e.Rows, e.Asks)
		}
		n++
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		status = []byte("VmHWM: 0 kB") // another system
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	_, err = fmt.Fprintln(os.Stdout, n, strings.Fields(rest)[0])
	return err
}

// TestALargeFileIsReadWithinItsMemory reads a CSV in GB18030 in which the two rows of each order stand apart.
func TestALargeFileIsReadWithinItsMemory(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "orders.csv")
	out, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(out)
	size, orders := 0, 0
	write := func(row string) {
		n, err := w.WriteString(row)
		if err != nil {
			t.Fatal(err)
		}
		size += n
	}
	// 订单号,地址,商品,数量 in GB18030, so that the test does not wait for an encoder.
	write("\xb6\xa9\xb5\xa5\xba\xc5,\xb5\xd8\xd6\xb7,\xc9\xcc\xc6\xb7,\xca\xfd\xc1\xbf\r\n")
	for size < csvBytes-100_000 {
		for range 2 {
			for i := range 500 {
				write(fmt.Sprintf("BS%08d,E%d-1-1203,\xb4\xf3\xc3\xd7 25kg %020d,%d\r\n", orders+i, 1+i%26, size, 1+i%9))
			}
		}
		orders += 500
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), readInChild+"="+name)
	told, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, told)
	}
	figures := strings.Fields(string(told))
	if len(figures) != 2 || figures[0] != strconv.Itoa(orders) {
		t.Fatalf("got %q, want %d orders", told, orders)
	}
	kb, err := strconv.Atoi(figures[1])
	if err != nil || kb>>10 > csvMB {
		t.Errorf("a CSV of %d MB took %d MB, %v, want at most %d", size>>20, kb>>10, err, csvMB)
	}
	t.Logf("a CSV of %d MB with %d orders took %d MB", size>>20, orders, kb>>10)
}
