package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// firstSteps prints how to make the first administrator, if there is none.
func (h *System) firstSteps(ctx context.Context, s databaseSettings) error {
	there, err := h.Store.UnscopedAdministrator(ctx, h.Verbs.Machine())
	if err != nil || there {
		return err
	}
	fmt.Fprintf(h.out, "There is no administrator yet; make the first one's code in another shell with: %s 尚无管理员，请在另一个终端运行上述命令生成邀请码。\n", inviteLine(s))
	return nil
}

// inviteLine returns the command that invites an administrator into the same database. It contains no password.
func inviteLine(s databaseSettings) string {
	words := []string{self(), "invite"}
	switch {
	case s.DatabaseURL != "":
		words = append([]string{"DATABASE_URL=…"}, words...)
	case filepath.Base(s.Data) != ".baogong" || !isHere(filepath.Dir(s.Data)):
		words = append(words, "--data", quoted(s.Data))
	}
	return strings.Join(words, " ")
}

// self returns the name by which this program was called.
func self() string {
	name := os.Args[0]
	if strings.Contains(name, "go-build") {
		return "go run ."
	}
	if filepath.Base(name) == name { // found through PATH
		return name
	}
	return quoted(name)
}

// isHere reports whether a folder is the working directory.
func isHere(dir string) bool {
	here, err := os.Getwd()
	return err == nil && filepath.Clean(dir) == here
}

// quoted quotes a word for a shell.
func quoted(word string) string {
	if !strings.ContainsAny(word, " \t\n'\"\\$`&|;<>()*?[]#~!{}") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
