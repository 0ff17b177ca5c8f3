package answer

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"

	"baogong/delivery"
)

// coercer coerces input values by sections 3 and 6.1.2 of the GraphQL specification. gqlparser's own coercion is looser: it
// accepts enum values in any case, numbers for strings and strings for numbers.
type coercer struct {
	schema  *ast.Schema
	scalars map[string]func(value any) (any, bool)
	private map[string]bool // scalars whose values refusals must not quote
	locale  delivery.Locale
	suggest bool // names of the schema that are similar to a wrong one
}

// variables coerces a request's values for an operation's variables. It fails with the error to show.
func (c coercer) variables(op *ast.OperationDefinition, given map[string]any) (map[string]any, *gqlerror.Error) {
	out := make(map[string]any, len(op.VariableDefinitions))
	for _, v := range op.VariableDefinitions {
		at := inputPath{"variable", v.Variable}
		value, there := given[v.Variable]
		if !there {
			switch {
			case v.DefaultValue != nil: // valid: the validator checked it
				value, err := c.literal(v.Type, v.DefaultValue, at)
				if err != nil {
					return nil, err
				}
				out[v.Variable] = value
			case v.Type.NonNull:
				return nil, c.wrong(at, v.Type, "", v.Position)
			}
			continue
		}
		coerced, err := c.value(v.Type, value, at)
		if err != nil {
			err.Locations = locationsOf(v.Position)
			return nil, err
		}
		out[v.Variable] = coerced
	}
	return out, nil
}

// value coerces one JSON value.
func (c coercer) value(t *ast.Type, value any, at inputPath) (any, *gqlerror.Error) {
	if value == nil {
		if t.NonNull {
			return nil, c.wrong(at, t, "null", nil)
		}
		return nil, nil
	}
	if t.Elem != nil {
		list, ok := value.([]any)
		if !ok { // a single value coerces to a list of one
			coerced, err := c.value(t.Elem, value, at)
			return []any{coerced}, err
		}
		out := make([]any, len(list))
		for i, element := range list {
			coerced, err := c.value(t.Elem, element, append(at, i))
			if err != nil {
				return nil, err
			}
			out[i] = coerced
		}
		return out, nil
	}
	switch def := c.schema.Types[t.NamedType]; def.Kind {
	case ast.InputObject:
		members, ok := value.(map[string]any)
		if !ok {
			return nil, c.wrong(at, t, c.quote(value), nil)
		}
		return c.object(def, members, at)
	case ast.Enum:
		name, ok := value.(string)
		if word, bare := value.(bareWord); bare {
			name, ok = string(word), true
		}
		if !ok || def.EnumValues.ForName(name) == nil {
			return nil, c.meant(c.wrong(at, t, c.quote(value), nil), name, valuesOf(def))
		}
		return name, nil
	default:
		coerced, ok := c.scalar(t.NamedType, value)
		if !ok && c.private[t.NamedType] {
			return nil, c.wrong(at, t, "…", nil)
		}
		if !ok {
			return nil, c.wrong(at, t, c.quote(value), nil)
		}
		return coerced, nil
	}
}

func (c coercer) object(def *ast.Definition, members map[string]any, at inputPath) (any, *gqlerror.Error) {
	if len(members) > 0 { // sorted, so that equal requests are refused for the same member
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if def.Fields.ForName(name) == nil {
				return nil, c.meant(c.unknown(append(at, name), def.Name), name, membersOf(def))
			}
		}
	}
	out := make(map[string]any, len(def.Fields))
	for _, field := range def.Fields {
		value, there := members[field.Name]
		if !there {
			switch {
			case field.DefaultValue != nil:
				value, err := c.literal(field.Type, field.DefaultValue, append(at, field.Name))
				if err != nil {
					return nil, err
				}
				out[field.Name] = value
			case field.Type.NonNull:
				return nil, c.wrong(append(at, field.Name), field.Type, "", nil)
			}
			continue
		}
		coerced, err := c.value(field.Type, value, append(at, field.Name))
		if err != nil {
			return nil, err
		}
		out[field.Name] = coerced
	}
	return out, nil
}

// scalar coerces a value to a scalar.
func (c coercer) scalar(name string, value any) (any, bool) {
	if _, bare := value.(bareWord); bare {
		return nil, false
	}
	switch name {
	case "Int":
		return integer(value, math.MinInt32, math.MaxInt32)
	case "Float":
		n, ok := value.(json.Number)
		if !ok {
			return nil, false
		}
		f, err := n.Float64()
		return f, err == nil && !math.IsInf(f, 0)
	case "String":
		s, ok := value.(string)
		return s, ok
	case "Boolean":
		b, ok := value.(bool)
		return b, ok
	case "ID":
		if n, ok := value.(json.Number); ok {
			_, whole := integer(n, math.MinInt64, math.MaxInt64)
			return n.String(), whole
		}
		s, ok := value.(string)
		return s, ok
	}
	if scalar := c.scalars[name]; scalar != nil {
		return scalar(value)
	}
	return value, true
}

// integer accepts a JSON number within a range, without a fraction or an exponent.
func integer(value any, least, most int64) (any, bool) {
	n, ok := value.(json.Number)
	if !ok {
		return nil, false
	}
	i, err := strconv.ParseInt(n.String(), 10, 64)
	return i, err == nil && i >= least && i <= most
}

// literal coerces a constant of a document or of the schema. It must not contain a variable.
func (c coercer) literal(t *ast.Type, literal *ast.Value, at inputPath) (any, *gqlerror.Error) {
	value, err := constant(literal)
	if err != nil {
		return nil, gqlerror.WrapPath(at.path(), err)
	}
	return c.value(t, value, at)
}

