package answer

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/delivery"
)

// inLocale translates a message of the parser or the validator to the reader's language. An unknown message stays English
// with a Chinese prefix.
func inLocale(e *gqlerror.Error, l delivery.Locale) *gqlerror.Error {
	said := *e
	if said.Message = delivery.HideTokens(said.Message); l != delivery.Chinese {
		return &said
	}
	if len(said.Message) > longestMessage {
		said.Message = Cut(said.Message, longestMessage)
	}
	said.Message = inChinese(said.Message)
	return &said
}

// unknownMessage is the prefix of a message without a translation.
const unknownMessage = "文档有误："

func inChinese(message string) string {
	sentence, hint := message, ""
	if i := strings.LastIndex(message, didYouMean); i >= 0 {
		sentence, hint = message[:i], hintInChinese(message[i:])
	}
	for _, s := range translations() {
		if found := s.english.FindStringSubmatch(sentence); found != nil {
			parts := make([]any, len(found)-1)
			for i := range parts {
				parts[i] = found[i+1]
			}
			return fmt.Sprintf(s.chinese, parts...) + hint
		}
	}
	return unknownMessage + message
}

// didYouMean begins a suggestion of the validator.
const didYouMean = " Did you mean "

// suggestedWord is one word of a suggestion, quoted or, as of enum values, bare.
var suggestedWord = regexp.MustCompile(`"[^"]*"|[_0-9A-Za-z]+`)

// hintInChinese translates a suggestion: the names of the schema in it, each in Chinese quotes.
func hintInChinese(hint string) string {
	before := "是否想写"
	hint = strings.TrimPrefix(strings.TrimPrefix(hint, didYouMean), "the enum value ")
	if fragment, ok := strings.CutPrefix(hint, "to use an inline fragment on "); ok {
		before, hint = "是否想用内联片段", fragment
	}
	names := slices.DeleteFunc(suggestedWord.FindAllString(hint, -1), func(word string) bool { return word == "or" })
	said := ""
	for i, name := range names {
		switch i {
		case 0:
		case len(names) - 1:
			said += "或"
		default:
			said += "、"
		}
		said += "“" + strings.Trim(name, `"`) + "”"
	}
	return before + said + "？"
}

type translation struct {
	english *regexp.Regexp
	chinese string
}

// translations are the known messages as patterns. Each %s matches the same part in both languages, in the same order unless
// indexed (%[2]s).
var translations = sync.OnceValue(func() (out []translation) {
	for i := 0; i < len(messages); i += 2 {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(messages[i]), "%s", "(.*?)")
		out = append(out, translation{regexp.MustCompile(`(?s)^` + pattern + `$`), messages[i+1]})
	}
	return out
})

