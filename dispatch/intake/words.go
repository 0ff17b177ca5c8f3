package intake

import (
	"slices"

	"baogong/delivery"
	"baogong/reading"
)

// Reasons of rows that are not in the reading: they depend on what is placed already, or on who imports.
const (
	reasonOutOfSight  = "OUT_OF_SIGHT" // the door is not one of the caller's
	reasonMovedOn     = "ORDER_MOVED_ON"
	reasonCancelled   = "ORDER_CANCELLED"
	reasonOtherDoor   = "OTHER_DOOR"
	reasonTwice       = "SAME_DOOR_TWICE"
	reasonTakenBack   = "TAKEN_BACK"
	reasonGone        = "GONE"
	reasonNotThere    = "NOT_ORDERED"
	reasonUnclear     = "UNCLEAR"
	reasonNoGoods     = "NOTHING_ORDERED"
	reasonGoods       = "GOODS_UNCLEAR"
	reasonNumber      = "NUMBER_UNCLEAR"
	reasonDoorGone    = "DOOR_ARCHIVED"
	reasonOtherWindow = "OTHER_WINDOW"
	reasonOrdered     = "ALREADY_ORDERED"
	reasonFileChanged = "SOURCE_CHANGED"
	reasonSeveral     = "SEVERAL_PACKAGES"
)

// remarks are problems that hold no row up.
var remarks = []reading.Problem{"QUANTITY_ASSUMED", "NOTE_CUT", "PRICE_UNCLEAR", "TOTAL_DIFFERS"}

// reasonOf returns the problem for which a row waits or is refused: the first that is no remark.
func reasonOf(e *reading.Entry) string {
	for _, p := range e.Problems {
		if !slices.Contains(remarks, p) {
			return string(p)
		}
	}
	if e.Address.Why != "" {
		return string(e.Address.Why)
	}
	return reasonUnclear
}