// constant converts a literal to the value that JSON would decode to. It fails if the literal contains a variable.
func constant(v *ast.Value) (any, error) {
	switch v.Kind {
	case ast.NullValue:
		return nil, nil
	case ast.IntValue, ast.FloatValue:
		return json.Number(v.Raw), nil
	case ast.BooleanValue:
		return v.Raw == "true", nil
	case ast.ListValue:
		list := make([]any, len(v.Children))
		for i, child := range v.Children {
			var err error
			if list[i], err = constant(child.Value); err != nil {
				return nil, err
			}
		}
		return list, nil
	case ast.ObjectValue:
		members := make(map[string]any, len(v.Children))
		for _, child := range v.Children {
			member, err := constant(child.Value)
			if err != nil {
				return nil, err
			}
			members[child.Name] = member
		}
		return members, nil
	case ast.Variable:
		return nil, fmt.Errorf("$%s is no constant", v.Raw)
	}
	if v.Kind == ast.EnumValue {
		return bareWord(v.Raw), nil
	}
	return v.Raw, nil // strings
}

// bareWord is an enum value of a document. No scalar accepts it: names and times must be strings.
type bareWord string

// inputPath locates a value in an input: names of variables and members, and list indexes.
type inputPath []any

func (p inputPath) path() ast.Path {
	out := make(ast.Path, len(p))
	for i, part := range p {
		switch part := part.(type) {
		case string:
			out[i] = ast.PathName(part)
		case int:
			out[i] = ast.PathIndex(part)
		}
	}
	return out
}

// String formats the path for people: $in.lines[0].item.
func (p inputPath) String() string {
	var b strings.Builder
	for i, part := range p {
		switch part := part.(type) {
		case string:
			switch {
			case i == 0 && part == "variable":
			case i == 1 && p[0] == "variable":
				b.WriteString("$" + part)
			case b.Len() > 0:
				b.WriteString("." + part)
			default:
				b.WriteString(part)
			}
		case int:
			fmt.Fprintf(&b, "[%d]", part)
		}
	}
	return b.String()
}

// wrong returns the refusal of a value. given is the value as sent, "null", or "" if it is missing.
func (c coercer) wrong(at inputPath, t *ast.Type, given string, position *ast.Position) *gqlerror.Error {
	if given != "" && given != "null" { // only null and nothing are about the type's "!"
		nullable := *t
		nullable.NonNull = false
		t = &nullable
	}
	english, chinese := fmt.Sprintf("%s must be %s; got %s.", at, t, given), fmt.Sprintf("%s 的类型应为 %s，收到的是 %s。", at, t, given)
	if given == "" {
		english, chinese = fmt.Sprintf("%s is missing: it must be %s.", at, t), fmt.Sprintf("缺少 %s，其类型应为 %s。", at, t)
	}
	err := c.invalid(at, english, chinese, position)
	if named := t.Name(); c.scalars[named] != nil { // a custom scalar: its format is ours to describe
		err.Extensions["code"], err.Extensions["reason"] = delivery.CodeBadUserInput, delivery.ReasonBadValue
	}
	return err
}

func (c coercer) unknown(at inputPath, object string) *gqlerror.Error {
	return c.invalid(at, fmt.Sprintf("%s is not a field of %s.", at, object), fmt.Sprintf("%s 不是 %s 的字段。", at, object), nil)
}

func (c coercer) invalid(at inputPath, english, chinese string, position *ast.Position) *gqlerror.Error {
	message := english
	if c.locale == delivery.Chinese {
		message = chinese
	}
	message = delivery.HideTokens(message)
	err := &gqlerror.Error{Message: message, Path: at.path(), Locations: locationsOf(position)}
	errcode.Set(err, errcode.ValidationFailed)
	err.Extensions["field"] = at.field()
	return err
}

func locationsOf(position *ast.Position) []gqlerror.Location {
	if position == nil {
		return nil
	}
	return []gqlerror.Location{{Line: position.Line, Column: position.Column}}
}

// meant adds the names of the schema that are similar to a wrong name to a refusal, as validation does for a document.
func (c coercer) meant(err *gqlerror.Error, wrong string, names []string) *gqlerror.Error {
	if !c.suggest || wrong == "" || len(wrong) > longestName { // the search is quadratic
		return err
	}
	similar := core.SuggestionList(wrong, names)
	if len(similar) == 0 {
		return err
	}
	if hint := didYouMean + core.QuotedOrList(similar...) + "?"; c.locale == delivery.Chinese {
		err.Message += hintInChinese(hint)
	} else {
		err.Message += hint
	}
	return err
}

func valuesOf(enum *ast.Definition) []string {
	names := make([]string, len(enum.EnumValues))
	for i, value := range enum.EnumValues {
		names[i] = value.Name
	}
	return names
}

func membersOf(object *ast.Definition) []string {
	names := make([]string, len(object.Fields))
	for i, field := range object.Fields {
		names[i] = field.Name
	}
	return names
}

// quotedInput is how many bytes of a value a refusal quotes at most.
const quotedInput = 80

// quote formats a value as JSON, truncated to quotedInput bytes. Lists and objects are only named.
func (c coercer) quote(value any) string {
	say := func(english, chinese string) string {
		if c.locale == delivery.Chinese {
			return chinese
		}
		return english
	}
	switch v := value.(type) {
	case string:
		if len(v) > quotedInput {
			value = Cut(v, quotedInput)
		}
	case []any:
		return say(fmt.Sprintf("a list of %d", len(v)), fmt.Sprintf("含 %d 项的列表", len(v)))
	case map[string]any:
		return say("an object", "一个对象")
	}
	text, err := json.Marshal(value)
	if err != nil {
		return say("a value", "一个值")
	}
	return Cut(string(text), quotedInput+40)
}
