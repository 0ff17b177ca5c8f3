package main

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	t.Parallel()
	in := strings.Join([]string{
		`{"Action":"run","Package":"p","Test":"TestQuick"}`,
		`{"Action":"output","Package":"p","Test":"TestQuick","Output":"unwanted\n"}`,
		`{"Action":"pass","Package":"p","Test":"TestQuick","Elapsed":0.1}`,
		`{"Action":"output","Package":"p","Test":"TestBad","Output":"bad.go:1: got 1, want 2\n"}`,
		`{"Action":"fail","Package":"p","Test":"TestBad","Elapsed":2.5}`,
		`{"Action":"output","Package":"p","Test":"TestLeft","Output":"left.go:1: node is not on the PATH\n"}`,
		`{"Action":"skip","Package":"p","Test":"TestLeft","Elapsed":0}`,
		`{"Action":"output","Package":"p","Test":"TestCut","Output":"panic: cut\n"}`,
		`{"Action":"output","Package":"q","Output":"ok  \tq\t1.0s\n"}`,
		`{"Action":"output","Package":"q","Output":"PASS\n"}`,
		`{"Action":"pass","Package":"q","Elapsed":1}`,
		`{"Action":"build-output","ImportPath":"r","Output":"r.go:2: undefined: x\n"}`,
		`not JSON`,
	}, "\n")
	var out strings.Builder
	if err := report(strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	want := "bad.go:1: got 1, want 2\nleft.go:1: node is not on the PATH\nok  \tq\t1.0s\nr.go:2: undefined: x\nnot JSON\npanic: cut\n\n" +
		"The slowest tests (seconds, with waiting for their turn):\n    2.5  p TestBad\n    0.1  p TestQuick\n    0.0  p TestLeft\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
