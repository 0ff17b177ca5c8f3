package web

import "testing"

func TestDownload(t *testing.T) {
	t.Parallel()
	made := 0
	h := Download("form.xlsx", "application/octet-stream", func() []byte { made++; return []byte("cells") })
	for range 2 {
		r := get(t, h, "GET", "/templates/form.xlsx")
		if got := r.Header.Get("Content-Disposition"); string(body(t, r)) != "cells" || got != `attachment; filename="form.xlsx"` || made != 1 {
			t.Errorf("got %s, made %d times, want the file, made once", got, made)
		}
	}
}
