package answer

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/delivery"
	"baogong/server/limit"
)

// guard refuses valid operations that would cost too much. It runs after validation, so fragments are known
// and have no cycles, and before anything is resolved. It also allows introspection, or not.
type guard struct {
	limits *limit.Limits
	items  map[string]int
	points map[string]int
	closed bool // to introspection
	cost   pricedSchema
}

func (*guard) ExtensionName() string { return "Guard" }

func (g *guard) Validate(es graphql.ExecutableSchema) error {
	g.cost = pricedSchema{es, g.items, g.points, catalogueOf(es.Schema())}
	return g.cost.check()
}

func (g *guard) MutateOperationContext(ctx context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	oc.DisableIntrospection = false
	if c, ok := ctx.Value(coercedKey{}).(coerced); ok {
		oc.Variables = c.variables
	}
	m := measure{fragments: map[string]size{}}
	whole := m.of(oc.Operation.SelectionSet)
	switch {
	case oc.Operation.Operation == ast.Subscription && len(graphql.CollectFields(oc, oc.Operation.SelectionSet, []string{"Subscription"})) != 1:
		return tooMuch(delivery.ReasonOneStream)
	case m.deferred:
		return tooMuch(delivery.ReasonDefer)
	case m.introspects && g.closed:
		return tooMuch(delivery.ReasonNoIntrospection)
	case whole.depth > g.limits.Depth:
		return tooMuch(delivery.ReasonTooDeep, whole.depth, g.limits.Depth)
	case roots(oc.Operation.SelectionSet) > g.limits.Fields:
		return tooMuch(delivery.ReasonTooManyFields, g.limits.Fields)
	case whole.fields > g.limits.Complexity:
		return tooMuch(delivery.ReasonTooCostly, whole.fields, g.limits.Complexity)
	}
	if m.introspects {
		oc.ResolverMiddleware = introspected(oc.ResolverMiddleware)
	}
	cost := min(max(g.cost.pricing(oc.Variables).of(oc.Operation.SelectionSet), 1), enough)
	if oc.Operation.Operation == ast.Subscription && LastEventID(ctx) != "" {
		cost += g.cost.resuming(oc)
	}
	if cost > g.limits.Complexity {
		return tooMuch(delivery.ReasonTooCostly, cost, g.limits.Complexity)
	}
	oc.Stats.SetExtension(costKey, cost)
	return nil
}

const costKey = "baogong.cost"

// costOf returns the cost of an operation that guard has measured.
func costOf(oc *graphql.OperationContext) int {
	cost, _ := oc.Stats.GetExtension(costKey).(int)
	return cost
}

// tooMuch returns a refusal as gqlgen's error; the presenter puts it in the reader's language.
func tooMuch(reason delivery.Reason, args ...any) *gqlerror.Error {
	return gqlerror.Wrap(delivery.Refuse(reason, args...))
}

// size is the size of a selection after its fragments are expanded.
type size struct{ depth, fields int }

// enough is where counting stops, so that sums cannot overflow.
const enough = 1 << 30

// measure sizes selections, each fragment once.
type measure struct {
	fragments   map[string]size
	deferred    bool
	introspects bool
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
			m.introspects = m.introspects || s.Name == "__schema" || s.Name == "__type"
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
