package server

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"baogong/delivery"
)

// What reading a request costs before anything is known of it, in the same points as Limits.Complexity: one for so many
// bytes, one for so many values in its lists and objects, and, where the document is not kept, one for so many tokens. The
// first of each are in the price of any operation. A point is about 10 µs: measured with both sides of the wire, 1,500 tokens
// take up to 4 ms, 900 KB 20 ms (of 220,000 comments 28 ms), and 1,000 values half a millisecond (docs/decisions/0022).
const (
	bytesFree, bytesPerPoint       = 2 << 10, 256
	elementsFree, elementsPerPoint = 500, 20
	tokensFree, tokensPerPoint     = 200, 4
)

// readingCost is what it costs to scan and decode a request's JSON.
func readingCost(text []byte) int {
	_, elements := measureJSON(text)
	return max(len(text)-bytesFree, 0)/bytesPerPoint + max(elements-elementsFree, 0)/elementsPerPoint
}

// urlCost is what it costs to scan and decode a URL's query, before its escapes are read: %2C is a comma in its JSON too.
func urlCost(query string) int {
	elements := 0
	for _, mark := range []string{",", "%2C", "%2c", "[", "%5B", "%5b", "{", "%7B", "%7b"} {
		elements += strings.Count(query, mark)
	}
	return max(len(query)-bytesFree, 0)/bytesPerPoint + max(elements-elementsFree, 0)/elementsPerPoint
}

// parsingCost is what it costs to parse and validate so many tokens.
func parsingCost(tokens int) int { return max(tokens-tokensFree, 0) / tokensPerPoint }

// chargeReading takes what reading costs from the caller's buckets: those of the account and of the address, where they are
// named. It says how long to wait if they cannot pay.
func (s *Server) chargeReading(who caller, points int) time.Duration {
	if points <= 0 {
		return 0
	}
	return s.counts.refusedBy(limitCost, take(s.now(), points, s.accounts.of(who.account).cost, s.addresses.of(who.address).cost))
}

// prepare turns a request into an operation that can be executed: parsed, validated, its variables coerced, all as the
// specification says. What that costs is charged to the caller first; wait says how long to wait if they cannot pay. It
// fails with the errors to show.
func (s *Server) prepare(ctx context.Context, who caller, r *request) (op *graphql.OperationContext, errs gqlerror.List) {
	doc := s.documents.known(r.Query)
	if !r.trusted {
		wait := s.chargeReading(caller{account: who.account}, r.unpaid)
		if wait == 0 && doc == nil {
			wait = s.chargeReading(who, parsingCost(tokens(r.Query, s.opt.Limits.Tokens)))
		}
		if wait > 0 {
			return nil, s.tooFast(ctx, wait)
		}
	}
	c := s.coercer(r.locale)
	if doc == nil {
		if doc, errs = s.parse(r.Query, r.locale); len(errs) > 0 {
			return nil, errs
		}
		s.documents.keep(r.Query, doc)
	}
	definition, err := doc.operation(r.OperationName)
	if err != nil {
		return nil, gqlerror.List{s.notValid(r.locale, err)}
	}
	usages, wrong := s.documents.usages(doc, definition, c)
	if wrong != nil {
		return nil, gqlerror.List{wrong}
	}
	variables, wrong := c.variables(definition, r.Variables)
	if wrong == nil {
		wrong = c.check(usages, variables)
	}
	if wrong != nil {
		return nil, gqlerror.List{wrong}
	}
	asked := r.RawParams
	asked.Variables = variables
	return s.operation(ctx, doc, &asked)
}

// again makes the operation of a request that was prepared before, from its coerced variables.
func (s *Server) again(ctx context.Context, asked *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	doc := s.documents.known(asked.Query)
	if doc == nil {
		var errs gqlerror.List
		if doc, errs = s.parse(asked.Query, delivery.English); len(errs) > 0 {
			return nil, errs
		}
	}
	return s.operation(ctx, doc, asked)
}

type documentKey struct{}

// operation has gqlgen make the operation's context. It finds the document in ctx and parses nothing.
func (s *Server) operation(ctx context.Context, doc *document, asked *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	op, errs := s.exec.CreateOperationContext(context.WithValue(ctx, documentKey{}, doc), asked)
	if len(errs) == 0 {
		op.Variables = asked.Variables // as coerced here
	}
	return op, errs
}

func (s *Server) coercer(l delivery.Locale) coercer {
	return coercer{schema: s.opt.Schema.Schema(), scalars: s.opt.Scalars, private: s.opt.Private, locale: l}
}

// errNotRead says that a document takes too long to validate.
var errNotRead = errors.New("server: the document takes too long to validate")

