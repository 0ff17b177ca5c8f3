package cpu

import (
	"flag"
	"runtime"
	"strconv"
)

// TestsPerCore has a number of tests per core run at once, unless -parallel says otherwise. Call it from the TestMain of a package
// whose tests wait for most of their time.
func TestsPerCore(n int) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "test.parallel" })
	if !asked {
		_ = flag.Set("test.parallel", strconv.Itoa(n*runtime.GOMAXPROCS(0)))
	}
}
