package repository_test

import (
	"path/filepath"
	"strings"
	"testing"

	"baogong/delivery"
	"baogong/e2e/house"
)

// TestPagesHaveNoStageWordsOfTheirOwn checks that delivery/words.go is the only copy of the stages' names: the pages' scripts
// and markup take them from /words.js and from web/app/shared/terms.ts.
func TestPagesHaveNoStageWordsOfTheirOwn(t *testing.T) {
	t.Parallel()
	list := house.PageText(t, "delivery/words.go")
	var pages []string
	for _, pattern := range []string{"web/*.js", "web/*.html", "web/app/*/*.ts", "web/app/*/*.tsx"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, page := range found {
			if page != "web/app/shared/terms.ts" { // generated from them
				pages = append(pages, page)
			}
		}
	}
	if len(pages) < 20 {
		t.Fatalf("got pages %v, want 20 or more", pages)
	}
	words := delivery.StageWords()
	for _, stage := range delivery.Stages {
		w := words[stage]
		if w.Chinese == "" || w.English == "" {
			t.Errorf("%s lacks a name in one language", stage)
			continue
		}
		if n := strings.Count(list, `"`+w.Chinese+`"`); n != 1 {
			t.Errorf("delivery/words.go says %s %d times, want once", w.Chinese, n)
		}
		for _, page := range pages {
			text := house.PageText(t, page)
			if strings.Contains(text, w.Chinese) || strings.Contains(text, "'"+w.English+"'") {
				t.Errorf("%s has its own words for %s", page, stage)
			}
		}
	}
}