// RowWords are the sentences of the reasons and remarks of rows.
var RowWords = map[string]delivery.Bilingual{
	"NO_SUCH_BUILDING":      {Chinese: "小区里没有这栋楼。", English: "The estate has no such building."},
	"NO_SUCH_UNIT":          {Chinese: "这栋楼没有这个单元。", English: "The building has no such unit."},
	"NO_SUCH_ROOM":          {Chinese: "这个单元没有这个房号。", English: "The unit has no such room."},
	"BUILDING_MISSING":      {Chinese: "没有写楼栋。", English: "The building is missing."},
	"UNIT_MISSING":          {Chinese: "这栋楼有几个单元，没有写是哪一个。", English: "The building has several units, and none is named."},
	"ROOM_MISSING":          {Chinese: "没有写房号。", English: "The room is missing."},
	"RUN_TOGETHER":          {Chinese: "数字连在一起，可以有几种理解。", English: "The digits run together and can be read in several ways."},
	"TWO_ADDRESSES":         {Chinese: "写了两个地址。", English: "It names two addresses."},
	"OTHER_ESTATE":          {Chinese: "写的是另一个小区。", English: "It names another estate."},
	"PHONE_SAYS_OTHER":      {Chinese: "电话属于另一户。", English: "The telephone number belongs to another household."},
	"SAME_ROW_AGAIN":        {Chinese: "同样的一行出现了不止一次。", English: "The same row is there more than once."},
	"QUANTITY_UNCLEAR":      {Chinese: "数量不明确。", English: "The quantity is not clear."},
	"QUANTITY_NOT_POSITIVE": {Chinese: "数量必须大于 0。", English: "The quantity must be more than 0."},
	"QUANTITY_ASSUMED":      {Chinese: "没有写数量，按一份计。", English: "No quantity is written; one is assumed."},
	"PRICE_UNCLEAR":         {Chinese: "价格不明确，按未知处理。", English: "The price is not clear and is taken as not known."},
	"NOTE_CUT":              {Chinese: "备注太长，已截短。", English: "The note was too long and was cut."},
	"TOTAL_DIFFERS":         {Chinese: "写的合计与各项之和不同。", English: "The total that is written differs from the sum of the goods."},

	"NOTHING_ORDERED":    {Chinese: "没有写商品，或写的商品不在所售之列。", English: "It names no goods, or none that are sold here."},
	reasonOutOfSight:     {Chinese: "这一户不在您负责的楼栋，请由其负责人处理。", English: "This household is not in your buildings; a person who serves it decides."},
	reasonMovedOn:        {Chinese: "订单已离开“已下单”环节，不能再改；请核对后处理。", English: "The order has left the stage PLACED and cannot be changed any more; please check it."},
	reasonCancelled:      {Chinese: "该订单已取消，而这里又有不同的内容。", English: "The order is cancelled, and this row says something else."},
	reasonOtherDoor:      {Chinese: "该单号的订单属于另一户。", English: "The order with this number belongs to another household."},
	reasonTakenBack:      {Chinese: "这一户要求取消，请确认。", English: "The household asks to cancel its order; please confirm."},
	reasonGone:           {Chinese: "上一份名单里有这一户，现在没有了，请询问是否取消。", English: "The household is no longer in the list; please ask whether it cancels."},
	reasonNotThere:       {Chinese: "要求取消，但没有找到对应的订单。", English: "It asks to cancel an order, but there is no such order."},
	reasonUnclear:        {Chinese: "这一行看不明白。", English: "The row cannot be understood."},
	reasonGoods:          {Chinese: "商品的名称、数量、单位或价格不能这样保存。", English: "A name, quantity, unit or price cannot be stored as it is."},
	reasonNumber:         {Chinese: "单号不明确，或不能这样保存。", English: "The number is not clear, or cannot be stored as it is."},
	reasonDoorGone:       {Chinese: "这一户已归档。", English: "The household is archived."},
	reasonOtherWindow:    {Chinese: "该单号的订单不属于这个接单时段。", English: "The order with this number is not in this order window."},
	reasonOrdered:        {Chinese: "这一户在该时段已另有订单，请确认是否再下一单。", English: "The household has another order in this window; please confirm that it wants one more."},
	"NOT_ON_OFFER":       {Chinese: "该时段没有这个套餐。", English: "It asks for something that is not on offer in this window."},
	reasonSeveral:        {Chinese: "该时段有几个套餐叫这个名称，请按编号指明。", English: "Several packages of this window have this name; name one by its code."},
	"SOLD_OUT":           {Chinese: "库存不足。", English: "Not enough of it is left."},
	"RESERVED_FOR_PHONE": {Chinese: "剩余部分为电话订购预留。", English: "What is left is reserved for orders by telephone."},
	"OVER_CAP":           {Chinese: "超过每户限购。", English: "It is more than a household may order."},
	"SAME_DOOR_TWICE":    {Chinese: "同一户写了不止一次，请确认是否再下一单。", English: "The household is there more than once; please confirm that it wants one more order."},
	"NOT_ON_MENU":        {Chinese: "有些内容不在品种单上，看不明白。", English: "A part of it is not on the menu and was not understood."},
	"ITEM_MISSING":       {Chinese: "有数量，没有写商品。", English: "There is a quantity without an item."},
	"ADDRESS_FROM_ABOVE": {Chinese: "没有单号和地址，可能是上一行的续行。", English: "It has no number and address, and may continue the row above."},
	"FORMULA":            {Chinese: "单元格是公式，公式不计算。", English: "A cell is a formula, which is never computed."},
	"LANDMARK":           {Chinese: "写的是公共地点，不是住户。", English: "It names a public place, not a household."},
	"TEXT_TOO_LONG":      {Chinese: "地址文字太长。", English: "The text of the address is too long."},
	reasonFileChanged:    {Chinese: "导入的文件或名单已不在，或读不出来。", English: "The file or list is gone or cannot be read any more."},
}

// Sentence returns the sentence of a reason or a remark of a row. One that is not in RowWords is what a person wrote who dropped the row.
func Sentence(reason string, l delivery.Locale) string {
	words, known := RowWords[reason]
	switch {
	case !known:
		return reason
	case l == delivery.Chinese:
		return words.Chinese
	}
	return words.English
}
