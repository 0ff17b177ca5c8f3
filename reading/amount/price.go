package amount

import (
	"regexp"
	"strconv"
	"strings"

	"baogong/delivery"
)

// Price reads a price such as ¥39.9, 39.90元, 12块5, 3毛, 1,299.00 or 39.9/份, in fen. A gift and an empty text are 0, which means
// that no price is known. It reports false for a text that is no price, and for one that can be read in several ways: 12.345,
// 1.299,00, 10-12元.
func Price(text string) (int64, bool) {
	s := strings.ToLower(strings.ReplaceAll(plain(text), " ", ""))
	if s == "" || gifts[s] {
		return 0, true
	}
	s = currency.ReplaceAllString(s, "")
	if m := perUnit.FindStringSubmatch(s); m != nil && IsUnit(m[2]) {
		s = m[1]
	}
	var fen int64
	switch m := yuanFirst.FindStringSubmatch(s); {
	case m != nil:
		whole, ok := yuan(m[1])
		if !ok {
			return 0, false
		}
		fen = whole + jiao(m[2]) + jiaoWord(m[3]) + fenWord(m[4])
		if m[2]+m[3]+m[4] != "" && strings.Contains(m[1], ".") || m[2] != "" && m[3] != "" {
			return 0, false // 12.5元3角
		}
	default:
		if m = small.FindStringSubmatch(s); m == nil || m[1]+m[2] == "" {
			return 0, false
		}
		fen = jiaoWord(m[1]) + fenWord(m[2])
	}
	if fen < 0 || fen > delivery.MaxPriceFen {
		return 0, false
	}
	return fen, true
}

var (
	gifts     = set("赠 赠品 赠送 免费 送 搭赠 赠予 无 - / -- 免")
	currency  = regexp.MustCompile(`^(?:人民币|rmb|cny|[¥￥])|(?:rmb|cny)$`)
	perUnit   = regexp.MustCompile(`^(.+?)(?:/|每|一)(?:1|一)?([^\d/]+)$`)
	yuanFirst = regexp.MustCompile(`^([\d.,零〇一二两三四五六七八九十百千]+)(?:[元块圆](?:钱|整)?(\d{1,2}|半|[一二两三四五六七八九])?(?:(?:([\d一二两三四五六七八九])[角毛])?(?:([\d一二两三四五六七八九])分?)?)?)?$`)
	small     = regexp.MustCompile(`^(?:([\d一二两三四五六七八九])[角毛]钱?)?(?:([\d一二两三四五六七八九])分?)?$`)
	plainYuan = regexp.MustCompile(`^(?:\d{1,9}|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?$`)
)

// yuan reads whole yuan with at most two decimals, in fen.
func yuan(s string) (int64, bool) {
	m := plainYuan.FindStringSubmatch(s)
	if m == nil {
		n, ok := spoken(s)
		return n * 100, ok && !strings.ContainsAny(s, ".,") && n <= delivery.MaxPriceFen
	}
	whole, decimals, _ := strings.Cut(strings.ReplaceAll(s, ",", ""), ".")
	decimals = strings.TrimRight(decimals, "0")
	if len(decimals) > 2 {
		return 0, false
	}
	fen, err := strconv.ParseInt(whole+(decimals + "00")[:2], 10, 64)
	return fen, err == nil
}

// jiao reads what stands after 块 without a word: 12块5 is 12.50, 12块05 is 12.05.
func jiao(s string) int64 {
	switch {
	case s == "半":
		return 50
	case len(s) == 2:
		n, err := strconv.ParseInt(s, 10, 64)
		if err == nil {
			return n
		}
	}
	return jiaoWord(s)
}

func jiaoWord(s string) int64 { return fenWord(s) * 10 }

func fenWord(s string) int64 {
	if s == "" {
		return 0
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	n, _ := Numeral(s)
	return n
}
