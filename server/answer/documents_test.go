package answer

import (
	"bytes"
	"strconv"
	"testing"
)

func TestDocuments(t *testing.T) {
	t.Parallel()
	d := &documents{}
	comes := func(text string, times int) {
		for range times {
			d.keep(text, &document{})
		}
	}
	comes("0", 2)
	for i := range documentsKept {
		if comes(strconv.Itoa(i+1), 2); d.known("0") == nil {
			t.Fatalf("forgot a document in use after %d others", i)
		}
	}
	if n := len(d.young) + len(d.old); n > 2*documentsKept {
		t.Errorf("keeps %d, want at most %d", n, 2*documentsKept)
	}
	if d.known("1") != nil {
		t.Error("keeps unrequested headers")
	}
	before := len(d.young) + len(d.old)
	for i := range 2 * documentsSeen {
		comes("once "+strconv.Itoa(i), 1)
	}
	if n := len(d.young) + len(d.old); n != before || d.known("0") == nil || d.known(strconv.Itoa(documentsKept)) == nil {
		t.Errorf("documents that come once take the place of others: %d kept, %d before", n, before)
	}
	if len(d.seen)+len(d.seenEarlier) > 2*documentsSeen {
		t.Errorf("remembers %d texts that came once", len(d.seen)+len(d.seenEarlier))
	}
	long := string(bytes.Repeat([]byte("x"), documentsLength+1))
	if comes(long, 2); d.known(long) != nil {
		t.Error("keeps long ones")
	}
}
