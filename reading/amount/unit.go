package amount

import "strings"

// units are the words for units that are understood without a column or a menu that names them.
var units = set(`斤 公斤 市斤 千克 克 两 钱 吨 磅 kg g mg t lb
	毫升 升 ml l
	个 只 颗 粒 枚 头 棵 根 条 把 捆 扎 株 朵 束 串 枝 支 块 片 张 卷 节 尾 匹 瓣
	包 袋 盒 箱 件 份 瓶 罐 桶 听 提 板 打 盘 套 双 对 副 筐 篮 篓 车 杯 碗 碟 壶 坛 筒 排 封 本 台 组 刀 斗 抽 坨 笼 屉 层 网 管 令 单 套装
	pcs pc box bag`)

// IsUnit reports whether a word is a unit, also with a size before it: 大袋.
func IsUnit(word string) bool {
	word = strings.ToLower(word)
	if units[word] {
		return true
	}
	for _, size := range []string{"大", "小", "中", "整"} {
		if rest, ok := strings.CutPrefix(word, size); ok && units[rest] {
			return true
		}
	}
	return false
}

// UnitWord returns a unit as it is kept: without white space, its Latin letters small, full-width characters plain.
func UnitWord(word string) string { return strings.ToLower(plain(word)) }

// same are units of one size that people write differently.
var same = map[string]string{"公斤": "kg", "千克": "kg", "克": "g", "市斤": "斤", "毫升": "ml", "升": "l"}

// sameUnit reports whether two words name one unit.
func sameUnit(a, b string) bool {
	if s, ok := same[a]; ok {
		a = s
	}
	if s, ok := same[b]; ok {
		b = s
	}
	return a == b
}

func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}
