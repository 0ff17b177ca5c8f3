package answer

import (
	"cmp"
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
	"baogong/server/limit"
)

// The price of reading a request before its operation has a price, in the points of Limits.Complexity: one for each
// bytesPerPoint, elementsPerPoint (values in lists and objects) and, if the document is not cached, linesPerPoint and
// tokensPerPoint. The free amounts are part of any operation's price. A point is about 10 µs. Measured with both ends of the
// connection, 1,500 tokens take up to 4 ms, 900 KB take 20 ms (220,000 comments 28 ms, 450,000 lines 65 ms), and 1,000 values
// take half a millisecond (docs/decisions/0022).
const (
	bytesFree, bytesPerPoint       = 2 << 10, 256
	elementsFree, elementsPerPoint = 500, 10
	linesFree, linesPerPoint       = 1000, 100
	tokensFree, tokensPerPoint     = 200, 4
)

// ReadingCost returns the price of scanning and decoding a request's JSON, in points.
func ReadingCost(text []byte) int {
	_, elements := measureJSON(text)
	return max(len(text)-bytesFree, 0)/bytesPerPoint + max(elements-elementsFree, 0)/elementsPerPoint
}

// URLCost returns the price of scanning and decoding a URL's query, in points. It counts escaped JSON too: %2C is a comma.
func URLCost(query string) int {
	elements := 0
	for _, mark := range []string{",", "%2C", "%2c", "[", "%5B", "%5b", "{", "%7B", "%7b"} {
		elements += strings.Count(query, mark)
	}
	return max(len(query)-bytesFree, 0)/bytesPerPoint + max(elements-elementsFree, 0)/elementsPerPoint
}

// textCost returns the price of a document's bytes and lines, in points. Lines are terminated as the specification says.
func textCost(text string) int {
	lines := strings.Count(text, "\n") + strings.Count(text, "\r") - strings.Count(text, "\r\n") // a block string is split into lines
	return max(len(text)-bytesFree, 0)/bytesPerPoint + max(lines-linesFree, 0)/linesPerPoint
}

// chargeParsing charges the price of parsing and validating a document to the caller: bytes and lines before its tokens are
// counted. It returns how long the caller must wait, or 0.
func (e *Executor) chargeParsing(client limit.Client, text string) time.Duration {
	if wait := e.opt.Rates.ChargeReading(client, textCost(text)); wait > 0 {
		return wait
	}
	n := tokens(text, e.opt.Limits.Tokens)
	return e.opt.Rates.ChargeReading(client, max(n-tokensFree, 0)/tokensPerPoint)
}

// prepare turns a request into an executable operation: it parses and validates the document and coerces the variables, by
// the specification. It charges the cost to the caller first. It fails with the errors to show: RATE_LIMITED if the caller's
// bucket lacks the points.
func (e *Executor) prepare(ctx context.Context, client limit.Client, r *Request) (op *graphql.OperationContext, errs gqlerror.List) {
	doc := e.documents.known(r.Query)
	if !r.Trusted {
		wait := e.opt.Rates.ChargeReading(limit.Client{Account: client.Account}, r.Unpaid)
		if wait == 0 && doc == nil {
			wait = e.chargeParsing(client, r.Query)
		}
		if wait > 0 {
			return nil, e.TooFast(ctx, wait)
		}
	}
	c := e.coercer(r.Locale)
	if doc == nil {
		if doc, errs = e.parse(r.Query, r.Locale); len(errs) > 0 {
			return nil, errs
		}
		e.documents.keep(r.Query, doc)
	}
	definition, err := doc.operation(r.OperationName)
	if err != nil {
		return nil, gqlerror.List{e.notValid(r.Locale, err)}
	}
	usages, wrong := e.documents.usages(doc, definition, c)
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
	return e.operation(ctx, doc, &asked)
}

// rebuild makes the operation of a request that was prepared before, from its coerced variables.
func (e *Executor) rebuild(ctx context.Context, asked *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	doc := e.documents.known(asked.Query)
	if doc == nil {
		var errs gqlerror.List
		if doc, errs = e.parse(asked.Query, delivery.English); len(errs) > 0 {
			return nil, errs
		}
	}
	return e.operation(ctx, doc, asked)
}

// coerced is what gqlgen finds in the context of an operation that was prepared here: it parses and coerces nothing.
type coerced struct {
	doc       *ast.QueryDocument // without definitions of variables, which would be coerced again
	variables map[string]any
}

type coercedKey struct{}

// operation makes gqlgen's context of an operation, from coerced variables. gqlgen finds both in ctx, so it neither parses
// nor coerces again.
func (e *Executor) operation(ctx context.Context, doc *document, asked *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	return e.exec.CreateOperationContext(context.WithValue(ctx, coercedKey{}, coerced{doc.bare(), asked.Variables}), asked)
}

func (e *Executor) coercer(l delivery.Locale) coercer {
	return coercer{schema: e.schema.Schema(), scalars: e.opt.Rules.Scalars, private: e.opt.Rules.Private, locale: l, suggest: !e.opt.Rules.NoIntrospection}
}

// errValidationTooSlow: validation visited too much of the document.
var errValidationTooSlow = errors.New("server: the document takes too long to validate")

