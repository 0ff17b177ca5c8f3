package server

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
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
	young, old map[string]*document
	kept       int // bytes of text in young
}

// document is a parsed document, and the forms of its operations, by name.
type document struct {
	*ast.QueryDocument
	forms map[string]form
}

func (d *documents) Get(_ context.Context, text string) (*ast.QueryDocument, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if doc := d.get(text); doc != nil {
		return doc.QueryDocument, true
	}
	return nil, false
}

func (d *documents) Add(_ context.Context, text string, doc *ast.QueryDocument) {
	if len(text) > documentsLength {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.add(text, &document{QueryDocument: doc})
}

// form is the form of an operation, read once for each document that is kept.
func (d *documents) form(op *graphql.OperationContext, read func(*graphql.OperationContext) form) form {
	d.mu.Lock()
	defer d.mu.Unlock()
	doc := d.get(op.RawQuery)
	if doc == nil {
		return read(op)
	}
	f, ok := doc.forms[op.OperationName]
	if !ok {
		if doc.forms == nil {
			doc.forms = map[string]form{}
		}
		f = read(op)
		doc.forms[op.OperationName] = f
	}
	return f
}

// get must hold mu.
func (d *documents) get(text string) *document {
	if doc, ok := d.young[text]; ok {
		return doc
	}
	doc, ok := d.old[text]
	if ok {
		d.add(text, doc)
	}
	return doc
}

// add must hold mu.
func (d *documents) add(text string, doc *document) {
	if d.young == nil || d.kept+len(text) > documentsKept {
		d.old, d.young, d.kept = d.young, make(map[string]*document), 0
	}
	d.young[text] = doc
	d.kept += len(text)
}
