package web

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Operation is a GraphQL document ready to run. A document with several operations is named for the first.
type Operation struct {
	Name      string `json:"name"`      // of its file, such as 01-order-events
	Title     string `json:"title"`     // what it shows, in both languages
	Query     string `json:"query"`     // with the comments it opens with
	Variables string `json:"variables"` // JSON; ids that only the database knows stand as COMMUNITY_ID, ORDER_ID …
	Actor     string `json:"actor"`     // who should run it
}

// community stands in variables where the community's id belongs.
const community = "COMMUNITY_ID"

// Operations are those that come with the program, written for the demonstration estate, in the order to try them.
// Each is a file that opens with "# as: <actor>" and "# <title>", beside a file of its variables.
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
	lines := strings.SplitN(string(query), "\n", 3)
	actor, ok := strings.CutPrefix(lines[0], "# as: ")
	if !ok || len(lines) < 3 {
		return Operation{}, fmt.Errorf("%s.graphql does not open with its actor and title", stem)
	}
	title, ok := strings.CutPrefix(lines[1], "# ")
	if !ok {
		return Operation{}, fmt.Errorf("%s.graphql has no title", stem)
	}
	return Operation{
		Name:      strings.TrimPrefix(stem, "operations/"),
		Title:     title,
		Query:     string(query),
		Variables: strings.TrimSpace(string(variables)),
		Actor:     actor,
	}, nil
}

// WithCommunity returns the operations with the community's id in their variables.
func WithCommunity(ops []Operation, id string) []Operation {
	out := slices.Clone(ops)
	for i := range out {
		out[i].Variables = strings.ReplaceAll(out[i].Variables, community, id)
	}
	return out
}