// The refusals of documents.
var (
	reasonHalfCharacter = delivery.NewReason("HALF_CHARACTER", delivery.CodeBadUserInput,
		"A text contains an incomplete escape, such as \\uD83D without its other half.",
		"文本中含有不完整的转义字符，例如缺少另一半的 \\uD83D。")
	reasonNoOperation = delivery.NewReason("NO_OPERATION", delivery.CodeBadUserInput,
		"The document holds no operation.",
		"文档中没有任何操作。")
)

// parse parses and validates a document. It fails with the errors to show.
func (e *Executor) parse(text string, l delivery.Locale) (doc *document, errs gqlerror.List) {
	parsed, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, e.opt.Limits.Tokens)
	switch failed := (*gqlerror.Error)(nil); {
	case errors.As(err, &failed):
		if strings.Contains(failed.Message, "<Invalid>") { // the parser's only message for an invalid token
			failed = cmp.Or(lexicalError(text), failed)
		}
		errcode.Set(failed, errcode.ParseFailed)
		return nil, gqlerror.List{inLocale(failed, l)}
	case err != nil:
		return nil, gqlerror.List{e.notValid(l, err)}
	case hasLoneSurrogate(text):
		return nil, gqlerror.List{coded(delivery.Refuse(reasonHalfCharacter), l, errcode.ParseFailed)}
	case len(parsed.Operations) == 0:
		return nil, gqlerror.List{e.notValid(l, delivery.Refuse(reasonNoOperation))}
	}
	errs, err = e.validate(text, parsed)
	if err != nil {
		return nil, gqlerror.List{tooMuch(reasonTooCostly, e.opt.Limits.Complexity+1, e.opt.Limits.Complexity)}
	}
	for _, err := range errs {
		errcode.Set(err, errcode.ValidationFailed)
	}
	located(parsed, errs)
	for i, err := range errs {
		errs[i] = inLocale(err, l)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return &document{QueryDocument: parsed}, nil
}

// notValid presents the refusal of a document, or of the choice of an operation in it.
func (e *Executor) notValid(l delivery.Locale, err error) *gqlerror.Error {
	return coded(err, l, errcode.ValidationFailed)
}

// coded presents a refusal with one of gqlgen's codes.
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
	// mostVisits is how many fields and values validation visits, over all operations, unless more tokens are allowed. 1,500 tokens
	// without repeats need 1,500.
	mostVisits  = 10_000
	mostErrors  = 20 // reported for one document
	longestName = 64 // bytes; longer names get no suggestion, whose search is quadratic
)

// validate checks a document against the schema. It fails with errValidationTooSlow if it must visit too much.
func (e *Executor) validate(text string, doc *ast.QueryDocument) (errs gqlerror.List, err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case errValidationTooSlow:
			errs, err = nil, errValidationTooSlow
		default:
			panic(p)
		}
	}()
	schema := e.schema.Schema()
	errs = validator.ValidateWithRules(schema, doc, e.rulesWithout)
	if len(errs) == 0 {
		overlaps, checked := overlapping(schema, doc)
		switch {
		case overlaps != nil:
			return gqlerror.List{overlaps}, nil
		case !checked:
			return nil, errValidationTooSlow
		}
		return nil, nil
	}
	if !e.opt.Rules.NoIntrospection && len(errs) <= mostErrors && !longNames(text) {
		errs = validator.ValidateWithRules(schema, doc, e.rulesWith)
	}
	return errs[:min(len(errs), mostErrors)], nil
}

// longNames reports whether a text has a word longer than longestName.
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

// ruleSet returns the rules of validation, with suggestions of similar names unless it is silent. The function overlapping replaces
// the rule for overlapping fields. A validation is aborted after most visits.
func ruleSet(silent bool, most int) *rules.Rules {
	set := rules.NewDefaultRules()
	set.RemoveRule(rules.OverlappingFieldsCanBeMergedRule.Name)
	if silent {
		for _, rule := range []struct{ with, without core.Rule }{
			{rules.FieldsOnCorrectTypeRule, rules.FieldsOnCorrectTypeRuleWithoutSuggestions},
			{rules.KnownArgumentNamesRule, rules.KnownArgumentNamesRuleWithoutSuggestions},
			{rules.KnownTypeNamesRule, rules.KnownTypeNamesRuleWithoutSuggestions},
			{rules.ScalarLeafsRule, rules.ScalarLeafsRuleWithoutSuggestions},
			{rules.ValuesOfCorrectTypeRule, rules.ValuesOfCorrectTypeRuleWithoutSuggestions},
		} {
			set.ReplaceRule(rule.with.Name, rule.without.RuleFunc)
		}
	}
	set.AddRule("Visits", bounded(most))
	return set
}

// bounded aborts a validation that visits more than most.
func bounded(most int) core.RuleFunc {
	return func(observers *core.Events, _ core.AddErrFunc) {
		visits := 0
		visit := func() {
			if visits++; visits > most {
				panic(errValidationTooSlow)
			}
		}
		observers.OnField(func(*core.Walker, *ast.Field) { visit() })
		observers.OnValue(func(*core.Walker, *ast.Value) { visit() })
		observers.OnFragmentSpread(func(*core.Walker, *ast.FragmentSpread) { visit() })
		observers.OnInlineFragment(func(*core.Walker, *ast.InlineFragment) { visit() })
		observers.OnDirective(func(*core.Walker, *ast.Directive) { visit() })
	}
}
