package server

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/99designs/gqlgen/complexity"
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/delivery"
)

// guard refuses valid operations that would cost too much. It runs after validation, so fragments are known
// and have no cycles, and before anything is resolved. It also allows introspection.
type guard struct {
	limits Limits
	cost   priced
}

func (*guard) ExtensionName() string { return "Guard" }

func (g *guard) Validate(es graphql.ExecutableSchema) error {
	g.cost = priced{es}
	return nil
}

func (g *guard) MutateOperationContext(ctx context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	oc.DisableIntrospection = false
	m := measure{fragments: map[string]size{}}
	whole := m.of(oc.Operation.SelectionSet)
	switch {
	case m.deferred:
		return tooMuch(delivery.ReasonDefer)
	case whole.depth > g.limits.Depth:
		return tooMuch(delivery.ReasonTooDeep, whole.depth, g.limits.Depth)
	case roots(oc.Operation.SelectionSet) > g.limits.Fields:
		return tooMuch(delivery.ReasonTooManyFields, g.limits.Fields)
	// Counted first because the calculation below follows every path, and fragments that spread each other
	// twice make exponentially many.
	case whole.fields > g.limits.Complexity:
		return tooMuch(delivery.ReasonTooCostly, whole.fields, g.limits.Complexity)
	}
	if c := complexity.Calculate(ctx, g.cost, oc.Operation, oc.Variables); c > g.limits.Complexity {
		return tooMuch(delivery.ReasonTooCostly, c, g.limits.Complexity)
	}
	return nil
}

// tooMuch is a refusal as gqlgen takes it; the presenter puts it in the reader's language.
func tooMuch(reason delivery.Reason, args ...any) *gqlerror.Error {
	return gqlerror.Wrap(delivery.Refuse(reason, args...))
}

// size is what a selection grows to once its fragments are written out.
type size struct{ depth, fields int }

// enough is where counting stops, so that sums cannot overflow.
const enough = 1 << 30

// measure sizes selections, each fragment once.
type measure struct {
	fragments map[string]size
	deferred  bool
}

func (m *measure) of(set ast.SelectionSet) (whole size) {
	for _, selection := range set {
		var part size
		switch s := selection.(type) {
		case *ast.Field:
			part = m.of(s.SelectionSet)
			if strings.HasPrefix(s.Name, "__") {
				part.depth = 0 // the validator has its own rule for introspection
			}
			part.depth, part.fields = part.depth+1, part.fields+1
		case *ast.InlineFragment:
			m.deferred = m.deferred || s.Directives.ForName("defer") != nil
			part = m.of(s.SelectionSet)
		case *ast.FragmentSpread:
			m.deferred = m.deferred || s.Directives.ForName("defer") != nil
			known, ok := m.fragments[s.Name]
			if !ok {
				known = m.of(s.Definition.SelectionSet)
				m.fragments[s.Name] = known
			}
			part = known
		}
		whole.depth = max(whole.depth, part.depth)
		whole.fields = min(whole.fields+part.fields, enough)
	}
	return whole
}

// roots counts the fields of the root object, those inside fragments included, each fragment once as in execution.
func roots(set ast.SelectionSet) (n int) {
	seen := map[string]bool{}
	var count func(ast.SelectionSet)
	count = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				n++
			case *ast.InlineFragment:
				count(s.SelectionSet)
			case *ast.FragmentSpread:
				if !seen[s.Name] {
					seen[s.Name] = true
					count(s.Definition.SelectionSet)
				}
			}
		}
	}
	count(set)
	return n
}

// priced is the schema, where fields it sets no price for cost their children once for each item of the page
// that is asked for.
type priced struct{ graphql.ExecutableSchema }

func (p priced) Complexity(ctx context.Context, typeName, field string, child int, args map[string]any) (int, bool) {
	if cost, ok := p.ExecutableSchema.Complexity(ctx, typeName, field, child, args); ok {
		return cost, true
	}
	items := max(number(args["first"]), number(args["last"]))
	if items <= 0 {
		return 0, false
	}
	return 1 + min(items, enough)*min(child, enough), true
}

func number(v any) int {
	switch n := v.(type) {
	case int:
		return n
	case int64:
		return int(n)
	case float64:
		return int(min(n, enough))
	case json.Number:
		i, _ := n.Int64()
		return int(i)
	}
	return 0
}
