package app

import (
	"testing"

	"baogong/db"
)

// TestPurgeNamesWhatItRemoves keeps the words of `baogong purge` whole: a sort of data without one was listed as a bare number.
func TestPurgeNamesWhatItRemoves(t *testing.T) {
	t.Parallel()
	for _, what := range db.AllPersonal {
		if words := purgeWords[what]; words[0] == "" || words[1] == "" {
			t.Errorf("%s: got %q, want a name in both languages", what, words)
		}
	}
}
