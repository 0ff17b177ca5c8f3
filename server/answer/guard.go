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
	g.cost = pricedSchema{es, g.items, g.points, additionsOf(g.points), catalogueOf(es.Schema())}
	return g.cost.check()
}

// The refusals of valid operations that are not executed.
var (
	reasonOneStream = delivery.NewReason("ONE_STREAM", delivery.CodeInvalid,
		"A subscription must select exactly one field.",
		"一个订阅必须且只能选择一个字段。")
	reasonDefer = delivery.NewReason("DEFER", delivery.CodeInvalid,
		"@defer is not supported; leave it out.",
		"不支持 @defer，请去掉。")
	reasonNoIntrospection = delivery.NewReason("NO_INTROSPECTION", delivery.CodeForbidden,
		"Introspection is turned off here; ask for schema.graphql instead.",
		"此处已关闭内省，请索取接口说明文件。")
	reasonTooDeep = delivery.NewReason("TOO_DEEP", delivery.CodeInvalid,
		"This operation is %d levels deep; at most %d are allowed.",
		"此操作嵌套 %d 层，最多允许 %d 层。")
	reasonTooManyFields = delivery.NewReason("TOO_MANY_FIELDS", delivery.CodeInvalid,
		"This operation has more than %d root fields.",
		"此操作的根字段超过 %d 个。")
	reasonTooCostly = delivery.NewReason("TOO_COSTLY", delivery.CodeTooCostly,
		"This operation costs at least %d; at most %d is allowed. Ask for smaller pages or fewer nested lists.",
		"此操作的开销至少为 %d，最多允许 %d；请减小每页数量或减少嵌套的列表。")
)

func (g *guard) MutateOperationContext(ctx context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	oc.DisableIntrospection = false
	if c, ok := ctx.Value(coercedKey{}).(coerced); ok {
		oc.Variables = c.variables
	}
	m := measure{fragments: map[string]size{}}
	whole := m.of(oc.Operation.SelectionSet)
	switch {
	case oc.Operation.Operation == ast.Subscription && len(graphql.CollectFields(oc, oc.Operation.SelectionSet, []string{"Subscription"})) != 1:
		return tooMuch(reasonOneStream)
	case m.deferred:
		return tooMuch(reasonDefer)
	case m.introspects && g.closed:
		return tooMuch(reasonNoIntrospection)
	case whole.depth > g.limits.Depth:
		return tooMuch(reasonTooDeep, whole.depth, g.limits.Depth)
	case roots(oc.Operation.SelectionSet) > g.limits.Fields:
		return tooMuch(reasonTooManyFields, g.limits.Fields)
	case whole.fields > g.limits.Complexity:
		return tooMuch(reasonTooCostly, whole.fields, g.limits.Complexity)
	}
	if m.introspects {
		oc.ResolverMiddleware = introspected(oc.ResolverMiddleware)
	}
	cost := min(max(g.cost.pricing(oc.Variables).of(oc.Operation.SelectionSet), 1), enough)
	if oc.Operation.Operation == ast.Subscription && LastEventID(ctx) != "" {
		cost += g.cost.resuming(oc)
	}
	if cost > g.limits.Complexity {
		return tooMuch(reasonTooCostly, cost, g.limits.Complexity)
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
