package orderfile

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"baogong/reading/amount"
	"baogong/reading/sheet"
)

// columnKind is what a column holds.
type columnKind int

const (
	other columnKind = iota // it is not read
	index                   // 序号: numbers of rows, which are no keys, times, which differ between rows that are the same, and what the sheet of waiting rows adds
	number
	place // a whole address
	building
	unit
	floor
	room
	phone
	person
	item
	spec
	quantity
	measure
	price
	sum
	note
	substitute
	state
	fields
)

// words are the names of columns by what they hold, the preferred ones first.
var words = map[columnKind]string{
	index:      "序号 行号 原行号 row 原因 reason 序 no no. # 日期 时间 下单时间 下单日期 订单日期 订单时间 支付时间 付款时间 创建时间 提交时间 time date",
	number:     "订单编号 订单号 订单id 订单号码 订单流水号 平台单号 平台订单号 外部单号 单号 流水号 流水 编号 取货号 orderno orderid ordernumber order",
	place:      "收货地址 详细地址 配送地址 送货地址 收件地址 家庭地址 家庭住址 住址 地址 楼栋房号 楼号房号 楼栋门牌 楼栋单元房号 楼栋-单元-房号 楼栋单元室 房号地址 收货人地址 address deliveryaddress",
	building:   "楼栋 楼栋号 楼号 栋号 幢号 楼 栋 幢 号楼 座 楼座 building",
	unit:       "单元 单元号 门 entrance",
	floor:      "楼层 层 floor",
	room:       "房号 室号 房间号 门牌号 房间 室 户号 门牌 房 房屋号 room door",
	phone:      "手机号 手机号码 手机 收货人手机号 联系电话 收货人电话 电话 电话号码 联系方式 phone mobile tel phonenumber telephone",
	person:     "收货人 姓名 收件人 客户 客户姓名 联系人 业主 户主 name customer",
	item:       "商品名称 商品 品名 货品名称 货品 商品信息 商品明细 物品 物品名称 产品 产品名称 菜品 套餐 套餐名称 货物 货名 名称 购买商品 订购商品 订单内容 购买内容 订购内容 明细 item goods product itemname productname",
	spec:       "规格 规格型号 型号 商品规格 spec specification",
	quantity:   "数量 商品数量 购买数量 订购数量 下单数量 件数 份数 数目 斤数 箱数 袋数 盒数 瓶数 个数 包数 quantity qty count",
	measure:    "单位 计量单位 商品单位 unit uom",
	price:      "单价 商品单价 价格 售价 团购价 优惠价 价钱 price unitprice",
	sum:        "金额 小计 总价 商品金额 商品总价 商品小计 金额小计 合计 合计金额 总计 总额 amount subtotal total linetotal",
	note:       "备注 订单备注 买家备注 买家留言 留言 备注信息 客户备注 用户备注 要求 特殊要求 note notes remark remarks comment comments",
	substitute: "缺货处理 缺货时 缺货 替换 替代 可否替换 是否替换 能否替换 是否接受替换 替代品 substitute substitution",
	state:      "状态 订单状态 订单状况 退款状态 status orderstatus",
}

// known are the fields of the names, and the place of each in its list.
var known, preferred = func() (map[string]columnKind, map[string]int) {
	of, at := map[string]columnKind{}, map[string]int{}
	for f, list := range words {
		for i, w := range strings.Fields(list) {
			of[w], at[w] = f, i
		}
	}
	return of, at
}()

// endings are the words by which a longer name is understood, the longest first: 收货人手机号 is a phone.
var endings = []struct {
	word string
	is   columnKind
}{
	{"手机号码", phone}, {"收货地址", place}, {"订单编号", number}, {"手机号", phone}, {"订单号", number}, {"楼栋号", building}, {"单元号", unit}, {"地址", place}, {"电话", phone}, {"手机", phone},
	{"姓名", person}, {"商品名", item}, {"品名", item}, {"数量", quantity}, {"单价", price}, {"备注", note}, {"留言", note}, {"房号", room}, {"单号", number},
}

// title is the name of a column, taken apart.
type title struct {
	text string // as it is written, on one line
	name string // in lower case, without white space and brackets
	hint string // what stands in brackets
}

var (
	bracket   = regexp.MustCompile(`[(\[【{<]([^()\[\]【】{}<>]*)[)\]】}>]`)
	inYuan    = regexp.MustCompile(`[/:_]?(?:元|rmb|cny)$`)
	decorated = "*:：·.、-_ 　★"
)

// oneLine returns a text with its white space collapsed.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\n\t\r\u00a0\u3000") && !strings.Contains(s, "  ") && strings.TrimSpace(s) == s {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// titleOf takes the name of a column apart.
func titleOf(text string) title {
	t := title{text: oneLine(text)}
	name := strings.ToLower(norm.NFKC.String(text))
	if m := bracket.FindStringSubmatch(name); m != nil {
		t.hint = strings.TrimSpace(m[1])
		name = bracket.ReplaceAllString(name, "")
	}
	name = strings.Map(func(r rune) rune {
		if r == '_' || r == ' ' || r == '\n' || r == '\t' || r == '\u200b' || r == '\ufeff' {
			return -1
		}
		return r
	}, name)
	t.name = strings.Trim(name, decorated)
	return t
}

