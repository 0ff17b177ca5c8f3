package server

import (
	"context"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
)

const (
	documentsKept   = 1000    // in each of two generations
	documentsLength = 8 << 10 // longer ones are parsed each time, so that the cache stays small in bytes too
)

// documents keeps parsed and validated documents by their text. When one generation is full the older one is
// forgotten; what is still in use moves to the younger.
type documents struct {
	mu         sync.Mutex
	young, old map[string]*ast.QueryDocument
}

func (d *documents) Get(_ context.Context, text string) (*ast.QueryDocument, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if doc, ok := d.young[text]; ok {
		return doc, true
	}
	doc, ok := d.old[text]
	if ok {
		d.add(text, doc)
	}
	return doc, ok
}

func (d *documents) Add(_ context.Context, text string, doc *ast.QueryDocument) {
	if len(text) > documentsLength {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.add(text, doc)
}

// add must hold mu.
func (d *documents) add(text string, doc *ast.QueryDocument) {
	if d.young == nil || len(d.young) >= documentsKept {
		d.old, d.young = d.young, make(map[string]*ast.QueryDocument)
	}
	d.young[text] = doc
}
