package repository_test

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"baogong/e2e/house"
)

// unplain finds the indefinite pronouns and archaisms that our texts do without. People are named by their role instead:
// the resident, the lead, the subscriber.
var unplain = regexp.MustCompile(`\b(?:[Ww]ho(?:m)?ever|[Nn]obody|[Ss]omebody|[Aa]nybody|[Ee]verybody|[Ww]hatever|[Ww]herever|[Aa]new|[Ww]hat came of|[Tt]hey who|[Tt]hose who|[Hh]e who)\b`)

// quotations are the texts that quote such a word.
var quotations = map[string][]string{
	"db/embedded/account.go":     {`"nobody"`}, // the account
	"db/embedded/server_test.go": {"want nobody"},
}

// unread are files whose text is not ours, or may not change.
func unread(path string) bool {
	return slices.ContainsFunc([]string{"graph/", "db/migrations/", "web/graphiql/dist/", "web/app/dist/"}, func(dir string) bool { return strings.HasPrefix(path, dir) }) ||
		slices.Contains([]string{".png", ".gz", ".sum", ".ico"}, filepath.Ext(path)) || strings.HasSuffix(path, "package-lock.json") || path == "LICENSE" || path == "e2e/repository/language_test.go"
}

// otherWords are second words for what the vocabulary names with one.
var otherWords = []struct{ other, word string }{{"门岗", "门口"}, {"推演", "流程模拟"}, {"方案", "预案"}}

// TestChineseTextsUseTheVocabulary finds the second words: one thing has one name on pages, in messages and in docs.
func TestChineseTextsUseTheVocabulary(t *testing.T) {
	t.Parallel()
	said := map[string][]string{"reading/estatefile/value.go": {`"门岗"`}} // what a table may say for the duty squad
	for _, path := range texts(t) {
		for n, line := range strings.Split(house.PageText(t, path), "\n") {
			for _, o := range otherWords {
				if strings.Contains(line, o.other) && !slices.ContainsFunc(said[path], func(s string) bool { return strings.Contains(line, s) }) {
					t.Errorf("%s:%d: %s is called %s elsewhere: %s", path, n+1, o.other, o.word, strings.TrimSpace(line))
				}
			}
		}
	}
}

// texts lists the files whose text is ours.
func texts(t *testing.T) []string {
	t.Helper()
	list, err := exec.CommandContext(t.Context(), "git", "ls-files", "-z").Output()
	if err != nil {
		t.Fatal(err)
	}
	paths := strings.Split(strings.TrimRight(string(list), "\x00"), "\x00")
	if len(paths) < 300 {
		t.Fatalf("git lists %d files, want 300 or more", len(paths))
	}
	return slices.DeleteFunc(paths, unread)
}

// TestTextsAreInPlainEnglish reads every line of the repository: comments, help, logs, messages, descriptions and docs.
func TestTextsAreInPlainEnglish(t *testing.T) {
	t.Parallel()
	for _, path := range texts(t) {
		for n, line := range strings.Split(house.PageText(t, path), "\n") {
			word := unplain.FindString(line)
			if word != "" && !slices.ContainsFunc(quotations[path], func(q string) bool { return strings.Contains(line, q) }) {
				t.Errorf("%s:%d: %q: say who or what is meant: %s", path, n+1, word, strings.TrimSpace(line))
			}
		}
	}
}

func TestUnplainWordsAreFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"The zero Actor is nobody.": "nobody", "Whoever asks": "Whoever", "read anew": "anew", "what came of it": "what came of",
		"PostNobody": "", "NOBODY": "", "the lead": "", "anewly": "",
	} {
		if got := unplain.FindString(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