// parse reads and validates a document. It fails with the errors to show.
func (s *Server) parse(text string, l delivery.Locale) (doc *document, errs gqlerror.List) {
	parsed, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, s.opt.Limits.Tokens)
	switch failed := (*gqlerror.Error)(nil); {
	case errors.As(err, &failed):
		errcode.Set(failed, errcode.ParseFailed)
		return nil, gqlerror.List{inLocale(failed, l)}
	case err != nil:
		return nil, gqlerror.List{s.notValid(l, err)}
	case halved(text):
		return nil, gqlerror.List{coded(delivery.Refuse(delivery.ReasonHalfCharacter), l, errcode.ParseFailed)}
	case len(parsed.Operations) == 0:
		return nil, gqlerror.List{s.notValid(l, delivery.Refuse(delivery.ReasonNoOperation))}
	}
	errs, err = s.validate(text, parsed)
	if err != nil {
		return nil, gqlerror.List{tooMuch(delivery.ReasonTooCostly, s.opt.Limits.Complexity+1, s.opt.Limits.Complexity)}
	}
	for i, e := range errs {
		errcode.Set(e, errcode.ValidationFailed)
		errs[i] = inLocale(e, l)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return &document{QueryDocument: parsed}, nil
}

// notValid is a refusal of a document or of what was asked of it.
func (s *Server) notValid(l delivery.Locale, err error) *gqlerror.Error {
	return coded(err, l, errcode.ValidationFailed)
}

// coded is a refusal with one of gqlgen's codes.
func coded(err error, l delivery.Locale, code string) *gqlerror.Error {
	out := gqlerror.Errorf("%v", err)
	if refusal := delivery.AsError(err); refusal != nil {
		out.Message = refusal.Message(l)
		out.Extensions = map[string]any{"reason": refusal.Reason}
	}
	errcode.Set(out, code)
	return out
}

const (
	mostVisits  = 10_000 // fields and values that validation visits, of every operation; 1,500 tokens that repeat nothing need 1,500
	mostErrors  = 20     // of one document that are told
	longestName = 64     // in bytes, that a similar name is looked for: that takes time with its square
)

// validate checks a document against the schema. It fails with errNotRead if that takes too long.
func (s *Server) validate(text string, doc *ast.QueryDocument) (errs gqlerror.List, err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case errNotRead:
			errs, err = nil, errNotRead
		default:
			panic(p)
		}
	}()
	schema := s.opt.Schema.Schema()
	errs = validator.ValidateWithRules(schema, doc, rulesWithout)
	if len(errs) == 0 {
		overlaps, checked := overlapping(schema, doc)
		switch {
		case overlaps != nil:
			return gqlerror.List{overlaps}, nil
		case !checked:
			return nil, errNotRead
		}
		return nil, nil
	}
	if !s.opt.NoIntrospection && len(errs) <= mostErrors && !longNames(text) {
		errs = validator.ValidateWithRules(schema, doc, rulesWith)
	}
	return errs[:min(len(errs), mostErrors)], nil
}

// longNames reports whether a text has a longer word than a name of a schema may have.
func longNames(text string) bool {
	run := 0
	for i := range len(text) {
		if c := text[i]; c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			if run++; run > longestName {
				return true
			}
		} else {
			run = 0
		}
	}
	return false
}

// The rules of validation, with suggestions of similar names and without. Overlapping fields are checked by overlapping.
var rulesWith, rulesWithout = ruleSet(false), ruleSet(true)

func ruleSet(silent bool) *rules.Rules {
	set := rules.NewDefaultRules()
	set.RemoveRule(rules.OverlappingFieldsCanBeMergedRule.Name)
	if silent {
		for with, without := range map[string]core.Rule{
			rules.FieldsOnCorrectTypeRule.Name: rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
			rules.KnownArgumentNamesRule.Name:  rules.KnownArgumentNamesRuleWithoutSuggestions,
			rules.KnownTypeNamesRule.Name:      rules.KnownTypeNamesRuleWithoutSuggestions,
			rules.ScalarLeafsRule.Name:         rules.ScalarLeafsRuleWithoutSuggestions,
			rules.ValuesOfCorrectTypeRule.Name: rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
		} {
			set.ReplaceRule(with, without.RuleFunc)
		}
	}
	set.AddRule("Visits", bounded)
	return set
}

// bounded ends a validation that visits too much.
func bounded(observers *core.Events, _ core.AddErrFunc) {
	visits := 0
	visit := func() {
		if visits++; visits > mostVisits {
			panic(errNotRead)
		}
	}
	observers.OnField(func(*core.Walker, *ast.Field) { visit() })
	observers.OnValue(func(*core.Walker, *ast.Value) { visit() })
	observers.OnFragmentSpread(func(*core.Walker, *ast.FragmentSpread) { visit() })
	observers.OnInlineFragment(func(*core.Walker, *ast.InlineFragment) { visit() })
	observers.OnDirective(func(*core.Walker, *ast.Directive) { visit() })
}