// messages are the messages of gqlparser's rules and parser, each followed by its translation. A test provokes every rule.
var messages = []string{
	`Cannot query field "%s" on type "%s".`, `类型“%[2]s”没有字段“%[1]s”。`,
	`Fragment "%s" cannot condition on non composite type "%s".`, `片段“%s”不能用于类型“%s”，它没有子字段。`,
	`Fragment cannot condition on non composite type "%s".`, `片段不能用于类型“%s”，它没有子字段。`,
	`Unknown argument "%s" on directive "@%s".`, `没有参数“%s”（指令“@%s”）。`,
	`Unknown argument "%s" on field "%s".`, `没有参数“%s”（字段“%s”）。`,
	`Directive "@%s" may not be used on %s.`, `指令“@%s”不能用在此处（%s）。`,
	`Unknown directive "@%s".`, `没有指令“@%s”。`,
	`Unknown fragment "%s".`, `没有片段“%s”。`,
	`Schema does not support operation type "%s"`, `接口不支持操作类型“%s”。`,
	`Unknown type "%s".`, `没有类型“%s”。`,
	`This anonymous operation must be the only defined operation.`, `匿名操作必须是文档中唯一的操作。`,
	`Maximum introspection depth exceeded`, `内省查询嵌套过深。`,
	`Cannot spread fragment "%s" within itself via %s.`, `片段“%s”不能展开自身（经由 %s）。`,
	`Cannot spread fragment "%s" within itself.`, `片段“%s”不能展开自身。`,
	`Variable "%s" is not defined by operation "%s".`, `变量“%s”未在操作“%s”中声明。`,
	`Variable "%s" is not defined.`, `变量“%s”未声明。`,
	`Fragment "%s" is never used.`, `片段“%s”没有被使用。`,
	`Variable "$%s" is never used in operation "%s".`, `变量“$%s”在操作“%s”中没有被使用。`,
	`Variable "$%s" is never used.`, `变量“$%s”没有被使用。`,
	`Fields %s conflict because they return conflicting types %s and %s. Use different aliases on the fields to fetch both if this was intentional.`,
	`同名字段 %s 的类型 %s 与 %s 冲突；如需同时查询，请使用不同的别名。`,
	`Fields %s conflict because %s and %s are different fields. Use different aliases on the fields to fetch both if this was intentional.`,
	`同名字段 %s 指向不同的字段 %s 与 %s；如需同时查询，请使用不同的别名。`,
	`Fields %s conflict because they have differing arguments. Use different aliases on the fields to fetch both if this was intentional.`,
	`同名字段 %s 的参数不同；如需同时查询，请使用不同的别名。`,
	`Fragment "%s" cannot be spread here as objects of type "%s" can never be of type "%s".`, `片段“%s”不能在此展开：类型“%s”的对象不可能是“%s”。`,
	`Fragment cannot be spread here as objects of type "%s" can never be of type "%s".`, `片段不能在此展开：类型“%s”的对象不可能是“%s”。`,
	`Directive "@%s" argument "%s" of type "%s" is required, but it was not provided.`, `指令“@%s”缺少必需的参数“%s”（%s）。`,
	`Field "%s" argument "%s" of type "%s" is required, but it was not provided.`, `字段“%s”缺少必需的参数“%s”（%s）。`,
	`Field "%s" must not have a selection since type "%s" has no subfields.`, `字段“%s”的类型“%s”没有子字段，不能再选择。`,
	`Field "%s" of type "%s" must have a selection of subfields.`, `字段“%s”（%s）必须选择子字段。`,
	`Anonymous Subscription must not select an introspection top level field.`, `订阅不能选择内省字段。`,
	`Subscription "%s" must not select an introspection top level field.`, `订阅“%s”不能选择内省字段。`,
	`Anonymous Subscription must select only one top level field.`, `订阅只能选择一个顶层字段。`,
	`Subscription "%s" must select only one top level field.`, `订阅“%s”只能选择一个顶层字段。`,
	`There can be only one argument named "%s".`, `参数“%s”只能出现一次。`,
	`The directive "@%s" can only be used once at this location.`, `指令“@%s”在此只能使用一次。`,
	`There can be only one fragment named "%s".`, `名为“%s”的片段只能有一个。`,
	`There can be only one input field named "%s".`, `输入字段“%s”只能出现一次。`,
	`There can be only one operation named "%s".`, `名为“%s”的操作只能有一个。`,
	`There can be only one variable named "$%s".`, `变量“$%s”只能声明一次。`,
	`Boolean cannot represent a non boolean value: %s`, `Boolean 类型不能取值 %s。`,
	`Enum "%s" cannot represent non-enum value: %s.`, `枚举“%s”不能取值 %s。`,
	`Enum "%s" cannot represent non-enum value: %s`, `枚举“%s”不能取值 %s。`,
	`Expected value of type "%s", found %s.`, `此处需要“%s”类型的值，收到的是 %s。`,
	`Field "%s" is not defined by type "%s".`, `“%s”不是输入类型“%s”的字段。`,
	`Field "%s" must be non-null.`, `字段“%s”不能为 null。`,
	`Field "%s" of required type "%s" was not provided.`, `缺少必需的字段“%s”（%s）。`,
	`Float cannot represent non numeric value: %s`, `Float 类型不能取值 %s。`,
	`ID cannot represent a non-string and non-integer value: %s`, `ID 类型不能取值 %s。`,
	`Int cannot represent non 32-bit signed integer value: %s`, `Int 类型不能取值 %s：超出 32 位范围。`,
	`Int cannot represent non-integer value: %s`, `Int 类型不能取值 %s。`,
	`OneOf Input Object "%s" must specify exactly one key.`, `输入类型“%s”必须恰好给出一个字段。`,
	`String cannot represent a non string value: %s`, `String 类型不能取值 %s。`,
	`Value "%s" does not exist in "%s" enum.`, `“%s”不是枚举“%s”的值。`,
	`Variable "$%s" cannot be non-input type "%s".`, `变量“$%s”不能是“%s”类型，它不是输入类型。`,
	`Variable "%s" is of type "%s" but must be non-nullable to be used for OneOf Input Object "%s".`, `变量“%s”（%s）不能为 null，才能用于输入类型“%s”。`,
	`Variable "%s" of type "%s" used in position expecting type "%s".`, `变量“%s”的类型是“%s”，此处需要“%s”。`,

	`exceeded token limit of %s`, `文档超过 %s 个词，过长。`,
	`exceeded maximum nesting depth of %s`, `文档嵌套超过 %s 层，过深。`,
	`Expected %s, found %s`, `文档语法有误：此处应为 %s，实为 %s。`,
	`Unexpected single quote character ('), did you mean to use a double quote (")?`, `文档中的单引号（'）应为双引号（"）。`,
	`Unexpected %s`, `文档语法有误：此处不应出现 %s。`,
	`Cannot contain the invalid character "%s"`, `文档中不能有字符 %s。`,
	`Cannot parse the unexpected character "%s".`, `文档中不应有字符“%s”。`,
	`Invalid number, unexpected digit after 0: %s.`, `数字有误：0 之后不能再有数字（%s）。`,
	`Invalid number, expected digit but got: %s.`, `数字有误：此处应为数字，实为 %s。`,
	`Invalid character within String: "%s".`, `字符串中不能有字符 %s。`,
	`Invalid character escape sequence.`, `字符串中的转义有误。`,
	`Invalid character escape sequence: %s.`, `字符串中的转义有误：%s。`,
	`Unterminated string.`, `字符串没有结束。`,
}
