package server

import (
	"context"
	"hash/maphash"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/delivery"
)

const (
	documentsKept   = 256 << 10 // bytes of text in each of two generations; parsed they take some forty times as much
	documentsLength = 8 << 10   // longer ones are parsed each time
	documentsMet    = 4096      // how many texts that came once are remembered in each of two generations
)

// documents keeps parsed and validated documents by their text, from the second time that they come: documents that come
// once, as a flood of them would, push none out. When one generation is full the older one is forgotten; what is still in
// use moves to the younger. The zero documents is ready.
type documents struct {
	mu         sync.Mutex
	young, old map[string]*document
	kept       int // bytes of text in young

	seed            maphash.Seed
	met, metEarlier map[uint64]struct{} // hashes of texts
}

// document is a parsed document, and what is known of its operations, by name.
type document struct {
	*ast.QueryDocument
	forms map[string]form
	used  map[string][]usage
}

// operation returns the operation of a name, or the only one if the name is empty. It fails with a refusal.
func (d *document) operation(name string) (*ast.OperationDefinition, error) {
	switch op := d.Operations.ForName(name); {
	case op != nil:
		return op, nil
	case name == "":
		return nil, delivery.Refuse(delivery.ReasonWhichOperation, len(d.Operations))
	}
	return nil, delivery.Refuse(delivery.ReasonNoSuchOperation, cutAt(name, quotedInput))
}

// Get gives gqlgen the document that prepare put into ctx.
func (d *documents) Get(ctx context.Context, _ string) (*ast.QueryDocument, bool) {
	doc, ok := ctx.Value(documentKey{}).(*document)
	if !ok {
		return nil, false
	}
	return doc.QueryDocument, true
}

// Add is for gqlgen, which adds nothing that Get gave it.
func (d *documents) Add(context.Context, string, *ast.QueryDocument) {}

// known returns the document of a text, and nil if it is not kept.
func (d *documents) known(text string) *document {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.get(text)
}

// keep keeps a document if its text has come before.
func (d *documents) keep(text string, doc *document) {
	if len(text) > documentsLength {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.meet(text) {
		d.add(text, doc)
	}
}

// meet reports whether a text came before. Must hold mu.
func (d *documents) meet(text string) bool {
	if d.met == nil {
		d.seed, d.met = maphash.MakeSeed(), map[uint64]struct{}{}
	}
	hash := maphash.String(d.seed, text)
	_, before := d.met[hash]
	if !before {
		_, before = d.metEarlier[hash]
	}
	if d.met[hash] = struct{}{}; len(d.met) >= documentsMet {
		d.metEarlier, d.met = d.met, make(map[uint64]struct{}, documentsMet)
	}
	return before
}

// usages lists the places of an operation where null must be checked, read once for each document that is kept. It fails
// with the error to show.
func (d *documents) usages(doc *document, op *ast.OperationDefinition, c coercer) ([]usage, *gqlerror.Error) {
	d.mu.Lock()
	used, ok := doc.used[op.Name]
	d.mu.Unlock()
	if ok {
		return used, nil
	}
	used, err := c.usagesOf(doc.QueryDocument, op)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if doc.used == nil {
		doc.used = map[string][]usage{}
	}
	doc.used[op.Name] = used
	return used, nil
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
