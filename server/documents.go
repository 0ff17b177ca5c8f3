package server

import (
	"context"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
)

const (
	documentsKept   = 256 << 10 // bytes of text in each of two generations; parsed they take some forty times as much
	documentsLength = 8 << 10   // longer ones are parsed each time
)

// documents keeps parsed and validated documents by their text. When one generation is full the older one is
// forgotten; what is still in use moves to the younger.
type documents struct {
	mu         sync.Mutex
	young, old map[string]*ast.QueryDocument
	kept       int // bytes of text in young
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
	if d.young == nil || d.kept+len(text) > documentsKept {
		d.old, d.young, d.kept = d.young, make(map[string]*ast.QueryDocument), 0
	}
	d.young[text] = doc
	d.kept += len(text)
}
