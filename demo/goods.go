package demo

import (
	"math/rand/v2"

	"baogong/delivery"
	"baogong/dispatch/order"
)

// good is something people order.
type good struct {
	item string
	unit string
	most int   // how many units at once
	fen  int64 // price of one unit
}

var (
	groceries = []good{
		{"上海青", "斤", 3, 350}, {"大白菜", "棵", 2, 600}, {"红菜薹", "斤", 3, 680}, {"萝卜", "斤", 4, 220}, {"莲藕", "斤", 3, 780},
		{"土豆", "斤", 5, 280}, {"西红柿", "斤", 3, 560}, {"黄瓜", "斤", 3, 490}, {"大蒜", "斤", 1, 890}, {"生姜", "斤", 1, 980},
		{"香葱", "把", 2, 200}, {"豆腐", "盒", 3, 350}, {"鸡蛋", "板", 2, 2680}, {"五花肉", "斤", 3, 3280}, {"排骨", "斤", 2, 4280},
		{"鸡腿", "斤", 3, 1580}, {"草鱼", "条", 1, 2980}, {"大米", "袋", 1, 6900}, {"面条", "把", 4, 550}, {"面粉", "袋", 1, 2380},
		{"菜籽油", "桶", 1, 7990}, {"酱油", "瓶", 1, 1280}, {"食盐", "袋", 2, 250}, {"纯牛奶", "箱", 2, 5990}, {"苹果", "斤", 4, 680},
		{"橙子", "斤", 5, 450}, {"抽纸", "提", 2, 2490}, {"洗衣液", "瓶", 1, 3290}, {"婴儿奶粉", "罐", 2, 26800}, {"纸尿裤", "包", 2, 9900},
	}
	medicine = []good{
		{"氨氯地平片", "盒", 2, 2860}, {"二甲双胍片", "盒", 2, 1980}, {"阿司匹林肠溶片", "盒", 2, 1560}, {"布洛芬", "盒", 1, 1890},
		{"感冒灵颗粒", "盒", 2, 1450}, {"口罩", "包", 3, 1990}, {"酒精消毒液", "瓶", 2, 1200}, {"体温计", "支", 1, 980}, {"创可贴", "盒", 1, 690},
		{"维生素C片", "瓶", 1, 2580}, {"电子血压计试纸", "盒", 1, 4980}, {"降糖胶囊", "盒", 2, 3680},
	}
)

// basket draws from lo to hi different goods.
func basket(r *rand.Rand, from []good, lo, hi int) []*order.LineInput {
	n := lo + r.IntN(hi-lo+1)
	lines := make([]*order.LineInput, 0, n)
	for _, i := range r.Perm(len(from))[:n] {
		g := from[i]
		quantity := delivery.Quantity(1+r.IntN(g.most)) * 1000
		if g.unit == "斤" && r.IntN(3) == 0 {
			quantity += 500
		}
		lines = append(lines, &order.LineInput{Item: g.item, Quantity: quantity, Unit: g.unit, UnitPriceFen: g.fen})
	}
	return lines
}