// kind returns what the column holds, and how well its name says so: less is better.
func (t title) kind() (columnKind, int) {
	for _, name := range []string{t.name, inYuan.ReplaceAllString(t.name, "")} {
		if f, ok := known[name]; ok {
			return f, preferred[name]
		}
	}
	for i, e := range endings {
		if strings.HasSuffix(t.name, e.word) && len(t.name) <= 3*12 {
			return e.is, 100 + i
		}
	}
	return other, 0
}

// headings says what the columns of a sheet hold.
type headings struct {
	row     int            // the header's number
	titles  []title        // of all columns
	at      [fields]int    // the column of a field, -1 for none
	of      []columnKind   // the field of a column; a second column of a field is other
	goods   map[int]column // of a cross table: the columns of goods
	totals  map[int]bool   // of a cross table: the columns of a row's totals
	inUnit  string         // the unit that the quantity's header names
	inFen   bool           // prices are in fen
	ignored []string       // the names of columns that are not read
}

// column is the good of a column of a cross table.
type column struct {
	item, unit string
	fen        int64
}

// layoutOf reads a row as a header.
func layoutOf(row sheet.Record) *headings {
	l := &headings{row: row.Number}
	for f := range l.at {
		l.at[f] = -1
	}
	best := [fields]int{}
	for i, c := range row.Cells {
		if c.Kind == sheet.Beside || c.Kind == sheet.Formula {
			c.Text = ""
		}
		t := titleOf(c.Text)
		l.titles = append(l.titles, t)
		l.of = append(l.of, other)
		f, rank := t.kind()
		if t.text == "" || f == other {
			continue
		}
		if f == index {
			l.of[i] = index
			continue
		}
		if at := l.at[f]; at >= 0 {
			if rank >= best[f] {
				continue
			}
			l.of[at] = other
		}
		l.at[f], l.of[i], best[f] = i, f, rank
	}
	// 房号 alone is a whole address, and 名称 beside 商品 is a person's or a shop's.
	if l.at[place] < 0 && l.at[room] >= 0 && l.at[building] < 0 && l.at[unit] < 0 {
		l.at[place], l.at[room] = l.at[room], -1
		l.of[l.at[place]] = place
	}
	if at := l.at[quantity]; at >= 0 {
		t := l.titles[at]
		for _, w := range []string{t.hint, strings.TrimSuffix(t.name, "数")} {
			if w != "件" && amount.IsUnit(w) {
				l.inUnit = amount.UnitWord(w)
			}
		}
	}
	for _, f := range []columnKind{price, sum} {
		if at := l.at[f]; at >= 0 && l.titles[at].hint == "分" {
			l.inFen = true
		}
	}
	return l
}

func (l *headings) has(f columnKind) bool { return l.at[f] >= 0 }

// hasAddress reports whether the columns name doors.
func (l *headings) hasAddress() bool { return l.has(place) || l.has(room) }

// isList reports whether the columns are those of a list with a row for each good.
func (l *headings) isList() bool { return l.hasAddress() && l.has(item) }

// finish notes the columns that are not read.
func (l *headings) finish() {
	for i, t := range l.titles {
		if _, good := l.goods[i]; t.text != "" && l.of[i] == other && !good && !l.totals[i] {
			l.ignored = append(l.ignored, t.text)
		}
	}
}

// again reports whether a row repeats the header.
func (l *headings) again(row sheet.Record) bool {
	same, texts := 0, 0
	for i, c := range row.Cells {
		if c.Text == "" {
			continue
		}
		texts++
		if i < len(l.titles) && strings.EqualFold(oneLine(c.Text), l.titles[i].text) {
			same++
		}
	}
	return same >= 2 && same*2 > texts
}

// Columns of goods in cross tables: 上海青(3.5元/斤), 鸡蛋 26.8元一板, 大米（袋）.
var (
	priceIn = regexp.MustCompile(`^(.*?)\s*[(\[]?\s*((?:[¥￥]\s*\d+(?:\.\d+)?|\d+(?:\.\d+)?\s*(?:元|块|rmb))(?:\s*(?:/|每|一)\s*1?[^\d\s()\[\]/]{1,4})?)\s*[)\]]?\s*$`)
	perWord = regexp.MustCompile(`(?:/|每|一)\s*1?([^\d\s/]{1,4})$`)
	unitIn  = regexp.MustCompile(`^(.*?)\s*(?:[(\[]\s*([^()\[\]\d]{1,4})\s*[)\]]|/\s*([^()\[\]\d/]{1,4}))\s*$`)
)

// goodOf reads the header of a good's column.
func goodOf(text string) column {
	s := oneLine(strings.TrimSpace(norm.NFKC.String(text)))
	c := column{item: s}
	if m := priceIn.FindStringSubmatch(s); m != nil && m[1] != "" {
		if fen, ok := amount.Price(m[2]); ok {
			c.item, c.fen = m[1], fen
			if u := perWord.FindStringSubmatch(m[2]); u != nil && amount.IsUnit(u[1]) {
				c.unit = amount.UnitWord(u[1])
			}
		}
	}
	if m := unitIn.FindStringSubmatch(c.item); m != nil && m[1] != "" && amount.IsUnit(m[2]+m[3]) {
		c.item = m[1]
		if c.unit == "" {
			c.unit = amount.UnitWord(m[2] + m[3])
		}
	}
	return c
}
