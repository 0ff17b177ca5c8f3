package answer

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
	documentsSeen   = 4096      // hashes of texts seen once, in each of two generations
)

// documents caches parsed and validated documents by their text. A document is cached when its text arrives for the second
// time, so a flood of new texts evicts nothing. The cache has two generations: when the younger is full the older is
// dropped, and a hit in the older moves to the younger. The zero value is ready to use.
type documents struct {
	mu         sync.Mutex
	young, old map[string]*document
	kept       int // bytes of text in young

	seed              maphash.Seed
	seen, seenEarlier map[uint64]struct{} // hashes of texts
}

// document is a parsed document with facts about its operations, by operation name.
type document struct {
	*ast.QueryDocument
	forms map[string]form
	used  map[string][]nullableUse
}

// bare returns the document without its variable definitions.
func (d *document) bare() *ast.QueryDocument {
	out := *d.QueryDocument
	out.Operations = make(ast.OperationList, len(d.Operations))
	for i, op := range d.Operations {
		bare := *op
		bare.VariableDefinitions = nil
		out.Operations[i] = &bare
	}
	return &out
}

// The refusals of an operation name.
var (
	reasonWhichOperation = delivery.NewReason("WHICH_OPERATION", delivery.CodeBadUserInput,
		"The document holds %d operations; name one in operationName.",
		"文档中有 %d 个操作，请用 operationName 指明其中一个。")
	reasonNoSuchOperation = delivery.NewReason("NO_SUCH_OPERATION", delivery.CodeBadUserInput,
		"The document holds no operation named %s.",
		"文档中没有名为 %s 的操作。")
)

// operation returns the operation with the name, or the only operation if the name is empty. It fails with a refusal.
func (d *document) operation(name string) (*ast.OperationDefinition, error) {
	switch op := d.Operations.ForName(name); {
	case op != nil:
		return op, nil
	case name == "":
		return nil, delivery.Refuse(reasonWhichOperation, len(d.Operations))
	}
	return nil, delivery.Refuse(reasonNoSuchOperation, Cut(name, quotedInput))
}

// Get implements gqlgen's document cache: it returns the document that prepare stored in ctx.
func (d *documents) Get(ctx context.Context, _ string) (*ast.QueryDocument, bool) {
	c, ok := ctx.Value(coercedKey{}).(coerced)
	return c.doc, ok
}

// Add does nothing: Get always answers, so gqlgen parses nothing that it could add.
func (d *documents) Add(context.Context, string, *ast.QueryDocument) {}

// known returns the cached document of a text, or nil.
func (d *documents) known(text string) *document {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.get(text)
}

// keep caches a document if its text was seen before.
func (d *documents) keep(text string, doc *document) {
	if len(text) > documentsLength {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.seenBefore(text) {
		d.add(text, doc)
	}
}

// seenBefore reports whether a text was seen lately, and remembers it. Must hold mu.
func (d *documents) seenBefore(text string) bool {
	if d.seen == nil {
		d.seed, d.seen = maphash.MakeSeed(), map[uint64]struct{}{}
	}
	hash := maphash.String(d.seed, text)
	_, before := d.seen[hash]
	if !before {
		_, before = d.seenEarlier[hash]
	}
	if d.seen[hash] = struct{}{}; len(d.seen) >= documentsSeen {
		d.seenEarlier, d.seen = d.seen, make(map[uint64]struct{}, documentsSeen)
	}
	return before
}

// usages lists the places of an operation where null must be checked, computed once for each cached document. It fails with
// the error to show.
func (d *documents) usages(doc *document, op *ast.OperationDefinition, c coercer) ([]nullableUse, *gqlerror.Error) {
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
		doc.used = map[string][]nullableUse{}
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
