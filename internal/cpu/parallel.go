package cpu

import (
	"flag"
	"runtime"
	"strconv"
)

// TestsPerCore has a number of tests per core run at once, unless -parallel says otherwise. Call it from the TestMain of a package
// whose tests wait for most of their time. Under the race detector they work for most of it, so nothing changes there.
func TestsPerCore(n int) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "test.parallel" })
	if !asked && Dearer == 1 {
		_ = flag.Set("test.parallel", strconv.Itoa(n*runtime.GOMAXPROCS(0)))
	}
}
