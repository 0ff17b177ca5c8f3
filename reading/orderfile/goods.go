package orderfile

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"baogong/reading"
	"baogong/reading/amount"
)

// severalGoods splits a cell with several goods: 土豆2斤、鸡蛋1板.
var severalGoods = regexp.MustCompile(`[、，,;；\n]+`)

// goodsOf reads a cell that names goods with their quantities. A part without a quantity is a problem.
func goodsOf(text string) (goods []reading.Good, notes []string, problems []reading.Problem) {
	for _, part := range severalGoods.Split(norm.NFKC.String(text), -1) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		more, err := goodsWithin(part)
		switch {
		case errors.Is(err, amount.ErrNotPositive):
			problems = append(problems, reading.QuantityNotPositive)
		case err != nil:
			problems = append(problems, reading.QuantityUnclear)
		}
		for _, g := range more {
			goods = append(goods, reading.Good{Item: g.item, Quantity: g.Quantity, Unit: g.Unit})
			if g.Note != "" {
				notes = append(notes, g.Note)
			}
		}
	}
	return goods, notes, problems
}

// counted is a good with its amount.
type counted struct {
	item string
	amount.Amount
}

// goodsWithin reads a part of a cell. It is several goods only if every piece between spaces or plus signs is one: 土豆2斤 鸡蛋1板.
func goodsWithin(part string) ([]counted, error) {
	for _, pieces := range [][]string{strings.Split(part, "+"), strings.Fields(part)} {
		var all []counted
		for _, piece := range pieces {
			item, a, err := goodAmount(strings.TrimSpace(piece))
			if err != nil {
				break
			}
			all = append(all, counted{item, a})
		}
		if len(all) == len(pieces) && len(all) > 1 {
			return all, nil
		}
	}
	item, a, err := goodAmount(part)
	if err != nil {
		return nil, err
	}
	words := strings.Fields(item)
	for _, word := range words[:max(0, len(words)-1)] {
		_, err1 := amount.Quantity(word, "")
		_, _, err2 := goodAmount(word)
		if err1 == nil || err2 == nil {
			return nil, amount.ErrUnclear // 土豆 2斤 鸡蛋 1板
		}
	}
	return []counted{{item, a}}, nil
}

var (
	remark    = regexp.MustCompile(`^(.+?)\s*\(([^()]*)\)$`)
	times     = regexp.MustCompile(`^(.+?)\s*[x×*✕]\s*(\d[\d.]*)$`)
	spaced    = regexp.MustCompile(`^(.*[^\d\s])\s+(\d{1,3}(?:\.\d{1,3})?)$`)
	lastMark  = " :：-—*×x"
	beginning = regexp.MustCompile(`^[\d.]`)
)

// goodAmount takes a good and its quantity apart: the quantity is the shortest ending that is one, with its unit. 纯牛奶250ml 2箱 is two crates.
func goodAmount(s string) (string, amount.Amount, error) {
	if len(s) > maxGoodBytes { // every number in it could begin the quantity
		return "", amount.Amount{}, amount.ErrUnclear
	}
	if m := remark.FindStringSubmatch(s); m != nil {
		name, a, err := goodAmount(m[1])
		if err == nil {
			a.Note = strings.TrimSpace(m[2] + " " + a.Note)
			return name, a, nil
		}
		if inner, err := amount.Quantity(m[2], ""); err == nil && beginning.MatchString(m[2]) {
			return m[1], inner, nil // 土豆(2斤)
		}
		return "", a, err
	}
	for _, form := range []*regexp.Regexp{times, spaced} {
		if m := form.FindStringSubmatch(s); m != nil {
			a, err := amount.Quantity(m[2], "")
			return strings.TrimRight(m[1], lastMark), a, err
		}
	}
	refused := amount.ErrUnclear
	for at := len(s); at > 0; {
		_, size := utf8.DecodeLastRuneInString(s[:at])
		at -= size
		first, _ := utf8.DecodeRuneInString(s[at:])
		before, _ := utf8.DecodeLastRuneInString(s[:at])
		if at == 0 || !isNumber(first) && first != '半' || isNumber(before) || before == '.' || before == '半' || s[at:] == "半" {
			continue
		}
		name := strings.TrimRight(s[:at], lastMark)
		a, err := amount.Quantity(s[at:], "")
		if errors.Is(err, amount.ErrNotPositive) {
			refused = err
		}
		if written := strings.TrimSuffix(strings.ToLower(s[at:]), "半"); err != nil || name == "" || !strings.HasSuffix(written, a.Unit) {
			continue
		}
		if before == '-' || before == '~' {
			return "", a, amount.ErrUnclear // 2-3斤
		}
		if measures[a.Unit] && a.Quantity >= 100_000 {
			return "", a, amount.ErrUnclear // 酸奶200g says how large it is, not how much is wanted
		}
		return name, a, nil
	}
	return "", amount.Amount{}, refused
}

// maxGoodBytes is the longest text of one good with its quantity and its remark; a name has 80 characters.
const maxGoodBytes = 1200

var measures = map[string]bool{"g": true, "克": true, "ml": true, "毫升": true, "mg": true}

func isNumber(r rune) bool { return r >= '0' && r <= '9' || amount.IsNumeral(r) }

// substituteOf reads whether another good is welcome if one is missing.
func substituteOf(text string) string {
	s := strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(text)), ""))
	switch {
	case s == "":
		return ""
	case never.MatchString(s):
		return "NEVER"
	case ask.MatchString(s):
		return "ASK"
	case anyway.MatchString(s):
		return "ANY"
	}
	return ""
}

var (
	never  = regexp.MustCompile(`^(?:不|否|勿|退|取消|never|no|n$|×)|不换|不要|不可|不能|不接受|退款|退钱`)
	ask    = regexp.MustCompile(`问|电话|联系|沟通|商量|确认|ask|call`)
	anyway = regexp.MustCompile(`^(?:可|是|能|行|好|换|替|接受|同意|随|都|any|yes|y$|√)|可以|随意|都行|均可|同类|相近|类似`)
)
