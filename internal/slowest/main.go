// Command slowest reads the events of go test -json from standard input. It prints each package with its result, the output of
// failed and of skipped tests, and the ten slowest tests.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

const listed = 10

func main() {
	if err := report(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "slowest:", err)
		os.Exit(1)
	}
}

// event is a line of go test -json, or of the compiler.
type event struct {
	Action, Package, Test, ImportPath, Output string
	Elapsed                                   float64 // seconds
}

type test struct {
	name    string
	seconds float64
}

// report copies what a person needs from the events.
func report(in io.Reader, out io.Writer) error {
	printed := map[string][]string{} // the output of each test, until its result is known
	var tests []test
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Fprintln(out, lines.Text()) // not of go test
			continue
		}
		name := e.Package + " " + e.Test
		switch e.Action {
		case "build-output":
			fmt.Fprint(out, e.Output)
		case "output":
			printed[name] = append(printed[name], e.Output)
		case "pass", "skip", "fail":
			skipped := e.Action == "skip" && e.Test != "" // with its reason
			if e.Action == "fail" || skipped || e.Test == "" {
				show(out, printed[name], e.Action == "fail" || skipped)
			}
			delete(printed, name)
			if e.Test != "" {
				tests = append(tests, test{name, e.Elapsed})
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(printed)) { // tests that a panic or a time-out cut off
		show(out, printed[name], true)
	}
	slices.SortStableFunc(tests, func(a, b test) int { return cmp.Compare(b.seconds, a.seconds) })
	fmt.Fprintln(out, "\nThe slowest tests (seconds, with waiting for their turn):")
	for _, t := range tests[:min(listed, len(tests))] {
		fmt.Fprintf(out, "%7.1f  %s\n", t.seconds, t.name)
	}
	return lines.Err()
}

// show prints the output of a test or package: all of it, or only the line with the package's result.
func show(out io.Writer, output []string, all bool) {
	for _, line := range output {
		if all || strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "?") {
			fmt.Fprint(out, line)
		}
	}
}
