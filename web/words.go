package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// Texts are the texts that pages show in both languages, each as a pair of Chinese and English.
type Texts struct {
	Roles    map[string][2]string `json:"roles"`    // by their names in the schema
	Stages   map[string][2]string `json:"stages"`   // by their names in the schema
	Chain    []string             `json:"chain"`    // the stages of an order that arrives, first to last
	Marks    map[string][2]string `json:"marks"`    // by their names in the schema
	Answers  map[string][2]string `json:"answers"`  // what to do if an item is not there, by its name in the schema
	Report   []ReportTerm         `json:"report"`   // the numbers of the daily report, in the order shown
	Refusals map[string][2]string `json:"refusals"` // by their reasons; %d stands for a whole number
}

// ReportTerm is a number of the daily report.
type ReportTerm struct {
	Name  string    `json:"name"` // of its field in the schema
	Words [2]string `json:"words"`
	Fen   bool      `json:"fen"` // an amount of money
}

// Script serves a script with the words and the functions that show them. Pages load it before their own.
func (w Texts) Script() http.Handler {
	list, err := json.Marshal(w)
	if err != nil {
		panic(fmt.Errorf("write the words of the pages: %w", err)) // cannot happen for strings
	}
	code, err := files.ReadFile("words.js")
	if err != nil {
		panic(err)
	}
	return assetOf(slices.Concat([]byte("const words = "), list, []byte(";\n"), code), "text/javascript; charset=utf-8")
}
