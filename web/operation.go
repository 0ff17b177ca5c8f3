package web

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Operation is a GraphQL document that can be run. A document with several operations has the name of the first.
type Operation struct {
	Name      string `json:"name"`      // of its file, such as 01-order-events
	Title     string `json:"title"`     // its subject, in both languages
	Query     string `json:"query"`     // with its leading comments
	Variables string `json:"variables"` // JSON; COMMUNITY_ID, BUILDING_ID … stand for ids that only the database knows
	Actor     string `json:"actor"`     // the actor that should run it; empty for any
}

// Operations returns the operations of the program, written for the demonstration estate, in the order to try them. Each is
// a file that begins with "# as: <actor>" and "# <title>", beside a file of its variables. Filled sets the ids of those that
// name an order or a door.
func Operations() []Operation {
	names, err := fs.Glob(files, "operations/*.graphql")
	if err != nil {
		panic(err)
	}
	slices.Sort(names)
	ops := make([]Operation, len(names))
	for i, name := range names {
		if ops[i], err = readOperation(strings.TrimSuffix(name, ".graphql")); err != nil {
			panic(err)
		}
	}
	return ops
}

func readOperation(stem string) (Operation, error) {
	query, err := files.ReadFile(stem + ".graphql")
	if err != nil {
		return Operation{}, err
	}
	variables, err := files.ReadFile(stem + ".json")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Operation{}, err
	}
	text := string(query)
	actor, _ := strings.CutPrefix(text, "# as: ")
	if actor != text {
		actor, text, _ = strings.Cut(actor, "\n")
	} else {
		actor = ""
	}
	first, _, _ := strings.Cut(text, "\n")
	title, ok := strings.CutPrefix(first, "# ")
	if !ok {
		return Operation{}, fmt.Errorf("%s.graphql has no title", stem)
	}
	return Operation{
		Name:      path.Base(stem),
		Title:     title,
		Query:     string(query),
		Variables: strings.TrimSpace(string(variables)),
		Actor:     actor,
	}, nil
}

// Filled returns the operations with ids in place of the names in their variables.
func Filled(ops []Operation, ids map[string]string) []Operation {
	out := slices.Clone(ops)
	for i := range out {
		for name, id := range ids {
			out[i].Variables = strings.ReplaceAll(out[i].Variables, `"`+name+`"`, `"`+id+`"`)
		}
	}
	return out
}

// forEveryone names the operations that are useful to every signed-in reader.
var forEveryone = []string{"01-order-events", "02-live-board", "04-orders", "06-my-orders"}

// where tells the reader the first step.
const where = `#
# 先把第一个标签页查到的小区 id 填进变量。
# First put the community's id, which the first tab gives,
# into the variables.
`

// PlainOperations returns operations for a server with its own people and communities: who am I, and operations that need
// only the community's id.
func PlainOperations() []Operation {
	me, err := readOperation("operations/plain/00-me")
	if err != nil {
		panic(err)
	}
	ops := []Operation{me}
	for _, op := range Operations() {
		if slices.Contains(forEveryone, op.Name) {
			_, text, _ := strings.Cut(op.Query, "\n")
			title, text, _ := strings.Cut(text, "\n")
			op.Query, op.Actor = title+"\n"+where+text, ""
			ops = append(ops, op)
		}
	}
	return Filled(ops, map[string]string{"COMMUNITY_ID": "小区 id · community id"})
}
